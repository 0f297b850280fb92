//! The outbox against the sandbox: the rows of `ORDER.md` about closing, each over real HTTP.

use crate::support::fixtures::{INTEGRATION, timeline};
use crate::support::practice::{Practice, client};
use crate::support::{API_KEY, TestApp};
use assessdesk::actions::order_steps::Said;
use assessdesk::actions::record_attempt::{self, Arrived, Ended, Tried};
use assessdesk::actions::{Error, publish_offer, wake_integration};
use assessdesk::app::lanes::Pass;
use assessdesk::app::outgoing::{Outgoing, Rest};
use assessdesk::app::recording;
use assessdesk::domain::delivery::{DeliveryKind, DeliveryState, Doubt, MAX_IN_FLIGHT, Outcome};
use assessdesk::domain::order::{Conflict, Event, KomboStatus, Source, Stage};
use assessdesk::domain::package::{OfferLine, PackageType};
use assessdesk::domain::publication::PublicationState;
use assessdesk::domain::time::Timestamp;
use assessdesk::kombo::wire::{self, OrderStatus};
use assessdesk::outbox;
use assessdesk::sandbox::mischief::{CallKind, CallMischief};
use assessdesk::store::deliveries::DeliveryRow;
use assessdesk::store::publications::PublicationRow;
use assessdesk::store::{self, attempts, deliveries, integrations, orders, publications};
use futures_util::FutureExt;
use std::sync::Arc;
use std::time::Duration;

crate::both!(a_released_result_is_delivered_after_its_delay, |t| {
    let p = Practice::new(t).await;
    p.release("o-1").await;
    assert_eq!(p.round().await, 0);
    p.delay_passes();
    assert_eq!(p.round().await, 1);
    let order = p.order("o-1").await;
    assert_eq!(
        (order.stage, order.kombo_status),
        (Stage::Completed, Some(KomboStatus::Completed))
    );
    let applied = p.applied("o-1").await;
    assert_eq!(applied.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&applied[0].body).unwrap();
    assert_eq!((&body["status"], &body["score"]), (&"COMPLETED".into(), &87.5.into()));
    assert!(
        body["result_url"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:8080/r/")
    );
    let sent = p.kombo.sandbox.store.history("o-1", 0).await.unwrap().attachments;
    assert_eq!((sent[0].name.as_str(), sent[0].size), ("Report.pdf", 17));
    let delivery = p.final_word("o-1").await;
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 1));
    assert!(delivery.finished_at.is_some());
    let attempt = &p.attempts(&delivery).await[0];
    assert_eq!((attempt.outcome, attempt.http_status), (Outcome::Delivered, Some(200)));
    assert_eq!(attempt.sent_shape["attachments"][0]["data"], "text");
    assert_eq!(attempt.sent_digest.as_ref().unwrap().len(), 32);
    let mut conn = p.t.app.read().await.unwrap();
    let opened = attempts::open(&mut conn, &p.t.app.vault, attempt).await.unwrap();
    assert!(String::from_utf8_lossy(&opened.reply).contains("success"));
    drop(conn);
    assert_eq!(p.round_after(86_400).await, 0);
});

crate::both!(
    an_applied_but_unheard_result_is_delivered_once_and_confirmed_by_read_back,
    |t| {
        let p = Practice::new(t).await;
        p.mischief(CallKind::Result, CallMischief::AppliedThenBroken, 1);
        p.release("o-1").await;
        p.delay_passes();
        p.round().await;
        let delivery = p.final_word("o-1").await;
        assert_eq!(
            (delivery.state, delivery.doubt),
            (DeliveryState::Ambiguous, Some(Doubt::Unknown))
        );
        assert_eq!(p.order("o-1").await.stage, Stage::Closing);
        assert_eq!(p.round_after(1).await, 1);
        assert_eq!(p.order("o-1").await.stage, Stage::Completed);
        assert_eq!(p.applied("o-1").await.len(), 1);
        let delivery = p.final_word("o-1").await;
        assert_eq!(delivery.state, DeliveryState::Delivered);
        assert_eq!(p.outcomes(&delivery).await, ["unknown", "read_back"]);
        let order = p.order("o-1").await;
        assert_eq!(timeline(&p.t, order.id).await.last().unwrap(), "order.read_back");
    }
);

crate::both!(a_result_that_timed_out_unapplied_is_read_back_and_sent_again, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::TimeOut, 1);
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Ambiguous);
    p.round_after(1).await;
    let delivery = p.final_word("o-1").await;
    assert_eq!((delivery.state, delivery.doubt), (DeliveryState::Waiting, None));
    assert_eq!(p.round().await, 1);
    assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
    assert_eq!(p.applied("o-1").await.len(), 1);
    let delivery = p.final_word("o-1").await;
    assert_eq!(p.outcomes(&delivery).await, ["unknown", "read_back", "delivered"]);
});

