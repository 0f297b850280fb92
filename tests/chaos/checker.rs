//! Reads a history and says what of it must not be. It knows the promises, and nothing of who made the history.

mod orders;
mod results;
#[cfg(test)]
mod tests;

use crate::history::{History, Line};
use std::fmt::Write as _;
use std::time::Duration;

/// How many faults of a kind are told one by one.
const TOLD: usize = 5;

/// What a history shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What must not be, in words.
    pub faults: Vec<String>,
    /// What was counted.
    pub figures: Vec<(&'static str, usize)>,
}

impl Report {
    fn fault(&mut self, text: impl Into<String>) {
        self.faults.push(text.into());
    }

    fn figure(&mut self, name: &'static str, count: usize) {
        self.figures.push((name, count));
    }

    /// All figures in one line.
    fn figures(&self) -> String {
        self.figures.iter().fold(String::new(), |mut text, (name, count)| {
            let _ = write!(text, "{}{count} {name}", if text.is_empty() { "" } else { ", " });
            text
        })
    }
}

/// Checks every promise.
pub fn check(lines: &[Line]) -> Report {
    let mut report = Report::default();
    let count = |wanted: fn(&Line) -> bool| lines.iter().filter(|line| wanted(line)).count();
    report.figure("starts", count(|line| matches!(line, Line::Started { .. })));
    report.figure("kills", count(|line| matches!(line, Line::Killed { .. })));
    report.figure("deaths at a point", count(|line| matches!(line, Line::Died { .. })));
    report.figure("other troubles", count(|line| matches!(line, Line::Trouble { .. })));
    orders::check(lines, &mut report);
    results::check(lines, &mut report);
    report
}

/// Reads the history back, prints what it shows, and fails where a promise was broken.
pub fn hold(history: &History) {
    let took = Duration::from_micros(history.now());
    let lines = history.read();
    let report = check(&lines);
    if let Some(Line::Run { scenario, engine, seed }) = lines.first() {
        println!(
            "{scenario} on {engine}, seed {seed}, {} s: {}",
            took.as_secs(),
            report.figures()
        );
    }
    assert!(
        report.faults.is_empty(),
        "{} faults, the first of them:\n{}\nThe history: {}",
        report.faults.len(),
        report.faults[..report.faults.len().min(TOLD)].join("\n"),
        history.path().display()
    );
}
