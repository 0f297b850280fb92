//! What Kombo holds is compared with what was published, and what that came to is kept.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::ids::PublicationId;
use crate::domain::package::{OfferDiff, OfferLine, PackageType, diff};
use crate::kombo::wire::HeldPackage;
use crate::live::Kind;
use crate::store::integrations::IntegrationRow;
use crate::store::offer_checks::{self, OfferCheck};
use crate::store::publications;
use serde_json::json;

/// What Kombo holds, as lines of an offer. Kombo may not know the type of an old package: then it is ours.
pub fn as_lines(ours: &[OfferLine], held: Vec<HeldPackage>) -> Vec<OfferLine> {
    let lines = held.into_iter().map(|package| {
        let own = ours.iter().find(|line| line.key == package.id);
        let told = package.package_type.and_then(|kind| PackageType::parse(kind.as_str()));
        OfferLine {
            kind: told.or(own.map(|line| line.kind)).unwrap_or(PackageType::SkillsTest),
            key: package.id,
            name: package.name,
            description: package.description,
        }
    });
    lines.collect()
}

/// In how many packages what Kombo holds is not what was published. It promises no order.
pub fn count(diff: &OfferDiff<'_>) -> usize {
    diff.added.len() + diff.removed.len() + diff.changed.len()
}

/// Writes down what Kombo holds beside the publication that it had confirmed. One that was overtaken meanwhile tells nothing.
pub async fn note_held(
    work: &mut Work,
    integration: &IntegrationRow,
    publication: PublicationId,
    held: Vec<HeldPackage>,
) -> Result<(), Error> {
    if !is_newest(work, integration, publication).await? {
        return Ok(());
    }
    let ours = publications::lines(&mut work.conn, publication).await?;
    let held = as_lines(&ours, held);
    let differences = count(&diff(&ours, &held));
    let before = offer_checks::find(&mut work.conn, integration.id).await?;
    let differed = before.as_ref().and_then(|check| check.differs_since);
    let check = OfferCheck {
        differences: i64::try_from(differences).unwrap_or(i64::MAX),
        differs_since: (differences > 0).then(|| differed.unwrap_or(work.now)),
        ..OfferCheck::agreeing(integration.id, publication, work.now)
    };
    offer_checks::note(&mut work.conn, &check).await?;
    let action = match (differed.is_some(), differences > 0) {
        (false, true) => "offer.drifted",
        (true, false) => "offer.agrees_again",
        _ => return Ok(()),
    };
    let subject = Subject::new("integration", integration.id.0, integration.customer_id);
    work.audit(action, subject, json!({"packages": differences})).await?;
    work.hint(Kind::Integration, integration.id.0, integration.customer_id);
    Ok(())
}

/// Writes down why Kombo could not be asked; what is known of the offer stays.
pub async fn note_failure(
    work: &mut Work,
    integration: &IntegrationRow,
    publication: PublicationId,
    why: &str,
) -> Result<(), Error> {
    if !is_newest(work, integration, publication).await? {
        return Ok(());
    }
    let before = offer_checks::find(&mut work.conn, integration.id).await?;
    let known = before.filter(|check| check.publication_id == publication);
    let check = OfferCheck {
        checked_at: work.now,
        failed: Some(why.to_owned()),
        ..known.unwrap_or_else(|| OfferCheck::agreeing(integration.id, publication, work.now))
    };
    offer_checks::note(&mut work.conn, &check).await?;
    Ok(())
}

async fn is_newest(work: &mut Work, integration: &IntegrationRow, publication: PublicationId) -> Result<bool, Error> {
    let newest = publications::base(&mut work.conn, integration.id).await?;
    Ok(newest.is_some_and(|newest| newest.id == publication))
}
