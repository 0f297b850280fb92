//! A customer is created, with a data key of its own.

use super::Error;
use super::assign_integration::join_waiting;
use super::change_customer;
use super::work::{Subject, Work};
use crate::domain::customer::CustomerInput;
use crate::domain::ids::CustomerId;
use crate::domain::intake::HoldElse;
use crate::live::Kind;
use crate::store::customers::{self, CustomerRow};
use serde_json::json;

/// What a person reads who gives an `origin_id` that another customer has.
pub(super) const ORIGIN_TAKEN: &str =
    "Another customer has this id. Kombo tells customers apart by it, so it must be unique.";

/// Creates a customer. Integrations that wait under its `origin_id` are joined to it at once.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense or its `origin_id` is taken.
pub async fn create(work: &mut Work, input: CustomerInput) -> Result<CustomerRow, Error> {
    let input = input.trimmed();
    let mut faults = input.faults();
    faults.extend(change_customer::zone_fault(&input.terms));
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let id: CustomerId = work.new_id();
    let settings = input.settings;
    let row = CustomerRow {
        id,
        name: input.name,
        origin_id: if input.origin_id.is_empty() {
            id.to_string()
        } else {
            input.origin_id
        },
        contact_email: input.contact_email,
        take_orders: settings.take_orders,
        unknown_package: settings.unknown_package,
        unknown_message: settings.unknown_message,
        withdrawn_package: settings.withdrawn_package,
        withdrawn_message: settings.withdrawn_message,
        invite: settings.invite,
        due_hours: settings.due_hours,
        hold_seconds: settings.hold.as_ref().map(|hold| hold.seconds),
        hold_else: settings.hold.as_ref().map_or(HoldElse::Accept, |hold| hold.otherwise),
        hold_message: settings.hold.map(|hold| hold.message).unwrap_or_default(),
        language: settings.language,
        time_zone: input.terms.time_zone,
        business_hours: input.terms.hours.map(|hours| hours.to_text()),
        credits: input.terms.credits,
        created_at: work.now,
        archived_at: None,
        version: 1,
    };
    customers::insert(&mut work.conn, &row)
        .await
        .map_err(|error| Error::taken(error, "origin_id", ORIGIN_TAKEN))?;
    let tools = work.tools.clone();
    tools.vault.ensure_key(&mut work.conn, &tools.clock, Some(id)).await?;
    let subject = Subject::new("customer", id.0, Some(id));
    let detail = json!({"name": row.name, "origin_id": row.origin_id});
    work.audit("customer.created", subject, detail).await?;
    work.hint(Kind::Customer, id.0, Some(id));
    join_waiting(work, &row).await?;
    Ok(row)
}
