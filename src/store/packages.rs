//! The catalogue: every package that the provider sells.

use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::labels;
use crate::domain::package::PackageType;
use crate::domain::package_texts::PackageTexts;
use crate::domain::text;
use crate::domain::time::Timestamp;
use crate::store::like::{contains, with_word};
use crate::store::{Conn, Error, Writes, id_list, package_texts};
use std::collections::{BTreeMap, HashMap};
use std::slice;

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
    /// Words by which it is found, one a line.
    pub tags: String,
    /// Where it can be taken, one a line.
    pub regions: String,
    /// In how many hours its results are due; `None`: as the customer has it.
    pub due_hours: Option<i64>,
    /// The parts that its results are expected to have, one a line.
    pub result_parts: String,
    /// What its scores mean in words, one a line.
    pub score_bands: String,
    /// Since when it is not sold any more.
    pub retired_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
    /// What it is called in other languages: read with each row, and written with it.
    #[sqlx(skip)]
    pub texts: PackageTexts,
}

impl PackageRow {
    /// Whether there is an address where its candidates start.
    pub fn has_start(&self) -> bool {
        !self.start_url.is_empty()
    }

    /// The tags and then the regions, as people read them; empty where there are none.
    pub fn words(&self) -> String {
        let words = self.tags.lines().chain(self.regions.lines());
        words.collect::<Vec<_>>().join(", ")
    }
}

/// Which packages a list shows.
#[derive(Clone, Debug, Default)]
pub struct PackageFilter {
    /// Part of the name, in any language, or of the key; empty: all.
    pub text: String,
    /// Only this type.
    pub kind: Option<PackageType>,
    /// Only with this tag; empty: all.
    pub tag: String,
    /// Only of this region; empty: all.
    pub region: String,
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
    let found = fetch_optional!(conn, PackageRow, "SELECT * FROM packages WHERE id = $1", id)?;
    whole(conn, found).await
}

/// The package that Kombo and orders call `key`.
pub async fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<PackageRow>, Error> {
    let found = fetch_optional!(conn, PackageRow, "SELECT * FROM packages WHERE key = $1", key)?;
    whole(conn, found).await
}

/// The package with its texts.
async fn whole(conn: &mut Conn, mut found: Option<PackageRow>) -> Result<Option<PackageRow>, Error> {
    package_texts::fill(conn, found.as_mut_slice()).await?;
    Ok(found)
}

/// The packages of these keys, by key.
pub async fn by_keys(conn: &mut Conn, keys: impl Iterator<Item = &str>) -> Result<HashMap<String, PackageRow>, Error> {
    let keys = keys.collect::<Vec<_>>();
    let sql = conn.pick(
        "SELECT * FROM packages WHERE key IN (SELECT value FROM json_each($1))",
        "SELECT * FROM packages WHERE key IN (SELECT jsonb_array_elements_text(CAST($1 AS JSONB)))",
    );
    let mut rows = fetch_all!(conn, PackageRow, sql, id_list(&keys))?;
    package_texts::fill(conn, &mut rows).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

/// Those of these packages that there are, by id.
pub async fn by_ids(conn: &mut Conn, ids: &[PackageId]) -> Result<HashMap<PackageId, PackageRow>, Error> {
    let sql = among!(conn, "SELECT * FROM packages WHERE id", "$1", "");
    let mut rows = fetch_all!(conn, PackageRow, sql, id_list(ids))?;
    package_texts::fill(conn, &mut rows).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Writes a new package.
///
/// # Errors
/// [`Error::Exists`] where the key is taken.
pub async fn insert(conn: &mut Conn, row: &PackageRow) -> Result<(), Error> {
    insert_many(conn, slice::from_ref(row)).await
}

/// Writes everything about `row` that can change; the key cannot.
///
/// # Errors
/// [`Error::Changed`] where somebody else changed it since it was read.
pub async fn save(conn: &mut Conn, row: &mut PackageRow) -> Result<(), Error> {
    save_many(conn, slice::from_mut(row)).await
}

/// How many go into one statement.
const PIECE: usize = 128;

/// Writes new packages.
///
/// # Errors
/// [`Error::Exists`] where a key is taken.
pub async fn insert_many(conn: &mut Conn, rows: &[PackageRow]) -> Result<(), Error> {
    for rows in rows.chunks(PIECE) {
        insert_many!(
            conn,
            "INSERT INTO packages (id, key, name, name_folded, description, type, start_url, max_score, retired_at,
                created_at, version, duration_minutes, tags, tags_folded, regions, regions_folded, due_hours,
                result_parts, score_bands) ",
            rows.iter(),
            |b, row| {
                b.push_bind(row.id)
                    .push_bind(&row.key)
                    .push_bind(&row.name)
                    .push_bind(text::fold(&row.name))
                    .push_bind(&row.description)
                    .push_bind(row.kind)
                    .push_bind(&row.start_url)
                    .push_bind(&row.max_score)
                    .push_bind(row.retired_at)
                    .push_bind(row.created_at)
                    .push_bind(row.version)
                    .push_bind(row.duration_minutes)
                    .push_bind(&row.tags)
                    .push_bind(labels::folded(&row.tags))
                    .push_bind(&row.regions)
                    .push_bind(labels::folded(&row.regions))
                    .push_bind(row.due_hours)
                    .push_bind(&row.result_parts)
                    .push_bind(&row.score_bands);
            },
            ""
        )?;
        package_texts::insert(conn, rows).await?;
    }
    Ok(())
}

/// Writes everything about these that can change, and gives each its next version; the key cannot change.
///
/// # Errors
/// [`Error::Changed`] where somebody else changed one since it was read.
pub async fn save_many(conn: &mut Conn, rows: &mut [PackageRow]) -> Result<(), Error> {
    for piece in rows.chunks(PIECE) {
        let mut writes = Writes::new(conn, 0);
        push_updates!(
            writes,
            "UPDATE packages SET name = column3, name_folded = column4, description = column5, type = column6,
                    start_url = column7, max_score = column8, retired_at = column9, duration_minutes = column10,
                    tags = column11, tags_folded = column12, regions = column13, regions_folded = column14,
                    due_hours = column15, result_parts = column16, score_bands = column17, version = version + 1
             FROM",
            piece.iter(),
            |row| (
                row.id,
                row.version,
                &row.name,
                text::fold(&row.name),
                &row.description,
                row.kind,
                &row.start_url,
                &row.max_score,
                row.retired_at,
                row.duration_minutes,
                &row.tags,
                labels::folded(&row.tags),
                &row.regions,
                labels::folded(&row.regions),
                row.due_hours,
                &row.result_parts,
                &row.score_bands,
            ),
            "WHERE packages.id = column1 AND version = column2"
        );
        writes.run_all(conn).await?;
    }
    for row in &mut *rows {
        row.version += 1;
    }
    package_texts::replace(conn, rows).await
}

/// The text of [`list`].
pub(in crate::store) const LIST: &str = "SELECT * FROM packages
         WHERE (name_folded LIKE $1 ESCAPE '\\' OR LOWER(key) LIKE $1 ESCAPE '\\'
            OR id IN (SELECT package_id FROM package_texts WHERE name_folded LIKE $1 ESCAPE '\\'))
           AND (CAST($2 AS TEXT) IS NULL OR type = $2)
           AND (retired_at IS NOT NULL) = $3
           AND ($4 = '' OR tags_folded LIKE $4 ESCAPE '\\')
           AND ($5 = '' OR regions_folded LIKE $5 ESCAPE '\\')
           AND (name_folded, id) > ($6, $7)
         ORDER BY name_folded, id LIMIT $8";

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
    let mut rows = fetch_all!(
        conn,
        PackageRow,
        LIST,
        contains(&filter.text),
        filter.kind,
        filter.retired,
        with_word(&filter.tag),
        with_word(&filter.region),
        after_name,
        after_id,
        limit
    )?;
    package_texts::fill(conn, &mut rows).await?;
    Ok(rows)
}

