//! Files with packages that were read and wait for their person's word. Nobody else sees them.

use crate::domain::ids::{CatalogueUploadId, StaffId};
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// One that waits.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UploadRow {
    /// Its id.
    pub id: CatalogueUploadId,
    /// Who sent it.
    pub staff_id: StaffId,
    /// What the file is called on their computer.
    pub file_name: String,
    /// What it says (an `Upload` as JSON).
    pub content: String,
    /// When it came.
    pub created_at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// Keeps it instead of whatever waited of this person before.
pub async fn put(conn: &mut Conn, row: &UploadRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO catalogue_uploads (id, staff_id, file_name, content, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (staff_id) DO UPDATE SET id = excluded.id, file_name = excluded.file_name,
            content = excluded.content, created_at = excluded.created_at, expires_at = excluded.expires_at",
        row.id,
        row.staff_id,
        &row.file_name,
        &row.content,
        row.created_at,
        row.expires_at
    )
    .map(drop)
}

/// What waits of this person.
pub async fn of_staff(conn: &mut Conn, staff: StaffId, now: Timestamp) -> Result<Option<UploadRow>, Error> {
    fetch_optional!(
        conn,
        UploadRow,
        "SELECT * FROM catalogue_uploads WHERE staff_id = $1 AND expires_at > $2",
        staff,
        now
    )
}

/// Takes this one of the person's away; says whether it was there.
pub async fn take(conn: &mut Conn, id: CatalogueUploadId, staff: StaffId, now: Timestamp) -> Result<bool, Error> {
    let taken = execute!(
        conn,
        "DELETE FROM catalogue_uploads WHERE id = $1 AND staff_id = $2 AND expires_at > $3",
        id,
        staff,
        now
    )?;
    Ok(taken > 0)
}

/// How many wait, or waited and were not yet removed.
pub async fn count(conn: &mut Conn) -> Result<i64, Error> {
    let count = scalar!(conn, i64, "SELECT COUNT(*) FROM catalogue_uploads")?;
    Ok(count.unwrap_or_default())
}

/// Removes those that waited long enough.
pub async fn sweep(conn: &mut Conn, now: Timestamp) -> Result<(), Error> {
    execute!(conn, "DELETE FROM catalogue_uploads WHERE expires_at <= $1", now).map(drop)
}
