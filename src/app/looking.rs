//! Who looks at which order at this moment, so that two people do not do the same work. Only in memory.

use crate::domain::ids::{OrderId, StaffId};
use crate::domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long somebody counts as looking after their page last said so. Pages say so every ten seconds.
pub const LOOKS_FOR: Duration = Duration::from_secs(22);

type Looks = HashMap<OrderId, HashMap<StaffId, Look>>;

/// Somebody who looks at an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Their name.
    pub name: String,
    /// Whether they write its result.
    pub writes: bool,
    seen: Timestamp,
}

/// Who looks at which order. Cheap to clone; forgotten when the program ends.
#[derive(Clone, Debug, Default)]
pub struct Looking {
    looks: Arc<Mutex<Looks>>,
}

impl Looking {
    /// Somebody's page of this order is open; true where others do not know it yet.
    pub fn here(&self, order: OrderId, staff: StaffId, name: &str, writes: bool, now: Timestamp) -> bool {
        let look = Look {
            name: name.to_owned(),
            writes,
            seen: now,
        };
        let mut looks = self.lock();
        forget(&mut looks, now);
        let before = looks.entry(order).or_default().insert(staff, look);
        before.is_none_or(|before| before.writes != writes)
    }

    /// Their page of this order was left; true where others may still show them.
    pub fn gone(&self, order: OrderId, staff: StaffId) -> bool {
        let mut looks = self.lock();
        let Some(here) = looks.get_mut(&order) else {
            return false;
        };
        let was_here = here.remove(&staff).is_some();
        if here.is_empty() {
            looks.remove(&order);
        }
        was_here
    }

    /// Who else looks at this order, by name.
    pub fn others(&self, order: OrderId, staff: StaffId, now: Timestamp) -> Vec<Look> {
        let mut looks = self.lock();
        forget(&mut looks, now);
        let here = looks.get(&order).into_iter().flatten();
        let mut others: Vec<_> = here
            .filter(|(who, _)| **who != staff)
            .map(|(_, look)| look.clone())
            .collect();
        others.sort_by(|a, b| a.name.cmp(&b.name));
        others
    }

    fn lock(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget(looks: &mut Looks, now: Timestamp) {
    looks.retain(|_, here| {
        here.retain(|_, look| now.since(look.seen) <= LOOKS_FOR);
        !here.is_empty()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn somebody_is_told_of_once_and_forgotten_when_their_page_is_silent() {
        let looking = Looking::default();
        let order = OrderId(Uuid::from_u128(1));
        let [mira, ken] = [2, 3].map(|id| StaffId(Uuid::from_u128(id)));
        let now = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let names = |staff, at| {
            let others = looking.others(order, staff, at).into_iter();
            others.map(|look| look.name).collect::<Vec<_>>()
        };
        assert!(looking.here(order, mira, "Mira", false, now));
        assert!(!looking.here(order, mira, "Mira", false, now));
        assert!(looking.here(order, mira, "Mira", true, now), "she began to write");
        assert_eq!(names(mira, now), [] as [&str; 0]);
        assert_eq!(names(ken, now), ["Mira"]);
        assert_eq!(names(ken, now.plus(LOOKS_FOR)), ["Mira"]);
        assert_eq!(
            names(ken, now.plus(LOOKS_FOR + Duration::from_secs(1))),
            [] as [&str; 0]
        );
        assert!(looking.here(order, mira, "Mira", false, now));
        assert!(looking.gone(order, mira));
        assert!(!looking.gone(order, mira));
    }
}
