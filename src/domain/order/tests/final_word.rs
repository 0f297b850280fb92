use super::*;

#[test]
fn a_released_result_waits_for_the_release_delay() {
    for stage in [Stage::Accepted, Stage::Invited, Stage::Started, Stage::InReview] {
        let released = change(&order(stage), &Event::Released);
        assert_eq!(released.state.stage, Stage::Closing);
        assert_eq!(released.state.stage_before, Some(stage));
        assert_eq!(released.state.final_status, Some(FinalStatus::Completed));
        assert_eq!(
            released.effects,
            [
                Effect::QueueFinal {
                    status: FinalStatus::Completed,
                    delay: true
                },
                Effect::LockResult
            ]
        );
    }
    assert!(refused(&order(Stage::Received), &Event::Released).contains("Accept"));
    for stage in [Stage::Closing, Stage::Completed, Stage::Rejected, Stage::Cancelled] {
        refused(&order(stage), &Event::Released);
    }
}

#[test]
fn a_live_order_can_be_cancelled_with_a_reason() {
    for stage in LIVE {
        let cancelled = change(&order(stage), &Event::Cancelled);
        assert_eq!(cancelled.state.stage, Stage::Closing);
        assert_eq!(
            cancelled.effects.first(),
            Some(&Effect::QueueFinal {
                status: FinalStatus::Cancelled,
                delay: true
            })
        );
    }
    assert!(refused(&held(), &Event::Cancelled).contains("reject"));
}

#[test]
fn undo_brings_back_the_stage_before() {
    for stage in [Stage::Accepted, Stage::Invited, Stage::Started, Stage::InReview] {
        let undone = change(&closing(stage), &Event::Undone);
        assert_eq!(undone.state, order(stage));
        assert_eq!(undone.effects, [Effect::WithdrawFinal, Effect::UnlockResult]);
    }
}

#[test]
fn undo_brings_back_a_review_that_can_still_be_returned() {
    let review = go(
        &order(Stage::Started),
        &[Event::SentToReview, Event::Released, Event::Undone],
    );
    assert_eq!(review.stage, Stage::InReview);
    assert_eq!(go(&review, &[Event::ReviewReturned]).stage, Stage::Started);
}

#[test]
fn what_was_claimed_is_leaving_and_cannot_be_undone() {
    assert!(refused(&sending(), &Event::Undone).contains("leaving now"));
    let unknown = go(&sending(), &[Event::FateUnknown]);
    assert!(refused(&unknown, &Event::Undone).contains("may have arrived"));
}

#[test]
fn a_final_word_that_kombo_took_ends_the_order() {
    let done = change(&sending(), &Event::Delivered);
    assert_eq!(done.state.stage, Stage::Completed);
    assert_eq!(done.state.kombo_status, Some(KomboStatus::Completed));
    assert_eq!(done.effects, [Effect::TurnOffStartLink, Effect::TurnOnReport]);
    let cancelled = go(&order(Stage::Received), &[Event::Cancelled, Event::Delivered]);
    assert_eq!(cancelled.stage, Stage::Cancelled);
    refused(&order(Stage::Started), &Event::Delivered);
}

#[test]
fn an_unknown_fate_or_a_refusal_is_read_back() {
    for event in [Event::FateUnknown, Event::FinalRefused] {
        let asked = change(&sending(), &event);
        assert_eq!(asked.state.stage, Stage::Closing);
        assert_eq!(asked.effects, [Effect::ReadBack]);
    }
}

fn read_back(status: KomboStatus, refused: bool) -> Change {
    let event = if refused {
        Event::FinalRefused
    } else {
        Event::FateUnknown
    };
    let asked = go(&sending(), &[event]);
    change(&asked, &Event::ReadBack { status, refused })
}

#[test]
fn a_read_back_that_shows_what_we_sent_confirms_it() {
    for refused in [false, true] {
        let done = read_back(KomboStatus::Completed, refused);
        assert_eq!(done.state.stage, Stage::Completed);
        assert_eq!(done.state.conflict, None);
        assert!(done.effects.contains(&Effect::Note(Note::ConfirmedByReadBack)));
        assert!(done.effects.contains(&Effect::TurnOnReport));
    }
}

#[test]
fn a_read_back_that_shows_another_end_is_a_conflict() {
    let ended = read_back(KomboStatus::Cancelled, false);
    assert_eq!(ended.state.stage, Stage::Cancelled);
    assert_eq!(ended.state.conflict, Some(Conflict::OtherEnd));
    assert!(!ended.effects.contains(&Effect::UnlockResult));
}

#[test]
fn a_read_back_that_shows_open_after_an_unknown_fate_sends_again() {
    let again = read_back(KomboStatus::Open, false);
    assert_eq!(again.state.stage, Stage::Closing);
    assert_eq!(again.state.final_delivery, FinalDelivery::Waiting);
    assert_eq!(again.effects, [Effect::SendFinalAgain]);
}

#[test]
fn a_read_back_that_shows_open_after_a_refusal_is_for_a_person() {
    let stuck = read_back(KomboStatus::Open, true);
    assert_eq!(stuck.state.stage, Stage::Closing);
    assert!(stuck.state.stuck);
    assert_eq!(stuck.effects, [Effect::ShowOnToday]);
    let given_up = change(&sending(), &Event::GaveUp);
    assert!(given_up.state.stuck);
    assert_eq!(given_up.effects, [Effect::ShowOnToday]);
}

#[test]
fn a_fault_of_the_integration_parks_and_its_mending_wakes() {
    let parked = change(&sending(), &Event::Parked);
    assert_eq!(parked.state.stage, Stage::Closing);
    assert_eq!(parked.effects, [Effect::ParkDeliveries]);
    let woken = change(&parked.state, &Event::Woken);
    assert_eq!(woken.state.final_delivery, FinalDelivery::Waiting);
    assert_eq!(woken.effects, [Effect::WakeDeliveries]);
    assert_eq!(go(&parked.state, &[Event::Undone]), order(Stage::Started));
}

#[test]
fn what_may_have_arrived_is_never_parked_before_it_was_read_back() {
    let unknown = go(&sending(), &[Event::FateUnknown]);
    assert!(refused(&unknown, &Event::Parked).contains("read back"));
}

#[test]
fn what_was_given_up_can_be_released_again_or_taken_back() {
    let stuck = read_back(KomboStatus::Open, true).state;
    let again = change(&stuck, &Event::ReleasedAgain);
    assert_eq!(again.state.stage, Stage::Closing);
    assert!(!again.state.stuck);
    assert_eq!(
        again.effects,
        [
            Effect::SupersedeFinal,
            Effect::QueueFinal {
                status: FinalStatus::Completed,
                delay: true
            }
        ]
    );
    let back = change(&stuck, &Event::TakenBack);
    assert_eq!(back.state.stage, Stage::Started);
    assert!(!back.state.stuck);
    for event in [Event::ReleasedAgain, Event::TakenBack] {
        refused(&closing(Stage::Started), &event);
    }
}
