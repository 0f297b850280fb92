//! What the outbox knows beside its rows, by a measure of time that no jump of the machine's clock touches: which
//! deliveries this process has on their way, and until when others rest. After a restart only the rows are left.

use crate::domain::ids::DeliveryId;
use crate::domain::time::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is known. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Outgoing(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    under_way: HashSet<DeliveryId>,
    resting: HashMap<DeliveryId, Rest>,
    /// Those whose rest is over and that have not set out yet: a jump of the clock concerns them as well.
    over: HashMap<DeliveryId, Rest>,
}

/// The most that are known to have rested. Beyond that (deliveries that were taken back do not set out) all are forgotten,
/// and after a jump of the clock their tries tell.
const MOST_OVER: usize = 10_000;

/// How long a delivery rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// When it is due, as its row says; another moment there is somebody's wish, and this rest is over.
    pub due_at: Timestamp,
    /// When it is due, as [`crate::clock::Clock::steady`] counts.
    pub until: Duration,
}

/// A delivery that this process has on its way, until this is dropped.
#[derive(Debug)]
pub struct UnderWay {
    outgoing: Outgoing,
    id: DeliveryId,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.outgoing.known().under_way.remove(&self.id);
    }
}

impl Outgoing {
    /// A delivery sets out: it rests no more.
    pub fn set_out(&self, id: DeliveryId) -> UnderWay {
        let mut known = self.known();
        known.resting.remove(&id);
        known.over.remove(&id);
        known.under_way.insert(id);
        UnderWay {
            outgoing: self.clone(),
            id,
        }
    }

    /// Whether this process has it on its way: then its sender lives, whatever the clock says of its lease.
    pub fn is_under_way(&self, id: DeliveryId) -> bool {
        self.known().under_way.contains(&id)
    }

    /// It rests.
    pub fn rests(&self, id: DeliveryId, rest: Rest) {
        let mut known = self.known();
        known.over.remove(&id);
        known.resting.insert(id, rest);
    }

    /// Its rest; `None` where nothing is known of one, or it is over.
    pub fn rest_of(&self, id: DeliveryId, steady: Duration) -> Option<Rest> {
        self.known()
            .resting
            .get(&id)
            .filter(|rest| rest.until > steady)
            .copied()
    }

    /// Whether it is known to rest, or to have rested and not set out yet.
    pub fn is_known(&self, id: DeliveryId) -> bool {
        let known = self.known();
        known.resting.contains_key(&id) || known.over.contains_key(&id)
    }

    /// Everything that rests, or has rested and not set out yet.
    pub fn resting(&self) -> Vec<(DeliveryId, Rest)> {
        let known = self.known();
        let all = known.resting.iter().chain(&known.over);
        all.map(|(id, rest)| (*id, *rest)).collect()
    }

    /// What has not set out although its rest was over before `steady`, and was not looked after yet.
    pub fn late(&self, steady: Duration) -> Vec<(DeliveryId, Rest)> {
        let known = self.known();
        let late = known.resting.iter().filter(|(_, rest)| rest.until < steady);
        late.map(|(id, rest)| (*id, *rest)).collect()
    }

    /// These were late, and were looked after.
    pub fn are_over(&self, late: &[(DeliveryId, Rest)]) {
        let mut guard = self.known();
        let known = &mut *guard;
        if known.over.len() + late.len() > MOST_OVER {
            known.over.clear();
        }
        for (id, rest) in late {
            if known.resting.get(id) == Some(rest) {
                known.resting.remove(id);
                known.over.insert(*id, *rest);
            }
        }
    }

    /// Its row says another moment now, for the same rest.
    pub fn moved(&self, id: DeliveryId, due_at: Timestamp) {
        let mut guard = self.known();
        let known = &mut *guard;
        if let Some(rest) = known.resting.get_mut(&id).or_else(|| known.over.get_mut(&id)) {
            rest.due_at = due_at;
        }
    }

    /// Its row says another moment by somebody's wish, or it does not wait any more.
    pub fn forget(&self, id: DeliveryId) {
        let mut known = self.known();
        known.resting.remove(&id);
        known.over.remove(&id);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
