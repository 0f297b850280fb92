//! When a customer's people are at work: hours for each day of the week, by their own clock.

use super::customer::FieldError;
use std::time::Duration;

/// The days, Monday first: how a form calls them, and how people do.
pub const DAYS: [(&str, &str); 7] = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

/// The minutes of a day.
const DAY: u16 = 24 * 60;

/// A moment by somebody's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The day of the week, Monday is 0.
    pub day: usize,
    /// Minutes since midnight.
    pub minute: u16,
}

/// From when to when people are at work, for each day from Monday on; `None`: not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BusinessHours([Option<(u16, u16)>; 7]);

impl BusinessHours {
    /// Reads what was typed for each day (`09:00` and `17:00`, or nothing twice). `None` where no day has any: then there
    /// are no business hours.
    ///
    /// # Errors
    /// What is wrong, at the day's first field.
    pub fn read(typed: [(&str, &str); 7]) -> Result<Option<Self>, Vec<FieldError>> {
        let mut hours = Self::default();
        let mut faults = Vec::new();
        for ((open, (from, to)), (name, _)) in hours.0.iter_mut().zip(typed).zip(DAYS) {
            match (from.trim(), to.trim()) {
                ("", "") => {}
                (from, to) => match (minutes(from), minutes(to)) {
                    (Some(from), Some(to)) if from < to => *open = Some((from, to)),
                    (Some(_), Some(_)) => {
                        faults.push((field(name), "The end must be later than the beginning.".into()));
                    }
                    _ => faults.push((field(name), "Please give both times, like 09:00 and 17:30.".into())),
                },
            }
        }
        match (faults.is_empty(), hours == Self::default()) {
            (false, _) => Err(faults),
            (true, true) => Ok(None),
            (true, false) => Ok(Some(hours)),
        }
    }

    /// As it is stored: `09:00-17:30` or `-` for each day, in a row.
    pub fn to_text(&self) -> String {
        let days = self.0.iter().map(|open| match open {
            Some((from, to)) => format!("{}-{}", clock(*from), clock(*to)),
            None => "-".to_owned(),
        });
        days.collect::<Vec<_>>().join(" ")
    }

    /// Reads what is stored.
    pub fn parse(text: &str) -> Option<Self> {
        let mut hours = Self::default();
        let mut days = text.split(' ');
        for open in &mut hours.0 {
            *open = match days.next()?.split_once('-')? {
                ("", "") => None,
                (from, to) => Some((minutes(from)?, minutes(to)?)),
            };
        }
        days.next().is_none().then_some(hours)
    }

    /// Whether people are at work then.
    pub fn is_open(&self, at: LocalTime) -> bool {
        let open = self.0.get(at.day).copied().flatten();
        open.is_some_and(|(from, to)| (from..to).contains(&at.minute))
    }

    /// From when to when people are at work on a day, as time since midnight; `None`: not at all.
    pub(super) fn of(&self, day: usize) -> Option<(Duration, Duration)> {
        let after_midnight = |minutes: u16| Duration::from_mins(minutes.into());
        let open = self.0.get(day).copied().flatten();
        open.map(|(from, to)| (after_midnight(from), after_midnight(to)))
    }

    /// The times of each day as a form holds them.
    pub fn typed(&self) -> [(String, String); 7] {
        self.0
            .map(|open| open.map_or_else(Default::default, |(from, to)| (clock(from), clock(to))))
    }
}

/// The name of a day's first field.
fn field(day: &str) -> &'static str {
    const FIELDS: [&str; 7] = [
        "mon_from", "tue_from", "wed_from", "thu_from", "fri_from", "sat_from", "sun_from",
    ];
    FIELDS
        .into_iter()
        .find(|field| field.starts_with(day))
        .unwrap_or(FIELDS[0])
}

/// Minutes since midnight of a text like `09:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    let all = hours.checked_mul(60)?.checked_add(minutes)?;
    (minutes < 60 && all <= DAY).then_some(all)
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: [(&str, &str); 7] = [
        ("09:00", "17:30"),
        ("09:00", "17:30"),
        ("09:00", "17:30"),
        ("09:00", "17:30"),
        ("9:00", "15:00:00"),
        ("", ""),
        (" ", ""),
    ];

    #[test]
    fn hours_are_open_at_their_beginning_and_closed_at_their_end() {
        let hours = BusinessHours::read(OFFICE).expect("good").expect("some");
        let at = |day, minute| hours.is_open(LocalTime { day, minute });
        assert!(at(0, 540) && at(0, 1_049) && !at(0, 1_050) && !at(0, 539));
        assert!(at(4, 899) && !at(4, 900), "Friday ends earlier");
        assert!(!at(5, 700) && !at(6, 700), "nobody works at the weekend");
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let hours = BusinessHours::read(OFFICE).expect("good").expect("some");
        assert_eq!(BusinessHours::parse(&hours.to_text()), Some(hours.clone()));
        assert_eq!(hours.typed()[4], ("09:00".to_owned(), "15:00".to_owned()));
        assert_eq!(BusinessHours::read([("", ""); 7]), Ok(None));
        for bad in ["", "-", "- - - - - -", "x - - - - - -", "09:00-25:00 - - - - - -"] {
            assert_eq!(BusinessHours::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn half_a_day_is_refused_at_its_field() {
        let mut typed = OFFICE;
        typed[2] = ("09:00", "");
        typed[3] = ("17:00", "09:00");
        let faults = BusinessHours::read(typed).expect_err("two faults");
        let fields = faults.into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        assert_eq!(fields, ["wed_from", "thu_from"]);
    }
}
