//! Offer sets: what they hold, and drafts that follow them.

use crate::rollouts::{change_offer, connected, held, picks, publish_all, values};
use crate::support::fixtures::PACKAGE;
use crate::support::practice::Practice;
use crate::support::{Answer, Client, TestApp, texts};
use assessdesk::domain::ids::IntegrationId;
use assessdesk::domain::role::Role;
use axum::http::StatusCode;

/// A package with these tags; gives its page's address.
async fn tagged(client: &mut Client, key: &str, tags: &str) -> String {
    let form = [("key", key), ("name", key), ("type", "SKILLS_TEST"), ("tags", tags)];
    let answer = client.post("/packages", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let list = client.get(&format!("/packages?q={key}")).await;
    links(&list).remove(0)
}

async fn tag(client: &mut Client, package: &str, name: &str, tags: &str) {
    let version = values(&client.get(package).await, "input[name=version]").remove(0);
    let form = [
        ("version", version.as_str()),
        ("name", name),
        ("type", "SKILLS_TEST"),
        ("tags", tags),
    ];
    let answer = client.post(package, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

fn links(page: &Answer) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.text);
    let link = scraper::Selector::parse("tbody a").expect("a selector");
    let links = html.select(&link).filter_map(|it| it.value().attr("href"));
    links.map(str::to_owned).collect()
}

async fn make(client: &mut Client, name: &str, tag: &str) -> String {
    let form = [("name", name), ("type", "SKILLS_TEST"), ("tag", tag), ("region", "")];
    let answer = client.post("/packages/sets", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location().to_owned()
}

async fn steer(client: &mut Client, id: IntegrationId, set: &str, deed: &str) -> Answer {
    let set = set.trim_start_matches("/packages/sets/");
    client
        .post(&format!("/integrations/{id}/sets"), &[("set", set), ("do", deed)])
        .await
}

/// The keys of a draft, in order.
async fn drafted(client: &mut Client, id: IntegrationId) -> Vec<String> {
    let page = client.get(&format!("/integrations/{id}")).await;
    texts(&page, "#offer tr[data-id] .mono")
}

/// Two customers; three packages, two of them English; a set of the English ones.
async fn house(t: TestApp) -> (Practice, Client, Vec<IntegrationId>, Vec<String>, String) {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let mut ids = Vec::new();
    for name in ["Ada", "Bob"] {
        ids.push(connected(&p, name, &format!("lever:{name}")).await);
    }
    let mut packages = Vec::new();
    for (key, tags) in [
        ("deutsch", "German"),
        ("grammar", "English"),
        ("accent", "english, spoken"),
    ] {
        packages.push(tagged(&mut client, key, tags).await);
    }
    let set = make(&mut client, "All English", "English").await;
    (p, client, ids, packages, set)
}

crate::both!(drafts_follow_a_set_and_nothing_reaches_kombo_unpublished, |t| {
    let (p, mut client, ids, packages, set) = house(t).await;
    change_offer(&mut client, ids[0], "add", &packages[0]).await;
    change_offer(&mut client, ids[0], "add", &packages[1]).await;
    for id in &ids {
        let answer = steer(&mut client, *id, &set, "follow").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    }
    assert_eq!(drafted(&mut client, ids[0]).await, ["deutsch", "grammar", "accent"]);
    assert_eq!(drafted(&mut client, ids[1]).await, ["accent", "grammar"], "by name");
    assert!(held(&p, "lever:Bob").await.is_empty());
    publish_all(&p, &mut client).await;
    assert_eq!(held(&p, "lever:Bob").await.len(), 2);

    tagged(&mut client, "essay", "English").await;
    assert_eq!(drafted(&mut client, ids[1]).await, ["accent", "grammar", "essay"]);
    assert_eq!(picks(&mut client).await.len(), 2, "the same change waits in both");
    tag(&mut client, &packages[1], "grammar", "").await;
    assert_eq!(drafted(&mut client, ids[1]).await, ["accent", "essay"]);
    assert_eq!(
        drafted(&mut client, ids[0]).await,
        ["deutsch", "grammar", "accent", "essay"],
        "what was added by hand stays"
    );
    let page = client.get(&set).await;
    assert_eq!(texts(&page, "aside .rows b"), ["Ada", "Bob"]);
    assert_eq!(texts(&page, ".split .stack .rows b")[..2], ["accent", "essay"]);
});

crate::both!(what_came_with_a_set_goes_with_it_alone, |t| {
    let (_p, mut client, ids, packages, set) = house(t).await;
    let id = ids[0];
    change_offer(&mut client, id, "add", &packages[1]).await;
    steer(&mut client, id, &set, "follow").await;
    let accent = packages[2].trim_start_matches("/packages/").to_owned();
    let version = values(&client.get(&format!("/integrations/{id}")).await, "input[name=version]").remove(0);
    let form = [
        ("do", "remove"),
        ("version", version.as_str()),
        ("package", accent.as_str()),
    ];
    let answer = client.post(&format!("/integrations/{id}/offer"), &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("accent comes with a set that this ATS follows"),
        "{}",
        answer.text
    );
    steer(&mut client, id, &set, "follow").await;
    assert_eq!(
        drafted(&mut client, id).await,
        ["grammar", "accent"],
        "following twice changes nothing"
    );
    let other = make(&mut client, "All tests", "").await;
    steer(&mut client, id, &other, "follow").await;
    let all = ["grammar", "accent", "deutsch", PACKAGE];
    assert_eq!(drafted(&mut client, id).await, all);
    steer(&mut client, id, &set, "leave").await;
    assert_eq!(drafted(&mut client, id).await, all, "the other set has it, too");
    steer(&mut client, id, &other, "leave").await;
    assert_eq!(drafted(&mut client, id).await, ["grammar"]);
});

crate::both!(a_set_changes_and_goes_with_its_drafts, |t| {
    let (_p, mut client, ids, packages, set) = house(t).await;
    steer(&mut client, ids[0], &set, "follow").await;
    let form = [
        ("version", "1"),
        ("name", "All German"),
        ("type", ""),
        ("tag", "German"),
        ("region", ""),
    ];
    let answer = client.post(&set, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = client.get(&set).await;
    assert!(page.text.contains("1 draft changed with it"), "{}", page.text);
    assert_eq!(drafted(&mut client, ids[0]).await, ["deutsch"]);
    let late = client.post(&set, &form).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let none = [
        ("version", "2"),
        ("name", "Nothing"),
        ("type", ""),
        ("tag", ""),
        ("region", ""),
    ];
    let answer = client.post(&set, &none).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(texts(&answer, "#type-error").len(), 1);
    assert_eq!(values(&answer, "input[name=name]"), ["Nothing"]);
    make(&mut client, "Other", "English").await;
    let taken = [
        ("name", "all german"),
        ("type", "SKILLS_TEST"),
        ("tag", ""),
        ("region", ""),
    ];
    let answer = client.post("/packages/sets", &taken).await;
    assert_eq!(texts(&answer, "#name-error"), ["Another set has this name."]);

    let version = values(&client.get(&packages[0]).await, "input[name=version]").remove(0);
    let form = [("version", version.as_str()), ("retired", "on")];
    client.post(&format!("{}/retire", packages[0]), &form).await;
    assert_eq!(
        drafted(&mut client, ids[0]).await,
        ["deutsch"],
        "it goes as all retired ones do"
    );
    let answer = client.post(&format!("{set}/delete"), &[("version", "2")]).await;
    assert_eq!(answer.location(), "/packages/sets");
    assert!(drafted(&mut client, ids[0]).await.is_empty());
    assert_eq!(client.get(&set).await.status, StatusCode::NOT_FOUND);
    let trail = client.get("/audit").await;
    assert!(trail.text.contains("deleted an offer set"), "{}", trail.text);
});

crate::both!(sets_are_seen_by_all_and_changed_by_few, |t| {
    let (p, mut client, ids, _, set) = house(t).await;
    steer(&mut client, ids[0], &set, "follow").await;
    let mut conn = p.t.app.read().await.expect("a connection");
    let viewer = assessdesk::domain::viewer::Viewer::system();
    let bob = assessdesk::store::integrations::find(&mut conn, &viewer, ids[1])
        .await
        .expect("read");
    drop(conn);
    let bob = bob.and_then(|row| row.customer_id).expect("a customer");
    let mut limited = p.t.sign_in_limited(Role::Manager, &[bob]).await;
    let page = limited.get(&set).await;
    assert!(!page.text.contains("Ada"), "{}", page.text);
    assert_eq!(
        steer(&mut limited, ids[0], &set, "leave").await.status,
        StatusCode::NOT_FOUND
    );
    let mut operator = p.t.sign_in_as(Role::Operator).await;
    assert_eq!(operator.get("/packages/sets").await.status, StatusCode::OK);
    assert_eq!(operator.get(&set).await.status, StatusCode::OK);
    let form = [("name", "Mine"), ("type", "SKILLS_TEST"), ("tag", ""), ("region", "")];
    assert_eq!(
        operator.post("/packages/sets", &form).await.status,
        StatusCode::FORBIDDEN
    );
});
