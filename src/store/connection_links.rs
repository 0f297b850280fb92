//! Connection links: made by Kombo, opened by the customer, kept sealed, since whoever has one can connect in their name.

use crate::domain::ids::{ConnectionLinkId, CustomerId, StaffId};
use crate::domain::time::Timestamp;
use crate::store::vault::{Place, Vault};
use crate::store::{Conn, Error};

/// A connection link, sealed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LinkRow {
    /// Our id.
    pub id: ConnectionLinkId,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// The ATS, where it was chosen beforehand.
    pub tool: Option<String>,
    /// The page's language (`en`).
    pub language: String,
    /// `MAGIC_LINK` or `EMBEDDED`.
    pub link_type: String,
    /// The address, sealed.
    pub link: Vec<u8>,
    /// Who had it made.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A connection link in the list, with the name of who had it made.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedLink {
    /// The link.
    #[sqlx(flatten)]
    pub row: LinkRow,
    /// The staff member's name.
    pub staff_name: Option<String>,
}

fn place(id: ConnectionLinkId) -> Place {
    Place::new("connection_links", "link", id.0.as_bytes())
}

/// Writes a link; `row.link` is filled with the sealed `address`.
pub async fn insert(conn: &mut Conn, vault: &Vault, row: &mut LinkRow, address: &str) -> Result<(), Error> {
    row.link = vault
        .seal(conn, Some(row.customer_id), &place(row.id), address.as_bytes())
        .await?;
    execute!(
        conn,
        "INSERT INTO connection_links (id, customer_id, tool, language, link_type, link, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id,
        row.customer_id,
        &row.tool,
        &row.language,
        &row.link_type,
        &row.link,
        row.created_by,
        row.created_at,
        row.expires_at
    )
    .map(drop)
}

/// The links of a customer that the viewer was already found to see, the newest first.
pub async fn of_customer(conn: &mut Conn, customer: CustomerId, limit: i64) -> Result<Vec<ListedLink>, Error> {
    fetch_all!(
        conn,
        ListedLink,
        "SELECT l.*, s.name AS staff_name FROM connection_links l LEFT JOIN staff s ON s.id = l.created_by
         WHERE l.customer_id = $1 ORDER BY l.created_at DESC, l.id DESC LIMIT $2",
        customer,
        limit
    )
}

/// The address.
pub async fn open(conn: &mut Conn, vault: &Vault, row: &LinkRow) -> Result<String, Error> {
    let opened = vault.open(conn, &place(row.id), &row.link).await?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}
