//! What packages are called in other languages, and what ATSs are shown of it, with the practice Kombo behind.

use crate::catalogue::{dry_run, import, words};
use crate::rollouts::{
    change_offer, connected, held, package, picks, publication, publish_with_reason, restore, values,
};
use crate::support::customers::{customer, unknown_integration};
use crate::support::fixtures::INTEGRATION;
use crate::support::practice::Practice;
use crate::support::{Answer, Client, TestApp, texts};
use assessdesk::actions::assign_integration;
use assessdesk::actions::change_offer::{self as offer, OfferChange};
use assessdesk::domain::ids::{CustomerId, IntegrationId};
use assessdesk::domain::language::Language;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::store::integrations;
use axum::http::StatusCode;

/// A field of a form.
type Field<'a> = (&'a str, &'a str);

/// Saves a package's page, as it was read at this version.
async fn save_at(client: &mut Client, package: &str, version: &str, fields: &[Field<'_>]) -> Answer {
    let own = [("version", version), ("type", "SKILLS_TEST"), ("max_score", "")];
    client.post(package, &[&own, fields].concat()).await
}

async fn save(client: &mut Client, package: &str, fields: &[Field<'_>]) {
    let version = values(&client.get(package).await, "input[name=version]").remove(0);
    let answer = save_at(client, package, &version, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

/// Has a customer written to in another language.
async fn speak(client: &mut Client, customer: CustomerId, language: &str) {
    let address = format!("/customers/{customer}");
    let page = client.get(&address).await;
    let field = |name: &str| values(&page, &format!("input[name={name}]")).remove(0);
    let (version, name, origin) = (field("version"), field("name"), field("origin_id"));
    let form = [
        ("version", version.as_str()),
        ("name", &name),
        ("origin_id", &origin),
        ("contact_email", "people@customer.example"),
        ("take_orders", "accept"),
        ("unknown_package", "take"),
        ("withdrawn_package", "serve"),
        ("due_hours", "72"),
        ("candidate_language", language),
    ];
    let answer = client.post(&address, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

async fn offer_version(t: &TestApp, id: IntegrationId) -> i64 {
    let mut conn = t.app.read().await.expect("a connection");
    let row = integrations::find(&mut conn, &Viewer::system(), id)
        .await
        .expect("read");
    row.expect("there").offer_version
}

fn pairs(told: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = told.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned()));
    pairs.collect()
}

/// A German customer and an English one that offer the same package, published; and a manager.
async fn two(t: TestApp) -> (Practice, Client, String, IntegrationId) {
    let p = Practice::new(t).await;
    p.customer_wants(|row| row.language = Language::De).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let english = connected(&p, "Ada", "lever:ada").await;
    let logic = package(&mut client, "logic", "Logic").await;
    let german = [
        ("name", "Logic"),
        ("description", "Forty minutes."),
        ("name_de", "Logik"),
    ];
    save(&mut client, &logic, &german).await;
    for id in [p.customer.integration, english] {
        change_offer(&mut client, id, "add", &logic).await;
        publish_with_reason(&p, &mut client, id).await;
    }
    (p, client, logic, english)
}

crate::both!(each_ats_is_shown_the_words_of_its_customers_language, |t| {
    let (p, mut client, logic, _) = two(t).await;
    let id = p.customer.integration;
    assert_eq!(held(&p, INTEGRATION).await, pairs(&[("Logik", "Forty minutes.")]));
    assert_eq!(held(&p, "lever:ada").await, pairs(&[("Logic", "Forty minutes.")]));
    let reading = package(&mut client, "reading", "Reading").await;
    let fields = [
        ("name", "Reading"),
        ("description_de", "Lesen."),
        ("name_fr", "Lecture"),
    ];
    save(&mut client, &reading, &fields).await;
    change_offer(&mut client, id, "add", &reading).await;
    let address = format!("/integrations/{id}");
    let version = values(&client.get(&address).await, "input[name=version]").remove(0);
    let own = [
        ("do", "describe"),
        ("version", version.as_str()),
        ("package", logic.trim_start_matches("/packages/")),
        ("name", "Unser Logiktest"),
        ("description", "Forty minutes."),
    ];
    client.post(&format!("{address}/offer"), &own).await;
    publish_with_reason(&p, &mut client, id).await;
    let told = [("Unser Logiktest", "Forty minutes."), ("Reading", "Lesen.")];
    assert_eq!(held(&p, INTEGRATION).await, pairs(&told), "each falls back by itself");
});

crate::both!(another_word_in_a_language_waits_to_be_published, |t| {
    let (p, mut client, logic, _) = two(t).await;
    assert!(picks(&mut client).await.is_empty());
    let fields = [
        ("name", "Logic"),
        ("description", "Forty minutes."),
        ("name_de", "Logiktest"),
        ("description_de", "Vierzig Minuten."),
    ];
    save(&mut client, &logic, &fields).await;
    assert_eq!(picks(&mut client).await.len(), 1, "the English one shows nothing of it");
    publish_with_reason(&p, &mut client, p.customer.integration).await;
    assert_eq!(held(&p, INTEGRATION).await, pairs(&[("Logiktest", "Vierzig Minuten.")]));
    let history = words(&client.get(&logic).await, "[aria-labelledby=history]");
    assert!(history.contains("name de: Logik → Logiktest"), "{history}");
});

crate::both!(another_language_of_a_customer_waits_to_be_published, |t| {
    let (p, mut client, _, _) = two(t).await;
    let id = p.customer.integration;
    let before = offer_version(&p.t, id).await;
    let again = client.get(&format!("/integrations/{id}/publish?again=on")).await;
    speak(&mut client, p.customer.id, "fr").await;
    assert_eq!(picks(&mut client).await.len(), 1);
    assert!(offer_version(&p.t, id).await > before);
    let field = |name: &str| values(&again, &format!("input[name={name}]")).remove(0);
    let (version, base) = (field("version"), field("based_on"));
    let seen_before = [
        ("version", version.as_str()),
        ("based_on", &base),
        ("reason", ""),
        ("again", "on"),
    ];
    let answer = client.post(&format!("/integrations/{id}/publish"), &seen_before).await;
    assert_eq!(
        answer.status,
        StatusCode::CONFLICT,
        "nobody publishes what they have not seen"
    );
    let french = offer_version(&p.t, id).await;
    speak(&mut client, p.customer.id, "it").await;
    assert_eq!(offer_version(&p.t, id).await, french, "no word of it differs");
    publish_with_reason(&p, &mut client, id).await;
    assert_eq!(held(&p, INTEGRATION).await, pairs(&[("Logic", "Forty minutes.")]));
    speak(&mut client, p.customer.id, "de").await;
    assert_eq!(picks(&mut client).await.len(), 1);
    speak(&mut client, p.customer.id, "en").await;
    assert!(picks(&mut client).await.is_empty(), "it is shown as it is published");
});

crate::both!(a_draft_that_comes_to_a_customer_is_read_in_its_language, |t| {
    let mut client = t.sign_in_as(Role::Manager).await;
    let logic = package(&mut client, "logic", "Logic").await;
    save(&mut client, &logic, &[("name", "Logic"), ("name_it", "Logica")]).await;
    let row = customer(&t, "Trattoria", "tr").await;
    t.change_customer(row.id, |row| row.language = Language::It).await;
    let id = unknown_integration(&t, "lever:roma").await;
    let added = logic.trim_start_matches("/packages/").parse().expect("an id");
    let mut work = t.app.begin_system().await.expect("a transaction");
    let version = offer::change(&mut work, id, 1, OfferChange::Add(vec![added])).await;
    let version = version.expect("added");
    assign_integration::assign(&mut work, id, row.id)
        .await
        .expect("assigned");
    work.commit().await.expect("committed");
    assert_eq!(offer_version(&t, id).await, version + 1);
    let page = client.get(&format!("/integrations/{id}")).await;
    assert_eq!(texts(&page, "#offer tr[data-id] b"), ["Logica"]);
});

crate::both!(what_comes_back_or_is_copied_follows_the_readers_language, |t| {
    let (p, mut client, logic, english) = two(t).await;
    let id = p.customer.integration;
    let address = format!("/integrations/{id}");
    change_offer(&mut client, id, "remove", &logic).await;
    let back = format!("back {}", logic.trim_start_matches("/packages/"));
    change_offer(&mut client, id, &back, &logic).await;
    let page = client.get(&address).await;
    assert_eq!(texts(&page, "#offer tr[data-id] b"), ["Logik"]);
    assert!(!page.text.contains("own words"), "it follows the catalogue");
    assert!(picks(&mut client).await.is_empty());

    change_offer(&mut client, id, "remove", &logic).await;
    let copy = format!("{address}/copy?from={english}&words=on");
    let page = client.get(&copy).await;
    assert!(words(&page, "main").contains("Logik"), "{}", words(&page, "main"));
    let field = |name: &str| values(&page, &format!("main input[name={name}]")).remove(0);
    let (version, from, from_version) = (field("version"), field("from"), field("from_version"));
    let form = [
        ("version", version.as_str()),
        ("from", &from),
        ("from_version", &from_version),
        ("taking", "whole"),
        ("words", "on"),
    ];
    client.post(&format!("{address}/copy"), &form).await;
    assert!(picks(&mut client).await.is_empty(), "it is as it is published");
    assert!(words(&client.get(&copy).await, "main").contains("That changes nothing here"));

    let reading = package(&mut client, "reading", "Reading").await;
    change_offer(&mut client, id, "add", &reading).await;
    publish_with_reason(&p, &mut client, id).await;
    let earlier = publication(&client.get(&address).await, 0);
    let up = format!("up {}", reading.trim_start_matches("/packages/"));
    change_offer(&mut client, id, &up, &reading).await;
    publish_with_reason(&p, &mut client, id).await;
    let page = client.get(&format!("{address}/publish?restore={earlier}")).await;
    restore(&mut client, &address, &page).await;
    while p.round().await > 0 {}
    let told = [("Logik", "Forty minutes."), ("Reading", "")];
    assert_eq!(held(&p, INTEGRATION).await, pairs(&told));
    let page = client.get(&address).await;
    assert!(!page.text.contains("own words"), "it follows the catalogue again");
});

crate::both!(languages_have_columns_in_files, |t| {
    let mut client = t.sign_in_as(Role::Manager).await;
    let logic = package(&mut client, "logic", "Logic").await;
    let fields = [
        ("name", "Logic"),
        ("name_de", "=Logik"),
        ("description_de", "Zwei\r\nZeilen"),
        ("name_es", "Lógica"),
    ];
    save(&mut client, &logic, &fields).await;
    let csv = client.get("/packages/export.csv").await;
    assert!(
        csv.text.contains("Name (de)") && csv.text.contains("'=Logik"),
        "{}",
        csv.text
    );
    let xlsx = client.bytes("/packages/export.xlsx").await;
    for (name, bytes) in [("packages.csv", csv.text.as_bytes()), ("packages.xlsx", &xlsx)] {
        let (_, page) = dry_run(&mut client, name, bytes).await;
        let outcome = words(&page, "#outcome");
        assert!(outcome.contains("so already"), "{name}: {outcome}");
    }
    let file = "Key,Name (DE),description_es\r\nlogic,Logik,\r\nnew,,Nada\r\n";
    let (_, page) = dry_run(&mut client, "half.csv", file.as_bytes()).await;
    assert!(words(&page, "main").contains("A new package needs a type"));
    let file =
        "Key,Name,Type,Name (DE),description_es\r\nlogic,Logic,Skills test,Logik,\r\nnew,New,Skills test,,Nada\r\n";
    let (path, page) = dry_run(&mut client, "good.csv", file.as_bytes()).await;
    assert_eq!(import(&mut client, &path, &page).await.location(), "/packages");
    let page = client.get(&logic).await;
    assert_eq!(values(&page, "#name_de"), ["Logik"]);
    assert_eq!(
        texts(&page, "#description_de"),
        ["Zwei Zeilen"],
        "what the file does not name stays"
    );
    assert_eq!(values(&page, "#name_es"), ["Lógica"]);
    let long = format!("Key,Name (de)\r\nlogic,{}\r\n", "x".repeat(121));
    let (_, page) = dry_run(&mut client, "long.csv", long.as_bytes()).await;
    let told = words(&page, "main");
    assert!(
        told.contains("column B (Name (de)): 121 characters are too many"),
        "{told}"
    );
});

crate::both!(
    a_word_that_is_too_long_is_told_at_its_field_and_nothing_typed_is_lost,
    |t| {
        let mut client = t.sign_in_as(Role::Manager).await;
        let logic = package(&mut client, "logic", "Logic").await;
        let page = client.get(&logic).await;
        assert!(
            values(&page, "details[open] #name_de").is_empty(),
            "closed while nothing is said"
        );
        let version = values(&page, "input[name=version]").remove(0);
        let long = "ä".repeat(121);
        let fields = [
            ("name", "Logic"),
            ("name_de", long.as_str()),
            ("description_fr", "Une épreuve"),
        ];
        let refused = save_at(&mut client, &logic, &version, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(texts(&refused, "details[open] #name_de-error").len(), 1);
        assert_eq!(values(&refused, "#name_de"), [long.as_str()]);
        assert_eq!(texts(&refused, "#description_fr"), ["Une épreuve"]);
        save(
            &mut client,
            &logic,
            &[
                ("name", "Logic"),
                ("name_de", "Logik"),
                ("description_fr", "Une épreuve"),
            ],
        )
        .await;
        let fields = [
            ("name", "Logic"),
            ("name_de", "Denken"),
            ("description_fr", "Une épreuve"),
        ];
        let late = save_at(&mut client, &logic, &version, &fields).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert_eq!(values(&late, "#name_de"), ["Denken"]);
        let told = words(&late, ".notice");
        assert!(told.contains("Name (de) Logik"), "{told}");
        let list = client.get("/packages?q=logik").await;
        assert_eq!(texts(&list, "tbody a"), ["Logic"], "found by its name in any language");
        let create = [
            ("key", "long"),
            ("name", "Long"),
            ("type", "SKILLS_TEST"),
            ("name_it", long.as_str()),
        ];
        let refused = client.post("/packages", &create).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(values(&refused, "#name_it"), [long.as_str()]);
    }
);
