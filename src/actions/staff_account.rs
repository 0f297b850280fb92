//! A person changes what they set for themselves: name, time zone, light or dark, keys.

use super::Error;
use super::staff_add::{name_fault, subject};
use super::work::Work;
use crate::domain::ids::StaffId;
use crate::store::staff::{self, OwnSettings};
use jiff::tz::TimeZone;
use serde_json::json;

/// The themes, each with what people are shown.
pub const THEMES: [(&str, &str); 3] = [("auto", "As the system has it"), ("light", "Light"), ("dark", "Dark")];

/// Changes one's own name, time zone, theme, and whether single letters are keys.
///
/// # Errors
/// [`Error::Fields`] where the name is missing or the zone or theme is unknown.
pub async fn change(work: &mut Work, id: StaffId, own: OwnSettings<'_>) -> Result<(), Error> {
    let mut faults: Vec<_> = name_fault(own.name).into_iter().collect();
    if TimeZone::get(own.time_zone).is_err() {
        faults.push((
            "zone",
            "This is no time zone. They are named like Europe/Berlin.".to_owned(),
        ));
    }
    if !THEMES.iter().any(|(known, _)| *known == own.theme) {
        faults.push(("theme", "Please choose one.".to_owned()));
    }
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let name = own.name.trim();
    staff::update_own(&mut work.conn, id, &OwnSettings { name, ..own }).await?;
    work.audit(
        "staff.account_changed",
        subject(id),
        json!({"zone": own.time_zone, "theme": own.theme, "single_keys": own.single_keys}),
    )
    .await?;
    Ok(())
}
