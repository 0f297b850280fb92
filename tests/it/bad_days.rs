//! Bad input and bad days of the intake: whatever one webhook brings, whoever writes at the same moment, however the
//! database fares, no other webhook suffers and nothing that was answered is lost.

use crate::support::fixtures::{INTEGRATION, customer, order, order_event, send, send_raw};
use crate::support::practice::Practice;
use crate::support::{Engine, TestApp, WEBHOOK_SECRET};
use assessdesk::actions::order_steps::{self, Said};
use assessdesk::actions::{assign_integration, integration_news, receive_order, wake_integration};
use assessdesk::domain::delivery::DeliveryState;
use assessdesk::domain::ids::IntegrationId;
use assessdesk::domain::intake::{TakeOrders, UnknownPackage};
use assessdesk::domain::order::{Event, KomboStatus, Source, Stage};
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::{self, Intake};
use assessdesk::kombo::{signature, wire};
use assessdesk::store::inbox::{self, InboxRow};
use assessdesk::store::{Db, candidates, integrations, orders};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Runs one statement of each engine's own.
async fn run_sql(t: &TestApp, sqlite: &'static str, postgres: &'static str) {
    match &t.app.db {
        Db::Sqlite { write, .. } => drop(sqlx::query(sqlite).execute(write).await.unwrap()),
        Db::Postgres(pool) => drop(sqlx::query(postgres).execute(pool).await.unwrap()),
    }
}

/// The number that a statement gives.
async fn number(t: &TestApp, sql: &'static str) -> i64 {
    match &t.app.db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
    }
}

fn signed(body: &[u8]) -> String {
    signature::sign(&WEBHOOK_SECRET.into(), body)
}

async fn inbox_row(t: &TestApp, event: &Value) -> InboxRow {
    let mut conn = t.app.read().await.unwrap();
    let digest = Sha256::digest(event.to_string().as_bytes());
    let id = event["id"].as_str().unwrap_or_default();
    inbox::find_same(&mut conn, id, &digest).await.unwrap().unwrap()
}

async fn integration_of(t: &TestApp) -> IntegrationId {
    let mut conn = t.app.read().await.unwrap();
    let row = integrations::find_by_kombo_id(&mut conn, INTEGRATION).await.unwrap();
    row.unwrap().id
}

/// An event whose candidate the database refuses.
fn poisoned(event: &str, order: &str) -> Value {
    let mut event = order_event(event, order);
    event["data"]["candidate"]["first_name"] = json!("Poison");
    event
}

crate::both!(
    an_event_that_comes_again_with_another_body_is_kept_beside_the_first,
    |t| {
        let customer = customer(&t, |_| {}).await;
        let intake = Intake::start(t.app.clone());
        let first = order_event("e-1", "o-1");
        let mut other = first.clone();
        other["data"]["job"]["name"] = json!("Head of data");
        assert_eq!(send(&intake, &first).await.0, 200);
        assert_eq!(send(&intake, &other).await.0, 200);
        assert_eq!(send(&intake, &first).await.0, 200);
        let (kept, beside) = (inbox_row(&t, &first).await, inbox_row(&t, &other).await);
        assert_ne!(kept.id, beside.id);
        assert_eq!((kept.times_seen, beside.times_seen), (2, 1));
        assert!(beside.why.unwrap().contains("another body"));
        assert!(order(&t, customer.integration, "o-1").await.differs);
    }
);

