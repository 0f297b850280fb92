//! The life of an order: its words, its table of steps, and nothing else.

mod event;
mod state;
mod words;

pub use event::{Answer, Arrival, Effect, Event, Note, Repeat};
pub use state::{Change, Refused, State};
pub use words::{
    Conflict, DecidedBy, Decision, FinalDelivery, FinalStatus, KomboStatus, Source, Stage,
};
