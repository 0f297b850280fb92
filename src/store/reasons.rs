//! The library of reasons, and its texts.

use crate::domain::ids::ReasonId;
use crate::domain::language::Language;
use crate::domain::reason::{MAX_REASONS, ReasonUse};
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// The name under which the database remembers that the library was begun.
const BEGUN: &str = "reasons_begun";

/// A reason, without its texts.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ReasonRow {
    /// Our id.
    pub id: ReasonId,
    /// What staff choose by.
    pub name: String,
    /// Whether it is offered where an order is rejected.
    pub for_rejection: bool,
    /// Whether it is offered where an order is cancelled.
    pub for_cancellation: bool,
    /// Its place in the order in which reasons are offered.
    pub position: i64,
    /// How many decisions it was chosen for and stands behind.
    pub uses: i64,
    /// When it was chosen last.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is not offered any more.
    pub retired_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Rises with every change; being chosen is none.
    pub version: i64,
}

impl ReasonRow {
    /// Whether it can be chosen for this at all, retired or not.
    pub const fn is_for(&self, what: ReasonUse) -> bool {
        match what {
            ReasonUse::Rejection => self.for_rejection,
            ReasonUse::Cancellation => self.for_cancellation,
        }
    }
}

/// A reason's text in one language.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TextRow {
    /// Whose it is.
    pub reason_id: ReasonId,
    /// In which language.
    pub language: Language,
    /// What the recruiter reads, with its placeholders.
    pub text: String,
}

/// The reason.
pub async fn find(conn: &mut Conn, id: ReasonId) -> Result<Option<ReasonRow>, Error> {
    fetch_optional!(conn, ReasonRow, "SELECT * FROM reasons WHERE id = $1", id)
}

/// The text of [`list`].
pub(in crate::store) const LIST: &str = "SELECT * FROM reasons ORDER BY position, id LIMIT $1";

/// Every reason, retired ones included, in the order in which they are offered.
pub async fn list(conn: &mut Conn) -> Result<Vec<ReasonRow>, Error> {
    fetch_all!(conn, ReasonRow, LIST, most())
}

/// The same, held so that nobody else can move one meanwhile.
pub async fn list_to_change(conn: &mut Conn) -> Result<Vec<ReasonRow>, Error> {
    let sql = conn.pick(LIST, "SELECT * FROM reasons ORDER BY position, id LIMIT $1 FOR UPDATE");
    fetch_all!(conn, ReasonRow, sql, most())
}

/// The reasons that are offered for `what`, in their order.
pub async fn offered(conn: &mut Conn, what: ReasonUse) -> Result<Vec<ReasonRow>, Error> {
    let all = list(conn).await?;
    let offered = all
        .into_iter()
        .filter(|row| row.retired_at.is_none() && row.is_for(what));
    Ok(offered.collect())
}

/// The texts of all reasons.
pub async fn texts(conn: &mut Conn) -> Result<Vec<TextRow>, Error> {
    fetch_all!(
        conn,
        TextRow,
        "SELECT reason_id, language, text FROM reason_texts ORDER BY reason_id, language"
    )
}

/// The texts of one reason.
pub async fn texts_of(conn: &mut Conn, id: ReasonId) -> Result<Vec<(Language, String)>, Error> {
    fetch_all!(
        conn,
        (Language, String),
        "SELECT language, text FROM reason_texts WHERE reason_id = $1 ORDER BY language",
        id
    )
}

/// Writes a new reason, without its texts.
pub async fn insert(conn: &mut Conn, row: &ReasonRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO reasons (id, name, for_rejection, for_cancellation, position, uses, last_used_at, retired_at,
            created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.id,
        &row.name,
        row.for_rejection,
        row.for_cancellation,
        row.position,
        row.uses,
        row.last_used_at,
        row.retired_at,
        row.created_at,
        row.version
    )
    .map(drop)
}

/// Writes everything about `row` that a person can change, but for its place.
///
/// # Errors
/// [`Error::Changed`] where somebody else changed it since it was read.
pub async fn save(conn: &mut Conn, row: &mut ReasonRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE reasons SET name = $3, for_rejection = $4, for_cancellation = $5, retired_at = $6, version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        &row.name,
        row.for_rejection,
        row.for_cancellation,
        row.retired_at
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

/// Puts a reason at this place in the order in which they are offered.
pub async fn set_position(conn: &mut Conn, id: ReasonId, position: i64) -> Result<(), Error> {
    execute!(conn, "UPDATE reasons SET position = $2 WHERE id = $1", id, position).map(drop)
}

/// Replaces the texts of a reason.
pub async fn set_texts(conn: &mut Conn, id: ReasonId, texts: &[(Language, String)]) -> Result<(), Error> {
    execute!(conn, "DELETE FROM reason_texts WHERE reason_id = $1", id)?;
    for (language, text) in texts {
        execute!(
            conn,
            "INSERT INTO reason_texts (reason_id, language, text) VALUES ($1, $2, $3)",
            id,
            *language,
            text
        )?;
    }
    Ok(())
}

/// Counts that the reason was chosen.
pub async fn count_use(conn: &mut Conn, id: ReasonId, now: Timestamp) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE reasons SET uses = uses + 1, last_used_at = $2 WHERE id = $1",
        id,
        now
    )
    .map(drop)
}

/// Takes one use off again: the decision was taken back.
pub async fn uncount_use(conn: &mut Conn, id: ReasonId) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE reasons SET uses = uses - 1 WHERE id = $1 AND uses > 0",
        id
    )
    .map(drop)
}

/// Notes that the library was begun; tells whether that is news.
pub async fn begin_library(conn: &mut Conn, now: Timestamp) -> Result<bool, Error> {
    let noted = execute!(
        conn,
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        BEGUN,
        now.to_fixed()
    )?;
    Ok(noted > 0)
}

fn most() -> i64 {
    i64::try_from(MAX_REASONS).unwrap_or(i64::MAX)
}
