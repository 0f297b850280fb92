//! A draft offer becomes a publication: numbered, kept, and on its way to Kombo.

use super::work::{Subject, Work};
use super::{Error, offer_sets};
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::ids::{IntegrationId, PublicationId, StaffId};
use crate::domain::package::{OfferDiff, OfferLine, diff, own_words};
use crate::domain::publication::{PublicationState, check_reason, missing};
use crate::domain::time::Timestamp;
use crate::live::Kind;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::integrations::{self, IntegrationRow};
use crate::store::offer_sets::Scope;
use crate::store::offers::{self, DraftLine, NewLine};
use crate::store::publications::{self, PublicationRow};
use crate::store::{self, Conn, package_texts, schedules, unpublished};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// What would be published, beside what was published last.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// What is to be offered: the draft without retired packages and those whose time it is not, or what is brought back.
    pub lines: Vec<OfferLine>,
    /// The earlier publication that is brought back.
    pub restores: Option<PublicationRow>,
    /// The newest word to Kombo, confirmed or on its way.
    pub base: Option<PublicationRow>,
    /// Its packages.
    pub base_lines: Vec<OfferLine>,
}

/// A person's word that what they saw is to be published.
#[derive(Clone, Debug, Default)]
pub struct Confirmed {
    /// The publication that the shown difference was made against.
    pub based_on: Option<PublicationId>,
    /// The version of the draft that it was made from.
    pub offer_version: i64,
    /// Why packages are removed.
    pub reason: String,
    /// That nothing is to be offered any more.
    pub empty_confirmed: bool,
    /// Send the list even though nothing changed: Kombo was seen to hold another one.
    pub again: bool,
    /// Bring the list of this earlier publication back, instead of publishing the draft. The newest one: send it once more,
    /// and leave the draft alone.
    pub restores: Option<PublicationId>,
    /// Who said so, where that is not who acts now.
    pub by: Option<StaffId>,
}

impl Proposal {
    /// What publishing would change.
    pub fn diff(&self) -> OfferDiff<'_> {
        diff(&self.base_lines, &self.lines)
    }
}

/// Reads what would be published at `now` for an integration that the viewer was already found to see.
pub async fn propose(conn: &mut Conn, integration: IntegrationId, now: Timestamp) -> Result<Proposal, store::Error> {
    let mut proposals = propose_many(conn, &[integration], now).await?;
    Ok(proposals.remove(&integration).unwrap_or_default())
}

/// The same of this draft, which was read just now.
pub async fn propose_of(
    conn: &mut Conn,
    integration: IntegrationId,
    draft: &[DraftLine],
    now: Timestamp,
) -> Result<Proposal, store::Error> {
    let (base, base_lines) = publications::bases(conn, &[integration])
        .await?
        .remove(&integration)
        .unzip();
    Ok(Proposal {
        lines: offered(draft, now),
        restores: None,
        base,
        base_lines: base_lines.unwrap_or_default(),
    })
}

/// The same for many: there is one for each of them.
pub async fn propose_many(
    conn: &mut Conn,
    integrations: &[IntegrationId],
    now: Timestamp,
) -> Result<HashMap<IntegrationId, Proposal>, store::Error> {
    let mut drafts = offers::drafts(conn, integrations).await?;
    let mut bases = publications::bases(conn, integrations).await?;
    let proposals = integrations.iter().map(|id| {
        let draft = drafts.remove(id).unwrap_or_default();
        let (base, base_lines) = bases.remove(id).unzip();
        let proposal = Proposal {
            lines: offered(&draft, now),
            restores: None,
            base,
            base_lines: base_lines.unwrap_or_default(),
        };
        (*id, proposal)
    });
    Ok(proposals.collect())
}

/// What bringing an earlier publication of the integration back would change.
///
/// # Errors
/// [`Error::NotFound`] where it is none of the integration's.
pub async fn propose_restoring(
    conn: &mut Conn,
    integration: IntegrationId,
    earlier: PublicationId,
    now: Timestamp,
) -> Result<Proposal, Error> {
    let row = publications::find(conn, earlier).await?;
    let row = row
        .filter(|row| row.integration_id == integration)
        .ok_or(Error::NotFound)?;
    Ok(Proposal {
        lines: publications::lines(conn, earlier).await?,
        restores: Some(row),
        ..propose(conn, integration, now).await?
    })
}

fn offered(draft: &[DraftLine], now: Timestamp) -> Vec<OfferLine> {
    let kept = draft.iter().filter(|line| line.is_offered(now));
    kept.map(DraftLine::offered).collect()
}