crate::both!(what_the_database_refuses_of_one_webhook_hurts_no_other, |t| {
    let customer = customer(&t, |_| {}).await;
    run_sql(
        &t,
        "CREATE TRIGGER poison BEFORE INSERT ON candidates WHEN NEW.first_name = 'Poison'
            BEGIN SELECT RAISE(ABORT, 'no'); END",
        "ALTER TABLE candidates ADD CONSTRAINT poison CHECK (first_name <> 'Poison')",
    )
    .await;
    let intake = Intake::start(t.app.clone());
    let held = t.app.db.begin().await.unwrap();
    let events: Vec<Value> = (0..40)
        .map(|n| {
            let make = if n % 10 == 3 { poisoned } else { order_event };
            make(&format!("e-{n}"), &format!("o-{n}"))
        })
        .collect();
    let sends = futures_util::future::join_all(events.iter().map(|event| send(&intake, event)));
    let (answers, ()) = tokio::join!(sends, async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(held);
    });
    for (n, (status, _)) in answers.iter().enumerate() {
        assert_eq!(*status, if n % 10 == 3 { 500 } else { 200 }, "webhook {n}");
    }
    let failed = inbox_row(&t, &events[3]).await;
    assert_eq!(failed.verdict.as_str(), "failed");
    assert!(!failed.why.unwrap().contains("Poison"));
    let mut conn = t.app.read().await.unwrap();
    let kept = orders::live_of_integration(&mut conn, customer.integration, None, 100).await;
    assert_eq!(kept.unwrap().len(), 36);
});

crate::both!(what_cannot_even_be_kept_is_turned_away_alone, |t| {
    let customer = customer(&t, |_| {}).await;
    run_sql(
        &t,
        "CREATE TRIGGER poison BEFORE INSERT ON inbox WHEN NEW.type = 'poison'
            BEGIN SELECT RAISE(ABORT, 'no'); END",
        "ALTER TABLE inbox ADD CONSTRAINT poison CHECK (type <> 'poison')",
    )
    .await;
    let intake = Intake::start(t.app.clone());
    let events: Vec<Value> = (0..20)
        .map(|n| match n {
            7 => json!({"id": "e-7", "type": "poison", "data": {}}),
            _ => order_event(&format!("e-{n}"), &format!("o-{n}")),
        })
        .collect();
    let answers = futures_util::future::join_all(events.iter().map(|event| send(&intake, event))).await;
    for (n, (status, _)) in answers.iter().enumerate() {
        assert_eq!(*status, if n == 7 { 503 } else { 200 }, "webhook {n}");
    }
    let mut conn = t.app.read().await.unwrap();
    let kept = orders::live_of_integration(&mut conn, customer.integration, None, 100).await;
    assert_eq!(kept.unwrap().len(), 19);
});

crate::both!(a_list_that_is_read_at_the_same_moment_does_not_spoil_the_answer, |t| {
    let customer = customer(&t, |row| {
        row.unknown_package = UnknownPackage::Reject;
        row.unknown_message = "Please choose from the list.".into();
    })
    .await;
    let intake = Intake::start(t.app.clone());
    let mut event = order_event("e-1", "o-1");
    event["data"]["package_id"] = json!("no-such");
    let told: wire::Order = serde_json::from_value(event["data"].clone()).unwrap();
    let mut work = t.app.begin_system().await.unwrap();
    receive_order::receive_order(&mut work, &told, INTEGRATION, false, Source::List, None)
        .await
        .unwrap();
    let (answer, ()) = tokio::join!(send(&intake, &event), async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        work.commit().await.unwrap();
    });
    assert_eq!(answer.0, 422);
    let order = order(&t, customer.integration, "o-1").await;
    assert_eq!((order.stage, order.source), (Stage::Rejected, Source::List));
    assert_eq!(inbox_row(&t, &event).await.verdict.as_str(), "repeat");
});

crate::both!(a_person_who_writes_at_the_same_moment_does_not_spoil_the_answer, |t| {
    let customer = customer(&t, |row| row.take_orders = TakeOrders::Later).await;
    let event = order_event("e-1", "o-1");
    unanswered(&t, &event).await;
    let intake = Intake::start(t.app.clone());
    let mut row = order(&t, customer.integration, "o-1").await;
    let mut work = t.app.begin_system().await.unwrap();
    order_steps::apply(&mut work, &mut row, &Event::Paused, Said::default())
        .await
        .unwrap();
    let mut other = event.clone();
    other["data"]["job"]["name"] = json!("Head of data");
    let (answer, ()) = tokio::join!(send(&intake, &other), async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        work.commit().await.unwrap();
    });
    assert_eq!(answer.0, 200);
    let order = order(&t, customer.integration, "o-1").await;
    assert!(order.differs && order.paused_at.is_some());
});

