//! What staff type: kept as typed, also where it is wrong, and checked when it is to leave.

use super::{
    Attribute, EARLIEST, MAX_ATTRIBUTES, MAX_LABEL, MAX_SUMMARY, MAX_URL, MAX_VALUE, OrderResult, Score, SubStatus,
};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A result as it was typed: every field is text, so that nothing typed is ever lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResultDraft {
    /// What was reached in all.
    pub score: String,
    /// What could be reached.
    pub max_score: String,
    /// What the recruiter opens; empty: our own report.
    pub result_url: String,
    /// When the candidate finished (RFC 3339); empty: when it is released.
    pub completed_at: String,
    /// The rows.
    pub attributes: Vec<AttributeDraft>,
    /// A few sentences for the recruiter.
    pub summary: String,
}

/// A row as it was typed. A row that is empty throughout is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AttributeDraft {
    /// A label and a text.
    Text {
        /// What it is.
        label: String,
        /// What it says.
        value: String,
    },
    /// A part with a score of its own.
    SubResult {
        /// Names the part; empty: its place names it.
        id: String,
        /// What it is.
        label: String,
        /// What was reached.
        score: String,
        /// What could be reached.
        max: String,
        /// `COMPLETED` or `CANCELLED`.
        status: String,
    },
}

/// What is wrong with one field. `field` is its name in the form (`score`, `attributes.2.label`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the form.
    pub field: String,
    /// A sentence that says how to mend it.
    pub message: String,
}

/// Gathers what is wrong.
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// A number, or a fault; an empty text is no number.
    fn score(&mut self, field: &str, typed: &str) -> Option<Score> {
        if typed.trim().is_empty() {
            return None;
        }
        let score = Score::parse(typed);
        if score.is_none() {
            self.add(field, "Write a plain number, such as 87.5.");
        }
        score
    }

    /// A text of at most `max` characters.
    fn text(&mut self, field: &str, typed: &str, max: usize) -> String {
        let text = typed.trim();
        let length = text.chars().count();
        if length > max {
            self.add(field, format!("At most {max} characters, please; this has {length}."));
        }
        text.to_owned()
    }

    /// A text that must be there.
    fn needed(&mut self, field: &str, typed: &str, max: usize, missing: &str) -> String {
        if typed.trim().is_empty() {
            self.add(field, missing);
        }
        self.text(field, typed, max)
    }

    fn reached_at_most(&mut self, field: &str, score: Option<&Score>, max: Option<&Score>) {
        if let (Some(score), Some(max)) = (score, max)
            && score.to_f64() > max.to_f64()
        {
            self.add(field, format!("The score can't be above its maximum, {max}."));
        }
    }
}

impl ResultDraft {
    /// Checks what was typed. All faults are told at once, each at its field.
    pub fn check(&self, now: Timestamp) -> Result<OrderResult, Vec<FieldError>> {
        let mut faults = Faults(Vec::new());
        let score = faults.score("score", &self.score);
        let max_score = self.checked_max(&mut faults);
        faults.reached_at_most("score", score.as_ref(), max_score.as_ref());
        let result = OrderResult {
            score,
            max_score,
            result_url: checked_url(&mut faults, &self.result_url),
            completed_at: checked_moment(&mut faults, &self.completed_at, now),
            attributes: self.checked_attributes(&mut faults),
            summary: faults.text("summary", &self.summary, MAX_SUMMARY),
        };
        if faults.0.is_empty() { Ok(result) } else { Err(faults.0) }
    }

    fn checked_max(&self, faults: &mut Faults) -> Option<Score> {
        let max = faults.score("max_score", &self.max_score);
        if max.as_ref().is_some_and(|max| max.to_f64() <= 0.0) {
            faults.add("max_score", "The maximum must be above 0.");
        }
        max
    }

    fn checked_attributes(&self, faults: &mut Faults) -> Vec<Attribute> {
        let mut ids = HashSet::new();
        let attributes: Vec<_> = self
            .attributes
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.is_empty())
            .map(|(at, row)| row.checked(at, &mut ids, faults))
            .collect();
        if attributes.len() > MAX_ATTRIBUTES {
            faults.add(
                "attributes",
                format!(
                    "A result can have {MAX_ATTRIBUTES} rows; these are {}. Put some together.",
                    attributes.len()
                ),
            );
        }
        attributes
    }
}

