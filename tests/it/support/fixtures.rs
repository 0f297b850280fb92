//! Small builders: a customer with a connected ATS and published packages, and webhooks as Kombo signs them.

use super::{TestApp, WEBHOOK_SECRET};
use assessdesk::domain::ids::{CustomerId, IntegrationId, OrderId, PackageId};
use assessdesk::domain::intake::{HoldElse, TakeOrders, UnknownPackage, WithdrawnPackage};
use assessdesk::domain::integration::IntegrationState;
use assessdesk::domain::language::Language;
use assessdesk::domain::package::{OfferLine, PackageType};
use assessdesk::domain::package_texts::PackageTexts;
use assessdesk::domain::publication::PublicationState;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::{self, Intake};
use assessdesk::kombo::signature;
use assessdesk::store::customers::{self, CustomerRow};
use assessdesk::store::integrations::{self, IntegrationRow};
use assessdesk::store::orders::{self, OrderRow};
use assessdesk::store::packages::{self, PackageRow};
use assessdesk::store::publications::{self, PublicationRow};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use serde_json::{Value, json};

/// Kombo's id of the integration that [`customer`] makes.
pub const INTEGRATION: &str = "greenhouse:HWUTwvyx2wLoSUHphiWVrp28";

/// The key of the package that [`customer`] offers.
pub const PACKAGE: &str = "typescript-senior";

/// A customer with a connected ATS and one published package.
pub struct Customer {
    pub id: CustomerId,
    pub integration: IntegrationId,
}

/// Makes one that takes every order at once; `change` may set it up otherwise.
pub async fn customer(t: &TestApp, change: impl FnOnce(&mut CustomerRow)) -> Customer {
    let (id, integration, package) = (t.app.clock.new_id(), t.app.clock.new_id(), t.app.clock.new_id());
    let mut row = customer_row(t, id);
    change(&mut row);
    let mut work = t.app.begin_system().await.expect("a transaction");
    t.app
        .vault
        .ensure_key(&mut work.conn, &t.app.clock, Some(id))
        .await
        .expect("a data key");
    customers::insert(&mut work.conn, &row).await.expect("a customer");
    let connected = IntegrationRow {
        customer_id: Some(id),
        state: IntegrationState::Active,
        organization_name: row.name.clone(),
        origin_id: Some(row.origin_id.clone()),
        ..IntegrationRow::unknown(integration, INTEGRATION, t.app.clock.now())
    };
    integrations::insert(&mut work.conn, &connected)
        .await
        .expect("an integration");
    packages::insert(&mut work.conn, &package_row(t, package))
        .await
        .expect("a package");
    publish(t, &mut work, integration, 1, &[line(PACKAGE, "TypeScript, senior")]).await;
    work.commit().await.expect("committed");
    Customer { id, integration }
}

impl TestApp {
    /// The customer wants something else from now on.
    pub async fn change_customer(&self, id: CustomerId, change: impl FnOnce(&mut CustomerRow)) {
        let mut work = self.app.begin_system().await.expect("a transaction");
        let viewer = work.viewer;
        let row = customers::find(&mut work.conn, &viewer, id).await.expect("read");
        let mut row = row.expect("a customer");
        change(&mut row);
        customers::save(&mut work.conn, &mut row).await.expect("saved");
        work.commit().await.expect("committed");
    }
}

/// A customer that takes every order at once.
pub fn customer_row(t: &TestApp, id: CustomerId) -> CustomerRow {
    CustomerRow {
        id,
        name: "Halden Logistics".into(),
        origin_id: id.to_string(),
        contact_email: "ats@halden.example".into(),
        take_orders: TakeOrders::Accept,
        unknown_package: UnknownPackage::Take,
        unknown_message: String::new(),
        withdrawn_package: WithdrawnPackage::Serve,
        withdrawn_message: String::new(),
        invite: false,
        due_hours: 72,
        hold_seconds: None,
        hold_else: HoldElse::Accept,
        hold_message: String::new(),
        language: Language::En,
        time_zone: "UTC".into(),
        business_hours: None,
        credits: None,
        created_at: t.app.clock.now(),
        archived_at: None,
        version: 1,
    }
}

