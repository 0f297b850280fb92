//! Who has an event stream open: counted, and at most so many for each person.

use crate::domain::ids::StaffId;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// How many streams one person may hold open; one more closes their oldest.
pub const MOST: usize = 8;

type Open = HashMap<StaffId, VecDeque<(u64, CancellationToken)>>;

/// All open event streams. Cheap to clone; forgotten when the program ends.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    open: Arc<Mutex<(u64, Open)>>,
}

/// One open stream; dropped, it is closed.
#[derive(Debug)]
pub struct Seat {
    streams: Streams,
    staff: StaffId,
    number: u64,
    /// Says that a newer stream of the same person has taken this one's place.
    pub replaced: CancellationToken,
}

impl Streams {
    /// Opens one for this person; the oldest of theirs gives way where they have [`MOST`] already.
    pub fn open(&self, staff: StaffId) -> Seat {
        let replaced = CancellationToken::new();
        let mut guard = self.lock();
        let (number, open) = &mut *guard;
        *number += 1;
        let own = open.entry(staff).or_default();
        own.push_back((*number, replaced.clone()));
        if own.len() > MOST
            && let Some((_, oldest)) = own.pop_front()
        {
            oldest.cancel();
        }
        Seat {
            streams: self.clone(),
            staff,
            number: *number,
            replaced,
        }
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.lock().1.values().map(VecDeque::len).sum()
    }

    /// How many this person has open.
    pub fn of(&self, staff: StaffId) -> usize {
        self.lock().1.get(&staff).map_or(0, VecDeque::len)
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Open)> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// One of `shares` numbers from 0, so that streams are spread evenly over them.
    pub fn share(&self, shares: u32) -> u32 {
        u32::try_from(self.number % u64::from(shares.max(1))).unwrap_or_default()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut guard = self.streams.lock();
        let open = &mut guard.1;
        if let Some(own) = open.get_mut(&self.staff) {
            own.retain(|(number, _)| *number != self.number);
            if own.is_empty() {
                open.remove(&self.staff);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stream_too_many_closes_the_oldest_of_that_person_alone() {
        let streams = Streams::default();
        let [mira, ken] = [1, 2].map(|id| StaffId(uuid::Uuid::from_u128(id)));
        let kens = streams.open(ken);
        let mut miras: Vec<_> = (0..=MOST).map(|_| streams.open(mira)).collect();
        assert!(miras[0].replaced.is_cancelled());
        assert!(miras[1..].iter().all(|seat| !seat.replaced.is_cancelled()));
        assert!(!kens.replaced.is_cancelled());
        assert_eq!((streams.of(mira), streams.count()), (MOST, MOST + 1));
        miras.clear();
        drop(kens);
        assert_eq!((streams.of(mira), streams.count()), (0, 0));
    }
}
