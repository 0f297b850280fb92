//! Time and new ids: the system's, or a test's.

use crate::domain::due;
use crate::domain::hours::{BusinessHours, LocalTime};
use crate::domain::time::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ZonedDateTime};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use uuid::Uuid;

/// Where the program reads the time and takes new ids. The only place that does either.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is moved.
    Test(Arc<Stopped>),
}

/// A clock that stands still.
#[derive(Debug)]
pub struct Stopped {
    /// Microseconds since the Unix epoch, but for jumps.
    at: AtomicI64,
    /// By how many microseconds it jumped ahead, all in all.
    ahead: AtomicI64,
    moved: Notify,
}

/// A moment by the clocks of a zone (`Europe/Oslo`); an unknown zone is read as UTC.
pub fn local_time(zone: &str, at: Timestamp) -> LocalTime {
    let local = zoned(zone, at);
    LocalTime {
        day: usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or_default(),
        minute: u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or_default(),
    }
}

/// When `wait` is over that begins at `at` and passes only in business hours, by the clocks of a zone; where there are none,
/// by the clock. A night in which clocks are put forward or back is as long as others there; a time that it has not comes
/// an hour later, one that it has twice is the first.
pub fn in_business_hours(zone: &str, hours: &BusinessHours, at: Timestamp, wait: Duration) -> Timestamp {
    let local = zoned(zone, at);
    let midnight = local.date().to_datetime(Time::midnight());
    let time = Duration::try_from(local.datetime().duration_since(midnight)).unwrap_or_default();
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or_default();
    let due = due::due(hours, day, time, wait).and_then(|due| {
        let passed = Duration::from_hours(24 * u64::from(due.days)) + due.time;
        let wall = midnight.checked_add(SignedDuration::try_from(passed).ok()?).ok()?;
        let due = local.time_zone().to_ambiguous_timestamp(wall).compatible().ok()?;
        Timestamp::from_unix_micros(due.as_microsecond())
    });
    // Clocks that are put back by more than the wait would have it due before it began.
    due.map_or_else(|| at.plus(wait), |due| due.max(at))
}

fn zoned(zone: &str, at: Timestamp) -> ZonedDateTime {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = jiff::Timestamp::from_microsecond(at.unix_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned_datetime(zone)
}

/// Whether there is a zone of this name.
pub fn is_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// The names of all zones.
pub fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|zone| zone.to_string()).collect()
}

impl Clock {
    /// A clock for tests that stands at `at` until [`Clock::advance`] moves it.
    pub fn test(at: Timestamp) -> Self {
        Self::Test(Arc::new(Stopped {
            at: AtomicI64::new(at.unix_micros()),
            ahead: AtomicI64::new(0),
            moved: Notify::new(),
        }))
    }

    /// The present moment.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that may read the system's clock"
    )]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::new(time::OffsetDateTime::now_utc()),
            Self::Test(clock) => {
                let micros = clock.at.load(Ordering::SeqCst) + clock.ahead.load(Ordering::SeqCst);
                Timestamp::from_unix_micros(micros).unwrap_or(Timestamp::EPOCH)
            }
        }
    }

    /// How long the process has run: a measure that no jump of the machine's clock touches. A test's clock keeps
    /// it apart from [`Clock::jump`]; [`Clock::advance`] and [`Clock::set_back`] touch both.
    pub fn steady(&self) -> Duration {
        match self {
            Self::System => STARTED.elapsed(),
            Self::Test(clock) => {
                Duration::from_micros(u64::try_from(clock.at.load(Ordering::SeqCst)).unwrap_or_default())
            }
        }
    }

    /// Moves a test's clock; the system's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Self::Test(clock) = self {
            let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            clock.at.fetch_add(micros, Ordering::SeqCst);
            clock.moved.notify_waiters();
        }
    }

    /// A test's clock jumps by `seconds`, as the machine's may: how long the process has run is not touched.
    pub fn jump(&self, seconds: i64) {
        if let Self::Test(clock) = self {
            clock
                .ahead
                .fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
            clock.moved.notify_waiters();
        }
    }

    /// Sets a test's clock back; the system's clock is left alone.
    pub fn set_back(&self, by: Duration) {
        if let Self::Test(clock) = self {
            let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            clock.at.fetch_sub(micros, Ordering::SeqCst);
        }
    }

    /// Waits until it is `moment`; a test's clock has to be moved there.
    pub async fn reaches(&self, moment: Timestamp) {
        match self {
            Self::System => tokio::time::sleep(moment.since(self.now())).await,
            Self::Test(clock) => loop {
                let moved = clock.moved.notified();
                if self.now() >= moment {
                    return;
                }
                moved.await;
            },
        }
    }

    /// A new id, ordered by time of making (`UUIDv7`).
    #[allow(clippy::disallowed_methods, reason = "the one place that may make ids")]
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        match self {
            Self::System => T::from(Uuid::now_v7()),
            Self::Test(_) => {
                let micros = self.now().unix_micros();
                let seconds = u64::try_from(micros / 1_000_000).unwrap_or(0);
                let nanos = u32::try_from(micros % 1_000_000).unwrap_or(0) * 1_000;
                T::from(Uuid::new_v7(uuid::Timestamp::from_unix(&*TEST_CONTEXT, seconds, nanos)))
            }
        }
    }
}