/// A webhook whose answer nobody reads: the client has hung up.
async fn unanswered(t: &TestApp, event: &Value) {
    let intake = Intake::start(t.app.clone());
    let body = event.to_string();
    let mut headers = HeaderMap::new();
    headers.insert(
        "x-kombo-signature",
        HeaderValue::from_str(&signed(body.as_bytes())).unwrap(),
    );
    drop(intake::receive(&intake, &headers, Body::from(body), None).await);
    intake.finish().await;
}

crate::both!(an_answer_that_nobody_read_is_not_taken_for_given, |t| {
    let customer = customer(&t, |_| {}).await;
    unanswered(&t, &order_event("e-1", "o-1")).await;
    let order = order(&t, customer.integration, "o-1").await;
    assert_eq!((order.stage, order.answered_at), (Stage::Accepted, None));
});

crate::both!(that_an_answer_left_is_not_forgotten_by_who_read_the_order_before, |t| {
    let customer = customer(&t, |_| {}).await;
    let event = order_event("e-1", "o-1");
    unanswered(&t, &event).await;
    let mut stale = order(&t, customer.integration, "o-1").await;
    let mut conn = t.app.db.begin().await.unwrap();
    let now = t.app.clock.now();
    orders::mark_answered(&mut conn, &[stale.id], now).await.unwrap();
    conn.commit().await.unwrap();
    let mut work = t.app.begin_system().await.unwrap();
    order_steps::apply(&mut work, &mut stale, &Event::Paused, Said::default())
        .await
        .unwrap();
    work.commit().await.unwrap();
    let after = order(&t, customer.integration, "o-1").await;
    assert!(after.paused_at.is_some() && after.answered_at.is_some());
});

#[tokio::test]
async fn a_database_that_hangs_costs_a_503_in_time_and_nothing_twice() {
    if !Engine::Postgres.is_there() {
        return;
    }
    let t = TestApp::new(Engine::Postgres).await;
    let customer = customer(&t, |_| {}).await;
    let intake = Intake::start(t.app.clone());
    let Db::Postgres(pool) = &t.app.db else {
        unreachable!("it was asked for")
    };
    let mut hanging = pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE inbox").execute(&mut *hanging).await.unwrap();
    let event = order_event("e-1", "o-1");
    let answer = tokio::time::timeout(Duration::from_secs(15), send(&intake, &event)).await;
    assert_eq!(answer.expect("an answer in time").0, 503);
    hanging.rollback().await.unwrap();
    assert_eq!(send(&intake, &event).await.0, 200);
    assert_eq!(order(&t, customer.integration, "o-1").await.stage, Stage::Accepted);
    assert_eq!(number(&t, "SELECT COUNT(*) FROM orders").await, 1);
}

crate::both!(whoever_waits_when_the_program_stops_is_answered, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = Intake::start(t.app.clone());
    let held = t.app.db.begin().await.unwrap();
    let sends = (0..300).map(|n| {
        let intake = intake.clone();
        tokio::spawn(async move {
            send(&intake, &order_event(&format!("e-{n}"), &format!("o-{n}")))
                .await
                .0
        })
    });
    let sends: Vec<_> = sends.collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let stopped = tokio::spawn(intake.finish());
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(held);
    for answer in futures_util::future::join_all(sends).await {
        assert_eq!(answer.unwrap(), 200);
    }
    stopped.await.unwrap();
    let mut conn = t.app.read().await.unwrap();
    let kept = orders::live_of_integration(&mut conn, customer.integration, None, 400).await;
    assert_eq!(kept.unwrap().len(), 300);
});

