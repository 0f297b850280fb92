//! *Today*: each thing that waits, is late, failed or is not configured stands there, and leads to where it is mended.

use crate::support::customers::unknown_integration;
use crate::support::desk::{another, happen, press, waiting};
use crate::support::fixtures::{customer, send_raw};
use crate::support::{Client, Engine, TestApp, WEBHOOK_SECRET};
use assessdesk::domain::order::{Event, KomboStatus};
use assessdesk::domain::role::Role;
use assessdesk::intake::Intake;
use assessdesk::kombo::signature;
use std::time::Duration;

/// *Today* as a person with this role reads it.
async fn today(t: &TestApp, role: Role) -> String {
    t.sign_in_as(role).await.get("/").await.text
}

/// The part of the page below this heading, up to the next one.
fn below<'a>(text: &'a str, title: &str) -> &'a str {
    let heading = format!(">{title}</h2>");
    let part = text
        .split_once(&heading)
        .unwrap_or_else(|| panic!("no ‘{title}’ in {text}"))
        .1;
    part.split_once("</section>").map_or(part, |(part, _)| part)
}

crate::both!(an_undecided_order_waits_and_can_be_accepted_from_there, |t| {
    let (_, row) = waiting(&t).await;
    let text = today(&t, Role::Operator).await;
    let part = below(&text, "Waits for a decision");
    assert!(part.contains("Li Wei") && part.contains(&format!("/orders/{}/accept", row.id)));
    let text = today(&t, Role::Viewer).await;
    assert!(!text.contains("/accept"), "a viewer accepts nothing");
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, row.id, "accept", &[]).await;
    assert!(!client.get("/").await.text.contains("Waits for a decision"));
});

crate::both!(what_pages_count_follows_at_once_what_happens, |t| {
    let (customer, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let rail = |open: u32| format!("Orders<span class=\"count\">{open}</span>");
    let tabs = |open: u32, over: u32| [format!("Open <b>{open}</b>"), format!("Done <b>{over}</b>")];
    let told = async |client: &mut Client, open: u32, over: u32| {
        let text = client.get("/orders").await.text;
        let all = [vec![rail(open)], tabs(open, over).to_vec()].concat();
        assert!(all.iter().all(|piece| text.contains(piece)), "{all:?}: {text}");
    };
    told(&mut client, 1, 0).await;
    another(&t, &customer, "o-2").await;
    told(&mut client, 2, 0).await;
    press(&t, &mut client, row.id, "cancel", &[("reason", "The job is filled.")]).await;
    happen(&t, row.id, Event::Delivered).await;
    told(&mut client, 1, 1).await;
});

crate::both!(an_accepted_order_is_to_be_invited_where_that_is_done_here, |t| {
    let customer = customer(&t, |row| row.invite = true).await;
    another(&t, &customer, "o-1").await;
    let text = today(&t, Role::Operator).await;
    assert!(below(&text, "To be invited").contains("Li Wei"));
});

crate::both!(what_is_late_stands_there_and_only_once, |t| {
    let (_, row) = waiting(&t).await;
    t.advance(Duration::from_hours(24 * 90));
    let text = today(&t, Role::Operator).await;
    let part = below(&text, "Late or due soon");
    assert!(part.contains("Li Wei") && part.contains(" late<"));
    assert_eq!(text.matches(&format!("id=\"o-{}\"", row.id)).count(), 1);
});

crate::both!(a_stuck_final_word_needs_a_look, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, row.id, "cancel", &[("reason", "The job is filled.")]).await;
    happen(&t, row.id, Event::GaveUp).await;
    let text = client.get("/").await.text;
    let part = below(&text, "Needs a look");
    assert!(part.contains("Stuck") && part.contains("needs you"));
});

crate::both!(a_conflict_needs_a_look, |t| {
    let (_, row) = waiting(&t).await;
    let at = t.app.clock.now();
    let status = KomboStatus::Completed;
    happen(&t, row.id, Event::Observed { status, at }).await;
    let text = today(&t, Role::Viewer).await;
    assert!(below(&text, "Needs a look").contains("Conflict"));
});

crate::both!(an_unassigned_integration_is_shown_to_those_who_can_assign_it, |t| {
    unknown_integration(&t, "workday:NobodyKnowsWhoseThisIs00").await;
    let text = today(&t, Role::Admin).await;
    assert!(below(&text, "What does not work").contains("/unassigned"));
    assert!(!today(&t, Role::Viewer).await.contains("/unassigned"));
});

crate::both!(an_unreadable_webhook_is_shown_to_those_who_see_the_traffic, |t| {
    let intake = Intake::start(t.app.clone());
    let signature = signature::sign(&WEBHOOK_SECRET.into(), b"{");
    send_raw(&intake, b"{".to_vec(), Some(&signature)).await;
    intake.finish().await;
    let text = today(&t, Role::Admin).await;
    assert!(below(&text, "What does not work").contains("could not be worked in"));
});

/// What is not configured stands there; with everything set, all is well.
async fn unconfigured(engine: Engine) {
    let t = TestApp::with(engine, &["--kombo-api-url=https://api.kombo.dev/v1"]).await;
    let text = today(&t, Role::Admin).await;
    assert!(!text.contains("What does not work"), "{text}");
    let flags = [
        "--base-url=http://desk.example",
        "--kombo-api-key=",
        "--kombo-webhook-secret=",
    ];
    let t = TestApp::with(engine, &flags).await;
    let text = today(&t, Role::Admin).await;
    for told in [
        "There is no Kombo API key",
        "There is no webhook secret",
        "does not talk to Kombo itself",
        "reached without encryption",
    ] {
        assert!(below(&text, "What does not work").contains(told), "{told}: {text}");
    }
}

#[tokio::test]
async fn what_is_not_configured_is_told_sqlite() {
    unconfigured(Engine::Sqlite).await;
}

#[tokio::test]
async fn what_is_not_configured_is_told_postgres() {
    if Engine::Postgres.is_there() {
        unconfigured(Engine::Postgres).await;
    }
}
