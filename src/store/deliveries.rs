//! The outbox: one row per thing that must reach somebody else, claimed with a lease and a fence.

pub(in crate::store) mod lists;
pub mod mails;

pub use lists::{DeliveryFilter, ListedDelivery, ParkedIntegration, among, find_seen, page, parked};

use crate::domain::delivery::{DeliveryKind, DeliveryState, Doubt, MailPurpose, PARKED};
use crate::domain::ids::{CustomerId, DeliveryId, IntegrationId, OrderId, PublicationId, StaffId};
use crate::domain::time::Timestamp;
use crate::store::vault::{Place, Vault};
use crate::store::{Conn, Error, Writes, id_list};

/// A delivery.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeliveryRow {
    /// Our id.
    pub id: DeliveryId,
    /// What kind of thing.
    pub kind: DeliveryKind,
    /// How it stands.
    pub state: DeliveryState,
    /// The integration it goes through.
    pub integration_id: Option<IntegrationId>,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// The order it belongs to (results).
    pub order_id: Option<OrderId>,
    /// The publication it carries.
    pub publication_id: Option<PublicationId>,
    /// Results: Kombo's word (`COMPLETED`, `CANCELLED`, or `OPEN` for a progress update).
    pub final_status: Option<String>,
    /// Mails: what for.
    pub purpose: Option<MailPurpose>,
    /// What is to be sent, sealed; see [`open_body`].
    pub body: Option<Vec<u8>>,
    /// How often it was tried.
    pub attempts: i64,
    /// Not sent before this.
    pub due_at: Timestamp,
    /// Until when its sender holds it.
    pub lease_until: Option<Timestamp>,
    /// Rises with every claim; a late sender's word is not taken.
    pub fence: i64,
    /// It may have arrived: it is read back before it is sent again.
    pub doubt: Option<Doubt>,
    /// Kombo's code of the last attempt.
    pub last_code: Option<String>,
    /// What the last attempt said, in plain words.
    pub last_message: Option<String>,
    /// Why it stands as it does, in plain words.
    pub why: Option<String>,
    /// The delivery that this one replaces.
    pub replaces: Option<DeliveryId>,
    /// Who caused it.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// Rises with every change.
    pub version: i64,
}

impl DeliveryRow {
    /// As it is seen here.
    pub const fn seen(&self) -> Seen {
        Seen {
            id: self.id,
            version: self.version,
        }
    }

    /// Whether it only tells how far an order has come: nothing waits for it and nothing depends on it.
    pub fn is_progress(&self) -> bool {
        self.kind == DeliveryKind::Result && self.final_status.as_deref() == Some(PROGRESS)
    }
}

/// Kombo's word of a progress update.
pub const PROGRESS: &str = "OPEN";

fn body_place(id: DeliveryId) -> Place {
    Place::new("deliveries", "body", id.0.as_bytes())
}

/// Writes a new delivery; `body` is sealed on the way.
pub async fn insert(conn: &mut Conn, vault: &Vault, row: &DeliveryRow, body: Option<&[u8]>) -> Result<(), Error> {
    let sealed = match body {
        Some(body) => Some(vault.seal(conn, row.customer_id, &body_place(row.id), body).await?),
        None => None,
    };
    execute!(
        conn,
        "INSERT INTO deliveries (id, kind, state, integration_id, customer_id, order_id, publication_id, final_status,
            body, attempts, due_at, lease_until, fence, last_code, last_message, why, replaces, created_by, created_at,
            finished_at, version, doubt, purpose)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
        row.id,
        row.kind,
        row.state,
        row.integration_id,
        row.customer_id,
        row.order_id,
        row.publication_id,
        &row.final_status,
        sealed,
        row.attempts,
        row.due_at,
        row.lease_until,
        row.fence,
        &row.last_code,
        &row.last_message,
        &row.why,
        row.replaces,
        row.created_by,
        row.created_at,
        row.finished_at,
        row.version,
        row.doubt,
        row.purpose
    )
    .map(drop)
}

/// What is to be sent, opened; `None` where there is no body or it was erased.
pub async fn open_body(conn: &mut Conn, vault: &Vault, row: &DeliveryRow) -> Result<Option<Vec<u8>>, Error> {
    match &row.body {
        Some(sealed) => vault.open(conn, &body_place(row.id), sealed).await.map(Some),
        None => Ok(None),
    }
}

