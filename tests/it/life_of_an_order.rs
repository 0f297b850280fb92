//! The life of an order, row by row of the table in `domain::order::step`, through the real intake, outbox and
//! reconciler, against the sandbox over HTTP. Where another file proves a row already, it is named here.
//!
//! | row | proved by |
//! | --- | --- |
//! | webhook, accepted | `intake::an_order_is_accepted_by_the_customers_setting` |
//! | webhook, rejected | `intake::an_unknown_package_is_rejected_with_the_customers_text`, `intake::a_withdrawn_package_is_served_or_rejected_as_the_customer_chose` |
//! | webhook, taken in undecided | `intake::{a_person_decides_later_where_the_customer_wants_that, an_order_of_an_unknown_integration_waits_unassigned, an_unknown_package_is_taken_in_and_flagged_by_default}` |
//! | inline | `intake::an_inline_order_is_answered_with_its_start_page`, `candidate::{an_inline_order_is_answered_with_the_same_page_each_time, an_inline_order_without_a_start_address_says_that_somebody_will_write}`, here: `a_rule_may_reject_an_inline_order` |
//! | over on arrival | `intake::an_order_that_is_over_when_it_arrives_stands_at_that_end`, `reconciler::the_daily_comparison_finds_what_began_and_ended_unseen` |
//! | found in the list | `reconciler::{a_missed_webhook_is_made_up_for_and_still_decides_when_it_comes, without_its_webhook_the_settings_decide_after_a_while, a_rule_that_rejects_only_proposes_a_cancellation_once_no_answer_can_leave}`, here: `a_webhook_decides_although_the_list_was_seconds_faster` |
//! | repeat, answer left | `intake::a_repeated_webhook_keeps_one_order`, here: `a_repeat_is_answered_as_before_whatever_the_settings_say_now`, `a_repeat_after_the_end_is_taken` |
//! | repeat, no answer left | here: `a_repeat_is_decided_afresh_where_no_answer_left` |
//! | held | `hold::{without_an_open_entitled_desk_the_setting_decides_at_once, at_most_two_hundred_are_held_at_once, inline_orders_and_unknown_packages_are_never_held, a_hold_of_no_seconds_is_none}` |
//! | held, a person decides | `hold::{a_held_order_that_a_person_accepts_is_answered_200, a_held_order_that_a_person_rejects_is_answered_422_with_the_message, kombo_sees_the_rejection_of_a_held_order, of_two_who_decide_at_once_the_second_is_told_what_the_first_did}` |
//! | held, time is up, asked to stop | `hold::{when_the_time_is_up_the_customers_setting_decides, asked_to_stop_every_open_hold_is_answered_by_the_setting, the_program_answers_every_open_hold_by_its_setting_before_it_stops, a_database_that_stays_busy_leaves_the_order_received}` |
//! | held, Kombo hangs up, the process dies | `hold::{when_kombo_hangs_up_the_order_is_received_and_can_only_be_cancelled, a_line_that_is_cut_ends_the_hold, what_a_dead_process_held_is_received_at_the_next_start_and_a_repeat_decides_afresh, what_a_killed_program_held_is_received_at_its_next_start_and_nothing_is_lost}` |
//! | held, a repeat | `hold::the_last_connection_counts_and_a_repeat_joins_without_a_new_clock` |
//! | a person accepts | `orders::a_person_accepts_an_order`, here: `accepting_tells_kombo_nothing` |
//! | invitation taken / failed for good | `mail::{an_accepted_orders_candidate_is_written_to_and_then_invited, an_address_that_the_server_refuses_is_named_and_can_be_corrected, what_never_passes_is_named_after_the_last_wait}` |
//! | no mail before an order is taken in, inline, unknown package | `mail::{nobody_is_written_to_before_an_order_is_taken_in, a_candidate_who_waits_in_the_career_page_gets_no_mail, an_unknown_package_is_written_about_only_once_a_person_takes_the_order_and_names_what_lacks}` |
//! | invitation resent, address corrected | `mail::{an_invitation_is_sent_again_with_the_same_link, a_correction_stops_what_waits_for_the_wrong_address}` |
//! | mails stop at the end | `mail::{an_order_that_ends_stops_its_mail, a_mail_that_was_claimed_before_its_order_ended_is_withdrawn}` |
//! | the candidate presses 'Start' | `candidate::{opening_the_link_changes_nothing_and_start_starts, from_the_order_to_the_start_to_the_result, each_end_says_so_in_plain_words}` |
//! | progress update | `candidate::{refused_progress_is_given_up_quietly, the_final_word_replaces_progress_that_waits, the_final_word_does_not_wait_for_progress_on_its_way}` |
//! | invited, started, paused, assigned | `orders::paused_resumed_assigned_invited_and_started` |
//! | review | `results::a_second_person_reviews_returns_and_releases` |
//! | released | `outbox::a_released_result_is_delivered_after_its_delay`, `results::a_release_waits_and_undo_gives_the_draft_back` |
//! | cancelled with a reason | `orders::a_cancellation_waits_can_be_undone_and_needs_a_reason`, here: `a_live_order_is_cancelled_with_its_reason_from_every_stage` |
//! | undone | `outbox::a_word_that_waits_can_be_undone_and_a_claimed_one_cannot`, here: `a_word_that_may_have_arrived_is_not_undone_while_it_is_parked` |
//! | fate unknown | `outbox::{a_result_that_timed_out_unapplied_is_read_back_and_sent_again, an_unreadable_success_is_read_back}`, here: `an_unheard_result_counts_once`, `a_read_back_that_shows_another_end_keeps_the_result` |
//! | refused, given up, mended | `outbox::{a_refused_result_is_given_up_and_can_be_mended_and_released_again, a_refused_result_can_be_taken_back, what_never_passes_is_given_up_after_the_last_wait}` |
//! | parked and woken | `outbox::{an_integration_that_does_not_work_parks_everything_until_it_is_woken, news_that_an_integration_works_wakes_its_deliveries}` |
//! | live, Kombo shows an end | `reconciler::{a_silent_cancellation_in_the_ats_is_found, an_end_that_is_not_ours_is_a_conflict}`, here: `a_rejection_that_we_did_not_give_is_a_conflict` |
//! | closing, Kombo shows an end | `outbox::{an_end_in_kombo_withdraws_a_waiting_word, an_end_in_kombo_waits_for_a_claimed_word_and_both_are_shown}` |
//! | rejected, Kombo shows open | `reconciler::a_rejection_that_never_arrived_becomes_a_cancellation_with_the_same_text`, here: `killed_between_commit_and_answer_the_ats_still_reads_the_text` |
//! | ended, Kombo shows open | `reconciler::a_closed_order_that_stays_open_is_a_conflict_and_can_be_sent_again` |
//! | ended, Kombo shows an end | `reconciler::a_rejection_that_arrived_is_confirmed_by_the_daily_comparison`, here: `another_end_in_kombo_is_shown_beside_ours` |
//! | absent from the list | `reconciler::an_order_that_kombo_does_not_have_is_flagged_after_ten_minutes_and_never_closed` |
//! | integration deleted | `reconciler::a_deleted_integration_makes_its_orders_unreachable_and_is_asked_no_more` |

