//! Offers that differ from what is published: found, published to many at once, and brought back, with the practice Kombo
//! behind.

use crate::support::customers::{customer, integration};
use crate::support::fixtures::INTEGRATION;
use crate::support::practice::Practice;
use crate::support::{Answer, Client, TestApp, texts};
use assessdesk::domain::ids::IntegrationId;
use assessdesk::domain::role::Role;
use assessdesk::intake::reconciler;
use assessdesk::sandbox::mischief::{CallKind, CallMischief};
use assessdesk::sandbox::play::Connection;
use axum::http::StatusCode;
use scraper::{Html, Selector};
use std::time::Duration;

pub fn values(answer: &Answer, selector: &str) -> Vec<String> {
    let page = Html::parse_document(&answer.text);
    let selector = Selector::parse(selector).expect("a selector");
    let value = |it: scraper::ElementRef<'_>| it.value().attr("value").unwrap_or_default().to_owned();
    page.select(&selector).map(value).collect()
}

/// A package of the catalogue; gives its page's address.
pub async fn package(client: &mut Client, key: &str, name: &str) -> String {
    let form = [("key", key), ("name", name), ("type", "SKILLS_TEST"), ("max_score", "")];
    let answer = client.post("/packages", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let list = client.get(&format!("/packages?q={key}")).await;
    let page = Html::parse_document(&list.text);
    let link = Selector::parse("tbody a").expect("a selector");
    let link = page.select(&link).next().and_then(|it| it.value().attr("href"));
    link.expect("a package").to_owned()
}

pub async fn rename(client: &mut Client, package: &str, name: &str) {
    let version = values(&client.get(package).await, "input[name=version]");
    let form = [
        ("version", version[0].as_str()),
        ("name", name),
        ("type", "SKILLS_TEST"),
        ("max_score", ""),
    ];
    let answer = client.post(package, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

pub async fn change_offer(client: &mut Client, id: IntegrationId, deed: &str, package: &str) {
    let address = format!("/integrations/{id}");
    let page = client.get(&address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let version = values(&page, "input[name=version]").remove(0);
    let package = package.trim_start_matches("/packages/");
    let form = [("do", deed), ("version", version.as_str()), ("package", package)];
    let answer = client.post(&format!("{address}/offer"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

/// An integration that the practice Kombo knows, too.
pub async fn connected(p: &Practice, name: &str, kombo_id: &str) -> IntegrationId {
    let row = customer(&p.t, name, name).await;
    let connection = Connection {
        id: Some(kombo_id.into()),
        origin_id: Some(name.into()),
        webhook: Some(false),
        ..Connection::default()
    };
    p.kombo.sandbox.connect(connection).await.expect("connected");
    integration(&p.t, kombo_id, &row).await
}

/// Three customers that offer one package, and a manager who looks.
async fn three(t: TestApp) -> (Practice, Client, String, Vec<IntegrationId>) {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let logic = package(&mut client, "logic", "Logic").await;
    let mut ids = Vec::new();
    for name in ["Ada", "Bob", "Cleo"] {
        let id = connected(&p, name, &format!("lever:{name}")).await;
        change_offer(&mut client, id, "add", &logic).await;
        ids.push(id);
    }
    (p, client, logic, ids)
}

/// The boxes that the page offers to tick, by customer.
pub async fn picks(client: &mut Client) -> Vec<String> {
    values(&client.get("/publish").await, "input[name=pick]")
}

async fn send(client: &mut Client, picks: &[String], reason: &str) -> Answer {
    let mut form = picks.iter().map(|pick| ("pick", pick.as_str())).collect::<Vec<_>>();
    form.push(("reason", reason));
    client.post("/publish", &form).await
}

/// Everything that is offered is published and confirmed.
pub async fn publish_all(p: &Practice, client: &mut Client) {
    let all = picks(client).await;
    let answer = send(client, &all, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    while p.round().await > 0 {}
}

pub async fn held(p: &Practice, kombo_id: &str) -> Vec<(String, String)> {
    let rows = p.kombo.sandbox.store.packages(kombo_id).await.expect("read");
    let rows = rows.into_iter().filter(|row| !row.withdrawn);
    rows.map(|row| (row.name, row.description)).collect()
}

crate::both!(what_is_not_published_is_found_and_published_at_once, |t| {
    let (p, mut client, ..) = three(t).await;
    assert_eq!(
        texts(&client.get("/publish").await, ".offer-change .rows b"),
        ["Ada", "Bob", "Cleo"]
    );
    let two = picks(&mut client).await[..2].to_vec();
    let answer = send(&mut client, &two, "").await;
    let rollout = answer.location().to_owned();
    let page = client.get(&rollout).await;
    assert_eq!(texts(&page, "#progress-words b"), ["0 of 2 published"]);
    while p.round().await > 0 {}
    let page = client.get(&rollout).await;
    assert_eq!(texts(&page, "#progress-words"), ["2 of 2 published"]);
    assert_eq!(held(&p, "lever:Ada").await, [("Logic".to_owned(), String::new())]);
    assert!(held(&p, "lever:Cleo").await.is_empty());
    assert_eq!(texts(&client.get("/publish").await, ".offer-change .rows b"), ["Cleo"]);
    assert_eq!(texts(&client.get("/publish").await, "aside .rows b"), ["2 ATSs"]);
});

crate::both!(a_change_of_the_catalogue_waits_to_be_published, |t| {
    let (p, mut client, logic, _) = three(t).await;
    publish_all(&p, &mut client).await;
    let page = client.get("/publish").await;
    assert!(page.text.contains("Everything is published"), "{}", page.text);
    rename(&mut client, &logic, "Logic, short").await;
    let page = client.get("/publish").await;
    assert_eq!(texts(&page, ".offer-change ins"), ["Logic, short"]);
    rename(&mut client, &logic, "Logic").await;
    assert!(client.get("/customers").await.text.contains("3 offers to publish"));
    assert!(picks(&mut client).await.is_empty(), "it was changed back");
    assert!(
        !client.get("/customers").await.text.contains("to publish"),
        "and is counted no more"
    );
});

crate::both!(what_removes_packages_needs_a_reason_and_keeps_the_ticks, |t| {
    let (p, mut client, logic, ids) = three(t).await;
    let other = package(&mut client, "other", "Other").await;
    for id in &ids {
        change_offer(&mut client, *id, "add", &other).await;
    }
    publish_all(&p, &mut client).await;
    change_offer(&mut client, ids[0], "remove", &logic).await;
    change_offer(&mut client, ids[1], "remove", &logic).await;
    let two = picks(&mut client).await;
    let answer = send(&mut client, &two[1..], "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(texts(&answer, "#reason-error").len(), 1);
    assert_eq!(values(&answer, "input[name=pick][checked]"), two[1..]);
    assert_eq!(
        texts(&answer, ".offer-change .removed b"),
        ["Logic"],
        "what goes stands there"
    );
    let answer = send(&mut client, &two[1..], "Contract ended").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let answer = send(&mut client, &[], "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
});

crate::both!(one_that_was_changed_meanwhile_is_left_out_and_says_so, |t| {
    let (_p, mut client, logic, ids) = three(t).await;
    let all = picks(&mut client).await;
    change_offer(&mut client, ids[1], "remove", &logic).await;
    let answer = send(&mut client, &all, "").await;
    let page = client.get(answer.location()).await;
    assert_eq!(texts(&page, "tbody .stage"), ["Not sent", "On its way", "On its way"]);
    assert!(texts(&page, "tbody tr:nth-child(1)")[0].contains("Somebody changed or published this offer"));
    assert_eq!(
        texts(&page, "#progress-words"),
        ["0 of 3 published · 2 on the way · 1 not sent"]
    );
});

crate::both!(
    what_was_retired_after_the_list_was_shown_is_not_taken_away_unseen,
    |t| {
        let (p, mut client, logic, ids) = three(t).await;
        let other = package(&mut client, "other", "Other").await;
        change_offer(&mut client, ids[0], "add", &other).await;
        publish_all(&p, &mut client).await;
        change_offer(&mut client, ids[0], "down", &logic).await;
        let one = picks(&mut client).await;
        let version = values(&client.get(&logic).await, "input[name=version]").remove(0);
        let form = [("version", version.as_str()), ("retired", "on")];
        let answer = client.post(&format!("{logic}/retire"), &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let twice = [one[0].clone(), one[0].clone()];
        let rollout = send(&mut client, &twice, "Some other reason")
            .await
            .location()
            .to_owned();
        let page = client.get(&rollout).await;
        assert_eq!(texts(&page, "tbody .stage"), ["Not sent"]);
        assert_eq!(held(&p, "lever:Ada").await.len(), 2, "nothing was taken away");
    }
);

crate::both!(what_failed_is_tried_again_from_the_rollout, |t| {
    let (p, mut client, ..) = three(t).await;
    p.mischief(CallKind::PutPackages, CallMischief::ServerError { status: 503 }, 2);
    p.mischief(CallKind::PutPackages, CallMischief::Refused, 1);
    let all = picks(&mut client).await;
    let rollout = send(&mut client, &all, "").await.location().to_owned();
    p.round().await;
    let page = client.get(&rollout).await;
    assert_eq!(texts(&page, "tbody .stage"), ["Given up", "Tried again", "Tried again"]);
    assert!(client.get("/customers").await.text.contains("1 offer to publish"));
    let answer = client.post(&format!("{rollout}/retry"), &[]).await;
    assert_eq!(answer.location(), rollout);
    while p.round().await > 0 {}
    let page = client.get(&rollout).await;
    assert!(!client.get("/customers").await.text.contains("to publish"));
    assert_eq!(texts(&page, "#progress-words"), ["3 of 3 published"]);
    assert!(page.text.contains("3 publications are tried again now."));
});

crate::both!(nobody_sees_or_publishes_what_is_not_theirs, |t| {
    let (p, mut client, _, ids) = three(t).await;
    let all = picks(&mut client).await;
    let mut conn = p.t.app.read().await.expect("a connection");
    let viewer = assessdesk::domain::viewer::Viewer::system();
    let ada = assessdesk::store::integrations::find(&mut conn, &viewer, ids[0])
        .await
        .expect("read");
    drop(conn);
    let ada = ada.and_then(|row| row.customer_id).expect("a customer");
    let mut limited = p.t.sign_in_limited(Role::Manager, &[ada]).await;
    assert_eq!(texts(&limited.get("/publish").await, ".offer-change .rows b"), ["Ada"]);
    let strangers = send(&mut limited, &all[1..], "").await;
    assert_eq!(strangers.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody of theirs");
    assert!(
        client
            .get("/publish")
            .await
            .text
            .contains("What is published to several")
    );
    assert_eq!(picks(&mut client).await.len(), 3, "nothing was published");
    let rollout = send(&mut client, &all[1..], "").await.location().to_owned();
    assert_eq!(limited.get(&rollout).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        limited.post(&format!("{rollout}/retry"), &[]).await.status,
        StatusCode::NOT_FOUND
    );
    let mut operator = p.t.sign_in_as(Role::Operator).await;
    assert_eq!(operator.get("/publish").await.status, StatusCode::FORBIDDEN);
    assert_eq!(operator.get(&rollout).await.status, StatusCode::OK);
});

crate::both!(an_earlier_list_comes_back_just_as_kombo_held_it, |t| {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let id = p.customer.integration;
    let (a, b) = (
        package(&mut client, "a", "Old a").await,
        package(&mut client, "b", "Old b").await,
    );
    change_offer(&mut client, id, "add", &a).await;
    change_offer(&mut client, id, "add", &b).await;
    publish_with_reason(&p, &mut client, id).await;
    let before = held(&p, INTEGRATION).await;
    let address = format!("/integrations/{id}");
    let history = client.get(&address).await;
    let earlier = publication(&history, 0);
    rename(&mut client, &a, "New a").await;
    change_offer(&mut client, id, "remove", &b).await;
    publish_with_reason(&p, &mut client, id).await;
    assert_ne!(held(&p, INTEGRATION).await, before);

    let page = client.get(&format!("{address}/publish?restore={earlier}")).await;
    assert_eq!(texts(&page, "h1"), ["Bring No. 2 back"]);
    assert_eq!(texts(&page, ".diff ins"), ["Old a"]);
    assert_eq!(texts(&page, ".diff .added b"), ["Old b"]);
    restore(&mut client, &address, &page).await;
    while p.round().await > 0 {}
    assert_eq!(held(&p, INTEGRATION).await, before);
    assert!(
        picks(&mut client).await.is_empty(),
        "the draft follows what was brought back"
    );
    assert!(
        texts(&client.get(&address).await, "aside .rows")
            .join(" ")
            .contains("as No. 2")
    );
    let strange = client
        .get(&format!(
            "{address}/publish?restore=0190f0f0-0000-7000-8000-000000000000"
        ))
        .await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
});

crate::both!(what_kombo_holds_otherwise_is_found_daily_and_put_right, |t| {
    let p = Practice::new(t).await;
    let id = p.customer.integration;
    // Our books say that a package was published; the practice Kombo has never heard of it.
    assert_eq!(reconciler::compare_due(&p.t.app).await.expect("compared"), 1);
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let today = client.get("/").await;
    assert!(
        today.text.contains("Kombo holds other packages than were published"),
        "{}",
        today.text
    );
    let address = format!("/integrations/{id}");
    let page = client.get(&address).await;
    assert!(page.text.contains("1 package differs, first seen"), "{}", page.text);
    assert_eq!(
        reconciler::compare_due(&p.t.app).await.expect("compared"),
        0,
        "once a day"
    );

    let page = client.get(&format!("{address}/compare")).await;
    let field = |name: &str| values(&page, &format!("main input[name={name}]")).remove(0);
    let (version, base) = (field("version"), field("based_on"));
    let form = [
        ("version", version.as_str()),
        ("based_on", &base),
        ("restore", &base),
        ("again", "on"),
        ("empty", "on"),
    ];
    let answer = client.post(&format!("{address}/publish"), &form).await;
    assert_eq!(answer.location(), address);
    while p.round().await > 0 {}
    let again = client.post(&format!("{address}/publish"), &form).await;
    assert_eq!(
        again.location(),
        format!("{address}/compare"),
        "it is not the newest any more"
    );
    let told = client.get(again.location()).await;
    assert!(told.text.contains("Nothing was sent."), "{}", told.text);
    assert_eq!(held(&p, INTEGRATION).await.len(), 1);
    let page = client.get(&address).await;
    assert!(
        texts(&page, "#side .flag.red").is_empty(),
        "Kombo has just confirmed it"
    );
    assert!(page.text.contains("Kombo held just that"));
    assert_eq!(
        texts(&page, "#offer td.lead .faint"),
        ["removed"],
        "the draft stayed as it was"
    );
    assert!(
        !texts(&page, "#side .rows").join(" ").contains("as No. 1"),
        "nothing came back"
    );
    assert!(!client.get("/").await.text.contains("Kombo holds other packages"));
});

crate::both!(a_comparison_that_kombo_does_not_answer_is_made_again, |t| {
    let p = Practice::new(t).await;
    let id = p.customer.integration;
    p.mischief(CallKind::Packages, CallMischief::ServerError { status: 503 }, 1);
    assert_eq!(reconciler::compare_due(&p.t.app).await.expect("compared"), 1);
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let page = client.get(&format!("/integrations/{id}")).await;
    assert!(
        page.text.contains("Kombo could not be asked what it holds"),
        "{}",
        page.text
    );
    assert!(texts(&page, "#side .flag.red").is_empty());
    p.t.advance(Duration::from_mins(59));
    assert_eq!(reconciler::compare_due(&p.t.app).await.expect("compared"), 0);
    p.t.advance(Duration::from_mins(2));
    assert_eq!(reconciler::compare_due(&p.t.app).await.expect("compared"), 1);
    let page = client.get(&format!("/integrations/{id}")).await;
    assert!(page.text.contains("1 package differs, first seen"), "{}", page.text);
});

crate::both!(a_publication_is_had_as_a_list_to_be_typed_by_hand, |t| {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let id = p.customer.integration;
    let a = package(&mut client, "a", "=HYPERLINK(\"x\"), the test").await;
    change_offer(&mut client, id, "add", &a).await;
    publish_with_reason(&p, &mut client, id).await;
    let address = format!("/integrations/{id}");
    let newest = publication(&client.get(&address).await, 0);
    let list = client.get(&format!("{address}/publications/{newest}/list.csv")).await;
    assert_eq!(list.status, StatusCode::OK);
    assert_eq!(
        list.text,
        "\u{feff}Key,Name,Description,Type\r\na,\"'=HYPERLINK(\"\"x\"\"), the test\",,Skills test\r\n"
    );
    let other = customer(&p.t, "Other", "other").await;
    let mut limited = p.t.sign_in_limited(Role::Manager, &[other.id]).await;
    let list = limited.get(&format!("{address}/publications/{newest}/list.csv")).await;
    assert_eq!(list.status, StatusCode::NOT_FOUND);
});

pub async fn publish_with_reason(p: &Practice, client: &mut Client, id: IntegrationId) {
    let address = format!("/integrations/{id}/publish");
    let page = client.get(&address).await;
    let (version, base) = (
        values(&page, "input[name=version]"),
        values(&page, "input[name=based_on]"),
    );
    let form = [
        ("version", version[0].as_str()),
        ("based_on", &base[0]),
        ("reason", "They changed their mind"),
    ];
    let answer = client.post(&address, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    while p.round().await > 0 {}
}

pub async fn restore(client: &mut Client, address: &str, page: &Answer) {
    let field = |name: &str| values(page, &format!("input[name={name}]")).remove(0);
    let (version, base, restore) = (field("version"), field("based_on"), field("restore"));
    let form = [
        ("version", version.as_str()),
        ("based_on", &base),
        ("restore", &restore),
        ("reason", ""),
    ];
    let answer = client.post(&format!("{address}/publish"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

/// The id of the publication that stands at this place of the history.
pub fn publication(page: &Answer, place: usize) -> String {
    let page = Html::parse_document(&page.text);
    let links = Selector::parse("aside a[href*='/publications/']").expect("a selector");
    let link = page.select(&links).nth(place).and_then(|it| it.value().attr("href"));
    let link = link.expect("a publication");
    link.rsplit('/').next().unwrap_or_default().to_owned()
}
