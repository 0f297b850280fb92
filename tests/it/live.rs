//! Hints of changes reach whoever may see the thing, and nobody else; a stream ends when its person may not be here.

use crate::support::customers;
use crate::support::desk::{press, waiting};
use crate::support::{Engine, TestApp};
use assessdesk::app::streams;
use assessdesk::domain::ids::CustomerId;
use assessdesk::domain::role::Role;
use assessdesk::live::{Hint, Kind};
use assessdesk::store::{audit, staff};
use axum::http::StatusCode;
use std::time::Duration;
use uuid::Uuid;

const STRANGE: Uuid = Uuid::from_u128(0xbad);
const BEAT: &str = ":\nevent: beat\ndata: {}\n\n";
const LAST: Uuid = Uuid::from_u128(0x1a57);

/// Tells everybody of something of this kind and customer.
fn tell(t: &TestApp, kind: Kind, id: Uuid, customer: Option<CustomerId>) {
    t.app.live.send(Hint { kind, id, customer });
}

/// The reason in the stream's last event.
async fn why(stream: &mut crate::support::Stream) -> String {
    let (name, data) = stream.event().await.expect("a last event");
    assert_eq!(name, "over");
    assert_eq!(stream.event().await, None, "nothing comes after the end");
    data["why"].as_str().expect("a reason").to_owned()
}

crate::both!(a_change_reaches_an_open_page, |t| {
    let (_, order) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let mut stream = client.open("/live").await;
    assert_eq!(stream.status, StatusCode::OK);
    assert_eq!(stream.header("content-type"), "text/event-stream");
    assert_eq!(stream.header("cache-control"), "no-store, no-transform");
    assert_eq!(stream.header("x-accel-buffering"), "no");
    press(&t, &mut client, order.id, "accept", &[]).await;
    let (name, data) = stream.event().await.expect("an event");
    assert_eq!(name, "live");
    assert_eq!(data["order"], serde_json::json!([order.id.to_string()]));
});

crate::both!(a_limited_person_hears_of_their_own_customers_alone, |t| {
    let (theirs, order) = waiting(&t).await;
    let other = customers::customer(&t, "Other", "other").await;
    let mut stream = t.sign_in_limited(Role::Admin, &[theirs.id]).await.open("/live").await;
    stream.hello().await;
    for kind in [
        Kind::Order,
        Kind::Inbox,
        Kind::Delivery,
        Kind::Integration,
        Kind::Customer,
    ] {
        tell(&t, kind, STRANGE, Some(other.id));
        tell(&t, kind, STRANGE, None);
    }
    tell(&t, Kind::Order, order.id.0, Some(theirs.id));
    let (_, data) = stream.event().await.expect("an event");
    assert_eq!(data, serde_json::json!({"order": [order.id.to_string()]}));
});

crate::both!(a_customer_given_to_a_limited_person_is_heard_of_at_once, |t| {
    let other = customers::customer(&t, "Other", "other").await;
    let id = t.add_staff(Role::Operator, false).await;
    let mut stream = t.sign_in(id).await.open("/live").await;
    stream.hello().await;
    let mut conn = t.app.db.begin().await.expect("a transaction");
    staff::set_limits(&mut conn, id, &[other.id]).await.expect("limits");
    conn.commit().await.expect("committed");
    tell(&t, Kind::Staff, id.0, None);
    assert_eq!(stream.event().await.expect("an event").0, "again");
    tell(&t, Kind::Order, LAST, Some(other.id));
    let (_, data) = stream.event().await.expect("an event");
    assert_eq!(data, serde_json::json!({"order": [LAST.to_string()]}));
});

