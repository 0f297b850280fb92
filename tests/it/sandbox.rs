//! The sandbox itself: it refuses what Kombo would refuse, takes answers as Kombo does, and misbehaves on demand.

use assessdesk::clock::Clock;
use assessdesk::kombo::wire::{
    Attachment, Attribute, CreateLink, Package, PackageType, Rejection, ResultBody, ResultStatus, SubResultStatus,
    SubScore,
};
use assessdesk::kombo::wire::{Category, LinkType, OrderStatus};
use assessdesk::kombo::{Client, Code, Error, Fate, OrdersQuery, SIGNATURE_HEADER, Timeouts, signature};
use assessdesk::sandbox::{Running, Settings, start};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

const KEY: &str = "practice-key";
const SECRET: &str = "practice-secret";

/// What stands in for the dashboard: keeps every verified webhook and gives one answer to all.
#[derive(Clone, Default)]
struct Desk {
    seen: Arc<Mutex<Vec<Value>>>,
    answer: Arc<Mutex<(u16, String)>>,
}

impl Desk {
    fn answers(&self, status: u16, body: impl Into<String>) {
        *self.answer.lock().unwrap() = (status, body.into());
    }

    fn seen(&self) -> Vec<Value> {
        self.seen.lock().unwrap().clone()
    }
}

async fn take(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let header = headers.get(SIGNATURE_HEADER).map(axum::http::HeaderValue::as_bytes);
    if signature::verify(&[SECRET.into()], header, &body).is_err() {
        return (StatusCode::UNAUTHORIZED, String::new());
    }
    desk.seen.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    let (status, body) = desk.answer.lock().unwrap().clone();
    (StatusCode::from_u16(status).unwrap(), body)
}

/// A sandbox with a desk behind it and a client in front.
struct Practice {
    running: Running,
    desk: Desk,
    kombo: Client,
    http: reqwest::Client,
    integration: String,
}

impl Practice {
    async fn new() -> Self {
        Self::with_tool("lever").await
    }

