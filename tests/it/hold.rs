//! The hold: a person decides while the webhook's answer waits. Each row of the order's table that speaks of it.

use crate::support::desk::{happen, now, press};
use crate::support::fixtures::{self, Customer, INTEGRATION, order, order_event, send, timeline};
use crate::support::program::{Program, free_port};
use crate::support::{Client, Engine, TestApp};
use assessdesk::app::App;
use assessdesk::domain::ids::StaffId;
use assessdesk::domain::intake::{HoldElse, UnknownPackage};
use assessdesk::domain::order::{DecidedBy, Decision, Event, KomboStatus, Stage};
use assessdesk::domain::reason::ReasonUse;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::store::Db;
use assessdesk::store::customers::CustomerRow;
use assessdesk::store::inbox::{self, InboxRow};
use assessdesk::store::orders::OrderRow;
use assessdesk::store::reasons;
use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::task::JoinHandle;

/// What the recruiter reads where the customer's setting rejects.
const TOO_LATE: &str = "Nobody was there. Please order again.";

/// A dashboard whose customer wants its orders held for 8 s, and one open desk.
struct House {
    t: TestApp,
    customer: Customer,
    intake: Intake,
    person: StaffId,
}

/// A webhook that is on its way: its answer, once there is one.
type Sent = JoinHandle<(u16, Value)>;

impl House {
    async fn new(t: TestApp, otherwise: HoldElse) -> Self {
        Self::with(t, |row| hold(row, otherwise)).await
    }

    async fn with(t: TestApp, change: impl FnOnce(&mut CustomerRow)) -> Self {
        let customer = fixtures::customer(&t, change).await;
        let person = t.add_staff(Role::Operator, true).await;
        let intake = Intake::start(t.app.clone());
        let house = Self {
            t,
            customer,
            intake,
            person,
        };
        house.open_desk(Viewer::staff(person, Role::Operator, true));
        house
    }

    /// This person's desk is open.
    fn open_desk(&self, viewer: Viewer) {
        self.t.app.presence.seen(&viewer, self.t.app.clock.now());
    }

    /// Kombo sends this webhook and waits for its answer.
    fn send(&self, event: &Value) -> Sent {
        let (intake, event) = (self.intake.clone(), event.clone());
        tokio::spawn(async move { send(&intake, &event).await })
    }