crate::both!(an_unreadable_success_is_read_back, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::ServerError { status: 502 }, 1);
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    assert_eq!(p.final_word("o-1").await.doubt, Some(Doubt::Unknown));
    p.round_after(1).await;
    p.round().await;
    assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
});

crate::both!(what_passes_is_tried_again_never_earlier_than_kombo_asked, |t| {
    let p = Practice::new(t).await;
    p.mischief(
        CallKind::Result,
        CallMischief::TooManyCalls { retry_after: Some(40) },
        1,
    );
    p.mischief(CallKind::Result, CallMischief::ServerError { status: 503 }, 1);
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    let delivery = p.final_word("o-1").await;
    assert_eq!((delivery.state, delivery.doubt), (DeliveryState::Waiting, None));
    assert_eq!(delivery.last_code.as_deref(), Some("PLATFORM.RATE_LIMIT_EXCEEDED"));
    assert_eq!(p.round_after(39).await, 0);
    assert_eq!(p.round_after(5).await, 1);
    assert_eq!(p.round_after(5).await, 1);
    assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
    let delivery = p.final_word("o-1").await;
    assert_eq!(p.outcomes(&delivery).await, ["retry", "retry", "delivered"]);
});

crate::both!(a_clock_that_jumps_takes_nothing_from_a_sender_that_lives, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::TimeOut, 1);
    p.cancel("o-1").await;
    p.delay_passes();
    let app = p.t.app.clone();
    let round = tokio::spawn(async move { outbox::deliver_due(&app).await.unwrap() });
    while p.kombo.sandbox.traffic().in_flight.get(INTEGRATION) != Some(&1) {
        tokio::task::yield_now().await;
    }
    p.t.advance(Duration::from_hours(24));
    assert_eq!(p.round().await, 0);
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Sending);
    assert_eq!(round.await.unwrap(), 1);
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Ambiguous);
});

