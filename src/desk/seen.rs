//! What the recruiter will see: a result as an ATS shows it, also of a draft that is not ready yet.

use crate::domain::result::{AttributeDraft, ResultDraft, Score};
use crate::domain::text::tool_label;
use crate::store::files::FileRow;

/// A score as text, and as a bar where there is a maximum.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bar {
    pub(super) text: String,
    pub(super) value: Option<(String, String)>,
}

impl Bar {
    fn of(score: &str, max: &str) -> Option<Self> {
        let (score, max) = (score.trim(), max.trim());
        if score.is_empty() {
            return None;
        }
        let text = if max.is_empty() {
            score.to_owned()
        } else {
            format!("{score} / {max}")
        };
        let value = Score::parse(score)
            .zip(Score::parse(max))
            .filter(|(_, max)| max.to_f64() > 0.0)
            .map(|(score, max)| (score.to_string(), max.to_string()));
        Some(Self { text, value })
    }
}

/// A line of a result.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// A label and a text.
    Text(String, String),
    /// A part with its score.
    Part(String, Bar),
}

/// What an ATS shows of an order that is over.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) ats: String,
    pub(super) title: String,
    pub(super) score: Option<Bar>,
    pub(super) summary: String,
    pub(super) lines: Vec<Line>,
    pub(super) files: Vec<String>,
    pub(super) link: String,
    pub(super) is_empty: bool,
}

impl Seen {
    /// A result as it stands.
    pub(super) fn of(draft: &ResultDraft, files: &[FileRow], package: &str, tool: &str) -> Self {
        let score = Bar::of(&draft.score, &draft.max_score);
        let lines: Vec<_> = draft
            .attributes
            .iter()
            .filter(|row| !row.is_empty())
            .map(|row| match row {
                AttributeDraft::Text { label, value } => Line::Text(label.clone(), value.clone()),
                AttributeDraft::SubResult { label, score, max, .. } => {
                    Line::Part(label.clone(), Bar::of(score, max).unwrap_or_default())
                }
            })
            .collect();
        let summary = draft.summary.trim().to_owned();
        Self {
            is_empty: score.is_none() && lines.is_empty() && summary.is_empty() && files.is_empty(),
            ats: tool_label(tool),
            title: package.to_owned(),
            score,
            summary,
            lines,
            files: files.iter().map(|file| file.name.clone()).collect(),
            link: draft.result_url.trim().to_owned(),
        }
    }
}
