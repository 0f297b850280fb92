use super::*;

#[test]
fn an_order_that_the_setting_accepts_is_answered_and_its_candidate_invited() {
    let new = begin(&arrival(accept()), at(0));
    assert_eq!(new.state.stage, Stage::Accepted);
    assert_eq!(new.state.decided_by, Some(DecidedBy::Rule));
    assert_eq!(new.effects, [Effect::Answer(Answer::Taken), Effect::QueueInvitation]);
}

#[test]
fn an_order_that_a_rule_rejects_is_rejected_in_the_answer_and_not_yet_seen_so() {
    let new = begin(&arrival(reject()), at(0));
    assert_eq!(new.state.stage, Stage::Rejected);
    assert_eq!(new.state.kombo_status, None);
    assert_eq!(new.effects, [Effect::Answer(Answer::Rejected)]);
}

#[test]
fn an_order_for_a_later_decision_is_received_without_a_mail() {
    let new = begin(&arrival(later()), at(0));
    assert_eq!(new.state.stage, Stage::Received);
    assert_eq!(new.state.decision, None);
    assert_eq!(new.effects, [Effect::Answer(Answer::Taken)]);
}

#[test]
fn a_held_order_has_no_answer_yet() {
    let state = held();
    assert_eq!(state.stage, Stage::Received);
    assert!(state.held());
    let mut arrival = arrival(accept());
    arrival.hold_until = Some(at(8));
    assert_eq!(begin(&arrival, at(0)).effects, []);
}

#[test]
fn an_inline_order_is_answered_with_its_address_and_never_held_or_mailed() {
    let mut inline = arrival(accept());
    inline.inline = true;
    inline.hold_until = Some(at(8));
    let new = begin(&inline, at(0));
    assert_eq!(new.state.stage, Stage::Accepted);
    assert!(!new.state.held());
    assert_eq!(new.effects, [Effect::Answer(Answer::StartAddress)]);

    inline.verdict = reject();
    assert_eq!(begin(&inline, at(0)).effects, [Effect::Answer(Answer::Rejected)]);
}

#[test]
fn an_order_that_is_over_on_arrival_stands_at_that_end_and_sends_nothing() {
    for (status, end) in [
        (KomboStatus::Completed, Stage::Completed),
        (KomboStatus::Cancelled, Stage::Cancelled),
        (KomboStatus::Rejected, Stage::Rejected),
    ] {
        let mut over = arrival(accept());
        over.status = status;
        let new = begin(&over, at(0));
        assert_eq!(new.state.stage, end);
        assert_eq!(
            new.effects,
            [Effect::Note(Note::OverOnArrival), Effect::Answer(Answer::Taken)]
        );
        over.source = Source::List;
        assert_eq!(begin(&over, at(0)).effects, [Effect::Note(Note::OverOnArrival)]);
    }
}

fn listed() -> State {
    let mut listed = arrival(accept());
    listed.source = Source::List;
    let new = begin(&listed, at(0));
    assert_eq!(new.effects, []);
    new.state
}

#[test]
fn an_order_found_in_the_list_waits_for_its_webhook() {
    let state = listed();
    assert_eq!(state.stage, Stage::Received);
    assert_eq!(state.undecided_until, Some(at(120)));
    assert!(step(&state, &Event::UndecidedEnded(accept()), at(119)).is_err());

    let decided = change(&state, &repeat(reject()));
    assert_eq!(decided.state.stage, Stage::Rejected);
    assert_eq!(decided.effects, [Effect::Answer(Answer::Rejected)]);
}

#[test]
fn an_order_found_in_the_list_is_accepted_once_no_webhook_came() {
    let accepted = change_at(&listed(), &Event::UndecidedEnded(accept()), 120);
    assert_eq!(accepted.state.stage, Stage::Accepted);
    assert_eq!(accepted.effects, [Effect::QueueInvitation]);

    let waiting = change_at(&listed(), &Event::UndecidedEnded(later()), 120);
    assert_eq!(waiting.state.stage, Stage::Received);
    assert_eq!(waiting.state.undecided_until, None);
}

#[test]
fn an_order_found_in_the_list_is_never_rejected_but_proposed_for_cancellation() {
    let proposed = change_at(&listed(), &Event::UndecidedEnded(reject()), 120);
    assert_eq!(proposed.state.stage, Stage::Received);
    assert_eq!(proposed.effects, [Effect::ProposeCancellation("Not ours.".to_owned())]);
}

#[test]
fn a_person_decides_a_held_order_in_its_answer() {
    let accepted = change(&held(), &Event::Decided(Decision::Accept));
    assert_eq!(accepted.state.stage, Stage::Accepted);
    assert_eq!(accepted.state.decided_by, Some(DecidedBy::Staff));
    assert_eq!(
        accepted.effects,
        [Effect::Answer(Answer::Taken), Effect::QueueInvitation]
    );
    let rejected = change(&held(), &Event::Decided(Decision::Reject));
    assert_eq!(rejected.state.stage, Stage::Rejected);
    assert!(!rejected.state.held());
    assert_eq!(rejected.effects, [Effect::Answer(Answer::Rejected)]);
    assert!(step(&held(), &Event::Decided(Decision::Reject), at(8)).is_err());
}