crate::both!(a_clock_that_was_set_back_between_two_processes_holds_nothing_up, |t| {
    let mut p = Practice::new(t).await;
    let come_again = CallMischief::TooManyCalls { retry_after: Some(40) };
    p.mischief(CallKind::Result, come_again, 1);
    p.place("o-2").await;
    p.take("o-2", Source::Webhook).await;
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    p.cancel("o-2").await;
    p.t.app.clock.set_back(Duration::from_hours(1));
    // Another process knows what stands in the rows, and nothing else.
    p.t.app.outgoing = Outgoing::default();
    let worker = outbox::spawn(p.t.app.clone());
    let now = p.t.app.clock.now();
    while p.final_word("o-2").await.due_at > now.plus(Duration::from_mins(1)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let due_at = p.final_word("o-1").await.due_at;
    assert!(due_at >= now.plus(Duration::from_secs(40)) && due_at <= now.plus(Duration::from_secs(44)));
    p.t.app.stop.cancel();
    worker.await.unwrap();
});

/// The final word of `o-1` was tried, and Kombo asked for 40 s.
async fn rests_for_forty_seconds(p: &Practice) {
    let come_again = CallMischief::TooManyCalls { retry_after: Some(40) };
    p.mischief(CallKind::Result, come_again, 1);
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
}

/// What becomes of a delivery whose rest is over.
enum Meanwhile {
    Nothing,
    Hastened,
    /// It set out, and was given back without a call.
    GivenBack,
}

/// Kombo asks for 40 s; the clock jumps a day ahead, the rest is over, and the clock jumps back before anything is sent.
async fn rests_over_two_jumps(t: TestApp, meanwhile: Meanwhile) {
    const DAY: i64 = 86_400;
    let p = Practice::new(t).await;
    let app = &p.t.app;
    rests_for_forty_seconds(&p).await;
    app.clock.jump(DAY);
    outbox::set_right(app).await.unwrap();
    assert_eq!(p.round().await, 0, "it rests");
    p.t.advance(Duration::from_secs(50));
    match meanwhile {
        Meanwhile::Nothing => {}
        Meanwhile::Hastened => outbox::hasten_late(app).await.unwrap(),
        Meanwhile::GivenBack => drop(app.outgoing.set_out(p.final_word("o-1").await.id)),
    }
    app.clock.jump(-DAY);
    outbox::set_right(app).await.unwrap();
    assert_eq!(p.round().await, 1, "its rest is over, and no day is to be waited for");
    assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
}

crate::both!(a_rest_that_is_over_is_over_when_the_clock_jumps_back, |t| {
    rests_over_two_jumps(t, Meanwhile::Nothing).await;
});

crate::both!(what_was_late_before_the_clock_jumps_back_is_not_forgotten, |t| {
    rests_over_two_jumps(t, Meanwhile::Hastened).await;
});

crate::both!(what_was_given_back_before_the_clock_jumps_back_does_not_wait, |t| {
    rests_over_two_jumps(t, Meanwhile::GivenBack).await;
});

crate::both!(
    a_publication_does_not_wait_until_a_clock_that_was_set_back_comes_round,
    |t| {
        let p = Practice::new(t).await;
        publish(&p, 2, &["a"]).await;
        p.t.app.clock.jump(-3_600);
        assert_eq!(p.round().await, 0, "by its row it is due in an hour");
        outbox::set_right(&p.t.app).await.unwrap();
        assert_eq!(p.round().await, 1);
    }
);

crate::both!(what_an_earlier_process_left_resting_rests_while_the_clock_jumps, |t| {
    let mut p = Practice::new(t).await;
    rests_for_forty_seconds(&p).await;
    p.t.app.outgoing = Outgoing::default();
    outbox::take_over(&p.t.app).await.unwrap();
    let app = &p.t.app;
    app.clock.jump(86_400);
    outbox::set_right(app).await.unwrap();
    assert_eq!(p.round_after(38).await, 0, "Kombo asked for 40 s");
    app.clock.jump(-86_400);
    outbox::set_right(app).await.unwrap();
    assert_eq!(p.round_after(6).await, 1);
});

crate::both!(what_is_written_down_while_the_clock_jumps_goes_on_afterwards, |t| {
    let p = Practice::new(t).await;
    let app = &p.t.app;
    rests_for_forty_seconds(&p).await;
    let delivery = p.final_word("o-1").await;
    let rest = app.outgoing.rest_of(delivery.id, app.clock.steady()).unwrap();
    let under_way = app.outgoing.set_out(delivery.id);
    let due_at = rest.due_at.plus(Duration::from_hours(1));
    app.outgoing.rests(delivery.id, Rest { due_at, ..rest });
    p.t.advance(Duration::from_mins(1));
    // Its row does not say so yet.
    outbox::hasten_late(app).await.unwrap();
    set_due(&p, &delivery, due_at).await;
    drop(under_way);
    outbox::hasten_late(app).await.unwrap();
    assert_eq!(p.round().await, 1, "its rest is over");
});

async fn set_due(p: &Practice, delivery: &DeliveryRow, due_at: Timestamp) {
    let mut work = p.t.app.begin_system().await.unwrap();
    let moved = deliveries::put_off(&mut work.conn, delivery.id, delivery.due_at, due_at).await;
    assert!(moved.unwrap());
    work.commit().await.unwrap();
}

crate::both!(what_is_due_by_a_clock_that_jumped_is_put_off, |t| {
    let p = Practice::new(t).await;
    let app = &p.t.app;
    rests_for_forty_seconds(&p).await;
    // Due by a clock that jumped and that nobody has looked at yet: it is put off, and only that is written.
    app.clock.jump(60);
    assert_eq!(p.round().await, 0);
    let due_at = p.final_word("o-1").await.due_at;
    assert!(due_at > app.clock.now().plus(Duration::from_secs(30)), "{due_at:?}");
    app.clock.jump(-60);
    outbox::set_right(app).await.unwrap();
    assert_eq!(p.round_after(39).await, 0);
    assert_eq!(p.round_after(5).await, 1);
});

crate::both!(what_never_passes_is_given_up_after_the_last_wait, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::ServerError { status: 503 }, 12);
    p.cancel("o-1").await;
    p.delay_passes();
    for _ in 0..12 {
        assert_eq!(p.round_after(86_400).await, 1);
    }
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.stuck), (Stage::Closing, true));
    let delivery = p.final_word("o-1").await;
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::GivenUp, 12));
    assert_eq!(p.round_after(86_400).await, 0);
});

/// Makes Kombo refuse the order's word: its result's address is no address.
async fn refused(p: &Practice) {
    p.release("o-1").await;
    let mut body: serde_json::Value = {
        let delivery = p.final_word("o-1").await;
        let mut conn = p.t.app.read().await.unwrap();
        let opened = deliveries::open_body(&mut conn, &p.t.app.vault, &delivery)
            .await
            .unwrap();
        serde_json::from_slice(&opened.unwrap()).unwrap()
    };
    body["body"]["result_url"] = "no address".into();
    let mut delivery = p.final_word("o-1").await;
    let mut work = p.t.app.begin_system().await.unwrap();
    delivery.state = DeliveryState::Superseded;
    deliveries::save(&mut work.conn, &mut delivery).await.unwrap();
    delivery.state = DeliveryState::Waiting;
    delivery.id = work.new_id();
    let bytes = body.to_string().into_bytes();
    let vault = p.t.app.vault.clone();
    deliveries::insert(&mut work.conn, &vault, &delivery, Some(&bytes))
        .await
        .unwrap();
    work.commit().await.unwrap();
    p.delay_passes();
    assert_eq!(p.round().await, 1);
    assert_eq!(p.final_word("o-1").await.doubt, Some(Doubt::Refused));
    assert_eq!(p.round().await, 1);
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.stuck), (Stage::Closing, true));
    let delivery = p.final_word("o-1").await;
    assert_eq!(delivery.state, DeliveryState::GivenUp);
    assert_eq!(p.outcomes(&delivery).await, ["refused", "read_back"]);
}

