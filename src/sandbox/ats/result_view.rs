//! A result, as an ATS shows it.

use super::page::When;
use crate::kombo::wire::{Attribute, ResultBody, ResultStatus, SubResultStatus};
use crate::sandbox::Error;
use crate::sandbox::store::ResultRow;

/// A result that was written.
#[derive(Debug)]
pub(super) struct ResultView {
    /// What it said about the order.
    pub(super) status: ResultStatus,
    /// The same in words.
    pub(super) said: &'static str,
    /// When it came.
    pub(super) at: When,
    /// When the order came to its end, as the provider says.
    pub(super) completed_at: Option<When>,
    /// The score, as numbers and in words.
    pub(super) score: Option<Score>,
    /// The page that the recruiter opens.
    pub(super) url: String,
    /// Whether that may be a link: nothing but web pages.
    pub(super) is_web: bool,
    /// Texts.
    pub(super) texts: Vec<(String, String)>,
    /// Scores of parts.
    pub(super) parts: Vec<Part>,
}

/// A score out of a maximum.
#[derive(Debug)]
pub(super) struct Score {
    pub(super) value: f64,
    pub(super) max: Option<f64>,
}

/// A part's score.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) max: f64,
    pub(super) left_out: bool,
}

impl ResultView {
    /// Reads a result that was kept.
    pub(super) fn read(row: &ResultRow) -> Result<Self, Error> {
        let body: ResultBody = serde_json::from_str(&row.body)?;
        let mut texts = Vec::new();
        let mut parts = Vec::new();
        for attribute in body.attributes {
            match attribute {
                Attribute::Text { label, value } => texts.push((label, value)),
                Attribute::SubResult {
                    label, score, status, ..
                } => {
                    parts.push(Part {
                        label,
                        value: score.value,
                        max: score.max,
                        left_out: status == SubResultStatus::Cancelled,
                    });
                }
            }
        }
        if let Some(fields) = body.remote_fields {
            texts.extend(
                fields
                    .smartrecruiters
                    .and_then(|own| own.score_label)
                    .map(|text| ("Score label".to_owned(), text)),
            );
            texts.extend(
                fields
                    .recruitee
                    .and_then(|own| own.subtitle)
                    .map(|text| ("Subtitle".to_owned(), text)),
            );
            texts.extend(
                fields
                    .workday
                    .map(|own| ("Assessment status".to_owned(), own.assessment_status_id)),
            );
        }
        Ok(Self {
            status: body.status,
            said: match body.status {
                ResultStatus::Completed => "Completed",
                ResultStatus::Cancelled => "Cancelled by the provider",
                ResultStatus::Open => "In progress",
            },
            at: row.at.into(),
            completed_at: body.completed_at.map(When::from),
            score: body.score.map(|value| Score {
                value,
                max: body.max_score,
            }),
            is_web: is_web(&body.result_url),
            url: body.result_url,
            texts,
            parts,
        })
    }
}

/// Whether an address is a web page.
pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
