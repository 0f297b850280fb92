//! Percentiles, and the spread between the turns of one measurement.

use std::time::Duration;

/// How many of so many there were a second.
#[allow(clippy::cast_precision_loss, reason = "some ten thousand")]
pub fn per_second(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds
}

/// How long each of many answers took, sorted.
#[derive(Clone, Debug)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Of these, in any order.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// How many there were a second, where all of them took so many seconds.
    pub fn per_second(&self, seconds: f64) -> f64 {
        per_second(self.0.len(), seconds)
    }

    /// The time that `percent` of all answers did not exceed, in milliseconds.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among some thousand answers"
    )]
    pub fn percentile(&self, percent: f64) -> f64 {
        let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
        let time = self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default();
        time.as_secs_f64() * 1_000.0
    }
}

/// The same figure of several turns.
#[derive(Clone, Debug)]
pub struct Turns(Vec<f64>);

impl Turns {
    /// Of these, in any order.
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_unstable_by(f64::total_cmp);
        Self(figures)
    }

    /// The one in the middle.
    pub fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The middle one, and between which two all of them lie: `1.23 (1.10 to 1.40)`.
    pub fn shown(&self) -> String {
        self.shown_to(2)
    }

    /// The same in whole numbers.
    pub fn shown_whole(&self) -> String {
        self.shown_to(0)
    }

    fn shown_to(&self, digits: usize) -> String {
        let first = self.0.first().copied().unwrap_or(f64::NAN);
        let last = self.0.last().copied().unwrap_or(f64::NAN);
        format!("{:.digits$} ({first:.digits$} to {last:.digits$})", self.median())
    }
}
