//! Claims what is due: for Kombo more of each integration than may be under way there at once, so that the next call need
//! not wait until something was written down.

use super::jumps::{self, Moved};
use super::{mail, sender};
use crate::actions::work::Work;
use crate::app::App;
use crate::app::health::Part;
use crate::app::outgoing::UnderWay;
use crate::domain::delivery::{DeliveryKind, MAILS_IN_FLIGHT};
use crate::domain::ids::DeliveryId;
use crate::domain::time::Timestamp;
use crate::kombo;
use crate::points::Point;
use crate::store::deliveries::{self, DeliveryRow, mails};
use crate::store::orders::OrderRow;
use crate::store::{self, Conn, integrations, orders};
use std::collections::{HashMap, HashSet};

/// The most deliveries that are claimed in one round.
pub(super) const ROUND: usize = 64;

/// What is said where no API key is set.
const NO_KEY: &str = "No Kombo API key is set (ASSESSDESK_KOMBO_API_KEY), so nothing can be sent.";

/// A claimed delivery with the way by which it leaves.
pub(super) struct Parcel {
    claimed: Box<Claimed>,
    way: Way,
    /// As long as this is there, nobody takes it for left behind.
    _under_way: UnderWay,
}

/// A claimed delivery.
pub(super) struct Claimed {
    /// Its row.
    pub(super) row: DeliveryRow,
    /// Whom a result is for.
    pub(super) to: Option<Addressee>,
}

/// The order whose result it is.
pub(super) struct Addressee {
    /// The integration as Kombo calls it.
    pub(super) integration: String,
    /// The order as it was when its result was claimed.
    pub(super) order: OrderRow,
}

/// The way by which something leaves.
enum Way {
    /// To Kombo.
    Kombo(kombo::Client),
    /// By mail.
    Mail(mail::Way),
}

impl Parcel {
    fn new(app: &App, claimed: Claimed, way: Way) -> Self {
        Self {
            _under_way: app.outgoing.set_out(claimed.row.id),
            claimed: Box::new(claimed),
            way,
        }
    }

    /// Sends it and records how that ended. What seldom happens on its way is boxed, here and behind: many are under way, and
    /// each takes as much room as the largest of its steps.
    pub(super) async fn send(self, app: &App) {
        match self.way {
            Way::Kombo(kombo) => sender::send(app, &kombo, self.claimed).await,
            Way::Mail(way) => Box::pin(mail::send(app, &way, self.claimed.row)).await,
        }
    }
}

