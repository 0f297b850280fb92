//! The draft of what an integration offers changes. Nothing reaches Kombo before it is published.

use super::work::{Subject, Work};
use super::{Error, publish_offer};
use crate::domain::arranging;
use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::offer_window::OfferWindow;
use crate::domain::package::{own_words, wording_faults};
use crate::domain::time::Timestamp;
use crate::live::Kind;
use crate::store::integrations;
use crate::store::offers::{self, DraftLine, NewLine};
use crate::store::packages::{self, PackageRow};
use crate::store::{self, package_texts, publications};
use serde_json::{Value, json};
use std::collections::HashMap;

/// One change of a draft offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferChange {
    /// These packages come, at the end; those that are there already stay where they are.
    Add(Vec<PackageId>),
    /// These packages go.
    Remove(Vec<PackageId>),
    /// This package comes back as it is published, where it stood.
    PutBack(PackageId),
    /// This package is called so in this ATS; empty: as in the catalogue.
    Describe {
        /// The package.
        package: PackageId,
        /// The name.
        name: String,
        /// The description.
        description: String,
        /// From when to when it is offered.
        window: OfferWindow,
    },
    /// These packages move one place up, or down.
    Step {
        /// The packages.
        packages: Vec<PackageId>,
        /// Up, else down.
        up: bool,
    },
    /// These packages go together to this place, counted from 1.
    PutAt {
        /// The packages.
        packages: Vec<PackageId>,
        /// Where the first of them stands then.
        place: usize,
    },
    /// The whole list stands in this order.
    Arrange(Vec<PackageId>),
}

impl OfferChange {
    /// Whether the draft stands as it is to be arranged: nothing is written then.
    fn is_so_already(&self, draft: &[DraftLine]) -> bool {
        let is = ids(draft);
        matches!(self, Self::Arrange(wanted) if arranging::like(&is, wanted) == is)
    }
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
    if row.offer_version == version && change.is_so_already(&draft) {
        return Ok(version);
    }
    let (lines, detail) = carried_out(work, integration, draft, change).await?;
    let version = offers::replace(&mut work.conn, integration, version, &lines, work.now).await?;
    publish_offer::mark(work, integration).await?;
    let subject = Subject::new("integration", integration.0, row.customer_id);
    work.audit("offer.changed", subject, detail).await?;
    work.hint(Kind::Integration, integration.0, row.customer_id);
    Ok(version)
}

type Changed = (Vec<NewLine>, Value);

/// The draft as the change leaves it, and what the audit trail tells of it.
async fn carried_out(
    work: &mut Work,
    integration: IntegrationId,
    draft: Vec<DraftLine>,
    change: OfferChange,
) -> Result<Changed, Error> {
    Ok(match change {
        OfferChange::Add(packages) => add(work, draft, packages).await?,
        OfferChange::Remove(packages) => remove(draft, &packages)?,
        OfferChange::PutBack(package) => put_back(work, integration, draft, package).await?,
        OfferChange::Describe {
            package,
            name,
            description,
            window,
        } => describe(draft, package, [name.trim(), description.trim()], window, work.now)?,
        OfferChange::Step { packages, up } => {
            moved(draft, &packages, &json!(if up { "up" } else { "down" }), |list| {
                arranging::step(list, &packages, up)
            })?
        }
        OfferChange::PutAt { place: 0, .. } => {
            return Err(Error::field("place", "Say to which place they go; 1 is the first."));
        }
        OfferChange::PutAt { packages, place } => moved(draft, &packages, &json!(place), |list| {
            arranging::put_at(list, &packages, place)
        })?,
        OfferChange::Arrange(order) => arrange(draft, &order),
    })
}

async fn add(work: &mut Work, draft: Vec<DraftLine>, mut wanted: Vec<PackageId>) -> Result<Changed, Error> {
    let mut lines: Vec<NewLine> = draft.into_iter().map(NewLine::from).collect();
    wanted.retain(|id| lines.iter().all(|line| line.package_id != *id));
    let mut catalogue = packages::by_ids(&mut work.conn, &wanted).await?;
    let mut keys = Vec::new();
    for id in wanted {
        if lines.iter().any(|line| line.package_id == id) {
            continue;
        }
        let package = catalogue.remove(&id).ok_or(Error::NotFound)?;
        refuse_retired(&package)?;
        keys.push(package.key);
        lines.push(NewLine::plain(id));
    }
    if keys.is_empty() {
        return Err(Error::field(
            "package",
            "Tick at least one package that is not offered yet.",
        ));
    }
    Ok((lines, json!({"added": keys})))
}

fn refuse_retired(package: &PackageRow) -> Result<(), Error> {
    if package.retired_at.is_some() {
        let why = format!("{} is retired. Bring it back first.", package.name);
        return Err(Error::refused(why));
    }
    Ok(())
}

fn remove(draft: Vec<DraftLine>, packages: &[PackageId]) -> Result<Changed, Error> {
    let keys = keys_of(&draft, packages)?;
    let mut meant = draft.iter().filter(|line| packages.contains(&line.package_id));
    if let Some(line) = meant.find(|line| line.from_set) {
        let why = format!(
            "{} comes with a set that this ATS follows. Follow the set no longer, or change what it holds.",
            line.offered().name
        );
        return Err(Error::refused(why));
    }
    let kept = draft.into_iter().filter(|line| !packages.contains(&line.package_id));
    Ok((kept.map(NewLine::from).collect(), json!({"removed": keys})))
}

