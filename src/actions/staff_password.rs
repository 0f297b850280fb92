//! A password is set by a one-time link, or changed by its owner. Only its hash comes here.

use super::Error;
use super::staff_add::subject;
use super::work::Work;
use crate::domain::ids::StaffId;
use crate::domain::viewer::Actor;
use crate::live::Kind;
use crate::store::{sessions, staff};
use serde_json::json;

/// Sets the password of the link's person and uses the link up; sessions that they had end.
///
/// # Errors
/// [`Error::NotFound`] where the link was used, has ended, or its person may not sign in.
pub async fn set_by_link(work: &mut Work, digest: &[u8], hash: &str) -> Result<StaffId, Error> {
    let link = staff::find_link(&mut work.conn, digest, work.now)
        .await?
        .ok_or(Error::NotFound)?;
    staff::use_link(&mut work.conn, digest, work.now)
        .await
        .map_err(|_| Error::NotFound)?;
    staff::set_password(&mut work.conn, link.staff_id, hash).await?;
    sessions::delete_all(&mut work.conn, link.staff_id, None).await?;
    let actor = Actor::Staff(link.staff_id);
    work.audit_as(
        actor,
        "staff.password_set",
        subject(link.staff_id),
        json!({"purpose": link.purpose}),
    )
    .await?;
    work.hint(Kind::Staff, link.staff_id.0, None);
    Ok(link.staff_id)
}

/// Changes one's own password; every other session of theirs ends.
pub async fn change_own(work: &mut Work, id: StaffId, hash: &str, session: &[u8]) -> Result<(), Error> {
    staff::set_password(&mut work.conn, id, hash).await?;
    staff::remove_links(&mut work.conn, id).await?;
    let ended = sessions::delete_all(&mut work.conn, id, Some(session)).await?;
    work.audit("staff.password_changed", subject(id), json!({"sessions_ended": ended}))
        .await?;
    work.hint(Kind::Staff, id.0, None);
    Ok(())
}