/// Marks the integration as one whose draft differs from the newest word to Kombo, or as one whose draft does not.
pub async fn mark(work: &mut Work, integration: IntegrationId) -> Result<(), store::Error> {
    let proposal = propose(&mut work.conn, integration, work.now).await?;
    let differs = !proposal.diff().is_empty();
    unpublished::mark(&mut work.conn, integration, differs, work.now).await
}

/// Publishes the draft, or an earlier list again, which the draft then follows. An older publication that has not left is
/// superseded; one that was to follow later is called off.
///
/// # Errors
/// [`store::Error::Changed`] where draft or publications are no longer what the person saw; [`Error::Fields`] where a
/// reason or a confirmation is missing; [`Error::Refused`] where there is nothing to publish or nowhere to publish it.
pub async fn publish(work: &mut Work, id: IntegrationId, confirmed: Confirmed) -> Result<PublicationRow, Error> {
    let (integration, proposal) = check(work, id, &confirmed).await?;
    let base_id = proposal.base.as_ref().map(|base| base.id);
    // The newest one is only sent once more.
    let restores = confirmed.restores.filter(|earlier| Some(*earlier) != base_id);
    let brings_back = proposal.restores.as_ref().filter(|_| restores.is_some());
    let note = Note {
        reason: confirmed.reason,
        by: confirmed.by.or(work.viewer.staff_id()),
        restores,
        detail: brings_back.map(|earlier| ("brings_back", json!(earlier.number))),
    };
    let row = write_down(work, &integration, &proposal, note).await?;
    if restores.is_some() {
        follow(work, &integration, &proposal.lines).await?;
    }
    schedules::remove(&mut work.conn, id).await?;
    mark(work, id).await?;
    if restores.is_some() {
        offer_sets::follow(work, Scope::Drafts(&[id])).await?;
    }
    Ok(row)
}

