//! Tests of the table: one for each of its rows, and one for any sequence of events.

mod any_sequence;
mod arrival;
mod final_word;
mod observed;
mod work;

use super::*;
use crate::domain::intake::{Verdict, Why};
use crate::domain::time::Timestamp;
use std::time::Duration;

/// `seconds` after the moment at which every test begins.
fn at(seconds: u64) -> Timestamp {
    Timestamp::parse("2026-11-24T05:00:00Z")
        .expect("a moment")
        .plus(Duration::from_secs(seconds))
}

fn accept() -> Verdict {
    Verdict::Accept { why: Why::TakesOrders }
}

fn reject() -> Verdict {
    Verdict::Reject {
        why: Why::UnknownPackage,
        message: "Not ours.".to_owned(),
    }
}

fn later() -> Verdict {
    Verdict::Later {
        why: Why::PersonDecides,
        flagged: false,
    }
}

fn arrival(verdict: Verdict) -> Arrival {
    Arrival {
        source: Source::Webhook,
        inline: false,
        status: KomboStatus::Open,
        verdict,
        hold_until: None,
    }
}

fn repeat(verdict: Verdict) -> Event {
    Event::Repeated(Repeat {
        status: KomboStatus::Open,
        inline: false,
        differs: false,
        verdict,
        hold_until: None,
    })
}

fn seen(status: KomboStatus, seconds: u64) -> Event {
    Event::Observed {
        status,
        at: at(seconds),
    }
}

/// An order that came at second 0 and stands in `stage`.
fn order(stage: Stage) -> State {
    let verdict = match stage {
        Stage::Received => later(),
        Stage::Rejected => reject(),
        _ => accept(),
    };
    let mut state = begin(&arrival(verdict), at(0)).state;
    state.answered_at = Some(at(0));
    match stage {
        Stage::Received | Stage::Accepted | Stage::Rejected => state,
        Stage::Completed => go(&closing(Stage::Started), &[Event::Delivered]),
        Stage::Cancelled => go(&state, &[Event::Cancelled, Event::Delivered]),
        Stage::Closing => closing(Stage::Started),
        Stage::InReview => go(&state, &[Event::SentToReview]),
        Stage::Invited => go(&state, &[Event::InvitationTaken]),
        Stage::Started => go(&state, &[Event::CandidateStarted]),
    }
}

/// An order that was released from `stage`.
fn closing(stage: Stage) -> State {
    go(&order(stage), &[Event::Released])
}

/// An order that was released and is with a sender.
fn sending() -> State {
    State {
        final_delivery: FinalDelivery::Sending,
        final_tried: true,
        final_in_doubt: false,
        ..closing(Stage::Started)
    }
}

fn held() -> State {
    let mut arrival = arrival(accept());
    arrival.hold_until = Some(at(8));
    begin(&arrival, at(0)).state
}

/// The step at second 5.
fn change(state: &State, event: &Event) -> Change {
    change_at(state, event, 5)
}

fn change_at(state: &State, event: &Event, seconds: u64) -> Change {
    step(state, event, at(seconds)).expect("a step of the table")
}

fn refused(state: &State, event: &Event) -> &'static str {
    step(state, event, at(5))
        .expect_err("a step that is not in the table")
        .0
}

fn go(state: &State, events: &[Event]) -> State {
    events
        .iter()
        .fold(state.clone(), |state, event| change(&state, event).state)
}

const LIVE: [Stage; 5] = [
    Stage::Received,
    Stage::Accepted,
    Stage::Invited,
    Stage::Started,
    Stage::InReview,
];
const ENDS: [Stage; 3] = [Stage::Completed, Stage::Rejected, Stage::Cancelled];
