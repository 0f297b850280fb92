//! Publications: the numbered, kept lists of packages that were sent to Kombo, or are on their way.

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, IntegrationId, PackageId, PublicationId, StaffId};
use crate::domain::intake::PackageStanding;
use crate::domain::package::{OfferLine, PackageType};
use crate::domain::publication::PublicationState;
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error, id_list};
use std::collections::HashMap;

/// A publication, without its lines.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PublicationRow {
    /// Our id.
    pub id: PublicationId,
    /// Whose packages.
    pub integration_id: IntegrationId,
    /// 1, 2, 3 … within the integration.
    pub number: i64,
    /// How it stands with it.
    pub state: PublicationState,
    /// The publication that the person's diff was made against; `None`: there was none.
    pub based_on: Option<PublicationId>,
    /// Why packages were removed; empty where none were.
    pub reason: String,
    /// Who published it.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
    /// When Kombo confirmed it.
    pub confirmed_at: Option<Timestamp>,
    /// The earlier publication whose list it brings back.
    pub restores: Option<PublicationId>,
}

/// A publication in the history.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HistoryRow {
    /// The publication.
    #[sqlx(flatten)]
    pub publication: PublicationRow,
    /// Who published it, by name.
    pub staff_name: Option<String>,
    /// How many packages it lists.
    pub lines: i64,
    /// The number of the publication that it brings back.
    pub restored_number: Option<i64>,
}

/// How an ordered package stands to what an integration was offered, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub standing: PackageStanding,
    /// The package of the catalogue, where the key is known there.
    pub package_id: Option<PackageId>,
    /// Its name as it was offered, else as the catalogue has it.
    pub package_name: Option<String>,
    /// Its type in the catalogue.
    pub kind: Option<PackageType>,
    /// Whether the catalogue has an address where its candidates start.
    pub has_start: bool,
    /// In how many hours the package's results are due, where it says so itself.
    pub due_hours: Option<i64>,
    /// Whether Kombo ever confirmed an offer of ours for this integration.
    pub any_confirmed: bool,
}

/// How the package `key` stands to what the integration was offered.
///
/// A publication that is still on its way counts as offered, too: it may have arrived without our knowing.
pub async fn standing(conn: &mut Conn, integration: IntegrationId, key: &str) -> Result<Standing, Error> {
    let row = fetch_one!(
        conn,
        StandingRow,
        "SELECT (SELECT MAX(number) FROM publications WHERE integration_id = $1 AND state = 'confirmed') AS confirmed,
            k.id AS package_id, k.name AS package_name, k.type AS kind, k.start_url, k.due_hours, n.state, n.number,
            n.name AS offered_name
         FROM (SELECT 1 AS one) always
         LEFT JOIN packages k ON k.key = $2
         LEFT JOIN (
            SELECT p.state, p.number, l.name
            FROM publications p JOIN publication_lines l ON l.publication_id = p.id AND l.key = $2
            WHERE p.integration_id = $1 AND p.state IN ('confirmed', 'waiting')
            ORDER BY p.number DESC LIMIT 1
         ) n ON TRUE",
        integration,
        key
    )?;
    let standing = match row.state {
        Some(PublicationState::Waiting) => PackageStanding::Offered,
        Some(_) if row.number == row.confirmed => PackageStanding::Offered,
        Some(_) => PackageStanding::Withdrawn,
        None => PackageStanding::Unknown,
    };
    Ok(Standing {
        standing,
        package_id: row.package_id,
        package_name: row.offered_name.or(row.package_name),
        kind: row.kind,
        has_start: row.start_url.is_some_and(|address| !address.is_empty()),
        due_hours: row.due_hours,
        any_confirmed: row.confirmed.is_some(),
    })
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    confirmed: Option<i64>,
    package_id: Option<PackageId>,
    package_name: Option<String>,
    kind: Option<PackageType>,
    start_url: Option<String>,
    due_hours: Option<i64>,
    state: Option<PublicationState>,
    number: Option<i64>,
    offered_name: Option<String>,
}

/// The newest one that Kombo confirmed.
pub async fn newest_confirmed(conn: &mut Conn, integration: IntegrationId) -> Result<Option<PublicationRow>, Error> {
    fetch_optional!(
        conn,
        PublicationRow,
        "SELECT * FROM publications WHERE integration_id = $1 AND state = 'confirmed' ORDER BY number DESC LIMIT 1",
        integration
    )
}

