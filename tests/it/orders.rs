//! What people do with orders at the desk: each row of `ORDER.md` that a person triggers, and what a page tells.

use crate::support::desk::{another, final_state, happen, now, press, type_in, waiting};
use crate::support::fixtures::{customer, order, order_event, send, timeline};
use assessdesk::actions::change_customer;
use assessdesk::domain::customer::{CustomerInput, CustomerTerms};
use assessdesk::domain::delivery::DeliveryState;
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::order::{Conflict, Event, KomboStatus, Stage};
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::store::{customers, deliveries};
use axum::http::StatusCode;
use serde_json::json;

crate::both!(a_person_accepts_an_order, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let list = client.get("/orders").await;
    assert!(
        list.text.contains("Li Wei") && list.text.contains("Received"),
        "{}",
        list.text
    );
    let answer = press(&t, &mut client, row.id, "accept", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), format!("/orders/{}", row.id));
    assert_eq!(now(&t, row.id).await.stage, Stage::Accepted);
    assert!(timeline(&t, row.id).await.contains(&"order.accepted".to_owned()));
    let page = client.get(&format!("/orders/{}", row.id)).await;
    assert!(page.text.contains("Mira Kovač accepted the order"), "{}", page.text);
});

crate::both!(an_action_in_a_list_leads_back_to_the_list, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let back = press(&t, &mut client, row.id, "accept", &[("next", "/orders?stage=received")]).await;
    assert_eq!(back.location(), "/orders?stage=received");
});

crate::both!(a_cancellation_waits_can_be_undone_and_needs_a_reason, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let refused = press(&t, &mut client, row.id, "cancel", &[("reason", "  ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Write a reason"));
    assert_eq!(now(&t, row.id).await.stage, Stage::Received);

    let said = [("reason", "The <b>job</b> is filled.")];
    press(&t, &mut client, row.id, "cancel", &said).await;
    assert_eq!(now(&t, row.id).await.stage, Stage::Closing);
    assert_eq!(final_state(&t, row.id).await.as_deref(), Some("waiting"));
    let page = client.get(&format!("/orders/{}", row.id)).await;
    assert!(page.text.contains("data-countdown=\"60\"") && page.text.contains("data-key=\"u\""));
    assert!(
        page.text.contains("The &#60;b&#62;job&#60;/b&#62; is filled."),
        "escaped"
    );

    press(&t, &mut client, row.id, "undo", &[]).await;
    let after = now(&t, row.id).await;
    assert_eq!((after.stage, after.reason_text), (Stage::Received, None));
    assert_eq!(final_state(&t, row.id).await, None);
});

crate::both!(paused_resumed_assigned_invited_and_started, |t| {
    let (_, row) = waiting(&t).await;
    let person = t.add_staff(Role::Operator, true).await;
    let mut client = t.sign_in(person).await;
    let id = row.id;
    press(&t, &mut client, id, "pause", &[("reason", "until Monday")]).await;
    assert_eq!(now(&t, id).await.paused_reason.as_deref(), Some("until Monday"));
    assert!(client.get("/orders?only=paused").await.text.contains("until Monday"));
    press(&t, &mut client, id, "resume", &[]).await;
    assert_eq!(now(&t, id).await.paused_at, None);
    press(&t, &mut client, id, "assign", &[("to", "me")]).await;
    assert_eq!(now(&t, id).await.assignee, Some(person));
    assert!(client.get("/orders?who=me").await.text.contains("Li Wei"));
    press(&t, &mut client, id, "assign", &[("to", "")]).await;
    assert_eq!(now(&t, id).await.assignee, None);
    press(&t, &mut client, id, "accept", &[]).await;
    press(&t, &mut client, id, "invited", &[]).await;
    assert_eq!(now(&t, id).await.stage, Stage::Invited);
    press(&t, &mut client, id, "started", &[]).await;
    assert_eq!(now(&t, id).await.stage, Stage::Started);
    let again = press(&t, &mut client, id, "started", &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("already started"));
});

crate::both!(an_order_goes_to_nobody_who_may_not_see_it, |t| {
    let (_, row) = waiting(&t).await;
    let stranger = t.add_staff(Role::Operator, false).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let answer = press(&t, &mut client, row.id, "assign", &[("to", &stranger.to_string())]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text.contains("may not see this customer"));
});

