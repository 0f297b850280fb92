//! An order's result: what staff type, what it must be, and what is sent.

mod draft;

pub use draft::{AttributeDraft, FieldError, ResultDraft};

use super::time::Timestamp;
use super::words::words;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most attributes that a result may have.
pub const MAX_ATTRIBUTES: usize = 50;
/// The longest label, in characters.
pub const MAX_LABEL: usize = 200;
/// The longest text of an attribute, in characters.
pub const MAX_VALUE: usize = 4_000;
/// The longest summary or reason, in characters.
pub const MAX_SUMMARY: usize = 4_000;
/// The longest address, in characters.
pub const MAX_URL: usize = 2_000;
/// The most attachments that a result may have (Kombo's limit).
pub const MAX_ATTACHMENTS: usize = 5;
/// The largest attachment, in bytes.
pub const MAX_ATTACHMENT_BYTES: u64 = 10 * 1024 * 1024;
/// The most that all attachments of a result may be together, in bytes.
pub const MAX_ATTACHMENTS_BYTES: u64 = 25 * 1024 * 1024;

/// The earliest moment at which a result can have been completed.
const EARLIEST: &str = "2000-01-01T00:00:00Z";
/// The most digits before and after the point that a score may have: what a JSON number carries without loss.
const MAX_DIGITS: usize = 15;

/// A number of up to 15 digits, exactly as it was written: `87.5` stays `87.5`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Score(String);

impl Score {
    /// Reads a plain number. A comma stands for a point, as most of Europe writes it; thousands are not grouped.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace(',', ".");
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text.strip_prefix('+').unwrap_or(&text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) || digits.ends_with('.') {
            return None;
        }
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        if whole.len() + fraction.len() > MAX_DIGITS {
            return None;
        }
        let zero = whole == "0" && fraction.bytes().all(|b| b == b'0');
        let sign = if zero { "" } else { sign };
        Some(Self(if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }))
    }

    /// The number as it was written, with a point.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest binary number; its shortest text is the written one again.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or_default()
    }

    /// What share of `max` this is, from 0 to 1, for drawing a bar; zero where there is none.
    pub fn share_of(&self, max: &Self) -> f64 {
        let max = max.to_f64();
        if max > 0.0 {
            (self.to_f64() / max).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Score {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a plain number")
    }
}

impl From<Score> for String {
    fn from(score: Score) -> Self {
        score.0
    }
}

words! {
    /// How one part of a result ended.
    pub enum SubStatus {
        /// It was taken.
        Completed = "COMPLETED", "Completed";
        /// It was not taken.
        Cancelled = "CANCELLED", "Cancelled";
    }
}

/// One line of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Attribute {
    /// A label and a text.
    Text {
        /// What it is.
        label: String,
        /// What it says.
        value: String,
    },
    /// A part with a score of its own.
    SubResult {
        /// Names the part for Kombo; the same for the same part.
        id: String,
        /// What it is.
        label: String,
        /// What was reached.
        score: Score,
        /// What could be reached; at least 1.
        max: Score,
        /// How it ended.
        status: SubStatus,
    },
}

/// A result that can be released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderResult {
    /// What was reached in all.
    pub score: Option<Score>,
    /// What could be reached.
    pub max_score: Option<Score>,
    /// What the recruiter opens; none: our own report.
    pub result_url: Option<String>,
    /// When the candidate finished; none: when it is released.
    pub completed_at: Option<Timestamp>,
    /// Its lines, in the order in which they are shown.
    pub attributes: Vec<Attribute>,
    /// A few sentences for the recruiter: the summary of a result, or why an order is cancelled. May be empty.
    pub summary: String,
}

impl OrderResult {
    /// A cancellation: nothing but its reason.
    pub fn cancellation(reason: &str) -> Self {
        Self {
            score: None,
            max_score: None,
            result_url: None,
            completed_at: None,
            attributes: Vec::new(),
            summary: reason.trim().to_owned(),
        }
    }
}

/// What one file that is to be attached looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment<'a> {
    /// The name that the recruiter will see.
    pub name: &'a str,
    /// Its size in bytes.
    pub size: u64,
}

/// Checks all attachments of a result together. Each message says what to do; none where all is well.
pub fn check_attachments(files: &[Attachment<'_>]) -> Vec<String> {
    let mut faults = Vec::new();
    if files.len() > MAX_ATTACHMENTS {
        faults.push(format!(
            "A result can carry {MAX_ATTACHMENTS} files; these are {}. Remove some.",
            files.len()
        ));
    }
    for file in files {
        if file.size == 0 {
            faults.push(format!("'{}' is empty.", file.name));
        } else if file.size > MAX_ATTACHMENT_BYTES {
            faults.push(format!("'{}' is larger than 10 MB.", file.name));
        }
    }
    if files.iter().map(|file| file.size).sum::<u64>() > MAX_ATTACHMENTS_BYTES {
        faults.push("The files are larger than 25 MB together. Remove some.".to_owned());
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_stays_as_it_was_written() {
        for (typed, kept) in [
            ("87.5", "87.5"),
            (" 87,50 ", "87.50"),
            ("007", "7"),
            ("-0.0", "0.0"),
            ("+3", "3"),
            ("-1.5", "-1.5"),
        ] {
            assert_eq!(Score::parse(typed).expect("a score").as_str(), kept);
        }
        assert!((Score::parse("87,5").expect("a score").to_f64() - 87.5).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_not_a_plain_number_is_not_a_score() {
        for typed in [
            "",
            "-",
            ".5",
            "5.",
            "1e3",
            "1.000,5",
            "NaN",
            "inf",
            "1 000",
            "1234567890123456",
        ] {
            assert_eq!(Score::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_result_reads_back_as_it_was_written() {
        let result = OrderResult {
            score: Score::parse("87.5"),
            max_score: Score::parse("100"),
            attributes: vec![Attribute::SubResult {
                id: "logic".to_owned(),
                label: "Logic".to_owned(),
                score: Score::parse("9.0").expect("a score"),
                max: Score::parse("10").expect("a score"),
                status: SubStatus::Completed,
            }],
            completed_at: Timestamp::parse("2026-11-24T05:00:00Z"),
            ..OrderResult::cancellation("Well done.")
        };
        let json = serde_json::to_string(&result).expect("json");
        assert!(json.contains(r#""score":"87.5""#), "{json}");
        assert_eq!(serde_json::from_str::<OrderResult>(&json).expect("a result"), result);
    }

    #[test]
    fn attachments_are_few_and_not_too_large() {
        let file = |size| Attachment { name: "a.pdf", size };
        assert!(check_attachments(&[file(1), file(MAX_ATTACHMENT_BYTES)]).is_empty());
        assert_eq!(check_attachments(&[file(0), file(MAX_ATTACHMENT_BYTES + 1)]).len(), 2);
        assert_eq!(check_attachments(&vec![file(1); 6]).len(), 1);
        assert_eq!(check_attachments(&vec![file(9 * 1024 * 1024); 3]).len(), 1);
    }
}
