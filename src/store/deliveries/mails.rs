//! Mails in the outbox: claimed apart from what goes to Kombo, since neither waits for the other.

use super::DeliveryRow;
use crate::domain::delivery::{DeliveryState, MailPurpose};
use crate::domain::ids::{CustomerId, DeliveryId, OrderId};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error, id_list};

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
    let rows = fetch_all!(conn, (DeliveryId,), DUE, now, room)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The text of [`due`].
pub(in crate::store) const DUE: &str = "SELECT d.id FROM deliveries d LEFT JOIN orders o ON o.id = d.order_id
     WHERE d.state IN ('waiting', 'ambiguous') AND d.due_at <= $1 AND d.kind = 'mail'
       AND (o.id IS NULL OR (o.paused_at IS NULL AND o.stage <> 'closing'))
     ORDER BY d.due_at, d.id LIMIT $2";

/// When the next mail is due, if one waits that does not rest.
pub async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>, Error> {
    let next = scalar!(conn, Option<Timestamp>, NEXT_DUE)?;
    Ok(next.flatten())
}

/// The text of [`next_due`].
pub(in crate::store) const NEXT_DUE: &str =
    "SELECT MIN(d.due_at) FROM deliveries d LEFT JOIN orders o ON o.id = d.order_id
     WHERE d.state IN ('waiting', 'ambiguous') AND d.kind = 'mail'
       AND (o.id IS NULL OR (o.paused_at IS NULL AND o.stage <> 'closing'))";

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

/// Which mails a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct MailFilter {
    /// Only those that stand so.
    pub state: Option<DeliveryState>,
    /// Only those for this.
    pub purpose: Option<MailPurpose>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
}

/// A mail in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedMail {
    /// Our id.
    pub id: DeliveryId,
    /// How it stands.
    pub state: DeliveryState,
    /// What for.
    pub purpose: Option<MailPurpose>,
    /// The order whose candidate is written to.
    pub order_id: Option<OrderId>,
    /// That order's package.
    pub package_name: Option<String>,
    /// The candidate's first name.
    pub first_name: Option<String>,
    /// The candidate's last name.
    pub last_name: Option<String>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// Who caused it.
    pub staff_name: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// Not sent before this.
    pub due_at: Timestamp,
    /// What the last attempt said, in plain words.
    pub last_message: Option<String>,
    /// Why it stands as it does.
    pub why: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

/// The columns of a mail in a list, and where they come from.
macro_rules! listed {
    () => {
        "SELECT d.id, d.state, d.purpose, d.order_id, o.package_name, p.first_name, p.last_name, c.name AS customer_name,
            s.name AS staff_name, d.attempts, d.due_at, d.last_message, d.why, d.created_at, d.finished_at
         FROM deliveries d
         LEFT JOIN orders o ON o.id = d.order_id
         LEFT JOIN candidates p ON p.order_id = d.order_id
         LEFT JOIN customers c ON c.id = d.customer_id
         LEFT JOIN staff s ON s.id = d.created_by
         WHERE d.kind = 'mail'"
    };
}

impl MailFilter {
    /// Whether a list with this filter still shows a row that it showed before; what it is for never changes.
    pub fn still_fits(&self, row: &ListedMail) -> bool {
        self.state.is_none_or(|state| state == row.state)
    }
}

/// The texts for mails that are named by their ids.
pub(in crate::store) const AMONG: [&str; 2] = [
    concat!(
        listed!(),
        " AND ($1 OR d.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
           AND d.id IN (SELECT unhex(value, '-') FROM json_each($3))"
    ),
    concat!(
        listed!(),
        " AND ($1 OR d.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
           AND d.id IN (SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST($3 AS JSONB)))"
    ),
];

/// Those of these mails that the viewer may see, in no order.
pub async fn among(conn: &mut Conn, viewer: &Viewer, ids: &[uuid::Uuid]) -> Result<Vec<ListedMail>, Error> {
    let sql = conn.pick(AMONG[0], AMONG[1]);
    fetch_all!(
        conn,
        ListedMail,
        sql,
        viewer.sees_all(),
        viewer.staff_id(),
        id_list(ids)
    )
}

/// The text of [`page`].
pub(in crate::store) const PAGE: &str = concat!(
    listed!(),
    " AND (CAST($1 AS TEXT) IS NULL OR d.state = $1) AND (CAST($2 AS TEXT) IS NULL OR d.purpose = $2)
       AND ($3 IS NULL OR d.customer_id = $3)
       AND (d.created_at, d.id) < ($4, $5)
       AND ($6 OR d.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $7))
     ORDER BY d.created_at DESC, d.id DESC LIMIT $8"
);

/// A page of mails, the newest first, of the customers that the viewer may see.
pub async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &MailFilter,
    before: Option<(Timestamp, DeliveryId)>,
    limit: i64,
) -> Result<Vec<ListedMail>, Error> {
    let (before_at, before_id) = before.unwrap_or((Timestamp::FAR, DeliveryId(uuid::Uuid::max())));
    fetch_all!(
        conn,
        ListedMail,
        PAGE,
        filter.state,
        filter.purpose,
        filter.customer,
        before_at,
        before_id,
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}
