//! The desk's screens for customers, integrations, packages and publications, as a browser without JavaScript uses them.

use crate::support::answers::{Answering, success};
use crate::support::customers::{customer, integration, unknown_integration};
use crate::support::{Answer, Client, TestApp, texts};
use assessdesk::domain::role::Role;
use axum::http::StatusCode;
use scraper::{Html, Selector};
use serde_json::json;

/// What stands in the field `name` of the page's first form that has one.
fn value(answer: &Answer, selector: &str) -> String {
    let page = Html::parse_document(&answer.text);
    let selector = Selector::parse(selector).expect("a selector");
    let field = page.select(&selector).next().expect("a field");
    field.value().attr("value").unwrap_or_default().to_owned()
}

const SETTINGS: [(&str, &str); 10] = [
    ("contact_email", "people@northwind.example"),
    ("origin_id", "nw"),
    ("take_orders", "accept"),
    ("unknown_package", "take"),
    ("withdrawn_package", "serve"),
    ("due_hours", "48"),
    ("hold_seconds", "8"),
    ("hold_else", "accept"),
    ("hold_message", ""),
    ("candidate_language", "de"),
];

fn settings<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    SETTINGS.iter().copied().chain(more.iter().copied()).collect()
}

async fn created(client: &mut Client) -> String {
    let answer = client
        .post("/customers", &settings(&[("name", "Northwind Bank")]))
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location().to_owned()
}

crate::both!(a_customer_is_created_changed_and_found, |t| {
    let mut client = t.sign_in_as(Role::Manager).await;
    assert!(client.get("/customers").await.text.contains("No customers yet"));
    let address = created(&mut client).await;
    let page = client.get(&address).await;
    assert_eq!(value(&page, "#due_hours"), "48");
    let version = value(&page, "input[name=version]");
    let form = settings(&[("name", "Northwind"), ("version", &version), ("invite", "on")]);
    assert_eq!(client.post(&address, &form).await.status, StatusCode::SEE_OTHER);
    let list = client.get("/customers?q=NORTH").await;
    assert_eq!(texts(&list, "tbody b"), ["Northwind"]);
    let empty = client.get("/customers?q=nobody").await;
    assert!(empty.text.contains("No such customer"));
});

