//! The webhook endpoint: what arrives is verified, kept, decided and answered, as the first rows of `ORDER.md` say.

use crate::support::TestApp;
use crate::support::desk::start_link;
use crate::support::fixtures::{self, INTEGRATION, customer, order, order_event, send, send_raw, timeline};
use assessdesk::domain::intake::{TakeOrders, UnknownPackage, WithdrawnPackage};
use assessdesk::domain::order::{Conflict, DecidedBy, Decision, KomboStatus, Stage};
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::store::inbox;
use assessdesk::store::inbox::{InboxFilter, InboxRow};
use assessdesk::store::order_lists::{self, Filter, Place, Sort};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn start(t: &TestApp) -> Intake {
    Intake::start(t.app.clone())
}

async fn inbox_row(t: &TestApp, event: &Value) -> InboxRow {
    let mut conn = t.app.read().await.expect("a connection");
    let digest = Sha256::digest(event.to_string().as_bytes());
    let id = event["id"].as_str().unwrap_or_default();
    inbox::find_same(&mut conn, id, &digest)
        .await
        .expect("read")
        .expect("an inbox row")
}

crate::both!(an_order_is_accepted_by_the_customers_setting, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    let event = order_event("e-1", "o-1");
    assert_eq!(send(&intake, &event).await.0, 200);
    let order = order(&t, customer.integration, "o-1").await;
    assert_eq!(order.stage, Stage::Accepted);
    assert_eq!(order.decision, Some(Decision::Accept));
    assert_eq!(order.decided_by, Some(DecidedBy::Rule));
    assert_eq!(order.customer_id, Some(customer.id));
    assert_eq!(order.package_name, "TypeScript, senior");
    assert_eq!(order.job_location.as_deref(), Some("Oslo, NO"));
    assert_eq!(timeline(&t, order.id).await, ["order.received", "order.accepted"]);
    assert_eq!(inbox_row(&t, &event).await.order_id, Some(order.id));
});

crate::both!(a_person_decides_later_where_the_customer_wants_that, |t| {
    let customer = customer(&t, |row| row.take_orders = TakeOrders::Later).await;
    let intake = start(&t);
    assert_eq!(send(&intake, &order_event("e-1", "o-1")).await.0, 200);
    let order = order(&t, customer.integration, "o-1").await;
    assert_eq!((order.stage, order.decision), (Stage::Received, None));
});

crate::both!(an_unknown_package_is_rejected_with_the_customers_text, |t| {
    let customer = customer(&t, |row| {
        row.unknown_package = UnknownPackage::Reject;
        row.unknown_message = "Please choose from the list.".into();
    })
    .await;
    let intake = start(&t);
    let mut event = order_event("e-1", "o-1");
    event["data"]["package_id"] = json!("no-such-package");
    let (status, answer) = send(&intake, &event).await;
    assert_eq!(status, 422);
    assert_eq!(answer["message"], "Please choose from the list.");
    assert_eq!(answer["error"]["message"], "Please choose from the list.");
    let order = order(&t, customer.integration, "o-1").await;
    assert_eq!(order.stage, Stage::Rejected);
    assert_eq!(order.kombo_status, None);
    let (status, again) = send(&intake, &event).await;
    assert_eq!((status, &again["message"]), (422, &answer["message"]));
    assert_eq!(inbox_row(&t, &event).await.times_seen, 2);
});

crate::both!(an_unknown_package_is_taken_in_and_flagged_by_default, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    let mut event = order_event("e-1", "o-1");
    event["data"]["package_id"] = json!("no-such-package");
    assert_eq!(send(&intake, &event).await.0, 200);
    let order = order(&t, customer.integration, "o-1").await;
    assert_eq!(order.stage, Stage::Received);
    assert!(order.unknown_package);
});

crate::both!(a_withdrawn_package_is_served_or_rejected_as_the_customer_chose, |t| {
    let customer = customer(&t, |row| row.withdrawn_package = WithdrawnPackage::Reject).await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    fixtures::publish(
        &t,
        &mut work,
        customer.integration,
        2,
        &[fixtures::line("other", "Other")],
    )
    .await;
    work.commit().await.expect("committed");
    let intake = start(&t);
    assert_eq!(send(&intake, &order_event("e-1", "o-1")).await.0, 422);
    assert_eq!(order(&t, customer.integration, "o-1").await.stage, Stage::Rejected);
});

