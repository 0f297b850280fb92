//! Kombo tells of integrations, or is asked about them.

use crate::support::TestApp;
use crate::support::answers::{Answering, refusal, success};
use crate::support::customers::{customer, unknown_integration};
use crate::support::fixtures;
use assessdesk::actions::make_connection_link::{self, Wanted};
use assessdesk::actions::{Error, assign_integration, integration_news, publish_offer};
use assessdesk::domain::delivery::DeliveryState;
use assessdesk::domain::ids::{IntegrationId, PublicationId};
use assessdesk::domain::integration::IntegrationState;
use assessdesk::domain::order::Stage;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::intake::integrations::look_up_due;
use assessdesk::kombo::wire::Event;
use assessdesk::store::integrations::{self, IntegrationRow};
use assessdesk::store::orders::OrderRow;
use assessdesk::store::{audit, candidates, connection_links, orders, publications};
use serde_json::{Value, json};
use std::time::Duration;

const ID: &str = "greenhouse:abc";

fn event(kind: &str, data: &Value) -> Event {
    let body = json!({"id": "event", "type": kind, "data": data}).to_string();
    assessdesk::kombo::wire::Envelope::read(body.as_bytes())
        .expect("an envelope")
        .event()
        .expect("an event")
}

fn end_user(origin: Option<&str>) -> Value {
    json!({"organization_name": "Northwind Bank", "creator_email": "a@b.example", "origin_id": origin})
}

fn created(category: &str, origin: Option<&str>) -> Event {
    let data = json!({"id": ID, "tool": "greenhouse", "category": category, "end_user": end_user(origin)});
    event("integration-created", &data)
}

fn state_changed(state: &str, at: &str) -> Event {
    let data = json!({
        "integration_tool": "greenhouse", "integration_id": ID, "integration_category": "ASSESSMENT",
        "end_user": end_user(None), "qa_status": "PASSED", "setup_status": "COMPLETED", "state": state,
        "updated_at": at,
    });
    event("integration-state-changed", &data)
}

async fn hear(t: &TestApp, event: &Event) -> integration_news::Heard {
    let mut work = t.app.begin(&Viewer::kombo()).await.expect("a transaction");
    let heard = integration_news::hear(&mut work, event).await.expect("heard");
    work.commit().await.expect("committed");
    heard
}

async fn row(t: &TestApp) -> IntegrationRow {
    let mut conn = t.app.read().await.expect("a connection");
    integrations::find_by_kombo_id(&mut conn, ID)
        .await
        .expect("read")
        .expect("there")
}

crate::both!(a_new_integration_joins_its_customer_by_origin_id, |t| {
    let customer = customer(&t, "Northwind Bank", "nw").await;
    let heard = hear(&t, &created("ASSESSMENT", Some("nw"))).await;
    assert!(heard.acted);
    assert_eq!(heard.customer_id, Some(customer.id));
    assert_eq!(row(&t).await.organization_name, "Northwind Bank");
});

crate::both!(an_integration_of_nobody_waits, |t| {
    let heard = hear(&t, &created("ASSESSMENT", Some("who"))).await;
    assert_eq!(heard.customer_id, None);
    let mut conn = t.app.read().await.expect("a connection");
    let waiting = integrations::unassigned(&mut conn, &Viewer::system())
        .await
        .expect("read");
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].integration.origin_id.as_deref(), Some("who"));
});

crate::both!(other_areas_of_kombo_are_none_of_ours, |t| {
    let heard = hear(&t, &created("HRIS", Some("nw"))).await;
    assert!(!heard.acted && heard.why.is_some());
    let mut conn = t.app.read().await.expect("a connection");
    let found = integrations::find_by_kombo_id(&mut conn, ID).await.expect("read");
    assert!(found.is_none());
});

crate::both!(older_news_never_undoes_newer, |t| {
    assert!(hear(&t, &state_changed("INVALID", "2026-11-24T08:00:00Z")).await.acted);
    assert!(!hear(&t, &state_changed("ACTIVE", "2026-11-24T07:00:00Z")).await.acted);
    assert_eq!(row(&t).await.state, IntegrationState::Invalid);
    assert!(hear(&t, &state_changed("ACTIVE", "2026-11-24T08:30:00Z")).await.acted);
    assert_eq!(row(&t).await.state, IntegrationState::Active);
});

crate::both!(a_deleted_integration_is_remembered_as_deleted, |t| {
    let data = json!({
        "id": ID, "tool": "greenhouse", "category": "ASSESSMENT", "end_user": end_user(None),
        "deleted_at": "2026-11-24T08:00:00Z",
    });
    let deleted = event("integration-deleted", &data);
    hear(&t, &deleted).await;
    hear(&t, &deleted).await;
    let row = row(&t).await;
    assert!(row.deleted_at.is_some());
    let mut conn = t.app.read().await.expect("a connection");
    let line = audit::newest_of_subject(&mut conn, row.id.0, "integration.deleted")
        .await
        .expect("read");
    assert!(line.is_some());
});