#[test]
fn the_setting_decides_when_the_hold_is_over() {
    for (verdict, stage, answer) in [
        (accept(), Stage::Accepted, Answer::Taken),
        (later(), Stage::Received, Answer::Taken),
        (reject(), Stage::Rejected, Answer::Rejected),
    ] {
        let change = change_at(&held(), &Event::HoldEnded(verdict), 8);
        assert_eq!(change.state.stage, stage);
        assert!(!change.state.held());
        assert_eq!(change.effects.first(), Some(&Effect::Answer(answer)));
    }
    refused(&order(Stage::Received), &Event::HoldEnded(accept()));
}

#[test]
fn a_lost_hold_leaves_the_order_received_and_unanswered() {
    let lost = change(&held(), &Event::HoldLost);
    assert_eq!(lost.state.stage, Stage::Received);
    assert!(!lost.state.held());
    assert_eq!(lost.state.answered_at, None);
    assert!(refused(&lost.state, &Event::Decided(Decision::Reject)).contains("cancel"));
    change(&lost.state, &Event::Cancelled);
}

#[test]
fn a_repeat_joins_the_hold() {
    let joined = change(&held(), &repeat(reject()));
    assert_eq!(joined.state, held());
    assert_eq!(joined.effects, [Effect::JoinHold]);
}

#[test]
fn a_repeat_gets_the_stored_decision_again() {
    for stage in [LIVE.as_slice(), &[Stage::Closing, Stage::Completed, Stage::Cancelled]].concat() {
        let again = change(&order(stage), &repeat(reject()));
        assert_eq!(again.state, order(stage));
        assert_eq!(again.effects, [Effect::Answer(Answer::Taken)], "{stage}");
    }
    let again = change(&order(Stage::Rejected), &repeat(accept()));
    assert_eq!(again.state, order(Stage::Rejected));
    assert_eq!(again.effects, [Effect::Answer(Answer::Rejected)]);

    let mut inline = order(Stage::Accepted);
    inline.inline = true;
    let again = change(&inline, &repeat(reject()));
    assert_eq!(again.effects, [Effect::Answer(Answer::StartAddress)]);
}

#[test]
fn a_repeat_of_an_order_that_was_never_answered_is_decided_afresh() {
    let mut state = order(Stage::Received);
    state.answered_at = None;
    let rejected = change(&state, &repeat(reject()));
    assert_eq!(rejected.state.stage, Stage::Rejected);
    assert_eq!(rejected.effects, [Effect::Answer(Answer::Rejected)]);
    let accepted = change(&state, &repeat(accept()));
    assert_eq!(accepted.state.stage, Stage::Accepted);
}

#[test]
fn a_repeat_of_an_order_that_was_never_answered_may_wait_for_a_person_again() {
    let mut state = order(Stage::Received);
    state.answered_at = None;
    let asked = Event::Repeated(Repeat {
        status: KomboStatus::Open,
        inline: false,
        differs: false,
        verdict: reject(),
        hold_until: Some(at(8)),
    });
    let held = change(&state, &asked);
    assert_eq!(
        (held.state.stage, held.state.hold_until),
        (Stage::Received, Some(at(8)))
    );
    assert!(held.effects.is_empty(), "no answer yet");
    state.inline = true;
    assert!(
        !change(&state, &asked).state.held(),
        "a waiting candidate is never held up"
    );
    let joined = change(&held.state, &asked);
    assert_eq!(joined.effects, [Effect::JoinHold]);
}

#[test]
fn a_decision_that_was_written_but_not_answered_stands() {
    let mut state = order(Stage::Rejected);
    state.answered_at = None;
    let again = change(&state, &repeat(accept()));
    assert_eq!(again.state.stage, Stage::Rejected);
    assert_eq!(again.effects, [Effect::Answer(Answer::Rejected)]);
}

#[test]
fn a_repeat_with_other_data_flags_the_order_and_changes_nothing_else() {
    let event = Event::Repeated(Repeat {
        status: KomboStatus::Open,
        inline: false,
        differs: true,
        verdict: accept(),
        hold_until: None,
    });
    let state = change(&order(Stage::Invited), &event).state;
    assert!(state.differs);
    assert_eq!(state.stage, Stage::Invited);
}

#[test]
fn a_repeat_that_tells_of_a_cancellation_cancels() {
    let event = Event::Repeated(Repeat {
        status: KomboStatus::Cancelled,
        inline: false,
        differs: false,
        verdict: accept(),
        hold_until: None,
    });
    let over = change(&order(Stage::Invited), &event);
    assert_eq!(over.state.stage, Stage::Cancelled);
    assert!(over.effects.contains(&Effect::Answer(Answer::Taken)));
}

#[test]
fn the_first_answer_that_left_is_remembered() {
    let mut state = order(Stage::Accepted);
    state.answered_at = None;
    let state = change_at(&state, &Event::AnswerLeft, 1).state;
    let state = change_at(&state, &Event::AnswerLeft, 2).state;
    assert_eq!(state.answered_at, Some(at(1)));
}
