//! The reconciler's passes, and when each is due.

use super::time::Timestamp;
use super::words::words;
use std::time::Duration;

words! {
    /// One way of comparing Kombo's orders with ours.
    pub enum Pass {
        /// Every order that is open in Kombo.
        Open = "open", "Open orders";
        /// Those of ours that are not over and that Kombo did not show among the open ones.
        Missing = "missing", "Ours, by id";
        /// Everything that was ordered lately, whatever became of it.
        Daily = "daily", "Everything of the last days";
    }
}

/// How often everything of the last days is compared.
pub const DAILY: Duration = Duration::from_hours(24);

/// How far before the last daily comparison the next one begins, so that nothing slips through between two.
pub const OVERLAP: Duration = Duration::from_hours(48);

/// From when on orders are compared daily; `last` is the beginning of the last such comparison that went well.
pub fn daily_since(last: Option<Timestamp>, now: Timestamp) -> Timestamp {
    last.unwrap_or(now).minus(OVERLAP)
}

/// Whether the daily comparison is due.
pub fn daily_is_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now.since(last) >= DAILY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daily_comparison_overlaps_the_one_before() {
        let noon = Timestamp::parse("2026-11-24T12:00:00Z").expect("a moment");
        assert!(daily_is_due(None, noon));
        assert!(!daily_is_due(Some(noon.minus(Duration::from_hours(23))), noon));
        assert!(daily_is_due(Some(noon.minus(DAILY)), noon));
        assert_eq!(daily_since(Some(noon), noon.plus(DAILY)), noon.minus(OVERLAP));
    }
}
