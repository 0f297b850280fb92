//! The final word: released or cancelled, undone, sent, read back, given up, mended.

use super::step::Step;
use super::work::{require_live, require_taken_in};
use super::{Change, Conflict, Effect, FinalDelivery, FinalStatus, KomboStatus, Note, Refused, Stage, State};
use crate::domain::time::Timestamp;

const LEAVING: Refused = Refused("It is leaving now, so it can't be taken back any more.");
const IN_DOUBT: Refused = Refused("It may have arrived already, so it can't be taken back.");
const NOT_CLOSING: Refused = Refused("No final word is waiting for this order.");

/// Into closing with a final word.
pub(super) fn close(state: &State, status: FinalStatus, delay: bool) -> Change {
    let mut change = Change::none(state).with(Effect::QueueFinal { status, delay });
    let next = &mut change.state;
    next.review_before = state.stage_before.filter(|_| state.stage == Stage::InReview);
    next.stage_before = Some(state.stage);
    next.stage = Stage::Closing;
    next.undecided_until = None;
    next.open_seen = 0;
    next.open_seen_first = None;
    queue(next, status);
    change
}

fn queue(state: &mut State, status: FinalStatus) {
    state.final_status = Some(status);
    state.final_delivery = FinalDelivery::Waiting;
    state.final_tried = false;
    state.final_in_doubt = false;
    state.stuck = false;
}

pub(super) fn released(state: &State) -> Step {
    require_taken_in(state)?;
    require_reachable(state)?;
    Ok(close(state, FinalStatus::Completed, true).with(Effect::LockResult))
}

pub(super) fn cancelled(state: &State) -> Step {
    require_live(state)?;
    if state.held() {
        return Err(Refused(
            "The ATS is still waiting for the answer: accept or reject the order instead.",
        ));
    }
    require_reachable(state)?;
    Ok(close(state, FinalStatus::Cancelled, true)
        .with(Effect::LockResult)
        .with(Effect::StopMails))
}

fn require_reachable(state: &State) -> Result<(), Refused> {
    if state.unreachable {
        return Err(Refused(
            "The customer's integration was deleted, so nothing can reach the ATS. You can close the order here.",
        ));
    }
    Ok(())
}

pub(super) fn undone(state: &State) -> Step {
    require_closing(state)?;
    match state.final_delivery {
        FinalDelivery::GivenUp => Err(Refused("It was given up. Take it back instead.")),
        FinalDelivery::Unknown => Err(IN_DOUBT),
        FinalDelivery::Parked if state.final_in_doubt => Err(IN_DOUBT),
        FinalDelivery::Waiting | FinalDelivery::Parked => reopened(state),
        FinalDelivery::Sending | FinalDelivery::Nothing => Err(LEAVING),
    }
}

pub(super) fn taken_back(state: &State) -> Step {
    require_given_up(state)?;
    reopened(state)
}

/// Back to the stage before closing. A healed rejection stays on its way: the recruiter was promised it.
fn reopened(state: &State) -> Step {
    let before = match state.stage_before {
        Some(Stage::Rejected) => {
            return Err(Refused(
                "This order was rejected and the cancellation only makes sure that the ATS hears of it, so it can't be taken back.",
            ));
        }
        Some(before) => before,
        None => {
            return Err(Refused("Nobody knows any more where this order stood before."));
        }
    };
    let mut change = Change::none(state)
        .with(Effect::WithdrawFinal)
        .with(Effect::UnlockResult);
    let next = &mut change.state;
    next.stage = before;
    next.stage_before = state.review_before.filter(|_| before == Stage::InReview);
    next.review_before = None;
    next.final_status = None;
    next.final_delivery = FinalDelivery::Nothing;
    next.final_tried = false;
    next.final_in_doubt = false;
    next.stuck = false;
    Ok(change)
}

fn require_closing(state: &State) -> Result<FinalStatus, Refused> {
    match state.final_status {
        Some(status) if state.stage == Stage::Closing => Ok(status),
        _ => Err(NOT_CLOSING),
    }
}

/// A final word is under way: while closing, or when it is sent again after the end.
fn require_under_way(state: &State) -> Result<FinalStatus, Refused> {
    match state.final_status {
        Some(status) if state.final_delivery != FinalDelivery::Nothing => Ok(status),
        _ => Err(NOT_CLOSING),
    }
}

fn require_given_up(state: &State) -> Result<FinalStatus, Refused> {
    let status = require_closing(state)?;
    if state.final_delivery != FinalDelivery::GivenUp {
        return Err(Refused("It has not been given up: it is still being sent."));
    }
    Ok(status)
}

pub(super) fn delivered(state: &State, now: Timestamp) -> Step {
    let status = require_under_way(state)?;
    Ok(arrived(state, status, now))
}

