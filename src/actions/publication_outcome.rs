//! How a publication's delivery ended: Kombo holds it, or it was given up.

use super::work::{Subject, Work};
use super::{Error, publish_offer};
use crate::domain::ids::PublicationId;
use crate::domain::publication::PublicationState;
use crate::domain::viewer::Viewer;
use crate::live::Kind;
use crate::store::offer_checks::{self, OfferCheck};
use crate::store::{integrations, publications};
use serde_json::json;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Kombo confirmed it, or was read back and holds exactly it.
    Confirmed,
    /// Kombo refused it, or it was tried too often.
    GivenUp,
    /// A newer one took its place before it left.
    Superseded,
}

/// Settles a publication; one that was settled before stays as it is (but a given-up one can still be confirmed).
/// Says whether anything changed.
pub async fn settle(work: &mut Work, id: PublicationId, ended: Ended) -> Result<bool, Error> {
    let publication = publications::find(&mut work.conn, id).await?.ok_or(Error::NotFound)?;
    let (state, at, action) = match ended {
        Ended::Confirmed => (PublicationState::Confirmed, Some(work.now), "publication.confirmed"),
        Ended::GivenUp => (PublicationState::GivenUp, None, "publication.given_up"),
        Ended::Superseded => (PublicationState::Superseded, None, "publication.superseded"),
    };
    if !publications::settle(&mut work.conn, id, state, at).await? {
        return Ok(false);
    }
    let integration = publication.integration_id;
    if ended == Ended::Confirmed {
        let check = OfferCheck::agreeing(integration, id, work.now);
        offer_checks::note(&mut work.conn, &check).await?;
    }
    publish_offer::mark(work, integration).await?;
    let row = integrations::find(&mut work.conn, &Viewer::system(), integration).await?;
    let customer = row.and_then(|row| row.customer_id);
    let subject = Subject::new("integration", integration.0, customer);
    work.audit(action, subject, json!({"number": publication.number}))
        .await?;
    work.hint(Kind::Integration, integration.0, customer);
    Ok(true)
}
