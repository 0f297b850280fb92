//! Moments, as everything here stores and compares them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// The fixed-width text of a moment: microseconds, always UTC, so that text order is time order.
const FIXED: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// Kombo's form of a moment (`YYYY-MM-DDTHH:mm:ss.sssZ`).
const MILLIS: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A moment in UTC, cut to microseconds: what both engines can hold without loss.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// The Unix epoch: earlier than every moment that the program writes.
    pub const EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    /// The end of the year 9999: later than every moment that the program writes.
    pub const FAR: Self = Self(time::macros::datetime!(9999-12-31 23:59:59 UTC));

    /// Cuts `at` to microseconds and moves it to UTC.
    pub fn new(at: OffsetDateTime) -> Self {
        let at = at.to_offset(UtcOffset::UTC);
        let micros = at.microsecond();
        Self(at.replace_nanosecond(micros * 1_000).unwrap_or(at))
    }

    /// The moment that lies `micros` microseconds after the Unix epoch; `None` outside the years that can be written.
    pub fn from_unix_micros(micros: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
            .ok()
            .map(Self::new)
    }

    /// Microseconds since the Unix epoch.
    pub fn unix_micros(self) -> i64 {
        i64::try_from(self.0.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
    }

    /// Whole seconds since the Unix epoch.
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The same moment as the `time` crate has it.
    pub fn to_offset(self) -> OffsetDateTime {
        self.0
    }

    /// The fixed-width text (`2026-11-24T05:31:52.000000Z`).
    pub fn to_fixed(self) -> String {
        self.0.format(FIXED).unwrap_or_default()
    }

    /// Kombo's text (`2026-11-24T05:31:52.000Z`).
    pub fn to_millis(self) -> String {
        self.0.format(MILLIS).unwrap_or_default()
    }

    /// Reads the fixed-width text.
    pub fn parse_fixed(text: &str) -> Option<Self> {
        PrimitiveDateTime::parse(text, FIXED)
            .ok()
            .map(|at| Self(at.assume_utc()))
    }

    /// Reads any RFC 3339 moment.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
            .ok()
            .map(Self::new)
    }

    /// How long after `earlier` this is; zero where it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0 - earlier.0).unwrap_or(Duration::ZERO)
    }

    /// This moment moved later by `by`.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        time::Duration::try_from(by)
            .ok()
            .and_then(|by| self.0.checked_add(by))
            .map_or(self, Self::new)
    }

    /// This moment moved earlier by `by`.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        time::Duration::try_from(by)
            .ok()
            .and_then(|by| self.0.checked_sub(by))
            .map_or(self, Self::new)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_fixed())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_fixed())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_fixed())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 moment"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_order_is_time_order_whatever_the_fraction() {
        let whole = Timestamp::parse("2026-11-24T05:00:05Z").expect("a moment");
        let half = Timestamp::parse("2026-11-24T05:00:05.5Z").expect("a moment");
        assert!(whole < half);
        assert!(whole.to_fixed() < half.to_fixed());
        assert_eq!(Timestamp::parse_fixed(&half.to_fixed()), Some(half));
    }

    #[test]
    fn kombo_gets_three_digits() {
        let at = Timestamp::parse("2026-11-24T06:00:05.123456+01:00").expect("a moment");
        assert_eq!(at.to_millis(), "2026-11-24T05:00:05.123Z");
    }
}
