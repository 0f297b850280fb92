//! Which integrations are proven from end to end, and what each still lacks.

use crate::domain::ids::{CustomerId, IntegrationId, OrderId};
use crate::domain::order::{KomboStatus, Source};
use crate::domain::time::Timestamp;
use crate::store::integrations::IntegrationRow;
use crate::store::orders::OrderRow;
use crate::store::{Conn, Error};
use std::collections::HashSet;

/// A text about completed orders, for SQLite and for PostgreSQL. The `+` keeps SQLite, which has no statistics, from the index
/// of stages, by which it would look through all that is completed in the house.
macro_rules! of_completed {
    ($before:literal, $behind:literal) => {
        [
            concat!($before, " +o.stage = 'completed' ", $behind),
            concat!($before, " o.stage = 'completed' ", $behind),
        ]
    };
}

/// A finished order that proves an integration.
pub(super) const PROOF: [&str; 2] = of_completed!(
    "SELECT o.* FROM orders o WHERE o.integration_id = $1 AND",
    "AND o.source = 'webhook' AND o.decision = 'accept'
       AND EXISTS (SELECT 1 FROM deliveries d WHERE d.order_id = o.id AND d.kind = 'result'
            AND d.final_status = 'COMPLETED' AND d.state = 'delivered')
     LIMIT 1"
);

/// Some of the integrations that a finished order may prove.
pub(super) const DUE: [&str; 2] = of_completed!(
    "SELECT i.* FROM integrations i LEFT JOIN go_lives g ON g.integration_id = i.id
     WHERE i.customer_id IS NOT NULL AND i.deleted_at IS NULL AND i.parked_at IS NULL AND i.state = 'ACTIVE'
       AND g.live_at IS NULL AND (g.read_at IS NULL OR g.read_at <= $1)
       AND EXISTS (SELECT 1 FROM orders o WHERE o.integration_id = i.id AND",
    ") ORDER BY random() LIMIT $2"
);

/// What reading an integration's proof back came to, and since when it is live.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct GoLiveRow {
    /// The integration.
    pub integration_id: IntegrationId,
    /// The order that Kombo was asked for.
    pub order_id: Option<OrderId>,
    /// When Kombo was last asked for it.
    pub read_at: Option<Timestamp>,
    /// What Kombo showed; `None`: it was not there, or Kombo could not be asked.
    pub read_status: Option<KomboStatus>,
    /// Why Kombo could not be asked, in plain words.
    pub read_failed: Option<String>,
    /// The checklist of the moment in which all of it was proven, as JSON.
    pub evidence: Option<String>,
    /// Since when all is proven.
    pub live_at: Option<Timestamp>,
}

/// What is known of an integration's proof, where anything is.
pub async fn find(conn: &mut Conn, id: IntegrationId) -> Result<Option<GoLiveRow>, Error> {
    fetch_optional!(conn, GoLiveRow, "SELECT * FROM go_lives WHERE integration_id = $1", id)
}

/// The order that proves an integration: one that came by its webhook and whose result Kombo took. Where there is none
/// yet, the one of the first few that has come furthest.
pub async fn proof(conn: &mut Conn, id: IntegrationId) -> Result<Option<OrderRow>, Error> {
    let finished = fetch_optional!(conn, OrderRow, conn.pick(PROOF[0], PROOF[1]), id)?;
    if finished.is_some() {
        return Ok(finished);
    }
    let live = fetch_all!(
        conn,
        OrderRow,
        "SELECT * FROM orders
         WHERE integration_id = $1 AND stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')
         ORDER BY id LIMIT 20",
        id
    )?;
    let furthest = live.into_iter().filter(|order| order.source == Source::Webhook);
    // The first of those that have come equally far.
    Ok(furthest.min_by_key(|order| std::cmp::Reverse(order.stage)))
}

/// Whether an order came that only Kombo's list told.
pub async fn has_listed_orders(conn: &mut Conn, id: IntegrationId) -> Result<bool, Error> {
    let listed = scalar!(
        conn,
        OrderId,
        "SELECT id FROM orders WHERE integration_id = $1 AND source = 'list' LIMIT 1",
        id
    )?;
    Ok(listed.is_some())
}

/// When Kombo took the result of an order.
pub async fn written_back_at(conn: &mut Conn, order: OrderId) -> Result<Option<Timestamp>, Error> {
    let at = scalar!(
        conn,
        Option<Timestamp>,
        "SELECT finished_at FROM deliveries
         WHERE order_id = $1 AND kind = 'result' AND final_status = 'COMPLETED' AND state = 'delivered'
         ORDER BY created_at DESC, id DESC LIMIT 1",
        order
    )?;
    Ok(at.flatten())
}

/// Writes down what Kombo showed of the order that is to prove an integration.
pub async fn note_read(conn: &mut Conn, row: &GoLiveRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO go_lives (integration_id, order_id, read_at, read_status, read_failed)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (integration_id) DO UPDATE SET order_id = excluded.order_id, read_at = excluded.read_at,
            read_status = excluded.read_status, read_failed = excluded.read_failed
         WHERE go_lives.live_at IS NULL",
        row.integration_id,
        row.order_id,
        row.read_at,
        row.read_status,
        &row.read_failed
    )
    .map(drop)
}

/// Writes down that all is proven, and how; says whether that was new.
pub async fn set_live(conn: &mut Conn, id: IntegrationId, at: Timestamp, evidence: &str) -> Result<bool, Error> {
    let set = execute!(
        conn,
        "UPDATE go_lives SET live_at = $2, evidence = $3 WHERE integration_id = $1 AND live_at IS NULL",
        id,
        at,
        evidence
    )?;
    Ok(set > 0)
}

/// Which of a customer's integrations are live.
pub async fn live_of_customer(conn: &mut Conn, customer: CustomerId) -> Result<HashSet<IntegrationId>, Error> {
    let rows = fetch_all!(
        conn,
        (IntegrationId,),
        "SELECT g.integration_id FROM integrations i JOIN go_lives g ON g.integration_id = i.id
         WHERE i.customer_id = $1 AND g.live_at IS NOT NULL",
        customer
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Some of the integrations that are not live yet and have a finished order that may prove them; where it was read back,
/// not again before `read_before`. In no order, so that none that cannot be proven keeps the others waiting.
pub async fn due(conn: &mut Conn, read_before: Timestamp, limit: i64) -> Result<Vec<IntegrationRow>, Error> {
    fetch_all!(conn, IntegrationRow, conn.pick(DUE[0], DUE[1]), read_before, limit)
}
