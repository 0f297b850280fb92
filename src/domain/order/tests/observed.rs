use super::*;

#[test]
fn a_cancellation_in_the_ats_ends_a_live_order() {
    for stage in LIVE {
        let over = change(&order(stage), &seen(KomboStatus::Cancelled, 5));
        assert_eq!(over.state.stage, Stage::Cancelled);
        assert_eq!(over.state.conflict, None);
        assert_eq!(
            over.effects,
            [
                Effect::StopMails,
                Effect::TurnOffStartLink,
                Effect::Note(Note::CancelledInAts)
            ]
        );
    }
}

#[test]
fn a_cancellation_during_the_hold_answers_the_webhook() {
    let over = change(&held(), &seen(KomboStatus::Cancelled, 5));
    assert_eq!(over.state.stage, Stage::Cancelled);
    assert!(!over.state.held());
    assert!(over.effects.contains(&Effect::Answer(Answer::Taken)));
}

#[test]
fn a_result_that_is_not_ours_is_a_conflict() {
    let over = change(&order(Stage::Started), &seen(KomboStatus::Completed, 5));
    assert_eq!(over.state.stage, Stage::Completed);
    assert_eq!(over.state.conflict, Some(Conflict::NotByUs));
}

#[test]
fn a_rejection_that_did_arrive_is_a_conflict() {
    let over = change(&order(Stage::Received), &seen(KomboStatus::Rejected, 5));
    assert_eq!(over.state.stage, Stage::Rejected);
    assert_eq!(over.state.conflict, Some(Conflict::RejectionArrived));
}

#[test]
fn an_end_in_kombo_withdraws_the_final_word_that_still_waits() {
    let over = change(&closing(Stage::Started), &seen(KomboStatus::Cancelled, 5));
    assert_eq!(over.state.stage, Stage::Cancelled);
    assert_eq!(over.state.final_status, None);
    assert!(over.effects.contains(&Effect::WithdrawFinal));
    assert!(over.effects.contains(&Effect::UnlockResult));
    let not_ours = change(&closing(Stage::Started), &seen(KomboStatus::Completed, 5));
    assert_eq!(not_ours.state.conflict, Some(Conflict::NotByUs));
}

#[test]
fn an_end_in_kombo_waits_for_the_attempt_of_a_claimed_final_word() {
    let waiting = change(&sending(), &seen(KomboStatus::Completed, 5));
    assert_eq!(waiting.state.stage, Stage::Closing);
    assert_eq!(waiting.effects, []);
    assert_eq!(go(&waiting.state, &[Event::Delivered]).stage, Stage::Completed);
}

#[test]
fn an_end_that_equals_what_was_tried_confirms_it() {
    let mut tried = closing(Stage::Started);
    tried.final_tried = true;
    let done = change(&tried, &seen(KomboStatus::Completed, 5));
    assert_eq!(done.state.stage, Stage::Completed);
    assert_eq!(done.state.conflict, None);
    assert!(done.effects.contains(&Effect::Note(Note::ConfirmedByReadBack)));
}

#[test]
fn a_rejection_that_never_arrived_becomes_a_cancellation_after_two_sightings() {
    let state = order(Stage::Rejected);
    let state = change(&state, &seen(KomboStatus::Open, 119)).state;
    assert_eq!(state.open_seen, 0, "too soon to count");
    let state = change(&state, &seen(KomboStatus::Open, 120)).state;
    assert_eq!(state.stage, Stage::Rejected);
    let healed = change(&state, &seen(KomboStatus::Open, 300));
    assert_eq!(healed.state.stage, Stage::Closing);
    assert_eq!(
        healed.effects,
        [
            Effect::QueueFinal {
                status: FinalStatus::Cancelled,
                delay: false
            },
            Effect::Note(Note::RejectionDidNotArrive)
        ]
    );
    refused(&healed.state, &Event::Undone);
    assert_eq!(go(&healed.state, &[Event::Delivered]).stage, Stage::Cancelled);

    let arrived = change(&healed.state, &seen(KomboStatus::Rejected, 310));
    assert_eq!(arrived.state.stage, Stage::Rejected);
    assert_eq!(arrived.state.conflict, None);
}

