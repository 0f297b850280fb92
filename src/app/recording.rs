//! Outcomes of deliveries that wait to be written down.
//!
//! Many calls end at the same moment, and a flush to disk costs more than all that is written with it. So whoever has the
//! turn writes for all that wait, and the others find their answer there.

use crate::actions::{self, record_attempt::Tried};
use crate::store::deliveries::DeliveryRow;
use crate::store::orders::OrderRow;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, oneshot};

/// How many may wait before nothing more is begun: what is sent must be written down while its lease lasts, and a database
/// that is slower than Kombo would let more and more wait.
const MOST: usize = 64;

/// How the writing ended.
pub type Written = Result<(), actions::Error>;

/// How a try ended.
#[derive(Debug)]
pub struct Outcome {
    /// The delivery as it was claimed.
    pub delivery: DeliveryRow,
    /// Its order as it was then; `None` where nobody read it.
    pub order: Option<OrderRow>,
    /// What its sender saw.
    pub tried: Tried,
}

/// An outcome that waits.
#[derive(Debug)]
pub struct Waiting {
    /// What is to be written down.
    pub outcome: Arc<Outcome>,
    /// Hears when it is.
    pub tell: oneshot::Sender<Written>,
}

/// What waits, and whose turn it is. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
    taken: Arc<Notify>,
}

impl Recording {
    /// Puts an outcome behind the others.
    pub fn add(&self, one: Waiting) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(one);
    }

    /// Waits until nobody writes; nobody else does while the guard lives.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Takes the first `most` that wait.
    pub fn take(&self, most: usize) -> Vec<Waiting> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(most);
        let first = waiting.drain(..count).collect();
        drop(waiting);
        self.taken.notify_waiters();
        first
    }

    /// Waits until so few wait that more may be begun.
    pub async fn keeps_up(&self) {
        loop {
            let taken = self.taken.notified();
            if self.count() < MOST {
                return;
            }
            taken.await;
        }
    }

    fn count(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