impl AttributeDraft {
    /// Nothing was typed into it.
    pub fn is_empty(&self) -> bool {
        let typed: &[&String] = match self {
            Self::Text { label, value } => &[label, value],
            Self::SubResult { label, score, max, .. } => &[label, score, max],
        };
        typed.iter().all(|text| text.trim().is_empty())
    }

    fn checked(&self, at: usize, ids: &mut HashSet<String>, faults: &mut Faults) -> Attribute {
        let field = |name: &str| format!("attributes.{at}.{name}");
        match self {
            Self::Text { label, value } => Attribute::Text {
                label: checked_label(faults, &field("label"), label),
                value: faults.needed(
                    &field("value"),
                    value,
                    MAX_VALUE,
                    "Write what it says, or remove the row.",
                ),
            },
            Self::SubResult {
                id,
                label,
                score,
                max,
                status,
            } => {
                let id = faults.text(&field("id"), id, MAX_LABEL);
                let id = if id.is_empty() { format!("part-{}", at + 1) } else { id };
                if !ids.insert(id.clone()) {
                    faults.add(&field("id"), "Another part has this id already.");
                }
                let label = checked_label(faults, &field("label"), label);
                let status = SubStatus::parse(status).unwrap_or(SubStatus::Completed);
                let (score, max) = checked_part(faults, [&field("score"), &field("max")], score, max);
                Attribute::SubResult {
                    id,
                    label,
                    score,
                    max,
                    status,
                }
            }
        }
    }
}

fn checked_label(faults: &mut Faults, field: &str, typed: &str) -> String {
    faults.needed(field, typed, MAX_LABEL, "Write a label, or remove the row.")
}

/// The score and maximum of a part; both are needed, and Kombo wants a maximum of 1 or more.
fn checked_part(faults: &mut Faults, fields: [&str; 2], score: &str, max: &str) -> (Score, Score) {
    let nothing = || Score(String::from("0"));
    for (field, typed) in fields.into_iter().zip([score, max]) {
        if typed.trim().is_empty() {
            faults.add(field, "Write a number, or remove the row.");
        }
    }
    let score = faults.score(fields[0], score);
    let max = faults.score(fields[1], max);
    if max.as_ref().is_some_and(|max| max.to_f64() < 1.0) {
        faults.add(fields[1], "The maximum must be 1 or more.");
    }
    faults.reached_at_most(fields[0], score.as_ref(), max.as_ref());
    (score.unwrap_or_else(nothing), max.unwrap_or_else(nothing))
}

