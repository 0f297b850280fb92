//! What the house knows of a customer: people, tags, who looks after it, how to work on its orders.

use crate::support::practice::Practice;
use crate::support::{Answer, Client};
use assessdesk::domain::role::Role;
use assessdesk::store::audit;
use axum::http::StatusCode;

async fn save(client: &mut Client, page: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![("owner", "")];
    form.extend(more);
    client.post(page, &form).await
}

crate::both!(a_card_is_kept_and_its_instructions_stand_beside_each_order, |t| {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let page = format!("/customers/{}/card", p.customer.id);
    assert!(client.get(&page).await.text.contains("Nobody in particular"));
    let form = [
        ("version", "0"),
        ("tags", "pilot, Nordics, PILOT"),
        ("instructions", "Call Ada before you cancel."),
        ("notes", "Pays in spring."),
        ("contact_name", ""),
        ("contact_role", ""),
        ("contact_email", ""),
        ("contact_phone", ""),
        ("contact_name", "Ada Berg"),
        ("contact_role", "Recruiting"),
        ("contact_email", "ada.berg@halden.example"),
        ("contact_phone", "+47 22 00 00 00"),
    ];
    assert_eq!(save(&mut client, &page, &form).await.status, StatusCode::SEE_OTHER);
    let customer = client.get(&format!("/customers/{}", p.customer.id)).await.text;
    for part in [
        "Ada Berg",
        "Recruiting",
        "ada.berg@halden.example",
        "pilot, Nordics<",
        "Pays in spring.",
    ] {
        assert!(customer.contains(part), "{part}");
    }
    let found = client.get("/customers?q=NORDIC").await.text;
    assert!(found.contains("Halden Logistics"), "a tag finds it");
    assert!(
        !client
            .get("/customers?q=nordix")
            .await
            .text
            .contains("Halden Logistics")
    );
    let order = p.order("o-1").await;
    let mut operator = p.t.sign_in_as(Role::Operator).await;
    let order = operator.get(&format!("/orders/{}", order.id)).await.text;
    assert!(order.contains("Call Ada before you cancel."));

    let mut conn = p.t.app.read().await.expect("a connection");
    let line = audit::newest_of_subject(&mut conn, p.customer.id.0, "customer.card_changed")
        .await
        .expect("read")
        .expect("a line");
    let told = format!("{:?}", line.detail);
    assert!(told.contains("contacts") && !told.contains("Ada"), "{told}");
});

crate::both!(
    what_somebody_else_saved_meanwhile_is_shown_and_what_was_typed_stays,
    |t| {
        let p = Practice::new(t).await;
        let mut client = p.t.sign_in_as(Role::Manager).await;
        let page = format!("/customers/{}/card", p.customer.id);
        let first = [("version", "0"), ("notes", "One.")];
        assert_eq!(save(&mut client, &page, &first).await.status, StatusCode::SEE_OTHER);
        let late = [("version", "0"), ("notes", "Two."), ("contact_name", "Bo Lind")];
        let refused = save(&mut client, &page, &late).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.text.contains("One.") && refused.text.contains("Two.") && refused.text.contains("Bo Lind"));
        assert!(refused.text.contains("name=\"version\" value=\"1\""));
        let again = [("version", "1"), ("notes", "Two.")];
        assert_eq!(save(&mut client, &page, &again).await.status, StatusCode::SEE_OTHER);
    }
);

crate::both!(a_card_that_makes_no_sense_is_refused_at_its_field, |t| {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let page = format!("/customers/{}/card", p.customer.id);
    let bad = [
        ("version", "0"),
        ("contact_name", "Ada"),
        ("contact_email", "nobody"),
        ("notes", "Kept."),
    ];
    let refused = save(&mut client, &page, &bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("contacts-error") && refused.text.contains("Kept.") && refused.text.contains("nobody")
    );
    let mut viewer = p.t.sign_in_as(Role::Viewer).await;
    assert_eq!(viewer.get(&page).await.status, StatusCode::OK);
    assert_eq!(
        save(&mut viewer, &page, &[("version", "0")]).await.status,
        StatusCode::FORBIDDEN
    );
});