/// As [`open_body`], without a connection: `None`, too, where the key was not in use yet.
pub fn open_body_now(vault: &Vault, row: &DeliveryRow) -> Result<Option<Vec<u8>>, Error> {
    match &row.body {
        Some(sealed) => Ok(vault.open_now(&body_place(row.id), sealed)?),
        None => Ok(None),
    }
}

/// One delivery, whoever asks (workers and actions).
pub async fn find(conn: &mut Conn, id: DeliveryId) -> Result<Option<DeliveryRow>, Error> {
    fetch_optional!(conn, DeliveryRow, "SELECT * FROM deliveries WHERE id = $1", id)
}

/// Those of these deliveries that are there, in no order.
pub async fn find_many(conn: &mut Conn, ids: &[DeliveryId]) -> Result<Vec<DeliveryRow>, Error> {
    let sql = among!(conn, "SELECT * FROM deliveries WHERE id", "$1", "");
    fetch_all!(conn, DeliveryRow, sql, id_list(ids))
}

/// The newest final word of an order that is not withdrawn or replaced.
pub async fn final_of_order(conn: &mut Conn, order: OrderId) -> Result<Option<DeliveryRow>, Error> {
    fetch_optional!(
        conn,
        DeliveryRow,
        "SELECT * FROM deliveries
         WHERE order_id = $1 AND kind = 'result' AND final_status IN ('COMPLETED', 'CANCELLED')
           AND state NOT IN ('withdrawn', 'superseded')
         ORDER BY created_at DESC, id DESC LIMIT 1",
        order
    )
}

/// Writes everything about `row` that can change, if nobody else changed it since it was read.
///
/// # Errors
/// [`Error::Changed`] where somebody did.
pub async fn save(conn: &mut Conn, row: &mut DeliveryRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE deliveries SET state = $3, attempts = $4, due_at = $5, lease_until = $6, last_code = $7,
            last_message = $8, why = $9, finished_at = $10, customer_id = $11, fence = $12, doubt = $13,
            version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        row.state,
        row.attempts,
        row.due_at,
        row.lease_until,
        &row.last_code,
        &row.last_message,
        &row.why,
        row.finished_at,
        row.customer_id,
        row.fence,
        row.doubt
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

/// Takes an order's waiting final word back, by one conditional update; says whether it was still there to take.
pub async fn withdraw_final(conn: &mut Conn, order: OrderId, why: &str, now: Timestamp) -> Result<bool, Error> {
    end_final(conn, order, "withdrawn", why, now).await
}

/// Marks an order's given-up final word as replaced by a newer one.
pub async fn supersede_final(conn: &mut Conn, order: OrderId, why: &str, now: Timestamp) -> Result<bool, Error> {
    end_final(conn, order, "superseded", why, now).await
}

/// Adds that what these orders still have to say of their progress is replaced; what is on its way is left alone.
pub fn push_progress_over(writes: &mut Writes, orders: &[OrderId], why: &str, now: Timestamp) {
    push_updates!(
        writes,
        "UPDATE deliveries SET state = 'superseded', why = column2, finished_at = column3, version = version + 1
         FROM",
        orders.iter(),
        |order| (*order, why, now),
        // Otherwise SQLite goes through all that wait, and looks for the order of each among these.
        "WHERE deliveries.order_id IN (column1) AND kind = 'result' AND final_status = 'OPEN'
           AND COALESCE(state, '') IN ('waiting', 'parked')"
    );
}

async fn end_final(
    conn: &mut Conn,
    order: OrderId,
    state: &'static str,
    why: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let ended = execute!(
        conn,
        "UPDATE deliveries SET state = $2, why = $3, finished_at = $4, version = version + 1
         WHERE order_id = $1 AND kind = 'result' AND final_status IN ('COMPLETED', 'CANCELLED')
           AND state IN ('waiting', 'parked', 'given_up')",
        order,
        state,
        why,
        now
    )?;
    Ok(ended > 0)
}

/// The text of [`due`]; `$earliest` joins each integration that works with the earliest of what is due there.
macro_rules! due {
    ($earliest:literal) => {
        concat!(
            "WITH works AS MATERIALIZED (
                SELECT i.id, (SELECT COUNT(*) FROM deliveries s WHERE s.integration_id = i.id AND s.state = 'sending')
                    AS sending
                FROM integrations i
                WHERE i.parked_at IS NULL AND EXISTS (
                    SELECT 1 FROM deliveries w
                    WHERE w.integration_id = i.id AND w.state IN ('waiting', 'ambiguous')
                      AND w.kind IN ('result', 'publication') AND w.due_at <= $1))
            SELECT id, kind FROM (
                SELECT d.id, d.kind, d.due_at,
                    ROW_NUMBER() OVER (PARTITION BY works.id ORDER BY d.due_at, d.id) + works.sending AS place
                FROM works ",
            $earliest,
            " WHERE d.kind = 'result' OR NOT EXISTS (
                    SELECT 1 FROM deliveries o
                    WHERE o.integration_id = works.id AND o.state = 'sending' AND o.kind = 'publication')) due
            WHERE place <= $2 ORDER BY due_at, id LIMIT $3"
        )
    };
}

