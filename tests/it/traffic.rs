//! The screens of the traffic: inbox, outbox, reconciler; who may use them, and what their buttons do.

use crate::support::fixtures::{INTEGRATION, order_event, send, send_raw, timeline};
use crate::support::practice::Practice;
use crate::support::{Client, TestApp, WEBHOOK_SECRET};
use assessdesk::domain::delivery::DeliveryState;
use assessdesk::domain::order::Stage;
use assessdesk::domain::role::Role;
use assessdesk::intake::{Intake, reconciler};
use assessdesk::kombo::signature;
use assessdesk::sandbox::mischief::{CallKind, CallMischief};
use assessdesk::store::integrations;
use axum::http::StatusCode;
use std::time::Duration;

/// The first address on the page that begins so.
fn link(text: &str, begins: &str) -> String {
    let at = text.find(&format!("href=\"{begins}")).expect("a link") + "href=\"".len();
    text[at..].split('"').next().expect("its end").to_owned()
}

/// The value of the form's hidden version.
fn version(text: &str) -> String {
    let mark = "name=\"version\" value=\"";
    let at = text.find(mark).expect("a version") + mark.len();
    text[at..].split('"').next().expect("its end").to_owned()
}

async fn page(client: &mut Client, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.text
}

/// An inbox with an order, a repeat, something unreadable and something unverified.
async fn filled(t: &TestApp) {
    let intake = Intake::start(t.app.clone());
    send(&intake, &order_event("e-1", "o-9")).await;
    send(&intake, &order_event("e-1", "o-9")).await;
    let signature = signature::sign(&WEBHOOK_SECRET.into(), b"{");
    send_raw(&intake, b"{".to_vec(), Some(&signature)).await;
    send_raw(&intake, b"{}".to_vec(), Some("AAAA")).await;
}

crate::both!(the_inbox_shows_what_came_and_what_became_of_it, |t| {
    let p = Practice::new(t).await;
    filled(&p.t).await;
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let text = page(&mut client, "/inbox").await;
    assert!(text.contains("New order") && text.contains("Unreadable"));
    assert!(text.contains("1 request could not be verified"));
    let text = page(&mut client, "/inbox?verdict=unreadable").await;
    assert!(text.contains("Unreadable</") && !text.contains("o-9"));
    let text = page(&mut client, "/inbox?verdict=integration").await;
    assert!(text.contains("No such webhook"));
    let text = page(&mut client, "/inbox?type=assessment%3Aorder-received").await;
    let one = page(&mut client, &link(&text, "/inbox/0")).await;
    assert!(one.contains("li.wei@example.com"), "the body is opened");
    assert!(one.contains("/orders/"));
    p.t.advance(Duration::from_hours(31 * 24));
    reconciler::tidy(&p.t.app).await.unwrap();
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let one = page(&mut client, &link(&text, "/inbox/0")).await;
    assert!(!one.contains("li.wei@example.com") && one.contains("not kept any more"));
    assert!(!one.contains("Read again</button>"));
});

crate::both!(a_webhook_can_be_read_again_and_is_marked, |t| {
    let p = Practice::new(t).await;
    filled(&p.t).await;
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let text = page(&mut client, "/inbox?verdict=new_order").await;
    let path = link(&text, "/inbox/0");
    let answer = client.post(&format!("{path}/replay"), &[]).await;
    assert_eq!(answer.location(), path);
    let one = page(&mut client, &path).await;
    assert!(one.contains("No answer left") && one.contains("1 time in all"));
    assert_eq!(
        timeline(&p.t, p.order("o-9").await.id).await.last().unwrap(),
        "inbox.replayed"
    );
});

crate::both!(a_limited_person_sees_only_their_customers_traffic, |t| {
    let p = Practice::new(t).await;
    filled(&p.t).await;
    p.cancel("o-1").await;
    let mut theirs = p.t.sign_in_limited(Role::Operator, &[p.customer.id]).await;
    let inbox = page(&mut theirs, "/inbox").await;
    assert!(inbox.contains("o-9") && !inbox.contains("Unreadable</span>") && !inbox.contains("could not be verified"));
    let outbox = page(&mut theirs, "/outbox").await;
    let mut others = p.t.sign_in_limited(Role::Operator, &[]).await;
    assert!(page(&mut others, "/inbox").await.contains("Nothing has reached us yet"));
    assert!(
        page(&mut others, "/outbox")
            .await
            .contains("Nothing has had to leave yet")
    );
    for path in [link(&inbox, "/inbox/0"), link(&outbox, "/outbox/0")] {
        assert_eq!(others.get(&path).await.status, StatusCode::NOT_FOUND);
        let answer = others.post(&format!("{path}/replay"), &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
});

crate::both!(the_outbox_tells_every_attempt_in_plain_words, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::ServerError { status: 503 }, 1);
    p.release("o-1").await;
    p.delay_passes();
    p.round().await;
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let text = page(&mut client, "/outbox?state=waiting&kind=result").await;
    let path = link(&text, "/outbox/0");
    let one = page(&mut client, &path).await;
    assert!(one.contains("ATS cannot be reached") && one.contains("Nothing to do: it is sent again after a wait."));
    assert!(one.contains("Try now"));
    assert!(!one.contains("87.5"), "the values are not kept");
    let answer = client
        .post(&format!("{path}/retry"), &[("version", &version(&one))])
        .await;
    assert_eq!(answer.location(), path);
    p.round().await;
    assert_eq!(p.order("o-1").await.stage, Stage::Completed);
    let one = page(&mut client, &path).await;
    assert!(one.contains("Delivered") && !one.contains("Try now"));
    assert!(
        page(&mut client, "/outbox?state=given_up")
            .await
            .contains("No such delivery")
    );
});

