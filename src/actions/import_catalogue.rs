//! A file changes the catalogue: first it is told what would become of each row, then exactly that happens, in one
//! transaction. A package that the file does not name stays as it is.

mod plan;
mod reading;

use super::change_package::{beginning, retiring};
use super::work::{Subject, Work};
use super::{Error, change_package, offer_sets};
use crate::domain::catalogue::Upload;
use crate::domain::ids::{CatalogueUploadId, PackageId};
use crate::store;
use crate::store::catalogue_uploads::{self, UploadRow};
use crate::store::offer_sets::Scope;
use crate::store::packages::{self, PackageRow};
use crate::store::{audit, unpublished};
use serde_json::{Value, json};
use std::time::Duration;

pub use plan::{Counts, Fate, FieldChange, Plan, Planned, plan};
pub use reading::shown;

/// How long a file waits between the dry run and the import.
const WAITS: Duration = Duration::from_hours(24);

/// Keeps what a file says until its person imports it, instead of what waited of them before. It is no change of the
/// catalogue yet and leaves no line.
///
/// # Errors
/// [`Error::NotFound`] where nobody acts.
pub async fn keep(work: &mut Work, file_name: &str, upload: &Upload) -> Result<CatalogueUploadId, Error> {
    let row = UploadRow {
        id: work.new_id(),
        staff_id: work.viewer.staff_id().ok_or(Error::NotFound)?,
        file_name: file_name.to_owned(),
        content: json!(upload).to_string(),
        created_at: work.now,
        expires_at: work.now.plus(WAITS),
    };
    catalogue_uploads::put(&mut work.conn, &row).await?;
    Ok(row.id)
}

/// Throws it away.
///
/// # Errors
/// [`Error::NotFound`] where it does not wait.
pub async fn discard(work: &mut Work, id: CatalogueUploadId) -> Result<(), Error> {
    let staff = work.viewer.staff_id().ok_or(Error::NotFound)?;
    if catalogue_uploads::take(&mut work.conn, id, staff, work.now).await? {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

/// Does what the plan says, all of it or nothing; the file waits no longer then.
///
/// # Errors
/// [`Error::Refused`] where a row is refused, [`store::Error::Changed`] where the catalogue is not as it was when the plan
/// was made.
pub async fn import(work: &mut Work, id: CatalogueUploadId, file_name: &str, plan: Plan) -> Result<Counts, Error> {
    let counts = plan.counts();
    if counts.refused > 0 {
        return Err(Error::refused("Some rows are refused, so nothing is imported."));
    }
    discard(work, id).await?;
    stands(work, &plan).await?;
    let (mut new, mut changed, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    let mut lines = Vec::new();
    for planned in plan.rows {
        let Some(row) = planned.after else { continue };
        note(work, planned.before.as_ref(), &row, &mut lines, &mut shown);
        match planned.before {
            None => new.push(row),
            Some(before) if before != row => changed.push(row),
            Some(_) => {}
        }
    }
    packages::insert_many(&mut work.conn, &new).await?;
    packages::save_many(&mut work.conn, &mut changed).await?;
    if !shown.is_empty() {
        unpublished::mark_with_packages(&mut work.conn, &shown, work.now).await?;
    }
    let touched = new.iter().chain(&changed).map(|row| row.id).collect::<Vec<_>>();
    offer_sets::follow(work, Scope::Packages(&touched)).await?;
    let told = json!({"file": file_name, "new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged});
    let line = work.line_as(
        work.viewer.who,
        "package.file_imported",
        Subject::new("catalogue", None, None),
        told,
    );
    lines.push(line);
    audit::insert_many(&mut work.conn, &lines).await?;
    Ok(counts)
}

/// Whether every package that the file names is as it was when the plan was made.
async fn stands(work: &mut Work, plan: &Plan) -> Result<(), store::Error> {
    let keys = plan.rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>();
    let versions = packages::versions(&mut work.conn, &keys).await?;
    let is_as_it_was =
        |row: &Planned| row.before.as_ref().map(|before| before.version) == versions.get(&row.key).copied();
    if plan.rows.iter().all(is_as_it_was) {
        Ok(())
    } else {
        Err(store::Error::Changed)
    }
}

/// The lines that stand in the audit trail as if a person had changed the package by hand, and whether offers show it.
fn note(
    work: &Work,
    before: Option<&PackageRow>,
    row: &PackageRow,
    lines: &mut Vec<audit::NewLine>,
    shown: &mut Vec<PackageId>,
) {
    let mut tell = |action, detail: Value| {
        let subject = Subject::new("package", row.id.0, None);
        lines.push(work.line_as(work.viewer.who, action, subject, detail));
    };
    let was_retired = before.is_some_and(|before| before.retired_at.is_some());
    let mut shows = false;
    match before {
        None => tell("package.created", beginning(row)),
        Some(before) => {
            let changes = change_package::differences(before, row);
            shows = change_package::shows_in_offers(&changes);
            if !changes.is_empty() {
                tell("package.changed", Value::Object(changes));
            }
        }
    }
    let is_retired = row.retired_at.is_some();
    if was_retired != is_retired {
        shows |= before.is_some();
        tell(retiring(is_retired), json!({"key": row.key}));
    }
    if shows {
        shown.push(row.id);
    }
}