crate::both!(a_role_hears_only_of_what_it_may_open, |t| {
    let (customer, _) = waiting(&t).await;
    for (role, heard) in [
        (Role::Viewer, vec!["customer", "integration", "looking", "order"]),
        (
            Role::Operator,
            vec![
                "customer",
                "delivery",
                "inbox",
                "integration",
                "looking",
                "order",
                "reconciler",
            ],
        ),
    ] {
        let mut stream = t.sign_in_as(role).await.open("/live").await;
        stream.hello().await;
        let kinds = [
            Kind::Order,
            Kind::Looking,
            Kind::Inbox,
            Kind::Delivery,
            Kind::Integration,
            Kind::Customer,
            Kind::Reconciler,
            Kind::Staff,
        ];
        for kind in kinds {
            tell(&t, kind, LAST, Some(customer.id));
        }
        let (_, data) = stream.event().await.expect("an event");
        let kinds: Vec<_> = data.as_object().expect("kinds").keys().cloned().collect();
        assert_eq!(kinds, heard, "{role}");
    }
});

crate::both!(many_changes_become_one_event_and_each_thing_stands_in_it_once, |t| {
    let mut stream = t.sign_in_as(Role::Viewer).await.open("/live").await;
    stream.hello().await;
    for round in 0..50_u128 {
        tell(&t, Kind::Order, Uuid::from_u128(round % 5), None);
    }
    let (_, data) = stream.event().await.expect("an event");
    assert_eq!(data["order"].as_array().map(Vec::len), Some(5));
});

crate::both!(who_fell_behind_fetches_everything_again, |t| {
    let mut stream = t.sign_in_as(Role::Viewer).await.open("/live").await;
    stream.hello().await;
    for id in 0..3_000 {
        tell(&t, Kind::Inbox, Uuid::from_u128(id), None);
    }
    assert_eq!(
        stream.event().await.expect("an event"),
        ("again".into(), serde_json::json!({}))
    );
    tell(&t, Kind::Order, LAST, None);
    assert_eq!(stream.event().await.expect("an event").0, "live", "and goes on");
});

crate::both!(a_disabled_persons_stream_ends_at_once, |t| {
    let mut admin = t.sign_in_as(Role::Admin).await;
    let id = t.add_staff(Role::Operator, true).await;
    let mut client = t.sign_in(id).await;
    let mut stream = client.open("/live").await;
    stream.hello().await;
    assert_eq!(t.app.presence.open_desks(t.app.clock.now()).len(), 1);
    admin
        .post(&format!("/staff/{}/disable", id.0), &[("version", "1")])
        .await;
    assert_eq!(why(&mut stream).await, "signed-out");
    assert!(
        t.app
            .presence
            .open_desks(t.app.clock.now())
            .iter()
            .all(|desk| desk.staff_id() != Some(id)),
        "nobody waits for their decision"
    );
    assert_eq!(client.get("/live").await.status, StatusCode::SEE_OTHER);
});