fn details(origin: Option<&str>, category: &str) -> Value {
    success(json!({
        "id": ID, "tool": {"id": "greenhouse", "label": "Greenhouse"}, "category": category,
        "status": "ACTIVE", "setup_status": "COMPLETED", "end_user": end_user(origin),
    }))
}

fn with_kombo(mut t: TestApp, kombo: &Answering) -> TestApp {
    t.app.kombo = Some(kombo.client.clone());
    t
}

crate::both!(an_unknown_integration_is_looked_up_and_joined, |t| {
    let kombo = Answering::start(vec![(
        "GET /integrations/greenhouse:abc",
        200,
        details(Some("nw"), "ASSESSMENT"),
    )])
    .await;
    let t = with_kombo(t, &kombo);
    let customer = customer(&t, "Northwind Bank", "nw").await;
    unknown_integration(&t, ID).await;
    let done = look_up_due(&t.app).await.expect("looked up");
    assert_eq!((done.asked, done.joined), (1, 1));
    let row = row(&t).await;
    assert_eq!(row.customer_id, Some(customer.id));
    assert_eq!(row.state, IntegrationState::Active);
    assert_eq!(look_up_due(&t.app).await.expect("looked up").asked, 0);
});

crate::both!(a_look_up_that_leads_to_nothing_says_why_and_waits, |t| {
    let kombo = Answering::start(vec![(
        "GET /integrations/greenhouse:abc",
        503,
        refusal("PLATFORM.UNKNOWN_ERROR"),
    )])
    .await;
    let t = with_kombo(t, &kombo);
    unknown_integration(&t, ID).await;
    look_up_due(&t.app).await.expect("looked up");
    assert!(row(&t).await.lookup_failed.is_some());
    assert_eq!(look_up_due(&t.app).await.expect("not due").asked, 0);
    for (answer, word) in [
        (details(Some("stranger"), "ASSESSMENT"), "stranger"),
        (details(None, "ASSESSMENT"), "without an id"),
        (details(None, "HRIS"), "HRIS"),
    ] {
        kombo.answers(vec![("GET /integrations/greenhouse:abc", 200, answer)]);
        t.advance(Duration::from_hours(7));
        assert_eq!(look_up_due(&t.app).await.expect("looked up").asked, 1);
        let why = row(&t).await.lookup_failed.expect("a reason");
        assert!(why.contains(word), "{why}");
    }
});

async fn make(t: &TestApp, id: assessdesk::domain::ids::CustomerId) -> Result<connection_links::LinkRow, Error> {
    let wanted = Wanted {
        tool: "greenhouse".into(),
        language: "de".into(),
        embedded: false,
    };
    make_connection_link::make(t.app.tools(), t.app.kombo.as_ref(), &Viewer::system(), id, wanted).await
}

crate::both!(a_connection_link_is_made_and_kept_sealed, |t| {
    let link = success(json!({"link": "https://connect.kombo.example/secret"}));
    let kombo = Answering::start(vec![("POST /connect/create-link", 200, link)]).await;
    let t = with_kombo(t, &kombo);
    let customer = customer(&t, "Northwind Bank", "nw").await;
    make(&t, customer.id).await.expect("a link");
    let asked = kombo.asked();
    assert_eq!(asked[0].body["end_user_origin_id"], "nw");
    assert_eq!(asked[0].body["integration_category"], "ASSESSMENT");
    assert_eq!(asked[0].body["integration_tool"], "greenhouse");
    assert_eq!(asked[0].body["link_type"], "MAGIC_LINK");
    let mut conn = t.app.read().await.expect("a connection");
    let links = connection_links::of_customer(&mut conn, customer.id, 10)
        .await
        .expect("read");
    assert!(!String::from_utf8_lossy(&links[0].row.link).contains("secret"));
    let opened = connection_links::open(&mut conn, &t.app.vault, &links[0].row)
        .await
        .expect("opened");
    assert_eq!(opened, "https://connect.kombo.example/secret");
});

crate::both!(a_link_that_kombo_refuses_is_told_in_plain_words, |t| {
    let refused = refusal("PLATFORM.AUTHENTICATION_INVALID");
    let kombo = Answering::start(vec![("POST /connect/create-link", 401, refused)]).await;
    let mut t = with_kombo(t, &kombo);
    let customer = customer(&t, "Northwind Bank", "nw").await;
    let why = make(&t, customer.id).await.expect_err("refused").to_string();
    assert!(why.contains("PLATFORM.AUTHENTICATION_INVALID"), "{why}");
    t.app.kombo = None;
    let why = make(&t, customer.id).await.expect_err("not configured").to_string();
    assert!(why.contains("API key"), "{why}");
});