crate::both!(an_order_of_an_unknown_integration_waits_unassigned, |t| {
    let intake = start(&t);
    assert_eq!(send(&intake, &order_event("e-1", "o-1")).await.0, 200);
    let mut conn = t.app.read().await.expect("a connection");
    let integration = assessdesk::store::integrations::find_by_kombo_id(&mut conn, INTEGRATION)
        .await
        .expect("read")
        .expect("kept");
    drop(conn);
    assert_eq!(integration.customer_id, None);
    let order = order(&t, integration.id, "o-1").await;
    assert_eq!((order.stage, order.customer_id), (Stage::Received, None));
});

crate::both!(a_repeated_webhook_keeps_one_order, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    let first = order_event("e-1", "o-1");
    send(&intake, &first).await;
    let before = order(&t, customer.integration, "o-1").await;
    assert_eq!(send(&intake, &first).await.0, 200);
    assert_eq!(send(&intake, &order_event("e-2", "o-1")).await.0, 200);
    let after = order(&t, customer.integration, "o-1").await;
    assert_eq!(
        (after.id, after.stage, after.differs),
        (before.id, Stage::Accepted, false)
    );
    assert_eq!(timeline(&t, after.id).await, ["order.received", "order.accepted"]);
});

crate::both!(a_repeat_with_other_data_is_kept_and_flagged_and_the_order_stays, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    send(&intake, &order_event("e-1", "o-1")).await;
    let mut other = order_event("e-2", "o-1");
    other["data"]["job"]["name"] = json!("Head of data");
    assert_eq!(send(&intake, &other).await.0, 200);
    let order = order(&t, customer.integration, "o-1").await;
    assert!(order.differs);
    assert_eq!(order.job_name.as_deref(), Some("Data engineer"));
    assert_eq!(inbox_row(&t, &other).await.verdict.as_str(), "differs");
});

crate::both!(an_inline_order_is_answered_with_its_start_page, |t| {
    let customer = customer(&t, |row| row.take_orders = TakeOrders::Later).await;
    let intake = start(&t);
    let mut event = order_event("e-1", "o-1");
    event["type"] = json!("inline-assessment:order-received");
    let (status, answer) = send(&intake, &event).await;
    let order = order(&t, customer.integration, "o-1").await;
    assert_eq!(status, 200);
    assert_eq!(answer["url"], start_link(&t, order.id).await);
    assert_eq!(order.stage, Stage::Accepted);
    assert_eq!(send(&intake, &event).await.1["url"], answer["url"]);
});

crate::both!(an_order_that_is_over_when_it_arrives_stands_at_that_end, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    for (status, stage) in [
        ("COMPLETED", Stage::Completed),
        ("CANCELLED", Stage::Cancelled),
        ("REJECTED", Stage::Rejected),
    ] {
        let mut event = order_event(&format!("e-{status}"), status);
        event["data"]["status"] = json!(status);
        assert_eq!(send(&intake, &event).await.0, 200);
        let order = order(&t, customer.integration, status).await;
        assert_eq!(order.stage, stage);
        assert_eq!(order.conflict, None::<Conflict>);
        assert_eq!(order.kombo_status, KomboStatus::parse(status));
    }
});

crate::both!(an_answer_that_left_is_known_to_have_left, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    send(&intake, &order_event("e-1", "o-1")).await;
    send(&intake, &order_event("e-2", "o-2")).await;
    intake.finish().await;
    assert!(order(&t, customer.integration, "o-1").await.answered_at.is_some());
    assert!(order(&t, customer.integration, "o-2").await.answered_at.is_some());
});

crate::both!(what_is_not_signed_by_kombo_is_refused_counted_and_not_kept, |t| {
    let intake = start(&t);
    let body = order_event("e-1", "o-1").to_string().into_bytes();
    assert_eq!(send_raw(&intake, body.clone(), None).await.0, 401);
    assert_eq!(send_raw(&intake, body, Some("AAAA")).await.0, 401);
    assert_eq!(
        send_raw(&intake, vec![b' '; 1024 * 1024 + 1], Some("AAAA")).await.0,
        413
    );
    assert_eq!(t.app.trace.count(), 3);
    assert_eq!(t.app.trace.newest().len(), 3);
    let mut conn = t.app.read().await.expect("a connection");
    assert!(
        assessdesk::store::integrations::find_by_kombo_id(&mut conn, INTEGRATION)
            .await
            .expect("read")
            .is_none()
    );
});