crate::both!(what_somebody_else_changed_is_not_retried, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::ServerError { status: 503 }, 1);
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    let id = p.final_word("o-1").await.id;
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let answer = client.post(&format!("/outbox/{id}/retry"), &[("version", "1")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
});

crate::both!(what_waits_for_its_release_delay_is_not_hurried, |t| {
    let p = Practice::new(t).await;
    p.cancel("o-1").await;
    let delivery = p.final_word("o-1").await;
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let path = format!("/outbox/{}", delivery.id);
    assert!(!page(&mut client, &path).await.contains("Try now"));
    let form = [("version", delivery.version.to_string())];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(
        client.post(&format!("{path}/retry"), &form).await.status,
        StatusCode::CONFLICT
    );
});

crate::both!(parked_deliveries_stand_by_integration_and_are_woken_there, |t| {
    let p = Practice::new(t).await;
    p.fares("INVALID").await;
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let text = page(&mut client, "/outbox").await;
    assert!(text.contains("no longer accepts the connection") && text.contains("reconnect link"));
    p.fares("ACTIVE").await;
    let mut conn = p.t.app.read().await.unwrap();
    let id = integrations::find_by_kombo_id(&mut conn, INTEGRATION)
        .await
        .unwrap()
        .unwrap()
        .id;
    drop(conn);
    let answer = client.post(&format!("/outbox/integrations/{id}/wake"), &[]).await;
    assert_eq!(answer.location(), "/outbox");
    assert!(
        page(&mut client, "/outbox")
            .await
            .contains("1 delivery is on its way again.")
    );
    p.round().await;
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Delivered);
});

crate::both!(the_outbox_says_why_nothing_can_leave, |t| {
    let mut p = Practice::new(t).await;
    p.t.app.gate.close(p.t.app.clock.now(), "Kombo refused our API key.");
    let mut client = p.t.sign_in_as(Role::Operator).await;
    assert!(
        page(&mut client, "/outbox")
            .await
            .contains("Kombo refused our API key.")
    );
    p.t.app.kombo = None;
    let mut client = p.t.sign_in_as(Role::Operator).await;
    assert!(page(&mut client, "/outbox").await.contains("No Kombo API key is set"));
});

crate::both!(the_reconciler_shows_its_runs_and_what_is_not_agreed, |t| {
    let p = Practice::new(t).await;
    p.kombo_shows("o-1", assessdesk::kombo::wire::OrderStatus::Completed)
        .await;
    p.place("o-2").await;
    reconciler::compare(&p.t.app, assessdesk::domain::reconcile::Pass::Open)
        .await
        .unwrap();
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let text = page(&mut client, "/reconciler").await;
    assert!(text.contains("did not come from us") && text.contains("webhook did not come"));
    assert!(text.contains("Open orders") && text.contains("Ours, by id"));
    let answer = client.post("/reconciler/run", &[]).await;
    assert_eq!(answer.location(), "/reconciler");
    let mut viewer = p.t.sign_in_as(Role::Viewer).await;
    assert_eq!(viewer.get("/reconciler").await.status, StatusCode::FORBIDDEN);
});

crate::both!(long_lists_page_by_key, |t| {
    let p = Practice::new(t).await;
    let intake = Intake::start(p.t.app.clone());
    for number in 0..70 {
        p.t.advance(Duration::from_secs(1));
        send(
            &intake,
            &serde_json::json!({"id": format!("e-{number}"), "type": "data-changed", "data": {}}),
        )
        .await;
    }
    let mut client = p.t.sign_in_as(Role::Operator).await;
    let first = page(&mut client, "/inbox").await;
    assert_eq!(first.matches("<tr data-row").count(), 60);
    let older = link(&first, "/inbox?before").replace("&amp;", "&");
    let second = page(&mut client, &older).await;
    assert_eq!(second.matches("<tr data-row").count(), 10);
    assert!(second.contains("rel=\"prev\""));
});