use crate::support::fixtures::{INTEGRATION, send};
use crate::support::practice::Practice;
use assessdesk::actions::order_steps::Said;
use assessdesk::actions::record_attempt::{self, Ended, Tried};
use assessdesk::actions::take_webhook::{Answer, Webhook, take_webhook};
use assessdesk::actions::wake_integration;
use assessdesk::domain::delivery::DeliveryState;
use assessdesk::domain::intake::{TakeOrders, UnknownPackage};
use assessdesk::domain::order::{Conflict, Event, KomboStatus, Source, Stage};
use assessdesk::domain::reconcile::Pass;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::kombo::Fate;
use assessdesk::kombo::wire::OrderStatus;
use assessdesk::sandbox::mischief::{CallKind, CallMischief};
use assessdesk::store::{audit, deliveries, results};
use serde_json::{Value, json};
use std::time::Instant;

/// What the recruiter reads where a package is unknown.
const MESSAGE: &str = "Please choose from the list.";

impl Practice {
    /// Unknown packages are rejected from now on.
    async fn rejects_unknown(&self) {
        self.customer_wants(|row| {
            row.unknown_package = UnknownPackage::Reject;
            row.unknown_message = MESSAGE.into();
        })
        .await;
    }

    /// The recruiter orders a package that is not offered; no webhook is sent by itself.
    async fn place_unknown(&self, id: &str) {
        let placing = json!({"integration": INTEGRATION, "package": "no-such", "id": id, "webhook": false});
        let placing = serde_json::from_value(placing).unwrap();
        self.kombo.sandbox.place(&placing).await.unwrap();
    }

