//! When an order's result is due: counted in the customer's business hours, or by the clock where it has none.

use crate::support::TestApp;
use crate::support::fixtures::{self, order_event};
use assessdesk::domain::time::Timestamp;
use assessdesk::intake::Intake;

/// An order that arrives then; says when its result is due.
async fn due(t: &TestApp, customer: &fixtures::Customer, intake: &Intake, arrives: &str, order: &str) -> Timestamp {
    let now = t.app.clock.now();
    t.app.clock.advance(at(arrives).since(now));
    let (status, _) = fixtures::send(intake, &order_event(&format!("e-{order}"), order)).await;
    assert_eq!(status, 200);
    let row = fixtures::order(t, customer.integration, order).await;
    assert_eq!(row.received_at, at(arrives));
    row.due_at
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a moment")
}

crate::both!(hours_until_due_pass_only_while_the_customer_is_at_work, |t| {
    let customer = fixtures::customer(&t, |row| row.due_hours = 8).await;
    let intake = Intake::start(t.app.clone());
    let friday = "2027-01-15T16:00:00+01:00";
    let by_the_clock = due(&t, &customer, &intake, friday, "o-1").await;
    assert_eq!(by_the_clock, at("2027-01-16T00:00:00+01:00"));
    t.change_customer(customer.id, |row| {
        row.time_zone = "Europe/Oslo".into();
        row.business_hours = Some("09:00-17:00 09:00-17:00 09:00-17:00 09:00-17:00 09:00-17:00 - -".into());
    })
    .await;
    let in_hours = due(&t, &customer, &intake, friday, "o-2").await;
    assert_eq!(in_hours, at("2027-01-18T16:00:00+01:00"));
    t.say("UPDATE packages SET due_hours = 2").await;
    let of_the_package = due(&t, &customer, &intake, "2027-03-26T16:00:00+01:00", "o-3").await;
    assert_eq!(
        of_the_package,
        at("2027-03-29T10:00:00+02:00"),
        "clocks were put forward"
    );
    intake.finish().await;
    let first = fixtures::order(&t, customer.integration, "o-1").await;
    assert_eq!(first.due_at, by_the_clock, "orders that are there keep their time");
});