crate::both!(a_demoted_persons_stream_begins_anew, |t| {
    let mut admin = t.sign_in_as(Role::Admin).await;
    let id = t.add_staff(Role::Operator, true).await;
    let mut stream = t.sign_in(id).await.open("/live").await;
    stream.hello().await;
    let form = [
        ("name", "Mira"),
        ("role", "viewer"),
        ("all_customers", "1"),
        ("version", "1"),
    ];
    let answer = admin.post(&format!("/staff/{}", id.0), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(why(&mut stream).await, "changed");
});

crate::both!(signing_out_ends_the_streams_of_that_browser_alone, |t| {
    let id = t.add_staff(Role::Operator, true).await;
    let (mut here, mut there) = (t.sign_in(id).await, t.sign_in(id).await);
    let (mut ends, mut stays) = (here.open("/live").await, there.open("/live").await);
    ends.hello().await;
    stays.hello().await;
    here.post("/sign-out", &[]).await;
    assert_eq!(why(&mut ends).await, "signed-out");
    // It was looked up again, and goes on.
    assert_eq!(stays.event().await.expect("an event").0, "again");
    tell(&t, Kind::Order, LAST, None);
    assert_eq!(stays.event().await.expect("an event").0, "live");
});

crate::both!(signing_out_everywhere_else_ends_the_other_streams, |t| {
    let id = t.add_staff(Role::Operator, true).await;
    let (mut here, mut there) = (t.sign_in(id).await, t.sign_in(id).await);
    let mut ends = there.open("/live").await;
    ends.hello().await;
    here.post("/account/sessions/end-others", &[]).await;
    assert_eq!(why(&mut ends).await, "signed-out");
});

crate::both!(a_stop_of_the_program_ends_every_stream, |t| {
    let mut stream = t.sign_in_as(Role::Viewer).await.open("/live").await;
    stream.hello().await;
    assert_eq!(t.app.streams.count(), 1);
    t.app.stop.cancel();
    assert_eq!(why(&mut stream).await, "stopping");
    drop(stream);
    assert_eq!(t.app.streams.count(), 0);
});

crate::both!(the_oldest_of_too_many_streams_gives_way, |t| {
    let id = t.add_staff(Role::Viewer, true).await;
    let mut client = t.sign_in(id).await;
    let mut oldest = client.open("/live").await;
    oldest.hello().await;
    let mut others = Vec::new();
    for _ in 0..streams::MOST {
        others.push(client.open("/live").await);
    }
    assert_eq!(why(&mut oldest).await, "replaced");
    assert_eq!(t.app.streams.of(id), streams::MOST);
});

/// On this engine with a heartbeat every few milliseconds.
async fn with_fast_heart(engine: Engine) -> Option<TestApp> {
    if !engine.is_there() {
        return None;
    }
    Some(TestApp::with(engine, &["--live-heartbeat=5ms", "--metrics-token=m"]).await)
}

#[tokio::test]
async fn a_heartbeat_keeps_the_desk_open_and_notices_the_end_of_the_session() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(t) = with_fast_heart(engine).await else {
            continue;
        };
        let id = t.add_staff(Role::Operator, true).await;
        let mut client = t.sign_in(id).await;
        let mut stream = client.open("/live").await;
        stream.hello().await;
        t.advance(Duration::from_mins(5));
        assert_eq!(stream.piece().await.as_deref(), Some(BEAT));
        let open = t.app.presence.open_desks(t.app.clock.now());
        assert_eq!(
            open.iter()
                .map(assessdesk::domain::viewer::Viewer::staff_id)
                .collect::<Vec<_>>(),
            [Some(id)]
        );
        let metrics = t.client().with("authorization", "Bearer m").get("/metrics").await.text;
        assert!(metrics.contains("\nassessdesk_live_streams 1\n"), "{metrics}");
        t.advance(Duration::from_hours(13));
        let mut last = stream.piece().await;
        while last.as_deref() == Some(BEAT) {
            last = stream.piece().await;
        }
        assert!(
            last.is_some_and(|last| last.contains("signed-out")),
            "an open page is no use of the session"
        );
    }
}

crate::both!(an_open_stream_is_no_use_of_the_session_and_writes_no_line, |t| {
    let (_, order) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    t.advance(Duration::from_mins(10));
    let seen = seen_at(&t).await;
    client.open("/live").await.hello().await;
    let mut quiet = client.same().with("assessdesk-live", "1");
    quiet.get("/orders").await;
    quiet.post(&format!("/orders/{}/here", order.id), &[]).await;
    assert_eq!(seen_at(&t).await, seen);
    client.get("/orders").await;
    assert!(seen_at(&t).await > seen, "a page that a person opens is one");
    let mut conn = t.app.read().await.expect("a connection");
    let lines = audit::of_order(&mut conn, &assessdesk::domain::viewer::Viewer::system(), order.id).await;
    assert_eq!(lines.expect("read").len(), 1, "only its arrival");
});

/// When the one session of the database was last used.
async fn seen_at(t: &TestApp) -> assessdesk::domain::time::Timestamp {
    let mut conn = t.app.read().await.expect("a connection");
    let member = staff::list(&mut conn).await.expect("read").remove(0);
    let listed = assessdesk::store::sessions::of_staff(&mut conn, member.id, t.app.clock.now()).await;
    listed.expect("read").remove(0).seen_at
}
