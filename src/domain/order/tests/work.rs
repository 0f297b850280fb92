use super::*;

#[test]
fn a_person_accepts_a_received_order_and_nothing_goes_to_kombo() {
    let accepted = change(&order(Stage::Received), &Event::Decided(Decision::Accept));
    assert_eq!(accepted.state.stage, Stage::Accepted);
    assert_eq!(accepted.effects, [Effect::QueueInvitation]);
    refused(&accepted.state, &Event::Decided(Decision::Accept));
}

#[test]
fn an_invitation_that_the_mail_server_took_makes_the_order_invited() {
    assert_eq!(
        go(&order(Stage::Accepted), &[Event::InvitationTaken]).stage,
        Stage::Invited
    );
    assert_eq!(
        go(&order(Stage::Started), &[Event::InvitationTaken]).stage,
        Stage::Started
    );
}

#[test]
fn an_invitation_that_failed_names_its_problem() {
    let failed = change(&order(Stage::Accepted), &Event::InvitationFailed);
    assert_eq!(failed.state.stage, Stage::Accepted);
    assert_eq!(failed.effects, [Effect::NameInvitationProblem]);
}

#[test]
fn the_candidate_starts_an_order_that_was_taken_in() {
    for stage in [Stage::Accepted, Stage::Invited] {
        let started = change(&order(stage), &Event::CandidateStarted);
        assert_eq!(started.state.stage, Stage::Started);
        assert_eq!(started.effects, [Effect::QueueProgress]);
    }
    for stage in [Stage::Received, Stage::Started, Stage::Closing, Stage::Cancelled] {
        refused(&order(stage), &Event::CandidateStarted);
    }
}

#[test]
fn a_review_returns_to_the_stage_before() {
    for stage in [Stage::Accepted, Stage::Invited, Stage::Started] {
        let review = change(&order(stage), &Event::SentToReview);
        assert_eq!(review.state.stage, Stage::InReview);
        assert_eq!(review.state.stage_before, Some(stage));
        assert_eq!(review.effects, [Effect::ResultToReview]);
        let back = change(&review.state, &Event::ReviewReturned);
        assert_eq!(back.state, order(stage));
        assert_eq!(back.effects, [Effect::ResultToDraft]);
    }
    refused(&order(Stage::Received), &Event::SentToReview);
    refused(&order(Stage::InReview), &Event::SentToReview);
}

#[test]
fn a_live_order_can_be_paused_resumed_assigned_and_corrected() {
    for stage in LIVE {
        let state = go(&order(stage), &[Event::Paused]);
        assert!(state.paused);
        assert_eq!(state.stage, stage);
        refused(&state, &Event::Paused);
        let state = go(&state, &[Event::Resumed, Event::Assigned, Event::AddressCorrected]);
        assert_eq!(state, order(stage));
    }
    for stage in [Stage::Closing, Stage::Completed, Stage::Rejected, Stage::Cancelled] {
        for event in [Event::Paused, Event::Resumed, Event::Assigned, Event::AddressCorrected] {
            refused(&order(stage), &event);
        }
    }
}

#[test]
fn an_invitation_is_sent_again_only_once_the_order_was_accepted() {
    let again = change(&order(Stage::Invited), &Event::InvitationResent);
    assert_eq!(again.effects, [Effect::QueueInvitation]);
    assert!(refused(&order(Stage::Received), &Event::InvitationResent).contains("Accept"));
}

#[test]
fn an_order_whose_integration_was_deleted_can_be_closed_here() {
    for stage in [LIVE.as_slice(), &[Stage::Closing]].concat() {
        refused(&order(stage), &Event::ClosedHere);
        let gone = change(&order(stage), &Event::IntegrationDeleted);
        assert_eq!(gone.state.stage, stage);
        assert!(gone.state.unreachable);
        assert_eq!(gone.effects, [Effect::ParkDeliveries]);
        let closed = change(&gone.state, &Event::ClosedHere);
        assert_eq!(closed.state.stage, Stage::Cancelled);
        assert_eq!(closed.state.final_delivery, FinalDelivery::Nothing);
        assert_eq!(closed.effects.contains(&Effect::WithdrawFinal), stage == Stage::Closing);
    }
}

#[test]
fn nothing_is_released_or_cancelled_through_a_deleted_integration() {
    let gone = go(&order(Stage::Started), &[Event::IntegrationDeleted]);
    assert!(refused(&gone, &Event::Released).contains("deleted"));
    assert!(refused(&gone, &Event::Cancelled).contains("deleted"));
    let parked = go(&order(Stage::Closing), &[Event::IntegrationDeleted]);
    assert_eq!(parked.final_delivery, FinalDelivery::Parked);
    refused(&parked, &Event::Woken);
}
