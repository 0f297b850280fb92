//! An open page fetches again exactly what it shows; what is new is counted; two people at once are told of each other.

use crate::support::desk::{another, now, press, type_in, waiting};
use crate::support::{Answer, Client, TestApp};
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::order::Stage;
use assessdesk::domain::role::Role;
use axum::http::{Request, StatusCode, header};
use scraper::{Html, Selector};
use std::time::Duration;

/// As `live.js` asks: a part of the page, without the person having done anything.
async fn again(client: &Client, url: &str) -> Answer {
    let mut page = client
        .same()
        .with("hx-request", "true")
        .with("hx-request-type", "partial")
        .with("assessdesk-live", "1");
    page.get(url).await
}

fn texts(answer: &Answer, selector: &str) -> Vec<String> {
    let page = Html::parse_fragment(&answer.text);
    let selector = Selector::parse(selector).expect("a selector");
    let found = page.select(&selector);
    found
        .map(|it| it.text().collect::<String>().trim().to_owned())
        .collect()
}

fn attribute(answer: &Answer, selector: &str, name: &str) -> Vec<String> {
    let page = Html::parse_document(&answer.text);
    let selector = Selector::parse(selector).expect("a selector");
    let found = page.select(&selector);
    found.filter_map(|it| it.attr(name)).map(str::to_owned).collect()
}

/// The address with which the block on this page fetches itself again.
fn live_url(answer: &Answer) -> String {
    attribute(answer, "[data-live-url]", "data-live-url").remove(0)
}

fn rows(answer: &Answer) -> Vec<String> {
    attribute(answer, "tr[data-row]", "id")
}

fn row(id: OrderId) -> String {
    format!("o-{id}")
}

crate::both!(a_list_keeps_its_rows_dims_what_left_and_counts_what_is_new, |t| {
    let (customer, first) = waiting(&t).await;
    let second = another(&t, &customer, "o-2").await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let page = client.get("/orders?stage=received").await;
    let shown = [row(second.id), row(first.id)];
    assert_eq!(rows(&page), shown);
    let url = live_url(&page);

    press(&t, &mut client, second.id, "accept", &[]).await;
    let third = another(&t, &customer, "o-3").await;
    let part = again(&client, &url).await;
    assert_eq!(rows(&part), shown, "each stays where it is");
    assert_eq!(attribute(&part, "tr.left", "id"), [row(second.id)]);
    assert_eq!(texts(&part, "tr.left .stage"), [Stage::Accepted.label()]);
    assert_eq!(texts(&part, "#news"), ["1 new: show"]);
    assert_eq!(live_url(&part), url, "and is asked for in the same way");

    let fresh = client.get(&attribute(&part, "#news", "href")[0]).await;
    assert_eq!(rows(&fresh), [row(third.id), row(first.id)], "a plain address");
    assert!(texts(&fresh, "#news").is_empty());
});

crate::both!(an_empty_list_shows_the_first_row_at_once, |t| {
    let mut client = t.sign_in_as(Role::Operator).await;
    let url = live_url(&client.get("/orders").await);
    let (_, order) = waiting(&t).await;
    assert_eq!(rows(&again(&client, &url).await), [row(order.id)]);
});

crate::both!(rows_of_another_customer_are_not_fetched_by_naming_them, |t| {
    let (_, order) = waiting(&t).await;
    let stranger = t.sign_in_limited(Role::Operator, &[]).await;
    for path in ["/orders", "/", "/inbox", "/outbox"] {
        let part = again(&stranger, &format!("{path}?rows={}", order.id)).await;
        assert_eq!(part.status, StatusCode::OK);
        assert!(rows(&part).is_empty(), "{path}");
    }
});

crate::both!(today_keeps_its_rows_too, |t| {
    let (customer, first) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let url = live_url(&client.get("/").await);
    press(&t, &mut client, first.id, "accept", &[]).await;
    another(&t, &customer, "o-2").await;
    let part = again(&client, &url).await;
    assert_eq!(rows(&part), [row(first.id)]);
    assert_eq!(attribute(&part, "tr.left", "id"), [row(first.id)]);
    assert_eq!(texts(&part, "#news"), ["1 new: show"]);
    let url = live_url(&client.get("/").await);
    let none = again(&client, &url).await;
    assert!(texts(&none, "#news").is_empty());
});