/// When the process first asked how long it has run.
static STARTED: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);

/// Shared by all test clocks, so that ids made in one microsecond still differ and stay in order.
static TEST_CONTEXT: std::sync::LazyLock<std::sync::Mutex<uuid::ContextV7>> =
    std::sync::LazyLock::new(|| std::sync::Mutex::new(uuid::ContextV7::new()));

#[cfg(test)]
mod tests {
    use super::*;

    fn due(zone: &str, hours: &str, at: &str, wait: u64) -> String {
        let hours = BusinessHours::parse(hours).expect("good");
        let at = Timestamp::parse(at).expect("a moment");
        let due = in_business_hours(zone, &hours, at, Duration::from_hours(wait));
        due.to_offset().to_string()
    }

    const OFFICE: &str = "09:00-17:00 09:00-17:00 09:00-17:00 09:00-17:00 09:00-17:00 - -";

    #[test]
    fn hours_are_counted_on_the_wall_of_the_customer() {
        assert_eq!(
            due("Europe/Oslo", OFFICE, "2026-11-20T16:00:30+01:00", 8),
            "2026-11-23 15:00:30.0 +00:00:00"
        );
        assert_eq!(
            due("Nowhere", OFFICE, "2026-11-20T16:00:00Z", 8),
            "2026-11-23 16:00:00.0 +00:00:00"
        );
        assert_eq!(
            due("UTC", "- - - - - - -", "2026-11-20T16:00:00Z", 8),
            "2026-11-21 0:00:00.0 +00:00:00"
        );
    }

    #[test]
    fn clocks_that_are_put_forward_or_back_over_a_weekend_change_no_working_hour() {
        let forward = due("Europe/Oslo", OFFICE, "2026-03-27T16:00:00+01:00", 8);
        assert_eq!(forward, "2026-03-30 14:00:00.0 +00:00:00");
        let back = due("Europe/Oslo", OFFICE, "2026-10-23T16:00:00+02:00", 8);
        assert_eq!(back, "2026-10-26 15:00:00.0 +00:00:00");
    }

    #[test]
    fn a_time_that_a_night_has_not_comes_later_and_one_that_it_has_twice_is_the_first() {
        let always = ["00:00-24:00"; 7].join(" ");
        let gap = due("Europe/Oslo", &always, "2026-03-28T02:30:00+01:00", 24);
        assert_eq!(gap, "2026-03-29 1:30:00.0 +00:00:00");
        let fold = due("Europe/Oslo", &always, "2026-10-24T02:30:00+02:00", 24);
        assert_eq!(fold, "2026-10-25 0:30:00.0 +00:00:00");
        let midnight = due("Europe/Oslo", &always, "2026-10-24T00:00:00+02:00", 24);
        assert_eq!(midnight, "2026-10-24 22:00:00.0 +00:00:00", "open until 24:00");
    }

    #[test]
    fn it_is_never_due_before_it_began_nor_beyond_what_can_be_written() {
        // Kwajalein's clocks were put back by a whole day.
        let always = ["00:00-24:00"; 7].join(" ");
        for hour in 0..72 {
            let at = Timestamp::parse("1969-09-29T00:00:00Z")
                .expect("a moment")
                .plus(Duration::from_hours(hour));
            let hours = BusinessHours::parse(&always).expect("good");
            assert!(in_business_hours("Pacific/Kwajalein", &hours, at, Duration::from_hours(1)) >= at);
        }
        assert!(due("UTC", "- - - - - - 00:00-00:01", "2026-11-20T16:00:00Z", 8_760).starts_with("3026-"));
    }
}
