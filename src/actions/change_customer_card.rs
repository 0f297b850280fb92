//! What the house knows of a customer changes.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::customer_card::CardInput;
use crate::domain::ids::{CustomerId, StaffId};
use crate::domain::labels;
use crate::live::Kind;
use crate::store;
use crate::store::customer_cards::{self, CardRow};
use crate::store::{customers, staff};
use serde_json::json;

/// Changes a card that was read at `version`.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense, [`store::Error::Changed`] where somebody else was first.
pub async fn change(
    work: &mut Work,
    customer: CustomerId,
    version: i64,
    owner: Option<StaffId>,
    input: CardInput,
) -> Result<CardRow, Error> {
    let viewer = work.viewer;
    customers::find(&mut work.conn, &viewer, customer)
        .await?
        .ok_or(Error::NotFound)?;
    let input = input.trimmed();
    let mut faults = input.faults();
    let before = customer_cards::find(&mut work.conn, customer).await?;
    if before.version != version {
        return Err(store::Error::Changed.into());
    }
    if owner.is_some() && owner != before.owner && !may_own(work, owner).await? {
        faults.push(("owner", "Please choose somebody who may sign in.".to_owned()));
    }
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let mut row = CardRow {
        contacts: serde_json::to_string(&input.contacts).unwrap_or_default(),
        tags: labels::kept(&labels::read(&input.tags).unwrap_or_default()),
        instructions: input.instructions,
        notes: input.notes,
        owner,
        ..before.clone()
    };
    if row != before {
        customer_cards::save(&mut work.conn, &mut row).await?;
        let subject = Subject::new("customer", customer.0, Some(customer));
        // The fields alone: people's names and addresses stand in no audit line.
        let detail = json!({"fields": differing(&before, &row)});
        work.audit("customer.card_changed", subject, detail).await?;
        work.hint(Kind::Customer, customer.0, Some(customer));
    }
    Ok(row)
}

async fn may_own(work: &mut Work, owner: Option<StaffId>) -> Result<bool, store::Error> {
    let Some(id) = owner else { return Ok(true) };
    let found = staff::find(&mut work.conn, id).await?;
    Ok(found.is_some_and(|member| member.disabled_at.is_none()))
}

fn differing(before: &CardRow, after: &CardRow) -> Vec<&'static str> {
    let pairs = [
        ("owner", before.owner != after.owner),
        ("contacts", before.contacts != after.contacts),
        ("tags", before.tags != after.tags),
        ("instructions", before.instructions != after.instructions),
        ("notes", before.notes != after.notes),
    ];
    pairs
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(field, _)| field)
        .collect()
}