crate::both!(a_refused_result_is_given_up_and_can_be_mended_and_released_again, |t| {
    let p = Practice::new(t).await;
    refused(&p).await;
    p.step("o-1", Event::ReleasedAgain).await;
    p.delay_passes();
    assert_eq!(p.round().await, 1);
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.stuck), (Stage::Completed, false));
    assert_eq!(p.applied("o-1").await.len(), 1);
});

crate::both!(a_refused_result_can_be_taken_back, |t| {
    let p = Practice::new(t).await;
    refused(&p).await;
    p.step("o-1", Event::TakenBack).await;
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.stuck), (Stage::Accepted, false));
    assert_eq!(p.round_after(86_400).await, 0);
});

crate::both!(a_word_that_waits_can_be_undone_and_a_claimed_one_cannot, |t| {
    let p = Practice::new(t).await;
    p.cancel("o-1").await;
    p.step("o-1", Event::Undone).await;
    assert_eq!(p.order("o-1").await.stage, Stage::Accepted);
    assert_eq!(p.round_after(3_600).await, 0);
    p.cancel("o-1").await;
    p.delay_passes();
    claim(&p).await;
    let told = p.try_step("o-1", Event::Undone, Said::default()).await.unwrap_err();
    assert!(told.contains("leaving now"), "{told}");
});

/// Claims the order's final word, as another sender would.
async fn claim(p: &Practice) -> deliveries::DeliveryRow {
    let id = p.final_word("o-1").await.id;
    let now = p.t.app.clock.now();
    let mut work = p.t.app.begin_system().await.unwrap();
    let claimed = deliveries::claim(&mut work.conn, id, now, now.plus(Duration::from_mins(6)))
        .await
        .unwrap();
    work.commit().await.unwrap();
    claimed.unwrap()
}

crate::both!(what_changed_since_it_was_seen_is_not_claimed_nor_what_is_not_due, |t| {
    let p = Practice::new(t).await;
    p.release("o-1").await;
    let mut stale = p.final_word("o-1").await;
    let mut fresh = stale.clone();
    let early = stale.due_at.minus(Duration::from_secs(1));
    assert!(matches!(
        claim_seen(&p, &mut stale, early).await,
        Err(store::Error::Changed)
    ));
    claim_seen(&p, &mut fresh, stale.due_at).await.unwrap();
    let there = p.final_word("o-1").await;
    let same = format!("{fresh:?}") == format!("{there:?}");
    assert!(same, "the row in hand is the row that stands there");
    assert!(matches!(
        claim_seen(&p, &mut stale, there.due_at).await,
        Err(store::Error::Changed)
    ));
});

/// Claims what was seen, at this moment.
async fn claim_seen(p: &Practice, seen: &mut deliveries::DeliveryRow, now: Timestamp) -> Result<(), store::Error> {
    let mut work = p.t.app.begin_system().await?;
    deliveries::claim_seen(&mut work.conn, &mut [seen], now, now.plus(Duration::from_mins(6))).await?;
    work.commit().await
}

crate::both!(rounds_beside_each_other_send_each_result_once, |t| {
    let p = Practice::new(t).await;
    let ids = (1..=40).map(|number| format!("o-{number}")).collect::<Vec<_>>();
    for id in &ids {
        if id != "o-1" {
            p.place(id).await;
            p.take(id, Source::Webhook).await;
        }
        p.cancel(id).await;
    }
    p.delay_passes();
    let rounds = (0..4).map(|_| outbox::deliver_due(&p.t.app));
    for sent in futures_util::future::join_all(rounds).await {
        sent.unwrap();
    }
    for id in &ids {
        assert_eq!(p.applied(id).await.len(), 1, "{id}");
        let delivery = p.final_word(id).await;
        assert_eq!((delivery.state, delivery.fence), (DeliveryState::Delivered, 1));
    }
});

crate::both!(an_end_in_kombo_withdraws_a_waiting_word, |t| {
    let p = Practice::new(t).await;
    p.release("o-1").await;
    p.kombo_shows("o-1", OrderStatus::Cancelled).await;
    let at = p.t.app.clock.now();
    p.step(
        "o-1",
        Event::Observed {
            status: KomboStatus::Cancelled,
            at,
        },
    )
    .await;
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.conflict), (Stage::Cancelled, None));
    assert_eq!(p.round_after(3_600).await, 0);
});

