//! The list of customers, each with its health at a glance.

use crate::domain::ids::CustomerId;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::like::contains;
use crate::store::{Conn, Error};
use serde::Deserialize;

/// A customer in the list, with its health at a glance.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CustomerGlance {
    /// Our id.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// The name as it is sorted by: the first half of the key for the next page.
    pub name_folded: String,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
    /// How its integrations fare.
    #[sqlx(json)]
    pub health: Health,
    /// What colleagues tagged it with, a tag a line.
    pub tags: String,
    /// Orders that are not over.
    pub open_orders: i64,
}

/// Which customers a list shows.
#[derive(Clone, Debug, Default)]
pub struct CustomerFilter {
    /// Part of the name or of a tag; empty: all.
    pub name: String,
    /// Archived ones instead of the others.
    pub archived: bool,
}

/// Where a page of the list begins: after this name and id.
#[derive(Clone, Debug)]
pub struct After {
    /// The last row's folded name.
    pub name_folded: String,
    /// Its id.
    pub id: CustomerId,
}

/// How a customer's integrations fare, counted in one go: of those that exist, how many do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "[i64; 4]")]
pub struct Health {
    /// Integrations that exist.
    pub integrations: i64,
    /// Those of them that do not work: refused, switched off, or parked.
    pub troubled: i64,
    /// Those of them that Kombo confirmed an offer for.
    pub published: i64,
    /// Those of them that are proven from end to end.
    pub live: i64,
}

impl From<[i64; 4]> for Health {
    fn from([integrations, troubled, published, live]: [i64; 4]) -> Self {
        Self {
            integrations,
            troubled,
            published,
            live,
        }
    }
}

/// The text of [`list`]; `$array` is the engine's way to put the numbers of [`Health`] together. `$apart` ends the search for
/// names and tags: PostgreSQL is to do that first, and not while it goes through an index of all customers.
macro_rules! list {
    ($array:literal, $apart:literal) => {
        concat!(
            "SELECT c.id, c.name, c.name_folded, c.archived_at,
                (SELECT ",
            $array,
            "(COUNT(*),
                    COUNT(*) FILTER (WHERE i.state IN ('INVALID', 'INACTIVE') OR i.parked_at IS NOT NULL),
                    COUNT(*) FILTER (WHERE EXISTS (
                        SELECT 1 FROM publications p WHERE p.integration_id = i.id AND p.state = 'confirmed')),
                    COUNT(g.live_at))
                 FROM integrations i LEFT JOIN go_lives g ON g.integration_id = i.id
                 WHERE i.customer_id = c.id AND i.deleted_at IS NULL) AS health,
                COALESCE((SELECT k.tags FROM customer_cards k WHERE k.customer_id = c.id), '') AS tags,
                (SELECT CAST(COALESCE(SUM(o.orders), 0) AS BIGINT) FROM order_counts o
                 WHERE o.customer_id = c.id AND o.stage NOT IN ('completed', 'rejected', 'cancelled')) AS open_orders
             FROM (SELECT id, name, name_folded, archived_at FROM customers
                WHERE name_folded LIKE $3 ESCAPE '\\'
                   OR id IN (SELECT customer_id FROM customer_cards WHERE tags_folded <> '' AND tags_folded LIKE $3 ESCAPE '\\')",
            $apart,
            ") c
             WHERE ($1 OR c.id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
               AND (c.archived_at IS NOT NULL) = $4
               AND (c.name_folded, c.id) > ($5, $6)
             ORDER BY c.name_folded, c.id LIMIT $7"
        )
    };
}

/// The text of [`list`] on SQLite.
pub(in crate::store) const LIST: &str = list!("json_array", "");

/// A page of customers by name.
pub async fn list(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &CustomerFilter,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<CustomerGlance>, Error> {
    let (after_name, after_id) = after.map_or(("", CustomerId(uuid::Uuid::nil())), |after| {
        (after.name_folded.as_str(), after.id)
    });
    let on_postgres = if filter.name.trim().is_empty() {
        list!("json_build_array", "")
    } else {
        list!("json_build_array", " OFFSET 0")
    };
    let sql = conn.pick(LIST, on_postgres);
    fetch_all!(
        conn,
        CustomerGlance,
        sql,
        viewer.sees_all(),
        viewer.staff_id(),
        contains(&filter.name),
        filter.archived,
        after_name,
        after_id,
        limit
    )
}
