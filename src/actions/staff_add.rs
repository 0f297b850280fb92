//! A person who may sign in is added.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::ids::{CustomerId, StaffId};
use crate::domain::role::Role;
use crate::domain::text::{fold, is_email};
use crate::store::staff;
use serde_json::json;

/// Most characters of a person's name.
pub const NAME_MOST: usize = 80;

/// What is given of a person, when they are added and when they are changed.
#[derive(Clone, Debug)]
pub struct Given {
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Whether they see every customer.
    pub all_customers: bool,
    /// The customers that they see otherwise.
    pub customers: Vec<CustomerId>,
}

/// Adds a person, who cannot sign in before they have opened their link ([`super::staff_link::make`]).
///
/// # Errors
/// [`Error::Fields`] where the e-mail is none or taken, or the name is missing.
pub async fn add(work: &mut Work, email: &str, given: &Given) -> Result<StaffId, Error> {
    let email = email.trim();
    let mut faults = Vec::new();
    if !is_email(email) {
        faults.push(("email", "This is not an e-mail address.".to_owned()));
    }
    faults.extend(name_fault(&given.name));
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let id: StaffId = work.new_id();
    let new = staff::NewStaff {
        id,
        email,
        email_folded: &fold(email),
        name: given.name.trim(),
        role: given.role,
        all_customers: given.all_customers,
        time_zone: "UTC",
        created_at: work.now,
    };
    staff::insert(&mut work.conn, &new)
        .await
        .map_err(|error| Error::taken(error, "email", "Somebody with this address is there already."))?;
    if !given.all_customers {
        staff::set_limits(&mut work.conn, id, &given.customers).await?;
    }
    let detail = json!({"role": given.role, "all_customers": given.all_customers});
    work.audit("staff.added", subject(id), detail).await?;
    Ok(id)
}

/// What is wrong with a person's name.
pub(super) fn name_fault(name: &str) -> Option<(&'static str, String)> {
    match name.trim().chars().count() {
        0 => Some(("name", "Please fill this in.".to_owned())),
        length if length > NAME_MOST => Some((
            "name",
            format!("{length} characters are too many: {NAME_MOST} at most."),
        )),
        _ => None,
    }
}

/// A line about this person.
pub(super) fn subject(id: StaffId) -> Subject {
    Subject::new("staff", id.0, None)
}
