//! A customer's name, contact and settings change; a customer is archived or brought back.

use super::assign_integration::join_waiting;
use super::create_customer::ORIGIN_TAKEN;
use super::work::{Subject, Work};
use super::{Error, reword_offers};
use crate::clock;
use crate::domain::customer::{CustomerInput, CustomerTerms, FieldError};
use crate::domain::ids::CustomerId;
use crate::domain::intake::{CustomerSettings, HoldElse};
use crate::live::Kind;
use crate::store;
use crate::store::candidates;
use crate::store::customers::{self, CustomerRow};
use crate::store::integrations;
use serde_json::{Map, Value, json};

/// Changes a customer that was read at `version`.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense, [`store::Error::Changed`] where somebody else was first.
pub async fn change(work: &mut Work, id: CustomerId, version: i64, input: CustomerInput) -> Result<CustomerRow, Error> {
    let input = input.trimmed();
    let before = read(work, id, version).await?;
    let mut faults = input.faults();
    faults.extend(zone_fault(&input.terms));
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let mut row = CustomerRow {
        name: input.name,
        origin_id: if input.origin_id.is_empty() {
            id.to_string()
        } else {
            input.origin_id
        },
        contact_email: input.contact_email,
        time_zone: input.terms.time_zone,
        business_hours: input.terms.hours.map(|hours| hours.to_text()),
        ..before.clone()
    };
    row.set(input.settings);
    let (seen, credits) = (input.terms.credits_seen, input.terms.credits);
    if seen != credits {
        row.credits = credits;
    }
    let changes = differences(work, &before, &row);
    if changes.is_empty() {
        return Ok(row);
    }
    customers::save(&mut work.conn, &mut row)
        .await
        .map_err(|error| Error::taken(error, "origin_id", ORIGIN_TAKEN))?;
    if seen != credits {
        customers::set_credits(&mut work.conn, id, seen, credits).await?;
    }
    if before.name != row.name {
        candidates::add_customer_name(&mut work.conn, id, &row.name).await?;
    }
    tell(work, "customer.changed", id, Value::Object(changes)).await?;
    if before.language != row.language {
        let connected = integrations::of_customer(&mut work.conn, id).await?;
        let connected = connected.iter().map(|row| row.id).collect::<Vec<_>>();
        reword_offers::reword(work, id, &connected, [before.language, row.language]).await?;
    }
    if before.origin_id != row.origin_id {
        join_waiting(work, &row).await?;
    }
    Ok(row)
}

/// Archives a customer, or brings it back. Its orders go on: archiving only clears the lists.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else was first.
pub async fn archive(work: &mut Work, id: CustomerId, version: i64, archived: bool) -> Result<CustomerRow, Error> {
    let mut row = read(work, id, version).await?;
    if row.archived_at.is_some() == archived {
        return Ok(row);
    }
    row.archived_at = archived.then_some(work.now);
    customers::save(&mut work.conn, &mut row).await?;
    let action = if archived {
        "customer.archived"
    } else {
        "customer.unarchived"
    };
    tell(work, action, id, json!({})).await?;
    Ok(row)
}

/// What is wrong with the zone.
pub(super) fn zone_fault(terms: &CustomerTerms) -> Option<FieldError> {
    let why = "This zone is not known. Please choose one from the list, like Europe/Berlin.";
    (!clock::is_zone(&terms.time_zone)).then(|| ("time_zone", why.to_owned()))
}

async fn read(work: &mut Work, id: CustomerId, version: i64) -> Result<CustomerRow, Error> {
    let viewer = work.viewer;
    let row = customers::find(&mut work.conn, &viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    if row.version != version {
        return Err(store::Error::Changed.into());
    }
    Ok(row)
}

async fn tell(work: &mut Work, action: &'static str, id: CustomerId, detail: Value) -> Result<(), store::Error> {
    let subject = Subject::new("customer", id.0, Some(id));
    work.audit(action, subject, detail).await?;
    work.hint(Kind::Customer, id.0, Some(id));
    Ok(())
}

/// For how long orders are held and what happens then, as the audit trail tells it.
fn hold_in_words(settings: &CustomerSettings) -> String {
    let Some(hold) = &settings.hold else {
        return "not at all".to_owned();
    };
    let then = match hold.otherwise {
        HoldElse::Accept => "accepted",
        HoldElse::Later => "left received",
        HoldElse::Reject => "rejected",
    };
    format!("{} s, then {then}", hold.seconds)
}

/// Field by field, what was and what is; the contact's address only as a keyed digest.
fn differences(work: &Work, before: &CustomerRow, after: &CustomerRow) -> Map<String, Value> {
    let (was, is) = (before.settings(), after.settings());
    let pairs = [
        ("name", json!(before.name), json!(after.name)),
        ("origin_id", json!(before.origin_id), json!(after.origin_id)),
        (
            "contact_email",
            json!(work.digest(&before.contact_email)),
            json!(work.digest(&after.contact_email)),
        ),
        ("take_orders", json!(was.take_orders), json!(is.take_orders)),
        ("unknown_package", json!(was.unknown_package), json!(is.unknown_package)),
        ("unknown_message", json!(was.unknown_message), json!(is.unknown_message)),
        (
            "withdrawn_package",
            json!(was.withdrawn_package),
            json!(is.withdrawn_package),
        ),
        (
            "withdrawn_message",
            json!(was.withdrawn_message),
            json!(is.withdrawn_message),
        ),
        ("invite", json!(was.invite), json!(is.invite)),
        ("language", json!(was.language), json!(is.language)),
        ("hold", json!(hold_in_words(&was)), json!(hold_in_words(&is))),
        (
            "hold_message",
            json!(was.hold.map(|hold| hold.message).unwrap_or_default()),
            json!(is.hold.map(|hold| hold.message).unwrap_or_default()),
        ),
        ("due_hours", json!(was.due_hours), json!(is.due_hours)),
        ("time_zone", json!(before.time_zone), json!(after.time_zone)),
        (
            "business_hours",
            json!(before.business_hours),
            json!(after.business_hours),
        ),
        ("orders_left", json!(before.credits), json!(after.credits)),
    ];
    pairs
        .into_iter()
        .filter(|(_, was, is)| was != is)
        .map(|(field, was, is)| (field.to_owned(), json!([was, is])))
        .collect()
}
