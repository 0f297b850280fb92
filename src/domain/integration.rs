//! Integrations: what Kombo says about a customer's connection of one ATS.

use super::time::Timestamp;
use super::words::words;
use std::time::Duration;

words! {
    /// Whether the connection works.
    pub enum IntegrationState {
        /// It works.
        Active = "ACTIVE", "Active";
        /// Its credentials are refused by the ATS.
        Invalid = "INVALID", "Credentials refused";
        /// It is switched off.
        Inactive = "INACTIVE", "Switched off";
        /// Kombo has not told us yet.
        Unknown = "UNKNOWN", "Not known yet";
    }
}

words! {
    /// How Kombo's check of a new connection went.
    pub enum QaStatus {
        /// It is still to come.
        Pending = "PENDING", "Check still to come";
        /// It found a fault.
        Failed = "FAILED", "Check failed";
        /// It found none.
        Passed = "PASSED", "Check passed";
    }
}

words! {
    /// How far the customer's setting-up has come.
    pub enum SetupStatus {
        /// The customer still has something to do.
        Incomplete = "INCOMPLETE", "Set-up not finished";
        /// Kombo's last synchronisation is still to come.
        FinalSyncPending = "FINAL_SYNC_PENDING", "Last synchronisation to come";
        /// Nothing is left to do.
        Completed = "COMPLETED", "Set up";
    }
}

/// Whether news of `news_at` may change what we last heard at `known_at`: older news never undoes newer.
///
/// News of the same moment counts, so that a repeat heals what was left half written.
pub fn news_is_newer(known_at: Timestamp, news_at: Timestamp) -> bool {
    news_at >= known_at
}

/// The shortest and the longest wait between two look-ups of the same integration.
const LOOK_UP_WAITS: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(6));

/// When Kombo is to be asked about an integration (again): at once, then after waits that double up to six hours.
pub fn look_up_due_at(first_heard: Timestamp, looked_up: Option<Timestamp>) -> Timestamp {
    let Some(looked_up) = looked_up else {
        return first_heard;
    };
    let (shortest, longest) = LOOK_UP_WAITS;
    looked_up.plus(looked_up.since(first_heard).clamp(shortest, longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_news_never_undoes_newer() {
        let early = Timestamp::parse("2026-11-24T05:00:00Z").expect("a moment");
        let late = Timestamp::parse("2026-11-24T05:00:01Z").expect("a moment");
        assert!(news_is_newer(early, late));
        assert!(news_is_newer(late, late));
        assert!(!news_is_newer(late, early));
    }

    #[test]
    fn look_ups_wait_longer_each_time() {
        let first = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let after = |minutes| first.plus(Duration::from_mins(minutes));
        assert_eq!(look_up_due_at(first, None), first);
        assert_eq!(look_up_due_at(first, Some(first)), after(1));
        assert_eq!(look_up_due_at(first, Some(after(1))), after(2));
        assert_eq!(look_up_due_at(first, Some(after(2))), after(4));
        assert_eq!(look_up_due_at(first, Some(after(6000))), after(6000 + 6 * 60));
    }
}
