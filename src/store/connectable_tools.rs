//! The ATSs that Kombo can connect, as its list was last read.

use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// An ATS that can be connected.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ToolRow {
    /// Kombo's id (`greenhouse`).
    pub tool: String,
    /// Its name for people.
    pub label: String,
    /// When Kombo's list was read.
    pub read_at: Timestamp,
}

/// All of them, by name.
pub async fn all(conn: &mut Conn) -> Result<Vec<ToolRow>, Error> {
    fetch_all!(conn, ToolRow, "SELECT * FROM connectable_tools ORDER BY label, tool")
}

/// When the list was last read; `None`: never.
pub async fn read_at(conn: &mut Conn) -> Result<Option<Timestamp>, Error> {
    scalar!(conn, Timestamp, "SELECT read_at FROM connectable_tools LIMIT 1")
}

/// Writes the list as it is now, instead of the one before.
pub async fn replace(conn: &mut Conn, tools: &[ToolRow]) -> Result<(), Error> {
    execute!(conn, "DELETE FROM connectable_tools")?;
    insert_many!(
        conn,
        "INSERT INTO connectable_tools (tool, label, read_at) ",
        tools.iter(),
        |b, row| {
            b.push_bind(&row.tool).push_bind(&row.label).push_bind(row.read_at);
        },
        ""
    )
    .map(drop)
}