fn package_row(t: &TestApp, id: PackageId) -> PackageRow {
    PackageRow {
        id,
        key: PACKAGE.into(),
        name: "TypeScript, senior".into(),
        name_folded: "typescript, senior".into(),
        description: "Ninety minutes of TypeScript.".into(),
        kind: PackageType::SkillsTest,
        start_url: "https://tests.example/start?order={order}".into(),
        max_score: "100".into(),
        duration_minutes: Some(40),
        tags: String::new(),
        regions: String::new(),
        due_hours: None,
        result_parts: String::new(),
        score_bands: String::new(),
        retired_at: None,
        created_at: t.app.clock.now(),
        version: 1,
        texts: PackageTexts::default(),
    }
}

/// One line of an offer.
pub fn line(key: &str, name: &str) -> OfferLine {
    OfferLine {
        key: key.into(),
        name: name.into(),
        description: "A test.".into(),
        kind: PackageType::SkillsTest,
    }
}

/// Writes a publication that Kombo has confirmed.
pub async fn publish(
    t: &TestApp,
    work: &mut assessdesk::actions::work::Work,
    integration: IntegrationId,
    number: i64,
    lines: &[OfferLine],
) {
    let row = PublicationRow {
        id: t.app.clock.new_id(),
        integration_id: integration,
        number,
        state: PublicationState::Confirmed,
        based_on: None,
        reason: String::new(),
        created_by: None,
        created_at: t.app.clock.now(),
        confirmed_at: Some(t.app.clock.now()),
        restores: None,
    };
    publications::insert(&mut work.conn, &row, lines)
        .await
        .expect("a publication");
}

/// The webhook of an order as Kombo tells it.
pub fn order_event(event: &str, order: &str) -> Value {
    json!({
        "id": event,
        "type": "assessment:order-received",
        "data": {
            "id": order,
            "package_id": PACKAGE,
            "status": "OPEN",
            "integration_id": INTEGRATION,
            "candidate": {
                "remote_id": "c-1", "email": "li.wei@example.com", "first_name": "Li", "last_name": "Wei", "phone": "+49 30 1234567"
            },
            "application": {"remote_id": "a-1"},
            "job": {
                "remote_id": "j-1", "name": "Data engineer", "job_code": "DE-7",
                "description": "<p>Build <b>pipelines</b>.</p>",
                "location": {"city": "Oslo", "country": "NO"},
                "hiring_team": [{"remote_id": "u-1", "first_name": "Ada", "last_name": "Berg", "email": "ada@halden.example", "hiring_team_roles": ["RECRUITER"]}]
            }
        }
    })
}

/// Sends a webhook, signed, and reads its answer.
pub async fn send(intake: &Intake, event: &Value) -> (u16, Value) {
    let body = event.to_string();
    let signature = signature::sign(&WEBHOOK_SECRET.into(), body.as_bytes());
    send_raw(intake, body.into_bytes(), Some(&signature)).await
}

/// Sends any bytes with any signature.
pub async fn send_raw(intake: &Intake, body: Vec<u8>, signature: Option<&str>) -> (u16, Value) {
    let mut headers = HeaderMap::new();
    if let Some(signature) = signature {
        headers.insert("x-kombo-signature", HeaderValue::from_str(signature).expect("a header"));
    }
    let response = intake::receive(intake, &headers, Body::from(body), None).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// The order that Kombo calls `kombo_id`.
pub async fn order(t: &TestApp, integration: IntegrationId, kombo_id: &str) -> OrderRow {
    let mut conn = t.app.read().await.expect("a connection");
    let order = orders::find_by_kombo(&mut conn, integration, kombo_id)
        .await
        .expect("read");
    order.expect("an order")
}

/// The actions that the order's timeline tells, oldest first.
pub async fn timeline(t: &TestApp, order: OrderId) -> Vec<String> {
    let mut conn = t.app.read().await.expect("a connection");
    let lines = assessdesk::store::audit::of_order(&mut conn, &Viewer::system(), order)
        .await
        .expect("read");
    lines.into_iter().map(|line| line.action).collect()
}
