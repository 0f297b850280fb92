//! The webhook endpoint: verify, keep, decide, answer; group commit; the reconciler.
//!
//! A webhook is verified over its raw bytes ([`webhook`]), waits for the one writer ([`writer`]) which takes many in one
//! transaction, and is answered only after that is on disk. What a webhook means is [`crate::actions::take_webhook`].
//! Where a person is to decide while it waits, [`holds`] keeps the answer open, and [`endings`] ends
//! those that no person decided.

mod answered;
mod endings;
mod holds;
pub mod integrations;
pub mod reconciler;
mod webhook;
pub mod writer;

pub use webhook::{Intake, LARGEST, receive, routes};
