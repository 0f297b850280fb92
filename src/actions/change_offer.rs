//! The draft of what an integration offers changes. Nothing reaches Kombo before it is published.

use super::work::{Subject, Work};
use super::{Error, publish_offer};
use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::package::{own_words, wording_faults};
use crate::live::Kind;
use crate::store;
use crate::store::integrations;
use crate::store::offers::{self, DraftLine, NewLine};
use crate::store::packages;
use serde_json::{Value, json};

/// One change of a draft offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferChange {
    /// These packages come, at the end; those that are there already stay where they are.
    Add(Vec<PackageId>),
    /// This package goes.
    Remove(PackageId),
    /// This package is called so in this ATS; empty: as in the catalogue.
    Describe {
        /// The package.
        package: PackageId,
        /// The name.
        name: String,
        /// The description.
        description: String,
    },
    /// This package moves one place up, or down.
    Move {
        /// The package.
        package: PackageId,
        /// Up, else down.
        up: bool,
    },
}

/// Changes the draft offer that was read at `version`; says its new version.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else was first, [`Error::Fields`] where the words are too long.
pub async fn change(
    work: &mut Work,
    integration: IntegrationId,
    version: i64,
    change: OfferChange,
) -> Result<i64, Error> {
    let viewer = work.viewer;
    let row = integrations::find(&mut work.conn, &viewer, integration)
        .await?
        .ok_or(Error::NotFound)?;
    let draft = offers::draft(&mut work.conn, integration).await?;
    let (lines, detail) = match change {
        OfferChange::Add(packages) => add(work, draft, packages).await?,
        OfferChange::Remove(package) => remove(draft, package)?,
        OfferChange::Describe {
            package,
            name,
            description,
        } => describe(draft, package, name.trim(), description.trim())?,
        OfferChange::Move { package, up } => moved(draft, package, up)?,
    };
    let version = offers::replace(&mut work.conn, integration, version, &lines).await?;
    publish_offer::mark(work, integration).await?;
    let subject = Subject::new("integration", integration.0, row.customer_id);
    work.audit("offer.changed", subject, detail).await?;
    work.hint(Kind::Integration, integration.0, row.customer_id);
    Ok(version)
}

type Changed = (Vec<NewLine>, Value);

async fn add(work: &mut Work, draft: Vec<DraftLine>, wanted: Vec<PackageId>) -> Result<Changed, Error> {
    let mut lines: Vec<NewLine> = draft.into_iter().map(NewLine::from).collect();
    let mut keys = Vec::new();
    for id in wanted {
        if lines.iter().any(|line| line.package_id == id) {
            continue;
        }
        let package = packages::find(&mut work.conn, id).await?.ok_or(Error::NotFound)?;
        if package.retired_at.is_some() {
            return Err(Error::refused(format!(
                "{} is retired. Bring it back first.",
                package.name
            )));
        }
        keys.push(package.key);
        lines.push(NewLine {
            package_id: id,
            name: String::new(),
            description: String::new(),
        });
    }
    if keys.is_empty() {
        return Err(Error::field(
            "package",
            "Tick at least one package that is not offered yet.",
        ));
    }
    Ok((lines, json!({"added": keys})))
}

fn remove(draft: Vec<DraftLine>, package: PackageId) -> Result<Changed, Error> {
    let at = place(&draft, package)?;
    let key = draft[at].key.clone();
    let mut lines: Vec<NewLine> = draft.into_iter().map(NewLine::from).collect();
    lines.remove(at);
    Ok((lines, json!({"removed": [key]})))
}

/// Words that are the catalogue's own are not kept, so that they follow it.
fn describe(draft: Vec<DraftLine>, package: PackageId, name: &str, description: &str) -> Result<Changed, Error> {
    let faults = wording_faults(name, description);
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let at = place(&draft, package)?;
    let name = own_words(name, &draft[at].own_name);
    let description = own_words(description, &draft[at].own_description);
    let detail = json!({"described": draft[at].key, "name": name, "description": description});
    let mut lines: Vec<NewLine> = draft.into_iter().map(NewLine::from).collect();
    lines[at].name = name;
    lines[at].description = description;
    Ok((lines, detail))
}

fn moved(draft: Vec<DraftLine>, package: PackageId, up: bool) -> Result<Changed, Error> {
    let at = place(&draft, package)?;
    let to = if up {
        at.checked_sub(1)
    } else {
        Some(at + 1).filter(|to| *to < draft.len())
    };
    let to = to.ok_or_else(|| Error::refused("It stands at the end of the list already."))?;
    let detail = json!({"moved": draft[at].key, "to": to + 1});
    let mut lines: Vec<NewLine> = draft.into_iter().map(NewLine::from).collect();
    lines.swap(at, to);
    Ok((lines, detail))
}

fn place(draft: &[DraftLine], package: PackageId) -> Result<usize, Error> {
    draft
        .iter()
        .position(|line| line.package_id == package)
        .ok_or(Error::Store(store::Error::Changed))
}