/// The newest word to Kombo: confirmed, or still on its way. A new one is compared with it.
pub async fn base(conn: &mut Conn, integration: IntegrationId) -> Result<Option<PublicationRow>, Error> {
    fetch_optional!(
        conn,
        PublicationRow,
        "SELECT * FROM publications WHERE integration_id = $1 AND state IN ('confirmed', 'waiting')
         ORDER BY number DESC LIMIT 1",
        integration
    )
}

/// The newest word to Kombo for each of these integrations that has one, with its packages in order.
pub async fn bases(
    conn: &mut Conn,
    integrations: &[IntegrationId],
) -> Result<HashMap<IntegrationId, (PublicationRow, Vec<OfferLine>)>, Error> {
    let sql = among!(
        conn,
        "SELECT * FROM publications p
         WHERE state IN ('confirmed', 'waiting')
           AND number = (
            SELECT MAX(n.number) FROM publications n
            WHERE n.integration_id = p.integration_id AND n.state IN ('confirmed', 'waiting'))
           AND integration_id",
        "$1",
        ""
    );
    let rows = fetch_all!(conn, PublicationRow, sql, id_list(integrations))?;
    let ids = rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let mut lines = lines_of(conn, &ids).await?;
    let bases = rows.into_iter().map(|row| {
        let lines = lines.remove(&row.id).unwrap_or_default();
        (row.integration_id, (row, lines))
    });
    Ok(bases.collect())
}

/// The packages that these publications list, in order.
async fn lines_of(conn: &mut Conn, ids: &[PublicationId]) -> Result<HashMap<PublicationId, Vec<OfferLine>>, Error> {
    // As in `offers::drafts`: PostgreSQL is to go to the lines of each, not through all that were ever published.
    let sql = conn.pick(
        "SELECT publication_id, key, name, description, type FROM publication_lines
         WHERE publication_id IN (SELECT unhex(value, '-') FROM json_each($1))
         ORDER BY publication_id, position",
        "SELECT line.publication_id, line.key, line.name, line.description, line.type
         FROM (SELECT CAST(value AS UUID) AS id FROM jsonb_array_elements_text(CAST($1 AS JSONB))) asked
         CROSS JOIN LATERAL (SELECT * FROM publication_lines l WHERE l.publication_id = asked.id OFFSET 0) line
         ORDER BY line.publication_id, line.position",
    );
    let rows = fetch_all!(
        conn,
        (PublicationId, String, String, String, PackageType),
        sql,
        id_list(ids)
    )?;
    let mut lines = HashMap::<_, Vec<_>>::new();
    for (id, key, name, description, kind) in rows {
        lines.entry(id).or_default().push(OfferLine {
            key,
            name,
            description,
            kind,
        });
    }
    Ok(lines)
}

/// The newest one of all.
pub async fn newest(conn: &mut Conn, integration: IntegrationId) -> Result<Option<PublicationRow>, Error> {
    fetch_optional!(
        conn,
        PublicationRow,
        "SELECT * FROM publications WHERE integration_id = $1 ORDER BY number DESC LIMIT 1",
        integration
    )
}

/// The publication; its integration was already found to be the viewer's to see.
pub async fn find(conn: &mut Conn, id: PublicationId) -> Result<Option<PublicationRow>, Error> {
    fetch_optional!(conn, PublicationRow, "SELECT * FROM publications WHERE id = $1", id)
}

/// The packages that it lists, in order.
pub async fn lines(conn: &mut Conn, id: PublicationId) -> Result<Vec<OfferLine>, Error> {
    Ok(lines_of(conn, &[id]).await?.remove(&id).unwrap_or_default())
}

/// Writes a new publication with its lines.
pub async fn insert(conn: &mut Conn, row: &PublicationRow, lines: &[OfferLine]) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO publications (id, integration_id, number, state, based_on, reason, created_by, created_at, confirmed_at,
            restores)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.id,
        row.integration_id,
        row.number,
        row.state,
        row.based_on,
        &row.reason,
        row.created_by,
        row.created_at,
        row.confirmed_at,
        row.restores
    )?;
    let numbered = (0_i64..).zip(lines).collect::<Vec<_>>();
    insert_many!(
        conn,
        "INSERT INTO publication_lines (publication_id, position, key, name, description, type) ",
        numbered.iter(),
        |b, numbered| {
            let (position, line) = numbered;
            b.push_bind(row.id)
                .push_bind(*position)
                .push_bind(&line.key)
                .push_bind(&line.name)
                .push_bind(&line.description)
                .push_bind(line.kind);
        },
        ""
    )
    .map(drop)
}

