//! What *Today* shows beside orders: what failed or stands still elsewhere.

use crate::domain::ids::{ConnectionLinkId, CustomerId, InboxId, IntegrationId};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error};

/// An integration that stands still.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StandingIntegration {
    /// Its id.
    pub id: IntegrationId,
    /// The ATS, as Kombo calls it.
    pub tool: String,
    /// The customer's name; `None`: unassigned.
    pub customer_name: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Kombo's code, where it gave one.
    pub code: Option<String>,
}

/// A webhook that could not be read or worked in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FailedWebhook {
    /// Its place in the inbox.
    pub id: InboxId,
    /// What Kombo calls its kind.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// Why it failed.
    pub why: Option<String>,
    /// When it last came.
    pub last_at: Timestamp,
}

/// Integrations whose deliveries are parked, the longest-standing first.
pub async fn parked(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<StandingIntegration>, Error> {
    fetch_all!(
        conn,
        StandingIntegration,
        "SELECT i.id, i.tool, c.name AS customer_name, i.parked_at AS since, i.parked_code AS code
         FROM integrations i LEFT JOIN customers c ON c.id = i.customer_id
         WHERE i.parked_at IS NOT NULL AND i.deleted_at IS NULL
           AND ($1 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY i.parked_at, i.id LIMIT $3",
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}

/// Integrations whose ATS refuses the customer's credentials and whose deliveries are not parked for it, the newest news
/// first.
pub async fn refused_credentials(
    conn: &mut Conn,
    viewer: &Viewer,
    limit: i64,
) -> Result<Vec<StandingIntegration>, Error> {
    fetch_all!(
        conn,
        StandingIntegration,
        "SELECT i.id, i.tool, c.name AS customer_name, i.news_at AS since, NULL AS code
         FROM integrations i JOIN customers c ON c.id = i.customer_id
         WHERE i.state = 'INVALID' AND i.parked_at IS NULL AND i.deleted_at IS NULL
           AND ($1 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY i.news_at DESC, i.id LIMIT $3",
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}

/// Integrations that belong to no customer, the oldest first; only for those who see every customer.
pub async fn unassigned(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<StandingIntegration>, Error> {
    fetch_all!(
        conn,
        StandingIntegration,
        "SELECT id, tool, NULL AS customer_name, created_at AS since, NULL AS code
         FROM integrations WHERE customer_id IS NULL AND deleted_at IS NULL AND $1
         ORDER BY created_at, id LIMIT $2",
        viewer.sees_all(),
        limit
    )
}

/// Integrations whose newest publication was given up.
pub async fn unpublished(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<StandingIntegration>, Error> {
    fetch_all!(
        conn,
        StandingIntegration,
        "SELECT i.id, i.tool, c.name AS customer_name, p.created_at AS since,
                (SELECT d.last_code FROM deliveries d WHERE d.publication_id = p.id
                 ORDER BY d.created_at DESC LIMIT 1) AS code
         FROM publications p JOIN integrations i ON i.id = p.integration_id
         LEFT JOIN customers c ON c.id = i.customer_id
         WHERE p.state = 'given_up' AND i.deleted_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM publications n WHERE n.integration_id = p.integration_id AND n.number > p.number)
           AND ($1 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY p.created_at, p.id LIMIT $3",
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}

/// Integrations that offer a package on whose time is over, the longest first.
pub async fn overdue(
    conn: &mut Conn,
    viewer: &Viewer,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<StandingIntegration>, Error> {
    fetch_all!(
        conn,
        StandingIntegration,
        "SELECT i.id, i.tool, c.name AS customer_name, MIN(l.valid_until) AS since, NULL AS code
         FROM offer_lines l CROSS JOIN integrations i
         JOIN customers c ON c.id = i.customer_id JOIN packages k ON k.id = l.package_id
         JOIN publications p ON p.integration_id = i.id AND p.number = (
            SELECT MAX(n.number) FROM publications n
            WHERE n.integration_id = i.id AND n.state IN ('confirmed', 'waiting'))
         JOIN publication_lines pl ON pl.publication_id = p.id AND pl.key = k.key
         WHERE l.valid_until <= $3 AND i.id = l.integration_id AND i.unpublished_at IS NOT NULL
           AND i.deleted_at IS NULL AND c.archived_at IS NULL
           AND ($1 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         GROUP BY i.id, i.tool, c.name
         ORDER BY MIN(l.valid_until), i.id LIMIT $4",
        viewer.sees_all(),
        viewer.staff_id(),
        now,
        limit
    )
}

/// Integrations for which Kombo holds another offer than was published, the longest first.
pub async fn drifted(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<StandingIntegration>, Error> {
    fetch_all!(
        conn,
        StandingIntegration,
        "SELECT i.id, i.tool, c.name AS customer_name, o.differs_since AS since, NULL AS code
         FROM offer_checks o JOIN integrations i ON i.id = o.integration_id
         LEFT JOIN customers c ON c.id = i.customer_id
         WHERE o.differs_since IS NOT NULL AND i.deleted_at IS NULL
           AND ($1 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY o.differs_since, i.id LIMIT $3",
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}

/// A customer that tried to connect an ATS and did not succeed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FailedConnection {
    /// The link by which it tried.
    pub id: ConnectionLinkId,
    /// The customer.
    pub customer_id: CustomerId,
    /// Its name.
    pub customer_name: String,
    /// The ATS, as Kombo calls it.
    pub tool: String,
    /// When it last failed.
    pub at: Timestamp,
}

/// Customers that tried to connect an ATS and did not succeed, since `since` and not opened again since, the newest first.
pub async fn failed_connections(
    conn: &mut Conn,
    viewer: &Viewer,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<FailedConnection>, Error> {
    fetch_all!(
        conn,
        FailedConnection,
        "SELECT l.id, l.customer_id, c.name AS customer_name, COALESCE(l.failed_tool, '') AS tool, l.failed_at AS at
         FROM connection_links l JOIN customers c ON c.id = l.customer_id
         WHERE l.failed_at >= $3 AND l.used_at IS NULL AND l.withdrawn_at IS NULL
           AND (l.opened_at IS NULL OR l.opened_at <= l.failed_at)
           AND ($1 OR l.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY l.failed_at DESC, l.id DESC LIMIT $4",
        viewer.sees_all(),
        viewer.staff_id(),
        since,
        limit
    )
}

/// The text of [`failed_webhooks`]; it names the verdicts as its index does.
pub(in crate::store) const FAILED: &str = "SELECT id, type, why, last_at FROM inbox
         WHERE verdict NOT IN ('new_order', 'repeat', 'differs', 'integration', 'ignored')
           AND ($1 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY last_at DESC, id DESC LIMIT $3";

/// Webhooks that could not be read or worked in, the newest first.
pub async fn failed_webhooks(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<FailedWebhook>, Error> {
    fetch_all!(conn, FailedWebhook, FAILED, viewer.sees_all(), viewer.staff_id(), limit)
}
