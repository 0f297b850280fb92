//! Writes down how tries ended: with patience, and many in one transaction.

use crate::actions;
use crate::actions::record_attempt::{self, Tried};
use crate::app::App;
use crate::app::health::Part;
use crate::app::outgoing::Rest;
use crate::app::recording::{Waiting, Written};
use crate::domain::delivery::DeliveryState;
use crate::points::Point;
use crate::store;
use crate::store::deliveries::{self, DeliveryRow};
use crate::telemetry;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often recording is tried while the database is busy or the order is being changed.
const RECORDED_AT_MOST: u32 = 8;

/// The most outcomes of one transaction: it must not keep SQLite's writer for long.
const BATCH: usize = 32;

/// Records how a try ended, with some patience.
pub(super) async fn record(app: &App, delivery: &DeliveryRow, tried: &Tried) {
    for number in 1..=RECORDED_AT_MOST {
        match record_once(app, delivery, tried).await {
            Ok(()) => return,
            Err(error) if number < RECORDED_AT_MOST && is_passing(&error) => {
                tokio::time::sleep(Duration::from_millis(25 << number)).await;
            }
            Err(error) => {
                tracing::error!(delivery = %delivery.id, %error, "the outcome of a delivery could not be recorded");
                app.health.fails(Part::Outbox, app.clock.now(), &error.to_string());
                return;
            }
        }
    }
}

/// Waits for the turn; writes for all that wait, unless somebody who had it before wrote this one, too.
async fn record_once(app: &App, delivery: &DeliveryRow, tried: &Tried) -> Written {
    let (tell, mut told) = oneshot::channel();
    app.recording.add(Waiting {
        id: delivery.id,
        fence: delivery.fence,
        tried: tried.clone(),
        tell,
    });
    let _turn = app.recording.turn().await;
    loop {
        match told.try_recv() {
            Ok(written) => return written,
            Err(oneshot::error::TryRecvError::Empty) => write(app, app.recording.take(BATCH)).await,
            // Whoever wrote it was cut off; the lease is still ours.
            Err(oneshot::error::TryRecvError::Closed) => return Err(store::Error::Changed.into()),
        }
    }
}

/// Writes these outcomes in one transaction; where that fails, each by itself, so that only the one that failed hears of it.
async fn write(app: &App, batch: Vec<Waiting>) {
    let written = write_all(app, &batch).await;
    if batch.len() == 1 || written.is_ok() {
        let mut written = Some(written);
        for one in batch {
            let _ = one.tell.send(written.take().unwrap_or(Ok(())));
        }
        return;
    }
    for one in batch {
        let written = write_all(app, std::slice::from_ref(&one)).await;
        let _ = one.tell.send(written);
    }
}

async fn write_all(app: &App, batch: &[Waiting]) -> Written {
    let mut work = app.begin_system().await?;
    let (now, steady) = (work.now, app.clock.steady());
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut resting = Vec::new();
    for one in batch {
        outcomes.push(record_attempt::record(&mut work, one.id, one.fence, &one.tried).await?);
        let row = deliveries::find(&mut work.conn, one.id).await?;
        resting.extend(row.filter(|row| matches!(row.state, DeliveryState::Waiting | DeliveryState::Ambiguous)));
    }
    work.commit().await?;
    for row in resting {
        let (due_at, until) = (row.due_at, steady + row.due_at.since(now));
        app.outgoing.rests(row.id, Rest { due_at, until });
    }
    for outcome in outcomes {
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
