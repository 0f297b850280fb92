//! Orders whose webhook waits for a person: how many, which, and how those fared that were rejected so.

use crate::domain::ids::{CustomerId, IntegrationId, OrderId};
use crate::domain::intake::HoldElse;
use crate::domain::order::{DecidedBy, Decision, Stage};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error};

/// An order that is held, or was until a moment ago.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HeldRow {
    /// Our id.
    pub id: OrderId,
    /// Rises with every change.
    pub version: i64,
    /// Our stage.
    pub stage: Stage,
    /// Until when the webhook waits; `None`: it has its answer, or hung up.
    pub hold_until: Option<Timestamp>,
    /// Since when it waited.
    pub held_at: Timestamp,
    /// When anything of it changed last.
    pub changed_at: Timestamp,
    /// What was decided.
    pub decision: Option<Decision>,
    /// By whom.
    pub decided_by: Option<DecidedBy>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// The name of the staff member who decided.
    pub decided_name: Option<String>,
    /// Why the setting decided so; `None` where nobody and nothing did.
    pub decision_why: Option<String>,
    /// The package's name as the customer was offered it.
    pub package_name: String,
    /// Whose it is.
    pub customer_name: Option<String>,
    /// What happens when the time is up.
    pub hold_else: Option<HoldElse>,
    /// The ATS, as Kombo calls it.
    pub tool: String,
    /// The candidate's first name.
    pub first_name: Option<String>,
    /// The candidate's last name.
    pub last_name: Option<String>,
    /// The candidate's address; `None` once erased.
    pub email: Option<String>,
}

/// How many orders are held.
pub async fn count(conn: &mut Conn) -> Result<i64, Error> {
    let held = scalar!(conn, i64, "SELECT COUNT(*) FROM orders WHERE hold_until IS NOT NULL")?;
    Ok(held.unwrap_or_default())
}

/// Every order that is held, the oldest first.
pub async fn all(conn: &mut Conn) -> Result<Vec<OrderId>, Error> {
    let rows = fetch_all!(
        conn,
        (OrderId,),
        "SELECT id FROM orders WHERE hold_until IS NOT NULL ORDER BY hold_until, id"
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many orders are read at once for people to decide.
const AT_ONCE: i64 = 200;

/// The columns of a [`HeldRow`], and the rows that the viewer may see and for which `$which` holds.
macro_rules! held {
    ($which:literal) => {
        concat!(
            "SELECT o.id, o.version, o.stage, o.hold_until, o.held_at, o.changed_at,
            o.decision, o.decided_by, o.decided_at, s.name AS decided_name, o.decision_why, o.package_name,
            c.name AS customer_name, COALESCE(o.hold_else, c.hold_else) AS hold_else, i.tool, k.first_name, k.last_name, k.email
         FROM orders o
         JOIN integrations i ON i.id = o.integration_id
         LEFT JOIN customers c ON c.id = o.customer_id
         LEFT JOIN candidates k ON k.order_id = o.id
         LEFT JOIN staff s ON s.id = o.decided_staff
         WHERE ",
            $which,
            " AND ($1 OR o.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))"
        )
    };
}

/// The text of [`since`].
pub(in crate::store) const SINCE: &str = concat!(
    held!("o.held_at >= $3 AND (o.hold_until IS NOT NULL OR $4)"),
    " ORDER BY o.held_at, o.id LIMIT $5"
);

/// Orders whose webhook began to wait at `from` or later, the oldest first: those that still wait, and where `ended` says
/// so the others, too.
pub async fn since(conn: &mut Conn, viewer: &Viewer, from: Timestamp, ended: bool) -> Result<Vec<HeldRow>, Error> {
    fetch_all!(
        conn,
        HeldRow,
        SINCE,
        viewer.sees_all(),
        viewer.staff_id(),
        from,
        ended,
        AT_ONCE
    )
}

/// One order that is held or was, if the viewer may see it.
pub async fn find(conn: &mut Conn, viewer: &Viewer, id: OrderId) -> Result<Option<HeldRow>, Error> {
    fetch_optional!(
        conn,
        HeldRow,
        held!("o.held_at IS NOT NULL AND o.id = $3"),
        viewer.sees_all(),
        viewer.staff_id(),
        id
    )
}

/// How the rejections of an integration fared that were given while the ATS waited.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Confirmed {
    /// The integration.
    pub id: IntegrationId,
    /// The ATS, as Kombo calls it.
    pub tool: String,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// The customer's name.
    pub customer_name: String,
    /// For how many seconds its orders are held now.
    pub hold_seconds: i64,
    /// How many of the last ones Kombo showed an end or no end for, so that it is known whether they arrived.
    pub settled: i64,
    /// How many of those it showed as rejected.
    pub arrived: i64,
}

/// The text of [`confirmed`]. A rejection is settled once Kombo shows the order as rejected, or as something else so
/// that it was followed by a cancellation.
pub(in crate::store) const CONFIRMED: &str =
    "SELECT i.id, i.tool, c.id AS customer_id, c.name AS customer_name, c.hold_seconds,
            (SELECT COUNT(*) FROM (SELECT 1 FROM orders o
               WHERE o.integration_id = i.id AND o.held_at IS NOT NULL AND o.decision = 'reject'
                 AND (o.stage <> 'rejected' OR o.kombo_status <> 'OPEN')
               ORDER BY o.held_at DESC LIMIT $1) AS last) AS settled,
            (SELECT COUNT(*) FROM (SELECT o.kombo_status FROM orders o
               WHERE o.integration_id = i.id AND o.held_at IS NOT NULL AND o.decision = 'reject'
                 AND (o.stage <> 'rejected' OR o.kombo_status <> 'OPEN')
               ORDER BY o.held_at DESC LIMIT $1) AS last WHERE last.kombo_status = 'REJECTED') AS arrived
         FROM integrations i JOIN customers c ON c.id = i.customer_id
         WHERE c.hold_seconds > 0 AND i.deleted_at IS NULL
           AND ($2 OR c.id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))";

/// How the last `last` held rejections of each integration fared whose customer wants its orders held; by customer.
pub async fn confirmed(conn: &mut Conn, viewer: &Viewer, last: i64) -> Result<Vec<Confirmed>, Error> {
    let mut rows = fetch_all!(conn, Confirmed, CONFIRMED, last, viewer.sees_all(), viewer.staff_id())?;
    rows.sort_by(|one, other| (&one.customer_name, one.id).cmp(&(&other.customer_name, other.id)));
    Ok(rows)
}
