//! Integrations whose draft offer may differ from the newest word to Kombo, and since when.
//!
//! The mark is written with every change, so that nobody has to compare every offer of the house. It may outlast the
//! difference, where a package of the catalogue was changed and changed back: who shows it compares once more.

use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::integrations::IntegrationRow;
use crate::store::like::contains;
use crate::store::{Conn, Error, id_list};
use uuid::Uuid;

/// Marks an integration since `now`, or since earlier where it is marked already; `differs` is false: takes the mark off.
pub async fn mark(conn: &mut Conn, id: IntegrationId, differs: bool, now: Timestamp) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE integrations SET unpublished_at = CASE WHEN $2 THEN COALESCE(unpublished_at, $3) END WHERE id = $1",
        id,
        differs,
        now
    )
    .map(drop)
}

/// Marks every integration whose draft has one of these packages. Their drafts have another version then: nobody publishes
/// what a package has become without having seen it.
pub async fn mark_with_packages(conn: &mut Conn, packages: &[PackageId], now: Timestamp) -> Result<(), Error> {
    let sql = among!(
        conn,
        "UPDATE integrations SET unpublished_at = COALESCE(unpublished_at, $2), offer_version = offer_version + 1
         WHERE id IN (SELECT integration_id FROM offer_lines WHERE package_id",
        "$1",
        ")"
    );
    execute!(conn, sql, id_list(packages), now).map(drop)
}

/// Which of them a page shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the customer's name; empty: all.
    pub customer: String,
    /// Only those whose draft has this package.
    pub package: Option<PackageId>,
}

/// Where a page begins: after this customer's name and this integration.
#[derive(Clone, Debug)]
pub struct After {
    /// The last row's customer, folded.
    pub name_folded: String,
    /// Its integration.
    pub id: IntegrationId,
}

/// An integration that may be published to, with whose it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UnpublishedRow {
    /// The integration.
    #[sqlx(flatten)]
    pub integration: IntegrationRow,
    /// The customer's name.
    pub customer_name: String,
    /// When it is to be published, where somebody chose a time and the draft is what they saw.
    pub scheduled_at: Option<Timestamp>,
}

/// Those that the viewer may see, by customer: without archived customers and deleted integrations.
pub async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<UnpublishedRow>, Error> {
    let (after_name, after_id) = after.map_or(("", IntegrationId(Uuid::nil())), |after| {
        (after.name_folded.as_str(), after.id)
    });
    fetch_all!(
        conn,
        UnpublishedRow,
        "SELECT i.*, c.name AS customer_name, s.due_at AS scheduled_at
         FROM integrations i JOIN customers c ON c.id = i.customer_id
         LEFT JOIN scheduled_publications s ON s.integration_id = i.id AND s.failed_at IS NULL
            AND s.offer_version = i.offer_version
         WHERE i.unpublished_at IS NOT NULL AND i.deleted_at IS NULL AND c.archived_at IS NULL
           AND ($1 OR c.id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
           AND c.name_folded LIKE $3 ESCAPE '\\'
           AND ($4 IS NULL OR EXISTS (
            SELECT 1 FROM offer_lines l WHERE l.package_id = $4 AND l.integration_id = i.id))
           AND (c.name_folded, i.id) > ($5, $6)
         ORDER BY c.name_folded, i.id LIMIT $7",
        viewer.sees_all(),
        viewer.staff_id(),
        contains(&filter.customer),
        filter.package,
        after_name,
        after_id,
        limit
    )
}

/// Up to how many are counted: enough to say that there is much to do, whatever the size of the house.
pub const COUNTED: i64 = 100;

/// How many the viewer may see, of all or of those whose draft has a package; one more than [`COUNTED`] says: more.
pub async fn count(conn: &mut Conn, viewer: &Viewer, package: Option<PackageId>) -> Result<i64, Error> {
    let count = scalar!(
        conn,
        i64,
        "SELECT COUNT(*) FROM (
            SELECT 1 FROM integrations i
            WHERE i.unpublished_at IS NOT NULL AND i.deleted_at IS NULL
              AND i.customer_id IS NOT NULL
              AND i.customer_id NOT IN (SELECT c.id FROM customers c WHERE c.archived_at IS NOT NULL)
              AND ($1 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
              AND ($3 IS NULL OR EXISTS (
                SELECT 1 FROM offer_lines l WHERE l.package_id = $3 AND l.integration_id = i.id))
            LIMIT $4) AS counted",
        viewer.sees_all(),
        viewer.staff_id(),
        package,
        COUNTED + 1
    )?;
    Ok(count.unwrap_or_default())
}