fn checked_url(faults: &mut Faults, typed: &str) -> Option<String> {
    let text = faults.text("result_url", typed, MAX_URL);
    if text.is_empty() {
        return None;
    }
    let good = url::Url::parse(&text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if !good {
        faults.add(
            "result_url",
            "Write a whole web address, such as https://example.com/report/1, without a password in it.",
        );
    }
    Some(text)
}

fn checked_moment(faults: &mut Faults, typed: &str, now: Timestamp) -> Option<Timestamp> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let at = Timestamp::parse(typed);
    match at {
        None => faults.add("completed_at", "Choose a date and a time."),
        Some(at) if at > now => {
            faults.add(
                "completed_at",
                "This lies in the future. Choose a moment that has passed.",
            );
        }
        Some(at) if Timestamp::parse(EARLIEST).is_some_and(|first| at < first) => {
            faults.add("completed_at", "This lies before the year 2000. Please check it.");
        }
        Some(_) => {}
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-24T05:00:00Z").expect("a moment")
    }

    fn draft() -> ResultDraft {
        ResultDraft {
            score: "87,5".into(),
            max_score: "100".into(),
            result_url: "https://example.com/r/1".into(),
            completed_at: "2026-11-23T10:00:00Z".into(),
            attributes: vec![
                AttributeDraft::Text {
                    label: "Band".into(),
                    value: "A".into(),
                },
                part("9", "10"),
            ],
            summary: " Strong. ".into(),
        }
    }

    fn part(score: &str, max: &str) -> AttributeDraft {
        AttributeDraft::SubResult {
            id: String::new(),
            label: "Logic".into(),
            score: score.into(),
            max: max.into(),
            status: String::new(),
        }
    }

    fn faulty(draft: &ResultDraft) -> Vec<String> {
        let faults = draft.check(now()).expect_err("faults");
        faults.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_good_draft_becomes_a_result() {
        let result = draft().check(now()).expect("a result");
        assert_eq!(result.score.expect("a score").as_str(), "87.5");
        assert_eq!(result.summary, "Strong.");
        assert!(matches!(&result.attributes[1], Attribute::SubResult { id, .. } if id == "part-2"));
    }

    #[test]
    fn an_empty_draft_is_a_result_without_anything() {
        let result = ResultDraft::default().check(now()).expect("a result");
        assert_eq!(result, OrderResult::cancellation(""));
    }

    #[test]
    fn empty_rows_are_passed_over() {
        let mut typed = draft();
        let empty = AttributeDraft::Text {
            label: " ".into(),
            value: String::new(),
        };
        typed.attributes.insert(0, empty);
        assert_eq!(typed.check(now()).expect("a result").attributes.len(), 2);
    }

    #[test]
    fn every_fault_is_told_at_its_field() {
        let typed = ResultDraft {
            score: "many".into(),
            max_score: "0".into(),
            result_url: "javascript:alert(1)".into(),
            completed_at: "2027-01-01T00:00:00Z".into(),
            attributes: vec![
                AttributeDraft::Text {
                    label: "x".repeat(201),
                    value: String::new(),
                },
                part("11", "10"),
                part("", "0.5"),
            ],
            summary: "x".repeat(4_001),
        };
        assert_eq!(
            faulty(&typed),
            [
                "score",
                "max_score",
                "result_url",
                "completed_at",
                "attributes.0.label",
                "attributes.0.value",
                "attributes.1.score",
                "attributes.2.score",
                "attributes.2.max",
                "summary"
            ]
        );
    }

    #[test]
    fn a_score_above_its_maximum_is_a_fault() {
        let typed = ResultDraft {
            score: "101".into(),
            ..draft()
        };
        assert_eq!(faulty(&typed), ["score"]);
    }

    #[test]
    fn an_address_is_a_web_address_without_a_password() {
        for url in [
            "ftp://example.com/a",
            "example.com",
            "https://",
            "https://me:secret@example.com/",
        ] {
            let typed = ResultDraft {
                result_url: url.into(),
                ..draft()
            };
            assert_eq!(faulty(&typed), ["result_url"], "{url}");
        }
    }

    #[test]
    fn a_moment_before_2000_is_a_fault() {
        let typed = ResultDraft {
            completed_at: "1999-12-31T23:59:59Z".into(),
            ..draft()
        };
        assert_eq!(faulty(&typed), ["completed_at"]);
    }

    #[test]
    fn fifty_rows_are_enough() {
        let mut typed = draft();
        typed.attributes = vec![part("1", "1"); 51];
        assert_eq!(faulty(&typed), ["attributes"]);
    }

    #[test]
    fn two_parts_never_share_an_id() {
        let mut typed = draft();
        let named = |id: &str| AttributeDraft::SubResult {
            id: id.into(),
            label: "Logic".into(),
            score: "1".into(),
            max: "2".into(),
            status: "CANCELLED".into(),
        };
        typed.attributes = vec![named("a"), named("a")];
        assert_eq!(faulty(&typed), ["attributes.1.id"]);
    }

    #[test]
    fn a_draft_keeps_what_was_typed() {
        let typed = ResultDraft {
            score: "eighty".into(),
            ..draft()
        };
        let json = serde_json::to_string(&typed).expect("json");
        assert_eq!(serde_json::from_str::<ResultDraft>(&json).expect("a draft"), typed);
        assert_eq!(
            serde_json::from_str::<ResultDraft>("{}").expect("a draft"),
            ResultDraft::default()
        );
    }
}
