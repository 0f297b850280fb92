//! An integration's deliveries are parked, because it does not work, and woken again.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::ids::IntegrationId;
use crate::domain::viewer::{Actor, Viewer};
use crate::live::Kind;
use crate::store::{deliveries, integrations};
use serde_json::json;

/// Parks everything that an integration still has to send; `code` is Kombo's. A second time changes nothing.
pub async fn park(work: &mut Work, id: IntegrationId, code: &str, why: &str) -> Result<(), Error> {
    if !integrations::park(&mut work.conn, id, work.now, code).await? {
        return Ok(());
    }
    let parked = deliveries::park_integration(&mut work.conn, id, why).await?;
    let detail = json!({"code": code, "deliveries": parked});
    tell(work, id, Actor::System, "integration.deliveries_parked", detail).await
}

/// Sends what is parked again: the integration works again, or a person says so.
///
/// # Errors
/// [`Error::Refused`] where the integration was deleted: nothing can be sent any more.
pub async fn wake(work: &mut Work, id: IntegrationId) -> Result<u64, Error> {
    let viewer = work.viewer;
    let row = integrations::find(&mut work.conn, &viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    if row.deleted_at.is_some() {
        return Err(Error::refused(
            "This integration was deleted at Kombo, so nothing can be sent to it any more.",
        ));
    }
    let was_parked = integrations::unpark(&mut work.conn, id).await?;
    let woken = deliveries::wake_integration(&mut work.conn, id, work.now).await?;
    if was_parked || woken > 0 {
        let detail = json!({"deliveries": woken});
        tell(work, id, viewer.who, "integration.deliveries_woken", detail).await?;
    }
    Ok(woken)
}

async fn tell(
    work: &mut Work,
    id: IntegrationId,
    actor: Actor,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<(), Error> {
    let row = integrations::find(&mut work.conn, &Viewer::system(), id).await?;
    let customer = row.and_then(|row| row.customer_id);
    let subject = Subject::new("integration", id.0, customer);
    work.audit_as(actor, action, subject, detail).await?;
    work.hint(Kind::Integration, id.0, customer);
    // The outbox listens for deliveries; the hint names none of them, since all of the integration's changed.
    work.hint(Kind::Delivery, id.0, customer);
    Ok(())
}