crate::both!(a_limited_viewer_sees_nothing_unassigned, |t| {
    let id: IntegrationId = unknown_integration(&t, ID).await;
    let staff = assessdesk::domain::ids::StaffId(uuid::Uuid::from_u128(7));
    let limited = Viewer::staff(staff, assessdesk::domain::role::Role::Manager, false);
    let mut conn = t.app.read().await.expect("a connection");
    assert!(
        integrations::find(&mut conn, &limited, id)
            .await
            .expect("read")
            .is_none()
    );
    assert!(
        integrations::unassigned(&mut conn, &limited)
            .await
            .expect("read")
            .is_empty()
    );
    assert_eq!(
        integrations::count_unassigned(&mut conn, &limited).await.expect("read"),
        0
    );
});

/// An order that came through an integration that nobody knew.
async fn order_of_nobody(t: &TestApp) -> OrderRow {
    let intake = Intake::start(t.app.clone());
    let event = fixtures::order_event("e-1", "o-1");
    assert_eq!(fixtures::send(&intake, &event).await.0, 200);
    let mut conn = t.app.read().await.expect("a connection");
    let found = integrations::find_by_kombo_id(&mut conn, fixtures::INTEGRATION)
        .await
        .expect("read")
        .expect("there");
    drop(conn);
    fixtures::order(t, found.id, "o-1").await
}

crate::both!(everything_that_came_follows_its_integration_to_the_customer, |t| {
    let order = order_of_nobody(&t).await;
    assert_eq!(order.customer_id, None);
    let customer = customer(&t, "Northwind Bank", "nw").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    assign_integration::assign(&mut work, order.integration_id, customer.id)
        .await
        .expect("assigned");
    work.commit().await.expect("committed");
    let limited = t.add_staff(Role::Manager, false).await;
    let mut conn = t.app.db.begin().await.expect("a transaction");
    assessdesk::store::staff::set_limits(&mut conn, limited, &[customer.id])
        .await
        .expect("limits");
    let theirs = Viewer::staff(limited, Role::Manager, false);
    let seen = orders::find(&mut conn, &theirs, order.id)
        .await
        .expect("read")
        .expect("seen");
    assert_eq!(seen.version, order.version + 1);
    assert_eq!(
        assessdesk::store::order_lists::counts(&mut conn, &theirs, None)
            .await
            .expect("read"),
        [(Stage::Received, 1)]
    );
    let candidate = candidates::find(&mut conn, order.id)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(candidate.customer_id, Some(customer.id));
    let lines = audit::of_order(&mut conn, &theirs, order.id).await.expect("read");
    assert_eq!(lines.first().map(|line| line.action.as_str()), Some("order.received"));
});

crate::both!(orders_of_a_deleted_integration_are_flagged_and_stay, |t| {
    let order = order_of_nobody(&t).await;
    let data = json!({
        "id": fixtures::INTEGRATION, "tool": "greenhouse", "category": "ASSESSMENT", "end_user": end_user(None),
        "deleted_at": "2026-11-24T08:00:00Z",
    });
    hear(&t, &event("integration-deleted", &data)).await;
    let after = fixtures::order(&t, order.integration_id, "o-1").await;
    assert!(after.unreachable);
    assert_eq!(after.stage, Stage::Received);
    assert_eq!(look_up_due(&t.app).await.expect("nothing to ask").asked, 0);
});

crate::both!(what_is_parked_goes_out_again_when_the_integration_works, |t| {
    let customer = customer(&t, "Northwind Bank", "nw").await;
    hear(&t, &created("ASSESSMENT", Some("nw"))).await;
    hear(&t, &state_changed("INVALID", "2026-11-24T08:00:00Z")).await;
    let row = row(&t).await;
    assert_eq!(row.customer_id, Some(customer.id));
    let mut work = t.app.begin_system().await.expect("a transaction");
    let now = work.now;
    integrations::park(&mut work.conn, row.id, now, "INTEGRATION.AUTHENTICATION_INVALID")
        .await
        .expect("parked");
    let publication = publish_offer::publish(&mut work, row.id, empty_offer())
        .await
        .expect("queued");
    work.commit().await.expect("committed");
    assert_eq!(delivery_state(&t, publication.id).await, DeliveryState::Parked);
    hear(&t, &state_changed("ACTIVE", "2026-11-24T08:30:00Z")).await;
    assert_eq!(delivery_state(&t, publication.id).await, DeliveryState::Waiting);
});

fn empty_offer() -> publish_offer::Confirmed {
    publish_offer::Confirmed {
        offer_version: 1,
        empty_confirmed: true,
        ..publish_offer::Confirmed::default()
    }
}

async fn delivery_state(t: &TestApp, publication: PublicationId) -> DeliveryState {
    let mut conn = t.app.read().await.expect("a connection");
    let delivery = publications::delivery(&mut conn, publication).await.expect("read");
    delivery.expect("a delivery").1
}
