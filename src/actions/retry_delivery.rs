//! A person wants a delivery to be tried at once.

use super::work::{Subject, Work};
use super::{Error, publish_offer, wake_integration};
use crate::domain::delivery::{DeliveryKind, DeliveryState};
use crate::domain::ids::DeliveryId;
use crate::domain::publication::PublicationState;
use crate::live::Kind;
use crate::store;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::publications;
use serde_json::json;

/// Whether [`retry`] would do something for a delivery that stands so.
pub fn can_retry(row: &DeliveryRow) -> bool {
    match row.state {
        // What has not been tried waits for its release delay, which is there for 'undo'.
        DeliveryState::Waiting => row.attempts > 0,
        DeliveryState::Ambiguous | DeliveryState::Parked => true,
        DeliveryState::GivenUp => row.kind == DeliveryKind::Publication,
        _ => false,
    }
}

/// Tries a delivery at once. One that may have arrived is read back first; a parked one wakes its whole integration; a
/// publication that was given up begins anew.
///
/// # Errors
/// [`store::Error::Changed`] where it changed since `version`; [`Error::Refused`] where trying makes no sense.
pub async fn retry(work: &mut Work, id: DeliveryId, version: i64) -> Result<DeliveryRow, Error> {
    let viewer = work.viewer;
    let row = deliveries::find_seen(&mut work.conn, &viewer, id).await?;
    let mut row = row.ok_or(Error::NotFound)?;
    if row.version != version {
        return Err(store::Error::Changed.into());
    }
    if !can_retry(&row) {
        return Err(Error::refused(match row.state {
            DeliveryState::GivenUp if row.kind == DeliveryKind::Mail => {
                "It was given up. Mend the address on its order's page, or send the invitation again from there."
            }
            DeliveryState::GivenUp => "It was given up. Mend its order, then release it again there.",
            DeliveryState::Waiting => "It waits for its release delay and leaves by itself.",
            DeliveryState::Sending => "It is leaving now.",
            _ => "It is over, so there is nothing to send.",
        }));
    }
    if let (DeliveryState::Parked, Some(integration)) = (row.state, row.integration_id) {
        wake_integration::wake(work, integration).await?;
        return deliveries::find(&mut work.conn, id).await?.ok_or(Error::NotFound);
    }
    if row.state == DeliveryState::GivenUp {
        begin_anew(work, &mut row).await?;
    }
    row.due_at = work.now;
    deliveries::save(&mut work.conn, &mut row).await?;
    let subject = Subject::new("delivery", id.0, row.customer_id);
    let subject = match row.order_id {
        Some(order) => subject.in_order(order),
        None => subject,
    };
    work.audit("delivery.retried", subject, json!({"kind": row.kind.as_str()}))
        .await?;
    work.hint(Kind::Delivery, id.0, row.customer_id);
    Ok(row)
}

async fn begin_anew(work: &mut Work, row: &mut DeliveryRow) -> Result<(), Error> {
    row.state = DeliveryState::Waiting;
    row.attempts = 0;
    row.why = None;
    row.finished_at = None;
    if let Some(publication) = row.publication_id {
        publications::settle(&mut work.conn, publication, PublicationState::Waiting, None).await?;
    }
    if let Some(integration) = row.integration_id.filter(|_| row.publication_id.is_some()) {
        publish_offer::mark(work, integration).await?;
    }
    Ok(())
}
