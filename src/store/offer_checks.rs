//! What comparing offers with what Kombo holds came to, the last time for each integration.

use crate::domain::ids::{IntegrationId, PublicationId};
use crate::domain::time::Timestamp;
use crate::store::integrations::IntegrationRow;
use crate::store::{Conn, Error};

/// The last comparison of an integration's offer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OfferCheck {
    /// The integration.
    pub integration_id: IntegrationId,
    /// What Kombo should hold: the newest publication that it had confirmed.
    pub publication_id: PublicationId,
    /// When Kombo was asked.
    pub checked_at: Timestamp,
    /// How many packages were missing there, strange, or not as they were published.
    pub differences: i64,
    /// Since when there have been some.
    pub differs_since: Option<Timestamp>,
    /// Why Kombo could not be asked; then the rest is as it was known before.
    pub failed: Option<String>,
}

impl OfferCheck {
    /// Kombo holds just what was published.
    pub fn agreeing(integration: IntegrationId, publication: PublicationId, at: Timestamp) -> Self {
        Self {
            integration_id: integration,
            publication_id: publication,
            checked_at: at,
            differences: 0,
            differs_since: None,
            failed: None,
        }
    }
}

/// The last comparison, where there was one.
pub async fn find(conn: &mut Conn, integration: IntegrationId) -> Result<Option<OfferCheck>, Error> {
    fetch_optional!(
        conn,
        OfferCheck,
        "SELECT * FROM offer_checks WHERE integration_id = $1",
        integration
    )
}

/// Writes down what a comparison came to, instead of the one before.
pub async fn note(conn: &mut Conn, check: &OfferCheck) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO offer_checks (integration_id, publication_id, checked_at, differences, differs_since, failed)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (integration_id) DO UPDATE SET publication_id = excluded.publication_id,
            checked_at = excluded.checked_at, differences = excluded.differences,
            differs_since = excluded.differs_since, failed = excluded.failed",
        check.integration_id,
        check.publication_id,
        check.checked_at,
        check.differences,
        check.differs_since,
        &check.failed
    )
    .map(drop)
}

/// Integrations with a confirmed offer that was not compared since `before` (where Kombo could not be asked: since
/// `failed_before`), those never compared first. What is parked, deleted or out of order at Kombo is left alone, and so is
/// what has a publication under way.
pub async fn due(
    conn: &mut Conn,
    before: Timestamp,
    failed_before: Timestamp,
    limit: i64,
) -> Result<Vec<IntegrationRow>, Error> {
    fetch_all!(
        conn,
        IntegrationRow,
        "SELECT i.* FROM integrations i LEFT JOIN offer_checks c ON c.integration_id = i.id
         WHERE i.customer_id IS NOT NULL AND i.deleted_at IS NULL AND i.parked_at IS NULL AND i.state = 'ACTIVE'
           AND (c.checked_at IS NULL OR c.checked_at <= CASE WHEN c.failed IS NULL THEN $1 ELSE $2 END)
           AND EXISTS (SELECT 1 FROM publications p WHERE p.integration_id = i.id AND p.state = 'confirmed')
           AND NOT EXISTS (SELECT 1 FROM publications p WHERE p.integration_id = i.id AND p.state = 'waiting')
         ORDER BY (c.checked_at IS NOT NULL), c.checked_at, i.id LIMIT $3",
        before,
        failed_before,
        limit
    )
}
