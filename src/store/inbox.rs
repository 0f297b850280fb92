//! The inbox: every webhook that reached us, with its verdict and our answer; its body, sealed, has an end of its own.

use crate::domain::ids::{CustomerId, InboxId, OrderId};
use crate::domain::inbox::InboxVerdict;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::vault::{Place, Sealers, Vault};
use crate::store::{Conn, Error, id_list};
use serde_json::json;
use std::collections::HashSet;
use uuid::Uuid;

/// A webhook: one row per event and body.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InboxRow {
    /// Our id.
    pub id: InboxId,
    /// Kombo's id of the event; empty where it could not be read.
    pub event_id: String,
    /// The event's type; empty where it could not be read.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// SHA-256 of the body.
    pub digest: Vec<u8>,
    /// The body's size in bytes.
    pub size: i64,
    /// Kombo's id of the integration that it names.
    pub integration: Option<String>,
    /// Kombo's id of the order that it names.
    pub kombo_order_id: Option<String>,
    /// Our order that it led to.
    pub order_id: Option<OrderId>,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// What became of it.
    pub verdict: InboxVerdict,
    /// Why, in plain words, where the verdict alone does not say it.
    pub why: Option<String>,
    /// The HTTP status of our answer; 0: none yet, or none ever.
    pub answer_status: i64,
    /// How long the answer took, in microseconds, from the body's last byte to the commit.
    pub answer_micros: i64,
    /// When it came first.
    pub first_at: Timestamp,
    /// When it came last.
    pub last_at: Timestamp,
    /// How often it came.
    pub times_seen: i64,
    /// When a person replayed it last.
    pub replayed_at: Option<Timestamp>,
    /// How often people replayed it.
    pub replays: i64,
    /// Rises with every change.
    pub version: i64,
}

/// The row of this event with this body, if it came before.
pub async fn find_same(conn: &mut Conn, event_id: &str, digest: &[u8]) -> Result<Option<InboxRow>, Error> {
    fetch_optional!(
        conn,
        InboxRow,
        "SELECT * FROM inbox WHERE event_id = $1 AND digest = $2",
        event_id,
        digest
    )
}

/// The webhooks of an order that were not answered: they wait for a person, or nobody was there to hear the answer.
pub async fn unanswered(conn: &mut Conn, order: OrderId) -> Result<Vec<InboxRow>, Error> {
    fetch_all!(
        conn,
        InboxRow,
        "SELECT * FROM inbox WHERE order_id = $1 AND answer_status = 0 ORDER BY last_at, id",
        order
    )
}

/// Whether this event came before with another body.
pub async fn has_other_body(conn: &mut Conn, event_id: &str, digest: &[u8]) -> Result<bool, Error> {
    let other = scalar!(
        conn,
        InboxId,
        "SELECT id FROM inbox WHERE event_id = $1 AND digest <> $2 LIMIT 1",
        event_id,
        digest
    )?;
    Ok(other.is_some() && !event_id.is_empty())
}

/// Writes new rows.
pub async fn insert_many(conn: &mut Conn, rows: &[InboxRow]) -> Result<(), Error> {
    insert_many!(
        conn,
        "INSERT INTO inbox (id, event_id, type, digest, size, integration, kombo_order_id, order_id, customer_id,
            verdict, why, answer_status, answer_micros, first_at, last_at, times_seen, replayed_at, replays, version) ",
        rows.iter(),
        |b, row| {
            b.push_bind(row.id)
                .push_bind(&row.event_id)
                .push_bind(&row.kind)
                .push_bind(&row.digest)
                .push_bind(row.size)
                .push_bind(&row.integration)
                .push_bind(&row.kombo_order_id)
                .push_bind(row.order_id)
                .push_bind(row.customer_id)
                .push_bind(row.verdict)
                .push_bind(&row.why)
                .push_bind(row.answer_status)
                .push_bind(row.answer_micros)
                .push_bind(row.first_at)
                .push_bind(row.last_at)
                .push_bind(row.times_seen)
                .push_bind(row.replayed_at)
                .push_bind(row.replays)
                .push_bind(row.version);
        },
        ""
    )
    .map(drop)
}

/// What is here already of some webhooks.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Events that came before.
    pub events: HashSet<String>,
    /// Orders that are here, by what Kombo calls their integration and them.
    pub orders: HashSet<(String, String)>,
    /// Rises whenever another process wrote to the database (SQLite).
    pub data_version: Option<i64>,
}

