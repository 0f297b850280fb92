//! When something is due that takes so many business hours: counted on the clock on a customer's wall.

use super::hours::BusinessHours;
use std::time::Duration;

/// The furthest day that is counted to: a thousand years, so that every due time is one that can be written.
const FURTHEST: u32 = 365_250;

/// A moment some days from now, by a clock on a wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// How many midnights lie between.
    pub days: u32,
    /// How long after midnight; a whole day where people are at work until 24:00.
    pub time: Duration,
}

/// When `wait` is over that begins on a day of the week (Monday is 0) at `time` and passes only while people are at work. It
/// is over at the end of a day rather than at the beginning of the next. `None` where nobody is ever at work.
pub fn due(hours: &BusinessHours, day: usize, time: Duration, wait: Duration) -> Option<Ahead> {
    let week: Duration = (0..7).map(|day| length(hours.of(day))).sum();
    if week.is_zero() {
        return None;
    }
    let mut left = wait;
    if let Some((from, to)) = hours.of(day) {
        let today = (from.max(time), to);
        if left <= length(Some(today)) {
            return Some(ahead(0, today.0 + left));
        }
        left -= length(Some(today));
    }
    // Whole weeks are jumped over, but the last one: what is left then is over within seven days.
    let weeks = left.as_nanos().saturating_sub(1) / week.as_nanos();
    let weeks = u32::try_from(weeks).unwrap_or(FURTHEST);
    left = left.saturating_sub(week.saturating_mul(weeks));
    for (next, place) in (1..=7).zip(day + 1..) {
        let Some((from, to)) = hours.of(place % 7) else {
            continue;
        };
        let length = length(Some((from, to)));
        if left <= length {
            return Some(ahead(weeks.saturating_mul(7).saturating_add(next), from + left));
        }
        left -= length;
    }
    None
}

fn ahead(days: u32, time: Duration) -> Ahead {
    let days = days.min(FURTHEST);
    Ahead { days, time }
}

/// How long people are at work.
fn length(open: Option<(Duration, Duration)>) -> Duration {
    open.map_or(Duration::ZERO, |(from, to)| to.saturating_sub(from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OFFICE: &str = "09:00-17:00 09:00-17:00 09:00-17:00 09:00-17:00 09:00-17:00 - -";

    fn clock(text: &str) -> Duration {
        let (hours, minutes) = text.split_once(':').expect("a time");
        let (hours, minutes): (u64, u64) = (hours.parse().expect("hours"), minutes.parse().expect("minutes"));
        Duration::from_mins(hours * 60 + minutes)
    }

    /// On which day from then, and when, so many hours are over.
    fn over(hours: &str, day: usize, time: &str, wait: u64) -> (u32, Duration) {
        let hours = BusinessHours::parse(hours).expect("good");
        let due = due(&hours, day, clock(time), Duration::from_hours(wait)).expect("some day");
        (due.days, due.time)
    }

    #[test]
    fn nights_and_weekends_do_not_count() {
        assert_eq!(over(OFFICE, 4, "16:00", 8), (3, clock("16:00")), "Friday to Monday");
        assert_eq!(over(OFFICE, 0, "10:00", 3), (0, clock("13:00")), "within a day");
        assert_eq!(over(OFFICE, 0, "10:00", 8), (1, clock("10:00")), "over a night");
        assert_eq!(over(OFFICE, 5, "12:00", 1), (2, clock("10:00")), "from a Saturday");
        assert_eq!(over(OFFICE, 2, "12:00", 40), (7, clock("12:00")), "a week of them");
    }

    #[test]
    fn before_opening_it_begins_with_it_and_after_closing_with_the_next() {
        assert_eq!(over(OFFICE, 1, "06:30", 2), (0, clock("11:00")));
        assert_eq!(over(OFFICE, 1, "17:00", 2), (1, clock("11:00")), "just closed");
        assert_eq!(over(OFFICE, 4, "23:59", 2), (3, clock("11:00")));
    }

    #[test]
    fn what_is_over_exactly_at_the_end_is_due_then() {
        assert_eq!(over(OFFICE, 0, "09:00", 8), (0, clock("17:00")));
        assert_eq!(over(OFFICE, 0, "09:00", 40), (4, clock("17:00")), "Friday");
        assert_eq!(over(OFFICE, 0, "09:00", 80), (11, clock("17:00")), "the Friday after");
        assert_eq!(over(OFFICE, 4, "17:00", 8), (3, clock("17:00")));
        let always = ["00:00-24:00"; 7].join(" ");
        assert_eq!(over(&always, 6, "00:00", 24), (0, clock("24:00")));
        assert_eq!(over(&always, 6, "18:00", 24), (1, clock("18:00")));
    }

    #[test]
    fn few_hours_a_week_are_no_matter() {
        assert_eq!(over("- 09:00-10:00 - - - - -", 1, "09:30", 1), (7, clock("09:30")));
        assert_eq!(
            over("- 09:00-10:00 - - - - -", 2, "12:00", 8_760),
            (6 + 7 * 8_759, clock("10:00"))
        );
        let (days, _) = over("- 09:00-09:01 - - - - -", 2, "12:00", 8_760);
        assert_eq!(days, FURTHEST, "beyond every calendar");
        let never = BusinessHours::parse("- - - - - - -").expect("good");
        assert_eq!(due(&never, 0, Duration::ZERO, Duration::from_hours(1)), None);
    }

    proptest! {
        /// Beside the same found a minute at a time.
        #[test]
        fn it_is_the_minute_at_which_so_many_have_passed(
            open in prop::array::uniform7(prop::option::of((0_u64..1_440, 1_u64..=1_440))),
            day in 0_usize..7,
            minute in 0_u64..1_440,
            wait in 1_u64..6_000,
        ) {
            let open = open.map(|open| open.filter(|(from, to)| from < to));
            let told = open.map(|open| open.map_or("-".to_owned(), |(from, to)| {
                format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
            }));
            let hours = BusinessHours::parse(&told.join(" ")).expect("good");
            let due = due(&hours, day, Duration::from_mins(minute), Duration::from_mins(wait));
            let week: u64 = open.iter().flatten().map(|(from, to)| to - from).sum();
            prop_assert_eq!(due.is_none(), week == 0);
            if let Some(due) = due.filter(|_| wait / week < 500) {
                let mut left = wait;
                let mut passed = minute;
                while left > 0 {
                    let today = open[(day + usize::try_from(passed / 1_440).expect("few")) % 7];
                    left -= u64::from(today.is_some_and(|(from, to)| (from..to).contains(&(passed % 1_440))));
                    passed += 1;
                }
                prop_assert_eq!(Duration::from_hours(24) * due.days + due.time, Duration::from_mins(passed));
            }
        }
    }
}
