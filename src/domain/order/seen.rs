//! What Kombo was seen to hold, and what follows from it.

use super::closing::{arrived, close};
use super::step::Step;
use super::{
    Answer, Change, Conflict, Decision, Effect, FinalDelivery, FinalStatus, KomboStatus, Note, Refused, Stage, State,
};
use crate::domain::time::Timestamp;
use std::time::Duration;

/// How long after the decision a sighting as open begins to say that our rejection did not arrive.
pub const REJECTION_SETTLES_AFTER: Duration = Duration::from_mins(2);
/// How many such sightings are needed.
pub const REJECTION_SIGHTINGS: i64 = 2;
/// How often a closed order must be seen open before that is called a conflict.
pub const OPEN_SIGHTINGS: i64 = 3;
/// Over how long those sightings must stretch.
pub const OPEN_SIGHTINGS_OVER: Duration = Duration::from_mins(15);
/// How often an order must be absent from Kombo's list before that is flagged.
pub const ABSENT_SIGHTINGS: i64 = 2;
/// How far apart those must lie.
pub const ABSENT_APART: Duration = Duration::from_mins(10);

/// Kombo was seen to hold `status` by a read that began `at`.
pub(super) fn observed(state: &State, status: KomboStatus, at: Timestamp) -> Change {
    // An end is true for ever; 'open' is true only until something newer is known.
    if status == KomboStatus::Open && state.kombo_seen_at.is_some_and(|seen| at < seen) {
        return Change::none(state);
    }
    let mut change = Change::none(state);
    change.state.absent_seen = 0;
    change.state.absent_first = None;
    change.state.not_in_kombo = false;
    change.state.kombo_seen_at = state.kombo_seen_at.max(Some(at));
    let before = change.state.kombo_status.replace(status);
    match status.end() {
        None if state.stage == Stage::Rejected => rejected_but_open(change, before, at),
        None if state.stage.is_end() => closed_but_open(change, at),
        None => change,
        Some(end) if state.stage.is_end() => ended_twice(change, before, status, end),
        Some(end) if state.stage == Stage::Closing => ended_while_closing(change, status, end, at),
        Some(end) => ended_while_live(change, status, end),
    }
}

/// Counts a sighting of a closed order as open.
fn count_open(state: &mut State, at: Timestamp) {
    state.open_seen = if state.open_seen_first.is_some() {
        state.open_seen + 1
    } else {
        1
    };
    state.open_seen_first.get_or_insert(at);
}

/// Our 422 may have been lost: after two sightings the recruiter gets a cancellation with the same text.
fn rejected_but_open(mut change: Change, before: Option<KomboStatus>, at: Timestamp) -> Change {
    if before.is_some_and(|before| before.end().is_some()) {
        // Kombo takes no end back, so our answer did arrive and this page is an old one.
        change.state.kombo_status = before;
        return closed_but_open(change, at);
    }
    if change.state.decision != Some(Decision::Reject) {
        return closed_but_open(change, at);
    }
    let settled = change
        .state
        .decided_at
        .is_some_and(|decided| at >= decided.plus(REJECTION_SETTLES_AFTER));
    if !settled || change.state.open_seen_first == Some(at) {
        return change;
    }
    count_open(&mut change.state, at);
    if change.state.open_seen < REJECTION_SIGHTINGS {
        return change;
    }
    let mut closing =
        close(&change.state, FinalStatus::Cancelled, false).with(Effect::Note(Note::RejectionDidNotArrive));
    if change.state.unreachable {
        closing.state.final_delivery = FinalDelivery::Parked;
        closing = closing.with(Effect::ParkDeliveries);
    }
    closing
}

fn closed_but_open(mut change: Change, at: Timestamp) -> Change {
    count_open(&mut change.state, at);
    let state = &change.state;
    let long_enough = state
        .open_seen_first
        .is_some_and(|first| at.since(first) >= OPEN_SIGHTINGS_OVER);
    if state.open_seen < OPEN_SIGHTINGS || !long_enough || state.conflict == Some(Conflict::StillOpen) {
        return change;
    }
    mark(change, Conflict::StillOpen)
}

