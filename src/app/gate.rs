//! Whether the other side (Kombo, the mail server) lets us in: while it refuses our own key or account, nothing is sent
//! and nothing is parked; everything waits, and is tried again after a while.

use crate::actions::record_attempt::LOCKED_OUT;
use crate::domain::time::Timestamp;
use std::sync::{Arc, Mutex};

/// The gate. Cheap to clone; open at the start, so that a new key is tried at once.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    closed: Arc<Mutex<Option<Closed>>>,
}

/// Why nothing can be sent for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Until when nothing is tried.
    pub until: Timestamp,
    /// Why, in plain words.
    pub why: String,
}

impl Gate {
    /// The other side refused our key, address or account.
    pub fn close(&self, until: Timestamp, why: &str) {
        self.set(Some(Closed {
            until,
            why: why.to_owned(),
        }));
    }

    /// The other side let a call through.
    pub fn open(&self) {
        self.set(None);
    }

    /// Why nothing is tried at `now`; `None` where the gate is open, or it is time to try again.
    pub fn closed(&self, now: Timestamp) -> Option<Closed> {
        let waits = |closed: &Closed| {
            let left = closed.until.since(now);
            // Far longer than it ever is closed: the clock was somewhere else when that was said.
            !left.is_zero() && left < 2 * LOCKED_OUT
        };
        self.last().filter(waits)
    }

    /// Why the last call was refused, if nothing went through since.
    pub fn last(&self) -> Option<Closed> {
        self.closed.lock().ok().and_then(|closed| closed.clone())
    }

    fn set(&self, to: Option<Closed>) {
        if let Ok(mut closed) = self.closed.lock() {
            *closed = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_is_closed_for_as_long_as_was_said_and_not_while_a_clock_that_jumped_comes_round() {
        let gate = Gate::default();
        let now = Timestamp::EPOCH.plus(Duration::from_hours(48));
        assert_eq!(gate.closed(now), None);
        gate.close(now.plus(LOCKED_OUT), "Kombo refuses our key.");
        let second = Duration::from_secs(1);
        for moment in [now.minus(second), now, now.plus(LOCKED_OUT).minus(second)] {
            assert!(gate.closed(moment).is_some(), "{moment}");
        }
        for moment in [now.plus(LOCKED_OUT), now.minus(Duration::from_hours(1))] {
            assert_eq!(gate.closed(moment), None, "{moment}");
        }
        assert!(gate.last().is_some(), "nothing went through yet");
    }
}
