//! Uploaded files: the row of each; its bytes lie sealed under `DATA_DIR/files/<id>`.

use crate::domain::ids::{CustomerId, FileId, OrderId, StaffId};
use crate::domain::time::Timestamp;
use crate::store::vault::Place;
use crate::store::{Conn, Error};

/// An uploaded file.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FileRow {
    /// Its id, and the name under which its bytes lie.
    pub id: FileId,
    /// The order whose result it belongs to.
    pub order_id: OrderId,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// Its safe name, with an extension.
    pub name: String,
    /// `type/subtype`, found from its content.
    pub content_type: String,
    /// Its size in bytes.
    pub size: i64,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// Its place among the files of the order.
    pub position: i64,
    /// Who uploaded it.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
}

/// Where the sealed bytes of a file belong, for [`crate::store::vault::Vault`].
pub fn place(id: FileId) -> Place {
    Place::new("files", "bytes", id.0.as_bytes())
}

/// Writes the row of a file whose bytes are already on disk.
pub async fn insert(conn: &mut Conn, file: &FileRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO files (id, order_id, customer_id, name, content_type, size, sha256, position, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        file.id,
        file.order_id,
        file.customer_id,
        &file.name,
        &file.content_type,
        file.size,
        &file.sha256,
        file.position,
        file.created_by,
        file.created_at
    )
    .map(drop)
}

/// The files of an order, in their places.
pub async fn of_order(conn: &mut Conn, order: OrderId) -> Result<Vec<FileRow>, Error> {
    fetch_all!(
        conn,
        FileRow,
        "SELECT * FROM files WHERE order_id = $1 ORDER BY position, id",
        order
    )
}

/// One file.
pub async fn find(conn: &mut Conn, id: FileId) -> Result<Option<FileRow>, Error> {
    fetch_optional!(conn, FileRow, "SELECT * FROM files WHERE id = $1", id)
}

/// Removes the row of a file of an order; says whether it was there.
pub async fn remove(conn: &mut Conn, order: OrderId, id: FileId) -> Result<bool, Error> {
    Ok(execute!(conn, "DELETE FROM files WHERE id = $1 AND order_id = $2", id, order)? > 0)
}
