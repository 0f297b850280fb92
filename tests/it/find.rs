//! `/find`: what is found by whom.

use crate::support::customers;
use crate::support::desk::waiting;
use assessdesk::domain::role::Role;
use axum::http::StatusCode;

crate::both!(orders_customers_packages_and_pages_are_found, |t| {
    let (customer, order) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    for (asked, found) in [
        ("li wei", format!("href=\"/orders/{}\"", order.id)),
        ("halden", format!("href=\"/customers/{}\"", customer.id)),
        ("typescript", "href=\"/packages/".to_owned()),
        ("DATA engineer", format!("href=\"/orders/{}\"", order.id)),
        ("o-1", format!("href=\"/orders/{}\"", order.id)),
        ("outb", "href=\"/outbox\"".to_owned()),
    ] {
        let query = format!("/find?q={}", asked.replace(' ', "+"));
        let page = client.get(&query).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.text.contains("<h1>Find</h1>") && page.text.contains(&found),
            "{asked}: {}",
            page.text
        );
        let mut dialog = client
            .same()
            .with("hx-request", "true")
            .with("hx-request-type", "partial");
        let part = dialog.get(&query).await.text;
        assert!(
            part.contains("role=\"option\"") && part.contains(&found),
            "{asked}: {part}"
        );
        assert!(!part.contains("<h1>"), "{part}");
    }
    let nothing = client.get("/find?q=%25%25+nobody").await.text;
    assert!(nothing.contains("Nothing found"), "{nothing}");
});

crate::both!(a_limited_person_finds_only_what_they_may_see, |t| {
    let (customer, order) = waiting(&t).await;
    let other = customers::customer(&t, "Halden Bank", "hb").await;
    let mut limited = t.sign_in_limited(Role::Operator, &[other.id]).await;
    let found = limited.get("/find?q=halden").await.text;
    assert!(
        found.contains("Halden Bank") && !found.contains("Halden Logistics"),
        "{found}"
    );
    let recent = format!(
        "/find?recent=/orders/{},/customers/{},/customers/{}",
        order.id, customer.id, other.id
    );
    let last = limited.get(&recent).await.text;
    assert!(last.contains("Halden Bank"), "{last}");
    for found in [limited.get("/find?q=wei").await.text, found, last] {
        assert!(
            !found.contains("Li Wei") && !found.contains("Halden Logistics"),
            "{found}"
        );
    }
    let mut all = t.sign_in_as(Role::Operator).await;
    let last = all.get(&recent).await.text;
    assert!(last.contains("Li Wei") && last.contains("Halden Logistics"), "{last}");
});

crate::both!(pages_are_found_by_the_roles_that_may_open_them, |t| {
    let mut viewer = t.sign_in_as(Role::Viewer).await;
    let mut admin = t.sign_in_as(Role::Admin).await;
    for (asked, path) in [("staff", "/staff"), ("reasons", "/reasons"), ("inbox", "/inbox")] {
        let link = format!("<b><a href=\"{path}\">");
        let query = format!("/find?q={asked}");
        assert!(admin.get(&query).await.text.contains(&link), "{asked}");
        assert!(!viewer.get(&query).await.text.contains(&link), "{asked}");
    }
});

crate::both!(looking_for_something_does_not_swallow_what_is_to_be_said, |t| {
    let mut admin = t.sign_in_as(Role::Admin).await;
    let own = [("name", "Mira Kovač"), ("zone", "Europe/Berlin"), ("theme", "auto")];
    admin.post("/account", &own).await;
    let mut dialog = admin
        .same()
        .with("hx-request", "true")
        .with("hx-request-type", "partial");
    dialog.get("/find?q=or").await;
    let page = admin.get("/account").await.text;
    assert!(page.contains("Your settings are saved."));
    assert!(page.contains("<body data-keys=\"off\">"), "the box was not ticked");
    admin
        .post("/account", &[&own[..], &[("single_keys", "on")]].concat())
        .await;
    assert!(!admin.get("/account").await.text.contains("data-keys=\"off\""));
});