/// Claims what is due and whose way is open: for Kombo at most `limit`, and no more than makes `of_each` claimed through
/// one integration; and a few mails.
pub(super) async fn claim_open(app: &App, limit: usize, of_each: usize) -> Result<Vec<Parcel>, store::Error> {
    let mut parcels = Vec::new();
    if let Some(way) = mail::open_way(app) {
        let claimed = claim_mails(app).await?;
        let parcel = |claimed| Parcel::new(app, claimed, Way::Mail(way.clone()));
        parcels.extend(claimed.into_iter().map(parcel));
    }
    if let Some(kombo) = open_way(app).filter(|_| limit > 0) {
        let claimed = claim(app, limit, of_each).await?;
        let parcel = |claimed| Parcel::new(app, claimed, Way::Kombo(kombo.clone()));
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
async fn claim(app: &App, limit: usize, of_each: usize) -> Result<Vec<Claimed>, store::Error> {
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let due = deliveries::due(&mut conn, now, count(of_each), count(limit)).await?;
    let due = seen(&mut conn, due).await?;
    drop(conn);
    let claimed = hold(app, now, due).await?;
    for integration in claimed.iter().filter_map(|claimed| claimed.row.integration_id) {
        app.lanes.open(integration);
    }
    Ok(claimed)
}

/// Claims the mails that are due.
async fn claim_mails(app: &App) -> Result<Vec<Claimed>, store::Error> {
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let due = mails::due(&mut conn, now, count(MAILS_IN_FLIGHT)).await?;
    drop(conn);
    if due.is_empty() {
        return Ok(Vec::new());
    }
    claim_each(app, now, &due).await
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is due, before it is claimed.
struct Due {
    /// Results, read already: whoever writes has no time for that.
    results: Vec<Claimed>,
    /// Everything else.
    others: Vec<DeliveryId>,
}

/// Reads the results among what is due, the earliest first.
async fn seen(conn: &mut Conn, due: Vec<(DeliveryId, DeliveryKind)>) -> Result<Due, store::Error> {
    let (results, others): (Vec<_>, Vec<_>) = due.into_iter().partition(|(_, kind)| *kind == DeliveryKind::Result);
    let others = others.into_iter().map(|(id, _)| id).collect();
    let mut rows = Vec::new();
    if !results.is_empty() {
        let ids = results.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        rows = deliveries::find_many(conn, &ids).await?;
        rows.sort_unstable_by_key(|row| (row.due_at, row.id));
    }
    let results = addressed(conn, rows).await?;
    Ok(Due { results, others })
}

async fn hold(app: &App, now: Timestamp, due: Due) -> Result<Vec<Claimed>, store::Error> {
    let results = due.results.iter().map(|claimed| claimed.row.id);
    let all = results.chain(due.others.iter().copied()).collect::<Vec<_>>();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    match claim_as_seen(app, now, due).await {
        // Somebody changed one of them since it was read.
        Err(store::Error::Changed) => claim_each(app, now, &all).await,
        claimed => claimed,
    }
}

/// Claims the results all at once, and what else is due.
///
/// # Errors
/// [`store::Error::Changed`] where a result is no longer as it was seen: then nothing is claimed.
async fn claim_as_seen(app: &App, now: Timestamp, due: Due) -> Result<Vec<Claimed>, store::Error> {
    let mut work = app.begin_system().await?;
    let mut moved = Moved::default();
    let mut claimed = Vec::with_capacity(due.results.len());
    for result in due.results {
        if !still_rests(app, &mut work, result.row.id, &mut moved).await? {
            claimed.push(result);
        }
    }
    let mut rows = claimed.iter_mut().map(|claimed| &mut claimed.row).collect::<Vec<_>>();
    deliveries::claim_seen(&mut work.conn, &mut rows, now, now.plus(app.config.lease)).await?;
    claimed.extend(singly(app, &mut work, now, &due.others, &mut moved).await?);
    commit(app, work, claimed, moved).await
}

/// Claims these one after the other; what somebody else was faster with is left out.
async fn claim_each(app: &App, now: Timestamp, ids: &[DeliveryId]) -> Result<Vec<Claimed>, store::Error> {
    let mut work = app.begin_system().await?;
    let mut moved = Moved::default();
    let claimed = singly(app, &mut work, now, ids, &mut moved).await?;
    commit(app, work, claimed, moved).await
}

async fn singly(
    app: &App,
    work: &mut Work,
    now: Timestamp,
    ids: &[DeliveryId],
    moved: &mut Moved,
) -> Result<Vec<Claimed>, store::Error> {
    let mut rows = Vec::new();
    for id in ids {
        if !still_rests(app, work, *id, moved).await? {
            rows.extend(deliveries::claim(&mut work.conn, *id, now, now.plus(app.config.lease)).await?);
        }
    }
    addressed(&mut work.conn, rows).await
}

async fn commit(app: &App, work: Work, claimed: Vec<Claimed>, moved: Moved) -> Result<Vec<Claimed>, store::Error> {
    work.commit().await?;
    moved.tell(app);
    if !claimed.is_empty() {
        Point::Claimed.pass();
    }
    Ok(claimed)
}

/// Due by a clock that jumped: it still rests.
async fn still_rests(app: &App, work: &mut Work, id: DeliveryId, moved: &mut Moved) -> Result<bool, store::Error> {
    match app.outgoing.rest_of(id, app.clock.steady()) {
        Some(rest) => jumps::put_off(app, work, id, rest, moved).await,
        None => Ok(false),
    }
}

/// Each result with whom it is for.
async fn addressed(conn: &mut Conn, rows: Vec<DeliveryRow>) -> Result<Vec<Claimed>, store::Error> {
    let results = rows.iter().filter(|row| row.kind == DeliveryKind::Result);
    let ids = results.filter_map(|row| row.order_id).collect::<HashSet<_>>();
    let mut by_id = HashMap::new();
    if !ids.is_empty() {
        let found = orders::find_many(conn, &ids.into_iter().collect::<Vec<_>>()).await?;
        by_id.extend(found.into_iter().map(|order| (order.id, order)));
    }
    let through = by_id.values().map(|order| order.integration_id).collect::<HashSet<_>>();
    let names = integrations::kombo_ids(conn, &through.into_iter().collect::<Vec<_>>()).await?;
    let claimed = rows.into_iter().map(|row| {
        let order = row.order_id.and_then(|id| by_id.get(&id));
        let to = order.and_then(|order| {
            Some(Addressee {
                integration: names.get(&order.integration_id)?.clone(),
                order: order.clone(),
            })
        });
        Claimed { row, to }
    });
    Ok(claimed.collect())
}
