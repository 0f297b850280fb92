//! What one batch of new orders looked up, for the next one.

use super::Facts;
use crate::actions::work::Work;
use crate::store::vault::Sealers;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More integrations, or packages, than this are not remembered.
const MOST: usize = 1_024;

/// What the last transaction that took new orders looked up: all of it is true in the next one as well where nobody wrote in
/// between. In a rush of orders it need not be asked anew each time. Cheap to clone.
#[derive(Clone, Default)]
pub struct Remembered(Arc<Mutex<Option<Kept>>>);

/// What holds for the transaction behind the one that looked it up.
struct Kept {
    /// The number of the transaction that looked.
    turn: u64,
    /// Rises whenever another process writes.
    data_version: i64,
    sealers: Sealers,
    facts: Facts,
}

impl Remembered {
    /// Something else happened in the transaction.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").finish_non_exhaustive()
    }
}

impl Facts {
    /// Nothing, or what the transaction before this one looked up, where nobody wrote in between: nobody in this process, and
    /// nobody else, as the `data_version` tells. With it come its sealers.
    pub(in crate::actions::receive_order) fn resumed(work: &mut Work, data_version: Option<i64>) -> Self {
        let kept = work.tools.remembered.lock().take();
        let is_next =
            |kept: &Kept| work.tools.db.turn() == Some(kept.turn + 1) && data_version == Some(kept.data_version);
        let Some(kept) = kept.filter(is_next) else {
            return Self::default();
        };
        work.sealers = kept.sealers;
        kept.facts
    }

    /// Keeps for the next transaction what this one does not change: new orders change how many are held and how many a
    /// customer has left, and nothing else of this. Nor is it kept whose desk is open.
    pub(in crate::actions::receive_order) fn keep(mut self, work: &Work, data_version: Option<i64>) {
        let (Some(turn), Some(data_version)) = (work.tools.db.turn(), data_version) else {
            return;
        };
        if self.integrations.len() > MOST || self.standings.len() > MOST {
            return;
        }
        // One that was unknown is made known by its first order.
        self.integrations.retain(|_, row| row.is_some());
        let facts = Self {
            attended: HashMap::new(),
            held: None,
            ruling: self.ruling.of_rules_alone(),
            ..self
        };
        *work.tools.remembered.lock() = Some(Kept {
            turn,
            data_version,
            sealers: work.sealers.clone(),
            facts,
        });
    }
}
