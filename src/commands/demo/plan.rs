//! Which orders come when, and what becomes of each: a plan of steps in time, the same at every start.

use crate::domain::time::Timestamp;
use std::time::Duration;

/// How many days of history there are.
pub(super) const DAYS: u64 = 60;

/// How many orders are placed.
pub(super) const ORDERS: usize = 200;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Numbers that look random and are the same at every start (SplitMix64).
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }

    /// One of a list.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap_or(0)]
    }
}

/// Where an order stands at the end of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Completed,
    CancelledByUs,
    CancelledInAts,
    /// Orders a package that the customer was never offered; where it was taken in, it is cancelled the next day.
    UnknownPackage,
    /// The same, and nobody has looked at it yet.
    UnknownToday,
    InReview,
    Started,
    Invited,
    Accepted,
    Received,
    Paused,
    /// Its result is refused by Kombo.
    Stuck,
    /// Its webhook came again with other data.
    Differs,
}

/// Something that happens to one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Place,
    PlaceAgainChanged,
    Accept,
    Assign,
    Invite,
    Start,
    Draft,
    Review,
    Release,
    Cancel,
    CancelInAts,
    Pause,
    /// What waits in the outbox leaves.
    Deliver,
    /// Kombo's orders are compared with ours.
    Reconcile,
}

/// One step at its moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) at: Timestamp,
    pub(super) order: usize,
    pub(super) step: Step,
    pub(super) fate: Fate,
}

/// The whole story, in the order of time, ending at `now`.
pub(super) fn plan(now: Timestamp) -> Vec<Planned> {
    let mut dice = Dice::new(20_261_124);
    let mut steps = Vec::new();
    for order in 0..ORDERS {
        let fate = fate(order);
        let age = age(order, fate, &mut dice);
        let mut at = now.minus(Duration::from_secs(age));
        for (step, wait) in course(fate, &mut dice) {
            at = at.plus(Duration::from_secs(wait));
            let at = at.min(now.minus(Duration::from_secs(90)));
            steps.push(Planned { at, order, step, fate });
        }
    }
    steps.sort_by_key(|planned| planned.at);
    steps
}

fn fate(order: usize) -> Fate {
    match order {
        0..112 => Fate::Completed,
        112..120 => Fate::CancelledByUs,
        120..126 => Fate::CancelledInAts,
        126..137 => Fate::UnknownPackage,
        137..140 => Fate::UnknownToday,
        140..148 => Fate::InReview,
        148..160 => Fate::Started,
        160..175 => Fate::Invited,
        175..184 => Fate::Accepted,
        184..194 => Fate::Received,
        194..196 => Fate::Paused,
        196..198 => Fate::Stuck,
        _ => Fate::Differs,
    }
}

/// How long ago an order was placed, in seconds: what is over is older, what waits is young.
fn age(order: usize, fate: Fate, dice: &mut Dice) -> u64 {
    match fate {
        Fate::Completed | Fate::CancelledByUs | Fate::CancelledInAts => {
            5 * DAY + (order as u64 * 7_919 % (DAYS - 6)) * DAY + dice.below(DAY)
        }
        Fate::UnknownPackage => DAY + dice.below((DAYS - 3) * DAY),
        Fate::InReview | Fate::Started | Fate::Paused | Fate::Stuck => 2 * DAY + dice.below(3 * DAY),
        Fate::Invited | Fate::Differs => DAY + dice.below(3 * DAY),
        Fate::Accepted => 5 * HOUR + dice.below(DAY),
        Fate::Received | Fate::UnknownToday => 6 * MINUTE + dice.below(9 * HOUR),
    }
}

/// The steps of an order with the wait before each, in seconds.
fn course(fate: Fate, dice: &mut Dice) -> Vec<(Step, u64)> {
    let mut course = vec![(Step::Place, 0)];
    match fate {
        Fate::Received | Fate::UnknownToday => return course,
        Fate::UnknownPackage => {
            course.extend_from_slice(&[(Step::Cancel, 22 * HOUR), (Step::Deliver, 2 * MINUTE)]);
            return course;
        }
        _ => {}
    }
    if fate == Fate::Differs {
        course.push((Step::PlaceAgainChanged, 20 * MINUTE));
    }
    course.push((Step::Accept, 4 * MINUTE + dice.below(2 * HOUR)));
    if fate == Fate::Accepted {
        return course;
    }
    course.push((Step::Assign, 2 * MINUTE));
    course.push((Step::Invite, 3 * MINUTE + dice.below(HOUR)));
    if matches!(fate, Fate::Invited | Fate::Differs) {
        return course;
    }
    let end: &[(Step, u64)] = match fate {
        Fate::CancelledByUs => &[(Step::Cancel, 2 * DAY), (Step::Deliver, 2 * MINUTE)],
        Fate::CancelledInAts => &[(Step::CancelInAts, DAY), (Step::Reconcile, 3 * MINUTE)],
        Fate::Paused => &[(Step::Pause, 3 * HOUR)],
        _ => &[],
    };
    if !end.is_empty() {
        course.extend_from_slice(end);
        return course;
    }
    course.push((Step::Start, 3 * HOUR + dice.below(18 * HOUR)));
    if fate == Fate::Started {
        return course;
    }
    course.push((Step::Draft, 2 * HOUR + dice.below(8 * HOUR)));
    if fate == Fate::InReview || dice.below(3) == 0 {
        course.push((Step::Review, 10 * MINUTE));
    }
    if fate == Fate::InReview {
        return course;
    }
    course.push((Step::Release, HOUR + dice.below(6 * HOUR)));
    course.push((Step::Deliver, 2 * MINUTE));
    course
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_is_in_order_fills_sixty_days_and_ends_before_now() {
        let now = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let steps = plan(now);
        assert!(steps.is_sorted_by_key(|planned| planned.at));
        assert_eq!(
            steps.iter().filter(|planned| planned.step == Step::Place).count(),
            ORDERS
        );
        assert!(steps.iter().all(|planned| planned.at < now));
        let oldest = now.since(steps[0].at).as_secs() / DAY;
        assert!((50..=DAYS).contains(&oldest), "the story begins {oldest} days ago");
    }
}