/// The final word is with Kombo.
pub(super) fn arrived(state: &State, status: FinalStatus, now: Timestamp) -> Change {
    let end = match state.stage {
        Stage::Closing => status.stage(),
        stage => stage,
    };
    let mut change = Change::none(state)
        .ended(end)
        .with(Effect::TurnOffStartLink)
        .with(Effect::TurnOnReport);
    let next = &mut change.state;
    next.kombo_status = Some(status.kombo());
    next.kombo_seen_at = Some(now);
    next.final_delivery = FinalDelivery::Nothing;
    next.final_in_doubt = false;
    if next.conflict == Some(Conflict::StillOpen) {
        next.conflict = None;
    }
    change
}

/// It may have arrived, or have been refused because it had arrived before: only the order itself can tell.
pub(super) fn to_be_read_back(state: &State) -> Step {
    require_under_way(state)?;
    let mut change = Change::none(state).with(Effect::ReadBack);
    change.state.final_delivery = FinalDelivery::Unknown;
    change.state.final_tried = true;
    change.state.final_in_doubt = true;
    Ok(change)
}

/// What the order shows after a fate unknown or a refusal.
pub(super) fn read_back(state: &State, status: KomboStatus, refused: bool, now: Timestamp) -> Step {
    let sent = require_under_way(state)?;
    if state.final_delivery.rests() {
        return Err(Refused("Its final word is not waiting to be read back."));
    }
    if status == sent.kombo() {
        return Ok(arrived(state, sent, now).with(Effect::Note(Note::ConfirmedByReadBack)));
    }
    if let Some(end) = status.end() {
        return Ok(ended_otherwise(state, status, end, now));
    }
    let mut change = Change::none(state);
    let next = &mut change.state;
    next.kombo_status = Some(status);
    next.kombo_seen_at = Some(now);
    next.final_in_doubt = false;
    if refused {
        next.final_delivery = FinalDelivery::GivenUp;
        next.stuck = true;
        return Ok(change.with(Effect::ShowOnToday));
    }
    next.final_delivery = FinalDelivery::Waiting;
    Ok(change.with(Effect::SendFinalAgain))
}

/// Kombo ended it in another way than the word that was sent: the result is kept, and both are shown.
fn ended_otherwise(state: &State, status: KomboStatus, end: Stage, now: Timestamp) -> Change {
    let end = if state.stage == Stage::Closing {
        end
    } else {
        state.stage
    };
    let heals = state.is_our_rejection(status);
    let mut change = Change::none(state).ended(end).with(Effect::TurnOffStartLink);
    let next = &mut change.state;
    next.kombo_status = Some(status);
    next.kombo_seen_at = Some(now);
    next.final_delivery = FinalDelivery::Nothing;
    next.final_in_doubt = false;
    if heals {
        return change.with(Effect::Note(Note::Confirmed));
    }
    next.conflict = Some(Conflict::OtherEnd);
    change.with(Effect::MarkConflict(Conflict::OtherEnd))
}

pub(super) fn gave_up(state: &State) -> Step {
    require_under_way(state)?;
    let mut change = Change::none(state).with(Effect::ShowOnToday);
    change.state.final_delivery = FinalDelivery::GivenUp;
    change.state.final_tried = true;
    change.state.stuck = true;
    Ok(change)
}

pub(super) fn parked(state: &State) -> Step {
    require_under_way(state)?;
    match state.final_delivery {
        FinalDelivery::GivenUp => return Err(Refused("It was given up already.")),
        // Once woken it would be sent again at once, although it may have arrived.
        FinalDelivery::Unknown => {
            return Err(Refused("It may have arrived: it is read back before anything else."));
        }
        _ => {}
    }
    let mut change = Change::none(state).with(Effect::ParkDeliveries);
    change.state.final_delivery = FinalDelivery::Parked;
    change.state.final_tried = true;
    Ok(change)
}

pub(super) fn woken(state: &State) -> Step {
    require_under_way(state)?;
    if state.final_delivery != FinalDelivery::Parked {
        return Err(Refused("It is not waiting for its integration."));
    }
    require_reachable(state)?;
    let mut change = Change::none(state).with(Effect::WakeDeliveries);
    change.state.final_delivery = FinalDelivery::Waiting;
    Ok(change)
}

pub(super) fn released_again(state: &State) -> Step {
    let status = require_given_up(state)?;
    require_reachable(state)?;
    let mut change = Change::none(state)
        .with(Effect::SupersedeFinal)
        .with(Effect::QueueFinal { status, delay: true });
    queue(&mut change.state, status);
    Ok(change)
}

/// Ended here and still open in Kombo: the same word once more.
pub(super) fn sent_again(state: &State) -> Step {
    let (Some(status), Some(Conflict::StillOpen)) = (state.final_status, state.conflict) else {
        return Err(Refused(
            "A final word can be sent again only where we sent one and Kombo still shows the order as open.",
        ));
    };
    if !matches!(state.final_delivery, FinalDelivery::Nothing | FinalDelivery::GivenUp) {
        return Err(Refused("It is already on its way again."));
    }
    require_reachable(state)?;
    let mut change = Change::none(state);
    if state.final_delivery == FinalDelivery::GivenUp {
        change = change.with(Effect::SupersedeFinal);
    }
    queue(&mut change.state, status);
    Ok(change.with(Effect::QueueFinal { status, delay: false }))
}
