//! A person gets a one-time link with which they set their password.

use super::Error;
use super::staff_add::subject;
use super::work::Work;
use crate::domain::ids::StaffId;
use crate::store::{staff, token};
use serde_json::json;
use std::time::Duration;

/// How long a one-time link opens.
pub const GOOD_FOR: Duration = Duration::from_hours(24);

/// Makes a new link and returns its path (`/welcome/…`), which is shown once and kept nowhere. Earlier links of the
/// same person open no longer.
pub async fn make(work: &mut Work, id: StaffId) -> Result<String, Error> {
    let member = staff::find(&mut work.conn, id).await?.ok_or(Error::NotFound)?;
    if member.disabled_at.is_some() {
        return Err(Error::refused(
            "This person may not sign in. Let them in again first, then make a link.",
        ));
    }
    let purpose = if member.has_password { "reset" } else { "welcome" };
    let token = token::fresh()?;
    let until = work.now.plus(GOOD_FOR);
    staff::replace_link(&mut work.conn, &token::digest(&token), id, purpose, work.now, until).await?;
    work.audit("staff.link_made", subject(id), json!({"purpose": purpose}))
        .await?;
    Ok(format!("/welcome/{token}"))
}