#[test]
fn a_rejection_that_kombo_confirmed_is_never_cancelled() {
    let mut state = change(&order(Stage::Rejected), &seen(KomboStatus::Rejected, 200)).state;
    for seconds in [300, 400] {
        state = change(&state, &seen(KomboStatus::Open, seconds)).state;
    }
    assert_eq!(state.stage, Stage::Rejected);
}

fn still_open(stage: Stage) -> Change {
    let mut state = order(stage);
    for seconds in [100, 500, 999] {
        let change = change(&state, &seen(KomboStatus::Open, seconds));
        assert_eq!(change.effects, []);
        state = change.state;
    }
    change(&state, &seen(KomboStatus::Open, 1000))
}

#[test]
fn an_end_that_kombo_keeps_showing_as_open_is_a_conflict_and_can_be_sent_again() {
    for stage in [Stage::Completed, Stage::Cancelled] {
        let open = still_open(stage);
        assert_eq!(open.state.stage, stage);
        assert_eq!(open.state.conflict, Some(Conflict::StillOpen));
        assert_eq!(open.effects, [Effect::MarkConflict(Conflict::StillOpen)]);

        let again = change(&open.state, &Event::FinalSentAgain);
        assert_eq!(again.state.stage, stage);
        assert!(matches!(again.effects[..], [Effect::QueueFinal { delay: false, .. }]));
        let done = change(&again.state, &Event::Delivered).state;
        assert_eq!(done.stage, stage);
        assert_eq!(done.conflict, None);
        refused(&done, &Event::FinalSentAgain);
    }
}

#[test]
fn a_word_sent_again_is_withdrawn_when_kombo_shows_the_end() {
    let again = go(&still_open(Stage::Completed).state, &[Event::FinalSentAgain]);
    let seen = change(&again, &seen(KomboStatus::Completed, 1100));
    assert_eq!(seen.state.conflict, None);
    assert_eq!(seen.effects, [Effect::WithdrawFinal, Effect::Note(Note::Confirmed)]);
}

#[test]
fn the_same_end_confirms_and_another_end_is_a_conflict() {
    let first = change(&order(Stage::Rejected), &seen(KomboStatus::Rejected, 5));
    assert_eq!(first.effects, [Effect::Note(Note::Confirmed)]);
    assert_eq!(change(&first.state, &seen(KomboStatus::Rejected, 9)).effects, []);
    for (stage, status) in [
        (Stage::Completed, KomboStatus::Cancelled),
        (Stage::Rejected, KomboStatus::Cancelled),
        (Stage::Cancelled, KomboStatus::Completed),
    ] {
        let other = change(&order(stage), &seen(status, 5));
        assert_eq!(other.state.stage, stage);
        assert_eq!(other.state.kombo_status, Some(status));
        assert_eq!(other.effects, [Effect::MarkConflict(Conflict::OtherEnd)]);
    }
}

#[test]
fn open_from_an_older_read_is_ignored() {
    let done = change_at(&sending(), &Event::Delivered, 50).state;
    assert_eq!(change(&done, &seen(KomboStatus::Open, 49)).state, done);
}

#[test]
fn an_order_absent_twice_ten_minutes_apart_is_flagged_and_never_closed() {
    for stage in [LIVE.as_slice(), &ENDS, &[Stage::Closing]].concat() {
        let absent = |seconds| Event::Absent { at: at(seconds) };
        let state = go(&order(stage), &[absent(10), absent(600)]);
        assert!(!state.not_in_kombo);
        let flagged = change(&state, &absent(610));
        assert!(flagged.state.not_in_kombo);
        assert_eq!(flagged.state.stage, stage);
        assert_eq!(flagged.effects, [Effect::ShowOnToday]);
        let back = change(&flagged.state, &seen(KomboStatus::Open, 700)).state;
        assert!(!back.not_in_kombo);
        assert_eq!(back.absent_seen, 0);
    }
}

#[test]
fn a_deleted_integration_does_not_touch_what_is_over() {
    for stage in ENDS {
        refused(&order(stage), &Event::IntegrationDeleted);
    }
}