    /// The webhook is taken and committed, and the process dies before the answer is given.
    async fn killed_before_the_answer(&self, event: &Value) -> Answer {
        let mut work = self.t.app.begin_system().await.unwrap();
        let taken = take_webhook(&mut work, &Webhook::read(event.to_string().into(), Instant::now()), &[])
            .await
            .unwrap();
        work.commit().await.unwrap();
        taken.answer
    }

    /// What stands in the order's timeline: action and detail.
    async fn told(&self, id: &str) -> Vec<(String, Value)> {
        let order = self.order(id).await;
        let mut conn = self.t.app.read().await.unwrap();
        let lines = audit::of_order(&mut conn, &Viewer::system(), order.id).await.unwrap();
        lines.into_iter().map(|line| (line.action, line.detail.0)).collect()
    }

    /// What the ATS shows of the order.
    async fn ats(&self, id: &str) -> String {
        self.kombo.sandbox.store.order(id).await.unwrap().status
    }
}

crate::both!(killed_between_commit_and_answer_the_ats_still_reads_the_text, |t| {
    let p = Practice::new(t).await;
    p.rejects_unknown().await;
    p.place_unknown("o-2").await;
    let event = p.webhook("e-2", "o-2").await;
    assert_eq!(
        p.killed_before_the_answer(&event).await,
        Answer::Rejected(MESSAGE.into())
    );
    let order = p.order("o-2").await;
    assert_eq!((order.stage, order.answered_at), (Stage::Rejected, None));
    assert_eq!(p.ats("o-2").await, "OPEN");
    p.open_after(121).await;
    assert_eq!(p.round().await, 0, "one sighting proves nothing");
    p.open_after(180).await;
    assert_eq!(p.order("o-2").await.stage, Stage::Closing);
    assert_eq!(p.round().await, 1, "without the release delay");
    assert_eq!(p.order("o-2").await.stage, Stage::Cancelled);
    assert_eq!(p.ats("o-2").await, "CANCELLED");
    let applied = p.applied("o-2").await;
    assert_eq!(applied.len(), 1);
    let body: Value = serde_json::from_str(&applied[0].body).unwrap();
    assert_eq!(body["status"], "CANCELLED");
    assert_eq!(body["attributes"][0]["value"], MESSAGE);
    p.open_after(180).await;
    assert_eq!(p.round_after(3_600).await, 0);
});

crate::both!(a_rejected_order_is_answered_again_after_the_process_came_back, |t| {
    let p = Practice::new(t).await;
    p.rejects_unknown().await;
    p.place_unknown("o-2").await;
    let event = p.webhook("e-2", "o-2").await;
    p.killed_before_the_answer(&event).await;
    let intake = Intake::start(p.t.app.clone());
    let (status, answer) = send(&intake, &event).await;
    assert_eq!((status, &answer["message"]), (422, &json!(MESSAGE)));
    p.kombo_shows("o-2", OrderStatus::Rejected).await;
    p.compare_after(3_600, Pass::Daily).await;
    let order = p.order("o-2").await;
    assert_eq!((order.stage, order.conflict), (Stage::Rejected, None));
    assert_eq!(p.round().await, 0);
});

crate::both!(a_webhook_decides_although_the_list_was_seconds_faster, |t| {
    let p = Practice::new(t).await;
    p.rejects_unknown().await;
    p.place_unknown("o-2").await;
    p.place("o-3").await;
    p.open_after(1).await;
    for id in ["o-2", "o-3"] {
        let order = p.order(id).await;
        assert_eq!((order.stage, order.source), (Stage::Received, Source::List));
    }
    p.t.advance(std::time::Duration::from_secs(3));
    let intake = Intake::start(p.t.app.clone());
    let (status, answer) = send(&intake, &p.webhook("e-2", "o-2").await).await;
    assert_eq!((status, &answer["message"]), (422, &json!(MESSAGE)));
    assert_eq!(send(&intake, &p.webhook("e-3", "o-3").await).await.0, 200);
    let (rejected, accepted) = (p.order("o-2").await, p.order("o-3").await);
    assert_eq!((rejected.stage, rejected.differs), (Stage::Rejected, false));
    assert_eq!((accepted.stage, accepted.undecided_until), (Stage::Accepted, None));
    p.t.advance(std::time::Duration::from_mins(5));
    let decided = assessdesk::intake::reconciler::decide_undecided(&p.t.app);
    assert_eq!(decided.await.unwrap(), 0);
});

