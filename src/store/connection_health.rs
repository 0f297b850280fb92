//! How a connection fared lately: its last order, success and error.

use crate::domain::ids::{DeliveryId, IntegrationId};
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// How a connection fared lately.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// When the last order came.
    pub last_order: Option<Timestamp>,
    /// When Kombo last took something that was sent.
    pub last_success: Option<Timestamp>,
    /// What last failed of what has not arrived: when, what was said, and the delivery.
    pub last_error: Option<(Timestamp, String, DeliveryId)>,
    /// Orders that are not over.
    pub open_orders: i64,
}

/// How a connection fared lately.
pub async fn read(conn: &mut Conn, id: IntegrationId) -> Result<Health, Error> {
    // By the customer's indexes, which go by time: an integration has none of its own.
    let last_order = scalar!(
        conn,
        Timestamp,
        "SELECT o.received_at FROM integrations i JOIN orders o ON o.customer_id = i.customer_id
         WHERE i.id = $1 AND o.integration_id = i.id ORDER BY o.received_at DESC, o.id DESC LIMIT 1",
        id
    )?;
    let last_success = scalar!(
        conn,
        Option<Timestamp>,
        "SELECT d.finished_at FROM integrations i JOIN deliveries d ON d.customer_id = i.customer_id
         WHERE i.id = $1 AND d.integration_id = i.id AND d.state = 'delivered'
         ORDER BY d.created_at DESC, d.id DESC LIMIT 1",
        id
    )?;
    let last_error = fetch_optional!(conn, (Timestamp, String, DeliveryId), LAST_ERROR, id, Timestamp::FAR)?;
    let open_orders = scalar!(
        conn,
        i64,
        "SELECT COUNT(*) FROM orders
         WHERE integration_id = $1 AND stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')",
        id
    )?;
    Ok(Health {
        last_order,
        last_success: last_success.flatten(),
        last_error,
        open_orders: open_orders.unwrap_or_default(),
    })
}

/// The text that finds what last failed of what has not arrived. Each way to stand so has its own index; SQLite goes by that of
/// what waits where a moment is asked for.
pub(in crate::store) const LAST_ERROR: &str =
    "SELECT a.finished_at, COALESCE(d.last_message, ''), d.id FROM deliveries d JOIN attempts a ON a.delivery_id = d.id
     WHERE d.id IN (
        SELECT w.id FROM deliveries w WHERE w.integration_id = $1 AND w.due_at <= $2
           AND w.state IN ('waiting', 'ambiguous') AND w.kind IN ('result', 'publication')
        UNION ALL
        SELECT s.id FROM deliveries s WHERE s.integration_id = $1 AND s.state = 'sending'
        UNION ALL
        SELECT e.id FROM deliveries e WHERE e.integration_id = $1 AND e.state IN ('parked', 'given_up'))
     ORDER BY a.finished_at DESC, a.id DESC LIMIT 1";