crate::both!(a_refused_form_keeps_what_was_typed, |t| {
    let mut client = t.sign_in_as(Role::Manager).await;
    let mut form = settings(&[("name", "Northwind Bank")]);
    form[0].1 = "nobody";
    form[5].1 = "soon";
    let answer = client.post("/customers", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(value(&answer, "#name"), "Northwind Bank");
    assert_eq!(value(&answer, "#due_hours"), "soon");
    assert!(!texts(&answer, "#due_hours-error").is_empty());
});

crate::both!(who_saves_second_sees_what_the_first_one_did, |t| {
    let mut first = t.sign_in_as(Role::Manager).await;
    let mut second = t.sign_in_as(Role::Admin).await;
    let address = created(&mut first).await;
    let one = settings(&[("name", "Northwind One"), ("version", "1")]);
    let two = settings(&[("name", "Northwind Two"), ("version", "1")]);
    assert_eq!(first.post(&address, &one).await.status, StatusCode::SEE_OTHER);
    let answer = second.post(&address, &two).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(texts(&answer, ".notice.soft dd"), ["Northwind One"]);
    assert_eq!(value(&answer, "#name"), "Northwind Two");
    let version = value(&answer, "input[name=version]");
    let again = settings(&[("name", "Northwind Two"), ("version", &version)]);
    assert_eq!(second.post(&address, &again).await.status, StatusCode::SEE_OTHER);
});

crate::both!(somebody_elses_customer_is_not_there, |t| {
    let mine = customer(&t, "Mine", "m").await;
    let other = customer(&t, "Other", "o").await;
    let integration = integration(&t, "greenhouse:abc", &other).await;
    let mut client = t.sign_in_limited(Role::Manager, &[mine.id]).await;
    assert_eq!(texts(&client.get("/customers").await, "tbody b"), ["Mine"]);
    assert_eq!(
        client.get(&format!("/customers/{}", mine.id)).await.status,
        StatusCode::OK
    );
    for path in [
        format!("/customers/{}", other.id),
        format!("/integrations/{integration}"),
        format!("/integrations/{integration}/publish"),
        format!("/integrations/{integration}/compare"),
    ] {
        assert_eq!(client.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let form = settings(&[("name", "Mine now"), ("version", "1")]);
    let answer = client.post(&format!("/customers/{}", other.id), &form).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = client
        .post(
            &format!("/integrations/{integration}/offer"),
            &[("do", "add"), ("version", "1")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
});

crate::both!(a_viewer_looks_and_changes_nothing, |t| {
    let row = customer(&t, "Northwind Bank", "nw").await;
    let mut client = t.sign_in_as(Role::Viewer).await;
    let page = client.get(&format!("/customers/{}", row.id)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(texts(&page, "main .btn.main").is_empty());
    assert!(!page.text.contains("data-copy"));
    let answer = client
        .post(&format!("/customers/{}/archive", row.id), &[("version", "1")])
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
});

async fn package(client: &mut Client, key: &str, name: &str) {
    let form = [
        ("key", key),
        ("name", name),
        ("type", "SKILLS_TEST"),
        ("max_score", "100"),
    ];
    let answer = client.post("/packages", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

crate::both!(the_catalogue_is_kept_through_its_pages, |t| {
    let mut client = t.sign_in_as(Role::Manager).await;
    package(&mut client, "ts-senior", "TypeScript, senior").await;
    package(&mut client, "video", "Video interview").await;
    let list = client.get("/packages?q=type").await;
    assert_eq!(texts(&list, "tbody b"), ["TypeScript, senior"]);
    let page = Html::parse_document(&list.text);
    let link = page.select(&Selector::parse("tbody a").expect("a selector")).next();
    let address = link.and_then(|it| it.value().attr("href")).expect("a link").to_owned();
    let bad = [
        ("version", "1"),
        ("name", ""),
        ("type", "SKILLS_TEST"),
        ("start_url", "nowhere"),
        ("max_score", "0"),
    ];
    let answer = client.post(&address, &bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(texts(&answer, ".error").len(), 3);
    let retire = [("version", "1"), ("retired", "on")];
    assert_eq!(
        client.post(&format!("{address}/retire"), &retire).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(texts(&client.get("/packages").await, "tbody b"), ["Video interview"]);
    assert_eq!(
        texts(&client.get("/packages?retired=on").await, "tbody b"),
        ["TypeScript, senior"]
    );
});

/// A manager at an integration's page, with two packages ticked and added.
async fn offered(t: &TestApp) -> (Client, String) {
    let row = customer(t, "Northwind Bank", "nw").await;
    let id = integration(t, "greenhouse:abc", &row).await;
    let mut client = t.sign_in_as(Role::Manager).await;
    package(&mut client, "ts-senior", "TypeScript, senior").await;
    package(&mut client, "video", "Video interview").await;
    let address = format!("/integrations/{id}");
    let page = client.get(&address).await;
    let ids = Html::parse_document(&page.text)
        .select(&Selector::parse("#found input[name=package]").expect("a selector"))
        .filter_map(|it| it.value().attr("value").map(str::to_owned))
        .collect::<Vec<_>>();
    let mut form = vec![("do", "add"), ("version", "1")];
    form.extend(ids.iter().map(|id| ("package", id.as_str())));
    let answer = client.post(&format!("{address}/offer"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    (client, address)
}

async fn publish(client: &mut Client, address: &str, more: &[(&str, &str)]) -> Answer {
    let page = client.get(&format!("{address}/publish")).await;
    let (version, base) = (
        value(&page, "input[name=version]"),
        value(&page, "input[name=based_on]"),
    );
    let mut form = vec![("version", version.as_str()), ("based_on", &base)];
    form.extend_from_slice(more);
    client.post(&format!("{address}/publish"), &form).await
}

crate::both!(an_offer_is_published_after_its_difference_was_shown, |t| {
    let (mut client, address) = offered(&t).await;
    let page = client.get(&format!("{address}/publish")).await;
    assert_eq!(
        texts(&page, ".diff .added b"),
        ["TypeScript, senior", "Video interview"]
    );
    let answer = publish(&mut client, &address, &[]).await;
    assert_eq!(answer.location(), address);
    let page = client.get(&address).await;
    assert!(page.text.contains("on its way to Kombo"), "{}", page.text);
    assert!(
        client
            .get(&format!("{address}/publish"))
            .await
            .text
            .contains("Nothing to publish")
    );
});

crate::both!(a_difference_that_was_overtaken_is_shown_anew, |t| {
    let (mut client, address) = offered(&t).await;
    assert_eq!(publish(&mut client, &address, &[]).await.status, StatusCode::SEE_OTHER);
    let late = [("version", "2"), ("based_on", "")];
    let answer = client.post(&format!("{address}/publish"), &late).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
});

crate::both!(removing_everything_asks_for_a_reason_and_a_word, |t| {
    let (mut client, address) = offered(&t).await;
    publish(&mut client, &address, &[]).await;
    for version in ["2", "3"] {
        let page = client.get(&address).await;
        let package = value(&page, "#offer input[name=package]");
        let form = [("do", "remove"), ("version", version), ("package", package.as_str())];
        assert_eq!(
            client.post(&format!("{address}/offer"), &form).await.status,
            StatusCode::SEE_OTHER
        );
    }
    let answer = publish(&mut client, &address, &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(texts(&answer, ".error").len(), 2);
    let whole = [("reason", "Contract ended"), ("empty", "on")];
    assert_eq!(
        publish(&mut client, &address, &whole).await.status,
        StatusCode::SEE_OTHER
    );
});

crate::both!(what_kombo_holds_is_compared_with_what_was_published, |mut_t| {
    let mut t = mut_t;
    let held = json!({"packages": [{"id": "stranger", "name": "Stranger", "description": "", "type": null}]});
    let kombo = Answering::start(vec![("GET /assessment/packages", 200, success(held))]).await;
    t.app.kombo = Some(kombo.client.clone());
    let (mut client, address) = offered(&t).await;
    let page = client.get(&format!("{address}/compare")).await;
    assert_eq!(texts(&page, ".diff .added b"), ["stranger"]);
    assert_eq!(kombo.asked()[0].call, "GET /assessment/packages");
});

crate::both!(a_person_assigns_what_waits, |t| {
    let row = customer(&t, "Northwind Bank", "nw").await;
    let id = unknown_integration(&t, "greenhouse:abc").await;
    let mut client = t.sign_in_as(Role::Manager).await;
    let address = format!("/unassigned/{id}");
    assert_eq!(
        client.post(&address, &[("customer", "")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let customer = row.id.to_string();
    assert_eq!(
        client.post(&address, &[("customer", &customer)]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(client.get("/unassigned").await.text.contains("Nothing is unassigned"));
    let page = client.get(&format!("/customers/{customer}")).await;
    assert!(page.text.contains("Greenhouse"));
});

crate::both!(a_link_that_cannot_be_made_says_why_on_the_page, |mut_t| {
    let mut t = mut_t;
    t.app.kombo = None;
    let row = customer(&t, "Northwind Bank", "nw").await;
    let mut client = t.sign_in_as(Role::Manager).await;
    let answer = client
        .post(
            &format!("/customers/{}/links", row.id),
            &[("tool", ""), ("language", "en")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(texts(&answer, ".notice.bad").join("").contains("API key"));
});

crate::both!(a_filters_menu_names_the_busiest_customers_and_a_page_has_all, |t| {
    for number in 1..=14 {
        customer(&t, &format!("House {number:02}"), &format!("h-{number}")).await;
    }
    let mut client = t.sign_in_as(Role::Viewer).await;
    let list = client.get("/orders?stage=all&sort=received").await;
    let named = texts(&list, "#filter-1 a");
    assert_eq!(named.len(), 13, "{named:?}");
    assert_eq!((named[0].as_str(), named[12].as_str()), ("House 01", "All of them…"));
    let page = Html::parse_document(&list.text);
    let link = Selector::parse("#filter-1 a:last-child").expect("a selector");
    let all = page
        .select(&link)
        .next()
        .and_then(|link| link.attr("href"))
        .expect("a link");
    let all = client.get(all).await;
    assert_eq!(texts(&all, "h1"), ["Orders of which customer?"]);
    assert_eq!(texts(&all, "li[data-row]").len(), 14);
    let page = Html::parse_document(&all.text);
    let link = Selector::parse("li[data-row]:last-child a").expect("a selector");
    let last = page
        .select(&link)
        .next()
        .and_then(|link| link.attr("href"))
        .expect("a link");
    assert!(
        last.starts_with("/orders?stage=all&"),
        "the rest of the list’s address stays: {last}"
    );
    let last = client.get(last).await;
    assert_eq!(texts(&last, ".chip.on"), ["Customer: House 14"]);
    for by in ["package", "who"] {
        assert_eq!(
            client.get(&format!("/orders/choose?by={by}")).await.status,
            StatusCode::OK
        );
    }
    assert_eq!(
        client.get("/orders/choose?by=weather").await.status,
        StatusCode::NOT_FOUND
    );
});
