//! Every SQL statement; both engines behind one face.
//!
//! One SQL text serves both engines wherever both can run it; where they differ, two texts stand side by side in the
//! same function ([`Conn::pick`]). Functions take `&mut Conn`, so that each runs inside a transaction or outside one.

#[macro_use]
mod macros;
mod copier;
pub mod customers;
mod db;
mod like;
mod many;
mod timestamp;

pub mod attempts;
pub mod audit;
pub mod blobs;
pub mod candidates;
pub mod catalogue_uploads;
pub mod connectable_tools;
pub mod connection_health;
pub mod connection_links;
pub mod customer_cards;
pub mod deliveries;
pub mod files;
pub mod go_lives;
pub mod holder;
pub mod holds;
pub mod inbox;
pub mod integrations;
pub mod invitation_texts;
pub mod links;
pub mod meta;
pub mod offer_checks;
pub mod offer_sets;
pub mod offers;
pub mod order_lists;
pub mod orders;
pub mod package_texts;
pub mod packages;
#[cfg(test)]
mod plans;
pub mod publications;
pub mod rail;
pub mod reasons;
pub mod reconciler_runs;
pub mod results;
pub mod rollouts;
pub mod rule_facts;
pub mod rule_sets;
pub mod schedules;
pub mod sessions;
pub mod staff;
pub mod throttle;
pub mod timeline;
pub mod today;
pub mod token;
pub mod unpublished;
pub mod vault;

pub use db::{Conn, Db};
pub use many::Writes;

/// Ids as one JSON text, which both engines can take apart (see `among!`).
fn id_list<T: serde::Serialize>(ids: &[T]) -> String {
    serde_json::json!(ids).to_string()
}

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine, or the way to it, failed.
    #[error("the database failed: {0}")]
    Sqlx(#[source] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the database's tables could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Something that must be unique is there already.
    #[error("that is there already")]
    Exists,
    /// The row changed since it was read, or is gone.
    #[error("somebody else changed it first")]
    Changed,
    /// The writer is busy, the pool exhausted, or the server away: worth another try.
    #[error("the database is busy or away: {0}")]
    Busy(#[source] sqlx::Error),
    /// The disk is full.
    #[error("the disk is full: {0}")]
    Full(#[source] sqlx::Error),
    /// A sealed body cannot be opened.
    #[error(transparent)]
    Vault(#[from] vault::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::PoolClosed => Self::Busy(error),
            sqlx::Error::Database(cause) => {
                if cause.is_unique_violation() {
                    return Self::Exists;
                }
                match cause.code().as_deref() {
                    // SQLITE_BUSY and its kin; PostgreSQL: too many connections, admin shutdown, cannot connect now.
                    Some("5" | "6" | "261" | "517" | "53300" | "57P01" | "57P02" | "57P03" | "40001" | "40P01") => {
                        Self::Busy(error)
                    }
                    // SQLITE_FULL, SQLITE_IOERR_WRITE; PostgreSQL disk_full.
                    Some("13" | "778" | "53100") => Self::Full(error),
                    _ => Self::Sqlx(error),
                }
            }
            _ => Self::Sqlx(error),
        }
    }
}

impl Error {
    /// Whether the same call may well succeed a little later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Full(_))
    }

    /// Whether somebody else was at the same rows at the same moment, so that the same call may well succeed at once:
    /// they were faster, or PostgreSQL broke up a deadlock.
    pub fn is_contention(&self) -> bool {
        match self {
            Self::Exists | Self::Changed => true,
            Self::Busy(sqlx::Error::Database(cause)) => matches!(cause.code().as_deref(), Some("40001" | "40P01")),
            _ => false,
        }
    }
}