crate::both!(a_body_may_have_a_mebibyte_and_not_one_byte_more, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = Intake::start(t.app.clone());
    let mut event = order_event("e-1", "o-1");
    event["data"]["job"]["description"] = json!("");
    let room = intake_limit() - event.to_string().len();
    event["data"]["job"]["description"] = json!("x".repeat(room));
    let body = event.to_string().into_bytes();
    assert_eq!(body.len(), intake_limit());
    let mut longer = body.clone();
    longer.push(b' ');
    assert_eq!(send_raw(&intake, longer.clone(), Some(&signed(&longer))).await.0, 413);
    let padded = format!("{}=", signed(&body));
    assert_eq!(send_raw(&intake, body.clone(), Some(&padded)).await.0, 401);
    assert_eq!(send_raw(&intake, body.clone(), Some(&signed(&body))).await.0, 200);
    assert_eq!(order(&t, customer.integration, "o-1").await.stage, Stage::Accepted);
});

const fn intake_limit() -> usize {
    1024 * 1024
}

/// Gives the integration that the webhooks name to a customer.
async fn assign(t: &TestApp) -> assessdesk::domain::ids::CustomerId {
    let id = t.app.clock.new_id();
    let mut work = t.app.begin_system().await.unwrap();
    let vault = t.app.vault.clone();
    vault.ensure_key(&mut work.conn, &t.app.clock, Some(id)).await.unwrap();
    let mut row = crate::support::fixtures::customer_row(t, id);
    row.unknown_package = UnknownPackage::Reject;
    row.unknown_message = "Please choose from the list.".into();
    // Only a confirmed publication lets 'reject' act.
    let integration = integrations::find_by_kombo_id(&mut work.conn, INTEGRATION)
        .await
        .unwrap()
        .unwrap();
    assessdesk::store::customers::insert(&mut work.conn, &row)
        .await
        .unwrap();
    crate::support::fixtures::publish(t, &mut work, integration.id, 1, &[]).await;
    assign_integration::assign(&mut work, integration.id, id).await.unwrap();
    work.commit().await.unwrap();
    id
}

crate::both!(an_integration_that_is_assigned_between_webhook_and_repeat, |t| {
    let (heard, unheard) = (order_event("e-1", "o-1"), order_event("e-2", "o-2"));
    let intake = Intake::start(t.app.clone());
    assert_eq!(send(&intake, &heard).await.0, 200);
    intake.finish().await;
    unanswered(&t, &unheard).await;
    let customer = assign(&t).await;
    let intake = Intake::start(t.app.clone());
    assert_eq!(send(&intake, &heard).await.0, 200, "it had its answer");
    assert_eq!(
        send(&intake, &unheard).await.0,
        422,
        "decided by the new customer's settings"
    );
    let integration = integration_of(&t).await;
    let (first, second) = (order(&t, integration, "o-1").await, order(&t, integration, "o-2").await);
    assert_eq!((first.stage, first.customer_id), (Stage::Received, Some(customer)));
    assert_eq!((second.stage, second.customer_id), (Stage::Rejected, Some(customer)));
    // What was sealed for nobody opens for the customer.
    let row = inbox_row(&t, &heard).await;
    let mut conn = t.app.read().await.unwrap();
    let body = inbox::find_body(&mut conn, &t.app.vault, &row).await.unwrap();
    assert_eq!(body.unwrap(), heard.to_string().into_bytes());
    let body = candidates::find_body(&mut conn, &t.app.vault, first.id).await.unwrap();
    assert!(String::from_utf8(body.unwrap()).unwrap().contains("pipelines"));
    drop(conn);
    counts_are_right(&t).await;
});

