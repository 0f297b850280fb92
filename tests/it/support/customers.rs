//! Small builders for customers and their integrations.

use super::TestApp;
use assessdesk::actions::create_customer;
use assessdesk::domain::customer::{CustomerInput, CustomerTerms, DEFAULT_DUE_HOURS};
use assessdesk::domain::ids::IntegrationId;
use assessdesk::domain::intake::{CustomerSettings, TakeOrders, UnknownPackage, WithdrawnPackage};
use assessdesk::store::customers::CustomerRow;
use assessdesk::store::integrations;

/// What a person says who has nothing special to say.
pub fn input(name: &str, origin_id: &str) -> CustomerInput {
    CustomerInput {
        name: name.to_owned(),
        origin_id: origin_id.to_owned(),
        contact_email: "people@customer.example".to_owned(),
        settings: CustomerSettings {
            take_orders: TakeOrders::Accept,
            hold: None,
            unknown_package: UnknownPackage::Take,
            unknown_message: String::new(),
            withdrawn_package: WithdrawnPackage::Serve,
            withdrawn_message: String::new(),
            invite: false,
            language: assessdesk::domain::language::Language::En,
            due_hours: DEFAULT_DUE_HOURS,
        },
        terms: CustomerTerms::default(),
    }
}

/// A customer that takes every order at once.
pub async fn customer(t: &TestApp, name: &str, origin_id: &str) -> CustomerRow {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = create_customer::create(&mut work, input(name, origin_id))
        .await
        .expect("a customer");
    work.commit().await.expect("committed");
    row
}

/// An integration that nobody knows but by Kombo's id.
pub async fn unknown_integration(t: &TestApp, kombo_id: &str) -> IntegrationId {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let (id, now) = (work.new_id(), work.now);
    integrations::insert_unknown(&mut work.conn, id, kombo_id, now)
        .await
        .expect("an integration");
    work.commit().await.expect("committed");
    id
}

/// An integration of `customer`.
pub async fn integration(t: &TestApp, kombo_id: &str, customer: &CustomerRow) -> IntegrationId {
    let id = unknown_integration(t, kombo_id).await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    assessdesk::actions::assign_integration::assign(&mut work, id, customer.id)
        .await
        .expect("assigned");
    work.commit().await.expect("committed");
    id
}
