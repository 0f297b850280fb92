//! The catalogue changes: a package is created, changed, retired or brought back.

use super::work::{Subject, Work};
use super::{Error, offer_sets};
use crate::domain::ids::PackageId;
use crate::domain::labels;
use crate::domain::package::{PackageInput, PackageKey, read_due_hours, read_duration};
use crate::domain::package_texts::{self, PackageTexts};
use crate::domain::result_template;
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::offer_sets::Scope;
use crate::store::packages::{self, PackageRow};
use crate::store::unpublished;
use serde_json::{Map, Value, json};

/// Creates a package under `key`, which never changes.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense or the key is taken.
pub async fn create(work: &mut Work, key: &str, input: PackageInput) -> Result<PackageRow, Error> {
    let input = input.trimmed();
    let mut faults = input.faults();
    let key = match PackageKey::check(key) {
        Ok(key) => key,
        Err(why) => {
            faults.insert(0, ("key", why.to_owned()));
            return Err(Error::Fields(faults));
        }
    };
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let row = new_row(work.new_id(), key, input, work.now);
    let taken = "Another package has this key, perhaps a retired one.";
    packages::insert(&mut work.conn, &row)
        .await
        .map_err(|error| Error::taken(error, "key", taken))?;
    tell(work, "package.created", row.id, beginning(&row)).await?;
    offer_sets::follow(work, Scope::Packages(&[row.id])).await?;
    Ok(row)
}

/// A package that was never changed.
pub(super) fn new_row(id: PackageId, key: PackageKey, input: PackageInput, now: Timestamp) -> PackageRow {
    let blank = PackageRow {
        id,
        key: key.into(),
        name: String::new(),
        name_folded: String::new(),
        description: String::new(),
        kind: input.kind,
        start_url: String::new(),
        max_score: String::new(),
        duration_minutes: None,
        tags: String::new(),
        regions: String::new(),
        due_hours: None,
        result_parts: String::new(),
        score_bands: String::new(),
        retired_at: None,
        created_at: now,
        version: 1,
        texts: PackageTexts::default(),
    };
    changed_row(&blank, input)
}

/// The package as this input, in which nothing is wrong, makes it.
pub(super) fn changed_row(before: &PackageRow, input: PackageInput) -> PackageRow {
    let words = |typed: &str| labels::kept(&labels::read(typed).unwrap_or_default());
    PackageRow {
        name: input.name,
        description: input.description,
        kind: input.kind,
        start_url: input.start_url,
        max_score: input.max_score,
        duration_minutes: read_duration(&input.duration).unwrap_or_default(),
        tags: words(&input.tags),
        regions: words(&input.regions),
        due_hours: read_due_hours(&input.due_hours).unwrap_or_default(),
        result_parts: result_template::kept(&input.result_parts),
        score_bands: result_template::kept(&input.score_bands),
        texts: input.texts,
        ..before.clone()
    }
}

/// What is kept of a package's creation.
pub(super) fn beginning(row: &PackageRow) -> Value {
    json!({"key": row.key, "name": row.name})
}

/// Whether ATSs show something of these changes.
pub(super) fn shows_in_offers(changes: &Map<String, Value>) -> bool {
    let mut shown = ["name", "description", "type"]
        .into_iter()
        .chain(package_texts::names());
    shown.any(|field| changes.contains_key(field))
}

/// Whether these changes can bring the package into an offer set, or out of one.
pub(super) fn moves_among_sets(changes: &Map<String, Value>) -> bool {
    ["type", "tags", "regions"]
        .iter()
        .any(|field| changes.contains_key(*field))
}

/// Changes a package that was read at `version`. What integrations show changes with their next publication.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense, [`store::Error::Changed`] where somebody else was first.
pub async fn change(work: &mut Work, id: PackageId, version: i64, input: PackageInput) -> Result<PackageRow, Error> {
    let input = input.trimmed();
    let before = read(work, id, version).await?;
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let mut row = changed_row(&before, input);
    let changes = differences(&before, &row);
    if !changes.is_empty() {
        packages::save(&mut work.conn, &mut row).await?;
        if shows_in_offers(&changes) {
            unpublished::mark_with_packages(&mut work.conn, &[id], work.now).await?;
        }
        let moves = moves_among_sets(&changes);
        tell(work, "package.changed", id, Value::Object(changes)).await?;
        if moves {
            offer_sets::follow(work, Scope::Packages(&[id])).await?;
        }
    }
    Ok(row)
}

/// Retires a package, or brings it back. Orders for it go on; it leaves each offer with that offer's next publication.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else was first.
pub async fn retire(work: &mut Work, id: PackageId, version: i64, retired: bool) -> Result<PackageRow, Error> {
    let mut row = read(work, id, version).await?;
    if row.retired_at.is_some() != retired {
        row.retired_at = retired.then_some(work.now);
        packages::save(&mut work.conn, &mut row).await?;
        unpublished::mark_with_packages(&mut work.conn, &[id], work.now).await?;
        tell(work, retiring(retired), id, json!({"key": row.key})).await?;
        offer_sets::follow(work, Scope::Packages(&[id])).await?;
    }
    Ok(row)
}

/// The action that says that a package was retired, or brought back.
pub(super) const fn retiring(retired: bool) -> &'static str {
    if retired {
        "package.retired"
    } else {
        "package.unretired"
    }
}

async fn read(work: &mut Work, id: PackageId, version: i64) -> Result<PackageRow, Error> {
    let row = packages::find(&mut work.conn, id).await?.ok_or(Error::NotFound)?;
    if row.version != version {
        return Err(store::Error::Changed.into());
    }
    Ok(row)
}

async fn tell(work: &mut Work, action: &'static str, id: PackageId, detail: Value) -> Result<(), store::Error> {
    work.audit(action, Subject::new("package", id.0, None), detail).await
}

/// What differs, as the audit trail keeps it: each field before and after.
pub(super) fn differences(before: &PackageRow, after: &PackageRow) -> Map<String, Value> {
    let pairs = [
        ("name", json!(before.name), json!(after.name)),
        ("description", json!(before.description), json!(after.description)),
        ("type", json!(before.kind), json!(after.kind)),
        ("start_url", json!(before.start_url), json!(after.start_url)),
        ("max_score", json!(before.max_score), json!(after.max_score)),
        (
            "duration_minutes",
            json!(before.duration_minutes),
            json!(after.duration_minutes),
        ),
        (
            "tags",
            json!(labels::shown(&before.tags)),
            json!(labels::shown(&after.tags)),
        ),
        (
            "regions",
            json!(labels::shown(&before.regions)),
            json!(labels::shown(&after.regions)),
        ),
        ("due_hours", json!(before.due_hours), json!(after.due_hours)),
        (
            "result_parts",
            json!(result_template::in_a_line(&before.result_parts)),
            json!(result_template::in_a_line(&after.result_parts)),
        ),
        (
            "score_bands",
            json!(result_template::in_a_line(&before.score_bands)),
            json!(result_template::in_a_line(&after.score_bands)),
        ),
    ];
    let words = before.texts.each().zip(after.texts.each());
    let words = words.map(|((field, was), (_, is))| (field, json!(was), json!(is)));
    let changed = pairs.into_iter().chain(words).filter(|(_, was, is)| was != is);
    changed
        .map(|(field, was, is)| (field.to_owned(), json!([was, is])))
        .collect()
}
