//! One row of a file: the package as it makes it, or what is wrong with it.

use crate::actions::change_package::{changed_row, new_row};
use crate::domain::catalogue::{Column, Fault, Upload, UploadRow, read_retired};
use crate::domain::ids::PackageId;
use crate::domain::labels;
use crate::domain::package::{PackageInput, PackageKey, PackageType};
use crate::domain::package_texts::PackageTexts;
use crate::domain::result_template;
use crate::domain::time::Timestamp;
use crate::store::packages::PackageRow;

/// A row beside the package that it is about, and what is wrong with it so far.
pub(super) struct Reading<'a> {
    pub(super) upload: &'a Upload,
    pub(super) row: &'a UploadRow,
    pub(super) before: Option<&'a PackageRow>,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Reading<'a> {
    fn cell(&self, column: Column) -> Option<&'a str> {
        self.upload.cell(self.row, column)
    }

    /// Notes what is wrong under a column, unless its cell could not be read in the first place.
    fn refuse(&mut self, column: Column, why: &str) {
        let number = self.row.number;
        match self.upload.place(column) {
            Some(place) if self.row.faults.iter().any(|fault| fault.column == Some(place)) => {}
            Some(place) => self
                .faults
                .push(Fault::of_cell(number, place, why).under(column.label())),
            None => {
                let why = format!("{}: {why} The file has no such column.", column.label());
                self.faults.push(Fault::of_row(number, why));
            }
        }
    }

    /// The package as the row makes it; it counts only where there are no faults.
    pub(super) fn package(&mut self, now: Timestamp, new_id: impl Fn() -> PackageId) -> Option<PackageRow> {
        let kind = self.kind().unwrap_or_else(|why| {
            self.refuse(Column::Type, &why);
            PackageType::SkillsTest
        });
        let input = self.input(kind);
        for (field, why) in input.faults() {
            if let Some(column) = Column::parse(field) {
                self.refuse(column, &why);
            }
        }
        let retired = read_retired(self.cell(Column::Retired).unwrap_or_default());
        let retired = retired.unwrap_or_else(|why| {
            self.refuse(Column::Retired, why);
            None
        });
        let mut after = match self.before {
            Some(before) => changed_row(before, input),
            None => new_row(new_id(), self.key()?, input, now),
        };
        if retired.is_some_and(|retired| retired != after.retired_at.is_some()) {
            after.retired_at = (retired == Some(true)).then_some(now);
        }
        Some(after)
    }

    /// The key of a new package.
    fn key(&mut self) -> Option<PackageKey> {
        match PackageKey::check(self.cell(Column::Key).unwrap_or_default()) {
            Ok(key) => Some(key),
            Err(why) => {
                self.refuse(Column::Key, why);
                None
            }
        }
    }

    /// The type by its name on the screens or by Kombo's; without such a column it stays.
    fn kind(&self) -> Result<PackageType, String> {
        let Some(told) = self.cell(Column::Type) else {
            let before = self.before.map(|row| row.kind);
            return before.ok_or_else(|| "A new package needs a type.".to_owned());
        };
        let fits = |kind: &&PackageType| {
            kind.label().to_lowercase() == told.to_lowercase() || kind.as_str() == told.to_uppercase().replace(' ', "_")
        };
        PackageType::ALL.iter().find(fits).copied().ok_or_else(|| {
            let names = PackageType::ALL.iter().map(|kind| kind.label());
            format!("Write one of the types: {}.", names.collect::<Vec<_>>().join(", "))
        })
    }

    /// What the row says, with what it does not say as it is.
    fn input(&self, kind: PackageType) -> PackageInput {
        let said = |column| {
            let stands = || self.before.map_or_else(String::new, |row| shown(row, column));
            self.cell(column).map_or_else(stands, str::to_owned)
        };
        PackageInput {
            name: said(Column::Name),
            description: said(Column::Description),
            kind,
            start_url: said(Column::StartAddress),
            max_score: said(Column::MaximumScore),
            duration: said(Column::Minutes),
            tags: said(Column::Tags),
            regions: said(Column::Regions),
            due_hours: said(Column::HoursUntilDue),
            result_parts: said(Column::ResultParts),
            score_bands: said(Column::ScoreBands),
            texts: PackageTexts::read(|field| Column::parse(field).map(said).unwrap_or_default()),
        }
        .trimmed()
    }
}

/// What stands of a package under this column, as people type it.
pub fn shown(row: &PackageRow, column: Column) -> String {
    let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
    match column {
        Column::Key => row.key.clone(),
        Column::Name => row.name.clone(),
        Column::Description => row.description.clone(),
        Column::Type => row.kind.label().to_owned(),
        Column::Tags => labels::shown(&row.tags),
        Column::Regions => labels::shown(&row.regions),
        Column::StartAddress => row.start_url.clone(),
        Column::Minutes => number(row.duration_minutes),
        Column::MaximumScore => row.max_score.clone(),
        Column::HoursUntilDue => number(row.due_hours),
        Column::ResultParts => result_template::in_a_line(&row.result_parts),
        Column::ScoreBands => result_template::in_a_line(&row.score_bands),
        Column::NameEn
        | Column::NameDe
        | Column::NameFr
        | Column::NameIt
        | Column::NameEs
        | Column::DescriptionEn
        | Column::DescriptionDe
        | Column::DescriptionFr
        | Column::DescriptionIt
        | Column::DescriptionEs => row.texts.get(column.as_str()).to_owned(),
        Column::Retired => if row.retired_at.is_some() { "yes" } else { "no" }.to_owned(),
    }
}
