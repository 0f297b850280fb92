//! Integrations: customers' connections of their ATS, and those that belong to nobody yet.

use crate::domain::ids::{CustomerId, IntegrationId};
use crate::domain::integration::{IntegrationState, QaStatus, SetupStatus};
use crate::domain::order::Stage;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::orders::{self, OrderRow};
use crate::store::{Conn, Error, id_list};
use std::collections::{HashMap, HashSet};

/// An integration.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct IntegrationRow {
    /// Our id.
    pub id: IntegrationId,
    /// Kombo's id (`greenhouse:…`).
    pub kombo_id: String,
    /// Whose it is; `None`: unassigned.
    pub customer_id: Option<CustomerId>,
    /// The ATS (`greenhouse`).
    pub tool: String,
    /// The organisation's name as Kombo has it; empty where it was not told.
    pub organization_name: String,
    /// The customer's `origin_id` as Kombo echoes it.
    pub origin_id: Option<String>,
    /// How it fares.
    pub state: IntegrationState,
    /// Kombo's own check.
    pub qa_status: Option<QaStatus>,
    /// How far the customer's setting-up has come.
    pub setup_status: Option<SetupStatus>,
    /// The moment of the newest news: older news never undoes it.
    pub news_at: Timestamp,
    /// When Kombo was last asked about it.
    pub looked_up_at: Option<Timestamp>,
    /// Why the last look-up led to nothing, in plain words.
    pub lookup_failed: Option<String>,
    /// When it was deleted at Kombo.
    pub deleted_at: Option<Timestamp>,
    /// Since when its deliveries are parked.
    pub parked_at: Option<Timestamp>,
    /// Kombo's code that parked them.
    pub parked_code: Option<String>,
    /// Whether progress updates are sent through it; `None`: what is known of the ATS decides.
    pub send_progress: Option<bool>,
    /// Rises with every change of the draft offer, and of a package in it as an ATS shows it.
    pub offer_version: i64,
    /// When we first heard of it.
    pub created_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
}

impl IntegrationRow {
    /// One of which nothing is known but Kombo's id; the ATS is read from the id's beginning.
    pub fn unknown(id: IntegrationId, kombo_id: &str, now: Timestamp) -> Self {
        let tool = kombo_id.split_once(':').map_or("", |(tool, _)| tool);
        Self {
            id,
            kombo_id: kombo_id.to_owned(),
            customer_id: None,
            tool: tool.to_owned(),
            organization_name: String::new(),
            origin_id: None,
            state: IntegrationState::Unknown,
            qa_status: None,
            setup_status: None,
            news_at: Timestamp::EPOCH,
            looked_up_at: None,
            lookup_failed: None,
            deleted_at: None,
            parked_at: None,
            parked_code: None,
            send_progress: None,
            offer_version: 1,
            created_at: now,
            version: 1,
        }
    }
}

/// An integration that waits for a customer, with what waits with it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UnassignedRow {
    /// The integration.
    #[sqlx(flatten)]
    pub integration: IntegrationRow,
    /// Orders that came through it.
    pub orders: i64,
    /// Those of them that are not over.
    pub open_orders: i64,
}

/// The integration, if the viewer may see it. Unassigned ones are seen by those who see every customer.
pub async fn find(conn: &mut Conn, viewer: &Viewer, id: IntegrationId) -> Result<Option<IntegrationRow>, Error> {
    fetch_optional!(
        conn,
        IntegrationRow,
        "SELECT * FROM integrations
         WHERE id = $1 AND ($2 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))",
        id,
        viewer.sees_all(),
        viewer.staff_id()
    )
}

/// Which of these integrations the viewer may see.
pub async fn seen_among(
    conn: &mut Conn,
    viewer: &Viewer,
    ids: &[IntegrationId],
) -> Result<HashSet<IntegrationId>, Error> {
    let sql = among!(
        conn,
        "SELECT id FROM integrations
         WHERE ($2 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3)) AND id",
        "$1",
        ""
    );
    let rows = fetch_all!(
        conn,
        (IntegrationId,),
        sql,
        id_list(ids),
        viewer.sees_all(),
        viewer.staff_id()
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What Kombo calls these integrations.
pub async fn kombo_ids(conn: &mut Conn, ids: &[IntegrationId]) -> Result<HashMap<IntegrationId, String>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = among!(conn, "SELECT id, kombo_id FROM integrations WHERE id", "$1", "");
    let named = fetch_all!(conn, (IntegrationId, String), sql, id_list(ids))?;
    Ok(named.into_iter().collect())
}

/// The integration that Kombo calls `kombo_id`.
pub async fn find_by_kombo_id(conn: &mut Conn, kombo_id: &str) -> Result<Option<IntegrationRow>, Error> {
    fetch_optional!(
        conn,
        IntegrationRow,
        "SELECT * FROM integrations WHERE kombo_id = $1",
        kombo_id
    )
}

