//! How fast deliveries end, and so how many may be claimed ahead.

use crate::domain::delivery::MAX_IN_FLIGHT;
use std::time::{Duration, Instant};

/// How many are claimed for one integration whatever the pace: those under way there, those whose outcome is being written,
/// and those that come next. No more: where Kombo is slow, what waits for half its lease goes back unsent, and was claimed
/// for nothing.
pub(super) const AT_ANY_PACE: usize = 5 * MAX_IN_FLIGHT;

/// Claimed ahead is what ends within this at the pace of the moment: long enough for claims and outcomes to wait for one
/// another at the database's one writer, and nothing beside a lease.
const AHEAD: Duration = Duration::from_millis(80);

/// The most that are claimed for one integration, however fast it goes.
const MOST: usize = 3 * AT_ANY_PACE;

/// The pace is taken anew this often.
const TAKEN: Duration = Duration::from_millis(25);

/// How many deliveries ended in the last stretch of time.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    ended: u32,
    per_second: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            ended: 0,
            per_second: 0.0,
        }
    }
}

impl Pace {
    /// A delivery ended.
    pub(super) fn one_ended(&mut self) {
        self.ended += 1;
    }

    /// How many may be claimed for one integration while calls go through `busy` of them.
    pub(super) fn claimed_of_each(&mut self, busy: usize) -> usize {
        let passed = self.since.elapsed();
        if passed >= TAKEN {
            self.per_second = f64::from(self.ended) / passed.as_secs_f64();
            self.ended = 0;
            self.since = Instant::now();
        }
        ahead(self.per_second, busy)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a small number, not negative"
)]
fn ahead(per_second: f64, busy: usize) -> usize {
    let of_each = per_second * AHEAD.as_secs_f64() / busy.max(1) as f64;
    (of_each as usize).clamp(AT_ANY_PACE, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_claimed_ahead_only_where_it_goes_fast_through_one() {
        assert_eq!(ahead(0.0, 0), AT_ANY_PACE);
        assert_eq!(ahead(40.0, 1), AT_ANY_PACE);
        assert_eq!(ahead(3_000.0, 1), 240);
        assert_eq!(ahead(2_000.0, 2), AT_ANY_PACE);
        assert_eq!(ahead(100_000.0, 1), MOST);
    }
}