crate::both!(inbox_and_outbox_keep_their_rows, |t| {
    let (customer, first) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, first.id, "cancel", &[("reason", "The job is filled.")]).await;
    let (inbox, outbox) = (client.get("/inbox").await, client.get("/outbox?state=waiting").await);
    assert_eq!((rows(&inbox).len(), rows(&outbox).len()), (1, 1));
    let second = another(&t, &customer, "o-2").await;
    press(&t, &mut client, first.id, "undo", &[]).await;
    press(
        &t,
        &mut client,
        second.id,
        "cancel",
        &[("reason", "The job is filled.")],
    )
    .await;
    for (before, left) in [(&inbox, 0), (&outbox, 1)] {
        let part = again(&client, &live_url(before)).await;
        assert_eq!(rows(&part), rows(before));
        assert_eq!(texts(&part, "tr.left").len(), left);
        assert_eq!(texts(&part, "#news"), ["1 new: show"]);
    }
});

crate::both!(a_notice_waits_for_the_page_that_the_person_opens, |t| {
    let (_, order) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, order.id, "pause", &[("reason", "Not before Monday.")]).await;
    let at = format!("/orders/{}", order.id);
    for part in ["/rail?at=/orders", &at] {
        assert_eq!(again(&client, part).await.status, StatusCode::OK);
    }
    let mut typing = client
        .same()
        .with("hx-request", "true")
        .with("hx-request-type", "partial");
    for part in ["/orders?q=li", "/orders/nothing"] {
        typing.get(part).await;
    }
    let page = client.get(&at).await;
    assert_eq!(texts(&page, "#notices .good").len(), 1, "nothing took it away before");
});

crate::both!(the_rail_alone_has_the_same_numbers_and_place, |t| {
    waiting(&t).await;
    let client = t.sign_in_as(Role::Operator).await;
    let rail = again(&client, "/rail?at=/orders").await;
    assert_eq!(attribute(&rail, "a[aria-current]", "href"), ["/orders"]);
    assert_eq!(texts(&rail, "a[href='/orders'] .count"), ["1"]);
    assert!(!rail.text.contains("<html"));
});

crate::both!(who_looks_at_an_order_is_known_to_the_others_for_a_while, |t| {
    let (customer, order) = waiting(&t).await;
    let here = format!("/orders/{}/here", order.id);
    let (mut mira, mut ken) = (t.sign_in_as(Role::Operator).await, t.sign_in_as(Role::Viewer).await);
    let mut stream = ken.open("/live").await;
    stream.hello().await;
    assert_eq!(mira.post(&here, &[]).await.text.trim(), "", "nobody else is there");
    let (_, data) = stream.event().await.expect("an event");
    assert_eq!(data["looking"], serde_json::json!([order.id.to_string()]));
    assert!(
        ken.post(&here, &[])
            .await
            .text
            .contains("Mira Kovač is looking at this, too.")
    );
    mira.post(&here, &[("writes", "1")]).await;
    assert!(
        ken.post(&here, &[])
            .await
            .text
            .contains("Mira Kovač is writing its result.")
    );
    mira.post(&format!("/orders/{}/gone", order.id), &[]).await;
    assert_eq!(ken.post(&here, &[]).await.text.trim(), "");
    mira.post(&here, &[]).await;
    t.advance(Duration::from_secs(30));
    assert_eq!(
        ken.post(&here, &[]).await.text.trim(),
        "",
        "whose page is silent is gone"
    );
    let mut stranger = t.sign_in_limited(Role::Admin, &[]).await;
    assert_eq!(stranger.post(&here, &[]).await.status, StatusCode::NOT_FOUND);
    let mut limited = t.sign_in_limited(Role::Viewer, &[customer.id]).await;
    assert_eq!(limited.post(&here, &[]).await.status, StatusCode::OK);
});