/// As [`find_by_kombo_id`], for something that is about to be written under it: nobody gives the integration to a customer
/// before this transaction ends, or what it writes would belong to nobody for good.
pub async fn hold_by_kombo_id(conn: &mut Conn, kombo_id: &str) -> Result<Option<IntegrationRow>, Error> {
    let sql = conn.pick(
        "SELECT * FROM integrations WHERE kombo_id = $1",
        "SELECT * FROM integrations WHERE kombo_id = $1 FOR SHARE",
    );
    fetch_optional!(conn, IntegrationRow, sql, kombo_id)
}

/// Writes a new one.
///
/// # Errors
/// [`Error::Exists`] where Kombo's id is known already.
pub async fn insert(conn: &mut Conn, row: &IntegrationRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO integrations (id, kombo_id, customer_id, tool, organization_name, origin_id, state, qa_status,
            setup_status, news_at, looked_up_at, lookup_failed, deleted_at, parked_at, parked_code, offer_version,
            created_at, version, send_progress)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        row.id,
        &row.kombo_id,
        row.customer_id,
        &row.tool,
        &row.organization_name,
        &row.origin_id,
        row.state,
        row.qa_status,
        row.setup_status,
        row.news_at,
        row.looked_up_at,
        &row.lookup_failed,
        row.deleted_at,
        row.parked_at,
        &row.parked_code,
        row.offer_version,
        row.created_at,
        row.version,
        row.send_progress
    )
    .map(drop)
}

/// Writes an integration that an order names and that nobody told us of (see [`IntegrationRow::unknown`]).
pub async fn insert_unknown(
    conn: &mut Conn,
    id: IntegrationId,
    kombo_id: &str,
    now: Timestamp,
) -> Result<IntegrationRow, Error> {
    let row = IntegrationRow::unknown(id, kombo_id, now);
    insert(conn, &row).await?;
    Ok(row)
}

