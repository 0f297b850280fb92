//! The numbers that stand beside the rail's entries on every page: kept counters and narrow indexes, nothing counted.

use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error};

/// What waits where.
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct Numbers {
    /// Orders that are not over.
    pub open_orders: i64,
    /// Integrations without a customer.
    pub unassigned: i64,
    /// Webhooks that could not be read.
    pub inbox_alerts: i64,
    /// Deliveries that need a person.
    pub outbox_alerts: i64,
}

/// How the reconciler's last finished comparison of open orders went.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LastCheck {
    /// When it finished.
    pub finished_at: Timestamp,
    /// Why Kombo could not be asked, where it could not.
    pub error: Option<String>,
}

/// The text of [`numbers`].
pub(in crate::store) const NUMBERS: &str = "SELECT
    CAST(COALESCE(CASE WHEN $1
        THEN (SELECT SUM(orders) FROM order_counts WHERE stage NOT IN ('completed', 'rejected', 'cancelled'))
        ELSE (SELECT SUM(k.orders) FROM staff_customers s CROSS JOIN order_counts k
              WHERE s.staff_id = $2 AND k.customer_id = s.customer_id
                AND k.stage NOT IN ('completed', 'rejected', 'cancelled'))
     END, 0) AS BIGINT) AS open_orders,
    (SELECT COUNT(*) FROM integrations WHERE customer_id IS NULL AND deleted_at IS NULL AND $1) AS unassigned,
    (SELECT COUNT(*) FROM inbox WHERE verdict IN ('unreadable', 'failed')
       AND ($1 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))) AS inbox_alerts,
    (SELECT COUNT(*) FROM deliveries WHERE state = 'parked'
       AND ($1 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2)))
    + (SELECT COUNT(*) FROM orders WHERE stuck AND stage = 'closing'
       AND ($1 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))) AS outbox_alerts";

/// What waits where, of the customers that `viewer` may see.
pub async fn numbers(conn: &mut Conn, viewer: &Viewer) -> Result<Numbers, Error> {
    fetch_one!(conn, Numbers, NUMBERS, viewer.sees_all(), viewer.staff_id())
}

/// The reconciler's last finished comparison of open orders.
pub async fn last_check(conn: &mut Conn) -> Result<Option<LastCheck>, Error> {
    fetch_optional!(
        conn,
        LastCheck,
        "SELECT finished_at, error FROM reconciler_runs
         WHERE pass = 'open' AND finished_at IS NOT NULL ORDER BY started_at DESC, id DESC LIMIT 1"
    )
}
