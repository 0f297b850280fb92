//! A draft offer becomes a publication: numbered, kept, and on its way to Kombo.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::ids::{IntegrationId, PublicationId};
use crate::domain::package::{OfferLine, diff};
use crate::domain::publication::{PublicationState, missing};
use crate::live::Kind;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::integrations::{self, IntegrationRow};
use crate::store::offers;
use crate::store::publications::{self, PublicationRow};
use crate::store::{self, Conn};
use serde_json::json;

/// What would be published, beside what was published last.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What is to be offered: the draft without retired packages.
    pub lines: Vec<OfferLine>,
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
}

/// Reads what would be published for an integration that the viewer was already found to see.
pub async fn propose(conn: &mut Conn, integration: IntegrationId) -> Result<Proposal, store::Error> {
    let draft = offers::draft(conn, integration).await?;
    let base = publications::base(conn, integration).await?;
    let base_lines = match &base {
        Some(base) => publications::lines(conn, base.id).await?,
        None => Vec::new(),
    };
    let kept = draft.iter().filter(|line| line.retired_at.is_none());
    Ok(Proposal {
        lines: kept.map(offers::DraftLine::offered).collect(),
        base,
        base_lines,
    })
}

/// Publishes the draft. An older publication that has not left is superseded.
///
/// # Errors
/// [`store::Error::Changed`] where draft or publications are no longer what the person saw; [`Error::Fields`] where a
/// reason or a confirmation is missing; [`Error::Refused`] where there is nothing to publish or nowhere to publish it.
pub async fn publish(work: &mut Work, id: IntegrationId, confirmed: Confirmed) -> Result<PublicationRow, Error> {
    let viewer = work.viewer;
    let integration = integrations::find(&mut work.conn, &viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    refuse_unreachable(&integration)?;
    let proposal = propose(&mut work.conn, id).await?;
    let base_id = proposal.base.as_ref().map(|base| base.id);
    if integration.offer_version != confirmed.offer_version || base_id != confirmed.based_on {
        return Err(store::Error::Changed.into());
    }
    let diff = diff(&proposal.base_lines, &proposal.lines);
    if diff.is_empty() && proposal.base.is_some() && !confirmed.again {
        return Err(Error::refused("Nothing has changed since the last publication."));
    }
    let missing = missing(
        &diff,
        proposal.lines.is_empty(),
        &confirmed.reason,
        confirmed.empty_confirmed,
    );
    if !missing.is_empty() {
        let faults = missing.iter().map(|it| (it.as_str(), it.label().to_owned()));
        return Err(Error::Fields(faults.collect()));
    }
    let keys = |lines: &[&OfferLine]| lines.iter().map(|line| line.key.clone()).collect::<Vec<_>>();
    let detail = json!({
        "added": keys(&diff.added),
        "removed": keys(&diff.removed),
        "changed": diff.changed.iter().map(|it| it.new.key.clone()).collect::<Vec<_>>(),
        "reordered": diff.reordered,
        "reason": confirmed.reason.trim(),
        "packages": proposal.lines.len(),
    });
    let newest = publications::newest(&mut work.conn, id).await?;
    let row = PublicationRow {
        id: work.new_id(),
        integration_id: id,
        number: newest.map_or(0, |newest| newest.number) + 1,
        state: PublicationState::Waiting,
        based_on: base_id,
        reason: confirmed.reason.trim().to_owned(),
        created_by: viewer.staff_id(),
        created_at: work.now,
        confirmed_at: None,
    };
    publications::supersede_unsent(&mut work.conn, id, work.now).await?;
    publications::insert(&mut work.conn, &row, &proposal.lines).await?;
    queue(work, &integration, row.id).await?;
    let mut detail = detail;
    detail["number"] = json!(row.number);
    let subject = Subject::new("integration", id.0, integration.customer_id);
    work.audit("offer.published", subject, detail).await?;
    work.hint(Kind::Integration, id.0, integration.customer_id);
    Ok(row)
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