/// Writes what Kombo told about it, whose it is, how its look-up went and what the provider wishes for it.
///
/// # Errors
/// [`Error::Changed`] where somebody else changed it since it was read.
pub async fn save(conn: &mut Conn, row: &mut IntegrationRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE integrations SET customer_id = $3, tool = $4, organization_name = $5, origin_id = $6, state = $7,
            qa_status = $8, setup_status = $9, news_at = $10, looked_up_at = $11, lookup_failed = $12, deleted_at = $13,
            send_progress = $14, version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        row.customer_id,
        &row.tool,
        &row.organization_name,
        &row.origin_id,
        row.state,
        row.qa_status,
        row.setup_status,
        row.news_at,
        row.looked_up_at,
        &row.lookup_failed,
        row.deleted_at,
        row.send_progress
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

/// Notes that its deliveries are parked since `at` because of Kombo's `code`; a second note changes nothing.
pub async fn park(conn: &mut Conn, id: IntegrationId, at: Timestamp, code: &str) -> Result<bool, Error> {
    let parked = execute!(
        conn,
        "UPDATE integrations SET parked_at = $2, parked_code = $3, version = version + 1
         WHERE id = $1 AND parked_at IS NULL",
        id,
        at,
        code
    )?;
    Ok(parked > 0)
}

/// Whether its deliveries are parked.
pub async fn is_parked(conn: &mut Conn, id: IntegrationId) -> Result<bool, Error> {
    let parked = scalar!(
        conn,
        IntegrationId,
        "SELECT id FROM integrations WHERE id = $1 AND parked_at IS NOT NULL",
        id
    )?;
    Ok(parked.is_some())
}

/// Notes that its deliveries are no longer parked; says whether they were.
pub async fn unpark(conn: &mut Conn, id: IntegrationId) -> Result<bool, Error> {
    let woken = execute!(
        conn,
        "UPDATE integrations SET parked_at = NULL, parked_code = NULL, version = version + 1
         WHERE id = $1 AND parked_at IS NOT NULL",
        id
    )?;
    Ok(woken > 0)
}

/// The integrations of a customer that the viewer was already found to see, oldest first.
pub async fn of_customer(conn: &mut Conn, customer: CustomerId) -> Result<Vec<IntegrationRow>, Error> {
    fetch_all!(
        conn,
        IntegrationRow,
        "SELECT * FROM integrations WHERE customer_id = $1 ORDER BY created_at, id",
        customer
    )
}

/// What belongs to nobody yet, the oldest first; nothing for a viewer who sees only some customers.
pub async fn unassigned(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<UnassignedRow>, Error> {
    fetch_all!(
        conn,
        UnassignedRow,
        "SELECT i.*,
            (SELECT COUNT(*) FROM orders o WHERE o.integration_id = i.id) AS orders,
            (SELECT COUNT(*) FROM orders o WHERE o.integration_id = i.id
                AND o.stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')) AS open_orders
         FROM integrations i WHERE i.customer_id IS NULL AND $1 ORDER BY i.created_at, i.id",
        viewer.sees_all()
    )
}

/// How many wait for a customer; 0 for a viewer who sees only some customers.
pub async fn count_unassigned(conn: &mut Conn, viewer: &Viewer) -> Result<i64, Error> {
    let count = scalar!(
        conn,
        i64,
        "SELECT COUNT(*) FROM integrations WHERE customer_id IS NULL AND $1",
        viewer.sees_all()
    )?;
    Ok(count.unwrap_or_default())
}

/// What waits for a customer under this `origin_id`.
pub async fn unassigned_with_origin(conn: &mut Conn, origin_id: &str) -> Result<Vec<IntegrationRow>, Error> {
    fetch_all!(
        conn,
        IntegrationRow,
        "SELECT * FROM integrations WHERE customer_id IS NULL AND origin_id = $1 ORDER BY created_at, id",
        origin_id
    )
}

/// Those that Kombo should be asked about: without a customer, of unknown state or parked, and not deleted.
pub async fn open_questions(conn: &mut Conn) -> Result<Vec<IntegrationRow>, Error> {
    fetch_all!(
        conn,
        IntegrationRow,
        "SELECT * FROM integrations
         WHERE (customer_id IS NULL OR state = 'UNKNOWN' OR parked_at IS NOT NULL) AND deleted_at IS NULL
         ORDER BY created_at, id"
    )
}

/// Those whose orders Kombo can be asked for: all that were not deleted.
pub async fn reachable(conn: &mut Conn) -> Result<Vec<IntegrationRow>, Error> {
    fetch_all!(
        conn,
        IntegrationRow,
        "SELECT * FROM integrations WHERE deleted_at IS NULL ORDER BY created_at, id"
    )
}

/// Gives everything that came through an unassigned integration to `customer`: orders with what hangs on them, their
/// counters, inbox rows, deliveries and audit lines. The integration's own row is [`save`]d by the caller.
///
/// Bodies that were sealed before stay under nobody's key: they can still be opened, and end with their own rows.
pub async fn assign_rows(conn: &mut Conn, integration: &IntegrationRow, customer: CustomerId) -> Result<(), Error> {
    let (id, kombo_id) = (integration.id, integration.kombo_id.as_str());
    // The stages are those of the rows as they were changed, whatever happened to them a moment before.
    let moved = fetch_all!(
        conn,
        (Stage,),
        "UPDATE orders SET customer_id = $1, version = version + 1 WHERE integration_id = $2 AND customer_id IS NULL
         RETURNING stage",
        customer,
        id
    )?;
    let moves = moved
        .into_iter()
        .flat_map(|(stage,)| [(None, stage, -1), (Some(customer), stage, 1)]);
    orders::count_all(conn, moves).await?;
    for sql in [
        "UPDATE candidates SET customer_id = $1 WHERE order_id IN (SELECT id FROM orders WHERE integration_id = $2)",
        "UPDATE results SET customer_id = $1 WHERE order_id IN (SELECT id FROM orders WHERE integration_id = $2)",
        "UPDATE files SET customer_id = $1 WHERE order_id IN (SELECT id FROM orders WHERE integration_id = $2)",
        "UPDATE links SET customer_id = $1 WHERE order_id IN (SELECT id FROM orders WHERE integration_id = $2)",
        "UPDATE deliveries SET customer_id = $1, version = version + 1 WHERE integration_id = $2",
        "UPDATE audit SET customer_id = $1
         WHERE customer_id IS NULL AND order_id IN (SELECT id FROM orders WHERE integration_id = $2)",
        "UPDATE audit SET customer_id = $1 WHERE customer_id IS NULL AND subject_id = $2",
    ] {
        execute!(conn, sql, customer, id)?;
    }
    execute!(
        conn,
        "UPDATE inbox SET customer_id = $1 WHERE integration = $2 AND customer_id IS NULL",
        customer,
        kombo_id
    )
    .map(drop)
}

/// Orders of deleted integrations that are not over and not yet flagged as unreachable.
pub async fn orders_left_behind(conn: &mut Conn, limit: i64) -> Result<Vec<OrderRow>, Error> {
    fetch_all!(
        conn,
        OrderRow,
        "SELECT o.* FROM integrations i JOIN orders o ON o.integration_id = i.id
         WHERE i.deleted_at IS NOT NULL AND NOT o.unreachable
           AND o.stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')
         ORDER BY o.id LIMIT $1",
        limit
    )
}