/// The text on SQLite.
pub(in crate::store) const DUE: &str = due!(
    "JOIN deliveries d ON d.id IN (
        SELECT e.id FROM deliveries e
        WHERE e.integration_id = works.id AND e.state IN ('waiting', 'ambiguous')
          AND e.kind IN ('result', 'publication') AND e.due_at <= $1
        ORDER BY e.due_at, e.id LIMIT $2)"
);

/// The text on PostgreSQL, which would ask the other one's inner question again for each delivery that there is.
const DUE_POSTGRES: &str = due!(
    "CROSS JOIN LATERAL (
        SELECT e.id, e.kind, e.due_at FROM deliveries e
        WHERE e.integration_id = works.id AND e.state IN ('waiting', 'ambiguous')
          AND e.kind IN ('result', 'publication') AND e.due_at <= $1
        ORDER BY e.due_at, e.id LIMIT $2) d"
);

/// What is due now, the earliest first: at most `limit`, and no more of one integration than makes `per_integration`
/// claimed there. What goes through a parked integration is not due; a publication is due only when no other one of its
/// integration is on its way. Each integration's earliest are found by its own part of an index, however much waits.
pub async fn due(
    conn: &mut Conn,
    now: Timestamp,
    per_integration: i64,
    limit: i64,
) -> Result<Vec<(DeliveryId, DeliveryKind)>, Error> {
    let sql = conn.pick(DUE, DUE_POSTGRES);
    fetch_all!(conn, (DeliveryId, DeliveryKind), sql, now, per_integration, limit)
}

/// How many deliveries are due now, mails and those of parked integrations included.
pub async fn count_due(conn: &mut Conn, now: Timestamp) -> Result<i64, Error> {
    let count = scalar!(conn, i64, COUNT_DUE, now)?;
    Ok(count.unwrap_or_default())
}

/// The text of [`count_due`].
pub(in crate::store) const COUNT_DUE: &str = "SELECT CAST(COALESCE(SUM((
        SELECT COUNT(*) FROM deliveries w WHERE w.integration_id = i.id
           AND w.state IN ('waiting', 'ambiguous') AND w.kind IN ('result', 'publication') AND w.due_at <= $1)), 0)
        + (SELECT COUNT(*) FROM deliveries d
           WHERE d.state IN ('waiting', 'ambiguous') AND d.kind = 'mail' AND d.due_at <= $1) AS BIGINT)
     FROM integrations i";

/// Claims what [`due`] named until `lease_until`; `None` where somebody else was faster, or it is no longer due.
pub async fn claim(
    conn: &mut Conn,
    id: DeliveryId,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<DeliveryRow>, Error> {
    fetch_optional!(
        conn,
        DeliveryRow,
        "UPDATE deliveries SET state = 'sending', lease_until = $3, fence = fence + 1, version = version + 1
         WHERE id = $1 AND state IN ('waiting', 'ambiguous') AND due_at <= $2
           AND (kind = 'result' OR NOT EXISTS (
            SELECT 1 FROM deliveries o
            WHERE o.integration_id = deliveries.integration_id AND o.state = 'sending' AND o.kind = 'publication'))
         RETURNING *",
        id,
        now,
        lease_until
    )
}

/// A delivery as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Which.
    pub id: DeliveryId,
    /// Its version then.
    pub version: i64,
}

