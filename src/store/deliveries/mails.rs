//! Mails in the outbox: claimed apart from what goes to Kombo, since neither waits for the other.

use super::DeliveryRow;
use crate::domain::ids::{DeliveryId, OrderId};
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// The ids of the mails that are due now, the earliest first: no more than makes `most` under way at once. The mails of
/// an order that is paused or being closed rest.
pub async fn due(conn: &mut Conn, now: Timestamp, most: i64) -> Result<Vec<DeliveryId>, Error> {
    let sending = scalar!(
        conn,
        i64,
        "SELECT COUNT(*) FROM deliveries WHERE state = 'sending' AND kind = 'mail'"
    )?;
    let room = most - sending.unwrap_or_default();
    if room <= 0 {
        return Ok(Vec::new());
    }
    let rows = fetch_all!(
        conn,
        (DeliveryId,),
        "SELECT d.id FROM deliveries d LEFT JOIN orders o ON o.id = d.order_id
         WHERE d.state IN ('waiting', 'ambiguous') AND d.due_at <= $1 AND d.kind = 'mail'
           AND (o.id IS NULL OR (o.paused_at IS NULL AND o.stage <> 'closing'))
         ORDER BY d.due_at, d.id LIMIT $2",
        now,
        room
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// When the next mail is due, if one waits that does not rest.
pub async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>, Error> {
    let next = scalar!(
        conn,
        Option<Timestamp>,
        "SELECT MIN(d.due_at) FROM deliveries d LEFT JOIN orders o ON o.id = d.order_id
         WHERE d.state IN ('waiting', 'ambiguous') AND d.kind = 'mail'
           AND (o.id IS NULL OR (o.paused_at IS NULL AND o.stage <> 'closing'))"
    )?;
    Ok(next.flatten())
}

/// Takes back what waits for an order's candidate; says how many mails there were.
pub async fn withdraw(conn: &mut Conn, order: OrderId, why: &str, now: Timestamp) -> Result<u64, Error> {
    end(conn, order, "withdrawn", why, now).await
}

/// Marks what waits for an order's candidate as replaced by a newer mail; says how many there were.
pub async fn supersede(conn: &mut Conn, order: OrderId, why: &str, now: Timestamp) -> Result<u64, Error> {
    end(conn, order, "superseded", why, now).await
}

async fn end(conn: &mut Conn, order: OrderId, state: &'static str, why: &str, now: Timestamp) -> Result<u64, Error> {
    execute!(
        conn,
        "UPDATE deliveries SET state = $2, why = $3, finished_at = $4, version = version + 1
         WHERE order_id = $1 AND kind = 'mail' AND state IN ('waiting', 'ambiguous')",
        order,
        state,
        why,
        now
    )
}

/// The newest mail to an order's candidate.
pub async fn newest_of_order(conn: &mut Conn, order: OrderId) -> Result<Option<DeliveryRow>, Error> {
    fetch_optional!(
        conn,
        DeliveryRow,
        "SELECT * FROM deliveries WHERE order_id = $1 AND kind = 'mail' ORDER BY created_at DESC, id DESC LIMIT 1",
        order
    )
}

/// Removes the bodies of mails that were over before `until`; says how many went.
pub async fn drop_bodies(conn: &mut Conn, until: Timestamp, limit: i64) -> Result<u64, Error> {
    execute!(
        conn,
        "UPDATE deliveries SET body = NULL WHERE id IN (
            SELECT id FROM deliveries WHERE kind = 'mail' AND body IS NOT NULL AND finished_at < $1 LIMIT $2)",
        until,
        limit
    )
}
