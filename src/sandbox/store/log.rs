//! What was sent and what was called: the newest 1,000 of each.

use super::Store;
use crate::domain::time::Timestamp;
use crate::sandbox::Error;
use serde::Serialize;
use sqlx::SqliteExecutor;

/// How many entries are kept.
const KEPT: i64 = 1_000;

/// A webhook that was sent, or should have been.
#[derive(Clone, Debug, sqlx::FromRow, Serialize)]
pub struct WebhookRow {
    /// Rises with every webhook.
    #[serde(skip)]
    pub id: i64,
    /// When it was due.
    pub at: Timestamp,
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    #[sqlx(rename = "type")]
    #[serde(rename = "type")]
    pub event_type: String,
    /// The order it is about.
    pub order_id: Option<String>,
    /// The answer's status; null where none came.
    pub http_status: Option<i64>,
    /// The beginning of the answer.
    pub body: String,
    /// What became of it, in words.
    pub note: String,
    /// How long the answer took.
    pub millis: i64,
}

/// A call that reached the practice Kombo.
#[derive(Clone, Debug, sqlx::FromRow, Serialize)]
pub struct CallRow {
    /// Rises with every call.
    #[serde(skip)]
    pub id: i64,
    /// When it arrived.
    pub at: Timestamp,
    /// `GET` …
    pub method: String,
    /// With `/v1` and the query.
    pub path: String,
    /// Its kind.
    pub call: String,
    /// The integration it named.
    pub integration: Option<String>,
    /// The answer's status; null where none left.
    pub http_status: Option<i64>,
    /// Kombo's code, where it was refused.
    pub code: Option<String>,
    /// What was done to it on purpose.
    pub mischief: Option<String>,
    /// How long the answer took.
    pub millis: i64,
}

/// The newest webhooks first, of one order or of all.
pub(super) async fn newest_webhooks(
    db: impl SqliteExecutor<'_>,
    order: Option<&str>,
    limit: i64,
) -> Result<Vec<WebhookRow>, Error> {
    let sql = "SELECT * FROM webhooks WHERE ($1 IS NULL OR order_id = $1) ORDER BY id DESC LIMIT $2";
    Ok(sqlx::query_as(sql).bind(order).bind(limit).fetch_all(db).await?)
}

impl Store {
    /// Keeps a webhook.
    pub async fn log_webhook(&self, row: &WebhookRow) -> Result<(), Error> {
        let sql = "INSERT INTO webhooks (at, event_id, type, order_id, http_status, body, note, millis)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
        let id: i64 = sqlx::query_scalar(sql)
            .bind(row.at)
            .bind(&row.event_id)
            .bind(&row.event_type)
            .bind(&row.order_id)
            .bind(row.http_status)
            .bind(&row.body)
            .bind(&row.note)
            .bind(row.millis)
            .fetch_one(&self.pool)
            .await?;
        sqlx::query("DELETE FROM webhooks WHERE id <= $1")
            .bind(id - KEPT)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The newest webhooks first, of one order or of all.
    pub async fn webhooks(&self, order: Option<&str>, limit: i64) -> Result<Vec<WebhookRow>, Error> {
        newest_webhooks(&self.pool, order, limit).await
    }

    /// Keeps a call.
    pub async fn log_call(&self, row: &CallRow) -> Result<(), Error> {
        let sql = "INSERT INTO calls (at, method, path, call, integration, http_status, code, mischief, millis)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
        let id: i64 = sqlx::query_scalar(sql)
            .bind(row.at)
            .bind(&row.method)
            .bind(&row.path)
            .bind(&row.call)
            .bind(&row.integration)
            .bind(row.http_status)
            .bind(&row.code)
            .bind(&row.mischief)
            .bind(row.millis)
            .fetch_one(&self.pool)
            .await?;
        sqlx::query("DELETE FROM calls WHERE id <= $1")
            .bind(id - KEPT)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The newest calls first.
    pub async fn calls(&self, limit: i64) -> Result<Vec<CallRow>, Error> {
        Ok(sqlx::query_as("SELECT * FROM calls ORDER BY id DESC LIMIT $1")
            .bind(limit)
            .fetch_all(&self.pool)
            .await?)
    }
}
