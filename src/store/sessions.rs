//! Who is signed in, on which browser. Cookies are kept as digests alone.

use crate::domain::ids::StaffId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;

/// A session to be opened.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// SHA-256 of the cookie.
    pub digest: &'a [u8],
    /// Whose it is.
    pub staff_id: StaffId,
    /// When it begins.
    pub created_at: Timestamp,
    /// When it ends unless it is used before.
    pub expires_at: Timestamp,
    /// What the browser calls itself, so that a person knows it again.
    pub agent: &'a str,
}

/// A session in use, with the person as they stand now.
#[derive(Clone, Debug, Serialize, Deserialize, sqlx::FromRow)]
pub struct InUse {
    /// Whose it is.
    pub staff_id: StaffId,
    /// Their name.
    pub name: String,
    /// Their e-mail.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// Whether they see every customer.
    pub all_customers: bool,
    /// Their time zone.
    pub time_zone: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// Whether single letters are keys.
    pub single_keys: bool,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// Whether notices wait in it.
    pub has_notices: bool,
}

/// A session in a person's list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    /// SHA-256 of its cookie.
    pub digest: Vec<u8>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// What the browser calls itself.
    pub agent: String,
}

/// Opens a session; its owner is here from now on.
pub async fn insert(conn: &mut Conn, new: &NewSession<'_>) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO sessions (digest, staff_id, notices, created_at, seen_at, expires_at, agent)
         VALUES ($1, $2, $3, $4, $4, $5, $6)",
        new.digest,
        new.staff_id,
        Json(Value::Array(Vec::new())),
        new.created_at,
        new.expires_at,
        new.agent
    )?;
    note_owner(conn, new.digest, new.created_at).await
}

/// Notes when the session's owner was last here.
async fn note_owner(conn: &mut Conn, digest: &[u8], seen_at: Timestamp) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE staff SET seen_at = $2 WHERE id = (SELECT staff_id FROM sessions WHERE digest = $1)",
        digest,
        seen_at
    )
    .map(drop)
}

/// The session with this digest, unless it has ended or its owner is disabled.
pub async fn find(conn: &mut Conn, digest: &[u8], now: Timestamp) -> Result<Option<InUse>, Error> {
    let sql = conn.pick(
        "SELECT s.staff_id, p.name, p.email, p.role, p.all_customers, p.time_zone, p.theme, p.single_keys, s.created_at, s.seen_at,
                s.notices <> '[]' AS has_notices
         FROM sessions s JOIN staff p ON p.id = s.staff_id
         WHERE s.digest = $1 AND s.expires_at > $2 AND p.disabled_at IS NULL",
        "SELECT s.staff_id, p.name, p.email, p.role, p.all_customers, p.time_zone, p.theme, p.single_keys, s.created_at, s.seen_at,
                s.notices <> '[]'::jsonb AS has_notices
         FROM sessions s JOIN staff p ON p.id = s.staff_id
         WHERE s.digest = $1 AND s.expires_at > $2 AND p.disabled_at IS NULL",
    );
    fetch_optional!(conn, InUse, sql, digest, now)
}

/// Notes that the session is in use, and until when it now lives.
pub async fn touch(conn: &mut Conn, digest: &[u8], seen_at: Timestamp, expires_at: Timestamp) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE digest = $1",
        digest,
        seen_at,
        expires_at
    )?;
    note_owner(conn, digest, seen_at).await
}

/// The notices that wait in the session.
pub async fn notices(conn: &mut Conn, digest: &[u8]) -> Result<Option<Json<Value>>, Error> {
    scalar!(
        conn,
        Json<Value>,
        "SELECT notices FROM sessions WHERE digest = $1",
        digest
    )
}

/// Leaves these notices in the session instead of those that waited there.
pub async fn set_notices(conn: &mut Conn, digest: &[u8], notices: &Value) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE sessions SET notices = $2 WHERE digest = $1",
        digest,
        Json(notices)
    )
    .map(drop)
}

/// Ends the session with this digest, whosever it is.
pub async fn delete(conn: &mut Conn, digest: &[u8]) -> Result<u64, Error> {
    execute!(conn, "DELETE FROM sessions WHERE digest = $1", digest)
}

/// Ends one session of this person.
pub async fn delete_of(conn: &mut Conn, staff: StaffId, digest: &[u8]) -> Result<u64, Error> {
    execute!(
        conn,
        "DELETE FROM sessions WHERE staff_id = $1 AND digest = $2",
        staff,
        digest
    )
}

/// Ends every session of this person, but for the one to `keep`.
pub async fn delete_all(conn: &mut Conn, staff: StaffId, keep: Option<&[u8]>) -> Result<u64, Error> {
    execute!(
        conn,
        "DELETE FROM sessions WHERE staff_id = $1 AND digest <> $2",
        staff,
        keep.unwrap_or_default()
    )
}

/// The person's sessions, the one used last first.
pub async fn of_staff(conn: &mut Conn, staff: StaffId, now: Timestamp) -> Result<Vec<Listed>, Error> {
    fetch_all!(
        conn,
        Listed,
        "SELECT digest, created_at, seen_at, agent FROM sessions
         WHERE staff_id = $1 AND expires_at > $2 ORDER BY seen_at DESC, created_at DESC",
        staff,
        now
    )
}

/// Removes what has ended.
pub async fn sweep(conn: &mut Conn, now: Timestamp) -> Result<u64, Error> {
    execute!(conn, "DELETE FROM sessions WHERE expires_at <= $1", now)
}