crate::both!(
    an_order_that_comes_while_its_integration_is_assigned_is_the_customers,
    |t| {
        let intake = Intake::start(t.app.clone());
        assert_eq!(send(&intake, &order_event("e-1", "o-1")).await.0, 200);
        let customer = t.app.clock.new_id();
        let mut work = t.app.begin_system().await.unwrap();
        let row = crate::support::fixtures::customer_row(&t, customer);
        t.app
            .vault
            .clone()
            .ensure_key(&mut work.conn, &t.app.clock, Some(customer))
            .await
            .unwrap();
        assessdesk::store::customers::insert(&mut work.conn, &row)
            .await
            .unwrap();
        let integration = integration_of_work(&mut work).await;
        assign_integration::assign(&mut work, integration, customer)
            .await
            .unwrap();
        let event = order_event("e-2", "o-2");
        let (answer, ()) = tokio::join!(send(&intake, &event), async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            work.commit().await.unwrap();
        });
        assert_eq!(answer.0, 200);
        assert_eq!(order(&t, integration, "o-2").await.customer_id, Some(customer));
        counts_are_right(&t).await;
    }
);

async fn integration_of_work(work: &mut assessdesk::actions::work::Work) -> IntegrationId {
    let row = integrations::find_by_kombo_id(&mut work.conn, INTEGRATION)
        .await
        .unwrap();
    row.unwrap().id
}

/// The counters say what a count of all rows says.
async fn counts_are_right(t: &TestApp) {
    let wrong = "SELECT COUNT(*) FROM order_counts c WHERE c.orders <> (SELECT COUNT(*) FROM orders o
        WHERE o.stage = c.stage AND (o.customer_id = c.customer_id OR (o.customer_id IS NULL AND c.customer_id IS NULL)))";
    assert_eq!(number(t, wrong).await, 0, "a counter differs from its rows");
    let all = "SELECT CAST(SUM(orders) AS BIGINT) FROM order_counts";
    assert_eq!(number(t, all).await, number(t, "SELECT COUNT(*) FROM orders").await);
}

/// A small generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Something that may happen to an order.
fn any_event(dice: &mut Dice, t: &TestApp) -> Event {
    let at = t.app.clock.now();
    let observed = |status| Event::Observed { status, at };
    let all = [
        Event::Decided(assessdesk::domain::order::Decision::Accept),
        Event::InvitationTaken,
        Event::CandidateStarted,
        Event::Cancelled,
        Event::Cancelled,
        Event::Undone,
        Event::Delivered,
        Event::GaveUp,
        Event::TakenBack,
        Event::FinalSentAgain,
        Event::IntegrationDeleted,
        Event::ClosedHere,
        observed(KomboStatus::Open),
        observed(KomboStatus::Cancelled),
        observed(KomboStatus::Rejected),
        Event::Absent { at },
    ];
    all[dice.below(all.len())].clone()
}

crate::both!(counters_equal_a_recount_after_any_sequence, |t| {
    let mut dice = Dice(20_261_124);
    let intake = Intake::start(t.app.clone());
    for n in 0..12 {
        send(&intake, &order_event(&format!("e-{n}"), &format!("o-{n}"))).await;
    }
    let integration = integration_of(&t).await;
    for round in 0..150 {
        t.advance(Duration::from_secs(90));
        let id = format!("o-{}", dice.below(16));
        if round == 60 {
            counts_are_right(&t).await;
            assign(&t).await;
        }
        if dice.below(5) == 0 {
            send(&intake, &order_event(&format!("f-{round}"), &id)).await;
            continue;
        }
        let mut work = t.app.begin_system().await.unwrap();
        let found = orders::find_by_kombo(&mut work.conn, integration, &id).await.unwrap();
        let Some(mut row) = found else { continue };
        let event = any_event(&mut dice, &t);
        let said = Said {
            reason: Some("The position was filled.".into()),
            ..Said::default()
        };
        if order_steps::apply(&mut work, &mut row, &event, said).await.is_ok() {
            work.commit().await.unwrap();
        }
    }
    counts_are_right(&t).await;
    let mut conn = t.app.read().await.unwrap();
    let counts = assessdesk::store::order_lists::counts(&mut conn, &Viewer::system(), None)
        .await
        .unwrap();
    assert!(counts.iter().all(|(_, orders)| *orders >= 0));
    assert!(counts.len() > 2, "{counts:?}");
});