impl Seen {
    /// Whether this order, named by Kombo's ids, is here.
    pub fn is_here(&self, integration: &str, order: &str) -> bool {
        !self.orders.is_empty() && self.orders.contains(&(integration.to_owned(), order.to_owned()))
    }
}

/// Which of these events came before, and which of these orders, named by Kombo's ids of their integrations and of them, are
/// here.
pub async fn seen(conn: &mut Conn, events: &[&str], orders: &[(&str, &str)]) -> Result<Seen, Error> {
    let sql = conn.pick(
        "SELECT 'event', event_id, '' FROM inbox WHERE event_id IN (SELECT value FROM json_each($1))
         UNION ALL
         SELECT 'order', i.kombo_id, o.kombo_id FROM json_each($2) named
         CROSS JOIN integrations i ON i.kombo_id = named.value ->> 0
         CROSS JOIN orders o ON o.integration_id = i.id AND o.kombo_id = named.value ->> 1
         UNION ALL
         SELECT 'version', CAST(data_version AS TEXT), '' FROM pragma_data_version",
        "SELECT 'event', event_id, '' FROM inbox
         WHERE event_id IN (SELECT value FROM jsonb_array_elements_text(CAST($1 AS JSONB)) named(value))
         UNION ALL
         SELECT 'order', i.kombo_id, o.kombo_id FROM jsonb_array_elements(CAST($2 AS JSONB)) named(value)
         JOIN integrations i ON i.kombo_id = named.value ->> 0
         JOIN orders o ON o.integration_id = i.id AND o.kombo_id = named.value ->> 1",
    );
    let (events, orders) = (json!(events).to_string(), json!(orders).to_string());
    let mut seen = Seen::default();
    for (what, one, other) in fetch_all!(conn, (String, String, String), sql, events, orders)? {
        match what.as_str() {
            "event" => drop(seen.events.insert(one)),
            "order" => drop(seen.orders.insert((one, other))),
            _ => seen.data_version = one.parse().ok(),
        }
    }
    Ok(seen)
}

/// Writes everything about `row` that can change.
///
/// # Errors
/// [`Error::Changed`] where somebody else changed it since it was read.
pub async fn save(conn: &mut Conn, row: &mut InboxRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE inbox SET type = $3, integration = $4, kombo_order_id = $5, order_id = $6, customer_id = $7,
            verdict = $8, why = $9, answer_status = $10, answer_micros = $11, last_at = $12, times_seen = $13,
            replayed_at = $14, replays = $15, version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        &row.kind,
        &row.integration,
        &row.kombo_order_id,
        row.order_id,
        row.customer_id,
        row.verdict,
        &row.why,
        row.answer_status,
        row.answer_micros,
        row.last_at,
        row.times_seen,
        row.replayed_at,
        row.replays
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

fn body_place(digest: &[u8]) -> Place {
    Place::new("inbox_bodies", "sealed", digest)
}

/// A body that is to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// The webhook that brought it.
    pub inbox_id: InboxId,
    /// Whose key seals it.
    pub customer: Option<CustomerId>,
    /// Its SHA-256.
    pub digest: &'a [u8],
    /// What came.
    pub bytes: &'a [u8],
}

