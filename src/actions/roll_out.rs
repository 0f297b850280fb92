//! Publishes the drafts of many integrations, each for itself: what goes wrong with one holds up none of the others.

use super::Error;
use super::publish_offer::{self, Confirmed};
use super::work::{Subject, Work};
use crate::domain::ids::{IntegrationId, PublicationId};
use crate::domain::publication::check_reason;
use crate::store::publications::PublicationRow;
use crate::store::rollouts::{self, RolloutRow};
use serde_json::json;

/// An integration as the person saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Which one.
    pub integration: IntegrationId,
    /// The version of its draft.
    pub offer_version: i64,
    /// The publication that the shown difference was made against.
    pub based_on: Option<PublicationId>,
}

/// The most integrations of one rollout: as many as a person can look through.
pub const MOST: usize = 100;

/// Begins a rollout to `integrations` integrations; each is then [`publish`]ed in a transaction of its own.
///
/// # Errors
/// [`Error::Fields`] where the reason is too long.
pub async fn begin(work: &mut Work, integrations: usize, reason: &str) -> Result<RolloutRow, Error> {
    check_reason(reason).map_err(|why| Error::field("reason", why))?;
    let row = RolloutRow {
        id: work.new_id(),
        reason: reason.to_owned(),
        created_by: work.viewer.staff_id(),
        created_at: work.now,
    };
    rollouts::insert(&mut work.conn, &row).await?;
    let mut detail = json!({"integrations": integrations});
    if !reason.is_empty() {
        detail["reason"] = json!(reason);
    }
    work.audit("rollout.begun", Subject::new("rollout", row.id.0, None), detail)
        .await?;
    Ok(row)
}

/// Publishes one integration's draft, if it is still what the person saw. To offer nothing at all is confirmed on the
/// integration's own page, not here.
///
/// # Errors
/// As [`publish_offer::publish`]; [`refuse`] notes why.
pub async fn publish(work: &mut Work, rollout: &RolloutRow, pick: Pick) -> Result<PublicationRow, Error> {
    let confirmed = Confirmed {
        based_on: pick.based_on,
        offer_version: pick.offer_version,
        reason: rollout.reason.clone(),
        ..Confirmed::default()
    };
    let row = publish_offer::publish(work, pick.integration, confirmed).await?;
    rollouts::note_publication(&mut work.conn, rollout.id, pick.integration, row.id).await?;
    Ok(row)
}

/// Notes why an integration was left out.
pub async fn refuse(work: &mut Work, rollout: &RolloutRow, pick: Pick, error: &Error) -> Result<(), Error> {
    let why = match error {
        Error::Refused(why) => why.clone(),
        Error::Fields(faults) => faults.iter().map(|(_, why)| why.as_str()).collect::<Vec<_>>().join(" "),
        error if error.is_changed() => "Somebody changed or published this offer after the list was shown.".to_owned(),
        _ => "It could not be written down; nothing was sent.".to_owned(),
    };
    rollouts::note_refusal(&mut work.conn, rollout.id, pick.integration, &why).await?;
    Ok(())
}
