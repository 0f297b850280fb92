//! The life of an order: its words, its table of steps, and nothing else.

mod answer;
mod closing;
mod event;
mod seen;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod words;
mod work;

pub use answer::{UNDECIDED_FOR, begin, stored_answer};
pub use event::{Answer, Arrival, Effect, Event, Note, Repeat};
pub use seen::{
    ABSENT_APART, ABSENT_SIGHTINGS, OPEN_SIGHTINGS, OPEN_SIGHTINGS_OVER, REJECTION_SETTLES_AFTER, REJECTION_SIGHTINGS,
};
pub use state::{Change, Refused, State};
pub use step::step;
pub use words::{Conflict, DecidedBy, Decision, FinalDelivery, FinalStatus, InviteProblem, KomboStatus, Source, Stage};
