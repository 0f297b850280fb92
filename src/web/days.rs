//! Days by the clocks of a zone: as `<input type="date">` holds them, as people read them.

use crate::domain::offer_window::OfferWindow;
use crate::domain::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan, ZonedDateTime};

/// Reads and writes days by the clocks of one zone.
#[derive(Clone, Debug)]
pub struct Days(TimeZone);

impl Days {
    /// By the clocks of the zone of this name (`Europe/Oslo`); an unknown name is read as UTC.
    pub fn in_zone(name: &str) -> Self {
        Self(TimeZone::get(name).unwrap_or(TimeZone::UTC))
    }

    /// Reads the first and the last day of a time, each empty where there is none.
    ///
    /// # Errors
    /// The field that holds no day: `from` or `until`.
    pub fn read_window(&self, from: &str, until: &str) -> Result<OfferWindow, &'static str> {
        let read = |text: &str, field, days: i32| match text.trim() {
            "" => Ok(None),
            text => self.midnight(text, days).map(Some).ok_or(field),
        };
        Ok(OfferWindow {
            from: read(from, "from", 0)?,
            until: read(until, "until", 1)?,
        })
    }

    /// The first and the last day of a time, as forms hold them.
    pub fn typed(&self, window: OfferWindow) -> (String, String) {
        let day = |at: Option<Timestamp>| at.map(|at| self.at(at).date().to_string()).unwrap_or_default();
        (day(window.from), day(window.until.map(last_moment)))
    }

    /// A time as people read it: `until 31 Dec 2026`; empty where it is all time.
    pub fn window(&self, window: OfferWindow) -> String {
        let day = |at: Timestamp| self.at(at).strftime("%-d %b %Y").to_string();
        match (window.from.map(day), window.until.map(|until| day(last_moment(until)))) {
            (Some(from), Some(until)) => format!("from {from} until {until}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("until {until}"),
            (None, None) => String::new(),
        }
    }

    /// The first moment of the day that comes so many days after this one.
    fn midnight(&self, text: &str, days: i32) -> Option<Timestamp> {
        let day = text.parse::<Date>().ok()?.checked_add(days.days()).ok()?;
        let at = day.to_zoned_datetime(self.0.clone()).ok()?.start_of_day().ok()?;
        Timestamp::from_unix_micros(at.timestamp().as_microsecond())
    }

    fn at(&self, at: Timestamp) -> ZonedDateTime {
        let at = Instant::from_microsecond(at.unix_micros()).unwrap_or(Instant::UNIX_EPOCH);
        at.to_zoned_datetime(self.0.clone())
    }
}

/// The moment before the one that no longer counts.
fn last_moment(until: Timestamp) -> Timestamp {
    until.minus(std::time::Duration::from_micros(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_belongs_to_it_in_summer_and_winter() {
        let oslo = Days::in_zone("Europe/Oslo");
        let window = oslo.read_window("2026-10-25", " 2026-10-25 ").expect("days");
        assert_eq!(window.from, Timestamp::parse("2026-10-24T22:00:00Z"));
        assert_eq!(
            window.until,
            Timestamp::parse("2026-10-25T23:00:00Z"),
            "a day of 25 hours"
        );
        assert_eq!(oslo.typed(window), ("2026-10-25".to_owned(), "2026-10-25".to_owned()));
        assert_eq!(oslo.window(window), "from 25 Oct 2026 until 25 Oct 2026");
    }

    #[test]
    fn a_day_that_begins_an_hour_late_and_one_that_is_none() {
        let beirut = Days::in_zone("Asia/Beirut");
        let window = beirut.read_window("2026-03-29", "").expect("a day");
        assert_eq!(beirut.typed(window), ("2026-03-29".to_owned(), String::new()));
        assert_eq!(beirut.read_window("29.3.2026", ""), Err("from"));
        assert_eq!(beirut.read_window("", "2026-02-30"), Err("until"));
        assert_eq!(beirut.read_window("", "9999-12-31"), Err("until"));
        assert_eq!(beirut.window(OfferWindow::default()), "");
    }
}
