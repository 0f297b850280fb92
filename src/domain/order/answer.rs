//! The beginning of an order: arrival, hold, repeats, and what the webhook is answered.

use super::step::Step;
use super::{
    Answer, Arrival, Change, DecidedBy, Decision, Effect, FinalDelivery, Note, Refused, Repeat, Source, Stage, State,
    seen,
};
use crate::domain::intake::Verdict;
use crate::domain::time::Timestamp;
use std::time::Duration;

/// How long an order that was found in the list waits for its webhook, which could still be answered with a rejection.
pub const UNDECIDED_FOR: Duration = Duration::from_mins(2);

/// What becomes of an order that we see for the first time.
pub fn begin(arrival: &Arrival, now: Timestamp) -> Change {
    let new = Change {
        state: fresh(arrival, now),
        effects: Vec::new(),
    };
    if let Some(end) = arrival.status.end() {
        return over_on_arrival(new, arrival.source, end, now);
    }
    match (arrival.source, arrival.hold_until) {
        (Source::List, _) => {
            let mut new = new;
            new.state.undecided_until = Some(now.plus(UNDECIDED_FOR));
            new
        }
        (Source::Webhook, Some(until)) if !arrival.inline => {
            let mut new = new;
            new.state.hold_until = Some(until);
            new
        }
        (Source::Webhook, _) => by_rule(new, &arrival.verdict, now),
    }
}

fn fresh(arrival: &Arrival, now: Timestamp) -> State {
    State {
        stage: Stage::Received,
        stage_before: None,
        review_before: None,
        source: arrival.source,
        inline: arrival.inline,
        hold_until: None,
        undecided_until: None,
        kombo_status: Some(arrival.status),
        kombo_seen_at: Some(now),
        open_seen: 0,
        open_seen_first: None,
        absent_seen: 0,
        absent_first: None,
        answered_at: None,
        decision: None,
        decided_by: None,
        decided_at: None,
        final_status: None,
        final_delivery: FinalDelivery::Nothing,
        final_tried: false,
        final_in_doubt: false,
        stuck: false,
        paused: false,
        unreachable: false,
        differs: false,
        conflict: None,
        not_in_kombo: false,
    }
}

fn over_on_arrival(new: Change, source: Source, end: Stage, now: Timestamp) -> Change {
    let mut new = new.ended(end).with(Effect::Note(Note::OverOnArrival));
    new.state.decided_by = Some(DecidedBy::Kombo);
    new.state.decided_at = Some(now);
    if source == Source::Webhook {
        new = new.with(Effect::Answer(Answer::Taken));
    }
    new
}

/// The setting decides and the webhook is answered.
fn by_rule(change: Change, verdict: &Verdict, now: Timestamp) -> Change {
    match verdict {
        Verdict::Accept { .. } => accepted(change, DecidedBy::Rule, now),
        Verdict::Reject { .. } => rejected(change, DecidedBy::Rule, now),
        Verdict::Later { .. } => {
            let mut change = change;
            change.state.hold_until = None;
            change.state.undecided_until = None;
            let answer = taken(&change.state);
            change.with(Effect::Answer(answer))
        }
    }
}

/// Taken in, with the webhook's answer and the invitation; an inline order's candidate is already there.
fn accepted(change: Change, by: DecidedBy, now: Timestamp) -> Change {
    let change = take_in(change, by, now);
    let answer = taken(&change.state);
    invite(change.with(Effect::Answer(answer)))
}

fn rejected(change: Change, by: DecidedBy, now: Timestamp) -> Change {
    let mut change = change.ended(Stage::Rejected);
    decide(&mut change.state, Decision::Reject, by, now);
    change.state.kombo_status = None;
    change.state.kombo_seen_at = None;
    change.with(Effect::Answer(Answer::Rejected))
}

fn take_in(mut change: Change, by: DecidedBy, now: Timestamp) -> Change {
    change.state.stage = Stage::Accepted;
    change.state.hold_until = None;
    change.state.undecided_until = None;
    decide(&mut change.state, Decision::Accept, by, now);
    change
}

fn invite(change: Change) -> Change {
    if change.state.inline {
        change
    } else {
        change.with(Effect::QueueInvitation)
    }
}

