//! Offer sets change, and the drafts that follow them with them. Nothing reaches Kombo before it is published.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::ids::{IntegrationId, OfferSetId};
use crate::domain::offer_set::SetInput;
use crate::live::Kind;
use crate::store::offer_sets::{self, Moved, Scope, SetRow};
use crate::store::{self, audit, integrations, packages};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TAKEN: &str = "Another set has this name.";

/// Makes a set; nothing follows it yet.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense or the name is taken.
pub async fn create(work: &mut Work, input: SetInput) -> Result<SetRow, Error> {
    let input = checked(input)?;
    let mut row = SetRow {
        id: work.new_id(),
        name: String::new(),
        kind: None,
        tag: String::new(),
        region: String::new(),
        created_at: work.now,
        version: 1,
    };
    row.put(input);
    let written = offer_sets::insert(&mut work.conn, &row).await;
    written.map_err(|error| Error::taken(error, "name", TAKEN))?;
    tell(
        work,
        "offer_set.created",
        &row,
        json!({"name": row.name, "packages": row.words()}),
    )
    .await?;
    Ok(row)
}

/// Changes a set that was read at `version`; says how many drafts follow with it.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense, [`store::Error::Changed`] where somebody else was first.
pub async fn change(work: &mut Work, id: OfferSetId, version: i64, input: SetInput) -> Result<usize, Error> {
    let input = checked(input)?;
    let before = read(work, id, version).await?;
    let mut row = before.clone();
    row.put(input);
    if row == before {
        return Ok(0);
    }
    let written = offer_sets::save(&mut work.conn, &mut row).await;
    written.map_err(|error| Error::taken(error, "name", TAKEN))?;
    let detail = json!({"name": [before.name, row.name], "packages": [before.words(), row.words()]});
    tell(work, "offer_set.changed", &row, detail).await?;
    let followers = offer_sets::all_followers(&mut work.conn, id).await?;
    Ok(follow(work, Scope::Drafts(&followers)).await?)
}

/// Deletes a set that was read at `version`: its packages leave the drafts that followed it; says how many drafts changed.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else was first.
pub async fn delete(work: &mut Work, id: OfferSetId, version: i64) -> Result<usize, Error> {
    let row = read(work, id, version).await?;
    let followers = offer_sets::all_followers(&mut work.conn, id).await?;
    offer_sets::delete(&mut work.conn, id).await?;
    tell(work, "offer_set.deleted", &row, json!({"name": row.name})).await?;
    Ok(follow(work, Scope::Drafts(&followers)).await?)
}

/// The draft of an integration follows a set from now on, or no longer.
///
/// # Errors
/// [`Error::NotFound`] where there is no such set or integration.
pub async fn steer(
    work: &mut Work,
    id: OfferSetId,
    integration: IntegrationId,
    follows: bool,
) -> Result<SetRow, Error> {
    let viewer = work.viewer;
    let owner = integrations::find(&mut work.conn, &viewer, integration).await?;
    let owner = owner.ok_or(Error::NotFound)?;
    let row = offer_sets::find(&mut work.conn, id).await?.ok_or(Error::NotFound)?;
    let (action, is_new) = if follows {
        let is_new = offer_sets::follow(&mut work.conn, id, integration).await?;
        ("offer.set_followed", is_new)
    } else {
        let is_new = offer_sets::stop(&mut work.conn, id, integration).await?;
        ("offer.set_left", is_new)
    };
    if is_new {
        let subject = Subject::new("integration", integration.0, owner.customer_id);
        work.audit(action, subject, json!({"set": row.name})).await?;
        follow(work, Scope::Drafts(&[integration])).await?;
    }
    Ok(row)
}

/// Brings drafts into line with the sets that they follow; says how many changed.
///
/// # Errors
/// What the store tells.
pub async fn follow(work: &mut Work, scope: Scope<'_>) -> Result<usize, store::Error> {
    let gone = offer_sets::remove_strays(&mut work.conn, scope).await?;
    let came = offer_sets::add_missing(&mut work.conn, scope).await?;
    if gone.is_empty() && came.is_empty() {
        return Ok(0);
    }
    let mut drafts = BTreeMap::<_, Value>::new();
    note(work, &mut drafts, "added", &came).await?;
    note(work, &mut drafts, "removed", &gone).await?;
    let ids = drafts.keys().copied().collect::<Vec<_>>();
    let now = work.now;
    let mut lines = Vec::new();
    for (id, customer) in offer_sets::note_changed(&mut work.conn, &ids, now).await? {
        let subject = Subject::new("integration", id.0, customer);
        let detail = drafts.remove(&id).unwrap_or_default();
        lines.push(work.line_as(work.viewer.who, "offer.followed", subject, detail));
        work.hint(Kind::Integration, id.0, customer);
    }
    audit::insert_many(&mut work.conn, &lines).await?;
    Ok(ids.len())
}

/// Notes the keys of these lines, by draft.
async fn note(
    work: &mut Work,
    drafts: &mut BTreeMap<IntegrationId, Value>,
    how: &str,
    moved: &[Moved],
) -> Result<(), store::Error> {
    let ids = moved.iter().map(|(_, package)| *package).collect::<Vec<_>>();
    let known = packages::by_ids(&mut work.conn, &ids).await?;
    for (integration, package) in moved {
        let detail = drafts.entry(*integration).or_insert_with(|| json!({}));
        let key = known.get(package).map(|package| package.key.as_str());
        if let Some(keys) = detail[how].as_array_mut() {
            keys.push(json!(key));
        } else {
            detail[how] = json!([key]);
        }
    }
    Ok(())
}

fn checked(input: SetInput) -> Result<SetInput, Error> {
    let input = input.trimmed();
    let faults = input.faults();
    if faults.is_empty() {
        Ok(input)
    } else {
        Err(Error::Fields(faults))
    }
}

async fn read(work: &mut Work, id: OfferSetId, version: i64) -> Result<SetRow, Error> {
    let row = offer_sets::find(&mut work.conn, id).await?.ok_or(Error::NotFound)?;
    if row.version != version {
        return Err(store::Error::Changed.into());
    }
    Ok(row)
}

async fn tell(work: &mut Work, action: &'static str, row: &SetRow, detail: Value) -> Result<(), store::Error> {
    work.audit(action, Subject::new("offer_set", row.id.0, None), detail)
        .await
}
