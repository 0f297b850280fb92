//! Numbered points at which the program can be made to die, so that a test can see that nothing is lost there.
//!
//! They exist only in what `cargo test` and `cargo bench` build: there `FAILPOINTS` names points and what happens at them
//! (`FAILPOINTS='intake::committed=3*off->return'`: the fourth passing dies). In what is released nothing is left of them
//! and the variable is not read. `docs/chaos.md` tells how they are used.

/// A place in the program, in the order in which a webhook and then a result passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A webhook was read whole. Dead here: no answer, and nothing of it is kept.
    Received,
    /// Its signature is right. Dead here: the same.
    Verified,
    /// It is written, and not committed. Dead here: the same.
    Written,
    /// It is committed, and nobody was answered. Dead here: it is kept; when it comes again it is a repeat.
    Committed,
    /// Its answer was handed to the connection, and that it was is not written. Dead here: the same.
    Answered,
    /// A delivery is claimed, and nothing was sent. Dead here: its lease runs out and it is read back, then sent.
    Claimed,
    /// A result was sent and Kombo has begun to answer, and nothing was read. Dead here: it is read back and found there.
    Sent,
    /// Kombo's answer was read, and not recorded. Dead here: the same.
    Heard,
    /// How it ended is recorded. Dead here: it is over.
    Recorded,
}

impl Point {
    /// All of them, by number.
    pub const ALL: [Self; 9] = [
        Self::Received,
        Self::Verified,
        Self::Written,
        Self::Committed,
        Self::Answered,
        Self::Claimed,
        Self::Sent,
        Self::Heard,
        Self::Recorded,
    ];

    /// Its number, from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|point| *point == self).map_or(0, |at| at + 1)
    }

    /// Its name in `FAILPOINTS`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "intake::received",
            Self::Verified => "intake::verified",
            Self::Written => "intake::written",
            Self::Committed => "intake::committed",
            Self::Answered => "intake::answered",
            Self::Claimed => "outbox::claimed",
            Self::Sent => "outbox::sent",
            Self::Heard => "outbox::heard",
            Self::Recorded => "outbox::recorded",
        }
    }

    /// The program passes here; where it was asked to (`return`), it dies at once: nothing is unwound, flushed or closed.
    pub fn pass(self) {
        fail::fail_point!(self.name(), |_| std::process::abort());
    }
}

/// Reads `FAILPOINTS` where there are points at all. What it asks for lasts until this is dropped.
#[must_use]
pub fn prepare() -> Option<fail::FailScenario<'static>> {
    fail::has_failpoints().then(fail::FailScenario::setup)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_a_number_and_a_name_of_its_own() {
        for (at, point) in Point::ALL.into_iter().enumerate() {
            assert_eq!(point.number(), at + 1);
            assert!(Point::ALL[..at].iter().all(|other| other.name() != point.name()));
        }
    }
}
