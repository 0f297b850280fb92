//! Attempts: one row for every try of a delivery. What was sent is kept as its digest and its shape, never its values.

use crate::domain::delivery::Outcome;
use crate::domain::ids::{AttemptId, CustomerId, DeliveryId};
use crate::domain::time::Timestamp;
use crate::store::vault::{self, Place, Sealers, Vault};
use crate::store::{Conn, Error, Writes};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;

/// One try.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AttemptRow {
    /// Our id.
    pub id: AttemptId,
    /// Of what.
    pub delivery_id: DeliveryId,
    /// 1, 2, 3 … within the delivery.
    pub number: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub finished_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status of the answer.
    pub http_status: Option<i64>,
    /// Kombo's code.
    pub code: Option<String>,
    /// What happened, in our own plain words.
    pub message: Option<String>,
    /// How many warnings came with the answer; their texts are in [`Said`].
    pub warnings: i64,
    /// What the other side said in its own words, sealed; see [`open`].
    pub said: Option<Vec<u8>>,
    /// The page at Kombo that shows the call.
    pub log_url: Option<String>,
    /// SHA-256 of the body that was sent; none where nothing was sent (a read).
    pub sent_digest: Option<Vec<u8>>,
    /// The keys and types of what was sent; null where nothing was.
    pub sent_shape: Json<serde_json::Value>,
    /// The beginning of the answer, sealed; see [`open`].
    pub reply: Option<Vec<u8>>,
}

/// What the other side said in its own words: it can quote what was sent, so it is kept sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Why it refused.
    pub message: String,
    /// What it could not take as it was meant.
    pub warnings: Vec<String>,
}

/// An attempt's sealed parts, opened.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// What the other side said.
    pub said: Said,
    /// The beginning of its answer.
    pub reply: Vec<u8>,
}

fn place(column: &'static str, id: AttemptId) -> Place {
    Place::new("attempts", column, id.0.as_bytes())
}

/// Attempts to be written, each with whose delivery it was of and with what was opened, which is to be sealed into it.
pub type Attempts<'a> = Vec<(Option<CustomerId>, AttemptRow, &'a Opened)>;

/// Writes attempts, each as the next one of its delivery, which is this customer's; what was opened is sealed on the way.
pub async fn insert_many(conn: &mut Conn, sealers: &mut Sealers, attempts: Attempts<'_>) -> Result<(), Error> {
    let mut writes = Writes::new(conn, attempts.len());
    sealers
        .make_ready(conn, attempts.iter().map(|(customer, ..)| *customer))
        .await?;
    push_many(&mut writes, sealers, attempts)?;
    writes.run(conn).await.map(drop)
}

/// Adds attempts, as [`insert_many()`] writes them.
///
/// # Errors
/// Where `sealers` are not ready for a customer.
pub fn push_many(writes: &mut Writes, sealers: &Sealers, attempts: Attempts<'_>) -> Result<(), Error> {
    let rows = attempts
        .into_iter()
        .map(|(customer, row, opened)| sealed(sealers, customer, row, opened));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    push_rows!(
        writes,
        "INSERT INTO attempts (id, delivery_id, number, started_at, finished_at, outcome, http_status, code, message,
            warnings, said, log_url, sent_digest, sent_shape, reply)
         SELECT column1, column2, (SELECT COALESCE(MAX(number), 0) + 1 FROM attempts WHERE delivery_id = column2), column3,
            column4, column5, column6, column7, column8, column9, column10, column11, column12, column13, column14
         FROM (",
        rows.iter(),
        |b, row| {
            b.push_bind(row.id)
                .push_bind(row.delivery_id)
                .push_bind(row.started_at)
                .push_bind(row.finished_at)
                .push_bind(row.outcome)
                .push_bind(row.http_status)
                .push_bind(&row.code)
                .push_bind(&row.message)
                .push_bind(row.warnings)
                .push_bind(&row.said)
                .push_bind(&row.log_url)
                .push_bind(&row.sent_digest)
                .push_bind(&row.sent_shape)
                .push_bind(&row.reply);
        },
        ") v"
    );
    Ok(())
}

/// The row with what the other side said in it.
fn sealed(
    sealers: &Sealers,
    customer: Option<CustomerId>,
    mut row: AttemptRow,
    opened: &Opened,
) -> Result<AttemptRow, vault::Error> {
    if opened.said != Said::default() {
        let plain = serde_json::to_vec(&opened.said).unwrap_or_default();
        row.said = Some(sealers.seal(customer, &place("said", row.id), &plain)?);
    }
    if !opened.reply.is_empty() {
        row.reply = Some(sealers.seal(customer, &place("reply", row.id), &opened.reply)?);
    }
    Ok(row)
}

/// All attempts of a delivery, the newest first.
pub async fn of_delivery(conn: &mut Conn, delivery: DeliveryId) -> Result<Vec<AttemptRow>, Error> {
    fetch_all!(
        conn,
        AttemptRow,
        "SELECT * FROM attempts WHERE delivery_id = $1 ORDER BY number DESC",
        delivery
    )
}

/// An attempt's sealed parts.
pub async fn open(conn: &mut Conn, vault: &Vault, row: &AttemptRow) -> Result<Opened, Error> {
    let mut opened = Opened::default();
    if let Some(sealed) = &row.said {
        let plain = vault.open(conn, &place("said", row.id), sealed).await?;
        opened.said = serde_json::from_slice(&plain).unwrap_or_default();
    }
    if let Some(sealed) = &row.reply {
        opened.reply = vault.open(conn, &place("reply", row.id), sealed).await?;
    }
    Ok(opened)
}
