//! The part of an order that its steps look at, and what a step changes.

use super::{Conflict, DecidedBy, Decision, Effect, FinalDelivery, FinalStatus, KomboStatus, Source, Stage};
use crate::domain::time::Timestamp;

/// The part of an order's row that [`step`](fn@super::step) looks at and may change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own in the row; they do not exclude each other"
)]
pub struct State {
    /// Where it stands.
    pub stage: Stage,
    /// In review: the stage before the review. Closing: the stage to which 'undo' returns. Else none.
    pub stage_before: Option<Stage>,
    /// Closing from a review: the stage before that review, so that 'undo' and then 'return' find it. Else none.
    pub review_before: Option<Stage>,
    /// How it first reached us.
    pub source: Source,
    /// The candidate is waiting in the career page.
    pub inline: bool,
    /// The webhook's answer waits for a person until then.
    pub hold_until: Option<Timestamp>,
    /// Found in the list: until then its webhook may still come and decide.
    pub undecided_until: Option<Timestamp>,
    /// What Kombo was last seen to hold.
    pub kombo_status: Option<KomboStatus>,
    /// When that was.
    pub kombo_seen_at: Option<Timestamp>,
    /// How often Kombo showed the order as open after we had ended it.
    pub open_seen: i64,
    /// When it first did.
    pub open_seen_first: Option<Timestamp>,
    /// How often it was absent from Kombo's list (1, then 2 once that counts).
    pub absent_seen: i64,
    /// When it was first absent.
    pub absent_first: Option<Timestamp>,
    /// When our answer was written to a live connection; none: not known to have left.
    pub answered_at: Option<Timestamp>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// By whom.
    pub decided_by: Option<DecidedBy>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// The final word that was chosen.
    pub final_status: Option<FinalStatus>,
    /// How it stands with that word's delivery (from the deliveries table, not from the order's row).
    pub final_delivery: FinalDelivery,
    /// That word was sent at least once, so it may have arrived (a delivery with attempts).
    pub final_tried: bool,
    /// Whether it arrived is not known: it is read back before anything else (a delivery in doubt, also while parked).
    pub final_in_doubt: bool,
    /// The final word was refused or given up: a person must look.
    pub stuck: bool,
    /// Work on it is paused.
    pub paused: bool,
    /// Its integration was deleted.
    pub unreachable: bool,
    /// Its webhook came again with other data.
    pub differs: bool,
    /// Kombo and we disagree.
    pub conflict: Option<Conflict>,
    /// Kombo's list does not have it.
    pub not_in_kombo: bool,
}

impl State {
    /// The webhook's answer is waiting for a person.
    pub const fn held(&self) -> bool {
        self.hold_until.is_some()
    }

    /// Kombo shows `status`, which says that our rejection did arrive, as we meant it to.
    pub(super) const fn is_our_rejection(&self, status: KomboStatus) -> bool {
        matches!(status, KomboStatus::Rejected) && matches!(self.decision, Some(Decision::Reject))
    }
}

/// What a step does: the new state, and what must be carried out in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The state after the step.
    pub state: State,
    /// What else must happen, in this order.
    pub effects: Vec<Effect>,
}

/// A step that is not possible: nothing is written. The text is a sentence for staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub &'static str);
