//! Every SQL statement of the sandbox: one SQLite file with a schema of its own.

mod history;
mod integrations;
mod log;
mod orders;
mod results;

pub use history::History;
pub use integrations::{IntegrationRow, LinkRow, PackageRow};
pub use log::{CallRow, WebhookRow};
pub use orders::{NewOrder, OrderRow, OrdersFilter};
pub use results::{AttachmentInfo, AttachmentRow, ResultRow};

use super::Error;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::str::FromStr as _;
use std::time::Duration;

/// The sandbox's database. One connection: what is written is seen at once, and nothing waits for locks.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the file, making it and its tables where they are not there.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Forgets everything.
    pub async fn reset(&self) -> Result<(), Error> {
        sqlx::raw_sql(
            "DELETE FROM integrations; DELETE FROM links; DELETE FROM packages; DELETE FROM orders; DELETE FROM results;
             DELETE FROM attachments; DELETE FROM webhooks; DELETE FROM calls;",
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
