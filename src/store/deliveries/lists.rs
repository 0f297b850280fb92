//! What the outbox's screens read.

use super::DeliveryRow;
use crate::domain::delivery::{DeliveryKind, DeliveryState, MailPurpose};
use crate::domain::ids::{CustomerId, DeliveryId, IntegrationId, OrderId};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error, id_list};
use uuid::Uuid;

/// Which deliveries a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveryFilter {
    /// Only those that stand so.
    pub state: Option<DeliveryState>,
    /// Only this kind.
    pub kind: Option<DeliveryKind>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
}

/// A delivery in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedDelivery {
    /// Our id.
    pub id: DeliveryId,
    /// What kind of thing.
    pub kind: DeliveryKind,
    /// Mails: what for.
    pub purpose: Option<MailPurpose>,
    /// How it stands.
    pub state: DeliveryState,
    /// The order it belongs to.
    pub order_id: Option<OrderId>,
    /// That order's package.
    pub package_name: Option<String>,
    /// The final word: `COMPLETED` or `CANCELLED`.
    pub final_status: Option<String>,
    /// The integration it goes through.
    pub integration_id: Option<IntegrationId>,
    /// That integration's ATS.
    pub tool: Option<String>,
    /// The publication's number.
    pub publication_number: Option<i64>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// Not sent before this.
    pub due_at: Timestamp,
    /// What the last attempt said, in plain words.
    pub last_message: Option<String>,
    /// Why it stands as it does.
    pub why: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

/// An integration whose deliveries are parked.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ParkedIntegration {
    /// The integration.
    pub id: IntegrationId,
    /// Its ATS.
    pub tool: String,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// Since when; none where it was deleted before anything was refused.
    pub parked_at: Option<Timestamp>,
    /// Kombo's code.
    pub parked_code: Option<String>,
    /// It was deleted: nothing can be sent any more.
    pub deleted_at: Option<Timestamp>,
    /// How many deliveries wait.
    pub deliveries: i64,
}

/// The columns of a delivery in a list, and where they come from.
macro_rules! listed {
    () => {
        "SELECT d.id, d.kind, d.purpose, d.state, d.order_id, o.package_name, d.final_status, d.integration_id, i.tool,
            p.number AS publication_number, c.name AS customer_name, d.attempts, d.due_at, d.last_message, d.why,
            d.created_at, d.finished_at
         FROM deliveries d
         LEFT JOIN orders o ON o.id = d.order_id
         LEFT JOIN integrations i ON i.id = d.integration_id
         LEFT JOIN publications p ON p.id = d.publication_id
         LEFT JOIN customers c ON c.id = d.customer_id"
    };
}

impl DeliveryFilter {
    /// Whether a list with this filter still shows a row that it showed before; whose it is never changes.
    pub fn still_fits(&self, row: &ListedDelivery) -> bool {
        self.state.is_none_or(|state| state == row.state) && self.kind.is_none_or(|kind| kind == row.kind)
    }
}

/// The texts for deliveries that are named by their ids.
pub(in crate::store) const AMONG: [&str; 2] = [
    concat!(
        listed!(),
        " WHERE ($1 OR d.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
           AND d.id IN (SELECT unhex(value, '-') FROM json_each($3))"
    ),
    concat!(
        listed!(),
        " WHERE ($1 OR d.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
           AND d.id IN (SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST($3 AS JSONB)))"
    ),
];

/// Those of these deliveries that the viewer may see, in no order.
pub async fn among(conn: &mut Conn, viewer: &Viewer, ids: &[Uuid]) -> Result<Vec<ListedDelivery>, Error> {
    let sql = conn.pick(AMONG[0], AMONG[1]);
    fetch_all!(
        conn,
        ListedDelivery,
        sql,
        viewer.sees_all(),
        viewer.staff_id(),
        id_list(ids)
    )
}

/// The page's text behind an index that begins with `$lead`.
macro_rules! page_of {
    ($lead:literal) => {
        concat!(
            listed!(),
            " WHERE (CAST($1 AS TEXT) IS NULL OR d.state = $1) AND (CAST($2 AS TEXT) IS NULL OR d.kind = $2)
               AND ($3 IS NULL OR d.customer_id = $3)
               AND (d.created_at, d.id) < ($4, $5)
               AND ($6 OR d.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $7))",
            $lead,
            " ORDER BY d.created_at DESC, d.id DESC LIMIT $8"
        )
    };
}

/// The text that begins at the index which leaves the least to be looked through.
pub(in crate::store) const fn page_text(filter: &DeliveryFilter) -> &'static str {
    match (filter.state, filter.customer) {
        (Some(_), _) => page_of!(" AND d.state = $1"),
        (None, Some(_)) => page_of!(" AND d.customer_id = $3"),
        (None, None) => page_of!(""),
    }
}

/// A page of deliveries, the newest first, of the customers that the viewer may see.
pub async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &DeliveryFilter,
    before: Option<(Timestamp, DeliveryId)>,
    limit: i64,
) -> Result<Vec<ListedDelivery>, Error> {
    let (before_at, before_id) = before.unwrap_or((Timestamp::FAR, DeliveryId(uuid::Uuid::max())));
    fetch_all!(
        conn,
        ListedDelivery,
        page_text(filter),
        filter.state,
        filter.kind,
        filter.customer,
        before_at,
        before_id,
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}

/// One delivery, if the viewer may see it.
pub async fn find_seen(conn: &mut Conn, viewer: &Viewer, id: DeliveryId) -> Result<Option<DeliveryRow>, Error> {
    fetch_optional!(
        conn,
        DeliveryRow,
        "SELECT * FROM deliveries
         WHERE id = $1 AND ($2 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))",
        id,
        viewer.sees_all(),
        viewer.staff_id()
    )
}

/// The integrations for which something is parked, the longest first.
pub async fn parked(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<ParkedIntegration>, Error> {
    fetch_all!(
        conn,
        ParkedIntegration,
        "SELECT i.id, i.tool, c.name AS customer_name, i.parked_at, i.parked_code, i.deleted_at,
            COUNT(*) AS deliveries
         FROM deliveries d JOIN integrations i ON i.id = d.integration_id LEFT JOIN customers c ON c.id = i.customer_id
         WHERE d.state = 'parked'
           AND ($1 OR i.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         GROUP BY i.id, i.tool, c.name, i.parked_at, i.parked_code, i.deleted_at
         ORDER BY i.parked_at, i.id",
        viewer.sees_all(),
        viewer.staff_id()
    )
}