crate::both!(who_comes_second_is_told_what_the_first_did_for_every_deed, |t| {
    let (customer, _) = waiting(&t).await;
    for (at, deed) in ["accept", "cancel", "assign"].into_iter().enumerate() {
        let order = another(&t, &customer, &format!("second-{at}")).await;
        let mut first = t.sign_in_as(Role::Operator).await;
        let mut second = t.sign_in_as(Role::Operator).await;
        let seen = order.version.to_string();
        let done = press(
            &t,
            &mut first,
            order.id,
            deed,
            &[("reason", "The job is filled."), ("to", "me")],
        )
        .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{deed}: {}", done.text);
        let words = "Typed by the second one.";
        let form = [("version", seen.as_str()), ("reason", words), ("to", "me")];
        for late in ["accept", "cancel", "pause", "assign"] {
            let told = second.post(&format!("/orders/{}/{late}", order.id), &form).await;
            assert_eq!(told.status, StatusCode::CONFLICT, "{late} after {deed}");
            let alert = texts(&told, "[role=alert]").join(" ");
            assert!(alert.contains("Mira Kovač"), "{late} after {deed}: {alert}");
            assert!(alert.contains("while you were looking (just now)"), "{alert}");
            assert!(live_block_is_still(&told), "what was typed is not fetched over");
            if matches!(late, "cancel" | "pause") {
                assert!(told.text.contains(words), "{late} after {deed} keeps the words");
            }
        }
    }
});

/// Whether the order's block stays as it is until the person goes on.
fn live_block_is_still(answer: &Answer) -> bool {
    attribute(answer, "#order[data-live]", "id").is_empty() && answer.text.contains("id=\"order\"")
}

crate::both!(a_form_that_saves_itself_does_not_save_over_another, |t| {
    let (_, order) = waiting(&t).await;
    let mut mira = t.sign_in_as(Role::Operator).await;
    let mut ken = t.sign_in_as(Role::Operator).await;
    press(&t, &mut mira, order.id, "accept", &[]).await;
    let page = ken.get(&format!("/orders/{}/result", order.id)).await;
    let news = attribute(&page, "#changed", "data-live-url").remove(0);
    assert_eq!(texts(&again(&ken, &news).await, "#changed p"), [] as [&str; 0]);
    t.advance(Duration::from_secs(5));
    type_in(&t, &mut mira, order.id, &[("summary", "The first one’s.")], &[], "save").await;
    let told = again(&ken, &news).await;
    assert!(texts(&told, "#changed p")[0].contains("Mira Kovač saved a draft of this result"));
    assert_eq!(
        texts(&again(&mira, &news).await, "#changed p"),
        [] as [&str; 0],
        "not of one's own"
    );
    for _ in 0..2 {
        let saved = save_by_itself(&t, &mut ken, order.id, "0").await;
        assert_eq!(saved.status, StatusCode::CONFLICT);
        assert!(!saved.text.contains("<html"), "only the part that was asked for");
        assert!(saved.text.contains("yours was not saved over it"));
        assert_eq!(
            attribute(&saved, "input[name=version]", "value"),
            ["0"],
            "nor by the next try"
        );
    }
    let kept = mira.get(&format!("/orders/{}/result", order.id)).await;
    assert!(kept.text.contains("The first one’s."));
});

/// The form as htmx sends it a moment after the last change.
async fn save_by_itself(t: &TestApp, client: &mut Client, id: OrderId, version: &str) -> Answer {
    let order_version = now(t, id).await.version.to_string();
    let fields = [
        ("version", version),
        ("order_version", &order_version),
        ("summary", "The second one’s."),
    ];
    let parts = fields
        .iter()
        .map(|(name, value)| format!("--xyz\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    let body = parts.collect::<String>() + "--xyz--\r\n";
    let request = Request::post(format!("/orders/{id}/result"))
        .header("sec-fetch-site", "same-origin")
        .header("hx-request", "true")
        .header("hx-request-type", "partial")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xyz");
    client.send(request, body.into()).await
}
