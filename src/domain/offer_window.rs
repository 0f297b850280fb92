//! From when to when an ATS offers a package.

use super::time::Timestamp;

/// The time in which a package is offered. Without a beginning it has begun, without an end it does not end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferWindow {
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The moment after the last.
    pub until: Option<Timestamp>,
}

/// How a moment stands to an [`OfferWindow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowPhase {
    /// The time has not begun.
    Early,
    /// The package is to be offered.
    Open,
    /// The time is over.
    Over,
}

impl OfferWindow {
    /// Where `now` stands.
    pub fn phase(&self, now: Timestamp) -> WindowPhase {
        if self.until.is_some_and(|until| until <= now) {
            WindowPhase::Over
        } else if self.from.is_some_and(|from| now < from) {
            WindowPhase::Early
        } else {
            WindowPhase::Open
        }
    }

    /// Whether the package is to be offered at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.phase(now) == WindowPhase::Open
    }

    /// When this next begins or ends after `now`; `None`: never.
    pub fn next_turn(&self, now: Timestamp) -> Option<Timestamp> {
        [self.from, self.until]
            .into_iter()
            .flatten()
            .filter(|at| now < *at)
            .min()
    }

    /// What is wrong with what a person gave, at its field: `from` or `until`.
    pub fn fault(&self, now: Timestamp) -> Option<(&'static str, &'static str)> {
        match (self.from, self.until) {
            (Some(from), Some(until)) if until <= from => Some(("until", "The last day is before the first.")),
            (_, Some(until)) if until <= now => Some((
                "until",
                "That day is over. To end it now, remove the package from the offer.",
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_unix_micros(second * 1_000_000).expect("a moment")
    }

    #[test]
    fn the_beginning_belongs_to_it_and_the_end_does_not() {
        let window = OfferWindow {
            from: Some(at(10)),
            until: Some(at(20)),
        };
        let phases = [9, 10, 19, 20].map(|second| window.phase(at(second)));
        assert_eq!(
            phases,
            [
                WindowPhase::Early,
                WindowPhase::Open,
                WindowPhase::Open,
                WindowPhase::Over
            ]
        );
        assert_eq!(window.next_turn(at(9)), Some(at(10)));
        assert_eq!(window.next_turn(at(10)), Some(at(20)));
        assert_eq!(window.next_turn(at(20)), None);
        assert!(OfferWindow::default().is_open(at(0)));
        assert_eq!(OfferWindow::default().next_turn(at(0)), None);
    }

    #[test]
    fn an_end_before_the_beginning_or_before_now_is_a_fault() {
        let window = |from: Option<i64>, until: Option<i64>| OfferWindow {
            from: from.map(at),
            until: until.map(at),
        };
        assert!(window(Some(20), Some(20)).fault(at(0)).is_some());
        assert!(window(None, Some(20)).fault(at(20)).is_some());
        assert!(window(Some(1), Some(20)).fault(at(10)).is_none());
        assert!(window(Some(1), None).fault(at(10)).is_none());
    }
}
