//! Orders.

use super::Store;
use crate::domain::time::Timestamp;
use crate::kombo::wire::{Order, OrderStatus};
use crate::sandbox::Error;
use sqlx::SqliteExecutor;

/// An order, as the sandbox keeps it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OrderRow {
    /// Rises with every order.
    pub seq: i64,
    /// Kombo's id.
    pub id: String,
    /// Kombo's id of the integration.
    pub integration_id: String,
    /// The package's key.
    pub package_id: String,
    /// Kombo's status.
    pub status: String,
    /// Whether the candidate waits in the career page.
    pub inline: bool,
    /// The whole order as webhooks tell it (its status is the row's).
    pub data: String,
    /// When the recruiter placed it.
    pub created_at: Timestamp,
    /// What the answer to its webhook meant; null until one came.
    pub answer: Option<String>,
    /// The HTTP status of that answer.
    pub answer_status: Option<i64>,
    /// Where an inline candidate starts.
    pub start_url: Option<String>,
    /// Why it was rejected.
    pub rejection: Option<String>,
    /// When it came to its end.
    pub closed_at: Option<Timestamp>,
    /// Who ended it: `provider`, `recruiter` or `webhook`.
    pub closed_by: Option<String>,
}

impl OrderRow {
    /// The order as Kombo tells it now.
    pub fn order(&self) -> Result<Order, Error> {
        let mut order: Order = serde_json::from_str(&self.data)?;
        if let Some(status) = OrderStatus::parse(&self.status) {
            order.status = status;
        }
        Ok(order)
    }
}

/// A new order.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// The order as its webhook tells it.
    pub order: Order,
    /// Kombo's id of the integration.
    pub integration_id: String,
    /// Whether the candidate waits in the career page.
    pub inline: bool,
    /// When the recruiter placed it.
    pub created_at: Timestamp,
}

/// Which orders to list.
#[derive(Clone, Debug, Default)]
pub struct OrdersFilter {
    /// Only after this one.
    pub after: i64,
    /// At most this many.
    pub limit: i64,
    /// A JSON list of ids; all where it is null.
    pub ids: Option<String>,
    /// A JSON list of statuses; all where it is null.
    pub statuses: Option<String>,
    /// Only those placed then or later.
    pub created_after: Option<Timestamp>,
}

/// One order.
pub(super) async fn one(db: impl SqliteExecutor<'_>, id: &str) -> Result<OrderRow, Error> {
    let sql = "SELECT * FROM orders WHERE id = $1";
    let row = sqlx::query_as(sql).bind(id).fetch_optional(db).await?;
    row.ok_or(Error::Missing("order"))
}

impl Store {
    /// Keeps a new order.
    pub async fn add_order(&self, new: &NewOrder) -> Result<OrderRow, Error> {
        let sql = "INSERT INTO orders (id, integration_id, package_id, status, inline, data, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *";
        let row = sqlx::query_as(sql)
            .bind(&new.order.id)
            .bind(&new.integration_id)
            .bind(&new.order.package_id)
            .bind(new.order.status.as_str())
            .bind(new.inline)
            .bind(serde_json::to_string(&new.order)?)
            .bind(new.created_at)
            .fetch_one(&self.pool)
            .await;
        match row {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Err(Error::Asked("there is an order of that id".into()))
            }
            other => Ok(other?),
        }
    }

    /// One order.
    pub async fn order(&self, id: &str) -> Result<OrderRow, Error> {
        one(&self.pool, id).await
    }

    /// A page of an integration's orders, oldest first.
    pub async fn orders(&self, integration: &str, filter: &OrdersFilter) -> Result<Vec<OrderRow>, Error> {
        // Orders that are named are found by their ids, not by going through all of the integration.
        let sql = if filter.ids.is_some() {
            "SELECT o.* FROM json_each($3) named CROSS JOIN orders o ON o.id = named.value
             WHERE o.integration_id = $1 AND o.seq > $2
               AND ($4 IS NULL OR o.status IN (SELECT value FROM json_each($4)))
               AND ($5 IS NULL OR o.created_at >= $5)
             GROUP BY o.seq ORDER BY o.seq LIMIT $6"
        } else {
            "SELECT * FROM orders WHERE integration_id = $1 AND seq > $2 AND $3 IS NULL
               AND ($4 IS NULL OR status IN (SELECT value FROM json_each($4)))
               AND ($5 IS NULL OR created_at >= $5)
             ORDER BY seq LIMIT $6"
        };
        Ok(sqlx::query_as(sql)
            .bind(integration)
            .bind(filter.after)
            .bind(&filter.ids)
            .bind(&filter.statuses)
            .bind(filter.created_after)
            .bind(filter.limit)
            .fetch_all(&self.pool)
            .await?)
    }

    /// The newest orders before `before`, of one integration or of all.
    pub async fn newest_orders(
        &self,
        integration: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<OrderRow>, Error> {
        let sql =
            "SELECT * FROM orders WHERE ($1 IS NULL OR integration_id = $1) AND seq < $2 ORDER BY seq DESC LIMIT $3";
        Ok(sqlx::query_as(sql)
            .bind(integration)
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(&self.pool)
            .await?)
    }

    /// Ids and statuses of all orders, oldest first.
    pub async fn order_statuses(&self) -> Result<Vec<(String, String, String)>, Error> {
        Ok(
            sqlx::query_as("SELECT id, integration_id, status FROM orders ORDER BY seq")
                .fetch_all(&self.pool)
                .await?,
        )
    }

    /// How many orders there are.
    pub async fn count_orders(&self) -> Result<i64, Error> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM orders")
            .fetch_one(&self.pool)
            .await?)
    }

    /// Replaces what an order's webhook tells.
    pub async fn set_order_data(&self, id: &str, data: &Order) -> Result<(), Error> {
        let sql = "UPDATE orders SET data = $2, package_id = $3 WHERE id = $1";
        sqlx::query(sql)
            .bind(id)
            .bind(serde_json::to_string(data)?)
            .bind(&data.package_id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Keeps what the answer to an order's webhook was taken to mean.
    pub async fn note_answer(
        &self,
        id: &str,
        meaning: &str,
        http_status: Option<u16>,
        start_url: Option<&str>,
    ) -> Result<(), Error> {
        let sql =
            "UPDATE orders SET answer = $2, answer_status = $3, start_url = coalesce($4, start_url) WHERE id = $1";
        sqlx::query(sql)
            .bind(id)
            .bind(meaning)
            .bind(http_status)
            .bind(start_url)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends an open order; false where it was not open.
    pub async fn close_order(
        &self,
        id: &str,
        status: OrderStatus,
        by: &str,
        rejection: Option<&str>,
        at: Timestamp,
    ) -> Result<bool, Error> {
        let sql = "UPDATE orders SET status = $2, closed_by = $3, rejection = $4, closed_at = $5 WHERE id = $1 AND status = 'OPEN'";
        let done = sqlx::query(sql)
            .bind(id)
            .bind(status.as_str())
            .bind(by)
            .bind(rejection)
            .bind(at)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Sets an order's status, whatever it was; false where there is no such order.
    pub async fn force_status(&self, id: &str, status: OrderStatus, at: Timestamp) -> Result<bool, Error> {
        let sql = "UPDATE orders SET status = $2, closed_by = NULL, closed_at = CASE $2 WHEN 'OPEN' THEN NULL ELSE $3 END WHERE id = $1";
        let done = sqlx::query(sql)
            .bind(id)
            .bind(status.as_str())
            .bind(at)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets an order.
    pub async fn delete_order(&self, id: &str) -> Result<bool, Error> {
        let done = sqlx::query("DELETE FROM orders WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
