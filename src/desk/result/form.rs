//! The result's form: between what a browser sends and the draft, with rows added, removed and moved.

use crate::domain::result::{AttributeDraft, ResultDraft};
use crate::domain::time::Timestamp;
use crate::web::TimeView;

/// The most rows that a form sends; more than a result may have, so that the draft can say so itself.
const MOST_ROWS: usize = 100;

/// What the pressed button asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Keep the draft.
    Save,
    /// One more text row.
    AddText,
    /// One more part.
    AddPart,
    /// Take this row away.
    Remove(usize),
    /// This row one place up.
    Up(usize),
    /// This row one place down.
    Down(usize),
    /// Send the draft to review.
    Review,
    /// Let the result go.
    Release,
}

/// Everything that a browser sent in fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    pub(super) fn value(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(own, _)| own == name)
            .map_or("", |(_, value)| value.as_str())
    }

    fn all(&self, name: &str) -> Vec<&str> {
        let own = self.0.iter().filter(|(own, _)| own == name);
        own.map(|(_, value)| value.as_str()).collect()
    }

    /// The version of the draft that the form was made from; 0: none was saved yet.
    pub(super) fn version(&self) -> i64 {
        self.value("version").parse().unwrap_or_default()
    }

    /// The version of the order that the form was made from.
    pub(super) fn order_version(&self) -> i64 {
        self.value("order_version").parse().unwrap_or_default()
    }

    pub(super) fn wish(&self) -> Wish {
        let row = |text: &str| text.parse().unwrap_or(usize::MAX);
        match self.value("do").split_once(':').unwrap_or((self.value("do"), "")) {
            ("add", "text") => Wish::AddText,
            ("add", _) => Wish::AddPart,
            ("remove", at) => Wish::Remove(row(at)),
            ("up", at) => Wish::Up(row(at)),
            ("down", at) => Wish::Down(row(at)),
            ("review", _) => Wish::Review,
            ("release", _) => Wish::Release,
            _ => Wish::Save,
        }
    }

    /// The draft as it was typed. A moment is read in the person's zone; one that cannot be read stays as typed.
    pub(super) fn draft(&self, time: &TimeView) -> ResultDraft {
        let typed = self.value("completed_at").trim();
        ResultDraft {
            score: self.value("score").to_owned(),
            max_score: self.value("max_score").to_owned(),
            result_url: self.value("result_url").to_owned(),
            completed_at: time
                .read_input(typed)
                .map_or_else(|| typed.to_owned(), Timestamp::to_fixed),
            attributes: self.rows(),
            summary: self.value("summary").replace("\r\n", "\n"),
        }
    }

    /// Each row sends all of its fields, also those that its kind does not use, so that they stay in step.
    fn rows(&self) -> Vec<AttributeDraft> {
        let [kinds, labels, values, scores, maxima, ids, statuses] = [
            "row_kind",
            "row_label",
            "row_value",
            "row_score",
            "row_max",
            "row_id",
            "row_status",
        ]
        .map(|name| self.all(name));
        let of = |all: &[&str], at: usize| all.get(at).copied().unwrap_or_default().to_owned();
        (0..kinds.len().min(MOST_ROWS))
            .map(|at| match kinds[at] {
                "part" => AttributeDraft::SubResult {
                    id: of(&ids, at),
                    label: of(&labels, at),
                    score: of(&scores, at),
                    max: of(&maxima, at),
                    status: of(&statuses, at),
                },
                _ => AttributeDraft::Text {
                    label: of(&labels, at),
                    value: of(&values, at).replace("\r\n", "\n"),
                },
            })
            .collect()
    }
}

/// A row with nothing typed into it.
pub(super) const fn empty_text() -> AttributeDraft {
    AttributeDraft::Text {
        label: String::new(),
        value: String::new(),
    }
}

/// A part with nothing typed into it.
pub(super) const fn empty_part() -> AttributeDraft {
    AttributeDraft::SubResult {
        id: String::new(),
        label: String::new(),
        score: String::new(),
        max: String::new(),
        status: String::new(),
    }
}

/// Changes the rows as the button asks.
pub(super) fn change_rows(draft: &mut ResultDraft, wish: &Wish) {
    let rows = &mut draft.attributes;
    match wish {
        Wish::AddText => rows.push(empty_text()),
        Wish::AddPart => rows.push(empty_part()),
        Wish::Remove(at) if *at < rows.len() => drop(rows.remove(*at)),
        Wish::Up(at) if *at > 0 && *at < rows.len() => rows.swap(*at, at - 1),
        Wish::Down(at) if at.saturating_add(1) < rows.len() => rows.swap(*at, at + 1),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    fn row(kind: &'static str, label: &'static str, value: &'static str) -> [(&'static str, &'static str); 7] {
        [
            ("row_kind", kind),
            ("row_label", label),
            ("row_value", value),
            ("row_score", "4"),
            ("row_max", "5"),
            ("row_id", ""),
            ("row_status", "COMPLETED"),
        ]
    }

    #[test]
    fn rows_stay_in_step_whatever_their_kinds() {
        let sent = [
            row("text", "Band", "Strong"),
            row("part", "Logic", ""),
            row("text", "Note", "x"),
        ]
        .concat();
        let time = TimeView::utc(Timestamp::EPOCH);
        let draft = fields(&sent).draft(&time);
        assert_eq!(draft.attributes.len(), 3);
        assert!(
            matches!(&draft.attributes[1], AttributeDraft::SubResult { label, score, .. } if label == "Logic" && score == "4")
        );
        assert!(matches!(&draft.attributes[2], AttributeDraft::Text { value, .. } if value == "x"));
    }

    #[test]
    fn buttons_change_rows_and_never_reach_outside() {
        let mut draft = ResultDraft::default();
        for wish in [
            Wish::AddText,
            Wish::AddPart,
            Wish::Remove(7),
            Wish::Up(0),
            Wish::Up(1),
            Wish::Up(9),
        ] {
            change_rows(&mut draft, &wish);
        }
        assert!(matches!(draft.attributes[0], AttributeDraft::SubResult { .. }));
        change_rows(&mut draft, &Wish::Remove(0));
        assert_eq!(draft.attributes, [empty_text()]);
    }

    #[test]
    fn a_moment_is_read_in_the_persons_zone_and_kept_where_it_is_none() {
        let time = TimeView::new(Timestamp::EPOCH, "Europe/Berlin");
        let draft = |typed: &str| fields(&[("completed_at", typed)]).draft(&time).completed_at;
        assert_eq!(draft("2026-11-24T10:14"), "2026-11-24T09:14:00.000000Z");
        assert_eq!(draft("soon"), "soon");
        assert_eq!(draft(""), "");
    }
}