/// The keys of those that are meant, in the draft's order.
fn keys_of(draft: &[DraftLine], packages: &[PackageId]) -> Result<Vec<String>, Error> {
    if packages.is_empty() {
        return Err(Error::field("package", "Tick at least one package of the offer."));
    }
    for package in packages {
        place(draft, *package)?;
    }
    let meant = draft.iter().filter(|line| packages.contains(&line.package_id));
    Ok(meant.map(|line| line.key.clone()).collect())
}

/// Brings back what was removed since the newest publication, with the words and at the place that it has there.
async fn put_back(
    work: &mut Work,
    integration: IntegrationId,
    draft: Vec<DraftLine>,
    package: PackageId,
) -> Result<Changed, Error> {
    let package = packages::find(&mut work.conn, package).await?.ok_or(Error::NotFound)?;
    refuse_retired(&package)?;
    let base = publications::base(&mut work.conn, integration).await?;
    let published = match base {
        Some(base) => publications::lines(&mut work.conn, base.id).await?,
        None => Vec::new(),
    };
    let was = published.iter().find(|line| line.key == package.key);
    let was = was.ok_or(Error::Store(store::Error::Changed))?;
    if draft.iter().any(|line| line.package_id == package.id) {
        return Err(store::Error::Changed.into());
    }
    let stood = published.iter().map(|line| line.key.as_str()).collect::<Vec<_>>();
    let keys = draft.iter().map(|line| line.key.as_str()).collect::<Vec<_>>();
    let at = arranging::put_back(&keys, &stood, &[package.key.as_str()]);
    let at = at.iter().position(|key| *key == package.key).unwrap_or(keys.len());
    let mut lines: Vec<NewLine> = draft.into_iter().map(NewLine::from).collect();
    let key = package.key.as_str();
    let worded = package_texts::worded(&mut work.conn, integration, std::iter::once(key)).await?;
    let shown = worded.get(key).ok_or(Error::NotFound)?;
    let line = NewLine {
        name: own_words(&was.name, &shown.own_name),
        description: own_words(&was.description, &shown.own_description),
        ..NewLine::plain(package.id)
    };
    lines.insert(at, line);
    Ok((lines, json!({"put_back": package.key})))
}

/// Words that are the catalogue's own are not kept, so that they follow it.
fn describe(
    draft: Vec<DraftLine>,
    package: PackageId,
    [name, description]: [&str; 2],
    window: OfferWindow,
    now: Timestamp,
) -> Result<Changed, Error> {
    let mut faults = wording_faults(name, description);
    let at = place(&draft, package)?;
    // Words can still be changed where the time is over.
    if window != draft[at].window() {
        faults.extend(window.fault(now).map(|(field, why)| (field, why.to_owned())));
    }
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let name = own_words(name, &draft[at].own_name);
    let description = own_words(description, &draft[at].own_description);
    let mut detail = json!({"described": draft[at].key, "name": name, "description": description});
    if window != draft[at].window() {
        detail["from"] = json!(window.from.map(Timestamp::to_fixed));
        detail["until"] = json!(window.until.map(Timestamp::to_fixed));
    }
    let mut lines: Vec<NewLine> = draft.into_iter().map(NewLine::from).collect();
    lines[at].name = name;
    lines[at].description = description;
    lines[at].window = window;
    Ok((lines, detail))
}

fn moved(
    draft: Vec<DraftLine>,
    packages: &[PackageId],
    to: &Value,
    arranged: impl FnOnce(&[PackageId]) -> Vec<PackageId>,
) -> Result<Changed, Error> {
    let keys = keys_of(&draft, packages)?;
    let is = ids(&draft);
    let order = arranged(&is);
    if order == is {
        let why = if keys.len() == 1 { "It stands" } else { "They stand" };
        return Err(Error::refused(format!("{why} there already.")));
    }
    Ok((in_order(draft, &order), json!({"moved": keys, "to": to})))
}

fn arrange(draft: Vec<DraftLine>, wanted: &[PackageId]) -> Changed {
    let order = arranging::like(&ids(&draft), wanted);
    let lines = in_order(draft, &order);
    let detail = json!({"arranged": lines.len()});
    (lines, detail)
}

fn ids(draft: &[DraftLine]) -> Vec<PackageId> {
    draft.iter().map(|line| line.package_id).collect()
}

/// The draft's lines in this order of its packages.
fn in_order(draft: Vec<DraftLine>, order: &[PackageId]) -> Vec<NewLine> {
    let mut lines: HashMap<_, _> = draft.into_iter().map(|line| (line.package_id, line)).collect();
    let lines = order.iter().filter_map(|id| lines.remove(id));
    lines.map(NewLine::from).collect()
}

fn place(draft: &[DraftLine], package: PackageId) -> Result<usize, Error> {
    draft
        .iter()
        .position(|line| line.package_id == package)
        .ok_or(Error::Store(store::Error::Changed))
}
