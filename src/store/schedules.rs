//! Drafts that are to be published later: at most one for each integration.

use crate::domain::ids::{IntegrationId, PublicationId, StaffId};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::today::StandingIntegration;
use crate::store::{Conn, Error};

/// A draft that is to be published later, as somebody saw it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ScheduledRow {
    /// Whose draft.
    pub integration_id: IntegrationId,
    /// When.
    pub due_at: Timestamp,
    /// The version of the draft that was seen.
    pub offer_version: i64,
    /// The publication that the shown difference was made against.
    pub based_on: Option<PublicationId>,
    /// Why packages are removed.
    pub reason: String,
    /// That nothing is to be offered any more was confirmed.
    pub empty_confirmed: bool,
    /// What goes then goes even if orders came for it in the meantime.
    pub whatever_orders: bool,
    /// Who said so.
    pub created_by: Option<StaffId>,
    /// When they did.
    pub created_at: Timestamp,
    /// When it could not be published.
    pub failed_at: Option<Timestamp>,
    /// Why not.
    pub failed: Option<String>,
}

impl ScheduledRow {
    /// Whether draft and newest word to Kombo are still what was seen: otherwise it will not be published.
    pub fn holds(&self, offer_version: i64, base: Option<PublicationId>) -> bool {
        self.offer_version == offer_version && self.based_on == base
    }
}

/// What is to be published later for this integration, which the viewer was already found to see.
pub async fn find(conn: &mut Conn, integration: IntegrationId) -> Result<Option<ScheduledRow>, Error> {
    fetch_optional!(
        conn,
        ScheduledRow,
        "SELECT * FROM scheduled_publications WHERE integration_id = $1",
        integration
    )
}

/// Writes it down, in place of an earlier one.
pub async fn save(conn: &mut Conn, row: &ScheduledRow) -> Result<(), Error> {
    remove(conn, row.integration_id).await?;
    execute!(
        conn,
        "INSERT INTO scheduled_publications (integration_id, due_at, offer_version, based_on, reason, empty_confirmed,
            whatever_orders, created_by, created_at, failed_at, failed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        row.integration_id,
        row.due_at,
        row.offer_version,
        row.based_on,
        &row.reason,
        row.empty_confirmed,
        row.whatever_orders,
        row.created_by,
        row.created_at,
        row.failed_at,
        row.failed.as_deref()
    )
    .map(drop)
}

/// Calls it off; says whether there was one.
pub async fn remove(conn: &mut Conn, integration: IntegrationId) -> Result<bool, Error> {
    let removed = execute!(
        conn,
        "DELETE FROM scheduled_publications WHERE integration_id = $1",
        integration
    )?;
    Ok(removed > 0)
}

/// Another publication took the place of the one that was seen, without a change that anybody has to look at.
pub async fn rebase(
    conn: &mut Conn,
    integration: IntegrationId,
    was: Option<PublicationId>,
    is: PublicationId,
) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE scheduled_publications SET based_on = $3
         WHERE integration_id = $1 AND failed_at IS NULL AND (based_on = $2 OR (based_on IS NULL AND $2 IS NULL))",
        integration,
        was,
        is
    )
    .map(drop)
}

/// What is due, the longest first.
pub async fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<ScheduledRow>, Error> {
    fetch_all!(
        conn,
        ScheduledRow,
        "SELECT * FROM scheduled_publications WHERE failed_at IS NULL AND due_at <= $1
         ORDER BY due_at, integration_id LIMIT $2",
        now,
        limit
    )
}

/// Integrations whose draft could not be published when it was due, the longest first.
pub async fn failed(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<StandingIntegration>, Error> {
    fetch_all!(
        conn,
        StandingIntegration,
        "SELECT i.id, i.tool, c.name AS customer_name, s.failed_at AS since, NULL AS code
         FROM scheduled_publications s JOIN integrations i ON i.id = s.integration_id
         LEFT JOIN customers c ON c.id = i.customer_id
         WHERE s.failed_at IS NOT NULL AND i.deleted_at IS NULL
           AND ($1 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY s.failed_at, i.id LIMIT $3",
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}
