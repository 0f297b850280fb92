//! Rollouts: publications for many integrations at once, and what became of each.

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, IntegrationId, PublicationId, RolloutId, StaffId};
use crate::domain::publication::PublicationState;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error};

/// A rollout.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RolloutRow {
    /// Our id.
    pub id: RolloutId,
    /// Why packages were removed; empty where none were.
    pub reason: String,
    /// Who began it.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
}

/// What became of it for one integration.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OutcomeRow {
    /// The integration.
    pub integration_id: IntegrationId,
    /// Its ATS.
    pub tool: String,
    /// The organisation's name as Kombo has it.
    pub organization_name: String,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// Why nothing was sent.
    pub why: Option<String>,
    /// The publication.
    pub publication_id: Option<PublicationId>,
    /// Its number.
    pub number: Option<i64>,
    /// How it stands.
    pub state: Option<PublicationState>,
    /// Its delivery.
    pub delivery_id: Option<DeliveryId>,
    /// How that stands.
    pub delivery_state: Option<DeliveryState>,
    /// Its version.
    pub delivery_version: Option<i64>,
    /// How often it was tried.
    pub attempts: Option<i64>,
    /// What the last attempt said.
    pub last_message: Option<String>,
}

/// A rollout in the list of the last ones.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedRollout {
    /// The rollout.
    #[sqlx(flatten)]
    pub rollout: RolloutRow,
    /// Who began it, by name.
    pub staff_name: Option<String>,
    /// How many integrations it meant.
    pub integrations: i64,
    /// How many of them Kombo has confirmed.
    pub confirmed: i64,
}

/// Writes a new one.
pub async fn insert(conn: &mut Conn, row: &RolloutRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO rollouts (id, reason, created_by, created_at) VALUES ($1, $2, $3, $4)",
        row.id,
        &row.reason,
        row.created_by,
        row.created_at
    )
    .map(drop)
}

/// Notes the publication that went to an integration.
pub async fn note_publication(
    conn: &mut Conn,
    rollout: RolloutId,
    integration: IntegrationId,
    publication: PublicationId,
) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO rollout_integrations (rollout_id, integration_id, publication_id) VALUES ($1, $2, $3)",
        rollout,
        integration,
        publication
    )
    .map(drop)
}

/// Notes why nothing went to an integration.
pub async fn note_refusal(
    conn: &mut Conn,
    rollout: RolloutId,
    integration: IntegrationId,
    why: &str,
) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO rollout_integrations (rollout_id, integration_id, why) VALUES ($1, $2, $3)",
        rollout,
        integration,
        why
    )
    .map(drop)
}

/// The rollout, where it meant a customer whom the viewer may see.
pub async fn find(conn: &mut Conn, viewer: &Viewer, id: RolloutId) -> Result<Option<RolloutRow>, Error> {
    fetch_optional!(
        conn,
        RolloutRow,
        "SELECT * FROM rollouts r
         WHERE id = $1 AND ($2 OR EXISTS (
            SELECT 1 FROM rollout_integrations ri JOIN integrations i ON i.id = ri.integration_id
            JOIN staff_customers s ON s.customer_id = i.customer_id AND s.staff_id = $3
            WHERE ri.rollout_id = r.id))",
        id,
        viewer.sees_all(),
        viewer.staff_id()
    )
}

/// What became of it for each integration that the viewer may see, by customer.
pub async fn outcomes(conn: &mut Conn, viewer: &Viewer, id: RolloutId) -> Result<Vec<OutcomeRow>, Error> {
    fetch_all!(
        conn,
        OutcomeRow,
        "SELECT ri.integration_id, i.tool, i.organization_name, c.name AS customer_name, ri.why, ri.publication_id,
            p.number, p.state, d.id AS delivery_id, d.state AS delivery_state, d.version AS delivery_version, d.attempts,
            d.last_message
         FROM rollout_integrations ri
         JOIN integrations i ON i.id = ri.integration_id
         LEFT JOIN customers c ON c.id = i.customer_id
         LEFT JOIN publications p ON p.id = ri.publication_id
         LEFT JOIN deliveries d ON d.id = (
            SELECT n.id FROM deliveries n WHERE n.publication_id = ri.publication_id
            ORDER BY n.created_at DESC, n.id DESC LIMIT 1)
         WHERE ri.rollout_id = $1
           AND ($2 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))
         ORDER BY c.name_folded, ri.integration_id",
        id,
        viewer.sees_all(),
        viewer.staff_id()
    )
}

/// The newest ones that meant a customer whom the viewer may see; what they count is the whole rollout.
pub async fn newest(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<ListedRollout>, Error> {
    fetch_all!(
        conn,
        ListedRollout,
        "SELECT r.*, s.name AS staff_name,
            (SELECT COUNT(*) FROM rollout_integrations ri WHERE ri.rollout_id = r.id) AS integrations,
            (SELECT COUNT(*) FROM rollout_integrations ri JOIN publications p ON p.id = ri.publication_id
                WHERE ri.rollout_id = r.id AND p.state = 'confirmed') AS confirmed
         FROM rollouts r LEFT JOIN staff s ON s.id = r.created_by
         WHERE $1 OR EXISTS (
            SELECT 1 FROM rollout_integrations ri JOIN integrations i ON i.id = ri.integration_id
            JOIN staff_customers sc ON sc.customer_id = i.customer_id AND sc.staff_id = $2
            WHERE ri.rollout_id = r.id)
         ORDER BY r.created_at DESC, r.id DESC LIMIT $3",
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}
