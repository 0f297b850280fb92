//! Draft offers as they are put together: many packages at once, in order, found again, and never over somebody else's change.

use crate::rollouts::{held, package, picks, publish_with_reason, rename, values};
use crate::support::customers::{customer, integration};
use crate::support::fixtures::INTEGRATION;
use crate::support::practice::Practice;
use crate::support::{Answer, Client, TestApp, texts};
use assessdesk::domain::role::Role;
use axum::http::StatusCode;

/// A manager at the page of an integration whose draft has these packages; their ids, in order.
async fn draft(t: &TestApp, names: &[&str]) -> (Client, String, Vec<String>) {
    let row = customer(t, "Northwind Bank", "nw").await;
    let id = integration(t, "greenhouse:abc", &row).await;
    let mut client = t.sign_in_as(Role::Manager).await;
    let mut ids = Vec::new();
    for name in names {
        let path = package(&mut client, name, &format!("Test {name}")).await;
        ids.push(path.trim_start_matches("/packages/").to_owned());
    }
    let address = format!("/integrations/{id}");
    let answer = deed(&mut client, &address, "add", &ids, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    (client, address, ids)
}

/// Presses a button of the offer's form, with the version of the page as it stands.
async fn deed(client: &mut Client, address: &str, deed: &str, ticked: &[String], more: &[(&str, &str)]) -> Answer {
    let version = values(&client.get(address).await, "input[name=version]").remove(0);
    at_version(client, address, &version, deed, ticked, more).await
}

async fn at_version(
    client: &mut Client,
    address: &str,
    version: &str,
    deed: &str,
    ticked: &[String],
    more: &[(&str, &str)],
) -> Answer {
    let mut form = vec![("version", version), ("do", deed)];
    form.extend(ticked.iter().map(|id| ("package", id.as_str())));
    form.extend_from_slice(more);
    client.post(&format!("{address}/offer"), &form).await
}

/// The keys of the draft, in order.
fn keys(page: &Answer) -> Vec<String> {
    texts(page, "#offer tr[data-id] .mono")
}

async fn drafted(client: &mut Client, address: &str) -> Vec<String> {
    keys(&client.get(address).await)
}

fn some(ids: &[String], places: &[usize]) -> Vec<String> {
    places.iter().map(|place| ids[*place].clone()).collect()
}

crate::both!(many_are_added_removed_and_moved_in_one_step, |t| {
    let (mut client, address, ids) = draft(&t, &["a", "b", "c", "d", "f"]).await;
    assert_eq!(drafted(&mut client, &address).await, ["a", "b", "c", "d", "f"]);
    let picked = some(&ids, &[1, 3]);
    let answer = deed(&mut client, &address, "put", &picked, &[("place", "1")]).await;
    assert_eq!(answer.location(), format!("{address}#row-{}", ids[1]));
    assert_eq!(drafted(&mut client, &address).await, ["b", "d", "a", "c", "f"]);
    let one = format!("up {}", ids[4]);
    deed(&mut client, &address, &one, &picked, &[]).await;
    assert_eq!(
        drafted(&mut client, &address).await,
        ["b", "d", "a", "f", "c"],
        "a row's own button means that row alone"
    );
    let answer = deed(&mut client, &address, "remove", &picked, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = client.get(&address).await;
    assert!(page.text.contains("2 packages are out of the draft"), "{}", page.text);
    assert_eq!(keys(&page), ["a", "f", "c"]);
    let none = deed(&mut client, &address, "remove", &[], &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text.contains("Tick at least one package of the offer."));
    let there = deed(&mut client, &address, "put", &some(&ids, &[0]), &[("place", "1")]).await;
    assert_eq!(there.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(there.text.contains("It stands there already."));
    let nowhere = deed(&mut client, &address, "put", &some(&ids, &[0]), &[("place", "")]).await;
    assert!(nowhere.text.contains("Say to which place they go"), "{}", nowhere.text);
    let audit = client.get("/audit").await;
    assert!(audit.text.contains("moved: b, d"), "it stands in the trail");
});

crate::both!(a_whole_order_is_saved_at_once_and_with_another_deed, |t| {
    let (mut client, address, ids) = draft(&t, &["a", "b", "c"]).await;
    let order = some(&ids, &[2, 0, 1]).join(" ");
    let answer = deed(&mut client, &address, "arrange", &[], &[("order", &order)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(drafted(&mut client, &address).await, ["c", "a", "b"]);
    let order = some(&ids, &[1, 0, 2]).join(" ");
    let gone = format!("remove {}", ids[0]);
    deed(&mut client, &address, &gone, &[], &[("order", &order)]).await;
    assert_eq!(drafted(&mut client, &address).await, ["b", "c"], "both were done");
});

crate::both!(what_somebody_else_did_meanwhile_is_told_and_nothing_is_lost, |t| {
    let (mut client, address, ids) = draft(&t, &["a", "b", "c", "d"]).await;
    let version = values(&client.get(&address).await, "input[name=version]").remove(0);
    let mut other = t.sign_in_as(Role::Manager).await;
    deed(&mut other, &address, "remove", &some(&ids, &[3]), &[]).await;
    let ticked = some(&ids, &[0, 2]);
    let order = some(&ids, &[1, 0, 2, 3]).join(" ");
    let more = [("place", "1"), ("order", order.as_str())];
    let answer = at_version(&mut client, &address, &version, "put", &ticked, &more).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        texts(&answer, "#offer .notice")
            .join(" ")
            .contains("changed the draft offer (removed: d)"),
        "{}",
        answer.text
    );
    assert_eq!(
        values(&answer, "#offer input[name=package][checked]"),
        ticked,
        "the ticks stay"
    );
    assert_eq!(values(&answer, "#place"), ["1"], "and the place");
    assert_eq!(keys(&answer), ["b", "a", "c"], "and the order that was given");
    assert_eq!(texts(&answer, "[data-arrange=changed] [data-id]").len(), 3);
    assert_eq!(
        drafted(&mut client, &address).await,
        ["a", "b", "c"],
        "nothing was done"
    );
    let version = values(&answer, "input[name=version]").remove(0);
    let answer = at_version(&mut client, &address, &version, "put", &ticked, &more).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(drafted(&mut client, &address).await, ["a", "c", "b"]);
});

crate::both!(a_change_of_the_catalogue_is_no_ones_to_be_overlooked, |t| {
    let (mut client, address, ids) = draft(&t, &["a", "b"]).await;
    let version = values(&client.get(&address).await, "input[name=version]").remove(0);
    rename(&mut client, &format!("/packages/{}", ids[0]), "Quite another test").await;
    let answer = at_version(&mut client, &address, &version, "remove", &some(&ids, &[1]), &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("Quite another test"));
    assert_eq!(values(&answer, "#offer input[name=package][checked]"), some(&ids, &[1]));
});

crate::both!(an_offer_is_searched_and_what_is_ticked_stays_in_sight, |t| {
    let (mut client, address, ids) = draft(&t, &["a1", "a2", "b1", "b2"]).await;
    let page = client.get(&format!("{address}?in=a")).await;
    assert_eq!(keys(&page), ["a1", "a2"]);
    assert!(
        texts(&page, "[data-step]").is_empty(),
        "a part of a list is in no order of its own"
    );
    let page = client.get(&format!("{address}?in=a&package={}", ids[3])).await;
    assert_eq!(keys(&page), ["a1", "a2", "b2"]);
    assert_eq!(
        keys(&client.get(&format!("{address}?of=VIDEO_INTERVIEW")).await).len(),
        0
    );
    assert_eq!(
        keys(&client.get(&format!("{address}?only=changed")).await).len(),
        4,
        "nothing is published"
    );
    let more = [("name", "Our own"), ("description", "")];
    let answer = deed(&mut client, &address, "describe", &some(&ids, &[1]), &more).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(keys(&client.get(&format!("{address}?only=renamed")).await), ["a2"]);
    let within = [("in", "b"), ("only", "changed")];
    let answer = deed(&mut client, &address, "remove", &some(&ids, &[2]), &within).await;
    assert_eq!(answer.location(), format!("{address}?in=b&only=changed#offer"));
    let page = client.get(&format!("{address}?in=zzz")).await;
    assert!(page.text.contains("No package of this offer fits this search."));
});

crate::both!(what_is_ticked_to_be_added_outlasts_the_next_search, |t| {
    let (mut client, address, ids) = draft(&t, &["a1", "b1"]).await;
    deed(&mut client, &address, "remove", &ids, &[]).await;
    let found = |page: &Answer| texts(page, "#found b");
    assert_eq!(found(&client.get(&address).await), ["Test a1", "Test b1"]);
    let page = client.get(&format!("{address}?add=a1")).await;
    assert_eq!(found(&page), ["Test a1"]);
    let page = client
        .get(&format!("{address}?add=a1&package={}&version=2", ids[1]))
        .await;
    assert_eq!(found(&page), ["Test b1", "Test a1"]);
    assert_eq!(values(&page, "#found input[checked]"), some(&ids, &[1]));
    assert_eq!(
        values(&page, "#add-form input[name=version]"),
        ["2"],
        "what the person saw"
    );
    let late = at_version(&mut client, &address, "2", "add", &ids, &[("add", "a1")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(values(&late, "#found input[checked]").len(), 2, "the ticks stay");
    assert_eq!(values(&late, "input[name=add]"), ["a1"]);
    let none = deed(&mut client, &address, "add", &[], &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
});

crate::both!(own_words_have_a_page_and_are_kept_from_being_overwritten, |t| {
    let (mut client, address, ids) = draft(&t, &["a", "b"]).await;
    let words = format!("{address}/offer/{}", ids[0]);
    let page = client.get(&words).await;
    let version = values(&page, "input[name=version]").remove(0);
    assert_eq!(values(&page, "#name"), ["Test a"]);
    let mut other = t.sign_in_as(Role::Manager).await;
    let theirs = [("name", "Theirs"), ("description", "")];
    deed(&mut other, &address, "describe", &some(&ids, &[0]), &theirs).await;
    let mine = [("name", "Mine"), ("description", "Forty minutes")];
    let answer = at_version(&mut client, &address, &version, "describe", &some(&ids, &[0]), &mine).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(values(&answer, "#name"), ["Mine"]);
    assert!(
        texts(&answer, ".notice dd").contains(&"Theirs".to_owned()),
        "{}",
        answer.text
    );
    let version = values(&answer, "input[name=version]").remove(0);
    let long = "x".repeat(121);
    let bad = [("name", long.as_str()), ("description", "")];
    let answer = at_version(&mut client, &address, &version, "describe", &some(&ids, &[0]), &bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(texts(&answer, "#name-error").len(), 1);
    let answer = at_version(&mut client, &address, &version, "describe", &some(&ids, &[0]), &mine).await;
    assert_eq!(answer.location(), format!("{address}#row-{}", ids[0]));
    assert!(
        client
            .get(&address)
            .await
            .text
            .contains("own words; in the catalogue: Test a")
    );
    let mut viewer = t.sign_in_as(Role::Viewer).await;
    assert_eq!(viewer.get(&words).await.status, StatusCode::FORBIDDEN);
    let nowhere = format!("{address}/offer/{}", address.rsplit('/').next().unwrap_or_default());
    assert_eq!(client.get(&nowhere).await.status, StatusCode::NOT_FOUND);
});

crate::both!(what_was_removed_by_mistake_is_put_back_as_it_was_published, |t| {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let address = format!("/integrations/{}", p.customer.integration);
    let mut ids = Vec::new();
    for key in ["a", "b", "c"] {
        let path = package(&mut client, key, &format!("Test {key}")).await;
        ids.push(path.trim_start_matches("/packages/").to_owned());
    }
    deed(&mut client, &address, "add", &ids, &[]).await;
    let own = [("name", "Our own b"), ("description", "")];
    deed(&mut client, &address, "describe", &some(&ids, &[1]), &own).await;
    publish_with_reason(&p, &mut client, p.customer.integration).await;
    let before = held(&p, INTEGRATION).await;
    deed(&mut client, &address, "remove", &some(&ids, &[1, 2]), &[]).await;
    let back = format!("back {}", ids[1]);
    let answer = deed(&mut client, &address, &back, &[], &[]).await;
    assert_eq!(answer.location(), format!("{address}#row-{}", ids[1]));
    let page = client.get(&address).await;
    assert_eq!(keys(&page), ["a", "b"]);
    assert!(page.text.contains("Our own b"));
    deed(&mut client, &address, &format!("back {}", ids[2]), &[], &[]).await;
    assert!(picks(&mut client).await.is_empty(), "the draft is as published again");
    assert_eq!(held(&p, INTEGRATION).await, before);
    let twice = deed(&mut client, &address, &back, &[], &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "it stands there already");
});

/// Another customer's integration whose draft has these packages; its address.
async fn other_offer(t: &TestApp, client: &mut Client, name: &str, ids: &[String]) -> String {
    let row = customer(t, name, name).await;
    let id = integration(t, &format!("lever:{name}"), &row).await;
    let address = format!("/integrations/{id}");
    let answer = deed(client, &address, "add", ids, &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    address
}

/// Fills the form of the page that shows what taking the other offer over would change, and sends it.
async fn take(client: &mut Client, page: &Answer, address: &str, more: &[(&str, &str)]) -> Answer {
    let field = |name: &str| values(page, &format!("main input[name={name}]")).remove(0);
    let (version, from, from_version) = (field("version"), field("from"), field("from_version"));
    let mut form = vec![
        ("version", version.as_str()),
        ("from", &from),
        ("from_version", &from_version),
    ];
    form.extend_from_slice(more);
    client.post(&format!("{address}/copy"), &form).await
}

crate::both!(another_customers_offer_is_taken_over_after_it_was_seen, |t| {
    let (mut client, address, ids) = draft(&t, &["a", "b", "c"]).await;
    deed(&mut client, &address, "remove", &some(&ids, &[2]), &[]).await;
    let own = [("name", "Our a"), ("description", "")];
    deed(&mut client, &address, "describe", &some(&ids, &[0]), &own).await;
    let other = other_offer(&t, &mut client, "Zeta", &some(&ids, &[2, 0])).await;
    let theirs = [("name", "Their c"), ("description", "Quick")];
    deed(&mut client, &other, "describe", &some(&ids, &[2]), &theirs).await;

    let page = client.get(&format!("{address}/copy?q=zet")).await;
    assert_eq!(texts(&page, "#found b"), ["Zeta"]);
    assert!(
        texts(&client.get(&format!("{address}/copy?q=nor")).await, "#found b").is_empty(),
        "not its own"
    );
    let from = other.trim_start_matches("/integrations/");
    let page = client.get(&format!("{address}/copy?from={from}")).await;
    assert_eq!(texts(&page, ".diff .added b"), ["Test c"]);
    assert_eq!(texts(&page, ".diff .removed b"), ["Test b"]);
    let missing = client
        .get(&format!("{address}/copy?from={from}&taking=missing&words=on"))
        .await;
    assert_eq!(texts(&missing, ".diff .added b"), ["Their c"]);
    assert!(texts(&missing, ".diff .removed b").is_empty());
    assert_eq!(
        drafted(&mut client, &address).await,
        ["a", "b"],
        "to look changes nothing"
    );

    let answer = take(
        &mut client,
        &missing,
        &address,
        &[("taking", "missing"), ("words", "on")],
    )
    .await;
    assert_eq!(answer.location(), format!("{address}#offer"));
    let page = client.get(&address).await;
    assert_eq!(keys(&page), ["a", "b", "c"]);
    assert_eq!(texts(&page, "#offer tr[data-id] b"), ["Our a", "Test b", "Their c"]);
    assert!(texts(&page, "aside .rows").is_empty(), "nothing was published");
    let page = client.get(&format!("{address}/copy?from={from}")).await;
    let answer = take(&mut client, &page, &address, &[("taking", "whole")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = client.get(&address).await;
    assert_eq!(
        texts(&page, "#offer tr[data-id] b"),
        ["Their c", "Our a"],
        "what was here keeps its words"
    );
    let page = client.get(&format!("{address}/copy?from={from}&words=on")).await;
    take(&mut client, &page, &address, &[("taking", "whole"), ("words", "on")]).await;
    assert_eq!(
        texts(&client.get(&address).await, "#offer tr[data-id] b"),
        ["Their c", "Test a"]
    );
    let page = client.get(&format!("{address}/copy?from={from}&words=on")).await;
    assert!(page.text.contains("That changes nothing here"));
    let answer = take(&mut client, &page, &address, &[("taking", "whole"), ("words", "on")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
});

crate::both!(only_what_was_seen_of_another_offer_is_taken_over, |t| {
    let (mut client, address, ids) = draft(&t, &["a", "b"]).await;
    deed(&mut client, &address, "remove", &some(&ids, &[1]), &[]).await;
    let other = other_offer(&t, &mut client, "Zeta", &ids).await;
    let from = other.trim_start_matches("/integrations/").to_owned();
    let page = client.get(&format!("{address}/copy?from={from}")).await;
    deed(&mut client, &other, "remove", &some(&ids, &[0]), &[]).await;
    let answer = take(&mut client, &page, &address, &[("taking", "whole"), ("words", "on")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(
        texts(&answer, ".diff .removed b"),
        ["Test a"],
        "what it would change now"
    );
    assert_eq!(values(&answer, "#words[checked]").len(), 1, "the tick stays");
    assert_eq!(drafted(&mut client, &address).await, ["a"]);
    let mine = customer(&t, "Mine", "mine").await;
    let own = integration(&t, "lever:mine", &mine).await;
    let mut limited = t.sign_in_limited(Role::Manager, &[mine.id]).await;
    let page = limited.get(&format!("/integrations/{own}/copy")).await;
    assert!(texts(&page, "#found b").is_empty());
    let page = limited.get(&format!("/integrations/{own}/copy?from={from}")).await;
    assert_eq!(
        page.status,
        StatusCode::NOT_FOUND,
        "whom they do not see they cannot copy"
    );
});