/// Seals bodies.
///
/// # Errors
/// Where `sealers` are not ready for a customer.
pub fn seal_bodies(sealers: &Sealers, bodies: &[Body<'_>]) -> Result<Vec<(InboxId, Vec<u8>)>, Error> {
    let sealed = bodies.iter().map(|body| {
        let sealed = sealers.seal(body.customer, &body_place(body.digest), body.bytes)?;
        Ok((body.inbox_id, sealed))
    });
    sealed.collect()
}

/// Keeps bodies, no two of the same webhook, until `expires_at`, as [`seal_bodies`] gave them; one that is there already
/// lives as long as the later end.
pub async fn keep_bodies(
    conn: &mut Conn,
    sealed: Vec<(InboxId, Vec<u8>)>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    insert_many!(
        conn,
        "INSERT INTO inbox_bodies (inbox_id, sealed, created_at, expires_at) ",
        sealed.into_iter(),
        |b, body| {
            b.push_bind(body.0)
                .push_bind(body.1)
                .push_bind(now)
                .push_bind(expires_at);
        },
        " ON CONFLICT (inbox_id) DO UPDATE SET expires_at = excluded.expires_at"
    )
    .map(drop)
}

/// The webhook's body, opened; `None` once its time is over.
pub async fn find_body(conn: &mut Conn, vault: &Vault, row: &InboxRow) -> Result<Option<Vec<u8>>, Error> {
    match scalar!(
        conn,
        Vec<u8>,
        "SELECT sealed FROM inbox_bodies WHERE inbox_id = $1",
        row.id
    )? {
        Some(sealed) => vault.open(conn, &body_place(&row.digest), &sealed).await.map(Some),
        None => Ok(None),
    }
}

/// Removes the bodies whose time is over, at most `limit` of them; says how many.
pub async fn drop_expired_bodies(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<u64, Error> {
    execute!(
        conn,
        "DELETE FROM inbox_bodies WHERE inbox_id IN
            (SELECT inbox_id FROM inbox_bodies WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        now,
        limit
    )
}

/// Which webhooks a list shows.
#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    /// Only those of which this was made.
    pub verdict: Option<InboxVerdict>,
    /// Only this type of event.
    pub kind: Option<String>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
}

/// The page's text behind an index that begins with `$lead`.
macro_rules! page_of {
    ($lead:literal) => {
        concat!(
            "SELECT * FROM inbox
             WHERE (CAST($1 AS TEXT) IS NULL OR verdict = $1) AND (CAST($2 AS TEXT) IS NULL OR type = $2)
               AND ($3 IS NULL OR customer_id = $3)
               AND (last_at, id) < ($4, $5)
               AND ($6 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $7))",
            $lead,
            " ORDER BY last_at DESC, id DESC LIMIT $8"
        )
    };
}

impl InboxFilter {
    /// Whether a list with this filter shows the row.
    pub fn fits(&self, row: &InboxRow) -> bool {
        self.verdict.is_none_or(|verdict| verdict == row.verdict)
            && self.kind.as_ref().is_none_or(|kind| *kind == row.kind)
            && self.customer.is_none_or(|customer| row.customer_id == Some(customer))
    }
}

/// The texts for webhooks that are named by their ids.
pub(in crate::store) const AMONG: [&str; 2] = [
    "SELECT * FROM inbox
     WHERE ($1 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
       AND id IN (SELECT unhex(value, '-') FROM json_each($3))",
    "SELECT * FROM inbox
     WHERE ($1 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
       AND id IN (SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST($3 AS JSONB)))",
];

/// Those of these webhooks that the viewer may see, in no order.
pub async fn among(conn: &mut Conn, viewer: &Viewer, ids: &[Uuid]) -> Result<Vec<InboxRow>, Error> {
    let sql = conn.pick(AMONG[0], AMONG[1]);
    fetch_all!(conn, InboxRow, sql, viewer.sees_all(), viewer.staff_id(), id_list(ids))
}

/// The text that begins at the index which leaves the least to be looked through.
pub(in crate::store) const fn page_text(filter: &InboxFilter) -> &'static str {
    match (filter.verdict, filter.customer) {
        (Some(_), _) => page_of!(" AND verdict = $1"),
        (None, Some(_)) => page_of!(" AND customer_id = $3"),
        (None, None) => page_of!(""),
    }
}

/// A page of webhooks, the newest first, of the customers that the viewer may see; `before`: where the page before ended.
pub async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &InboxFilter,
    before: Option<(Timestamp, InboxId)>,
    limit: i64,
) -> Result<Vec<InboxRow>, Error> {
    let (before_at, before_id) = before.unwrap_or((Timestamp::FAR, InboxId(Uuid::max())));
    fetch_all!(
        conn,
        InboxRow,
        page_text(filter),
        filter.verdict,
        &filter.kind,
        filter.customer,
        before_at,
        before_id,
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}

/// The webhook, if the viewer may see it. One that belongs to nobody is seen by those who see every customer.
pub async fn find(conn: &mut Conn, viewer: &Viewer, id: InboxId) -> Result<Option<InboxRow>, Error> {
    fetch_optional!(
        conn,
        InboxRow,
        "SELECT * FROM inbox
         WHERE id = $1 AND ($2 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))",
        id,
        viewer.sees_all(),
        viewer.staff_id()
    )
}
