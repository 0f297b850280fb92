//! A draft offer is to be published later: exactly as somebody saw it, or not at all.

use super::Error;
use super::publish_offer::{self, Confirmed, check, told};
use super::work::{Subject, Work};
use crate::domain::ids::IntegrationId;
use crate::domain::time::Timestamp;
use crate::live::Kind;
use crate::store::publications::{self, PublicationRow};
use crate::store::schedules::{self, ScheduledRow};
use crate::store::{self, integrations};
use serde_json::{Value, json};
use std::time::Duration;

/// How far ahead anybody may look.
const FARTHEST: Duration = Duration::from_hours(366 * 24);

/// When a draft is to be published.
#[derive(Clone, Copy, Debug)]
pub struct Later {
    /// The moment.
    pub due_at: Timestamp,
    /// What goes then goes even if orders came for it in the meantime; else nothing is published, and somebody is to look.
    pub whatever_orders: bool,
}

/// Writes down that the draft is to be published later, in place of an earlier such word.
///
/// # Errors
/// As [`publish_offer::publish`], and [`Error::Fields`] where the moment is over or too far ahead.
pub async fn schedule(
    work: &mut Work,
    id: IntegrationId,
    confirmed: Confirmed,
    later: Later,
) -> Result<ScheduledRow, Error> {
    let (integration, proposal) = check(work, id, &confirmed).await?;
    if later.due_at <= work.now {
        return Err(Error::field(
            "due",
            "That moment is over. Choose a later one, or publish now.",
        ));
    }
    if later.due_at.since(work.now) > FARTHEST {
        return Err(Error::field("due", "That is more than a year ahead."));
    }
    let row = ScheduledRow {
        integration_id: id,
        due_at: later.due_at,
        offer_version: confirmed.offer_version,
        based_on: confirmed.based_on,
        reason: confirmed.reason.trim().to_owned(),
        empty_confirmed: confirmed.empty_confirmed,
        whatever_orders: later.whatever_orders,
        created_by: work.viewer.staff_id(),
        created_at: work.now,
        failed_at: None,
        failed: None,
    };
    schedules::save(&mut work.conn, &row).await?;
    let mut detail = told(&proposal);
    detail.insert("due_at".to_owned(), json!(row.due_at.to_fixed()));
    detail.insert("reason".to_owned(), json!(row.reason));
    let subject = Subject::new("integration", id.0, integration.customer_id);
    work.audit("offer.scheduled", subject, Value::Object(detail)).await?;
    work.hint(Kind::Integration, id.0, integration.customer_id);
    Ok(row)
}

/// Calls off what was to be published later; nothing happens where there is nothing.
///
/// # Errors
/// [`Error::NotFound`] where the viewer may not see the integration.
pub async fn call_off(work: &mut Work, id: IntegrationId) -> Result<(), Error> {
    let viewer = work.viewer;
    let integration = integrations::find(&mut work.conn, &viewer, id).await?;
    let integration = integration.ok_or(Error::NotFound)?;
    if schedules::remove(&mut work.conn, id).await? {
        let subject = Subject::new("integration", id.0, integration.customer_id);
        work.audit("offer.unscheduled", subject, json!({})).await?;
        work.hint(Kind::Integration, id.0, integration.customer_id);
    }
    Ok(())
}

/// Publishes what is due now; `None`: somebody called it off or chose another time meanwhile.
///
/// # Errors
/// As [`publish_offer::publish`], and [`Error::Refused`] where orders came that the person did not know of. The caller
/// keeps it with [`note_failure`].
pub async fn publish_due(work: &mut Work, id: IntegrationId) -> Result<Option<PublicationRow>, Error> {
    let row = schedules::find(&mut work.conn, id).await?;
    let Some(row) = row.filter(|row| row.failed_at.is_none() && row.due_at <= work.now) else {
        return Ok(None);
    };
    let confirmed = Confirmed {
        based_on: row.based_on,
        offer_version: row.offer_version,
        reason: row.reason.clone(),
        empty_confirmed: row.empty_confirmed,
        by: row.created_by,
        ..Confirmed::default()
    };
    if !row.whatever_orders {
        refuse_unseen_orders(work, id, row.created_at).await?;
    }
    publish_offer::publish(work, id, confirmed).await.map(Some)
}

/// A package with open orders never goes without somebody having seen that it has them.
async fn refuse_unseen_orders(work: &mut Work, id: IntegrationId, seen_at: Timestamp) -> Result<(), Error> {
    let proposal = publish_offer::propose(&mut work.conn, id, work.now).await?;
    let diff = proposal.diff();
    let keys = diff.removed.iter().map(|line| line.key.as_str()).collect::<Vec<_>>();
    let why = match publications::open_orders_since(&mut work.conn, id, &keys, seen_at).await? {
        0 => return Ok(()),
        1 => "An order came for a package that goes, and is open.".to_owned(),
        orders => format!("{orders} orders came for packages that go, and are open."),
    };
    Err(Error::Refused(why))
}

/// Keeps why what was due was not published: it waits for somebody to look.
///
/// # Errors
/// What the store tells.
pub async fn note_failure(work: &mut Work, id: IntegrationId, error: &Error) -> Result<(), store::Error> {
    let Some(mut row) = schedules::find(&mut work.conn, id).await? else {
        return Ok(());
    };
    let why = match error {
        Error::Refused(why) => why.clone(),
        Error::Fields(faults) => faults.iter().map(|(_, why)| why.as_str()).collect::<Vec<_>>().join(" "),
        error if error.is_changed() => {
            "The offer, or a package of it, was changed or published after somebody had looked at it.".to_owned()
        }
        _ => "It could not be written down.".to_owned(),
    };
    row.failed_at = Some(work.now);
    row.failed = Some(why.clone());
    schedules::save(&mut work.conn, &row).await?;
    let viewer = work.viewer;
    let integration = integrations::find(&mut work.conn, &viewer, id).await?;
    let customer = integration.and_then(|row| row.customer_id);
    let subject = Subject::new("integration", id.0, customer);
    work.audit("offer.not_published", subject, json!({"why": why})).await?;
    work.hint(Kind::Integration, id.0, customer);
    Ok(())
}
