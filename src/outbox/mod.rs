//! The outbox: claim what is due, send it, record how that ended. One sender per kind.
//!
//! A claim is a lease with a fence: it ends by being recorded, by being given back unsent, or by running out; then nobody
//! knows whether it was sent, and it is read back first (a mail is sent again, as the same mail). Kombo and the mail server
//! are called only outside transactions, and neither waits for the other.

mod jumps;
mod mail;
mod publication;
mod recorder;
mod result;
mod sender;
mod shape;
mod worker;

pub use worker::spawn;

use crate::actions::record_attempt::{Ended, Tried};
use crate::app::App;
use crate::app::health::Part;
use crate::app::outgoing::UnderWay;
use crate::domain::delivery::{MAILS_IN_FLIGHT, MAX_IN_FLIGHT};
use crate::domain::ids::DeliveryId;
use crate::domain::time::Timestamp;
use crate::kombo;
use crate::points::Point;
use crate::store::deliveries::{self, DeliveryRow, mails};
use crate::store::{self};
use recorder::record;

/// The most deliveries that are claimed in one round.
const ROUND: usize = 64;

/// How many leases that ran out are looked after in one round.
const RECOVERED_AT_ONCE: i64 = 50;

/// What is said where no API key is set.
const NO_KEY: &str = "No Kombo API key is set (ASSESSDESK_KOMBO_API_KEY), so nothing can be sent.";

/// One round: whose lease ran out is looked after, what is due is claimed, sent side by side, and recorded. Says how many
/// were claimed. Nothing for Kombo is while no API key is set, or while Kombo refuses ours; no mail is while none is set
/// up, or while the mail server refuses us.
///
/// # Errors
/// What the store tells while claiming. A failure to record leaves the lease to run out.
pub async fn deliver_due(app: &App) -> Result<usize, store::Error> {
    recover_leases(app).await?;
    let parcels = claim_open(app, ROUND).await?;
    let count = parcels.len();
    futures_util::future::join_all(parcels.into_iter().map(|parcel| parcel.send(app))).await;
    Ok(count)
}

/// A claimed delivery with the way by which it leaves.
struct Parcel {
    claimed: DeliveryRow,
    way: Way,
    /// As long as this is there, nobody takes it for left behind.
    _under_way: UnderWay,
}

/// The way by which something leaves.
enum Way {
    /// To Kombo.
    Kombo(kombo::Client),
    /// By mail.
    Mail(mail::Way),
}

impl Parcel {
    fn new(app: &App, claimed: DeliveryRow, way: Way) -> Self {
        Self {
            _under_way: app.outgoing.set_out(claimed.id),
            claimed,
            way,
        }
    }

    /// Sends it and records how that ended.
    async fn send(self, app: &App) {
        match self.way {
            Way::Kombo(kombo) => sender::send(app, &kombo, self.claimed).await,
            Way::Mail(way) => mail::send(app, &way, self.claimed).await,
        }
    }
}

/// Claims what is due and whose way is open: at most `limit` for Kombo, and a few mails.
async fn claim_open(app: &App, limit: usize) -> Result<Vec<Parcel>, store::Error> {
    let mut parcels = Vec::new();
    if let Some(way) = mail::open_way(app) {
        let claimed = claim_mails(app).await?;
        let parcel = |row| Parcel::new(app, row, Way::Mail(way.clone()));
        parcels.extend(claimed.into_iter().map(parcel));
    }
    if let Some(kombo) = open_way(app).filter(|_| limit > 0) {
        let claimed = claim(app, limit).await?;
        let parcel = |row| Parcel::new(app, row, Way::Kombo(kombo.clone()));
        parcels.extend(claimed.into_iter().map(parcel));
    }
    Ok(parcels)
}

/// The way to Kombo, where there is one now. Tells `app.health` where not.
fn open_way(app: &App) -> Option<kombo::Client> {
    let now = app.clock.now();
    let Some(kombo) = app.kombo.clone() else {
        app.health.fails(Part::Outbox, now, NO_KEY);
        return None;
    };
    if let Some(closed) = app.gate.closed(now) {
        app.health.fails(Part::Outbox, now, &closed.why);
        return None;
    }
    Some(kombo)
}

/// Claims at most `limit` of what is due for Kombo.
async fn claim(app: &App, limit: usize) -> Result<Vec<DeliveryRow>, store::Error> {
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let due = deliveries::due(&mut conn, now, count(MAX_IN_FLIGHT), count(limit)).await?;
    drop(conn);
    hold(app, now, due).await
}

/// Claims the mails that are due.
async fn claim_mails(app: &App) -> Result<Vec<DeliveryRow>, store::Error> {
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let due = mails::due(&mut conn, now, count(MAILS_IN_FLIGHT)).await?;
    drop(conn);
    hold(app, now, due).await
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

async fn hold(app: &App, now: Timestamp, due: Vec<DeliveryId>) -> Result<Vec<DeliveryRow>, store::Error> {
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let lease_until = now.plus(app.config.lease);
    let mut work = app.begin_system().await?;
    let mut claimed = Vec::with_capacity(due.len());
    for id in due {
        // Due by a clock that jumped: it still rests.
        if let Some(rest) = app.outgoing.rest_of(id, app.clock.steady())
            && jumps::put_off(app, &mut work, id, rest).await?
        {
            continue;
        }
        claimed.extend(deliveries::claim(&mut work.conn, id, now, lease_until).await?);
    }
    work.commit().await?;
    if !claimed.is_empty() {
        Point::Claimed.pass();
    }
    Ok(claimed)
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
        record(app, delivery, &vanished(began)).await;
        count += 1;
    }
    Ok(count)
}

/// Nobody knows how it ended.
fn vanished(began: Timestamp) -> Tried {
    let message = "Its sender stopped before it could say whether it was sent.";
    Tried::silent(Ended::Vanished, began, message)
}