/// The integration and what would be published to it, if that is what the person saw and may be published so.
///
/// # Errors
/// As [`publish`].
pub(super) async fn check(
    work: &mut Work,
    id: IntegrationId,
    confirmed: &Confirmed,
) -> Result<(IntegrationRow, Proposal), Error> {
    let viewer = work.viewer;
    let integration = integrations::find(&mut work.conn, &viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    refuse_unreachable(&integration)?;
    let proposal = match confirmed.restores {
        Some(earlier) => propose_restoring(&mut work.conn, id, earlier, work.now).await?,
        None => propose(&mut work.conn, id, work.now).await?,
    };
    let base_id = proposal.base.as_ref().map(|base| base.id);
    if integration.offer_version != confirmed.offer_version || base_id != confirmed.based_on {
        return Err(store::Error::Changed.into());
    }
    let diff = proposal.diff();
    if diff.is_empty() && proposal.base.is_some() && !confirmed.again {
        return Err(Error::refused("Nothing has changed since the last publication."));
    }
    check_reason(&confirmed.reason).map_err(|why| Error::field("reason", why))?;
    let empty = proposal.lines.is_empty();
    let missing = missing(&diff, empty, &confirmed.reason, confirmed.empty_confirmed);
    if !missing.is_empty() {
        let faults = missing.iter().map(|it| (it.as_str(), it.label().to_owned()));
        return Err(Error::Fields(faults.collect()));
    }
    Ok((integration, proposal))
}

/// What is kept with a publication.
pub(super) struct Note {
    /// Why packages are removed.
    pub(super) reason: String,
    /// Who published it; `None`: nobody.
    pub(super) by: Option<StaffId>,
    /// The earlier publication that it brings back.
    pub(super) restores: Option<PublicationId>,
    /// What else the audit trail tells.
    pub(super) detail: Option<(&'static str, Value)>,
}

/// What a difference brings, as the audit trail keeps it.
pub(super) fn told(proposal: &Proposal) -> Map<String, Value> {
    let diff = proposal.diff();
    let keys = |lines: &[&OfferLine]| lines.iter().map(|line| line.key.clone()).collect::<Vec<_>>();
    let changed = diff.changed.iter().map(|it| it.new.key.clone()).collect::<Vec<_>>();
    let told = [
        ("added", json!(keys(&diff.added))),
        ("removed", json!(keys(&diff.removed))),
        ("changed", json!(changed)),
        ("reordered", json!(diff.reordered)),
        ("packages", json!(proposal.lines.len())),
    ];
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The proposal becomes the integration's newest publication, on its way to Kombo.
pub(super) async fn write_down(
    work: &mut Work,
    integration: &IntegrationRow,
    proposal: &Proposal,
    note: Note,
) -> Result<PublicationRow, store::Error> {
    let id = integration.id;
    let newest = publications::newest(&mut work.conn, id).await?;
    let row = PublicationRow {
        id: work.new_id(),
        integration_id: id,
        number: newest.map_or(0, |newest| newest.number) + 1,
        state: PublicationState::Waiting,
        based_on: proposal.base.as_ref().map(|base| base.id),
        reason: note.reason.trim().to_owned(),
        created_by: note.by,
        created_at: work.now,
        confirmed_at: None,
        restores: note.restores,
    };
    publications::supersede_unsent(&mut work.conn, id, work.now).await?;
    publications::insert(&mut work.conn, &row, &proposal.lines).await?;
    queue(work, integration, row.id).await?;
    let mut detail = told(proposal);
    detail.insert("reason".to_owned(), json!(row.reason));
    detail.insert("number".to_owned(), json!(row.number));
    detail.extend(note.detail.map(|(name, value)| (name.to_owned(), value)));
    let subject = Subject::new("integration", id.0, integration.customer_id);
    work.audit("offer.published", subject, Value::Object(detail)).await?;
    work.hint(Kind::Integration, id.0, integration.customer_id);
    Ok(row)
}

/// The draft becomes what was brought back; words that are the catalogue's own follow it again. What the draft knows of a
/// package's time stays where it is that time now.
async fn follow(work: &mut Work, integration: &IntegrationRow, lines: &[OfferLine]) -> Result<(), Error> {
    let now = work.now;
    let keys = lines.iter().map(|line| line.key.as_str());
    let catalogue = package_texts::worded(&mut work.conn, integration.id, keys).await?;
    let before = offers::draft(&mut work.conn, integration.id).await?;
    let before: HashMap<_, _> = before.iter().map(|line| (line.package_id, line)).collect();
    // A package never leaves the catalogue; without one there is nothing that a draft could show.
    let known = lines.iter().filter_map(|line| Some((line, catalogue.get(&line.key)?)));
    let draft = known.map(|(line, package)| {
        let before = before.get(&package.id);
        let window = before.map(|line| line.window()).filter(|window| window.is_open(now));
        NewLine {
            name: own_words(&line.name, &package.own_name),
            description: own_words(&line.description, &package.own_description),
            window: window.unwrap_or_default(),
            from_set: before.is_some_and(|line| line.from_set),
            ..NewLine::plain(package.id)
        }
    });
    let draft = draft.collect::<Vec<_>>();
    offers::replace(&mut work.conn, integration.id, integration.offer_version, &draft, now).await?;
    Ok(())
}

fn refuse_unreachable(integration: &IntegrationRow) -> Result<(), Error> {
    if integration.deleted_at.is_some() {
        return Err(Error::refused(
            "This integration was deleted at Kombo, so nothing can be published to it.",
        ));
    }
    if integration.customer_id.is_none() {
        return Err(Error::refused(
            "This integration belongs to no customer yet. Assign it first.",
        ));
    }
    Ok(())
}

/// Puts the publication into the outbox. What is sent is read from its lines at that time; nothing of it is personal.
pub async fn queue(
    work: &mut Work,
    integration: &IntegrationRow,
    publication: PublicationId,
) -> Result<(), store::Error> {
    let parked = integration.parked_at.is_some();
    let row = DeliveryRow {
        id: work.new_id(),
        kind: DeliveryKind::Publication,
        state: if parked {
            DeliveryState::Parked
        } else {
            DeliveryState::Waiting
        },
        integration_id: Some(integration.id),
        customer_id: integration.customer_id,
        order_id: None,
        publication_id: Some(publication),
        final_status: None,
        purpose: None,
        body: None,
        attempts: 0,
        due_at: work.now,
        lease_until: None,
        fence: 0,
        doubt: None,
        last_code: None,
        last_message: None,
        why: parked.then(|| "The integration does not work at present.".to_owned()),
        replaces: None,
        created_by: work.viewer.staff_id(),
        created_at: work.now,
        finished_at: None,
        version: 1,
    };
    let vault = work.tools.vault.clone();
    deliveries::insert(&mut work.conn, &vault, &row, None).await?;
    work.hint(Kind::Delivery, row.id.0, row.customer_id);
    Ok(())
}
