//! What packages are called in languages beside the catalogue's own words, and what an integration's ATS is shown of them.

use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::language::Language;
use crate::domain::package_texts::PackageText;
use crate::domain::text;
use crate::store::packages::PackageRow;
use crate::store::{Conn, Error, id_list};
use std::collections::HashMap;

/// The words of a package `p` for the customer whose texts `in_its_language` joins: those of the customer's language, or
/// else, each by itself, the catalogue's.
macro_rules! own_words {
    () => {
        "COALESCE(NULLIF(t.name, ''), p.name) AS own_name,
         COALESCE(NULLIF(t.description, ''), p.description) AS own_description"
    };
}

/// Joins the texts of a package `p` in the language of the customer whose integration is `$id`.
macro_rules! in_its_language {
    ($id:literal) => {
        concat!(
            " LEFT JOIN integrations i ON i.id = ",
            $id,
            " LEFT JOIN customers c ON c.id = i.customer_id
              LEFT JOIN package_texts t ON t.package_id = p.id AND t.language = c.language "
        )
    };
}

pub(super) use {in_its_language, own_words};

/// A package as an integration's ATS is shown it where its offer has no words of its own.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Worded {
    /// The package.
    pub id: PackageId,
    /// Its key.
    pub key: String,
    /// Its name.
    pub own_name: String,
    /// Its description.
    pub own_description: String,
}

/// The packages of these keys as this integration's ATS is shown them, by key.
pub async fn worded(
    conn: &mut Conn,
    integration: IntegrationId,
    keys: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Worded>, Error> {
    let keys = keys.collect::<Vec<_>>();
    let sql = conn.pick(
        concat!(
            "SELECT p.id, p.key, ",
            own_words!(),
            " FROM packages p",
            in_its_language!("$1"),
            "WHERE p.key IN (SELECT value FROM json_each($2))"
        ),
        concat!(
            "SELECT p.id, p.key, ",
            own_words!(),
            " FROM packages p",
            in_its_language!("$1"),
            "WHERE p.key IN (SELECT jsonb_array_elements_text(CAST($2 AS JSONB)))"
        ),
    );
    let rows = fetch_all!(conn, Worded, sql, integration, id_list(&keys))?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

#[derive(sqlx::FromRow)]
struct TextRow {
    package_id: PackageId,
    language: Language,
    name: String,
    description: String,
}

/// Gives each of these packages its texts.
pub(super) async fn fill(conn: &mut Conn, rows: &mut [PackageRow]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids = rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let sql = among!(
        conn,
        "SELECT package_id, language, name, description FROM package_texts WHERE package_id",
        "$1",
        ""
    );
    let mut texts = HashMap::<_, Vec<_>>::new();
    for found in fetch_all!(conn, TextRow, sql, id_list(&ids))? {
        let text = PackageText {
            name: found.name,
            description: found.description,
        };
        texts.entry(found.package_id).or_default().push((found.language, text));
    }
    for row in rows {
        row.texts = texts.remove(&row.id).unwrap_or_default().into_iter().collect();
    }
    Ok(())
}

/// How many go into one statement.
const PIECE: usize = 512;

/// Writes the texts of new packages.
pub(super) async fn insert(conn: &mut Conn, rows: &[PackageRow]) -> Result<(), Error> {
    let texts = rows.iter().flat_map(|row| {
        let texts = row.texts.iter();
        texts.map(move |(language, text)| (row.id, language, text))
    });
    let texts = texts.collect::<Vec<_>>();
    for texts in texts.chunks(PIECE) {
        insert_many!(
            conn,
            "INSERT INTO package_texts (package_id, language, name, name_folded, description) ",
            texts.iter(),
            |b, found| {
                let (package, language, text) = found;
                b.push_bind(*package)
                    .push_bind(*language)
                    .push_bind(&text.name)
                    .push_bind(text::fold(&text.name))
                    .push_bind(&text.description);
            },
            ""
        )?;
    }
    Ok(())
}

/// Writes the texts of these packages anew.
pub(super) async fn replace(conn: &mut Conn, rows: &[PackageRow]) -> Result<(), Error> {
    let ids = rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let sql = among!(conn, "DELETE FROM package_texts WHERE package_id", "$1", "");
    execute!(conn, sql, id_list(&ids))?;
    insert(conn, rows).await
}

/// Integrations of a customer whose drafts have packages with texts in one of these languages get another version: nobody
/// publishes what another language makes of them without having seen it. Says which.
pub async fn advance_drafts(
    conn: &mut Conn,
    integrations: &[IntegrationId],
    languages: [Language; 2],
) -> Result<Vec<IntegrationId>, Error> {
    let sql = among!(
        conn,
        "UPDATE integrations SET offer_version = offer_version + 1
         WHERE id",
        "$1",
        " AND EXISTS (
            SELECT 1 FROM offer_lines l JOIN package_texts t ON t.package_id = l.package_id AND t.language IN ($2, $3)
            WHERE l.integration_id = integrations.id) RETURNING id"
    );
    let [one, other] = languages;
    let rows = fetch_all!(conn, (IntegrationId,), sql, id_list(integrations), one, other)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