crate::both!(an_end_in_kombo_waits_for_a_claimed_word_and_both_are_shown, |t| {
    let p = Practice::new(t).await;
    p.release("o-1").await;
    p.delay_passes();
    p.kombo_shows("o-1", OrderStatus::Cancelled).await;
    let claimed = claim(&p).await;
    let at = p.t.app.clock.now();
    p.step(
        "o-1",
        Event::Observed {
            status: KomboStatus::Cancelled,
            at,
        },
    )
    .await;
    assert_eq!(p.order("o-1").await.stage, Stage::Closing);
    let mut work = p.t.app.begin_system().await.unwrap();
    assert!(
        deliveries::give_back(&mut work.conn, claimed.id, claimed.fence, p.t.app.clock.now())
            .await
            .unwrap()
    );
    work.commit().await.unwrap();
    p.round().await;
    p.round().await;
    let order = p.order("o-1").await;
    assert_eq!(
        (order.stage, order.conflict),
        (Stage::Cancelled, Some(Conflict::OtherEnd))
    );
    assert!(p.applied("o-1").await.is_empty());
});

crate::both!(
    an_integration_that_does_not_work_parks_everything_until_it_is_woken,
    |t| {
        let p = Practice::new(t).await;
        p.place("o-2").await;
        p.take("o-2", assessdesk::domain::order::Source::Webhook).await;
        p.fares("INVALID").await;
        p.cancel("o-1").await;
        p.delay_passes();
        p.cancel("o-2").await;
        p.round().await;
        assert_eq!(p.final_word("o-1").await.state, DeliveryState::Parked);
        assert_eq!(p.final_word("o-2").await.state, DeliveryState::Parked);
        assert_eq!(p.order("o-1").await.stage, Stage::Closing);
        let mut conn = p.t.app.read().await.unwrap();
        let integration = integrations::find_by_kombo_id(&mut conn, INTEGRATION)
            .await
            .unwrap()
            .unwrap();
        drop(conn);
        assert_eq!(
            integration.parked_code.as_deref(),
            Some("INTEGRATION.AUTHENTICATION_INVALID")
        );
        assert_eq!(p.round_after(86_400).await, 0);
        p.fares("ACTIVE").await;
        let mut work = p.t.app.begin_system().await.unwrap();
        wake_integration::wake(&mut work, integration.id).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(p.round().await, 2);
        assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
        assert_eq!(p.order("o-2").await.stage, Stage::Cancelled);
    }
);

crate::both!(news_that_an_integration_works_wakes_its_deliveries, |t| {
    let p = Practice::new(t).await;
    p.fares("INACTIVE").await;
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    p.fares("ACTIVE").await;
    let news: wire::IntegrationStateChanged = serde_json::from_value(serde_json::json!({
        "integration_tool": "greenhouse", "integration_id": INTEGRATION, "integration_category": "ASSESSMENT",
        "end_user": {"organization_name": "Halden Logistics", "creator_email": null, "origin_id": null},
        "state": "ACTIVE", "updated_at": "2026-11-24T09:30:00.000Z"
    }))
    .unwrap();
    let mut work = p.t.app.begin_system().await.unwrap();
    let event = wire::Event::IntegrationStateChanged(news);
    assessdesk::actions::integration_news::hear(&mut work, &event)
        .await
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!(p.round().await, 1);
    assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
});

crate::both!(a_wrong_key_of_ours_parks_nothing_and_everything_waits, |t| {
    let mut p = Practice::new(t).await;
    p.t.app.kombo = Some(client(&p.kombo, "a-wrong-key"));
    p.cancel("o-1").await;
    p.delay_passes();
    assert_eq!(p.round().await, 1);
    let delivery = p.final_word("o-1").await;
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Waiting, 0));
    assert_eq!(p.round_after(10).await, 0);
    let (_, fare) = p.t.app.health.parts().into_iter().last().unwrap();
    assert!(fare.failing.unwrap().1.contains("API key"));
    for _ in 0..20 {
        assert_eq!(p.round_after(61).await, 1);
    }
    p.t.app.kombo = Some(client(&p.kombo, API_KEY));
    assert_eq!(p.round_after(61).await, 1);
    assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
    assert!(p.t.app.gate.last().is_none());
});

crate::both!(without_a_key_nothing_is_claimed, |t| {
    let mut p = Practice::new(t).await;
    p.t.app.kombo = None;
    p.cancel("o-1").await;
    p.delay_passes();
    assert_eq!(p.round().await, 0);
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Waiting);
    let (_, fare) = p.t.app.health.parts().into_iter().last().unwrap();
    assert!(fare.failing.is_some());
});

