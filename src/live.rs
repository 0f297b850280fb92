//! Changes become hints for open pages: what changed, never how. A page fetches again what it shows.

use crate::domain::ids::CustomerId;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::broadcast;
use uuid::Uuid;

/// How many hints may wait for a slow listener before it misses some (it then fetches everything again).
const WAITING: usize = 1_024;

/// What kind of thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An order, its result or its timeline.
    Order,
    /// An order's webhook began to wait for a person, or waits no more.
    Held,
    /// Who looks at an order (nothing of it is stored).
    Looking,
    /// A webhook in the inbox.
    Inbox,
    /// A delivery or one of its attempts.
    Delivery,
    /// An integration, its offer or a publication.
    Integration,
    /// A customer.
    Customer,
    /// A run of the reconciler.
    Reconciler,
    /// A staff member's rights, or whether they may be here at all.
    Staff,
}

/// A hint that something changed, sent after the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hint {
    /// What kind of thing.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
    /// Whose it is; `None`: nobody's yet.
    pub customer: Option<CustomerId>,
}

/// Where hints are sent and heard.
#[derive(Clone, Debug)]
pub struct Live {
    hints: broadcast::Sender<Hint>,
    changes: Arc<AtomicU64>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            hints: broadcast::Sender::new(WAITING),
            changes: Arc::default(),
        }
    }
}

impl Live {
    /// Tells all listeners; without any, nothing happens.
    pub fn send(&self, hint: Hint) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        let _ = self.hints.send(hint);
    }

    /// How many hints were sent so far: as long as it stays, nothing changed in this process.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Hears every hint that is sent from now on.
    pub fn listen(&self) -> broadcast::Receiver<Hint> {
        self.hints.subscribe()
    }
}