    /// Kombo sends an order, and again where it is asked to come again.
    fn insist(&self, event: &Value) -> Sent {
        let (intake, event) = (self.intake.clone(), event.clone());
        tokio::spawn(async move {
            loop {
                let answer = send(&intake, &event).await;
                if answer.0 != 503 {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
    }

    /// Kombo sends an order; it is on disk and held when this returns.
    async fn held(&self, id: &str) -> (Sent, OrderRow) {
        let sent = self.send(&order_event(&format!("e-{id}"), id));
        let row = self.until(id, |row| row.hold_until.is_some()).await;
        (sent, row)
    }

    /// Kombo sends so many orders at the same moment; their ids, and their answers on the way.
    fn send_many(&self, orders: u32) -> (Vec<String>, Vec<Sent>) {
        let ids = (0..orders).map(|number| format!("o-{number}")).collect::<Vec<_>>();
        let sent = ids.iter().map(|id| self.insist(&order_event(&format!("e-{id}"), id)));
        let sent = sent.collect();
        (ids, sent)
    }

    /// The order once this is true of it.
    async fn until(&self, id: &str, is: impl Fn(&OrderRow) -> bool) -> OrderRow {
        until(&self.t.app, &self.customer, id, is).await
    }

    async fn order(&self, id: &str) -> OrderRow {
        order(&self.t, self.customer.integration, id).await
    }

    /// The webhook's row in the inbox.
    async fn inbox(&self, event: &Value) -> InboxRow {
        let mut conn = self.t.app.read().await.unwrap();
        let digest = Sha256::digest(event.to_string().as_bytes());
        let id = event["id"].as_str().unwrap();
        inbox::find_same(&mut conn, id, &digest).await.unwrap().unwrap()
    }

    fn seconds_pass(&self, seconds: u64) {
        self.t.advance(Duration::from_secs(seconds));
    }

    async fn client(&self) -> Client {
        self.t.sign_in(self.person).await
    }
}

/// The customer wants its orders held.
fn hold(row: &mut CustomerRow, otherwise: HoldElse) {
    row.hold_seconds = Some(8);
    row.hold_else = otherwise;
    row.hold_message = TOO_LATE.into();
}

/// The order once this is true of it; Kombo may still be writing it.
async fn until(app: &App, customer: &Customer, id: &str, is: impl Fn(&OrderRow) -> bool) -> OrderRow {
    let wait = async {
        loop {
            let mut conn = app.read().await.unwrap();
            let row = assessdesk::store::orders::find_by_kombo(&mut conn, customer.integration, id);
            if let Some(row) = row.await.unwrap().filter(|row| is(row)) {
                return row;
            }
            drop(conn);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(1), wait).await;
    waited.expect("the order comes to that")
}

crate::both!(a_held_order_that_a_person_accepts_is_answered_200, |t| {
    let house = House::new(t, HoldElse::Reject).await;
    let event = order_event("e-o-1", "o-1");
    let (sent, row) = house.held("o-1").await;
    assert_eq!((row.stage, row.answered_at), (Stage::Received, None));
    assert_eq!(house.inbox(&event).await.answer_status, 0, "no answer yet");
    assert!(!sent.is_finished());
    house.seconds_pass(3);
    let mut client = house.client().await;
    let answer = press(&house.t, &mut client, row.id, "accept", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(sent.await.unwrap().0, 200);
    let row = house.until("o-1", |row| row.answered_at.is_some()).await;
    assert_eq!((row.stage, row.decided_by), (Stage::Accepted, Some(DecidedBy::Staff)));
    assert_eq!(row.decided_micros, Some(3_000_000), "how long the recruiter waited");
    let seen = house.inbox(&event).await;
    assert_eq!((seen.answer_status, seen.answer_micros), (200, 3_000_000));
    let told = timeline(&house.t, row.id).await;
    assert_eq!(told, ["order.received", "order.held", "order.accepted"]);
    assert_eq!(house.t.app.holds.count(), 0);
});

crate::both!(
    a_held_order_that_a_person_rejects_is_answered_422_with_the_message,
    |t| {
        let house = House::new(t, HoldElse::Accept).await;
        let (sent, row) = house.held("o-1").await;
        let mut client = house.client().await;
        let empty = press(&house.t, &mut client, row.id, "reject", &[("reason", " ")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!sent.is_finished(), "a slip of the hand decides nothing");
        let said = [("reason", "We do not test for this role.")];
        press(&house.t, &mut client, row.id, "reject", &said).await;
        let (status, answer) = sent.await.unwrap();
        assert_eq!(
            (status, &answer["message"]),
            (422, &json!("We do not test for this role."))
        );
        let row = house.until("o-1", |row| row.answered_at.is_some()).await;
        assert_eq!((row.stage, row.decision), (Stage::Rejected, Some(Decision::Reject)));
        assert_eq!(row.kombo_status, None, "nobody has seen yet what Kombo holds");
        assert_eq!(row.reason_text.as_deref(), Some("We do not test for this role."));
    }
);

crate::both!(a_rejection_made_with_a_reason_of_the_library_counts_it_once, |t| {
    let house = House::new(t, HoldElse::Accept).await;
    let (sent, row) = house.held("o-1").await;
    let mut conn = house.t.app.read().await.unwrap();
    let offered = reasons::offered(&mut conn, ReasonUse::Rejection).await.unwrap();
    let (reason, other) = (offered[0].id, offered[1].id);
    drop(conn);
    let mut client = house.client().await;
    let id = reason.to_string();
    let page = press(&house.t, &mut client, row.id, "reject/text", &[("reason_id", &id)]).await;
    assert!(
        page.text
            .contains("‘TypeScript, senior’ is already on order for this candidate.")
    );
    let said = [("reason_id", id.as_str()), ("reason", "Ordered twice, sorry.")];
    press(&house.t, &mut client, row.id, "reject", &said).await;
    assert_eq!(sent.await.unwrap().1["message"], "Ordered twice, sorry.");
    assert_eq!(house.order("o-1").await.reason_id, Some(reason));
    // Too late: decided already, so nothing more is counted.
    let late = [("reason_id", &*other.to_string()), ("reason", "Me, too.")];
    press(&house.t, &mut client, row.id, "reject", &late).await;
    let mut conn = house.t.app.read().await.unwrap();
    for (id, uses) in [(reason, 1), (other, 0)] {
        assert_eq!(reasons::find(&mut conn, id).await.unwrap().unwrap().uses, uses);
    }
});

crate::both!(when_the_time_is_up_the_customers_setting_decides, |t| {
    let house = House::new(t, HoldElse::Accept).await;
    for (id, otherwise, status, stage) in [
        ("o-1", HoldElse::Accept, 200, Stage::Accepted),
        ("o-2", HoldElse::Later, 200, Stage::Received),
        ("o-3", HoldElse::Reject, 422, Stage::Rejected),
    ] {
        house
            .t
            .change_customer(house.customer.id, |row| hold(row, otherwise))
            .await;
        let (sent, _) = house.held(id).await;
        house.seconds_pass(7);
        assert!(!sent.is_finished(), "a second is left");
        house.seconds_pass(1);
        let (answered, body) = sent.await.unwrap();
        assert_eq!(answered, status);
        let row = house.until(id, |row| row.answered_at.is_some()).await;
        assert_eq!((row.stage, row.hold_until), (stage, None));
        assert_ne!(row.decided_by, Some(DecidedBy::Staff));
        if otherwise == HoldElse::Reject {
            assert_eq!(body["message"], TOO_LATE);
        }
        house.open_desk(Viewer::staff(house.person, Role::Operator, true));
    }
    let row = house.order("o-2").await;
    let mut client = house.client().await;
    let late = press(&house.t, &mut client, row.id, "reject", &[("reason", "No.")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text.contains("the ATS was told that the order is taken"),
        "{}",
        late.text
    );
    assert!(late.text.contains("You can cancel it with a reason instead"));
    let row = house.order("o-1").await;
    let late = press(&house.t, &mut client, row.id, "reject", &[("reason", "No.")]).await;
    assert!(
        late.text.contains("the customer’s setting accepted it"),
        "{}",
        late.text
    );
});

crate::both!(
    when_kombo_hangs_up_the_order_is_received_and_can_only_be_cancelled,
    |t| {
        let house = House::new(t, HoldElse::Reject).await;
        let event = order_event("e-o-1", "o-1");
        let (sent, _) = house.held("o-1").await;
        house.seconds_pass(2);
        sent.abort();
        let row = house.until("o-1", |row| row.hold_until.is_none()).await;
        assert_eq!(
            (row.stage, row.answered_at, row.decision),
            (Stage::Received, None, None)
        );
        let seen = house.inbox(&event).await;
        assert_eq!(seen.answer_status, 0);
        assert!(seen.why.unwrap().contains("Nobody was listening"));
        assert!(timeline(&house.t, row.id).await.contains(&"order.hold_lost".to_owned()));
        house.seconds_pass(60);
        let mut client = house.client().await;
        let late = press(&house.t, &mut client, row.id, "reject", &[("reason", "No.")]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.text.contains("Kombo hung up"), "{}", late.text);
        press(&house.t, &mut client, row.id, "cancel", &[("reason", "No.")]).await;
        assert_eq!(now(&house.t, row.id).await.stage, Stage::Closing);
    }
);

crate::both!(the_last_connection_counts_and_a_repeat_joins_without_a_new_clock, |t| {
    let house = House::new(t, HoldElse::Reject).await;
    let (first, row) = house.held("o-1").await;
    house.seconds_pass(5);
    let again = house.send(&order_event("e-o-1", "o-1"));
    let other = house.send(&order_event("e-2", "o-1"));
    let joined = order_event("e-2", "o-1");
    tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let mut conn = house.t.app.read().await.unwrap();
            let waiting = inbox::unanswered(&mut conn, row.id).await.unwrap();
            if waiting.len() == 2 && waiting.iter().any(|row| row.times_seen == 2) {
                break;
            }
            drop(conn);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await
    .expect("both have joined");
    assert_eq!(house.order("o-1").await.hold_until, row.hold_until, "no new clock");
    first.abort();
    assert!(first.await.is_err(), "its connection is gone");
    house.seconds_pass(3);
    for sent in [again, other] {
        let (status, body) = sent.await.unwrap();
        assert_eq!((status, &body["message"]), (422, &json!(TOO_LATE)));
    }
    assert_eq!(
        house.inbox(&joined).await.answer_micros,
        3_000_000,
        "since it came itself"
    );
    let row = house.order("o-1").await;
    assert_eq!((row.stage, row.differs), (Stage::Rejected, false));
});

crate::both!(without_an_open_entitled_desk_the_setting_decides_at_once, |t| {
    let house = House::new(t, HoldElse::Reject).await;
    house.t.app.presence.gone(house.person);
    let nobody = send(&house.intake, &order_event("e-1", "o-1")).await;
    assert_eq!((nobody.0, &nobody.1["message"]), (422, &json!(TOO_LATE)));
    let row = house.order("o-1").await;
    assert!(row.decision_why.unwrap().contains("No desk was open"));
    assert_eq!(row.held_at, None);

    let viewer = house.t.add_staff(Role::Viewer, true).await;
    house.open_desk(Viewer::staff(viewer, Role::Viewer, true));
    let limited = house.t.add_staff(Role::Operator, false).await;
    house.open_desk(Viewer::staff(limited, Role::Operator, false));
    assert_eq!(
        send(&house.intake, &order_event("e-2", "o-2")).await.0,
        422,
        "neither may decide it"
    );

    let mut conn = house.t.app.db.begin().await.unwrap();
    assessdesk::store::staff::set_limits(&mut conn, limited, &[house.customer.id])
        .await
        .unwrap();
    conn.commit().await.unwrap();
    let (sent, _) = house.held("o-3").await;
    house.seconds_pass(8);
    assert_eq!(sent.await.unwrap().0, 422);

    house.open_desk(Viewer::staff(house.person, Role::Operator, true));
    house.seconds_pass(31);
    assert_eq!(
        send(&house.intake, &order_event("e-4", "o-4")).await.0,
        422,
        "it was open 31 s ago"
    );
});

crate::both!(a_hold_of_no_seconds_is_none, |t| {
    let house = House::with(t, |row| {
        hold(row, HoldElse::Reject);
        row.hold_seconds = Some(0);
    })
    .await;
    assert_eq!(send(&house.intake, &order_event("e-1", "o-1")).await.0, 422);
    assert_eq!(house.order("o-1").await.held_at, None);
});

crate::both!(at_most_two_hundred_are_held_at_once, |t| {
    let house = House::new(t, HoldElse::Later).await;
    let (ids, sent) = house.send_many(230);
    let mut held = 0;
    for id in &ids {
        let row = house.until(id, |_| true).await;
        held += u32::from(row.held_at.is_some());
        let why = row.decision_why.unwrap_or_default();
        assert_eq!(
            (row.stage, row.held_at.is_none()),
            (Stage::Received, why.contains("Too many"))
        );
    }
    assert_eq!(held, 200);
    house.seconds_pass(8);
    for sent in sent {
        assert_eq!(sent.await.unwrap().0, 200);
    }
    assert_eq!(house.t.app.holds.count(), 0);
});

crate::both!(
    of_many_holds_that_end_together_each_is_answered_as_it_was_decided,
    |t| {
        let house = House::new(t, HoldElse::Reject).await;
        let (ids, sent) = house.send_many(30);
        let mut orders = Vec::new();
        for id in &ids {
            orders.push(house.until(id, |row| row.hold_until.is_some()).await.id);
        }
        let mut client = house.client().await;
        house.seconds_pass(8);
        for order in orders.iter().step_by(7) {
            press(&house.t, &mut client, *order, "accept", &[]).await;
        }
        for (id, sent) in ids.iter().zip(sent) {
            let (status, _) = sent.await.unwrap();
            let row = house.until(id, |row| row.answered_at.is_some()).await;
            let by_person = row.decided_by == Some(DecidedBy::Staff);
            let stage = if by_person { Stage::Accepted } else { Stage::Rejected };
            assert_eq!((status, row.stage), (if by_person { 200 } else { 422 }, stage));
            let seen = house.inbox(&order_event(&format!("e-{id}"), id)).await;
            assert_eq!(seen.answer_status, i64::from(status));
            let decided = if by_person { "order.accepted" } else { "order.rejected" };
            assert_eq!(
                timeline(&house.t, row.id).await,
                ["order.received", "order.held", decided]
            );
        }
    }
);

crate::both!(inline_orders_and_unknown_packages_are_never_held, |t| {
    let house = House::new(t, HoldElse::Reject).await;
    let mut inline = order_event("e-1", "o-1");
    inline["type"] = json!("inline-assessment:order-received");
    let (status, answer) = send(&house.intake, &inline).await;
    assert_eq!(status, 200);
    assert!(answer["url"].is_string(), "the candidate starts at once");
    let mut unknown = order_event("e-2", "o-2");
    unknown["data"]["package_id"] = json!("no-such");
    assert_eq!(send(&house.intake, &unknown).await.0, 200);
    assert_eq!(house.order("o-2").await.stage, Stage::Received);
    let strict = |row: &mut CustomerRow| row.unknown_package = UnknownPackage::Reject;
    house.t.change_customer(house.customer.id, strict).await;
    unknown["data"]["id"] = json!("o-3");
    unknown["id"] = json!("e-3");
    assert_eq!(
        send(&house.intake, &unknown).await.0,
        422,
        "a rule that rejects does so at once"
    );
});

crate::both!(of_two_who_decide_at_once_the_second_is_told_what_the_first_did, |t| {
    let house = House::new(t, HoldElse::Later).await;
    let (sent, row) = house.held("o-1").await;
    let (mut one, mut two) = (house.client().await, house.t.sign_in_as(Role::Manager).await);
    let version = row.version.to_string();
    let form = [("version", version.as_str()), ("reason", "Not for this role.")];
    let accept = format!("/orders/{}/accept", row.id);
    let reject = format!("/orders/{}/reject", row.id);
    let (accepted, rejected) = tokio::join!(one.post(&accept, &form[..1]), two.post(&reject, &form));
    let (status, body) = sent.await.unwrap();
    let late = if status == 200 { &rejected } else { &accepted };
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    if status == 200 {
        assert!(late.text.contains("Mira Kovač accepted the order"), "{}", late.text);
        assert!(late.text.contains("You can cancel it with a reason instead"));
    } else {
        assert_eq!(body["message"], "Not for this role.");
        assert!(late.text.contains("Mira Kovač rejected the order"), "{}", late.text);
    }
});

crate::both!(
    what_a_dead_process_held_is_received_at_the_next_start_and_a_repeat_decides_afresh,
    |t| {
        let house = House::new(t, HoldElse::Reject).await;
        let event = order_event("e-o-1", "o-1");
        let (sent, row) = house.held("o-1").await;
        // The process dies: nothing of it acts any more, and its rows stay as they are.
        let config = assessdesk::config::Config::clone(&house.t.app.config);
        let next = App::open(config, house.t.app.clock.clone()).await.unwrap();
        let intake = Intake::start(next.clone());
        let left = until(&next, &house.customer, "o-1", |row| row.hold_until.is_none()).await;
        assert_eq!((left.id, left.stage, left.answered_at), (row.id, Stage::Received, None));
        drop(sent);
        assert!(timeline(&house.t, row.id).await.contains(&"order.hold_lost".to_owned()));
        let (status, body) = send(&intake, &event).await;
        assert_eq!(
            (status, &body["message"]),
            (422, &json!(TOO_LATE)),
            "no desk is open any more"
        );

        let held = order_event("e-2", "o-2");
        next.presence
            .seen(&Viewer::staff(house.person, Role::Operator, true), next.clock.now());
        let waiting = {
            let (intake, held) = (intake.clone(), held.clone());
            tokio::spawn(async move { send(&intake, &held).await })
        };
        until(&next, &house.customer, "o-2", |row| row.hold_until.is_some()).await;
        waiting.abort();
        until(&next, &house.customer, "o-2", |row| row.hold_until.is_none()).await;
        let again = {
            let (intake, held) = (intake.clone(), held.clone());
            tokio::spawn(async move { send(&intake, &held).await })
        };
        until(&next, &house.customer, "o-2", |row| row.hold_until.is_some()).await;
        assert!(!again.is_finished(), "a person is asked once more");
        house.seconds_pass(8);
        assert_eq!(again.await.unwrap().0, 422);
    }
);

crate::both!(asked_to_stop_every_open_hold_is_answered_by_the_setting, |t| {
    let house = House::new(t, HoldElse::Reject).await;
    let mut sent = Vec::new();
    for number in 0..50 {
        sent.push(house.held(&format!("o-{number}")).await.0);
    }
    house.t.app.stop.cancel();
    for sent in sent {
        let (status, body) = sent.await.unwrap();
        assert_eq!((status, &body["message"]), (422, &json!(TOO_LATE)));
    }
    house.intake.clone().finish().await;
    for number in 0..50 {
        let row = house.order(&format!("o-{number}")).await;
        assert_eq!((row.stage, row.answered_at.is_some()), (Stage::Rejected, true));
        assert!(row.decision_why.unwrap().contains("asked to stop"));
    }
});

crate::both!(kombo_sees_the_rejection_of_a_held_order, |t| {
    let house = House::new(t, HoldElse::Accept).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}/webhooks/kombo", listener.local_addr().unwrap());
    let app = house.t.app.clone();
    tokio::spawn(async move { assessdesk::server::answer(&app, listener).await });
    let kombo = assessdesk::sandbox::start(assessdesk::sandbox::Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        database_url: "sqlite::memory:".into(),
        target_url: target.parse().unwrap(),
        public_url: None,
        api_key: crate::support::API_KEY.into(),
        webhook_secret: crate::support::WEBHOOK_SECRET.into(),
        clock: house.t.app.clock.clone(),
    })
    .await
    .unwrap();
    let connection = assessdesk::sandbox::play::Connection {
        id: Some(INTEGRATION.into()),
        origin_id: Some(house.customer.id.to_string()),
        webhook: Some(false),
        ..assessdesk::sandbox::play::Connection::default()
    };
    kombo.sandbox.connect(connection).await.unwrap();
    let sandbox = kombo.sandbox.clone();
    let placing = json!({"integration": INTEGRATION, "package": fixtures::PACKAGE, "id": "o-1"});
    let placing = serde_json::from_value(placing).unwrap();
    let placed = sandbox.place(&placing).await.unwrap();
    let placed = tokio::spawn(async move { sandbox.announce(&placed, None).await });
    let row = house.until("o-1", |row| row.hold_until.is_some()).await;
    let mut client = house.client().await;
    press(
        &house.t,
        &mut client,
        row.id,
        "reject",
        &[("reason", "Not for this role.")],
    )
    .await;
    placed.await.unwrap().unwrap();
    assert_eq!(kombo.sandbox.store.order("o-1").await.unwrap().status, "REJECTED");
    let row = house.until("o-1", |row| row.answered_at.is_some()).await;
    assert_eq!(row.stage, Stage::Rejected);
});

crate::both!(
    the_bar_stands_on_every_desk_of_those_who_may_decide_and_on_no_other,
    |t| {
        let house = House::new(t, HoldElse::Reject).await;
        let (sent, row) = house.held("o-1").await;
        let mark = format!("id=\"held-{}\"", row.id);
        let mut client = house.client().await;
        for path in ["/", "/orders", "/customers", "/inbox", "/account"] {
            let page = client.get(path).await;
            assert!(page.text.contains(&mark), "{path}");
            assert!(page.text.contains("TypeScript, senior for Li Wei"), "{path}");
        }
        let page = client.get("/orders").await;
        assert!(
            page.text.contains("when the time is up, it is rejected"),
            "{}",
            page.text
        );
        assert!(page.text.contains("s to decide"), "the row has its clock, too");
        let page = client.get(&format!("/orders/{}", row.id)).await;
        assert!(!page.text.contains(&mark), "its own page shows it in its own place");
        assert!(page.text.contains("The recruiter is waiting for your answer"));
        assert!(
            client
                .get("/inbox")
                .await
                .text
                .contains("none yet: it waits for a person")
        );
        let mut viewer = house.t.sign_in_as(Role::Viewer).await;
        assert!(
            !viewer.get("/orders").await.text.contains(&mark),
            "may see it, not decide it"
        );
        let mut limited = house.t.sign_in_limited(Role::Operator, &[]).await;
        assert!(!limited.get("/orders").await.text.contains(&mark));
        assert!(
            !limited
                .with("hx-request", "true")
                .get("/held")
                .await
                .text
                .contains(&mark)
        );
        house.seconds_pass(8);
        sent.await.unwrap();
        assert!(!client.get("/orders").await.text.contains(&mark));
    }
);

crate::both!(what_is_decided_in_the_bar_shows_on_the_other_desks, |t| {
    let house = House::new(t, HoldElse::Accept).await;
    let (sent, row) = house.held("o-1").await;
    let mut one = house.client().await.with("hx-request", "true");
    let mut two = house.t.sign_in_as(Role::Operator).await.with("hx-request", "true");
    let version = row.version.to_string();
    let path = format!("/held/{}/reject", row.id);
    let form = one.get(&path).await;
    assert!(form.text.contains("<textarea"), "{}", form.text);
    let slip = one.post(&path, &[("version", &version), ("reason", " ")]).await;
    assert_eq!(slip.header("hx-retarget"), format!("#held-{}-reject", row.id));
    assert!(slip.text.contains("Write a reason"), "{}", slip.text);
    house.seconds_pass(3);
    let said = [("version", version.as_str()), ("reason", "Not for this role.")];
    let done = one.post(&path, &said).await;
    assert!(
        done.text.contains("Mira Kovač rejected it after 3.0 s."),
        "{}",
        done.text
    );
    assert_eq!(sent.await.unwrap().1["message"], "Not for this role.");
    assert!(
        two.get("/held")
            .await
            .text
            .contains("Mira Kovač rejected it after 3.0 s.")
    );

    let (sent, row) = house.held("o-2").await;
    house.seconds_pass(8);
    assert_eq!(sent.await.unwrap().0, 200);
    let version = row.version.to_string();
    let said = [("version", version.as_str()), ("reason", "Not <for> this role.")];
    let late = two.post(&format!("/held/{}/reject", row.id), &said).await;
    assert!(
        late.text.contains("It is too late to reject this order"),
        "{}",
        late.text
    );
    assert!(late.text.contains("the customer’s setting accepted it"));
    assert!(late.text.contains("Cancel the order with these words"));
    assert!(late.text.contains("Not &#60;for&#62; this role."), "{}", late.text);
    house.seconds_pass(9);
    assert!(
        !two.get("/held").await.text.contains(&row.id.to_string()),
        "it is told for a while"
    );
});

crate::both!(a_manager_sets_the_hold_and_errors_stand_at_their_fields, |t| {
    let house = House::with(t, |_| {}).await;
    let mut client = house.t.sign_in_as(Role::Manager).await;
    let path = format!("/customers/{}", house.customer.id);
    let page = client.get(&path).await;
    assert!(
        page.text.contains("A person decides while the recruiter waits"),
        "{}",
        page.text
    );
    let id = house.customer.id.to_string();
    let base = [
        ("version", "1"),
        ("name", "Halden Logistics"),
        ("origin_id", id.as_str()),
        ("contact_email", "ats@halden.example"),
        ("unknown_package", "take"),
        ("withdrawn_package", "serve"),
        ("candidate_language", "en"),
        ("due_hours", "72"),
        ("take_orders", "hold"),
    ];
    let wrong = [&base[..], &[("hold_seconds", "11"), ("hold_else", "reject")]].concat();
    let refused = client.post(&path, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("from 0 to 10"), "{}", refused.text);
    let right = [
        ("hold_seconds", "6"),
        ("hold_else", "reject"),
        ("hold_message", " Later. "),
    ];
    let saved = client.post(&path, &[&base[..], &right].concat()).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let mut conn = house.t.app.read().await.unwrap();
    let row = assessdesk::store::customers::find(&mut conn, &Viewer::system(), house.customer.id)
        .await
        .unwrap()
        .unwrap();
    drop(conn);
    assert_eq!((row.hold_seconds, row.hold_else), (Some(6), HoldElse::Reject));
    assert_eq!(row.hold_message, "Later.");
    let mut admin = house.t.sign_in_as(Role::Admin).await;
    let audit = admin.get("/audit").await;
    assert!(
        audit.text.contains("hold: not at all → 6 s, then rejected"),
        "{}",
        audit.text
    );
});

crate::both!(a_database_that_is_busy_when_the_time_is_up_delays_the_answer, |t| {
    let house = House::new(t, HoldElse::Reject).await;
    let (sent, _) = house.held("o-1").await;
    let busy = house.t.app.db.begin().await.unwrap();
    house.seconds_pass(8);
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(busy);
    assert_eq!(sent.await.unwrap().0, 422);
});

/// A database that stays busy: the webhook is asked to come again in good time, and nobody is told what is not written.
#[tokio::test]
async fn a_database_that_stays_busy_leaves_the_order_received() {
    let house = House::new(TestApp::new(Engine::Sqlite).await, HoldElse::Reject).await;
    let (sent, _) = house.held("o-1").await;
    let busy = house.t.app.db.begin().await.unwrap();
    house.seconds_pass(8);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!sent.is_finished(), "it is tried again");
    house.seconds_pass(4);
    assert_eq!(sent.await.unwrap().0, 503, "well inside the ATS's patience");
    drop(busy);
    let row = house.until("o-1", |row| row.hold_until.is_none()).await;
    assert_eq!(
        (row.stage, row.answered_at, row.decision),
        (Stage::Received, None, None)
    );
}

crate::both!(
    today_tells_how_many_held_rejections_arrived_and_when_to_wait_less,
    |t| {
        let house = House::new(t, HoldElse::Reject).await;
        let mut client = house.client().await;
        assert!(!client.get("/").await.text.contains("Rejections while the ATS waited"));
        for number in 0..6 {
            let id = format!("o-{number}");
            house.open_desk(Viewer::staff(house.person, Role::Operator, true));
            let (sent, _) = house.held(&id).await;
            house.seconds_pass(8);
            assert_eq!(sent.await.unwrap().0, 422);
            house.until(&id, |row| row.answered_at.is_some()).await;
            let status = if number == 0 {
                KomboStatus::Cancelled
            } else {
                KomboStatus::Rejected
            };
            let row = house.order(&id).await;
            let seen = Event::Observed {
                status,
                at: house.t.app.clock.now(),
            };
            happen(&house.t, row.id, seen).await;
            let page = client.get("/").await;
            if number == 1 {
                assert!(
                    page.text.contains("1 of the last 2 reached the recruiter"),
                    "{}",
                    page.text
                );
                assert!(!page.text.contains("Let it wait"), "two say nothing yet");
            }
        }
        let page = client.get("/").await;
        assert!(
            page.text.contains("5 of the last 6 reached the recruiter"),
            "{}",
            page.text
        );
        assert!(page.text.contains("Let it wait 6 s instead of 8 s"), "{}", page.text);
        let mut limited = house.t.sign_in_limited(Role::Operator, &[]).await;
        assert!(!limited.get("/").await.text.contains("Rejections while the ATS waited"));
    }
);

/// How many webhooks wait when the real program is asked to stop, or killed.
const OPEN: usize = 50;

/// The real program with this many open holds.
struct Waiting {
    dir: tempfile::TempDir,
    port: u16,
    program: Program,
    integration: assessdesk::domain::ids::IntegrationId,
    sent: Vec<JoinHandle<Option<(u16, Value)>>>,
}

impl Waiting {
    async fn new() -> Self {
        assessdesk::kombo::install_tls();
        let dir = tempfile::tempdir().unwrap();
        let t = TestApp::beside(dir.path()).await;
        let customer = fixtures::customer(&t, |row| {
            hold(row, HoldElse::Reject);
            row.hold_seconds = Some(10);
        })
        .await;
        let person = t.add_staff(Role::Operator, true).await;
        let cookie = t.sign_in(person).await.cookie().unwrap().to_owned();
        t.app.db.close().await;
        let port = free_port();
        let program = Program::start(dir.path(), port, &[]).await;
        let desk = reqwest::Client::new().get(format!("http://127.0.0.1:{port}/orders"));
        let page = desk.header("cookie", cookie).send().await.unwrap();
        assert_eq!(page.status(), 200, "somebody's desk is open");
        let sent = (0..OPEN).map(|number| tokio::spawn(knock(port, number))).collect();
        let waiting = Self {
            dir,
            port,
            program,
            integration: customer.integration,
            sent,
        };
        waiting.until_held(i64::try_from(OPEN).unwrap()).await;
        waiting
    }

    async fn db(&self) -> Db {
        Db::open(&Program::database_url(self.dir.path())).await.unwrap()
    }

    /// Waits until this many orders are held.
    async fn until_held(&self, many: i64) {
        let db = self.db().await;
        let wait = async {
            loop {
                let mut conn = db.read().await.unwrap();
                if assessdesk::store::holds::count(&mut conn).await.unwrap() == many {
                    break;
                }
                drop(conn);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(9), wait)
            .await
            .expect("they are held");
        db.close().await;
    }

    async fn orders(&self) -> Vec<OrderRow> {
        let db = self.db().await;
        let mut conn = db.read().await.unwrap();
        let mut rows = Vec::new();
        for number in 0..OPEN {
            let id = format!("o-{number}");
            let row = assessdesk::store::orders::find_by_kombo(&mut conn, self.integration, &id).await;
            rows.push(row.unwrap().expect("none is lost"));
        }
        rows
    }
}

/// Sends the webhook with this number; `None`: the line broke.
async fn knock(port: u16, number: usize) -> Option<(u16, Value)> {
    let body = order_event(&format!("e-{number}"), &format!("o-{number}")).to_string();
    let signature = assessdesk::kombo::signature::sign(&crate::support::WEBHOOK_SECRET.into(), body.as_bytes());
    let answer = reqwest::Client::new()
        .post(format!("http://127.0.0.1:{port}/webhooks/kombo"))
        .header("x-kombo-signature", signature)
        .body(body)
        .send()
        .await
        .ok()?;
    Some((answer.status().as_u16(), answer.json().await.ok()?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_answers_every_open_hold_by_its_setting_before_it_stops() {
    let mut waiting = Waiting::new().await;
    waiting.program.terminate().await;
    for sent in std::mem::take(&mut waiting.sent) {
        let (status, body) = sent.await.unwrap().expect("an answer");
        assert_eq!((status, &body["message"]), (422, &json!(TOO_LATE)));
    }
    assert!(waiting.program.ended().await.success());
    for row in waiting.orders().await {
        assert_eq!((row.stage, row.answered_at.is_some()), (Stage::Rejected, true));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_program_held_is_received_at_its_next_start_and_nothing_is_lost() {
    let mut waiting = Waiting::new().await;
    waiting.program.kill().await;
    for sent in std::mem::take(&mut waiting.sent) {
        assert_eq!(sent.await.unwrap(), None, "nobody was answered");
    }
    waiting.program = Program::start(waiting.dir.path(), waiting.port, &[]).await;
    waiting.until_held(0).await;
    for row in waiting.orders().await {
        assert_eq!(
            (row.stage, row.answered_at, row.decision),
            (Stage::Received, None, None)
        );
    }
    let (status, body) = knock(waiting.port, 7).await.expect("an answer");
    assert_eq!((status, &body["message"]), (422, &json!(TOO_LATE)), "decided afresh");
    waiting.program.kill().await;
}

/// A line that Kombo cuts is noticed at once, though nothing is read from it or written to it meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_ends_the_hold() {
    let t = TestApp::new(Engine::Sqlite).await;
    let house = House::new(t, HoldElse::Reject).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = house.t.app.clone();
    tokio::spawn(async move { assessdesk::server::answer(&app, listener).await });
    let knocking = tokio::spawn(knock(port, 1));
    house.until("o-1", |row| row.hold_until.is_some()).await;
    knocking.abort();
    let row = house.until("o-1", |row| row.hold_until.is_none()).await;
    assert_eq!((row.stage, row.answered_at), (Stage::Received, None));
}
