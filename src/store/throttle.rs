//! Failed sign-ins, counted under keyed digests.

use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// What is remembered under one digest.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Entry {
    /// How many attempts failed.
    pub failures: i64,
    /// Until when no further one is let through.
    pub blocked_until: Timestamp,
    /// When all of this is forgotten.
    pub forget_at: Timestamp,
}

/// What is remembered under `digest` and not to be forgotten by `now`.
pub async fn find(conn: &mut Conn, digest: &[u8], now: Timestamp) -> Result<Option<Entry>, Error> {
    fetch_optional!(
        conn,
        Entry,
        "SELECT failures, blocked_until, forget_at FROM throttle WHERE digest = $1 AND forget_at > $2",
        digest,
        now
    )
}

/// Remembers `entry` under `digest`.
pub async fn put(conn: &mut Conn, digest: &[u8], entry: Entry) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO throttle (digest, failures, blocked_until, forget_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (digest) DO UPDATE SET failures = excluded.failures, blocked_until = excluded.blocked_until,
            forget_at = excluded.forget_at",
        digest,
        entry.failures,
        entry.blocked_until,
        entry.forget_at
    )
    .map(drop)
}

/// Forgets what is remembered under `digest`.
pub async fn remove(conn: &mut Conn, digest: &[u8]) -> Result<(), Error> {
    execute!(conn, "DELETE FROM throttle WHERE digest = $1", digest).map(drop)
}

/// Removes what is to be forgotten.
pub async fn sweep(conn: &mut Conn, now: Timestamp) -> Result<u64, Error> {
    execute!(conn, "DELETE FROM throttle WHERE forget_at <= $1", now)
}
