//! A person's role and reach are changed, or they may sign in no longer, or again.

use super::Error;
use super::staff_add::{Given, name_fault, subject};
use super::work::Work;
use crate::domain::ids::StaffId;
use crate::domain::role::Role;
use crate::live::Kind;
use crate::store::{self, sessions, staff};
use serde_json::json;

/// Why the last administrator stays.
const LAST_ADMIN: &str = "This is the last administrator: without one nobody could add staff or give roles. Make somebody else an administrator first.";

/// Changes name, role and the customers that a person sees. It counts from their next request on.
pub async fn change(work: &mut Work, id: StaffId, version: i64, given: &Given) -> Result<(), Error> {
    let before = find(work, id).await?;
    if let Some(fault) = name_fault(&given.name) {
        return Err(Error::Fields(vec![fault]));
    }
    if given.role != Role::Admin {
        keep_an_admin(work, &before).await?;
    }
    staff::update(
        &mut work.conn,
        id,
        version,
        given.name.trim(),
        given.role,
        given.all_customers,
    )
    .await?;
    let customers = if given.all_customers {
        &[]
    } else {
        given.customers.as_slice()
    };
    staff::set_limits(&mut work.conn, id, customers).await?;
    let detail = json!({
        "role": {"before": before.role, "after": given.role},
        "all_customers": {"before": before.all_customers, "after": given.all_customers},
    });
    work.audit("staff.changed", subject(id), detail).await?;
    work.hint(Kind::Staff, id.0, None);
    Ok(())
}

/// Lets a person sign in no longer; every session and link of theirs ends at once.
pub async fn disable(work: &mut Work, id: StaffId, version: i64) -> Result<(), Error> {
    let before = find(work, id).await?;
    if before.disabled_at.is_some() {
        return Err(store::Error::Changed.into());
    }
    keep_an_admin(work, &before).await?;
    staff::set_disabled(&mut work.conn, id, version, Some(work.now)).await?;
    let ended = sessions::delete_all(&mut work.conn, id, None).await?;
    staff::remove_links(&mut work.conn, id).await?;
    work.audit("staff.disabled", subject(id), json!({"sessions_ended": ended}))
        .await?;
    work.hint(Kind::Staff, id.0, None);
    Ok(())
}

/// Lets a person sign in again, with the password that they had.
pub async fn enable(work: &mut Work, id: StaffId, version: i64) -> Result<(), Error> {
    let before = find(work, id).await?;
    if before.disabled_at.is_none() {
        return Err(store::Error::Changed.into());
    }
    staff::set_disabled(&mut work.conn, id, version, None).await?;
    work.audit("staff.enabled", subject(id), json!({})).await?;
    work.hint(Kind::Staff, id.0, None);
    Ok(())
}

async fn find(work: &mut Work, id: StaffId) -> Result<staff::Member, Error> {
    staff::find(&mut work.conn, id).await?.ok_or(Error::NotFound)
}

async fn keep_an_admin(work: &mut Work, member: &staff::Member) -> Result<(), Error> {
    let is_one = member.role == Role::Admin && member.disabled_at.is_none();
    if is_one && staff::other_admins(&mut work.conn, member.id).await? == 0 {
        return Err(Error::refused(LAST_ADMIN));
    }
    Ok(())
}