/// Claims deliveries as they were seen a moment ago, until `lease_until`; the rows say so then.
///
/// # Errors
/// [`Error::Changed`] where one is no longer as it was seen, or is not due: nothing of this may be kept.
pub async fn claim_seen(
    conn: &mut Conn,
    seen: &mut [&mut DeliveryRow],
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<(), Error> {
    let mut writes = Writes::new(conn, seen.len());
    push_claims(&mut writes, seen.iter().map(|row| row.seen()), now, lease_until);
    writes.run_all(conn).await?;
    for row in seen {
        row.state = DeliveryState::Sending;
        row.lease_until = Some(lease_until);
        row.fence += 1;
        row.version += 1;
    }
    Ok(())
}

/// Adds that these are claimed, where each is still as it was seen, and due.
pub(in crate::store) fn push_claims(
    writes: &mut Writes,
    seen: impl ExactSizeIterator<Item = Seen>,
    now: Timestamp,
    lease_until: Timestamp,
) {
    push_updates!(
        writes,
        "UPDATE deliveries SET state = 'sending', lease_until = column3, fence = fence + 1, version = version + 1
         FROM",
        seen,
        |row| (row.id, row.version, lease_until, now),
        // Asked for the state by its name, SQLite goes through all that stand so.
        "WHERE deliveries.id = column1 AND version = column2 AND COALESCE(state, '') IN ('waiting', 'ambiguous')
           AND due_at <= column4"
    );
}

/// Adds that what was claimed is delivered by the first word that was heard of it, where it is still as it was claimed.
pub fn push_arrivals(writes: &mut Writes, claimed: impl ExactSizeIterator<Item = Seen>, now: Timestamp) {
    push_updates!(
        writes,
        "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, lease_until = NULL, last_code = NULL,
            last_message = NULL, why = NULL, finished_at = column3, version = version + 1
         FROM",
        claimed,
        |row| (row.id, row.version, now),
        "WHERE deliveries.id = column1 AND version = column2 AND COALESCE(state, '') = 'sending'"
    );
}

/// Gives a claim back of which nothing was sent; says whether it was still this sender's. Where its integration was parked
/// meanwhile, it is parked with what else goes there.
pub async fn give_back(conn: &mut Conn, id: DeliveryId, fence: i64, now: Timestamp) -> Result<bool, Error> {
    let given = execute!(
        conn,
        "UPDATE deliveries SET
            state = CASE
                WHEN doubt IS NOT NULL THEN 'ambiguous'
                WHEN (SELECT i.parked_at FROM integrations i WHERE i.id = deliveries.integration_id) IS NOT NULL
                THEN 'parked' ELSE 'waiting' END,
            why = CASE
                WHEN doubt IS NULL
                    AND (SELECT i.parked_at FROM integrations i WHERE i.id = deliveries.integration_id) IS NOT NULL
                THEN $4 ELSE why END,
            due_at = CASE WHEN due_at > $3 THEN $3 ELSE due_at END, lease_until = NULL, version = version + 1
         WHERE id = $1 AND fence = $2 AND state = 'sending'",
        id,
        fence,
        now,
        PARKED
    )?;
    Ok(given > 0)
}

/// Puts off until `due_at` what waits for `from`; says whether it did.
pub async fn put_off(conn: &mut Conn, id: DeliveryId, from: Timestamp, due_at: Timestamp) -> Result<bool, Error> {
    let put_off = execute!(
        conn,
        "UPDATE deliveries SET due_at = $3, version = version + 1
         WHERE id = $1 AND due_at = $2 AND state IN ('waiting', 'ambiguous')",
        id,
        from,
        due_at
    )?;
    Ok(put_off > 0)
}

/// Makes due now what waits for `from`, if that is later.
pub async fn hasten(conn: &mut Conn, id: DeliveryId, from: Timestamp, now: Timestamp) -> Result<bool, Error> {
    let hastened = execute!(
        conn,
        "UPDATE deliveries SET due_at = $3, version = version + 1
         WHERE id = $1 AND due_at = $2 AND due_at > $3 AND state IN ('waiting', 'ambiguous')",
        id,
        from,
        now
    )?;
    Ok(hastened > 0)
}

/// What waits after a try that lies in the future, with its due time and that of the try: the clock was set back.
pub async fn tried_in_the_future(
    conn: &mut Conn,
    now: Timestamp,
) -> Result<Vec<(DeliveryId, Timestamp, Timestamp)>, Error> {
    fetch_all!(
        conn,
        (DeliveryId, Timestamp, Timestamp),
        "SELECT d.id, d.due_at, MAX(a.finished_at) FROM deliveries d JOIN attempts a ON a.delivery_id = d.id
         WHERE d.state IN ('waiting', 'ambiguous') AND d.due_at > $1 AND a.finished_at > $1
         GROUP BY d.id, d.due_at",
        now
    )
}

/// What was tried and waits until later than `now`, with its due time.
pub async fn tried_and_due_later(conn: &mut Conn, now: Timestamp) -> Result<Vec<(DeliveryId, Timestamp)>, Error> {
    fetch_all!(
        conn,
        (DeliveryId, Timestamp),
        "SELECT id, due_at FROM deliveries WHERE state IN ('waiting', 'ambiguous') AND attempts > 0 AND due_at > $1",
        now
    )
}

/// What was not tried yet is due now, and a result no later than `latest`; says how many were due later.
pub async fn first_try_by(conn: &mut Conn, now: Timestamp, latest: Timestamp) -> Result<u64, Error> {
    execute!(
        conn,
        "UPDATE deliveries SET due_at = CASE WHEN kind = 'result' THEN $2 ELSE $1 END, version = version + 1
         WHERE state = 'waiting' AND attempts = 0 AND due_at > CASE WHEN kind = 'result' THEN $2 ELSE $1 END",
        now,
        latest
    )
}

/// No lease ends later than `latest`; says how many did.
pub async fn leases_end_by(conn: &mut Conn, latest: Timestamp) -> Result<u64, Error> {
    execute!(
        conn,
        "UPDATE deliveries SET lease_until = $1 WHERE state = 'sending' AND lease_until > $1",
        latest
    )
}

/// What is claimed and goes through an integration, with that.
pub async fn sending(conn: &mut Conn) -> Result<Vec<(DeliveryId, IntegrationId)>, Error> {
    fetch_all!(
        conn,
        (DeliveryId, IntegrationId),
        "SELECT id, integration_id FROM deliveries WHERE state = 'sending' AND integration_id IS NOT NULL"
    )
}

/// What vanished senders hold: their leases are over.
pub async fn overdue_leases(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<DeliveryRow>, Error> {
    fetch_all!(
        conn,
        DeliveryRow,
        "SELECT * FROM deliveries WHERE state = 'sending' AND lease_until < $1 ORDER BY lease_until LIMIT $2",
        now,
        limit
    )
}

/// When the next delivery is due, if one waits; what goes through a parked integration does not count.
pub async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>, Error> {
    let next = scalar!(conn, Option<Timestamp>, NEXT_DUE)?;
    Ok(next.flatten())
}

/// The text of [`next_due`]: of each integration the earliest, at which an index begins.
pub(in crate::store) const NEXT_DUE: &str = "SELECT MIN((SELECT MIN(w.due_at) FROM deliveries w
        WHERE w.integration_id = i.id AND w.state IN ('waiting', 'ambiguous') AND w.kind IN ('result', 'publication')))
     FROM integrations i WHERE i.parked_at IS NULL";

