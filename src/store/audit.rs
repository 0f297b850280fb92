//! The audit trail: who did what to what, when. Also an order's timeline.

use crate::domain::ids::{AuditId, CustomerId, OrderId, StaffId};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error, Writes};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

/// A line to be written. `detail` holds field names, plain values that are not personal, and keyed digests.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What kind of actor (`staff`, `system`, `rule`, `kombo`, `candidate`, `command`).
    pub actor: &'static str,
    /// Which staff member, where one acted.
    pub staff_id: Option<StaffId>,
    /// What was done, e.g. `order.accepted`.
    pub action: &'static str,
    /// What kind of thing it was done to, e.g. `order`.
    pub subject: &'static str,
    /// Which one.
    pub subject_id: Option<Uuid>,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// The order in whose timeline the line stands.
    pub order_id: Option<OrderId>,
    /// What else is worth knowing, nothing personal.
    pub detail: Value,
}

/// A line as it is read, with the name of the staff member.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Line {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What kind of actor.
    pub actor: String,
    /// Which staff member.
    pub staff_id: Option<StaffId>,
    /// The staff member's name.
    pub staff_name: Option<String>,
    /// What was done.
    pub action: String,
    /// What kind of thing it was done to.
    pub subject: String,
    /// Which one.
    pub subject_id: Option<Uuid>,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// The order in whose timeline the line stands.
    pub order_id: Option<OrderId>,
    /// What else is worth knowing.
    pub detail: Json<Value>,
}

/// How many lines go into one statement.
const PIECE: usize = 128;

/// Writes lines.
pub async fn insert_many(conn: &mut Conn, lines: &[NewLine]) -> Result<(), Error> {
    for piece in lines.chunks(PIECE) {
        let mut writes = Writes::new(conn, 0);
        push_many(&mut writes, &piece.iter().collect::<Vec<_>>());
        writes.run(conn).await?;
    }
    Ok(())
}

/// Adds lines.
pub fn push_many(writes: &mut Writes, lines: &[&NewLine]) {
    push_rows!(
        writes,
        "INSERT INTO audit (id, at, actor, staff_id, action, subject, subject_id, customer_id, order_id, detail) ",
        lines.iter(),
        |b, line| {
            b.push_bind(line.id)
                .push_bind(line.at)
                .push_bind(line.actor)
                .push_bind(line.staff_id)
                .push_bind(line.action)
                .push_bind(line.subject)
                .push_bind(line.subject_id)
                .push_bind(line.customer_id)
                .push_bind(line.order_id)
                .push_bind(Json(&line.detail));
        },
        ""
    );
}

/// Reads lines: which, and in what order.
macro_rules! lines {
    ($which:literal) => {
        concat!(
            "SELECT a.id, a.at, a.actor, a.staff_id, s.name AS staff_name, a.action, a.subject, a.subject_id,
                a.customer_id, a.order_id, a.detail
             FROM audit a LEFT JOIN staff s ON s.id = a.staff_id WHERE ",
            $which
        )
    };
}

/// The timeline of one order, oldest first.
pub async fn of_order(conn: &mut Conn, viewer: &Viewer, order: OrderId) -> Result<Vec<Line>, Error> {
    let sql = lines!(
        "a.order_id = $1 AND ($2 OR a.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))
         ORDER BY a.at, a.id"
    );
    fetch_all!(conn, Line, sql, order, viewer.sees_all(), viewer.staff_id())
}

/// The newest line that says that `action` was done to `subject`: who changed it last.
pub async fn newest_of_subject(conn: &mut Conn, subject: Uuid, action: &str) -> Result<Option<Line>, Error> {
    let sql = lines!("a.subject_id = $1 AND a.action = $2 ORDER BY a.at DESC, a.id DESC LIMIT 1");
    fetch_optional!(conn, Line, sql, subject, action)
}

/// What was done to `subject`, newest first.
pub async fn of_subject(conn: &mut Conn, subject: Uuid, limit: i64) -> Result<Vec<Line>, Error> {
    let sql = lines!("a.subject_id = $1 ORDER BY a.at DESC, a.id DESC LIMIT $2");
    fetch_all!(conn, Line, sql, subject, limit)
}

/// Which lines are wanted; an empty filter wants all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// What this person did.
    pub staff: Option<StaffId>,
    /// What this kind of actor did (`system`, `kombo`, `command` …).
    pub actor: Option<String>,
    /// This action (`order.accepted`), or with a `.` at its end all of its family (`order.`).
    pub action: Option<String>,
    /// What was done to this thing.
    pub subject: Option<Uuid>,
    /// What concerns this customer.
    pub customer: Option<CustomerId>,
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// The page's text behind an index that begins with `$lead`; PostgreSQL wants to be told the types of absent ids.
macro_rules! page_of {
    ($uuid:literal, $text:literal, $lead:literal) => {
        concat!(
            "SELECT a.id, a.at, a.actor, a.staff_id, s.name AS staff_name, a.action, a.subject, a.subject_id,
                a.customer_id, a.order_id, a.detail
             FROM audit a LEFT JOIN staff s ON s.id = a.staff_id
             WHERE ($1 OR a.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
               AND ($3",
            $uuid,
            " IS NULL OR a.staff_id = $3) AND ($4",
            $text,
            " IS NULL OR a.actor = $4)
               AND ($5 = '' OR a.action = $5) AND ($6 = '' OR substr(a.action, 1, length($6)) = $6)
               AND ($7",
            $uuid,
            " IS NULL OR a.subject_id = $7) AND ($8",
            $uuid,
            " IS NULL OR a.customer_id = $8)
               AND a.at >= $9 AND a.at < $10 AND (a.at, a.id) < ($11, $12)",
            $lead,
            " ORDER BY a.at DESC, a.id DESC LIMIT $13"
        )
    };
    ($lead:literal) => {
        [page_of!("", "", $lead), page_of!("::uuid", "::text", $lead)]
    };
}

/// The texts (SQLite, PostgreSQL) that begin at the index which leaves the least to be looked through.
pub(in crate::store) const fn page_texts(filter: &Filter) -> [&'static str; 2] {
    match (filter.subject, filter.staff, filter.customer) {
        (Some(_), ..) => page_of!(" AND a.subject_id = $7"),
        (None, Some(_), _) => page_of!(" AND a.staff_id = $3"),
        (None, None, Some(_)) => page_of!(" AND a.customer_id = $8"),
        (None, None, None) => page_of!(""),
    }
}

/// The newest lines that the filter wants, older than `before`, at most `limit`.
pub async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    before: Option<(Timestamp, AuditId)>,
    limit: i64,
) -> Result<Vec<Line>, Error> {
    let (family, action) = match filter.action.as_deref() {
        Some(family) if family.ends_with('.') => (family, ""),
        action => ("", action.unwrap_or_default()),
    };
    let [sqlite, postgres] = page_texts(filter);
    let sql = conn.pick(sqlite, postgres);
    let (before_at, before_id) = before.unwrap_or((Timestamp::FAR, AuditId(Uuid::max())));
    fetch_all!(
        conn,
        Line,
        sql,
        viewer.sees_all(),
        viewer.staff_id(),
        filter.staff,
        filter.actor.as_deref(),
        action,
        family,
        filter.subject,
        filter.customer,
        filter.since.unwrap_or(Timestamp::EPOCH),
        filter.until.unwrap_or(Timestamp::FAR),
        before_at,
        before_id,
        limit
    )
}
