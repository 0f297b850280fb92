//! Which `serve` holds the database: one at a time, until several processes are supported.

use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};
use uuid::Uuid;

/// A `serve` that holds the database, or wants to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Holder {
    /// Its own name, new with every start.
    pub process: Uuid,
    /// How people find it (`process 4711 on desk-1`).
    pub described: String,
    /// The machine and the namespace of its process numbers; empty where that cannot be told.
    pub place: String,
    /// The process there: its number and the moment of its start.
    pub mark: String,
    /// When it last said that it is there.
    pub seen_at: Timestamp,
}

/// Who holds the database. On PostgreSQL the row stays as it is until the transaction ends.
pub async fn find(conn: &mut Conn) -> Result<Option<Holder>, Error> {
    let sql = conn.pick(
        "SELECT process, described, place, mark, seen_at FROM holder WHERE id = 1",
        "SELECT process, described, place, mark, seen_at FROM holder WHERE id = 1 FOR UPDATE",
    );
    fetch_optional!(conn, Holder, sql)
}

/// Takes the database, from whomever held it.
pub async fn take(conn: &mut Conn, holder: &Holder) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO holder (id, process, described, place, mark, seen_at) VALUES (1, $1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET process = excluded.process, described = excluded.described,
            place = excluded.place, mark = excluded.mark, seen_at = excluded.seen_at",
        holder.process,
        holder.described.as_str(),
        holder.place.as_str(),
        holder.mark.as_str(),
        holder.seen_at
    )
    .map(drop)
}

/// Says that `process` still holds the database; `false` where another has taken it.
pub async fn beat(conn: &mut Conn, process: Uuid, now: Timestamp) -> Result<bool, Error> {
    let rows = execute!(conn, "UPDATE holder SET seen_at = $2 WHERE process = $1", process, now)?;
    Ok(rows == 1)
}

/// Lets the database go.
pub async fn release(conn: &mut Conn, process: Uuid) -> Result<(), Error> {
    execute!(conn, "DELETE FROM holder WHERE process = $1", process).map(drop)
}
