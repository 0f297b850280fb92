//! The catalogue: every package that the provider sells.

use crate::domain::ids::PackageId;
use crate::domain::package::PackageType;
use crate::domain::text;
use crate::domain::time::Timestamp;
use crate::store::customers::contains;
use crate::store::{Conn, Error, id_list};
use std::collections::HashMap;

/// A package of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PackageRow {
    /// Our id.
    pub id: PackageId,
    /// What Kombo and orders call it: 1 to 36 characters, never changed.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The name as it is sorted by.
    pub name_folded: String,
    /// Its description.
    pub description: String,
    /// What kind of package it is.
    #[sqlx(rename = "type")]
    pub kind: PackageType,
    /// Where a candidate starts; empty where there is no such address.
    pub start_url: String,
    /// The maximum score that the result form proposes, as a decimal number; empty: none.
    pub max_score: String,
    /// How long it takes a candidate, in minutes, where that is known.
    pub duration_minutes: Option<i64>,
    /// Since when it is not sold any more.
    pub retired_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
}

impl PackageRow {
    /// Whether there is an address where its candidates start.
    pub fn has_start(&self) -> bool {
        !self.start_url.is_empty()
    }
}

/// Which packages a list shows.
#[derive(Clone, Debug, Default)]
pub struct PackageFilter {
    /// Part of the name or the key; empty: all.
    pub text: String,
    /// Only this type.
    pub kind: Option<PackageType>,
    /// Retired ones instead of the others.
    pub retired: bool,
}

/// Where a page of the list begins: after this name and id.
#[derive(Clone, Debug)]
pub struct After {
    /// The last row's folded name.
    pub name_folded: String,
    /// Its id.
    pub id: PackageId,
}

/// The package.
pub async fn find(conn: &mut Conn, id: PackageId) -> Result<Option<PackageRow>, Error> {
    fetch_optional!(conn, PackageRow, "SELECT * FROM packages WHERE id = $1", id)
}

/// The package that Kombo and orders call `key`.
pub async fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<PackageRow>, Error> {
    fetch_optional!(conn, PackageRow, "SELECT * FROM packages WHERE key = $1", key)
}

/// The packages of these keys, by key.
pub async fn by_keys(conn: &mut Conn, keys: impl Iterator<Item = &str>) -> Result<HashMap<String, PackageRow>, Error> {
    let keys = keys.collect::<Vec<_>>();
    let sql = conn.pick(
        "SELECT * FROM packages WHERE key IN (SELECT value FROM json_each($1))",
        "SELECT * FROM packages WHERE key IN (SELECT jsonb_array_elements_text(CAST($1 AS JSONB)))",
    );
    let rows = fetch_all!(conn, PackageRow, sql, id_list(&keys))?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

/// Writes a new package.
///
/// # Errors
/// [`Error::Exists`] where the key is taken.
pub async fn insert(conn: &mut Conn, row: &PackageRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO packages (id, key, name, name_folded, description, type, start_url, max_score, retired_at,
            created_at, version, duration_minutes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        row.id,
        &row.key,
        &row.name,
        text::fold(&row.name),
        &row.description,
        row.kind,
        &row.start_url,
        &row.max_score,
        row.retired_at,
        row.created_at,
        row.version,
        row.duration_minutes
    )
    .map(drop)
}

/// Writes everything about `row` that can change; the key cannot.
///
/// # Errors
/// [`Error::Changed`] where somebody else changed it since it was read.
pub async fn save(conn: &mut Conn, row: &mut PackageRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE packages SET name = $3, name_folded = $4, description = $5, type = $6, start_url = $7, max_score = $8,
            retired_at = $9, duration_minutes = $10, version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        &row.name,
        text::fold(&row.name),
        &row.description,
        row.kind,
        &row.start_url,
        &row.max_score,
        row.retired_at,
        row.duration_minutes
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

/// The text of [`list`].
pub(in crate::store) const LIST: &str = "SELECT * FROM packages
         WHERE (name_folded LIKE $1 ESCAPE '\\' OR LOWER(key) LIKE $1 ESCAPE '\\')
           AND (CAST($2 AS TEXT) IS NULL OR type = $2)
           AND (retired_at IS NOT NULL) = $3
           AND (name_folded, id) > ($4, $5)
         ORDER BY name_folded, id LIMIT $6";

/// A page of packages by name.
pub async fn list(
    conn: &mut Conn,
    filter: &PackageFilter,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<PackageRow>, Error> {
    let (after_name, after_id) = after.map_or(("", PackageId(uuid::Uuid::nil())), |after| {
        (after.name_folded.as_str(), after.id)
    });
    fetch_all!(
        conn,
        PackageRow,
        LIST,
        contains(&filter.text),
        filter.kind,
        filter.retired,
        after_name,
        after_id,
        limit
    )
}

/// How many integrations offer it, in their draft.
pub async fn offered_by(conn: &mut Conn, id: PackageId) -> Result<i64, Error> {
    let count = scalar!(conn, i64, "SELECT COUNT(*) FROM offer_lines WHERE package_id = $1", id)?;
    Ok(count.unwrap_or_default())
}