crate::both!(what_is_signed_but_unreadable_is_kept_and_answered_400, |t| {
    let intake = start(&t);
    for body in [
        "{",
        "[]",
        r#"{"id":"e","type":"assessment:order-received","data":{"id":"o"}}"#,
        r#"{"id":"","type":"x","data":1}"#,
    ] {
        let signature = assessdesk::kombo::signature::sign(&crate::support::WEBHOOK_SECRET.into(), body.as_bytes());
        let (status, problem) = send_raw(&intake, body.as_bytes().to_vec(), Some(&signature)).await;
        assert_eq!(status, 400, "{body}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.len() > 20));
        let mut conn = t.app.read().await.expect("a connection");
        let rows = inbox::page(&mut conn, &Viewer::system(), &InboxFilter::default(), None, 10).await;
        let digest = Sha256::digest(body.as_bytes()).to_vec();
        let row = rows.expect("read").into_iter().find(|row| row.digest == digest);
        let kept = inbox::find_body(&mut conn, &t.app.vault, &row.expect("an inbox row"))
            .await
            .expect("read");
        assert_eq!(kept.as_deref(), Some(body.as_bytes()));
    }
});

crate::both!(an_unknown_type_is_kept_and_answered_200, |t| {
    let intake = start(&t);
    let event = json!({"id": "e-9", "type": "data-changed", "data": {"anything": [1, 2]}});
    assert_eq!(send(&intake, &event).await.0, 200);
    assert_eq!(inbox_row(&t, &event).await.verdict.as_str(), "ignored");
});

crate::both!(a_name_with_nul_and_a_very_long_text_are_taken, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    let mut event = order_event("e-1", "o-1");
    event["data"]["candidate"]["first_name"] = json!("L\u{0}i");
    event["data"]["job"]["description"] = json!("x".repeat(500_000));
    assert_eq!(send(&intake, &event).await.0, 200);
    let order = order(&t, customer.integration, "o-1").await;
    let mut conn = t.app.read().await.expect("a connection");
    let candidate = assessdesk::store::candidates::find(&mut conn, order.id)
        .await
        .expect("read")
        .expect("a candidate");
    assert_eq!(candidate.first_name.as_deref(), Some("Li"));
});

crate::both!(many_webhooks_at_once_are_each_one_order, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    let sends = (0..200).map(|number| {
        let intake = intake.clone();
        async move {
            send(
                &intake,
                &order_event(&format!("e-{}", number % 150), &format!("o-{}", number % 150)),
            )
            .await
            .0
        }
    });
    let answers = futures_util::future::join_all(sends).await;
    assert!(answers.iter().all(|status| *status == 200));
    let mut conn = t.app.read().await.expect("a connection");
    let live = assessdesk::store::orders::live_of_integration(&mut conn, customer.integration, None, 1_000)
        .await
        .expect("read");
    assert_eq!(live.len(), 150);
    let counts = assessdesk::store::order_lists::counts(&mut conn, &assessdesk::domain::viewer::Viewer::system(), None)
        .await
        .expect("read");
    assert_eq!(counts, [(Stage::Accepted, 150)]);
});

/// Webhooks of every kind, whose ids begin with `lead`; some belong together.
fn of_every_kind(lead: &str) -> Vec<Value> {
    let event = |name: &str| order_event(&format!("{lead}-e-{name}"), &format!("{lead}-o-{name}"));
    let with = |name: &str, place: &str, value: Value| {
        let mut event = event(name);
        *event.pointer_mut(place).expect("such a place") = value;
        event
    };
    let mut all = (0..20).map(|number| event(&number.to_string())).collect::<Vec<_>>();
    all.extend([
        with("unknown", "/data/package_id", json!("no-such-package")),
        with("stranger", "/data/integration_id", json!(format!("lever:{lead}"))),
        with("over", "/data/status", json!("CANCELLED")),
        with("inline", "/type", json!("inline-assessment:order-received")),
        with("other", "/type", json!("something:else")),
        with("broken", "/data", json!("no order")),
        // The same event twice, and once more with another body; the same order by another event.
        event("twice"),
        event("twice"),
        with("twice", "/data/job/name", json!("Data analyst")),
        with("again", "/data/id", json!(format!("{lead}-o-0"))),
    ]);
    all
}

