//! How the parts that run by themselves fare: what works, since when it does not, and why.

use crate::domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A part that runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Takes webhooks.
    Intake,
    /// Sends what must reach somebody else.
    Outbox,
    /// Compares Kombo's orders with ours.
    Reconciler,
}

impl Part {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Intake => "Intake",
            Self::Outbox => "Outbox",
            Self::Reconciler => "Reconciler",
        }
    }
}

/// How one part fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fare {
    /// When it last worked.
    pub worked_at: Option<Timestamp>,
    /// When it last went round, whether or not it worked.
    pub seen_at: Option<Timestamp>,
    /// Since when it fails, and why; `None` while it works.
    pub failing: Option<(Timestamp, String)>,
}

/// How all parts fare. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<Part, Fare>>>,
}

impl Health {
    /// The part works.
    pub fn works(&self, part: Part, now: Timestamp) {
        self.change(part, |fare| {
            fare.worked_at = Some(now);
            fare.seen_at = Some(now);
            fare.failing = None;
        });
    }

    /// The part fails; the first moment of a row of failures is kept.
    pub fn fails(&self, part: Part, now: Timestamp, why: &str) {
        self.change(part, |fare| {
            fare.seen_at = Some(now);
            let since = fare.failing.as_ref().map_or(now, |(since, _)| *since);
            fare.failing = Some((since, why.to_owned()));
        });
    }

    /// How every part that ever ran fares.
    pub fn parts(&self) -> Vec<(Part, Fare)> {
        let parts = self.parts.lock().map(|parts| parts.clone()).unwrap_or_default();
        parts.into_iter().collect()
    }

    fn change(&self, part: Part, change: impl FnOnce(&mut Fare)) {
        if let Ok(mut parts) = self.parts.lock() {
            change(parts.entry(part).or_default());
        }
    }
}