crate::both!(what_is_parked_for_a_deleted_integration_is_not_woken, |t| {
    let p = Practice::new(t).await;
    p.cancel("o-1").await;
    let news: wire::IntegrationDeleted = serde_json::from_value(json!({
        "id": INTEGRATION, "tool": "greenhouse", "category": "ASSESSMENT", "deleted_at": "2026-11-24T09:00:00.000Z",
        "end_user": {"organization_name": "Halden Logistics", "creator_email": null, "origin_id": null}
    }))
    .unwrap();
    let mut work = p.t.app.begin_system().await.unwrap();
    integration_news::hear(&mut work, &wire::Event::IntegrationDeleted(news))
        .await
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Parked);
    let mut work = p.t.app.begin_system().await.unwrap();
    let refused = wake_integration::wake(&mut work, p.customer.integration).await;
    assert!(refused.unwrap_err().to_string().contains("deleted"));
    drop(work);
    // News that comes late does not bring it back.
    let news: wire::IntegrationStateChanged = serde_json::from_value(json!({
        "integration_tool": "greenhouse", "integration_id": INTEGRATION, "integration_category": "ASSESSMENT",
        "end_user": {"organization_name": "Halden Logistics", "creator_email": null, "origin_id": null},
        "state": "ACTIVE", "updated_at": "2026-11-24T09:30:00.000Z"
    }))
    .unwrap();
    let mut work = p.t.app.begin_system().await.unwrap();
    integration_news::hear(&mut work, &wire::Event::IntegrationStateChanged(news))
        .await
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!(p.round_after(3_600).await, 0);
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Parked);
});

#[tokio::test]
async fn a_full_disk_is_answered_503_and_the_writer_goes_on_afterwards() {
    let t = TestApp::new(Engine::Sqlite).await;
    let customer = customer(&t, |_| {}).await;
    let intake = Intake::start(t.app.clone());
    assert_eq!(send(&intake, &order_event("e-0", "o-0")).await.0, 200);
    let Db::Sqlite { write, .. } = &t.app.db else { return };
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(write).await.unwrap();
    let full: &'static str = Box::leak(format!("PRAGMA max_page_count = {}", pages + 1).into_boxed_str());
    sqlx::query(full).execute(write).await.unwrap();
    let mut event = order_event("e-1", "o-1");
    event["data"]["job"]["description"] = json!("x".repeat(200_000));
    assert_eq!(send(&intake, &event).await.0, 503);
    sqlx::query("PRAGMA max_page_count = 1000000")
        .execute(write)
        .await
        .unwrap();
    assert_eq!(send(&intake, &event).await.0, 200);
    assert_eq!(order(&t, customer.integration, "o-1").await.stage, Stage::Accepted);
    assert_eq!(inbox_row(&t, &event).await.times_seen, 1);
}

#[tokio::test]
async fn a_busy_database_is_answered_503_and_the_writer_goes_on_afterwards() {
    let t = TestApp::new(Engine::Sqlite).await;
    let customer = customer(&t, |_| {}).await;
    let intake = Intake::start(t.app.clone());
    let held = t.app.db.begin().await.unwrap();
    let (status, _) = send(&intake, &order_event("e-1", "o-1")).await;
    assert_eq!(status, 503);
    drop(held);
    assert_eq!(send(&intake, &order_event("e-1", "o-1")).await.0, 200);
    assert_eq!(order(&t, customer.integration, "o-1").await.stage, Stage::Accepted);
}
