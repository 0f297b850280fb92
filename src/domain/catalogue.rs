//! The catalogue as a table: which columns it has, how a cell is guarded against spreadsheets, what a sheet says and what
//! is wrong with it.

mod arrange;

use super::words::words;
use serde::{Deserialize, Serialize};
use std::fmt;

pub use arrange::arrange;

/// The most rows that a file may have below its headings.
pub const MOST_ROWS: usize = 5_000;

/// The most columns that are looked at.
pub const MOST_COLUMNS: usize = 64;

/// The most characters of a cell: twice what the longest field takes.
pub const LONGEST_CELL: usize = 4_000;

words! {
    /// The columns of the table.
    pub enum Column {
        /// The key by which a row finds its package.
        Key = "key", "Key";
        /// Its name.
        Name = "name", "Name";
        /// Its description.
        Description = "description", "Description";
        /// Its type.
        Type = "type", "Type";
        /// Words by which it is found.
        Tags = "tags", "Tags";
        /// Where it can be taken.
        Regions = "regions", "Regions";
        /// Where a candidate starts.
        StartAddress = "start_url", "Start address";
        /// How long it takes a candidate.
        Minutes = "duration", "Minutes";
        /// The maximum that the result form proposes.
        MaximumScore = "max_score", "Maximum score";
        /// In how many hours its results are due.
        HoursUntilDue = "due_hours", "Hours until due";
        /// The parts that its results are expected to have.
        ResultParts = "result_parts", "Result parts";
        /// What its scores mean in words.
        ScoreBands = "score_bands", "Score bands";
        /// Whether it is sold no more.
        Retired = "retired", "Retired";
        /// Its name in English.
        NameEn = "name_en", "Name (en)";
        /// Its description in English.
        DescriptionEn = "description_en", "Description (en)";
        /// Its name in German.
        NameDe = "name_de", "Name (de)";
        /// Its description in German.
        DescriptionDe = "description_de", "Description (de)";
        /// Its name in French.
        NameFr = "name_fr", "Name (fr)";
        /// Its description in French.
        DescriptionFr = "description_fr", "Description (fr)";
        /// Its name in Italian.
        NameIt = "name_it", "Name (it)";
        /// Its description in Italian.
        DescriptionIt = "description_it", "Description (it)";
        /// Its name in Spanish.
        NameEs = "name_es", "Name (es)";
        /// Its description in Spanish.
        DescriptionEs = "description_es", "Description (es)";
    }
}

impl Column {
    /// The column with this heading, whatever its capitals, blanks and underscores.
    pub fn titled(heading: &str) -> Option<Self> {
        let plain = |text: &str| {
            let letters = text.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect::<String>()
        };
        let heading = plain(heading);
        let fits = |column: &&Self| plain(column.label()) == heading || plain(column.as_str()) == heading;
        Self::ALL.iter().find(fits).copied()
    }
}

/// What a reader made of a file: rows of cells, blank ones left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its rows, the one with the headings first.
    pub rows: Vec<SheetRow>,
    /// What a person should know of how it was read.
    pub notes: Vec<String>,
    /// A row that has fewer cells than there are headings was cut off (a workbook leaves empty cells out).
    pub is_whole: bool,
}

/// A row as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Which one it is in the file, counted from 1.
    pub number: u32,
    /// Its cells from the first column on.
    pub cells: Vec<Cell>,
}

/// A cell as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// Whether it is a number in the file, whose zeros in front are lost.
    pub is_number: bool,
    /// Why it cannot be taken.
    pub fault: Option<String>,
}

impl Cell {
    /// A cell with this text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A cell that cannot be taken.
    pub fn refused(why: impl Into<String>) -> Self {
        Self {
            fault: Some(why.into()),
            ..Self::default()
        }
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty() && self.fault.is_none()
    }
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The row of the file, counted from 1.
    pub row: Option<u32>,
    /// The column, counted from 0.
    pub column: Option<usize>,
    /// What stands above it.
    pub heading: String,
    /// A sentence for the person who sent the file.
    pub why: String,
}

impl Fault {
    /// About the file as a whole.
    pub fn of_file(why: impl Into<String>) -> Self {
        Self {
            row: None,
            column: None,
            heading: String::new(),
            why: why.into(),
        }
    }

    /// About a row.
    pub fn of_row(row: u32, why: impl Into<String>) -> Self {
        Self {
            row: Some(row),
            ..Self::of_file(why)
        }
    }