crate::both!(whoever_is_slower_is_told_who_was_faster, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, row.id, "accept", &[]).await;
    t.advance(std::time::Duration::from_secs(5));
    let stale = [("version", "1"), ("reason", "Typed with care.")];
    let answer = client.post(&format!("/orders/{}/cancel", row.id), &stale).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.text.contains("5 s ago") && answer.text.contains("accepted the order"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("Typed with care."), "what was typed is kept");
    assert_eq!(now(&t, row.id).await.stage, Stage::Accepted);
});

crate::both!(another_customers_order_is_not_there, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_limited(Role::Operator, &[]).await;
    assert!(!client.get("/orders").await.text.contains("Li Wei"));
    assert!(!client.get("/orders?q=wei").await.text.contains("li.wei"));
    for path in ["", "/result"] {
        let answer = client.get(&format!("/orders/{}{path}", row.id)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    for deed in ["accept", "cancel", "pause", "assign", "undo", "report/renew"] {
        let answer = press(&t, &mut client, row.id, deed, &[("reason", "x")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{deed}");
    }
    let answer = type_in(&t, &mut client, row.id, &[("score", "1")], &[], "save").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
});

crate::both!(what_was_given_up_is_taken_back_or_released_again, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let id = row.id;
    press(&t, &mut client, id, "accept", &[]).await;
    type_in(
        &t,
        &mut client,
        id,
        &[("score", "7"), ("max_score", "9")],
        &[],
        "release",
    )
    .await;
    give_up(&t, id).await;
    let page = client.get(&format!("/orders/{id}")).await;
    assert!(page.text.contains("The result did not arrive.") && page.text.contains("Stuck"));
    press(&t, &mut client, id, "release-again", &[]).await;
    assert_eq!(now(&t, id).await.stage, Stage::Closing);
    assert_eq!(final_state(&t, id).await.as_deref(), Some("waiting"));
    give_up(&t, id).await;
    press(&t, &mut client, id, "take-back", &[]).await;
    assert_eq!(now(&t, id).await.stage, Stage::Accepted);
});

/// The outbox tried too often.
async fn give_up(t: &crate::support::TestApp, id: OrderId) {
    end_word(t, id, Event::GaveUp, DeliveryState::GivenUp).await;
}

/// The order's final word ended like this, as the outbox would write it down.
async fn end_word(t: &crate::support::TestApp, id: OrderId, event: Event, state: DeliveryState) {
    happen(t, id, event).await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let last = assessdesk::store::deliveries::final_of_order(&mut work.conn, id).await;
    let mut last = last.expect("read").expect("a delivery");
    last.state = state;
    assessdesk::store::deliveries::save(&mut work.conn, &mut last)
        .await
        .expect("saved");
    work.commit().await.expect("committed");
}

crate::both!(an_unreachable_order_is_closed_here, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let early = press(&t, &mut client, row.id, "close-here", &[]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    happen(&t, row.id, Event::IntegrationDeleted).await;
    let page = client.get(&format!("/orders/{}", row.id)).await;
    assert!(page.text.contains("Nothing can reach the ATS any more."));
    press(&t, &mut client, row.id, "close-here", &[]).await;
    assert_eq!(now(&t, row.id).await.stage, Stage::Cancelled);
});

crate::both!(flags_are_told_with_what_to_do, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = Intake::start(t.app.clone());
    let mut event = order_event("e-1", "o-1");
    event["data"]["package_id"] = json!("no-such-package");
    send(&intake, &event).await;
    event["id"] = json!("e-2");
    event["data"]["job"]["name"] = json!("Another job");
    send(&intake, &event).await;
    intake.finish().await;
    let row = order(&t, customer.integration, "o-1").await;
    let at = t.app.clock.now();
    happen(
        &t,
        row.id,
        Event::Observed {
            status: KomboStatus::Completed,
            at,
        },
    )
    .await;
    assert_eq!(now(&t, row.id).await.conflict, Some(Conflict::NotByUs));
    let mut client = t.sign_in_as(Role::Viewer).await;
    let page = client.get(&format!("/orders/{}", row.id)).await;
    assert!(page.text.contains("other data") && page.text.contains("did not come from us"));
    assert!(client.get("/orders?only=flagged").await.text.contains("Conflict"));
});

crate::both!(a_job_description_cannot_run_anything, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = Intake::start(t.app.clone());
    let mut event = order_event("e-1", "o-1");
    event["data"]["job"]["description"] = json!(
        "<p onclick=\"x()\">Build <b>things</b></p><script>steal()</script><img src=x onerror=steal()><a href=\"javascript:steal()\">a</a>"
    );
    send(&intake, &event).await;
    intake.finish().await;
    let row = order(&t, customer.integration, "o-1").await;
    let mut client = t.sign_in_as(Role::Viewer).await;
    let page = client.get(&format!("/orders/{}", row.id)).await.text;
    assert!(page.contains("sandbox") && page.contains("things"));
    for word in ["steal", "onerror", "onclick", "javascript:"] {
        assert!(!page.contains(word), "{word}");
    }
});