/// Parks what an integration still has to send; says how many.
pub async fn park_integration(conn: &mut Conn, integration: IntegrationId, why: &str) -> Result<u64, Error> {
    execute!(conn, PARK, integration, why, Timestamp::FAR)
}

/// The text of [`park_integration`]. A moment is asked for, too, since SQLite goes by the index of what waits then, and
/// otherwise through all that ever went there.
pub(in crate::store) const PARK: &str = "UPDATE deliveries SET state = 'parked', why = $2, version = version + 1
     WHERE integration_id = $1 AND due_at <= $3
       AND state IN ('waiting', 'ambiguous') AND kind IN ('result', 'publication') AND state <> 'ambiguous'";

/// Wakes what was parked for an integration; says how many. What was in doubt is read back first, and what still waits
/// for the release delay keeps its time.
pub async fn wake_integration(conn: &mut Conn, integration: IntegrationId, now: Timestamp) -> Result<u64, Error> {
    execute!(conn, WAKE, integration, now)
}

/// The text of [`wake_integration`].
pub(in crate::store) const WAKE: &str =
    "UPDATE deliveries SET state = CASE WHEN doubt IS NULL THEN 'waiting' ELSE 'ambiguous' END,
        due_at = CASE WHEN due_at > $2 THEN due_at ELSE $2 END, why = NULL, version = version + 1
     WHERE integration_id = $1 AND state IN ('parked', 'given_up') AND state = 'parked'";
