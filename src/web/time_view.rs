//! Moments as a person reads them: relative, in the person's zone, exact where asked.

use crate::domain::time::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ZonedDateTime};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The moment a page is made, and the zone of who reads it.
#[derive(Clone, Debug)]
pub struct TimeView {
    now: Timestamp,
    zone: TimeZone,
}

impl TimeView {
    /// Times as seen at `now` in the zone named `zone` (`Europe/Berlin`); an unknown name is read as UTC.
    pub fn new(now: Timestamp, zone: &str) -> Self {
        Self {
            now,
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
        }
    }

    /// Times in UTC, for pages whose reader is not known.
    pub fn utc(now: Timestamp) -> Self {
        Self {
            now,
            zone: TimeZone::UTC,
        }
    }

    /// The moment that the page is made.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Short and relative: `now`, `40 s`, `2 min`, `in 3 h`, `5 d`; beyond 30 days the date.
    pub fn relative(&self, at: impl Into<Moment>) -> String {
        let at = at.into().0;
        let seconds = self.now.unix_seconds() - at.unix_seconds();
        match span(seconds.abs()) {
            None => self.date(at),
            Some(span) if span == "now" || seconds >= 0 => span,
            Some(span) => format!("in {span}"),
        }
    }

    /// The same as part of a sentence: `just now`, `40 s ago`, `in 3 h`, `on 24 Oct`.
    pub fn ago(&self, at: impl Into<Moment>) -> String {
        let at = at.into().0;
        let seconds = self.now.unix_seconds() - at.unix_seconds();
        match span(seconds.abs()) {
            None => format!("on {}", self.date(at)),
            Some(span) if span == "now" => "just now".into(),
            Some(span) if seconds > 0 => format!("{span} ago"),
            Some(span) => format!("in {span}"),
        }
    }

    /// To the second, with the day and the zone: `Tue 24 Nov 2026, 06:31:52 CET`.
    pub fn exact(&self, at: impl Into<Moment>) -> String {
        self.zoned(at.into().0)
            .strftime("%a %-d %b %Y, %H:%M:%S %Z")
            .to_string()
    }

    /// For timelines: `today 10:20`, `yesterday 18:04`, `Mon 09:12`, `24 Oct 09:12`, `24 Oct 2025 09:12`.
    pub fn moment(&self, at: impl Into<Moment>) -> String {
        let at = self.zoned(at.into().0);
        let now = self.zoned(self.now);
        let days = at.date().until(now.date()).map_or(i32::MAX, |span| span.get_days());
        let form = match days {
            0 => "today %H:%M",
            1 => "yesterday %H:%M",
            2..7 => "%a %H:%M",
            _ if at.year() == now.year() => "%-d %b %H:%M",
            _ => "%-d %b %Y %H:%M",
        };
        at.strftime(form).to_string()
    }

    /// The day alone: `24 Oct`, or `24 Oct 2025` in another year.
    pub fn date(&self, at: impl Into<Moment>) -> String {
        let at = self.zoned(at.into().0);
        let form = if at.year() == self.zoned(self.now).year() {
            "%-d %b"
        } else {
            "%-d %b %Y"
        };
        at.strftime(form).to_string()
    }

    /// As `<input type="datetime-local">` holds it: `2026-11-24T10:14`, in the reader's zone.
    pub fn for_input(&self, at: impl Into<Moment>) -> String {
        self.zoned(at.into().0).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// What `<input type="datetime-local">` sent, read in the person's zone; `None` where it is no moment.
    /// A moment that does not exist or exists twice (summer time) is taken as the offset before the change.
    pub fn read_input(&self, text: &str) -> Option<Timestamp> {
        let local: DateTime = text.trim().replace(' ', "T").parse().ok()?;
        let at = local.to_zoned_datetime(self.zone.clone()).ok()?;
        Timestamp::from_unix_micros(at.timestamp().as_microsecond())
    }

    fn zoned(&self, at: Timestamp) -> ZonedDateTime {
        Instant::from_microsecond(at.unix_micros())
            .unwrap_or(Instant::UNIX_EPOCH)
            .to_zoned_datetime(self.zone.clone())
    }
}

/// A moment, by value or by reference: templates pass on either.
#[derive(Clone, Copy, Debug)]
pub struct Moment(Timestamp);

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl From<&Timestamp> for Moment {
    fn from(at: &Timestamp) -> Self {
        Self(*at)
    }
}

impl From<&&Timestamp> for Moment {
    fn from(at: &&Timestamp) -> Self {
        Self(**at)
    }
}

/// A length of time as one number and unit; `None` where a date says more.
fn span(seconds: i64) -> Option<String> {
    Some(match seconds {
        ..5 => "now".into(),
        5..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ if seconds < 30 * DAY => format!("{} d", seconds / DAY),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn view() -> TimeView {
        TimeView::new(
            Timestamp::parse("2026-11-24T05:31:52Z").expect("a moment"),
            "Europe/Berlin",
        )
    }

    #[test]
    fn near_moments_are_relative() {
        let view = view();
        let now = view.now();
        let before = |seconds| now.minus(Duration::from_secs(seconds));
        assert_eq!(view.relative(now), "now");
        assert_eq!(view.relative(before(40)), "40 s");
        assert_eq!(view.relative(before(150)), "2 min");
        assert_eq!(view.relative(now.plus(Duration::from_hours(3))), "in 3 h");
        assert_eq!(view.ago(before(40)), "40 s ago");
        assert_eq!(view.ago(before(60 * 86_400)), "on 25 Sep");
    }

    #[test]
    fn exact_moments_are_in_the_readers_zone() {
        let view = view();
        assert_eq!(view.exact(view.now()), "Tue 24 Nov 2026, 06:31:52 CET");
        assert_eq!(view.moment(view.now()), "today 06:31");
        assert_eq!(view.for_input(view.now()), "2026-11-24T06:31");
        assert_eq!(
            view.read_input("2026-11-24T06:31").map(Timestamp::to_millis).as_deref(),
            Some("2026-11-24T05:31:00.000Z")
        );
        assert_eq!(view.read_input("soon"), None);
    }
}