/// Kombo shows an end for an order that has one: the same confirms it, another one is shown beside ours.
fn ended_twice(change: Change, before: Option<KomboStatus>, status: KomboStatus, end: Stage) -> Change {
    let mut change = change;
    let state = &mut change.state;
    state.open_seen = 0;
    state.open_seen_first = None;
    let sent_again = state.final_delivery != FinalDelivery::Nothing;
    if sent_again && !state.final_delivery.rests() {
        return change;
    }
    if sent_again {
        state.final_delivery = FinalDelivery::Nothing;
        state.final_tried = false;
        state.stuck = false;
        change = change.with(Effect::WithdrawFinal);
    }
    let state = &mut change.state;
    if state.stage == end {
        if matches!(state.conflict, Some(Conflict::StillOpen | Conflict::OtherEnd)) {
            state.conflict = None;
        }
        if before == Some(status) {
            return change;
        }
        return change.with(Effect::Note(Note::Confirmed));
    }
    if state.conflict == Some(Conflict::OtherEnd) {
        return change;
    }
    mark(change, Conflict::OtherEnd)
}

/// Kombo shows an end while our final word is waiting: it is taken back, unless a sender holds it.
fn ended_while_closing(change: Change, status: KomboStatus, end: Stage, at: Timestamp) -> Change {
    let state = &change.state;
    if !state.final_delivery.rests() {
        return change;
    }
    if let Some(sent) = state.final_status.filter(|f| state.final_tried && f.kombo() == status) {
        let change = arrived(state, sent, at).with(Effect::WithdrawFinal);
        return change.with(Effect::Note(Note::ConfirmedByReadBack));
    }
    let heals = state.is_our_rejection(status);
    let mut change = change.ended(end).with(Effect::WithdrawFinal);
    change.state.final_delivery = FinalDelivery::Nothing;
    change.state.final_status = None;
    change.state.final_tried = false;
    if heals {
        return change.with(Effect::Note(Note::Confirmed));
    }
    over_in_kombo(change.with(Effect::UnlockResult), status)
}

fn ended_while_live(change: Change, status: KomboStatus, end: Stage) -> Change {
    let held = change.state.held();
    let mut change = change.ended(end);
    if held {
        change = change.with(Effect::Answer(Answer::Taken));
    }
    over_in_kombo(change, status)
}

/// It is over, and not by a word of ours.
fn over_in_kombo(change: Change, status: KomboStatus) -> Change {
    let change = change.with(Effect::StopMails).with(Effect::TurnOffStartLink);
    match status {
        KomboStatus::Completed => mark(change, Conflict::NotByUs),
        KomboStatus::Rejected => mark(change, Conflict::RejectionArrived),
        KomboStatus::Cancelled | KomboStatus::Open => change.with(Effect::Note(Note::CancelledInAts)),
    }
}

fn mark(mut change: Change, conflict: Conflict) -> Change {
    change.state.conflict = Some(conflict);
    change.with(Effect::MarkConflict(conflict))
}

/// Kombo's list did not have it, by a read that began `at`. It is flagged, and never closed by that alone.
pub(super) fn absent(state: &State, at: Timestamp) -> Change {
    let mut change = Change::none(state);
    let next = &mut change.state;
    let first = *next.absent_first.get_or_insert(at);
    if next.absent_seen == 0 {
        next.absent_seen = 1;
    } else if next.absent_seen < ABSENT_SIGHTINGS && at.since(first) >= ABSENT_APART {
        next.absent_seen = ABSENT_SIGHTINGS;
    }
    if next.absent_seen >= ABSENT_SIGHTINGS && !next.not_in_kombo {
        next.not_in_kombo = true;
        return change.with(Effect::ShowOnToday);
    }
    change
}

/// The integration was deleted: nothing can be sent, and nothing is lost.
pub(super) fn integration_deleted(state: &State) -> Step {
    if state.stage.is_end() {
        return Err(Refused(
            "This order is over, so its integration is not needed any more.",
        ));
    }
    let mut change = Change::none(state).with(Effect::ParkDeliveries);
    change.state.unreachable = true;
    if state.final_delivery == FinalDelivery::Waiting {
        change.state.final_delivery = FinalDelivery::Parked;
    }
    Ok(change)
}