crate::both!(
    a_vanished_senders_word_is_read_back_and_a_late_senders_word_is_not_taken,
    |t| {
        let p = Practice::new(t).await;
        p.cancel("o-1").await;
        p.delay_passes();
        let claimed = claim(&p).await;
        p.t.advance(Duration::from_mins(7));
        p.round().await;
        let delivery = p.final_word("o-1").await;
        assert_eq!(delivery.state, DeliveryState::Waiting, "read back, and still open");
        let mut work = p.t.app.begin_system().await.unwrap();
        let late = Tried::silent(Ended::Taken, work.now, "");
        let outcome = record_attempt::record(&mut work, claimed.id, claimed.fence, &late)
            .await
            .unwrap();
        work.commit().await.unwrap();
        assert_eq!(outcome, Outcome::LostLease);
        assert_eq!(p.order("o-1").await.stage, Stage::Closing);
        p.round().await;
        assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
        let delivery = p.final_word("o-1").await;
        assert_eq!(
            p.outcomes(&delivery).await,
            ["unknown", "read_back", "lost_lease", "delivered"]
        );
    }
);

crate::both!(an_order_that_kombo_forgot_is_given_up, |t| {
    let p = Practice::new(t).await;
    p.kombo.sandbox.store.delete_order("o-1").await.unwrap();
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    p.round().await;
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.stuck), (Stage::Closing, true));
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::GivenUp);
});

crate::both!(at_most_twenty_are_in_flight_for_one_integration, |t| {
    let p = Practice::new(t).await;
    for number in 2..=45 {
        let id = format!("o-{number}");
        p.place(&id).await;
        p.take(&id, assessdesk::domain::order::Source::Webhook).await;
        p.cancel(&id).await;
    }
    p.delay_passes();
    assert_eq!(p.round().await, 44);
    assert!(p.kombo.sandbox.traffic().most_in_flight[INTEGRATION] <= 20);
    for number in 2..=45 {
        let id = format!("o-{number}");
        assert_eq!(p.order(&id).await.stage, Stage::Cancelled);
        assert_eq!(p.applied(&id).await.len(), 1);
        let delivery = p.final_word(&id).await;
        assert_eq!(delivery.state, DeliveryState::Delivered);
        assert_eq!(p.outcomes(&delivery).await, ["delivered"]);
    }
});

crate::both!(nothing_is_begun_while_too_much_waits_to_be_written_down, |t| {
    let p = Practice::new(t).await;
    p.release("o-1").await;
    p.delay_passes();
    let outcome = Arc::new(recording::Outcome {
        delivery: p.final_word("o-1").await,
        order: None,
        tried: Tried::silent(Ended::Taken, p.t.app.clock.now(), ""),
    });
    let lane = whole_lane(&p).await;
    let round = claiming(&p, &["o-1"]).await;
    for _ in 0..64 {
        let (tell, _) = tokio::sync::oneshot::channel();
        let outcome = outcome.clone();
        p.t.app.recording.add(recording::Waiting { outcome, tell });
    }
    drop(lane);
    // Each look gives the round its turn; a call would be over long before the last.
    for _ in 0..100 {
        assert!(p.applied("o-1").await.is_empty());
    }
    assert!(p.t.app.recording.keeps_up().now_or_never().is_none());
    assert_eq!(p.t.app.recording.take(64).len(), 64);
    assert_eq!(round.await.unwrap(), 1);
    assert_eq!(p.applied("o-1").await.len(), 1);
});

/// Nothing more can be sent for the integration until these are dropped.
async fn whole_lane(p: &Practice) -> Vec<Pass> {
    let lane = (0..MAX_IN_FLIGHT).map(|_| p.t.app.lanes.enter(p.customer.integration));
    futures_util::future::join_all(lane).await
}

/// One round on its way; all that it claims is claimed.
async fn claiming(p: &Practice, ids: &[&str]) -> tokio::task::JoinHandle<usize> {
    let app = p.t.app.clone();
    let round = tokio::spawn(async move { outbox::deliver_due(&app).await.unwrap() });
    for id in ids {
        while p.final_word(id).await.state != DeliveryState::Sending {
            tokio::task::yield_now().await;
        }
    }
    round
}

/// The customer expects the order's result sooner: nothing that depends on how far it has come.
async fn expected_sooner(p: &Practice, id: &str) -> Timestamp {
    let before = p.order(id).await;
    let mut order = before.clone();
    order.due_at = before.due_at.minus(Duration::from_hours(1));
    let mut work = p.t.app.begin_system().await.unwrap();
    orders::save(&mut work.conn, &before, &mut order).await.unwrap();
    work.commit().await.unwrap();
    order.due_at
}