/// How many orders such a list shows to somebody who sees everything.
async fn found(t: &TestApp, filter: &Filter) -> usize {
    let mut conn = t.app.read().await.expect("a connection");
    let everybody = Viewer::system();
    let page = order_lists::page(&mut conn, &everybody, filter, Sort::Received, Place::Start, 10);
    page.await.expect("a page").rows.len()
}

/// What became of these webhooks: each answer, its row in the inbox, and its order; what differs by its nature left out.
async fn what_became(t: &TestApp, lead: &str, events: &[Value], answers: &[(u16, Value)]) -> Vec<String> {
    let mut all = Vec::new();
    for (event, (status, answer)) in events.iter().zip(answers) {
        let row = inbox_row(t, event).await;
        let inbox = (row.verdict, &row.why, row.answer_status, row.times_seen);
        let words = answer
            .as_object()
            .map(|answer| answer.keys().cloned().collect::<Vec<_>>());
        let mut told = format!("{status} {words:?} {inbox:?}");
        if let Some(id) = row.order_id {
            let mut conn = t.app.read().await.expect("a connection");
            let system = Viewer::system();
            let order = assessdesk::store::orders::find(&mut conn, &system, id)
                .await
                .expect("read");
            let order = order.expect("an order");
            let candidate = assessdesk::store::candidates::find(&mut conn, id).await.expect("read");
            let body = assessdesk::store::candidates::find_body(&mut conn, &t.app.vault, id).await;
            drop(conn);
            let of_customer = Filter {
                search: id.to_string(),
                customer: order.customer_id,
                ..Filter::default()
            };
            told = format!(
                "{told} {:?} {:?} {:?} {}",
                (
                    order.stage,
                    order.decision,
                    order.decided_by,
                    order.decision_why,
                    order.reason_text
                ),
                (
                    order.unknown_package,
                    order.inline,
                    order.kombo_status,
                    order.differs,
                    order.package_name,
                    order.version
                ),
                (
                    candidate.map(|candidate| candidate.email),
                    body.expect("read").map(|body| body.len()),
                    timeline(t, id).await
                ),
                found(t, &of_customer).await
            );
        }
        all.push(told.replace(lead, "…"));
    }
    all
}

crate::both!(a_batch_comes_to_what_each_of_its_webhooks_alone_would, |t| {
    customer(&t, |row| row.unknown_package = UnknownPackage::Reject).await;
    let mut became = Vec::new();
    for (lead, most) in [("together", 128), ("singly", 1)] {
        let intake = Intake::in_batches_of(t.app.clone(), most);
        let events = of_every_kind(lead);
        // All of them are handed over before the writer begins its next batch.
        let answers = futures_util::future::join_all(events.iter().map(|event| send(&intake, event))).await;
        became.push(what_became(&t, lead, &events, &answers).await);
    }
    assert_eq!(became[0], became[1]);
    let found = |words: &str| became[0].iter().filter(|told| told.contains(words)).count();
    assert!(
        found("Accepted") > 20 && found("Rejected") > 0 && found("Unreadable") == 1,
        "{became:#?}"
    );
});

// PostgreSQL takes the beginning of the last word for a number, and the word for two.
crate::both!(an_id_is_found_whatever_its_digits_look_like, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    for id in ["7c1d-12e5abc", "7c1d-12e6abc"] {
        send(&intake, &order_event(&format!("e-{id}"), id)).await;
    }
    for (search, count) in [
        ("7c1d-12e5abc", 1),
        ("7c1d-12e5a", 1),
        ("7c1d-12e5x", 0),
        ("7c1d-12", 2),
    ] {
        let filter = Filter {
            search: search.into(),
            customer: Some(customer.id),
            ..Filter::default()
        };
        assert_eq!(found(&t, &filter).await, count, "{search}");
    }
});

crate::both!(each_order_of_a_batch_is_found_by_its_own_words, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = start(&t);
    let ids = (100..140).map(|number| format!("kombo{number}")).collect::<Vec<_>>();
    let events = ids.iter().map(|id| order_event(&format!("e-{id}"), id));
    let events = events.collect::<Vec<_>>();
    futures_util::future::join_all(events.iter().map(|event| send(&intake, event))).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    for id in &ids {
        let order = order(&t, customer.integration, id).await;
        let page = client.get(&format!("/find?q={id}")).await.text;
        assert!(page.contains(&format!("href=\"/orders/{}\"", order.id)), "{id}: {page}");
    }
});
