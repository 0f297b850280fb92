//! The two engines behind one face.

use crate::store::Error;
use crate::store::copier::Copier;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a write waits for SQLite's one writer, or for a free PostgreSQL connection, before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many pages the write-ahead log takes in before the writer copies what the copier did not yet: the log then begins
/// anew.
const CHECKPOINT_AFTER: &str = "4000";

/// How many KiB of the database SQLite's writer keeps in memory: what one large batch changes.
const WRITE_CACHE: &str = "-4000";

/// How many statements the writer remembers as prepared: all that it meets in its usual work, those of many rows in each of
/// their sizes among them.
const REMEMBERED: usize = 250;

/// How many rows may lie between a connection's thread and who asked for them. A page of a list and one more row fit, so that
/// the thread does not stand still in the middle of it.
const ROWS_AHEAD: usize = 256;

/// How many KiB the copier keeps: it goes past the pages, from the log to the database.
const COPY_CACHE: &str = "-100";

/// How many KiB each reader keeps: the upper pages of its indexes. The rest stands in the system's own cache, once for all.
const READ_CACHE: &str = "-2500";

/// The database: embedded SQLite (the default), or PostgreSQL.
#[derive(Clone, Debug)]
pub enum Db {
    /// One connection writes, a pool of others reads.
    Sqlite {
        /// The single writer.
        write: SqlitePool,
        /// The readers.
        read: SqlitePool,
        /// What copies beside the writer.
        copier: Copier,
        /// How many transactions the writer has begun.
        turns: Arc<AtomicU64>,
    },
    /// One pool for both.
    Postgres(PgPool),
}

/// A connection in use: outside a transaction (reads), or in one (writes). Dropping an uncommitted one rolls back.
#[derive(Debug)]
pub enum Conn {
    /// Reads from SQLite.
    SqliteRead(PoolConnection<Sqlite>),
    /// Writes to SQLite, begun with `BEGIN IMMEDIATE`.
    SqliteWrite(Transaction<'static, Sqlite>),
    /// Reads from PostgreSQL.
    PostgresRead(PoolConnection<Postgres>),
    /// Writes to PostgreSQL.
    PostgresWrite(Transaction<'static, Postgres>),
}

/// The engine's own connection, for the macros of this room.
#[derive(Debug)]
pub(in crate::store) enum Side<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Db {
    /// Opens the database that `url` names (`sqlite://path` or `postgres://…`) and brings its tables up to date.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let db = Self::connect(url).await?;
        db.migrate().await?;
        Ok(db)
    }

    /// Opens the database without touching its tables.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)?.application_name("assessdesk");
            let pool = PgPoolOptions::new()
                .max_connections(24)
                .acquire_timeout(PATIENCE)
                .connect_with(options)
                .await?;
            return Ok(Self::Postgres(pool));
        }
        // No statistics are kept (`PRAGMA optimize`): those of a young house, taken at its first stop, lead SQLite past the
        // index of held orders and through all orders, on every page of the large house that it becomes. Without them it
        // goes about every list as the tests of `plans.rs` say.
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .row_buffer_size(ROWS_AHEAD)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            // It was tested when it was given back.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            // SQLite itself rolls back where the disk is full or fails. The driver then counts on a transaction that is
            // no more, and would begin none ever again: such a connection gives way to a new one.
            .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
            .connect_with(
                options
                    .clone()
                    .statement_cache_capacity(REMEMBERED)
                    .pragma("cache_size", WRITE_CACHE)
                    .pragma("wal_autocheckpoint", CHECKPOINT_AFTER),
            )
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(
                options
                    .clone()
                    .pragma("query_only", "ON")
                    .pragma("cache_size", READ_CACHE),
            )
            .await?;
        let copy = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options.pragma("query_only", "ON").pragma("cache_size", COPY_CACHE));
        let copier = Copier::start(copy);
        let turns = Arc::default();
        Ok(Self::Sqlite {
            write,
            read,
            copier,
            turns,
        })
    }

    /// Applies the migrations that the database does not have yet.
    pub async fn migrate(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite { write, .. } => SQLITE_MIGRATIONS.run(write).await?,
            Self::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// Something was committed: what SQLite's log took in may be worth copying.
    pub(crate) fn notice_commit(&self) {
        if let Self::Sqlite { copier, .. } = self {
            copier.notice();
        }
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Conn, Error> {
        // What waits for the pool is 4 KB large, and would be a part of all that ever reads or writes.
        Ok(match self {
            Self::Sqlite { read, .. } => Conn::SqliteRead(Box::pin(read.acquire()).await?),
            Self::Postgres(pool) => Conn::PostgresRead(Box::pin(pool.acquire()).await?),
        })
    }

    /// Begins a transaction. On SQLite it waits for the one writer.
    pub async fn begin(&self) -> Result<Conn, Error> {
        Ok(match self {
            Self::Sqlite { write, turns, .. } => {
                let begun = Box::pin(write.begin_with("BEGIN IMMEDIATE")).await?;
                turns.fetch_add(1, Ordering::Relaxed);
                Conn::SqliteWrite(begun)
            }
            Self::Postgres(pool) => Conn::PostgresWrite(Box::pin(pool.begin()).await?),
        })
    }

    /// The number of the transaction that was begun last: while it lasts, of the one that writes. It tells whether anybody
    /// in this process may have written between two transactions. `None` where others write at the same time.
    pub fn turn(&self) -> Option<u64> {
        match self {
            Self::Sqlite { turns, .. } => Some(turns.load(Ordering::Relaxed)),
            Self::Postgres(_) => None,
        }
    }

    /// Closes every connection, letting those in use finish.
    pub async fn close(&self) {
        match self {
            Self::Sqlite {
                write, read, copier, ..
            } => {
                copier.close().await;
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// `SQLite` or `PostgreSQL`, for people.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

impl Conn {
    /// Commits; a connection outside a transaction has nothing to commit.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::SqliteWrite(tx) => tx.commit().await?,
            Self::PostgresWrite(tx) => tx.commit().await?,
            Self::SqliteRead(_) | Self::PostgresRead(_) => {}
        }
        Ok(())
    }

    /// The engine's own connection.
    pub(in crate::store) fn side(&mut self) -> Side<'_> {
        match self {
            Self::SqliteRead(conn) => Side::Sqlite(conn),
            Self::SqliteWrite(tx) => Side::Sqlite(tx),
            Self::PostgresRead(conn) => Side::Postgres(conn),
            Self::PostgresWrite(tx) => Side::Postgres(tx),
        }
    }

    /// The text for this engine, where the two differ.
    pub(in crate::store) fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        if self.is_sqlite() { sqlite } else { postgres }
    }

    /// Whether this is SQLite, for texts that differ by more than a word.
    pub(in crate::store) fn is_sqlite(&self) -> bool {
        matches!(self, Self::SqliteRead(_) | Self::SqliteWrite(_))
    }

    /// Marks a place in the transaction to which [`Conn::undo_to_savepoint`] can go back.
    pub async fn savepoint(&mut self) -> Result<(), Error> {
        execute!(self, "SAVEPOINT item").map(drop)
    }

    /// Keeps what happened since [`Conn::savepoint`].
    pub async fn keep_savepoint(&mut self) -> Result<(), Error> {
        execute!(self, "RELEASE SAVEPOINT item").map(drop)
    }

    /// Undoes what happened since [`Conn::savepoint`].
    pub async fn undo_to_savepoint(&mut self) -> Result<(), Error> {
        execute!(self, "ROLLBACK TO SAVEPOINT item")?;
        execute!(self, "RELEASE SAVEPOINT item").map(drop)
    }
}
