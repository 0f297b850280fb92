//! What follows from how a try ended: a pure table, the same for results, publications and mails.
//!
//! A mail cannot be read back. Where nobody knows whether the server took it, it is sent again as the very same mail
//! (`Message-ID`, date and text): rather an invitation twice than none.

use super::{Ended, LOCKED_OUT, Tried};
use crate::domain::delivery::{DeliveryKind, Doubt, wait_before};
use crate::domain::order::KomboStatus;
use crate::domain::time::Timestamp;
use crate::kombo::Fate;
use crate::store::deliveries::DeliveryRow;
use std::time::Duration;

/// Why a mail is given up that the server refused for good.
const REFUSED_MAIL: &str = "The mail server refused it for good.";

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is with Kombo.
    Arrived {
        /// It was not heard of at once, but seen by reading back.
        read_back: bool,
    },
    /// The order was read back.
    Shown {
        /// What it shows.
        status: KomboStatus,
        /// Kombo had refused the word.
        refused: bool,
    },
    /// Kombo's packages are other ones: to be sent again.
    NotHeld,
    /// The same once more, then.
    Again {
        /// When.
        at: Timestamp,
    },
    /// To be read back before anything else.
    InDoubt {
        /// Why.
        doubt: Doubt,
        /// When.
        at: Timestamp,
    },
    /// The integration does not work.
    Park,
    /// A person must look.
    GiveUp {
        /// Why, in plain words.
        why: String,
    },
    /// A newer publication takes its place.
    Replaced,
    /// It is not needed any more.
    Withdraw {
        /// Why, in plain words.
        why: String,
    },
}

/// What the waits are reckoned from.
pub(super) struct Schedule<'a> {
    /// After the first attempt the first, and so on.
    pub(super) waits: &'a [Duration],
    /// The share of the wait, 0 to 1.
    pub(super) jitter: f64,
    /// The present moment.
    pub(super) now: Timestamp,
}

impl Schedule<'_> {
    /// When attempt `number` is followed by the next; `None` after the last.
    fn after(&self, number: i64, jitter: f64, retry_after: Option<Duration>) -> Option<Timestamp> {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        wait_before(number, self.waits, jitter, retry_after).map(|wait| self.now.plus(wait))
    }

    /// When to read back: after the whole wait, so that what is still under way can arrive first; after the last
    /// attempt, the last wait again and again, since a fate that is unknown cannot be given up.
    fn read_back_at(&self, number: i64, retry_after: Option<Duration>) -> Timestamp {
        let last = i64::try_from(self.waits.len()).unwrap_or(i64::MAX);
        self.after(number.clamp(1, last), 1.0, retry_after).unwrap_or(self.now)
    }

    /// The next try after attempt `number`, or its end after the last.
    fn again(&self, number: i64, retry_after: Option<Duration>) -> Next {
        match self.after(number, self.jitter, retry_after) {
            Some(at) => Next::Again { at },
            None => tried_too_often(),
        }
    }

    /// Whether attempt `number` was the last.
    fn is_over(&self, number: i64) -> bool {
        self.after(number, 0.0, None).is_none()
    }
}

/// What follows for `delivery` (as it was claimed) from `tried`.
pub(super) fn next(delivery: &DeliveryRow, tried: &Tried, schedule: &Schedule<'_>) -> Next {
    let number = delivery.attempts + 1;
    let is_mail = delivery.kind == DeliveryKind::Mail;
    match (&tried.ended, delivery.doubt) {
        (Ended::Taken, _) => Next::Arrived { read_back: false },
        (Ended::Held(true), _) => Next::Arrived { read_back: true },
        (Ended::Replaced, _) => Next::Replaced,
        (Ended::NotNeeded(why), _) => Next::Withdraw { why: why.clone() },
        (Ended::Impossible(why), _) => Next::GiveUp { why: why.clone() },
        (Ended::Vanished | Ended::Failed(Fate::ReadBack), _) if is_mail => schedule.again(number, tried.retry_after),
        (Ended::Vanished, doubt) => Next::InDoubt {
            doubt: doubt.unwrap_or(Doubt::Unknown),
            at: schedule.now,
        },
        (Ended::Showed(Some(status)), doubt) => shown(delivery, *status, doubt, schedule),
        (Ended::Showed(None), _) => Next::GiveUp {
            why: "Kombo does not know this order any more.".to_owned(),
        },
        (Ended::Held(false), _) if schedule.is_over(delivery.attempts) => tried_too_often(),
        (Ended::Held(false), _) => Next::NotHeld,
        (Ended::Failed(Fate::ParkIntegration), _) => Next::Park,
        (Ended::Failed(Fate::ParkAll), _) => Next::Again {
            at: schedule.now.plus(LOCKED_OUT),
        },
        // The read itself failed: the doubt stays.
        (Ended::Failed(_), Some(doubt)) => Next::InDoubt {
            doubt,
            at: schedule.read_back_at(number, tried.retry_after),
        },
        (Ended::Failed(Fate::Retry), None) => schedule.again(number, tried.retry_after),
        (Ended::Failed(Fate::ReadBack), None) => Next::InDoubt {
            doubt: Doubt::Unknown,
            at: schedule.read_back_at(number, tried.retry_after),
        },
        // A list that was refused is not there; only a result can be refused because it had arrived before.
        (Ended::Failed(Fate::Refused), None) if delivery.kind != DeliveryKind::Result => Next::GiveUp {
            why: if is_mail { REFUSED_MAIL } else { "Kombo refused it." }.to_owned(),
        },
        (Ended::Failed(Fate::Refused), None) => Next::InDoubt {
            doubt: Doubt::Refused,
            at: schedule.now,
        },
    }
}

fn shown(delivery: &DeliveryRow, status: KomboStatus, doubt: Option<Doubt>, schedule: &Schedule<'_>) -> Next {
    let refused = doubt == Some(Doubt::Refused);
    if status == KomboStatus::Open && !refused && schedule.is_over(delivery.attempts) {
        return tried_too_often();
    }
    Next::Shown { status, refused }
}

fn tried_too_often() -> Next {
    Next::GiveUp {
        why: "It was tried too often without success.".to_owned(),
    }
}
