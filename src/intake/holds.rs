//! The hold: each held order has a task of its own, which no connection can take with it when it dies.
//!
//! The task looks at the row whenever something is said of the order, and gives the answer as soon as it is decided. It
//! ends the hold itself when the time is up, when the program is asked to stop, or when nobody waits any more.

use super::endings::{End, Endings};
use crate::actions::receive_order::{self, Reply};
use crate::actions::{Error, hold};
use crate::app::App;
use crate::app::holds::{Open, Waiter};
use crate::domain::ids::OrderId;
use crate::domain::intake::Why;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::live::Hint;
use crate::store::{self, holds, orders};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio_util::task::TaskTracker;

/// How long after its arrival a held webhook is answered at the latest, whatever happens.
pub(super) const LATEST: Duration = Duration::from_secs(12);

/// How long the task rests when the database could not be read or written.
const REST: Duration = Duration::from_millis(200);

/// Keeps the holds that one intake opened. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Keeper {
    app: App,
    tasks: TaskTracker,
    endings: Endings,
}

impl Keeper {
    pub(super) fn new(app: App) -> Self {
        let tasks = TaskTracker::new();
        let endings = Endings::start(app.clone());
        Self { app, tasks, endings }
    }

    /// Joins the order's hold, which is on disk; the first one that joins it starts its task.
    pub(super) fn wait(&self, order: OrderId, until: Timestamp) -> Waiter {
        let (waiter, open) = self.app.holds.wait(order);
        if let Some(open) = open {
            let (app, endings) = (self.app.clone(), self.endings.clone());
            self.tasks.spawn(keep(app, Arc::new(open), until, endings));
        }
        waiter
    }

    /// Waits until every hold has ended. To be called once no webhook waits.
    pub(super) async fn finish(self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn keep(app: App, open: Arc<Open>, until: Timestamp, endings: Endings) {
    let mut said = app.live.listen();
    loop {
        let looked = look(&app, open.order()).await;
        let blind = looked.is_err();
        match looked {
            Ok(Some(reply)) => return open.answer(reply),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a held order could not be read"),
        }
        let end = tokio::select! {
            biased;
            () = open.deserted() => End::Deserted,
            () = app.stop.cancelled() => End::BySetting(Why::Stopping),
            () = app.clock.reaches(until) => End::BySetting(Why::NobodyDecided),
            () = something_said(&mut said, open.order()) => continue,
            () = tokio::time::sleep(REST), if blind => continue,
        };
        if !endings.end(open.clone(), end).await {
            tokio::time::sleep(REST).await;
        }
    }
}

/// The order's answer; `None` while it is held.
async fn look(app: &App, id: OrderId) -> Result<Option<Reply>, store::Error> {
    let mut conn = app.read().await?;
    let Some(order) = orders::find(&mut conn, &Viewer::system(), id).await? else {
        return Ok(Some(Reply::Taken));
    };
    Ok(receive_order::after_hold(&order))
}

/// Waits until something was said of the order, or may have been missed.
async fn something_said(said: &mut Receiver<Hint>, order: OrderId) {
    while said.recv().await.is_ok_and(|hint| hint.id != order.0) {}
}

/// Once for each process: nobody waits any more for the orders that an earlier one held.
///
/// # Errors
/// What the store tells; the next call tries again.
pub(super) async fn tidy(app: &App) -> Result<(), store::Error> {
    app.holds
        .tidied
        .get_or_try_init(|| lose_left_behind(app))
        .await
        .map(drop)
}

async fn lose_left_behind(app: &App) -> Result<(), store::Error> {
    let left = {
        let mut conn = app.read().await?;
        holds::all(&mut conn).await?
    };
    for order in &left {
        let mut work = app.begin_system().await?;
        match hold::lose(&mut work, *order).await {
            Ok(()) => work.commit().await?,
            Err(Error::Store(error)) => return Err(error),
            Err(error) => tracing::warn!(%error, "a hold that was left behind could not be ended"),
        }
    }
    if !left.is_empty() {
        tracing::warn!(
            orders = left.len(),
            "held orders were left behind: their ATS got no answer in time"
        );
    }
    Ok(())
}