fn decide(state: &mut State, decision: Decision, by: DecidedBy, now: Timestamp) {
    state.decision = Some(decision);
    state.decided_by = Some(by);
    state.decided_at = Some(now);
}

/// The good answer for this order.
const fn taken(state: &State) -> Answer {
    if state.inline {
        Answer::StartAddress
    } else {
        Answer::Taken
    }
}

/// The answer that belongs to what was decided. It never promises an address for an order that is over.
pub const fn stored_answer(state: &State) -> Answer {
    match state.decision {
        Some(Decision::Reject) => Answer::Rejected,
        _ if state.stage.is_end() => Answer::Taken,
        _ => taken(state),
    }
}

/// A webhook came again.
pub(super) fn repeated(state: &State, repeat: &Repeat, now: Timestamp) -> Change {
    let mut change = Change::none(state);
    if repeat.status.end().is_some() {
        // Kombo never takes an end back, so this is news however late it comes.
        change = seen::observed(state, repeat.status, now);
    }
    change.state.differs |= repeat.differs;
    change.state.inline |= repeat.inline;
    let state = &change.state;
    if state.held() {
        return change.with(Effect::JoinHold);
    }
    if state.stage == Stage::Received && state.answered_at.is_none() {
        return match repeat.hold_until {
            Some(until) if !state.inline => {
                change.state.hold_until = Some(until);
                change.state.undecided_until = None;
                change
            }
            _ => by_rule(change, &repeat.verdict, now),
        };
    }
    if change.effects.iter().any(|e| matches!(e, Effect::Answer(_))) {
        return change;
    }
    let answer = stored_answer(state);
    change.with(Effect::Answer(answer))
}

/// Our answer was written to a live connection; the first time counts.
pub(super) fn left(state: &State, now: Timestamp) -> Change {
    let mut change = Change::none(state);
    change.state.answered_at.get_or_insert(now);
    change
}

/// A person decides: during a hold in the answer itself, later only by taking the order in.
pub(super) fn decided(state: &State, decision: Decision, now: Timestamp) -> Step {
    if state.stage != Stage::Received {
        return Err(Refused("This order has already been decided."));
    }
    let change = Change::none(state);
    match (state.hold_until, decision) {
        (Some(until), _) if now >= until => {
            Err(Refused("The time to answer is up; the customer's setting decides now."))
        }
        (Some(_), Decision::Accept) => Ok(accepted(change, DecidedBy::Staff, now)),
        (Some(_), Decision::Reject) => Ok(rejected(change, DecidedBy::Staff, now)),
        (None, Decision::Accept) => Ok(invite(take_in(change, DecidedBy::Staff, now))),
        (None, Decision::Reject) => Err(Refused(
            "The ATS has had its answer, so this order can no longer be rejected. You can cancel it with a reason instead.",
        )),
    }
}

/// The hold's time is up.
pub(super) fn hold_ended(state: &State, verdict: &Verdict, now: Timestamp) -> Step {
    require_hold(state)?;
    Ok(by_rule(Change::none(state), verdict, now))
}

/// Nobody is listening for the answer any more.
pub(super) fn hold_lost(state: &State) -> Step {
    require_hold(state)?;
    let mut change = Change::none(state).with(Effect::Note(Note::HoldLost));
    change.state.hold_until = None;
    Ok(change)
}

fn require_hold(state: &State) -> Result<(), Refused> {
    if state.held() {
        Ok(())
    } else {
        Err(Refused("No webhook is waiting for this order's answer any more."))
    }
}

/// Found in the list, and no webhook came in time.
pub(super) fn undecided_ended(state: &State, verdict: &Verdict, now: Timestamp) -> Step {
    match state.undecided_until {
        Some(until) if state.stage == Stage::Received && now >= until => {}
        Some(_) => return Err(Refused("Its webhook may still come and decide.")),
        None => return Err(Refused("This order is not waiting for its webhook.")),
    }
    let mut change = Change::none(state);
    change.state.undecided_until = None;
    Ok(match verdict {
        Verdict::Accept { .. } => invite(take_in(change, DecidedBy::Rule, now)),
        Verdict::Later { .. } => change,
        // No webhook is waiting, so a rejection could not reach the recruiter.
        Verdict::Reject { message, .. } => change.with(Effect::ProposeCancellation(message.clone())),
    })
}
