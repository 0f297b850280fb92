//! Offer sets, the integrations whose drafts follow them, and what following changes in those drafts.

use crate::domain::ids::{CustomerId, IntegrationId, OfferSetId, PackageId};
use crate::domain::offer_set::{SetInput, in_words};
use crate::domain::package::PackageType;
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::like::with_word;
use crate::store::packages::PackageRow;
use crate::store::{Conn, Error, id_list};

/// A set.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SetRow {
    /// Our id.
    pub id: OfferSetId,
    /// What people call it.
    pub name: String,
    /// Only packages of this type.
    #[sqlx(rename = "type")]
    pub kind: Option<PackageType>,
    /// Only packages with this tag; empty: any.
    pub tag: String,
    /// Only packages for this region; empty: any.
    pub region: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
}

impl SetRow {
    /// What its packages have in common.
    pub fn words(&self) -> String {
        in_words(self.kind, &self.tag, &self.region)
    }

    /// It becomes what this input says.
    pub fn put(&mut self, input: SetInput) {
        self.name = input.name;
        self.kind = input.kind;
        self.tag = input.tag;
        self.region = input.region;
    }
}

/// A set in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedSet {
    /// The set.
    #[sqlx(flatten)]
    pub set: SetRow,
    /// How many packages it has, without retired ones.
    pub packages: i64,
    /// How many integrations follow it.
    pub uses: i64,
}

/// That the package `p` belongs to the set `s`.
macro_rules! belongs {
    () => {
        "(s.type IS NULL OR p.type = s.type)
           AND (s.tag_like = '' OR p.tags_folded LIKE s.tag_like ESCAPE '\\')
           AND (s.region_like = '' OR p.regions_folded LIKE s.region_like ESCAPE '\\')"
    };
}

macro_rules! listed {
    ($where:literal) => {
        concat!(
            "SELECT s.*,
                (SELECT COUNT(*) FROM packages p WHERE p.retired_at IS NULL AND ",
            belongs!(),
            ") AS packages,
                (SELECT COUNT(*) FROM offer_set_uses u WHERE u.set_id = s.id) AS uses
             FROM offer_sets s ",
            $where,
            " ORDER BY s.name_folded"
        )
    };
}

/// All sets, by name.
pub async fn list(conn: &mut Conn) -> Result<Vec<ListedSet>, Error> {
    fetch_all!(conn, ListedSet, listed!(""))
}

/// Those that the draft of this integration follows, by name.
pub async fn followed(conn: &mut Conn, integration: IntegrationId) -> Result<Vec<ListedSet>, Error> {
    fetch_all!(
        conn,
        ListedSet,
        listed!("WHERE s.id IN (SELECT set_id FROM offer_set_uses WHERE integration_id = $1)"),
        integration
    )
}

/// One set.
pub async fn find(conn: &mut Conn, id: OfferSetId) -> Result<Option<SetRow>, Error> {
    fetch_optional!(conn, SetRow, "SELECT * FROM offer_sets WHERE id = $1", id)
}

/// Its packages by name, without retired ones.
pub async fn members(conn: &mut Conn, id: OfferSetId, limit: i64) -> Result<Vec<PackageRow>, Error> {
    fetch_all!(
        conn,
        PackageRow,
        concat!(
            "SELECT p.* FROM packages p JOIN offer_sets s ON s.id = $1
             WHERE p.retired_at IS NULL AND ",
            belongs!(),
            " ORDER BY p.name_folded, p.id LIMIT $2"
        ),
        id,
        limit
    )
}

/// An integration that follows a set.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FollowerRow {
    /// The integration.
    pub id: IntegrationId,
    /// The ATS, as Kombo calls it.
    pub tool: String,
    /// The customer's name; `None`: unassigned.
    pub customer_name: Option<String>,
    /// Since when its draft differs from what is published.
    pub unpublished_at: Option<Timestamp>,
}

/// Those that follow it and that the viewer may see, by customer.
pub async fn followers(
    conn: &mut Conn,
    viewer: &Viewer,
    id: OfferSetId,
    limit: i64,
) -> Result<Vec<FollowerRow>, Error> {
    fetch_all!(
        conn,
        FollowerRow,
        "SELECT i.id, i.tool, c.name AS customer_name, i.unpublished_at
         FROM offer_set_uses u JOIN integrations i ON i.id = u.integration_id
         LEFT JOIN customers c ON c.id = i.customer_id
         WHERE u.set_id = $1
           AND ($2 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))
         ORDER BY c.name_folded, i.id LIMIT $4",
        id,
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}

