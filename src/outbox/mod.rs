//! The outbox: claim what is due, send it, record how that ended. One sender per kind.
//!
//! A claim is a lease with a fence: it ends by being recorded, by being given back unsent, or by running out; then nobody
//! knows whether it was sent, and it is read back first (a mail is sent again, as the same mail). Kombo and the mail server
//! are called only outside transactions, and neither waits for the other.

mod claim;
mod jumps;
mod mail;
mod pace;
mod publication;
mod recorder;
mod result;
mod sender;
mod shape;
mod worker;

pub use jumps::{hasten_late, set_right, take_over};
pub use worker::spawn;

use crate::actions::record_attempt::{Ended, Tried};
use crate::app::App;
use crate::domain::time::Timestamp;
use crate::store::{self, deliveries};
use claim::{ROUND, claim_open};
use pace::AT_ANY_PACE;
use recorder::record;

/// How many leases that ran out are looked after in one round.
const RECOVERED_AT_ONCE: i64 = 50;

/// One round: whose lease ran out is looked after, what is due is claimed, sent side by side, and recorded. Says how many
/// were claimed. Nothing for Kombo is while no API key is set, or while Kombo refuses ours; no mail is while none is set
/// up, or while the mail server refuses us.
///
/// # Errors
/// What the store tells while claiming. A failure to record leaves the lease to run out.
pub async fn deliver_due(app: &App) -> Result<usize, store::Error> {
    recover_leases(app).await?;
    let parcels = claim_open(app, ROUND, AT_ANY_PACE).await?;
    let count = parcels.len();
    futures_util::future::join_all(parcels.into_iter().map(|parcel| parcel.send(app))).await;
    Ok(count)
}

/// Looks after what vanished senders hold: nobody knows whether it was sent. Says how many there were.
///
/// # Errors
/// What the store tells; the others are looked after in the next round.
pub async fn recover_leases(app: &App) -> Result<usize, store::Error> {
    let mut conn = app.read().await?;
    let overdue = deliveries::overdue_leases(&mut conn, app.clock.now(), RECOVERED_AT_ONCE).await?;
    drop(conn);
    let vanished_ones = overdue.iter().filter(|row| !app.outgoing.is_under_way(row.id));
    let mut count = 0;
    for delivery in vanished_ones {
        let began = delivery
            .lease_until
            .map_or(delivery.due_at, |until| until.minus(app.config.lease));
        record(app, delivery.clone(), None, vanished(began)).await;
        if let Some(integration) = delivery.integration_id {
            app.lanes.is_over(integration, delivery.id);
        }
        count += 1;
    }
    Ok(count)
}

/// Nobody knows how it ended.
fn vanished(began: Timestamp) -> Tried {
    let message = "Its sender stopped before it could say whether it was sent.";
    Tried::silent(Ended::Vanished, began, message)
}
