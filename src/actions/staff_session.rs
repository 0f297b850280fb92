//! Sessions begin and end.

use super::Error;
use super::staff_add::subject;
use super::work::Work;
use crate::domain::ids::StaffId;
use crate::live::Kind;
use crate::store::{sessions, staff};
use serde_json::json;

/// Somebody signed in; a password hash made with older parameters is replaced.
pub async fn signed_in(work: &mut Work, id: StaffId, rehashed: Option<&str>) -> Result<(), Error> {
    if let Some(hash) = rehashed {
        staff::set_password(&mut work.conn, id, hash).await?;
    }
    work.audit("staff.signed_in", subject(id), json!({})).await?;
    Ok(())
}

/// Somebody signs out of this browser, or of another one of theirs.
pub async fn sign_out(work: &mut Work, id: StaffId, session: &[u8]) -> Result<(), Error> {
    if sessions::delete_of(&mut work.conn, id, session).await? == 0 {
        return Err(Error::NotFound);
    }
    work.audit("staff.signed_out", subject(id), json!({})).await?;
    work.hint(Kind::Staff, id.0, None);
    Ok(())
}

/// Somebody signs out everywhere else.
pub async fn sign_out_elsewhere(work: &mut Work, id: StaffId, keep: &[u8]) -> Result<u64, Error> {
    let ended = sessions::delete_all(&mut work.conn, id, Some(keep)).await?;
    work.audit(
        "staff.signed_out_elsewhere",
        subject(id),
        json!({"sessions_ended": ended}),
    )
    .await?;
    work.hint(Kind::Staff, id.0, None);
    Ok(ended)
}