crate::both!(an_order_that_changes_while_its_result_leaves_keeps_the_change, |t| {
    let p = Practice::new(t).await;
    for id in ["o-2", "o-3"] {
        p.place(id).await;
        p.take(id, Source::Webhook).await;
        p.release(id).await;
    }
    p.release("o-1").await;
    p.delay_passes();
    let lane = whole_lane(&p).await;
    let round = claiming(&p, &["o-1", "o-2", "o-3"]).await;
    let due_at = expected_sooner(&p, "o-2").await;
    drop(lane);
    assert_eq!(round.await.unwrap(), 3);
    for id in ["o-1", "o-2", "o-3"] {
        let order = p.order(id).await;
        assert_eq!(
            (order.stage, order.kombo_status),
            (Stage::Completed, Some(KomboStatus::Completed))
        );
        assert_eq!(order.due_at == due_at, id == "o-2");
        assert_eq!(p.applied(id).await.len(), 1);
        assert_eq!(p.outcomes(&p.final_word(id).await).await, ["delivered"]);
        assert_eq!(timeline(&p.t, order.id).await.last().unwrap(), "order.delivered");
    }
});

crate::both!(what_is_not_as_it_was_claimed_is_not_written_down_with_others, |t| {
    let p = Practice::new(t).await;
    p.release("o-1").await;
    p.delay_passes();
    let claimed = claim(&p).await;
    let stale = p.order("o-1").await;
    expected_sooner(&p, "o-1").await;
    let mut work = p.t.app.begin_system().await.unwrap();
    let tried = Tried::silent(Ended::Taken, work.now, "");
    let arrived = Arrived::of(&claimed, &stale, &tried).unwrap();
    let error = record_attempt::record_arrived(&mut work, &[arrived]).await.unwrap_err();
    assert!(matches!(error, Error::Store(store::Error::Changed)));
});

crate::both!(
    what_was_claimed_for_an_integration_that_is_parked_meanwhile_goes_back,
    |t| {
        let p = Practice::new(t).await;
        p.release("o-1").await;
        p.delay_passes();
        let lane = whole_lane(&p).await;
        let round = claiming(&p, &["o-1"]).await;
        let mut work = p.t.app.begin_system().await.unwrap();
        let integration = p.customer.integration;
        wake_integration::park(&mut work, integration, "INTEGRATION.INVALID", "It is broken.")
            .await
            .unwrap();
        work.commit().await.unwrap();
        p.t.app.lanes.close(integration);
        drop(lane);
        assert_eq!(round.await.unwrap(), 1);
        let delivery = p.final_word("o-1").await;
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Parked, 0));
        assert!(delivery.why.is_some());
        assert!(p.applied("o-1").await.is_empty());
        let mut work = p.t.app.begin_system().await.unwrap();
        assert_eq!(wake_integration::wake(&mut work, integration).await.unwrap(), 1);
        work.commit().await.unwrap();
        assert_eq!(p.round().await, 1);
        assert_eq!(p.order("o-1").await.stage, Stage::Completed);
    }
);

crate::both!(no_more_of_one_integration_is_due_than_was_asked_for, |t| {
    let p = Practice::new(t).await;
    for number in 2..=90 {
        let id = format!("o-{number}");
        p.place(&id).await;
        p.take(&id, Source::Webhook).await;
        p.cancel(&id).await;
    }
    p.delay_passes();
    publish(&p, 2, &["a"]).await;
    let mut conn = p.t.app.read().await.unwrap();
    let now = p.t.app.clock.now();
    let due = deliveries::due(&mut conn, now, 20, 64).await.unwrap();
    assert_eq!(due.len(), 20);
    let due = deliveries::due(&mut conn, now, 100, 1000).await.unwrap();
    assert_eq!(due.len(), 90);
    let publications = due.iter().filter(|(_, kind)| *kind == DeliveryKind::Publication);
    assert_eq!(publications.count(), 1);
});

/// A publication of these packages, on its way.
async fn publish(p: &Practice, number: i64, names: &[&str]) -> PublicationRow {
    let mut work = p.t.app.begin_system().await.unwrap();
    let row = PublicationRow {
        id: work.new_id(),
        integration_id: p.customer.integration,
        number,
        state: PublicationState::Waiting,
        based_on: None,
        reason: String::new(),
        created_by: None,
        created_at: work.now,
        confirmed_at: None,
        restores: None,
    };
    let lines: Vec<OfferLine> = names
        .iter()
        .map(|name| OfferLine {
            key: (*name).into(),
            name: (*name).into(),
            description: "A test.".into(),
            kind: PackageType::SkillsTest,
        })
        .collect();
    publications::supersede_unsent(&mut work.conn, row.integration_id, work.now)
        .await
        .unwrap();
    publications::insert(&mut work.conn, &row, &lines).await.unwrap();
    let integration = integrations::find_by_kombo_id(&mut work.conn, INTEGRATION)
        .await
        .unwrap()
        .unwrap();
    publish_offer::queue(&mut work, &integration, row.id).await.unwrap();
    work.commit().await.unwrap();
    row
}

async fn state(p: &Practice, row: &PublicationRow) -> PublicationState {
    let mut conn = p.t.app.read().await.unwrap();
    publications::find(&mut conn, row.id).await.unwrap().unwrap().state
}

