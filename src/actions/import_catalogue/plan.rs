//! What would become of each row of a file.

use super::reading::{Reading, shown};
use crate::domain::catalogue::{Column, Fault, Upload, UploadRow};
use crate::domain::ids::PackageId;
use crate::domain::time::Timestamp;
use crate::store::packages::{self, PackageRow};
use crate::store::{Conn, Error};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It makes a package.
    New,
    /// It changes one.
    Changed,
    /// The package is so already.
    Unchanged,
    /// It cannot be taken, and so neither can the file.
    Refused,
}

/// A field that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its column.
    pub column: Column,
    /// What stands there now.
    pub before: String,
    /// What will.
    pub after: String,
}

/// A row with what becomes of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Which one it is in the file.
    pub number: u32,
    /// Its key.
    pub key: String,
    /// What a person should know of how it was read.
    pub notes: Vec<String>,
    /// What becomes of it.
    pub fate: Fate,
    /// Why it is refused.
    pub faults: Vec<Fault>,
    /// What changes; of a new one: everything that it says.
    pub changes: Vec<FieldChange>,
    /// The package as it is.
    pub before: Option<PackageRow>,
    /// The package as it will be; `None` where the row is refused.
    pub after: Option<PackageRow>,
}

impl Planned {
    /// The name to know it by.
    pub fn name(&self) -> &str {
        let known = self.after.as_ref().or(self.before.as_ref());
        known.map_or("", |row| row.name.as_str())
    }

    /// What changes, as a person reads it: of a new package without its name, by which it is known.
    pub fn told(&self) -> impl Iterator<Item = &FieldChange> {
        let is_new = self.before.is_none();
        let changes = self.changes.iter();
        changes.filter(move |change| !is_new || change.column != Column::Name)
    }

    /// Whether the package is retired now.
    pub fn is_retired(&self) -> bool {
        self.before.as_ref().is_some_and(|row| row.retired_at.is_some())
    }

    /// Whether it is retired, or brought back, by the file.
    pub fn retires(&self) -> Option<bool> {
        let change = self.changes.iter().find(|change| change.column == Column::Retired)?;
        Some(change.after == "yes")
    }
}

/// How many rows have which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub all: usize,
    /// They make packages.
    pub new: usize,
    /// They change packages.
    pub changed: usize,
    /// They change nothing.
    pub unchanged: usize,
    /// They cannot be taken.
    pub refused: usize,
    /// Packages that they retire, among the new and changed ones.
    pub retired: usize,
    /// Packages that they bring back, among the changed ones.
    pub brought_back: usize,
}

/// What would become of a file.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its rows in order.
    pub rows: Vec<Planned>,
}

impl Plan {
    /// How many rows have which fate.
    pub fn counts(&self) -> Counts {
        let count = |is: &dyn Fn(&Planned) -> bool| self.rows.iter().filter(|row| is(row)).count();
        Counts {
            all: self.rows.len(),
            new: count(&|row| row.fate == Fate::New),
            changed: count(&|row| row.fate == Fate::Changed),
            unchanged: count(&|row| row.fate == Fate::Unchanged),
            refused: count(&|row| row.fate == Fate::Refused),
            retired: count(&|row| row.retires() == Some(true)),
            brought_back: count(&|row| row.retires() == Some(false)),
        }
    }

    /// What a person saw when they saw this plan: another text where a package changed meanwhile.
    pub fn seen(&self) -> String {
        let mut digest = Sha256::new();
        for row in &self.rows {
            let version = row.before.as_ref().map(|before| before.version);
            let changes = row.changes.iter().map(|it| (it.column, &it.before, &it.after));
            let told = json!([row.number, row.key, version, changes.collect::<Vec<_>>(), row.faults]);
            digest.update(told.to_string());
        }
        digest.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// What would become of the file, as the catalogue is now.
pub async fn plan(
    conn: &mut Conn,
    upload: &Upload,
    now: Timestamp,
    new_id: impl Fn() -> PackageId,
) -> Result<Plan, Error> {
    let keys = upload.rows.iter().filter_map(|row| upload.cell(row, Column::Key));
    let mut known = packages::by_keys(conn, keys).await?;
    let rows = upload.rows.iter();
    let rows = rows.map(|row| planned(upload, row, &mut known, now, &new_id));
    Ok(Plan { rows: rows.collect() })
}

fn planned(
    upload: &Upload,
    row: &UploadRow,
    known: &mut HashMap<String, PackageRow>,
    now: Timestamp,
    new_id: &impl Fn() -> PackageId,
) -> Planned {
    let key = upload.cell(row, Column::Key).unwrap_or_default();
    let before = known.remove(key);
    let mut reading = Reading {
        upload,
        row,
        before: before.as_ref(),
        faults: row.faults.clone(),
    };
    let after = reading.package(now, new_id);
    let mut faults = reading.faults;
    faults.sort_by_key(|fault| fault.column);
    let after = after.filter(|_| faults.is_empty());
    let changes = after
        .as_ref()
        .map_or_else(Vec::new, |after| changes(before.as_ref(), after));
    let fate = match (&after, &before) {
        (None, _) => Fate::Refused,
        (Some(_), None) => Fate::New,
        (Some(_), Some(_)) if changes.is_empty() => Fate::Unchanged,
        (Some(_), Some(_)) => Fate::Changed,
    };
    Planned {
        number: row.number,
        key: key.to_owned(),
        notes: row.notes.clone(),
        fate,
        faults,
        changes,
        before,
        after,
    }
}

/// What changes, column by column; of a new package whatever is not empty, and whether it is retired at once.
fn changes(before: Option<&PackageRow>, after: &PackageRow) -> Vec<FieldChange> {
    let blank = |column| if column == Column::Retired { "no" } else { "" }.to_owned();
    let columns = Column::ALL.iter().filter(|column| **column != Column::Key);
    let changes = columns.map(|&column| FieldChange {
        column,
        before: before.map_or_else(|| blank(column), |row| shown(row, column)),
        after: shown(after, column),
    });
    changes.filter(|change| change.before != change.after).collect()
}
