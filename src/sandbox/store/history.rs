//! Everything that is known of one order, as of one moment.

use super::{AttachmentInfo, OrderRow, ResultRow, Store, WebhookRow, log, orders};
use crate::sandbox::Error;

/// An order with what came of it.
#[derive(Clone, Debug)]
pub struct History {
    /// The order.
    pub row: OrderRow,
    /// Every write that was applied to it, oldest first.
    pub results: Vec<ResultRow>,
    /// Its attachments, in the order in which they were sent.
    pub attachments: Vec<AttachmentInfo>,
    /// Its newest webhooks, newest first.
    pub webhooks: Vec<WebhookRow>,
}

impl Store {
    /// One order with what came of it and at most `webhooks` of its webhooks. All is read in one transaction: a result that
    /// is written meanwhile is told whole, with the status that it gave the order, or not at all.
    pub async fn history(&self, id: &str, webhooks: i64) -> Result<History, Error> {
        let results = "SELECT id, at, status, body FROM results WHERE order_id = $1 ORDER BY id";
        let attachments = "SELECT id, name, content_type, length(bytes) AS size, sha256 FROM attachments
                           WHERE order_id = $1 ORDER BY id";
        let mut tx = self.pool.begin().await?;
        Ok(History {
            row: orders::one(&mut *tx, id).await?,
            results: sqlx::query_as(results).bind(id).fetch_all(&mut *tx).await?,
            attachments: sqlx::query_as(attachments).bind(id).fetch_all(&mut *tx).await?,
            webhooks: log::newest_webhooks(&mut *tx, Some(id), webhooks).await?,
        })
    }
}