/// All integrations that follow it, whoever may see them.
pub async fn all_followers(conn: &mut Conn, id: OfferSetId) -> Result<Vec<IntegrationId>, Error> {
    let rows = fetch_all!(
        conn,
        (IntegrationId,),
        "SELECT integration_id FROM offer_set_uses WHERE set_id = $1",
        id
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Writes a new one.
///
/// # Errors
/// [`Error::Exists`] where another one has this name.
pub async fn insert(conn: &mut Conn, row: &SetRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO offer_sets (id, name, name_folded, type, tag, tag_like, region, region_like, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.id,
        &row.name,
        fold(&row.name),
        row.kind,
        &row.tag,
        with_word(&row.tag),
        &row.region,
        with_word(&row.region),
        row.created_at,
        row.version
    )
    .map(drop)
}

/// Writes it again, if nobody changed it since it was read.
///
/// # Errors
/// [`Error::Changed`] where somebody did, [`Error::Exists`] where another one has this name.
pub async fn save(conn: &mut Conn, row: &mut SetRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE offer_sets SET name = $3, name_folded = $4, type = $5, tag = $6, tag_like = $7, region = $8,
            region_like = $9, version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        &row.name,
        fold(&row.name),
        row.kind,
        &row.tag,
        with_word(&row.tag),
        &row.region,
        with_word(&row.region)
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

/// Deletes it; nothing follows it any more.
pub async fn delete(conn: &mut Conn, id: OfferSetId) -> Result<(), Error> {
    execute!(conn, "DELETE FROM offer_set_uses WHERE set_id = $1", id)?;
    execute!(conn, "DELETE FROM offer_sets WHERE id = $1", id).map(drop)
}

/// The draft of the integration follows the set from now on; says whether it did not.
pub async fn follow(conn: &mut Conn, id: OfferSetId, integration: IntegrationId) -> Result<bool, Error> {
    let followed = execute!(
        conn,
        "INSERT INTO offer_set_uses (set_id, integration_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        id,
        integration
    )?;
    Ok(followed > 0)
}

/// It follows it no longer; says whether it did.
pub async fn stop(conn: &mut Conn, id: OfferSetId, integration: IntegrationId) -> Result<bool, Error> {
    let stopped = execute!(
        conn,
        "DELETE FROM offer_set_uses WHERE set_id = $1 AND integration_id = $2",
        id,
        integration
    )?;
    Ok(stopped > 0)
}

/// Which drafts are to be brought into line with the sets that they follow, and which packages are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// All packages in these drafts.
    Drafts(&'a [IntegrationId]),
    /// These packages in all drafts that follow a set.
    Packages(&'a [PackageId]),
}

impl Scope<'_> {
    fn lists(self) -> (Option<String>, Option<String>) {
        match self {
            Self::Drafts(ids) => (Some(id_list(ids)), None),
            Self::Packages(ids) => (None, Some(id_list(ids))),
        }
    }
}

/// A line that came into a draft, or left it.
pub type Moved = (IntegrationId, PackageId);

/// That `$column` is one of the ids of the parameter, or that there is no such list.
macro_rules! within {
    (sqlite, $column:literal, $ids:literal) => {
        concat!(
            "(",
            $ids,
            " IS NULL OR ",
            $column,
            " IN (SELECT unhex(value, '-') FROM json_each(",
            $ids,
            ")))"
        )
    };
    (postgres, $column:literal, $ids:literal) => {
        concat!(
            "(CAST(",
            $ids,
            " AS JSONB) IS NULL OR ",
            $column,
            " IN (SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST(",
            $ids,
            " AS JSONB))))"
        )
    };
}

macro_rules! adding {
    ($engine:ident) => {
        concat!(
            "INSERT INTO offer_lines (integration_id, package_id, position, name, description, from_set)
             SELECT w.integration_id, w.package_id,
                (SELECT COALESCE(MAX(l.position), -1) FROM offer_lines l WHERE l.integration_id = w.integration_id)
                    + ROW_NUMBER() OVER (PARTITION BY w.integration_id ORDER BY w.name_folded, w.package_id),
                '', '', TRUE
             FROM (SELECT DISTINCT u.integration_id, p.id AS package_id, p.name_folded
                FROM offer_set_uses u JOIN offer_sets s ON s.id = u.set_id JOIN packages p ON ",
            belongs!(),
            " WHERE p.retired_at IS NULL AND ",
            within!($engine, "u.integration_id", "$1"),
            " AND ",
            within!($engine, "p.id", "$2"),
            ") w
             WHERE NOT EXISTS (SELECT 1 FROM offer_lines l
                WHERE l.integration_id = w.integration_id AND l.package_id = w.package_id)
             RETURNING integration_id, package_id"
        )
    };
}

/// Packages of sets come into the drafts that follow them, at the end and by name; says which.
pub async fn add_missing(conn: &mut Conn, scope: Scope<'_>) -> Result<Vec<Moved>, Error> {
    let (drafts, packages) = scope.lists();
    let sql = conn.pick(adding!(sqlite), adding!(postgres));
    fetch_all!(conn, Moved, sql, drafts, packages)
}

macro_rules! removing {
    ($engine:ident) => {
        concat!(
            "DELETE FROM offer_lines WHERE from_set AND ",
            within!($engine, "integration_id", "$1"),
            " AND ",
            within!($engine, "package_id", "$2"),
            " AND NOT EXISTS (SELECT 1 FROM packages p
                JOIN offer_set_uses u ON u.integration_id = offer_lines.integration_id JOIN offer_sets s ON s.id = u.set_id
                WHERE p.id = offer_lines.package_id AND ",
            belongs!(),
            ") RETURNING integration_id, package_id"
        )
    };
}

/// Lines that came with a set leave drafts where no set that is followed has their package any more; says which.
pub async fn remove_strays(conn: &mut Conn, scope: Scope<'_>) -> Result<Vec<Moved>, Error> {
    let (drafts, packages) = scope.lists();
    let sql = conn.pick(removing!(sqlite), removing!(postgres));
    fetch_all!(conn, Moved, sql, drafts, packages)
}

/// These drafts have another version, and may differ from what is published; says whose they are.
pub async fn note_changed(
    conn: &mut Conn,
    integrations: &[IntegrationId],
    now: Timestamp,
) -> Result<Vec<(IntegrationId, Option<CustomerId>)>, Error> {
    let sql = among!(
        conn,
        "UPDATE integrations SET offer_version = offer_version + 1, unpublished_at = COALESCE(unpublished_at, $2)
         WHERE id",
        "$1",
        " RETURNING id, customer_id"
    );
    fetch_all!(
        conn,
        (IntegrationId, Option<CustomerId>),
        sql,
        id_list(integrations),
        now
    )
}