    async fn with_tool(tool: &str) -> Self {
        let desk = Desk::default();
        desk.answers(200, "");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = format!("http://{}/hooks", listener.local_addr().unwrap());
        let app = Router::new().route("/hooks", post(take)).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let running = start(Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            database_url: "sqlite::memory:".into(),
            target_url: target.parse().unwrap(),
            public_url: None,
            api_key: KEY.into(),
            webhook_secret: SECRET.into(),
            clock: Clock::System,
        })
        .await
        .unwrap();
        let timeouts = Timeouts {
            connect: Duration::from_secs(2),
            call: Duration::from_secs(5),
            result: Duration::from_secs(5),
        };
        let mut practice = Self {
            kombo: Client::new(&running.api_url(), &KEY.into(), timeouts).unwrap(),
            http: reqwest::Client::new(),
            integration: String::new(),
            running,
            desk,
        };
        let made = practice
            .control("POST", "/integrations", json!({ "tool": tool, "origin_id": "cust-1" }))
            .await;
        made["id"].as_str().unwrap().clone_into(&mut practice.integration);
        practice
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = self.running.url(&format!("/control{path}"));
        let response = self
            .http
            .request(method.parse().unwrap(), url)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.text().await.unwrap()
        );
        response.json().await.unwrap()
    }

    async fn place(&self, more: Value) -> Value {
        let mut body = json!({ "integration": self.integration, "package": "p1" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.control("POST", "/orders", body).await
    }

    async fn order(&self) -> String {
        self.place(json!({})).await["order"]["id"].as_str().unwrap().to_owned()
    }

    async fn status(&self, order: &str) -> String {
        self.control("GET", &format!("/orders/{order}"), json!({})).await["order"]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn mischief(&self, rules: Value) {
        self.control("PUT", "/mischief", rules).await;
    }

    /// Sends a result's raw JSON and answers the refusal's code and message.
    async fn refused(&self, order: &str, body: Value) -> (String, String) {
        let error = self
            .kombo
            .put_result_bytes(&self.integration, order, body.to_string())
            .await
            .expect_err("a refusal");
        (
            error.code().map(|code| code.as_str().to_owned()).unwrap_or_default(),
            error.message(),
        )
    }
}

fn completed() -> ResultBody {
    ResultBody {
        status: ResultStatus::Completed,
        result_url: "https://desk.example.com/r/1".into(),
        completed_at: assessdesk::domain::time::Timestamp::parse("2026-11-24T10:00:00Z"),
        score: Some(87.5),
        max_score: Some(100.0),
        attributes: vec![
            Attribute::Text {
                label: "Role fit".into(),
                value: "Good".into(),
            },
            Attribute::SubResult {
                id: "s1".into(),
                label: "Logic".into(),
                score: SubScore { value: 9.0, max: 10.0 },
                status: SubResultStatus::Completed,
            },
        ],
        attachments: vec![Attachment::with_bytes(
            "Report.pdf",
            "application/pdf",
            b"%PDF-1.7 \x00\xff",
        )],
        remote_fields: None,
    }
}

fn package(id: &str) -> Package {
    Package {
        id: id.into(),
        package_type: PackageType::SkillsTest,
        name: "Rust".into(),
        description: "Reads and writes Rust".into(),
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_a_right_one_is_not() {
    let practice = Practice::new().await;
    assert!(practice.kombo.check_api_key().await.is_ok());
    let stranger = Client::new(&practice.running.api_url(), &"other".into(), Timeouts::default()).unwrap();
    let error = stranger.check_api_key().await.unwrap_err();
    assert_eq!(
        (error.http_status(), error.code()),
        (Some(401), Some(&Code::PlatformAuthenticationInvalid))
    );
    assert_eq!(error.fate(), Fate::ParkAll);
}

#[tokio::test]
async fn a_missing_or_unknown_integration_is_refused() {
    let practice = Practice::new().await;
    let error = practice.kombo.packages("lever:nobody").await.unwrap_err();
    assert_eq!(error.code(), Some(&Code::PlatformIntegrationNotFound));
    let bare = practice
        .http
        .get(practice.running.url("/v1/assessment/packages"))
        .bearer_auth(KEY)
        .send()
        .await
        .unwrap();
    let body: Value = bare.json().await.unwrap();
    assert_eq!(
        (body["status"].as_str(), body["error"]["code"].as_str()),
        (Some("error"), Some("PLATFORM.INPUT_INVALID"))
    );
}

#[tokio::test]
async fn connecting_says_created_and_then_active() {
    let practice = Practice::new().await;
    let seen = practice.desk.seen();
    assert_eq!(
        seen.iter()
            .map(|event| event["type"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["integration-created", "integration-state-changed"]
    );
    assert_eq!(seen[0]["data"]["end_user"]["origin_id"], "cust-1");
    assert_eq!(seen[1]["data"]["state"], "ACTIVE");
    let details = practice.kombo.integration(&practice.integration).await.unwrap().data;
    assert_eq!(
        (details.tool.label.as_str(), details.category),
        ("Lever", Category::Assessment)
    );
}

#[tokio::test]
async fn a_link_leads_to_a_page_and_tools_are_listed() {
    let practice = Practice::new().await;
    let link = CreateLink {
        end_user_email: "it@customer.example".into(),
        end_user_organization_name: "Customer".into(),
        end_user_origin_id: Some("cust-2".into()),
        integration_category: Category::Assessment,
        integration_tool: None,
        language: None,
        link_type: Some(LinkType::MagicLink),
    };
    let link = practice.kombo.create_link(&link).await.unwrap().data.link;
    assert!(link.starts_with(&practice.running.url("/ats/connect/")), "{link}");
    assert!(
        practice
            .kombo
            .tools()
            .await
            .unwrap()
            .data
            .tools
            .iter()
            .any(|tool| tool.id == "greenhouse")
    );
    let nobody = CreateLink {
        end_user_email: "nobody".into(),
        end_user_organization_name: String::new(),
        end_user_origin_id: None,
        integration_category: Category::Assessment,
        integration_tool: Some("abacus".into()),
        language: None,
        link_type: None,
    };
    assert_eq!(
        practice.kombo.create_link(&nobody).await.unwrap_err().code(),
        Some(&Code::PlatformInputInvalid)
    );
}

#[tokio::test]
async fn bad_packages_are_refused_and_good_ones_are_held() {
    let practice = Practice::new().await;
    let put = async |packages: &[Package]| practice.kombo.put_packages(&practice.integration, packages).await;
    let message = |error: Error| (error.code().cloned(), error.message());
    for (bad, word) in [
        (vec![package(&"k".repeat(37))], "36"),
        (vec![package("a"), package("a")], "twice"),
        (
            vec![Package {
                package_type: PackageType::from("CHESS"),
                ..package("a")
            }],
            "type",
        ),
        (
            vec![Package {
                name: String::new(),
                ..package("a")
            }],
            "name",
        ),
    ] {
        let (code, text) = message(put(&bad).await.unwrap_err());
        assert_eq!(code, Some(Code::PlatformInputInvalid));
        assert!(text.contains(word), "{text}");
    }
    put(&[package("a"), package("b")]).await.unwrap();
    put(&[package("b")]).await.unwrap();
    let held = practice
        .kombo
        .packages(&practice.integration)
        .await
        .unwrap()
        .data
        .packages;
    assert_eq!(
        held.iter().map(|package| package.id.as_str()).collect::<Vec<_>>(),
        ["b"]
    );
    practice
        .control(
            "PUT",
            &format!("/integrations/{}/state", practice.integration),
            json!({ "state": "INACTIVE" }),
        )
        .await;
    assert_eq!(put(&[package("a")]).await.unwrap_err().fate(), Fate::ParkIntegration);
}

#[tokio::test]
async fn a_package_without_a_field_is_refused() {
    let practice = Practice::new().await;
    let body = json!({ "packages": [{ "id": "a", "type": "SKILLS_TEST", "name": "n" }] });
    let answer = practice
        .http
        .put(practice.running.url("/v1/assessment/packages"))
        .bearer_auth(KEY);
    let answer = answer
        .header("x-integration-id", &practice.integration)
        .json(&body)
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["error"]["message"], "packages[0].description is required");
}

#[tokio::test]
async fn two_hundred_accepts_a_rejection_rejects_and_anything_else_leaves_open() {
    let practice = Practice::new().await;
    let placed = practice.place(json!({})).await;
    assert_eq!(
        (placed["order"]["status"].as_str(), placed["webhook"]["note"].as_str()),
        (Some("OPEN"), Some("accepted"))
    );
    practice
        .desk
        .answers(422, serde_json::to_string(&Rejection::new("No such package")).unwrap());
    let placed = practice.place(json!({})).await;
    assert_eq!(
        (
            placed["order"]["status"].as_str(),
            placed["order"]["rejection"].as_str()
        ),
        (Some("REJECTED"), Some("No such package"))
    );
    for (status, body) in [(500, "{}"), (422, "no"), (400, r#"{"message":"m"}"#)] {
        practice.desk.answers(status, body);
        assert_eq!(practice.place(json!({})).await["order"]["status"], "OPEN");
    }
}

#[tokio::test]
async fn an_inline_order_takes_the_start_address() {
    let practice = Practice::new().await;
    practice
        .desk
        .answers(200, r#"{"url":"https://desk.example.com/start/1"}"#);
    let placed = practice.place(json!({ "inline": true })).await;
    assert_eq!(placed["order"]["start_url"], "https://desk.example.com/start/1");
    assert_eq!(
        practice.desk.seen().last().unwrap()["type"],
        "inline-assessment:order-received"
    );
}

#[tokio::test]
async fn a_result_arrives_whole_and_only_once() {
    let practice = Practice::new().await;
    let order = practice.order().await;
    practice
        .kombo
        .put_result(&practice.integration, &order, &completed())
        .await
        .unwrap();
    let told = practice.control("GET", &format!("/orders/{order}"), json!({})).await;
    assert_eq!(told["order"]["status"], "COMPLETED");
    assert_eq!(told["results"][0]["body"]["score"], 87.5);
    assert_eq!(
        (
            told["attachments"][0]["name"].as_str(),
            told["attachments"][0]["size"].as_i64()
        ),
        (Some("Report.pdf"), Some(11))
    );
    let id = told["attachments"][0]["id"].as_i64().unwrap();
    let bytes = practice
        .http
        .get(practice.running.url(&format!("/ats/orders/{order}/attachments/{id}")))
        .send()
        .await
        .unwrap();
    assert_eq!(bytes.bytes().await.unwrap(), &b"%PDF-1.7 \x00\xff"[..]);
    let error = practice
        .kombo
        .put_result(&practice.integration, &order, &completed())
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.fate()),
        (Some(&Code::PlatformInputInvalid), Fate::Refused)
    );
}

#[tokio::test]
async fn a_progress_update_keeps_the_order_open_where_the_ats_takes_it() {
    let open = ResultBody {
        status: ResultStatus::Open,
        completed_at: None,
        attachments: Vec::new(),
        ..completed()
    };
    let lever = Practice::new().await;
    let order = lever.order().await;
    lever.kombo.put_result(&lever.integration, &order, &open).await.unwrap();
    assert_eq!(lever.status(&order).await, "OPEN");
    let greenhouse = Practice::with_tool("greenhouse").await;
    let order = greenhouse.order().await;
    let error = greenhouse
        .kombo
        .put_result(&greenhouse.integration, &order, &open)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(&Code::RemoteInputInvalid));
}

#[tokio::test]
async fn bad_results_are_refused_and_leave_the_order_open() {
    let practice = Practice::new().await;
    let order = practice.order().await;
    let good = serde_json::to_value(completed()).unwrap();
    let file = |more: Value| {
        let mut file = json!({ "name": "a.pdf", "content_type": "application/pdf", "data": "QQ==" });
        file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([file
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()])
    };
    let sub = |max: f64| json!([{ "type": "SUB_RESULT", "id": "i", "label": "l", "score": { "value": 1, "max": max }, "status": "COMPLETED" }]);
    let six: Vec<Value> = (0..6).map(|_| file(json!({}))[0].clone()).collect();
    for (field, value, word) in [
        ("result_url", Value::Null, "result_url"),
        ("result_url", json!("/r/1"), "URI"),
        ("status", json!("REJECTED"), "status"),
        ("completed_at", Value::Null, "completed_at"),
        ("completed_at", json!("24.11.2026"), "completed_at"),
        ("score", json!("87"), "score"),
        ("attributes", json!([{ "type": "TEXT", "label": "l" }]), "value"),
        ("attributes", json!([{ "type": "IMAGE", "label": "l" }]), "type"),
        ("attributes", sub(0.5), "at least 1"),
        ("attachments", Value::from(six), "at most 5"),
        ("attachments", file(json!({ "name": "report" })), "extension"),
        (
            "attachments",
            file(json!({ "data_url": "https://example.com/a.pdf" })),
            "both",
        ),
        ("attachments", file(json!({ "data": null })), "data or data_url"),
        (
            "attachments",
            file(json!({ "content_type": "text/plain; charset=utf-8" })),
            "parameters",
        ),
        ("attachments", file(json!({ "content_type": null })), "content_type"),
        ("attachments", file(json!({ "data": "%%%" })), "base64"),
    ] {
        let mut body = good.clone();
        if value.is_null() {
            body.as_object_mut().unwrap().remove(field);
        } else {
            body[field] = value.clone();
        }
        let (code, message) = practice.refused(&order, body).await;
        assert_eq!(code, "PLATFORM.INPUT_INVALID", "{field} {value}");
        assert!(message.contains(word), "{field} {value}: {message}");
    }
    assert_eq!(practice.status(&order).await, "OPEN");
    let error = practice
        .kombo
        .put_result(&practice.integration, "nothing", &completed())
        .await
        .unwrap_err();
    assert_eq!(error.http_status(), Some(404));
}

#[tokio::test]
async fn orders_are_listed_by_page_status_id_and_age() {
    let practice = Practice::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(practice.order().await);
    }
    practice
        .control("POST", &format!("/orders/{}/cancel", ids[1]), json!({}))
        .await;
    practice
        .place(json!({ "id": "old", "created_at": "2020-01-01T00:00:00Z", "webhook": false }))
        .await;
    let list = async |query: OrdersQuery| practice.kombo.orders(&practice.integration, &query).await.unwrap().data;
    let first = list(OrdersQuery {
        page_size: Some(4),
        ..OrdersQuery::default()
    })
    .await;
    let second = list(OrdersQuery {
        page_size: Some(4),
        cursor: first.next.clone(),
        ..OrdersQuery::default()
    })
    .await;
    assert_eq!((first.results.len(), second.results.len(), second.next), (4, 2, None));
    let cancelled = list(OrdersQuery {
        statuses: vec![OrderStatus::Cancelled],
        ..OrdersQuery::default()
    })
    .await;
    assert_eq!(
        cancelled
            .results
            .iter()
            .map(|order| order.id.clone())
            .collect::<Vec<_>>(),
        [ids[1].clone()]
    );
    let named = list(OrdersQuery {
        ids: vec![ids[0].clone(), "nothing".into()],
        ..OrdersQuery::default()
    })
    .await;
    assert_eq!(
        (named.results.len(), named.results[0].integration_id.clone()),
        (1, None)
    );
    let young = list(OrdersQuery {
        created_after: assessdesk::domain::time::Timestamp::parse("2021-01-01T00:00:00Z"),
        ..OrdersQuery::default()
    })
    .await;
    assert_eq!(young.results.len(), 5);
    let odd = OrdersQuery {
        cursor: Some("x".into()),
        ..OrdersQuery::default()
    };
    assert_eq!(
        practice
            .kombo
            .orders(&practice.integration, &odd)
            .await
            .unwrap_err()
            .code(),
        Some(&Code::PlatformInputInvalid)
    );
}

#[tokio::test]
async fn webhooks_are_dropped_repeated_and_overtaken_on_demand() {
    let practice = Practice::new().await;
    let before = practice.desk.seen().len();
    practice
        .mischief(json!({ "webhooks": [{ "kind": "drop", "left": 1 }] }))
        .await;
    assert_eq!(practice.place(json!({})).await["webhook"]["http_status"], Value::Null);
    assert_eq!(practice.desk.seen().len(), before);
    practice
        .mischief(json!({ "webhooks": [{ "kind": "repeat", "times": 2, "left": 1 }] }))
        .await;
    practice.order().await;
    let seen = practice.desk.seen();
    assert_eq!(seen.len(), before + 3);
    assert_eq!(seen[before], seen[before + 2]);
    practice
        .mischief(json!({ "webhooks": [{ "kind": "reorder", "left": 1 }] }))
        .await;
    practice.place(json!({ "id": "first", "wait": false })).await;
    while !practice.control("GET", "/mischief", json!({})).await["webhooks"]
        .as_array()
        .unwrap()
        .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    practice.place(json!({ "id": "second" })).await;
    while practice.desk.seen().len() < before + 5 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let order: Vec<Value> = practice.desk.seen()[before + 3..]
        .iter()
        .map(|event| event["data"]["id"].clone())
        .collect();
    assert_eq!(order, ["second", "first"]);
}

#[tokio::test]
async fn calls_are_refused_hung_and_broken_on_demand() {
    let practice = Practice::new().await;
    let order = practice.order().await;
    let timeouts = Timeouts {
        connect: Duration::from_secs(1),
        call: Duration::from_millis(300),
        result: Duration::from_millis(300),
    };
    let hasty = Client::new(&practice.running.api_url(), &KEY.into(), timeouts).unwrap();
    let open = async || {
        hasty
            .put_result(&practice.integration, &order, &completed())
            .await
            .expect_err("mischief")
    };

    practice
        .mischief(json!({ "calls": [{ "kind": "too_many_calls", "retry_after": 7, "call": "result", "left": 1 }] }))
        .await;
    let error = open().await;
    assert_eq!(
        (error.fate(), error.retry_after()),
        (Fate::Retry, Some(Duration::from_secs(7)))
    );

    practice.mischief(json!({ "calls": [{ "kind": "server_error", "status": 502, "left": 1 }, { "kind": "server_error", "status": 503 }] })).await;
    assert_eq!(
        (open().await.http_status(), open().await.code().cloned()),
        (Some(502), Some(Code::RemoteServiceUnavailable))
    );

    practice.mischief(json!({ "calls": [{ "kind": "time_out" }] })).await;
    assert!(matches!(open().await, Error::TimedOut(_)));
    assert_eq!(practice.status(&order).await, "OPEN");

    practice
        .mischief(json!({ "calls": [{ "kind": "applied_then_broken" }] }))
        .await;
    let error = open().await;
    assert!(matches!(error, Error::Broken(_)), "{error:?}");
    assert_eq!(
        (error.fate(), practice.status(&order).await.as_str()),
        (Fate::ReadBack, "COMPLETED")
    );

    let other = practice.order().await;
    practice
        .mischief(json!({ "calls": [{ "kind": "applied_then_time_out" }] }))
        .await;
    let error = hasty
        .put_result(&practice.integration, &other, &completed())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TimedOut(_)), "{error:?}");
    assert_eq!(practice.status(&other).await, "COMPLETED");

    let calls = practice.control("GET", "/calls", json!({})).await;
    assert_eq!(
        (calls[0]["call"].as_str(), calls[0]["mischief"].as_str()),
        (Some("result"), Some("applied, then time-out"))
    );
}

#[tokio::test]
async fn more_than_thirty_calls_at_once_are_refused() {
    let practice = Practice::new().await;
    practice
        .mischief(json!({ "calls": [{ "kind": "time_out", "call": "packages", "left": 30 }] }))
        .await;
    let hanging: Vec<_> = (0..30)
        .map(|_| {
            let (kombo, integration) = (practice.kombo.clone(), practice.integration.clone());
            tokio::spawn(async move { kombo.packages(&integration).await })
        })
        .collect();
    while !practice.control("GET", "/mischief", json!({})).await["calls"]
        .as_array()
        .unwrap()
        .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let error = practice.kombo.packages(&practice.integration).await.unwrap_err();
    assert_eq!(error.code(), Some(&Code::PlatformConcurrencyLimitExceeded));
    let counters = practice.control("GET", "/counters", json!({})).await;
    assert_eq!(counters["most_in_flight"][&practice.integration], 31);
    for task in hanging {
        task.abort();
    }
}

#[tokio::test]
async fn an_order_can_be_told_again_changed_and_forgotten() {
    let practice = Practice::new().await;
    let order = practice.order().await;
    let first = practice.desk.seen().last().unwrap().clone();
    practice
        .control(
            "POST",
            &format!("/orders/{order}/resend"),
            json!({ "event_id": "same" }),
        )
        .await;
    assert_eq!(practice.desk.seen().last().unwrap(), &first);
    practice
        .control(
            "POST",
            &format!("/orders/{order}/resend"),
            json!({ "data": { "candidate": { "first_name": "Other" } } }),
        )
        .await;
    let again = practice.desk.seen().last().unwrap().clone();
    assert_ne!(again["id"], first["id"]);
    assert_eq!(
        (
            again["data"]["id"].as_str(),
            again["data"]["candidate"]["first_name"].as_str()
        ),
        (Some(order.as_str()), Some("Other"))
    );
    assert_eq!(again["data"]["candidate"]["email"], first["data"]["candidate"]["email"]);
    practice.control("DELETE", &format!("/orders/{order}"), json!({})).await;
    assert!(
        practice
            .kombo
            .orders(&practice.integration, &OrdersQuery::default())
            .await
            .unwrap()
            .data
            .results
            .is_empty()
    );
}

#[tokio::test]
async fn a_foreign_page_can_change_nothing() {
    let practice = Practice::new().await;
    for path in ["/ats/mischief/remove", "/control/reset", "/v1/connect/create-link"] {
        let foreign = practice
            .http
            .post(practice.running.url(path))
            .header("sec-fetch-site", "cross-site")
            .send()
            .await
            .unwrap();
        assert_eq!(foreign.status(), 403, "{path}");
    }
}

impl Practice {
    /// Opens a page of the make-believe ATS.
    async fn page(&self, path: &str) -> String {
        let response = self.http.get(self.running.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        let body = response.text().await.unwrap();
        assert!(
            !body.contains("<script") && !body.contains(" style=") && !body.contains("<style"),
            "{path}"
        );
        body
    }

    /// Sends a form and answers the page that it leads to, with its path.
    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String, String) {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .http
            .post(self.running.url(path))
            .header("sec-fetch-site", "same-origin");
        let response = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        let (status, path) = (response.status().as_u16(), response.url().path().to_owned());
        (status, path, response.text().await.unwrap())
    }
}

#[tokio::test]
async fn a_person_connects_an_ats_by_a_link_once() {
    let practice = Practice::new().await;
    let link = CreateLink {
        end_user_email: "it@customer.example".into(),
        end_user_organization_name: "Nordlicht".into(),
        end_user_origin_id: Some("cust-9".into()),
        integration_category: Category::Assessment,
        integration_tool: None,
        language: None,
        link_type: Some(LinkType::MagicLink),
    };
    let link = practice.kombo.create_link(&link).await.unwrap().data.link;
    let path = link.strip_prefix(&practice.running.url("")).unwrap().to_owned();
    assert!(practice.page("/ats").await.contains("Nordlicht"));
    assert!(practice.page(&path).await.contains("Greenhouse"));

    let (_, _, failed) = practice
        .submit(&path, &[("tool", "greenhouse"), ("outcome", "fail")])
        .await;
    assert!(failed.contains("did not accept the password"));
    assert_eq!(practice.desk.seen().last().unwrap()["type"], "connection-flow-failed");

    let (status, landed, page) = practice
        .submit(&path, &[("tool", "greenhouse"), ("outcome", "connect")])
        .await;
    assert!(
        status == 200 && landed.starts_with("/ats/integrations/greenhouse:"),
        "{landed}"
    );
    assert!(page.contains("published no packages"));
    let created = practice
        .desk
        .seen()
        .into_iter()
        .rfind(|event| event["type"] == "integration-created")
        .unwrap();
    assert_eq!(created["data"]["end_user"]["origin_id"], "cust-9");
    assert!(practice.page(&path).await.contains("used already"));
    let token = path.rsplit('/').next().unwrap();
    assert_eq!(
        practice.kombo.integration_by_token(token).await.unwrap().data.tool,
        "greenhouse"
    );
}

#[tokio::test]
async fn a_person_orders_reads_the_answer_and_sees_the_result() {
    let practice = Practice::new().await;
    practice
        .kombo
        .put_packages(&practice.integration, &[package("rust-1")])
        .await
        .unwrap();
    let integration = format!("/ats/integrations/{}", practice.integration);
    assert!(practice.page(&integration).await.contains("Reads and writes Rust"));
    assert!(
        practice
            .page(&format!("{integration}/order?package=rust-1"))
            .await
            .contains("Amara")
    );

    let form = format!("{integration}/order");
    let (status, _, again) = practice
        .submit(&form, &[("package", ""), ("first_name", "<b>Zoë")])
        .await;
    assert_eq!(status, 422);
    assert!(
        again.contains("Choose a package") && again.contains("&#60;b&#62;Zoë"),
        "what was typed is kept"
    );

    practice.desk.answers(
        422,
        serde_json::to_string(&Rejection::new("We have no places left")).unwrap(),
    );
    let fields = [
        ("package", "rust-1"),
        ("email", "zoe@mail.example"),
        ("first_name", "Zoë"),
        ("inline", "false"),
    ];
    let (_, _, rejected) = practice.submit(&form, &fields).await;
    assert!(rejected.contains("We have no places left") && rejected.contains("data-status=\"REJECTED\""));

    practice
        .desk
        .answers(200, r#"{"url":"https://desk.example.com/start/7"}"#);
    let inline = [
        ("other_package", "typed"),
        ("email", "zoe@mail.example"),
        ("inline", "true"),
        ("sparse", "true"),
    ];
    let (_, _, inline) = practice.submit(&form, &inline).await;
    assert!(inline.contains("href=\"https://desk.example.com/start/7\""));
    assert_eq!(
        practice.desk.seen().last().unwrap()["data"]["candidate"]["first_name"],
        Value::Null
    );

    let (_, path, open) = practice.submit(&form, &fields).await;
    assert!(open.contains("data-status=\"OPEN\""));
    let order = path.rsplit('/').next().unwrap().to_owned();
    practice
        .kombo
        .put_result(&practice.integration, &order, &completed())
        .await
        .unwrap();
    let done = practice.page(&path).await;
    for piece in [
        "87.5",
        "Role fit",
        "Logic",
        "Report.pdf",
        "https://desk.example.com/r/1",
        "data-status=\"COMPLETED\"",
    ] {
        assert!(done.contains(piece), "{piece}");
    }
}

#[tokio::test]
async fn a_result_is_shown_with_the_status_that_it_gave_the_order() {
    let practice = Practice::new().await;
    for _ in 0..20 {
        let order = practice.order().await;
        let path = format!("/ats/orders/{order}");
        let writing = async {
            let result = completed();
            practice.kombo.put_result(&practice.integration, &order, &result).await
        };
        // Several people look again and again: some of them in the very moment.
        let reading = (0..8).map(async |_| {
            loop {
                let page = practice.page(&path).await;
                if page.contains("data-result") {
                    return page;
                }
            }
        });
        let (written, pages) = tokio::join!(writing, futures_util::future::join_all(reading));
        written.unwrap();
        for page in pages {
            assert!(page.contains("data-status=\"COMPLETED\""), "{page}");
        }
    }
}

#[tokio::test]
async fn a_person_cancels_silently() {
    let practice = Practice::new().await;
    let order = practice.order().await;
    let before = practice.desk.seen().len();
    let (_, _, page) = practice.submit(&format!("/ats/orders/{order}/cancel"), &[]).await;
    assert!(page.contains("Cancelled by you"));
    assert_eq!(practice.desk.seen().len(), before);
    let (status, ..) = practice.submit(&format!("/ats/orders/{order}/cancel"), &[]).await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn a_person_makes_and_ends_mischief() {
    let practice = Practice::new().await;
    let rule = [
        ("kind", "too_many_calls"),
        ("which", "tools"),
        ("percent", "100"),
        ("left", "2"),
        ("retry_after", "5"),
        ("status", "500"),
    ];
    let (_, _, page) = practice.submit("/ats/mischief/calls", &rule).await;
    assert!(page.contains("tools: 429, come back in 5 s, 2 times more"), "{page}");
    assert!(practice.kombo.tools().await.is_err());
    let (_, _, page) = practice
        .submit(
            "/ats/mischief/webhooks",
            &[("kind", "drop"), ("which", ""), ("percent", "50"), ("left", "")],
        )
        .await;
    assert!(
        page.contains("any webhook: lost, 50 in 100, until you end it"),
        "{page}"
    );
    let (_, _, page) = practice
        .submit("/ats/mischief/remove", &[("list", "calls"), ("at", "0")])
        .await;
    assert!(!page.contains("come back in") && page.contains("any webhook"));
    let (_, _, page) = practice.submit("/ats/mischief/remove", &[("list", "all")]).await;
    assert!(page.contains("Everything works as it should"));
    assert!(practice.page("/ats/traffic").await.contains("integration-created"));
    let strange = practice
        .submit("/ats/mischief/calls", &[("kind", "server_error"), ("status", "many")])
        .await;
    assert_eq!(strange.0, 409);
}

#[tokio::test]
async fn a_page_that_is_not_there_says_so() {
    let practice = Practice::new().await;
    for path in [
        "/ats/orders/nothing",
        "/ats/integrations/nothing",
        "/ats/connect/nothing",
        "/ats/nothing",
    ] {
        let response = practice.http.get(practice.running.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(response.text().await.unwrap().contains("There is no such"), "{path}");
    }
}

#[tokio::test]
async fn a_restart_keeps_what_was_ordered() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        database_url: format!("sqlite://{}", dir.path().join("sandbox.db").display()),
        target_url: "http://127.0.0.1:9/nobody".parse().unwrap(),
        public_url: None,
        api_key: KEY.into(),
        webhook_secret: SECRET.into(),
        clock: Clock::System,
    };
    let first = start(settings.clone()).await.unwrap();
    let http = reqwest::Client::new();
    http.post(first.url("/control/integrations"))
        .json(&json!({ "id": "lever:1", "webhook": false }))
        .send()
        .await
        .unwrap();
    let placed = json!({ "integration": "lever:1", "package": "p", "id": "kept" });
    let answer: Value = http
        .post(first.url("/control/orders"))
        .json(&placed)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (
            answer["order"]["status"].as_str(),
            answer["webhook"]["http_status"].is_null()
        ),
        (Some("OPEN"), true)
    );
    first.stop().await;
    let second = start(settings).await.unwrap();
    let told: Value = http
        .get(second.url("/control/orders/kept"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(told["order"]["package"], "p");
}