/// The names of the packages that Kombo holds.
async fn held(p: &Practice) -> Vec<String> {
    let rows = p.kombo.sandbox.store.packages(INTEGRATION).await.unwrap();
    let mut names: Vec<String> = rows
        .into_iter()
        .filter(|row| !row.withdrawn)
        .map(|row| row.name)
        .collect();
    names.sort();
    names
}

crate::both!(a_publication_is_confirmed_when_kombo_took_it, |t| {
    let p = Practice::new(t).await;
    let row = publish(&p, 2, &["a", "b"]).await;
    assert_eq!(p.round().await, 1);
    assert_eq!(state(&p, &row).await, PublicationState::Confirmed);
    assert_eq!(held(&p).await, ["a", "b"]);
});

crate::both!(an_unheard_publication_is_compared_and_confirmed, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::PutPackages, CallMischief::AppliedThenBroken, 1);
    let row = publish(&p, 2, &["a", "b"]).await;
    p.round().await;
    assert_eq!(state(&p, &row).await, PublicationState::Waiting);
    p.round_after(1).await;
    assert_eq!(state(&p, &row).await, PublicationState::Confirmed);
    assert_eq!(p.kombo.sandbox.traffic().calls["put_packages"], 1);
});

crate::both!(a_lost_publication_is_compared_and_sent_again, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::PutPackages, CallMischief::ServerError { status: 500 }, 1);
    let row = publish(&p, 2, &["a"]).await;
    p.round().await;
    p.round_after(1).await;
    assert_eq!(state(&p, &row).await, PublicationState::Waiting);
    p.round().await;
    assert_eq!(state(&p, &row).await, PublicationState::Confirmed);
    assert_eq!(held(&p).await, ["a"]);
});

crate::both!(an_older_publication_never_goes_out_after_a_newer_one, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::PutPackages, CallMischief::ServerError { status: 503 }, 1);
    let older = publish(&p, 2, &["old"]).await;
    p.round().await;
    let newer = publish(&p, 3, &["new"]).await;
    p.round_after(3_600).await;
    p.round_after(3_600).await;
    assert_eq!(state(&p, &older).await, PublicationState::Superseded);
    assert_eq!(state(&p, &newer).await, PublicationState::Confirmed);
    assert_eq!(held(&p).await, ["new"]);
});

crate::both!(a_publication_waits_for_the_one_that_is_leaving, |t| {
    let p = Practice::new(t).await;
    let older = publish(&p, 2, &["old"]).await;
    let now = p.t.app.clock.now();
    let mut work = p.t.app.begin_system().await.unwrap();
    let due = deliveries::due(&mut work.conn, now, 20, 20).await.unwrap();
    let claimed = deliveries::claim(&mut work.conn, due[0].0, now, now.plus(Duration::from_mins(6)))
        .await
        .unwrap()
        .unwrap();
    work.commit().await.unwrap();
    let newer = publish(&p, 3, &["new"]).await;
    assert_eq!(p.round().await, 0);
    let mut work = p.t.app.begin_system().await.unwrap();
    let failed = Tried::silent(Ended::Failed(assessdesk::kombo::Fate::Retry), now, "");
    record_attempt::record(&mut work, claimed.id, claimed.fence, &failed)
        .await
        .unwrap();
    work.commit().await.unwrap();
    p.round_after(10).await;
    p.round_after(10).await;
    assert_eq!(state(&p, &older).await, PublicationState::Superseded);
    assert_eq!(state(&p, &newer).await, PublicationState::Confirmed);
    assert_eq!(held(&p).await, ["new"]);
});

crate::both!(a_refused_publication_is_given_up, |t| {
    let p = Practice::new(t).await;
    let row = publish(&p, 2, &[""]).await;
    p.round().await;
    assert_eq!(state(&p, &row).await, PublicationState::GivenUp);
    assert_eq!(p.round_after(86_400).await, 0);
});

crate::both!(the_loop_delivers_by_itself_and_gives_back_what_it_did_not_send, |t| {
    let p = Practice::new(t).await;
    let worker = outbox::spawn(p.t.app.clone());
    let row = publish(&p, 2, &["a"]).await;
    for _ in 0..200 {
        if state(&p, &row).await == PublicationState::Confirmed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(state(&p, &row).await, PublicationState::Confirmed);
    p.t.app.stop.cancel();
    tokio::time::timeout(Duration::from_secs(9), worker)
        .await
        .unwrap()
        .unwrap();
});

crate::both!(a_claim_that_the_stop_finds_unsent_is_given_back, |t| {
    let p = Practice::new(t).await;
    p.cancel("o-1").await;
    p.delay_passes();
    p.t.app.stop.cancel();
    assert_eq!(p.round().await, 1);
    let delivery = p.final_word("o-1").await;
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Waiting, 0));
});
