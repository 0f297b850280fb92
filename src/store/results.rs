//! Results as staff entered them, sealed; one per order.

use crate::domain::ids::{CustomerId, OrderId, StaffId};

use crate::domain::time::Timestamp;
use crate::store::vault::{Place, Vault};
use crate::store::{Conn, Error};

/// How it stands with what was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum ResultState {
    /// It can be changed.
    Draft,
    /// It waits for a second person.
    InReview,
    /// It is on its way, or gone.
    Released,
}

/// A result, without its content.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ResultRow {
    /// The order.
    pub order_id: OrderId,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// How it stands.
    pub state: ResultState,
    /// What was entered, sealed; see [`open`].
    pub content: Vec<u8>,
    /// Who saved it last.
    pub saved_by: Option<StaffId>,
    /// When.
    pub saved_at: Timestamp,
    /// Who released it.
    pub released_by: Option<StaffId>,
    /// When.
    pub released_at: Option<Timestamp>,
    /// Rises with every change.
    pub version: i64,
}

fn place(order: OrderId) -> Place {
    Place::new("results", "content", order.0.as_bytes())
}

/// The result of an order that the viewer was already found to see.
pub async fn find(conn: &mut Conn, order: OrderId) -> Result<Option<ResultRow>, Error> {
    fetch_optional!(conn, ResultRow, "SELECT * FROM results WHERE order_id = $1", order)
}

/// What was entered, opened.
pub async fn open(conn: &mut Conn, vault: &Vault, row: &ResultRow) -> Result<Vec<u8>, Error> {
    vault.open(conn, &place(row.order_id), &row.content).await
}

/// A draft to be saved.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The order.
    pub order_id: OrderId,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// What was entered, in clear; it is sealed on the way.
    pub content: &'a [u8],
    /// Who saves it.
    pub by: Option<StaffId>,
    /// When.
    pub at: Timestamp,
    /// The version that it takes the place of; 0: there is none yet.
    pub version: i64,
}

/// Saves a draft; gives its version.
///
/// # Errors
/// [`Error::Changed`] where somebody saved in between, or the result is no draft any more.
pub async fn save_draft(conn: &mut Conn, vault: &Vault, draft: &Draft<'_>) -> Result<i64, Error> {
    let order = draft.order_id;
    let sealed = vault
        .seal(conn, draft.customer_id, &place(order), draft.content)
        .await?;
    let saved = if draft.version == 0 {
        execute!(
            conn,
            "INSERT INTO results (order_id, customer_id, state, content, saved_by, saved_at, version)
             VALUES ($1, $2, 'draft', $3, $4, $5, 1) ON CONFLICT DO NOTHING",
            order,
            draft.customer_id,
            sealed,
            draft.by,
            draft.at
        )?
    } else {
        execute!(
            conn,
            "UPDATE results SET content = $3, saved_by = $4, saved_at = $5, version = version + 1
             WHERE order_id = $1 AND version = $2 AND state = 'draft'",
            order,
            draft.version,
            sealed,
            draft.by,
            draft.at
        )?
    };
    if saved == 0 {
        return Err(Error::Changed);
    }
    Ok(draft.version + 1)
}

/// Moves the result of an order to another state; without a result nothing happens.
pub async fn set_state(
    conn: &mut Conn,
    order: OrderId,
    state: ResultState,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<(), Error> {
    let released = state == ResultState::Released;
    execute!(
        conn,
        "UPDATE results SET state = $2, version = version + 1,
            released_by = CASE WHEN $3 THEN $4 ELSE released_by END,
            released_at = CASE WHEN $3 THEN $5 ELSE released_at END
         WHERE order_id = $1",
        order,
        state,
        released,
        by,
        now
    )
    .map(drop)
}
