//! Slows down guessing, by account and by address, without locking the account's owner out.
//!
//! Every attempt counts as failed until it succeeds, so that attempts sent at once count like attempts sent in a row.
//! After a few free ones each further failure doubles the wait, up to a quarter of an hour. Whoever signed in from an
//! address before is counted apart from everybody else's failures there and on the account.

use super::address::Caller;
use crate::app::App;
use crate::domain::time::Timestamp;
use crate::store::throttle::{self, Entry};
use crate::store::{self, Conn};
use std::time::Duration;

/// The longest wait.
const CAP: Duration = Duration::from_mins(15);
/// How long failures are remembered after the last one.
const MEMORY: Duration = Duration::from_hours(24);
/// How long an address from which somebody signed in counts as theirs.
const FAMILIAR: Duration = Duration::from_hours(90 * 24);
/// Free failures of one account, or of one person at a familiar address.
const FREE_PER_ACCOUNT: i64 = 5;
/// Free failures of one address: several people may sit behind it.
const FREE_PER_ADDRESS: i64 = 20;

/// An attempt that was let through and counts as failed until [`Attempt::succeeded`].
#[derive(Debug)]
pub struct Attempt {
    counters: Vec<Counter>,
    familiar: [u8; 32],
}

/// What becomes of an attempt.
#[derive(Debug)]
pub enum Verdict {
    /// The password may be checked.
    Go(Attempt),
    /// Too many failed: nothing is checked before this time is over.
    Wait(Duration),
}

#[derive(Clone, Debug)]
struct Counter {
    digest: [u8; 32],
    free: i64,
    /// Success forgets the failures; an address only forgets this one attempt, or one good account would wash off the
    /// failures on all others.
    forgets_all: bool,
}

/// Lets an attempt through and counts it, or says how long to wait.
pub async fn begin(app: &App, email_folded: &str, caller: Caller) -> Result<Verdict, store::Error> {
    let network = caller.network();
    let both = format!("{email_folded}\0{network}");
    let familiar = app.vault.digest("throttle.familiar", both.as_bytes());
    let now = app.clock.now();
    let mut conn = app.db.begin().await?;
    let counter = |purpose, value: &str, free, forgets_all| Counter {
        digest: app.vault.digest(purpose, value.as_bytes()),
        free,
        forgets_all,
    };
    let counters = if throttle::find(&mut conn, &familiar, now).await?.is_some() {
        vec![counter("throttle.pair", &both, FREE_PER_ACCOUNT, true)]
    } else {
        vec![
            counter("throttle.account", email_folded, FREE_PER_ACCOUNT, true),
            counter("throttle.address", &network, FREE_PER_ADDRESS, false),
        ]
    };
    let mut found = Vec::with_capacity(counters.len());
    for counter in &counters {
        found.push(throttle::find(&mut conn, &counter.digest, now).await?);
    }
    let blocked_until = found.iter().flatten().map(|entry| entry.blocked_until).max();
    if let Some(until) = blocked_until.filter(|until| *until > now) {
        return Ok(Verdict::Wait(until.since(now)));
    }
    for (counter, before) in counters.iter().zip(found) {
        let failures = before.map_or(0, |entry| entry.failures) + 1;
        let entry = Entry {
            failures,
            blocked_until: now.plus(wait_after(failures, counter.free)),
            forget_at: now.plus(MEMORY),
        };
        throttle::put(&mut conn, &counter.digest, entry).await?;
    }
    conn.commit().await?;
    Ok(Verdict::Go(Attempt { counters, familiar }))
}

impl Attempt {
    /// The password was right: the attempt was no failure, and its address is a familiar one from now on.
    pub async fn succeeded(self, conn: &mut Conn, now: Timestamp) -> Result<(), store::Error> {
        for counter in &self.counters {
            match throttle::find(conn, &counter.digest, now).await? {
                Some(entry) if !counter.forgets_all && entry.failures > 1 => {
                    let entry = Entry {
                        failures: entry.failures - 1,
                        blocked_until: now,
                        ..entry
                    };
                    throttle::put(conn, &counter.digest, entry).await?;
                }
                _ => throttle::remove(conn, &counter.digest).await?,
            }
        }
        let familiar = Entry {
            failures: 0,
            blocked_until: now,
            forget_at: now.plus(FAMILIAR),
        };
        throttle::put(conn, &self.familiar, familiar).await
    }
}

fn wait_after(failures: i64, free: i64) -> Duration {
    let Ok(over) = u32::try_from(failures - free) else {
        return Duration::ZERO;
    };
    Duration::from_secs(1_u64.checked_shl(over).unwrap_or(u64::MAX)).min(CAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_is_capped() {
        let waits = |failures| wait_after(failures, 5).as_secs();
        assert_eq!([1, 4, 5, 6, 8].map(waits), [0, 0, 1, 2, 8]);
        assert_eq!([15, 200, i64::from(i32::MAX)].map(waits), [900; 3]);
    }
}
