//! What an order's timeline shows beside its audit lines: sightings in the inbox, and attempts of its deliveries.

use crate::domain::delivery::{DeliveryKind, Outcome};
use crate::domain::ids::{DeliveryId, InboxId, OrderId};
use crate::domain::inbox::InboxVerdict;
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// A webhook that told of the order.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sighting {
    /// Its place in the inbox.
    pub id: InboxId,
    /// What was made of it.
    pub verdict: InboxVerdict,
    /// The HTTP status of our answer.
    pub answer_status: i64,
    /// How long the answer took, in microseconds.
    pub answer_micros: i64,
    /// When it came first.
    pub first_at: Timestamp,
    /// When it came last.
    pub last_at: Timestamp,
    /// How often it came.
    pub times_seen: i64,
}

/// One try to deliver something of the order.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Try {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// What kind of thing it carries.
    pub kind: DeliveryKind,
    /// Its number within the delivery.
    pub number: i64,
    /// When it was over.
    pub finished_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status of the answer.
    pub http_status: Option<i64>,
    /// Kombo's code.
    pub code: Option<String>,
    /// What was said, in plain words.
    pub message: Option<String>,
}

/// The webhooks that told of an order which the viewer was already found to see, oldest first.
pub async fn sightings(conn: &mut Conn, order: OrderId) -> Result<Vec<Sighting>, Error> {
    fetch_all!(
        conn,
        Sighting,
        "SELECT id, verdict, answer_status, answer_micros, first_at, last_at, times_seen
         FROM inbox WHERE order_id = $1 ORDER BY last_at, id LIMIT 100",
        order
    )
}

/// The attempts of an order's deliveries, oldest first. Those of progress updates are left out: nothing depends on them.
pub async fn tries(conn: &mut Conn, order: OrderId) -> Result<Vec<Try>, Error> {
    fetch_all!(
        conn,
        Try,
        "SELECT a.delivery_id, d.kind, a.number, a.finished_at, a.outcome, a.http_status, a.code, a.message
         FROM deliveries d JOIN attempts a ON a.delivery_id = d.id
         WHERE d.order_id = $1 AND (d.final_status IS NULL OR d.final_status <> 'OPEN') ORDER BY a.started_at, a.id LIMIT 200",
        order
    )
}
