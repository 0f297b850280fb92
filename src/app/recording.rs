//! Outcomes of deliveries that wait to be written down.
//!
//! Many calls end at the same moment, and a flush to disk costs more than all that is written with it. So whoever has the
//! turn writes for all that wait, and the others find their answer there.

use crate::actions::{self, record_attempt::Tried};
use crate::domain::ids::DeliveryId;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// How the writing ended.
pub type Written = Result<(), actions::Error>;

/// One outcome.
#[derive(Debug)]
pub struct Waiting {
    /// The delivery.
    pub id: DeliveryId,
    /// Its fence when it was claimed.
    pub fence: i64,
    /// How the try ended.
    pub tried: Tried,
    /// Hears when it is written.
    pub tell: oneshot::Sender<Written>,
}

/// What waits, and whose turn it is. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
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
        waiting.drain(..count).collect()
    }
}
