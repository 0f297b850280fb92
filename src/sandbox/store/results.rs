//! Every result that was written for an order, with its attachments.

use super::Store;
use crate::domain::time::Timestamp;
use crate::kombo::wire::OrderStatus;
use crate::sandbox::Error;
use serde::Serialize;

/// A write that was applied.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ResultRow {
    /// Rises with every write.
    pub id: i64,
    /// When it was applied.
    pub at: Timestamp,
    /// What it said about the order.
    pub status: String,
    /// The body, with the attachments' bytes taken out.
    pub body: String,
}

/// An attachment.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AttachmentRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `type/subtype`.
    pub content_type: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// SHA-256 of that, in hexadecimal.
    pub sha256: String,
}

/// An attachment without what it holds.
#[derive(Clone, Debug, sqlx::FromRow, Serialize)]
pub struct AttachmentInfo {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `type/subtype`.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl Store {
    /// Applies a result to an open order with its attachments, in one transaction; false where the order is not open.
    pub async fn apply_result(
        &self,
        order: &str,
        status: OrderStatus,
        body: &str,
        files: &[AttachmentRow],
        at: Timestamp,
    ) -> Result<bool, Error> {
        let mut tx = self.pool.begin().await?;
        let sql = "UPDATE orders SET status = $2, closed_at = CASE $2 WHEN 'OPEN' THEN NULL ELSE $3 END,
                   closed_by = CASE $2 WHEN 'OPEN' THEN NULL ELSE 'provider' END WHERE id = $1 AND status = 'OPEN'";
        let done = sqlx::query(sql)
            .bind(order)
            .bind(status.as_str())
            .bind(at)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO results (order_id, at, status, body) VALUES ($1, $2, $3, $4) RETURNING id";
        let result: i64 = sqlx::query_scalar(sql)
            .bind(order)
            .bind(at)
            .bind(status.as_str())
            .bind(body)
            .fetch_one(&mut *tx)
            .await?;
        for file in files {
            let sql = "INSERT INTO attachments (result_id, order_id, name, content_type, bytes, sha256) VALUES ($1, $2, $3, $4, $5, $6)";
            sqlx::query(sql)
                .bind(result)
                .bind(order)
                .bind(&file.name)
                .bind(&file.content_type)
                .bind(&file.bytes)
                .bind(&file.sha256)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// One attachment with its bytes.
    pub async fn attachment(&self, order: &str, id: i64) -> Result<AttachmentRow, Error> {
        let sql = "SELECT id, name, content_type, bytes, sha256 FROM attachments WHERE order_id = $1 AND id = $2";
        let row = sqlx::query_as(sql)
            .bind(order)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.ok_or(Error::Missing("attachment"))
    }
}
