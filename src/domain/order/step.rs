//! The table of the order's life: which event does what in which stage.

use super::{Change, Effect, Event, Refused, Stage, State, answer, closing, seen, work};
use crate::domain::time::Timestamp;

/// What a step gives: the change, or why it is not possible.
pub(super) type Step = Result<Change, Refused>;

/// What `event` does to an order in `state`. A pair that the table does not have is refused, and nothing is to be written.
pub fn step(state: &State, event: &Event, now: Timestamp) -> Step {
    match event {
        Event::Repeated(repeat) => Ok(answer::repeated(state, repeat, now)),
        Event::AnswerLeft => Ok(answer::left(state, now)),
        Event::Decided(decision) => answer::decided(state, *decision, now),
        Event::HoldEnded(verdict) => answer::hold_ended(state, verdict, now),
        Event::HoldLost => answer::hold_lost(state),
        Event::UndecidedEnded(verdict) => answer::undecided_ended(state, verdict, now),

        Event::InvitationTaken => work::invitation_taken(state),
        Event::InvitationFailed => work::invitation_failed(state),
        Event::InvitationResent => work::invitation_resent(state),
        Event::AddressCorrected | Event::Assigned => work::touched(state),
        Event::CandidateStarted => work::started(state),
        Event::SentToReview => work::sent_to_review(state),
        Event::ReviewReturned => work::review_returned(state),
        Event::Paused => work::paused(state),
        Event::Resumed => work::resumed(state),
        Event::ClosedHere => work::closed_here(state),

        Event::Released => closing::released(state),
        Event::Cancelled => closing::cancelled(state),
        Event::Undone => closing::undone(state),
        Event::Delivered => closing::delivered(state, now),
        Event::FateUnknown | Event::FinalRefused => closing::to_be_read_back(state),
        Event::ReadBack { status, refused } => closing::read_back(state, *status, *refused, now),
        Event::GaveUp => closing::gave_up(state),
        Event::Parked => closing::parked(state),
        Event::Woken => closing::woken(state),
        Event::ReleasedAgain => closing::released_again(state),
        Event::TakenBack => closing::taken_back(state),
        Event::FinalSentAgain => closing::sent_again(state),

        Event::Observed { status, at } => Ok(seen::observed(state, *status, *at)),
        Event::Absent { at } => Ok(seen::absent(state, *at)),
        Event::IntegrationDeleted => seen::integration_deleted(state),
    }
}

impl Change {
    /// Nothing changes and nothing is to be done.
    pub(super) fn none(state: &State) -> Self {
        Self {
            state: state.clone(),
            effects: Vec::new(),
        }
    }

    /// With one more thing to carry out.
    #[must_use]
    pub(super) fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// With the order in an end: whatever was waiting for a live stage is over.
    #[must_use]
    pub(super) fn ended(mut self, stage: Stage) -> Self {
        let state = &mut self.state;
        state.stage = stage;
        state.stage_before = None;
        state.review_before = None;
        state.hold_until = None;
        state.undecided_until = None;
        state.paused = false;
        state.stuck = false;
        state.open_seen = 0;
        state.open_seen_first = None;
        self
    }
}