crate::both!(a_rule_may_reject_an_inline_order, |t| {
    let p = Practice::new(t).await;
    p.rejects_unknown().await;
    p.place_unknown("o-2").await;
    let intake = Intake::start(p.t.app.clone());
    let mut event = p.webhook("e-2", "o-2").await;
    event["type"] = json!("inline-assessment:order-received");
    for _ in 0..2 {
        let (status, answer) = send(&intake, &event).await;
        assert_eq!((status, &answer["message"]), (422, &json!(MESSAGE)));
    }
    let order = p.order("o-2").await;
    assert_eq!((order.stage, order.inline), (Stage::Rejected, true));
});

crate::both!(a_repeat_is_answered_as_before_whatever_the_settings_say_now, |t| {
    let p = Practice::new(t).await;
    p.customer_wants(|row| row.take_orders = TakeOrders::Later).await;
    p.place_unknown("o-2").await;
    let event = p.webhook("e-2", "o-2").await;
    let intake = Intake::start(p.t.app.clone());
    assert_eq!(send(&intake, &event).await.0, 200);
    // The writer notes that the answer left before it takes the next webhook.
    p.rejects_unknown().await;
    assert_eq!(send(&intake, &event).await.0, 200);
    let order = p.order("o-2").await;
    assert_eq!((order.stage, order.answered_at.is_some()), (Stage::Received, true));
});

crate::both!(a_repeat_is_decided_afresh_where_no_answer_left, |t| {
    let p = Practice::new(t).await;
    p.customer_wants(|row| row.take_orders = TakeOrders::Later).await;
    p.place_unknown("o-2").await;
    let event = p.webhook("e-2", "o-2").await;
    assert_eq!(p.killed_before_the_answer(&event).await, Answer::Taken);
    assert_eq!(p.order("o-2").await.stage, Stage::Received);
    p.rejects_unknown().await;
    let intake = Intake::start(p.t.app.clone());
    assert_eq!(send(&intake, &event).await.0, 422);
    assert_eq!(p.order("o-2").await.stage, Stage::Rejected);
});

crate::both!(a_repeat_after_the_end_is_taken, |t| {
    let p = Practice::new(t).await;
    p.release("o-1").await;
    p.delay_passes();
    p.round().await;
    let intake = Intake::start(p.t.app.clone());
    let mut event = p.webhook("e-1", "o-1").await;
    event["data"]["status"] = json!("OPEN");
    assert_eq!(send(&intake, &event).await.0, 200);
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.conflict), (Stage::Completed, None));
    assert_eq!(p.round_after(3_600).await, 0);
    assert_eq!(p.applied("o-1").await.len(), 1);
});

crate::both!(accepting_tells_kombo_nothing, |t| {
    let p = Practice::new(t).await;
    p.customer_wants(|row| row.take_orders = TakeOrders::Later).await;
    p.place("o-2").await;
    let intake = Intake::start(p.t.app.clone());
    send(&intake, &p.webhook("e-2", "o-2").await).await;
    assert_eq!(p.order("o-2").await.stage, Stage::Received);
    let decided = Event::Decided(assessdesk::domain::order::Decision::Accept);
    p.step("o-2", decided).await;
    assert_eq!(p.order("o-2").await.stage, Stage::Accepted);
    assert_eq!(p.round_after(3_600).await, 0);
    assert!(!p.kombo.sandbox.traffic().calls.contains_key("result"));
});

crate::both!(a_live_order_is_cancelled_with_its_reason_from_every_stage, |t| {
    let p = Practice::new(t).await;
    let ways: [&[Event]; 4] = [
        &[],
        &[Event::InvitationTaken],
        &[Event::CandidateStarted],
        &[Event::CandidateStarted, Event::SentToReview],
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let id = format!("o-{}", number + 2);
        p.place(&id).await;
        p.take(&id, Source::Webhook).await;
        for event in way {
            p.step(&id, event.clone()).await;
        }
        let stage = p.order(&id).await.stage;
        p.cancel(&id).await;
        p.step(&id, Event::Undone).await;
        assert_eq!(p.order(&id).await.stage, stage, "undo leads back");
        p.cancel(&id).await;
        p.delay_passes();
        assert_eq!(p.round().await, 1);
        assert_eq!(p.order(&id).await.stage, Stage::Cancelled);
        let applied = p.applied(&id).await;
        let body: Value = serde_json::from_str(&applied[0].body).unwrap();
        assert_eq!((applied.len(), &body["status"]), (1, &json!("CANCELLED")));
        assert_eq!(
            body["attributes"],
            json!([{"type": "TEXT", "label": "Reason", "value": "The position was filled."}])
        );
    }
});

