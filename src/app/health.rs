//! How the parts that run by themselves fare: what works, since when it does not, and why.

use crate::domain::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A part that runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Takes webhooks.
    Intake,
    /// Sends what must reach somebody else.
    Outbox,
    /// Sends mails.
    Mail,
    /// Compares Kombo's orders with ours.
    Reconciler,
    /// Publishes what is due.
    Timetable,
}

impl Part {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Intake => "Intake",
            Self::Outbox => "Outbox",
            Self::Mail => "Mail",
            Self::Reconciler => "Reconciler",
            Self::Timetable => "Timetable",
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

/// Whether the program can do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Webhooks can be taken and pages shown.
    pub is_ready: bool,
    /// Everything that is not as it should be, as machines are told it.
    pub problems: Vec<Value>,
}

/// One webhook that waits to be written.
#[derive(Debug)]
pub struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// For how long a look at readiness holds good.
const READINESS_HOLDS: Duration = Duration::from_secs(2);

/// How all parts fare. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<Part, Fare>>>,
    waiting_webhooks: Arc<AtomicUsize>,
    readiness: Arc<tokio::sync::Mutex<Option<(Timestamp, Readiness)>>>,
}

impl Health {
    /// Counts one more webhook as waiting to be written, until what this gives is dropped.
    pub fn webhook_waits(&self) -> Waiting {
        self.waiting_webhooks.fetch_add(1, Ordering::Relaxed);
        Waiting(self.waiting_webhooks.clone())
    }

    /// How many webhooks wait to be written.
    pub fn waiting_webhooks(&self) -> usize {
        self.waiting_webhooks.load(Ordering::Relaxed)
    }

    /// The readiness of the last two seconds, or a new `look`. However many ask, one at a time looks.
    pub async fn readiness<F>(&self, now: Timestamp, look: impl FnOnce() -> F) -> Readiness
    where
        F: Future<Output = Readiness>,
    {
        let mut last = self.readiness.lock().await;
        // A clock that was set back does not make an old look last.
        if let Some((at, readiness)) = &*last
            && *at <= now
            && now.since(*at) < READINESS_HOLDS
        {
            return readiness.clone();
        }
        let readiness = look().await;
        *last = Some((now, readiness.clone()));
        readiness
    }

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
