//! Time and new ids: the system's, or a test's.

use crate::domain::hours::LocalTime;
use crate::domain::time::Timestamp;
use jiff::tz::TimeZone;
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
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = jiff::Timestamp::from_microsecond(at.unix_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let local = at.to_zoned_datetime(zone);
    LocalTime {
        day: usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or_default(),
        minute: u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or_default(),
    }
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