crate::both!(an_unheard_result_counts_once, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::AppliedThenBroken, 1);
    p.release("o-1").await;
    p.delay_passes();
    p.round().await;
    p.round_after(60).await;
    p.round_after(3_600).await;
    assert_eq!(p.order("o-1").await.stage, Stage::Completed);
    assert_eq!(p.applied("o-1").await.len(), 1);
    assert_eq!(p.kombo.sandbox.traffic().calls["result"], 1);
    let told = p.told("o-1").await;
    let (action, detail) = told.last().unwrap();
    assert_eq!(action, "order.read_back");
    assert_eq!(detail["notes"], json!(["confirmed_by_read_back"]));
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Delivered);
});

crate::both!(an_unheard_result_that_the_reconciler_sees_first_counts_once, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::AppliedThenBroken, 1);
    p.release("o-1").await;
    p.delay_passes();
    p.round().await;
    p.open_after(1).await;
    p.round_after(60).await;
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.conflict), (Stage::Completed, None));
    assert_eq!(p.kombo.sandbox.traffic().calls["result"], 1);
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Delivered);
});

crate::both!(a_read_back_that_shows_another_end_keeps_the_result, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::TimeOut, 1);
    p.release("o-1").await;
    p.delay_passes();
    p.round().await;
    p.kombo.sandbox.cancel("o-1").await.unwrap();
    p.round_after(60).await;
    let order = p.order("o-1").await;
    assert_eq!(
        (order.stage, order.conflict),
        (Stage::Cancelled, Some(Conflict::OtherEnd))
    );
    assert!(p.applied("o-1").await.is_empty());
    let mut conn = p.t.app.read().await.unwrap();
    assert!(results::find(&mut conn, order.id).await.unwrap().is_some());
    drop(conn);
    assert_eq!(p.round_after(3_600).await, 0);
});

crate::both!(a_word_that_may_have_arrived_is_not_undone_while_it_is_parked, |t| {
    let p = Practice::new(t).await;
    p.mischief(CallKind::Result, CallMischief::AppliedThenBroken, 1);
    p.release("o-1").await;
    p.delay_passes();
    p.round().await;
    // The integration fails while it is read back.
    p.t.advance(std::time::Duration::from_mins(1));
    let mut work = p.t.app.begin_system().await.unwrap();
    let (id, now) = (p.final_word("o-1").await.id, work.now);
    let until = now.plus(std::time::Duration::from_mins(6));
    let claimed = deliveries::claim(&mut work.conn, id, now, until)
        .await
        .unwrap()
        .unwrap();
    let failed = Tried::silent(Ended::Failed(Fate::ParkIntegration), now, "It does not work.");
    record_attempt::record(&mut work, id, claimed.fence, &failed)
        .await
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!(p.final_word("o-1").await.state, DeliveryState::Parked);
    let told = p.try_step("o-1", Event::Undone, Said::default()).await.unwrap_err();
    assert!(told.contains("may have arrived"), "{told}");
    let mut work = p.t.app.begin_system().await.unwrap();
    wake_integration::wake(&mut work, p.customer.integration).await.unwrap();
    work.commit().await.unwrap();
    p.round().await;
    assert_eq!(p.order("o-1").await.stage, Stage::Completed);
    assert_eq!(p.kombo.sandbox.traffic().calls["result"], 1);
});

crate::both!(a_rejection_that_we_did_not_give_is_a_conflict, |t| {
    let p = Practice::new(t).await;
    p.kombo_shows("o-1", OrderStatus::Rejected).await;
    p.open_after(180).await;
    let order = p.order("o-1").await;
    assert_eq!(
        (order.stage, order.conflict),
        (Stage::Rejected, Some(Conflict::RejectionArrived))
    );
    let version = order.version;
    p.open_after(180).await;
    assert_eq!(p.order("o-1").await.version, version);
});

crate::both!(another_end_in_kombo_is_shown_beside_ours, |t| {
    let p = Practice::new(t).await;
    p.cancel("o-1").await;
    p.delay_passes();
    p.round().await;
    p.kombo_shows("o-1", OrderStatus::Completed).await;
    p.compare_after(3_600, Pass::Daily).await;
    let order = p.order("o-1").await;
    assert_eq!(
        (order.stage, order.kombo_status, order.conflict),
        (Stage::Cancelled, Some(KomboStatus::Completed), Some(Conflict::OtherEnd))
    );
    p.kombo_shows("o-1", OrderStatus::Cancelled).await;
    p.compare_after(3_600, Pass::Daily).await;
    assert_eq!(p.order("o-1").await.conflict, None, "they agree again");
});
