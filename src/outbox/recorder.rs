//! Writes down how tries ended: with patience, and many in one transaction.

use crate::actions;
use crate::actions::record_attempt::{self, Arrived, Tried};
use crate::actions::work::Work;
use crate::app::App;
use crate::app::health::Part;
use crate::app::outgoing::Rest;
use crate::app::recording::{Outcome, Waiting, Written};
use crate::domain::delivery::{self, DeliveryState};
use crate::points::Point;
use crate::store;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::orders::OrderRow;
use crate::telemetry;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often recording is tried while the database is busy or the order is being changed.
const RECORDED_AT_MOST: u32 = 8;

/// The most outcomes of one transaction: it must not keep SQLite's writer for long.
const BATCH: usize = 64;

/// Records how a try ended, with some patience. The order as it was claimed with the delivery makes it quick where nothing
/// came between.
pub(super) async fn record(app: &App, delivery: DeliveryRow, order: Option<OrderRow>, tried: Tried) {
    let id = delivery.id;
    let outcome = Arc::new(Outcome { delivery, order, tried });
    for number in 1..=RECORDED_AT_MOST {
        match record_once(app, outcome.clone()).await {
            Ok(()) => return,
            Err(error) if number < RECORDED_AT_MOST && is_passing(&error) => {
                tokio::time::sleep(Duration::from_millis(25 << number)).await;
            }
            Err(error) => {
                tracing::error!(delivery = %id, %error, "the outcome of a delivery could not be recorded");
                app.health.fails(Part::Outbox, app.clock.now(), &error.to_string());
                return;
            }
        }
    }
}

/// Waits until somebody wrote it down who had the turn, or for the turn; then writes for all that wait.
async fn record_once(app: &App, outcome: Arc<Outcome>) -> Written {
    let (tell, mut told) = oneshot::channel();
    app.recording.add(Waiting { outcome, tell });
    // Where whoever wrote it was cut off, the lease is still ours.
    let cut_off = || Err(store::Error::Changed.into());
    let _turn = tokio::select! {
        biased;
        told = &mut told => return told.unwrap_or_else(|_| cut_off()),
        turn = app.recording.turn() => turn,
    };
    loop {
        match told.try_recv() {
            Ok(written) => return written,
            Err(oneshot::error::TryRecvError::Empty) => Box::pin(write(app, app.recording.take(BATCH))).await,
            Err(oneshot::error::TryRecvError::Closed) => return cut_off(),
        }
    }
}

/// Writes these outcomes in one transaction; where that fails, each by itself, so that only the one that failed hears of it.
async fn write(app: &App, batch: Vec<Waiting>) {
    let outcomes = batch.iter().map(|one| &*one.outcome).collect::<Vec<_>>();
    let together = write_together(app, &outcomes).await;
    if let Err(error) = &together {
        tracing::debug!(%error, count = batch.len(), "outcomes are written one by one");
    }
    for one in batch {
        let written = match together {
            Ok(()) => Ok(()),
            Err(_) => write_one(app, &one.outcome).await,
        };
        let _ = one.tell.send(written);
    }
}

/// Those that arrived with a statement for each table, the others one after the other.
async fn write_together(app: &App, outcomes: &[&Outcome]) -> Written {
    let mut work = app.begin_system().await?;
    let (mut arrived, mut others) = (Vec::new(), Vec::new());
    for one in outcomes {
        let usual = one.order.as_ref();
        match usual.and_then(|order| Arrived::of(&one.delivery, order, &one.tried)) {
            Some(usual) => arrived.push(usual),
            None => others.push(*one),
        }
    }
    record_attempt::record_arrived(&mut work, &arrived).await?;
    let mut ended = vec![delivery::Outcome::Delivered; arrived.len()];
    let mut resting = Vec::new();
    for one in others {
        let (outcome, rests) = record_in(&mut work, one).await?;
        ended.push(outcome);
        resting.extend(rests);
    }
    commit(app, work, resting, &ended).await
}

async fn write_one(app: &App, one: &Outcome) -> Written {
    let mut work = app.begin_system().await?;
    let (outcome, rests) = record_in(&mut work, one).await?;
    commit(app, work, rests.into_iter().collect(), &[outcome]).await
}

/// Writes one down; gives its row where it rests until it is tried again.
async fn record_in(work: &mut Work, one: &Outcome) -> Result<(delivery::Outcome, Option<DeliveryRow>), actions::Error> {
    let (id, fence) = (one.delivery.id, one.delivery.fence);
    let outcome = record_attempt::record(work, id, fence, &one.tried).await?;
    let row = deliveries::find(&mut work.conn, id).await?;
    let rests = row.filter(|row| matches!(row.state, DeliveryState::Waiting | DeliveryState::Ambiguous));
    Ok((outcome, rests))
}

async fn commit(app: &App, work: Work, resting: Vec<DeliveryRow>, ended: &[delivery::Outcome]) -> Written {
    // Known before others can see the rows: whoever sets right what waits after a jump of the clock finds both.
    let (now, steady) = (work.now, app.clock.steady());
    for row in resting {
        let (due_at, until) = (row.due_at, steady + row.due_at.since(now));
        app.outgoing.rests(row.id, Rest { due_at, until });
    }
    work.commit().await?;
    for outcome in ended {
        Point::Recorded.pass();
        telemetry::DELIVERIES.more(outcome.as_str());
    }
    Ok(())
}

/// Whether the same may well succeed a little later.
fn is_passing(error: &actions::Error) -> bool {
    match error {
        actions::Error::Store(store) => store.is_passing() || matches!(store, store::Error::Changed),
        _ => false,
    }
}
