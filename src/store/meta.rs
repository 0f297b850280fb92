//! What the program remembers of the database itself, and whether it can be written.

use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// Writes one small row, as proof that the database and the disk under it take writes.
pub async fn prove_write(conn: &mut Conn, now: Timestamp) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO meta (name, value) VALUES ('written_at', $1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        now.to_fixed()
    )
    .map(drop)
}

/// The database server's clock; `None` where the database is a file and has none of its own.
pub async fn server_time(conn: &mut Conn) -> Result<Option<Timestamp>, Error> {
    match conn {
        Conn::SqliteRead(_) | Conn::SqliteWrite(_) => Ok(None),
        Conn::PostgresRead(_) | Conn::PostgresWrite(_) => {
            scalar!(conn, Timestamp, "SELECT clock_timestamp()")
        }
    }
}