    /// About a cell.
    pub fn of_cell(row: u32, column: usize, why: impl Into<String>) -> Self {
        Self {
            column: Some(column),
            ..Self::of_row(row, why)
        }
    }

    /// The same, under this heading.
    #[must_use]
    pub fn under(self, heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            ..self
        }
    }

    /// Where it is: `Row 5, column B (Name)`; empty: in the file as a whole.
    pub fn place(&self) -> String {
        let mut place = self.row.map(|row| format!("Row {row}")).unwrap_or_default();
        if let Some(column) = self.column {
            place.push_str(if place.is_empty() { "Column " } else { ", column " });
            place.push_str(&letters(column));
            if !self.heading.is_empty() {
                place = format!("{place} ({})", self.heading);
            }
        }
        place
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            place if place.is_empty() => f.write_str(&self.why),
            place => write!(f, "{place}: {}", self.why),
        }
    }
}

/// What spreadsheets call a column that is counted from 0: `A`, `Z`, `AA`.
pub fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[left % 26]));
        left /= 26;
    }
    letters.iter().rev().collect()
}

/// What a file says, ready to be compared with the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its columns, with where each stands in the file.
    pub columns: Vec<(Column, usize)>,
    /// Its rows in order.
    pub rows: Vec<UploadRow>,
    /// What a person should know of how it was read.
    pub notes: Vec<String>,
}

/// A row of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadRow {
    /// Which one it is in the file, counted from 1.
    pub number: u32,
    /// What stands under each of the upload's columns.
    pub cells: Vec<String>,
    /// What is wrong with it already.
    pub faults: Vec<Fault>,
    /// What a person should know of how it was read.
    pub notes: Vec<String>,
}

impl Upload {
    /// What stands under `column` in this row; `None` where the file has no such column.
    pub fn cell<'a>(&self, row: &'a UploadRow, column: Column) -> Option<&'a str> {
        let place = self.columns.iter().position(|(own, _)| *own == column)?;
        row.cells.get(place).map(String::as_str)
    }

    /// Where `column` stands in the file, counted from 0.
    pub fn place(&self, column: Column) -> Option<usize> {
        let found = self.columns.iter().find(|(own, _)| *own == column);
        found.map(|(_, place)| *place)
    }
}

/// Whether a spreadsheet would take the text for a formula, also once apostrophes before it are taken off.
fn is_like_a_formula(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A text as a spreadsheet may show it: an apostrophe stands before what it would take for a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>), and before what looks as if one stood there already.
pub fn guarded(text: &str) -> std::borrow::Cow<'_, str> {
    if is_like_a_formula(text) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

/// The text that [`guarded`] was given.
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_like_a_formula(rest) => rest,
        _ => text,
    }
}

/// Reads whether a package is retired; empty: as it is.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn read_retired(text: &str) -> Result<Option<bool>, &'static str> {
    match text.to_lowercase().as_str() {
        "" => Ok(None),
        "yes" | "true" | "1" => Ok(Some(true)),
        "no" | "false" | "0" => Ok(Some(false)),
        _ => Err("Write ‘yes’ or ‘no’, or leave it empty to keep it as it is."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_found_by_their_headings_and_called_by_letters() {
        for (heading, column) in [
            ("Key", Some(Column::Key)),
            (" START  address", Some(Column::StartAddress)),
            ("start_url", Some(Column::StartAddress)),
            ("Hours until due", Some(Column::HoursUntilDue)),
            ("name (DE)", Some(Column::NameDe)),
            ("description_es", Some(Column::DescriptionEs)),
            ("Schlüssel", None),
            ("", None),
        ] {
            assert_eq!(Column::titled(heading), column, "{heading}");
        }
        for (place, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(place), name);
        }
    }

    #[test]
    fn a_fault_says_where_it_is() {
        let fault = Fault::of_cell(5, 1, "Too long.").under("Name");
        assert_eq!(fault.to_string(), "Row 5, column B (Name): Too long.");
        assert_eq!(Fault::of_row(5, "Too long.").to_string(), "Row 5: Too long.");
        assert_eq!(Fault::of_file("Too long.").to_string(), "Too long.");
    }

    proptest! {
        #[test]
        fn what_is_guarded_is_read_as_it_was_and_is_no_formula(text in "['=+@a\\-]{0,4}.{0,8}") {
            let guarded = guarded(&text);
            prop_assert_eq!(unguarded(&guarded), text.as_str());
            prop_assert!(!guarded.starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
    }
}
