//! Connection links: what one is for, and how it stands with it.

pub mod words;

use super::time::Timestamp;
use super::words::words;

words! {
    /// What a link is for.
    pub enum LinkKind {
        /// A customer connects an ATS.
        Connect = "connect", "Connect an ATS";
        /// A customer gives the credentials of an ATS that is connected already anew.
        Reconnect = "reconnect", "Reconnect";
        /// A customer finishes the set-up of a connection.
        SetUp = "set_up", "Finish the set-up";
    }
}

words! {
    /// How it stands with a link.
    pub enum LinkState {
        /// It was made, and nobody has opened it.
        Unopened = "unopened", "Not opened yet";
        /// Somebody went on from our page to Kombo's.
        Opened = "opened", "Opened";
        /// The customer tried, and Kombo said that it failed.
        Failed = "failed", "Tried and failed";
        /// An ATS was connected.
        Used = "used", "Connected";
        /// Its time is over.
        Expired = "expired", "Expired";
        /// It was turned off here.
        Withdrawn = "withdrawn", "Turned off";
    }
}

impl LinkState {
    /// Whether the customer can still go on with it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unopened | Self::Opened | Self::Failed)
    }
}

/// What happened to a link, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Somebody went on from our page.
    pub opened: Option<Timestamp>,
    /// Kombo said that connecting failed.
    pub failed: Option<Timestamp>,
    /// An ATS was connected.
    pub used: Option<Timestamp>,
    /// It was turned off.
    pub withdrawn: Option<Timestamp>,
}

/// How it stands with a link that is good until `expires`.
pub fn link_state(fate: Fate, expires: Timestamp, now: Timestamp) -> LinkState {
    let Fate {
        opened,
        failed,
        used,
        withdrawn,
    } = fate;
    match (used, withdrawn) {
        (Some(_), _) => LinkState::Used,
        (None, Some(_)) => LinkState::Withdrawn,
        (None, None) if expires <= now => LinkState::Expired,
        // One who tries again after a failure has opened it again.
        (None, None) if failed.is_some() && failed >= opened => LinkState::Failed,
        (None, None) if opened.is_some() => LinkState::Opened,
        (None, None) => LinkState::Unopened,
    }
}

/// How long a link that is sent by mail is good, in days: a year, as Kombo documents it.
pub const MAGIC_DAYS: u64 = 365;

/// How long our own page with the flow in it is good, in days. The link that it makes for each try is good for an hour.
pub const EMBEDDED_DAYS: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u8) -> Timestamp {
        Timestamp::parse(&format!("2026-11-24T{hour:02}:00:00Z")).expect("a moment")
    }

    #[test]
    fn a_links_state_is_the_last_thing_that_happened_to_it() {
        let (now, expires) = (at(9), at(12));
        let state = |fate| link_state(fate, expires, now);
        let fresh = Fate::default();
        assert_eq!(state(fresh), LinkState::Unopened);
        let opened = Fate {
            opened: Some(at(5)),
            ..fresh
        };
        assert_eq!(state(opened), LinkState::Opened);
        let failed = Fate {
            failed: Some(at(6)),
            ..opened
        };
        assert_eq!(state(failed), LinkState::Failed);
        assert_eq!(
            state(Fate {
                opened: Some(at(7)),
                ..failed
            }),
            LinkState::Opened,
            "tried again"
        );
        let withdrawn = Fate {
            withdrawn: Some(at(8)),
            ..failed
        };
        assert_eq!(state(withdrawn), LinkState::Withdrawn);
        assert_eq!(
            state(Fate {
                used: Some(at(8)),
                ..withdrawn
            }),
            LinkState::Used,
            "it was used all the same"
        );
    }

    #[test]
    fn only_time_that_is_over_makes_a_link_expire() {
        let opened = Fate {
            opened: Some(at(5)),
            ..Fate::default()
        };
        assert_eq!(link_state(opened, at(12), at(12)), LinkState::Expired);
        assert_eq!(
            link_state(
                Fate {
                    used: Some(at(6)),
                    ..opened
                },
                at(12),
                at(13)
            ),
            LinkState::Used
        );
        assert!(!LinkState::Expired.is_open() && LinkState::Failed.is_open());
    }
}