/// Moves a publication to another state, if it still waits (or was given up, and arrived after all).
pub async fn settle(
    conn: &mut Conn,
    id: PublicationId,
    state: PublicationState,
    confirmed_at: Option<Timestamp>,
) -> Result<bool, Error> {
    let settled = execute!(
        conn,
        "UPDATE publications SET state = $2, confirmed_at = $3
         WHERE id = $1 AND (state = 'waiting' OR (state = 'given_up' AND $2 <> 'given_up'))",
        id,
        state,
        confirmed_at
    )?;
    Ok(settled > 0)
}

/// Takes back every publication of the integration that has not left: the newer one says it all. One that is being sent
/// at this moment keeps its place. Says how many were replaced.
pub async fn supersede_unsent(conn: &mut Conn, integration: IntegrationId, now: Timestamp) -> Result<u64, Error> {
    execute!(
        conn,
        "UPDATE deliveries SET state = 'superseded', finished_at = $2, lease_until = NULL, version = version + 1,
            why = 'A newer publication replaces it.'
         WHERE integration_id = $1 AND kind = 'publication' AND state IN ('waiting', 'ambiguous', 'parked', 'given_up')",
        integration,
        now
    )?;
    execute!(
        conn,
        "UPDATE publications SET state = 'superseded'
         WHERE integration_id = $1 AND state = 'waiting'
           AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.publication_id = publications.id AND d.state = 'sending')",
        integration
    )
}

/// The newest delivery of a publication, and how it stands.
pub async fn delivery(conn: &mut Conn, id: PublicationId) -> Result<Option<(DeliveryId, DeliveryState)>, Error> {
    fetch_optional!(
        conn,
        (DeliveryId, DeliveryState),
        "SELECT id, state FROM deliveries WHERE publication_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1",
        id
    )
}

/// How many orders are not over of each of these packages, named by integration and key; one that is missing has none.
pub async fn open_orders(
    conn: &mut Conn,
    named: &[(IntegrationId, &str)],
) -> Result<HashMap<(IntegrationId, String), i64>, Error> {
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = conn.pick(
        "SELECT o.integration_id, o.package_key, COUNT(*) FROM json_each($1) named
         CROSS JOIN orders o ON o.integration_id = unhex(named.value ->> 0, '-') AND o.package_key = named.value ->> 1
         WHERE o.stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')
         GROUP BY o.integration_id, o.package_key",
        "SELECT o.integration_id, o.package_key, COUNT(*) FROM jsonb_array_elements(CAST($1 AS JSONB)) named(value)
         JOIN orders o ON o.integration_id = CAST(named.value ->> 0 AS UUID) AND o.package_key = named.value ->> 1
         WHERE o.stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')
         GROUP BY o.integration_id, o.package_key",
    );
    let counted = fetch_all!(
        conn,
        (IntegrationId, String, i64),
        sql,
        serde_json::json!(named).to_string()
    )?;
    Ok(counted
        .into_iter()
        .map(|(integration, key, orders)| ((integration, key), orders))
        .collect())
}

/// How many orders of these packages came to the integration after `since` and are not over.
pub async fn open_orders_since(
    conn: &mut Conn,
    integration: IntegrationId,
    keys: &[&str],
    since: Timestamp,
) -> Result<i64, Error> {
    let sql = conn.pick(
        "SELECT COUNT(*) FROM orders
         WHERE integration_id = $1 AND package_key IN (SELECT value FROM json_each($2)) AND received_at > $3
           AND stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')",
        "SELECT COUNT(*) FROM orders
         WHERE integration_id = $1 AND received_at > $3
           AND package_key IN (SELECT jsonb_array_elements_text(CAST($2 AS JSONB)))
           AND stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')",
    );
    let count = scalar!(conn, i64, sql, integration, id_list(keys), since)?;
    Ok(count.unwrap_or_default())
}

/// The history of an integration's publications, the newest first.
pub async fn history(conn: &mut Conn, integration: IntegrationId, limit: i64) -> Result<Vec<HistoryRow>, Error> {
    fetch_all!(
        conn,
        HistoryRow,
        "SELECT p.*, s.name AS staff_name,
            (SELECT COUNT(*) FROM publication_lines l WHERE l.publication_id = p.id) AS lines,
            (SELECT e.number FROM publications e WHERE e.id = p.restores) AS restored_number
         FROM publications p LEFT JOIN staff s ON s.id = p.created_by
         WHERE p.integration_id = $1 ORDER BY p.number DESC LIMIT $2",
        integration,
        limit
    )
}