/// Every tag, and every region, that packages have, in order: for choosing among.
pub async fn words(conn: &mut Conn) -> Result<(Vec<String>, Vec<String>), Error> {
    let tags = fetch_all!(conn, (String,), "SELECT DISTINCT tags FROM packages WHERE tags <> ''")?;
    let regions = fetch_all!(
        conn,
        (String,),
        "SELECT DISTINCT regions FROM packages WHERE regions <> ''"
    )?;
    Ok((each_once(&tags), each_once(&regions)))
}

fn each_once(kept: &[(String,)]) -> Vec<String> {
    let words = kept.iter().flat_map(|(kept,)| kept.lines());
    let words = words.map(|word| (text::fold(word), word)).collect::<BTreeMap<_, _>>();
    words.into_values().map(str::to_owned).collect()
}

/// The versions of the packages with these keys.
pub async fn versions(conn: &mut Conn, keys: &[&str]) -> Result<HashMap<String, i64>, Error> {
    let sql = conn.pick(
        "SELECT key, version FROM packages WHERE key IN (SELECT value FROM json_each($1))",
        "SELECT key, version FROM packages WHERE key IN (SELECT jsonb_array_elements_text(CAST($1 AS JSONB)))",
    );
    let rows = fetch_all!(conn, (String, i64), sql, id_list(keys))?;
    Ok(rows.into_iter().collect())
}

/// The first packages by name that the filter wants and the draft of this integration does not have.
pub async fn not_offered(
    conn: &mut Conn,
    integration: IntegrationId,
    filter: &PackageFilter,
    limit: i64,
) -> Result<Vec<PackageRow>, Error> {
    let mut rows = fetch_all!(
        conn,
        PackageRow,
        "SELECT p.* FROM packages p
         WHERE (p.name_folded LIKE $1 ESCAPE '\\' OR LOWER(p.key) LIKE $1 ESCAPE '\\'
            OR p.id IN (SELECT package_id FROM package_texts WHERE name_folded LIKE $1 ESCAPE '\\'))
           AND (CAST($2 AS TEXT) IS NULL OR p.type = $2)
           AND (p.retired_at IS NOT NULL) = $3
           AND NOT EXISTS (SELECT 1 FROM offer_lines l WHERE l.integration_id = $4 AND l.package_id = p.id)
         ORDER BY p.name_folded, p.id LIMIT $5",
        contains(&filter.text),
        filter.kind,
        filter.retired,
        integration,
        limit
    )?;
    package_texts::fill(conn, &mut rows).await?;
    Ok(rows)
}

/// How many integrations offer it, in their draft.
pub async fn offered_by(conn: &mut Conn, id: PackageId) -> Result<i64, Error> {
    let count = scalar!(conn, i64, "SELECT COUNT(*) FROM offer_lines WHERE package_id = $1", id)?;
    Ok(count.unwrap_or_default())
}
