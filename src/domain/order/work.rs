//! The work on an order: invitation, start, review, pause.

use super::step::Step;
use super::{Change, Effect, FinalDelivery, Note, Refused, Stage, State};

/// Refuses an order on which there is no work any more.
pub(super) fn require_live(state: &State) -> Result<(), Refused> {
    match state.stage {
        Stage::Closing => Err(Refused(
            "This order is being closed, so it can't be changed. Undo first, if it hasn't left yet.",
        )),
        Stage::Completed => Err(Refused("This order is completed.")),
        Stage::Rejected => Err(Refused("This order was rejected.")),
        Stage::Cancelled => Err(Refused("This order was cancelled.")),
        _ => Ok(()),
    }
}

/// Refuses an order that nobody has taken in.
pub(super) fn require_taken_in(state: &State) -> Result<(), Refused> {
    require_live(state)?;
    if state.stage == Stage::Received {
        return Err(Refused("Nobody has accepted this order yet. Accept it first."));
    }
    Ok(())
}

pub(super) fn invitation_taken(state: &State) -> Step {
    require_taken_in(state)?;
    let mut change = Change::none(state);
    if state.stage == Stage::Accepted {
        change.state.stage = Stage::Invited;
    }
    Ok(change)
}

pub(super) fn invitation_failed(state: &State) -> Step {
    require_taken_in(state)?;
    Ok(Change::none(state).with(Effect::NameInvitationProblem))
}

pub(super) fn invitation_resent(state: &State) -> Step {
    require_taken_in(state)?;
    Ok(Change::none(state).with(Effect::QueueInvitation))
}

/// Something beside the stage changes: the address, the person in charge.
pub(super) fn touched(state: &State) -> Step {
    require_live(state)?;
    Ok(Change::none(state))
}

pub(super) fn started(state: &State) -> Step {
    require_taken_in(state)?;
    if !matches!(state.stage, Stage::Accepted | Stage::Invited) {
        return Err(Refused("The candidate has already started."));
    }
    let mut change = Change::none(state).with(Effect::QueueProgress);
    change.state.stage = Stage::Started;
    Ok(change)
}

pub(super) fn sent_to_review(state: &State) -> Step {
    require_taken_in(state)?;
    if state.stage == Stage::InReview {
        return Err(Refused("This result is already in review."));
    }
    let mut change = Change::none(state).with(Effect::ResultToReview);
    change.state.stage_before = Some(state.stage);
    change.state.stage = Stage::InReview;
    Ok(change)
}

pub(super) fn review_returned(state: &State) -> Step {
    if state.stage != Stage::InReview {
        return Err(Refused("This result is not in review."));
    }
    let mut change = Change::none(state).with(Effect::ResultToDraft);
    change.state.stage = state.stage_before.unwrap_or(Stage::Accepted);
    change.state.stage_before = None;
    Ok(change)
}

pub(super) fn paused(state: &State) -> Step {
    require_live(state)?;
    if state.paused {
        return Err(Refused("This order is already paused."));
    }
    let mut change = Change::none(state);
    change.state.paused = true;
    Ok(change)
}

pub(super) fn resumed(state: &State) -> Step {
    require_live(state)?;
    if !state.paused {
        return Err(Refused("This order is not paused."));
    }
    let mut change = Change::none(state);
    change.state.paused = false;
    Ok(change)
}

/// Its integration is gone, so no word can reach Kombo: it ends here, as cancelled.
pub(super) fn closed_here(state: &State) -> Step {
    if state.stage.is_end() {
        return Err(Refused("This order is already closed."));
    }
    if !state.unreachable {
        return Err(Refused(
            "This order's integration still exists. Release a result or cancel the order, so that the ATS hears of it.",
        ));
    }
    if state.final_delivery == FinalDelivery::Sending {
        return Err(Refused("Its final word is leaving now. Wait for how that ends."));
    }
    let mut change = Change::none(state).ended(Stage::Cancelled);
    if state.final_delivery != FinalDelivery::Nothing {
        change = change.with(Effect::WithdrawFinal);
    }
    change.state.final_status = None;
    change.state.final_delivery = FinalDelivery::Nothing;
    change.state.final_tried = false;
    Ok(change
        .with(Effect::StopMails)
        .with(Effect::TurnOffStartLink)
        .with(Effect::Note(Note::ClosedHere)))
}