crate::both!(a_list_answers_whole_or_in_part, |t| {
    let (customer, _) = waiting(&t).await;
    another(&t, &customer, "o-2").await;
    let mut client = t.sign_in_as(Role::Viewer).await;
    let whole = client.get("/orders?stage=received").await;
    assert!(whole.text.contains("<html"));
    assert!(whole.header("vary").contains("HX-Request"));
    let mut client = client.with("HX-Request", "true").with("HX-Request-Type", "partial");
    let part = client.get("/orders?stage=received&q=wei").await;
    assert!(!part.text.contains("<html") && part.text.contains("id=\"orders\""));
    assert!(!part.text.contains(">Accept<"), "a viewer accepts nothing");
    let empty = client.get("/orders?q=nobody").await;
    assert!(empty.text.contains("No such order"));
});

crate::both!(a_final_word_that_is_leaving_cannot_be_undone, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, row.id, "cancel", &[("reason", "The job is filled.")]).await;
    t.advance(std::time::Duration::from_secs(61));
    let mut work = t.app.begin_system().await.expect("a transaction");
    let word = deliveries::final_of_order(&mut work.conn, row.id).await.expect("read");
    let (id, now_at) = (word.expect("a delivery").id, work.now);
    let lease = now_at.plus(std::time::Duration::from_mins(2));
    let claimed = deliveries::claim(&mut work.conn, id, now_at, lease)
        .await
        .expect("claimed");
    assert!(claimed.is_some());
    work.commit().await.expect("committed");
    let page = client.get(&format!("/orders/{}", row.id)).await;
    assert!(page.text.contains("Cancellation is leaving now") && page.text.contains("Leaving now"));
    assert!(!page.text.contains("/undo\""), "no button that cannot work");
    let late = press(&t, &mut client, row.id, "undo", &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    assert_eq!(now(&t, row.id).await.stage, Stage::Closing);
    assert_eq!(final_state(&t, row.id).await.as_deref(), Some("sending"));
});

crate::both!(an_end_that_kombo_shows_as_open_is_sent_again_by_a_person, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, row.id, "cancel", &[("reason", "The job is filled.")]).await;
    let early = press(&t, &mut client, row.id, "send-again", &[]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    end_word(&t, row.id, Event::Delivered, DeliveryState::Delivered).await;
    for _ in 0..6 {
        t.advance(std::time::Duration::from_mins(20));
        let at = t.app.clock.now();
        let status = KomboStatus::Open;
        happen(&t, row.id, Event::Observed { status, at }).await;
    }
    assert_eq!(now(&t, row.id).await.conflict, Some(Conflict::StillOpen));
    let page = client.get(&format!("/orders/{}", row.id)).await;
    assert!(page.text.contains("still shows this order as open") && page.text.contains("Send it again"));
    press(&t, &mut client, row.id, "send-again", &[]).await;
    assert_eq!(
        now(&t, row.id).await.stage,
        Stage::Cancelled,
        "it is over here all the same"
    );
    assert_eq!(final_state(&t, row.id).await.as_deref(), Some("waiting"));
    assert!(timeline(&t, row.id).await.contains(&"order.sent_again".to_owned()));
});

crate::both!(an_order_is_found_by_its_customers_name_also_after_a_new_one, |t| {
    let (customer, row) = waiting(&t).await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let before = customers::find(&mut work.conn, &Viewer::system(), customer.id)
        .await
        .expect("read");
    let before = before.expect("a customer");
    let input = CustomerInput {
        name: "Fjærland Energy".into(),
        origin_id: before.origin_id.clone(),
        contact_email: before.contact_email.clone(),
        settings: before.settings(),
        terms: CustomerTerms::default(),
    };
    change_customer::change(&mut work, customer.id, before.version, input)
        .await
        .expect("changed");
    work.commit().await.expect("committed");
    another(&t, &customer, "o-2").await;
    let mut client = t.sign_in_as(Role::Viewer).await;
    let found = client.get("/orders?q=fj%C3%A6rland").await.text;
    assert!(found.contains(&row.id.to_string()), "the order that was there before");
    assert_eq!(found.matches("<tr data-row").count(), 2, "and the one that came after");
});
