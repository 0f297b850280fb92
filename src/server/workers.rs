//! Everything that runs by itself beside the answers. Each ends by itself once `app.stop` is cancelled.

use crate::app::{App, timetable};
use crate::intake::reconciler;
use crate::outbox;
use crate::store::{self, catalogue_uploads, sessions, staff, throttle};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

/// How often what has ended is removed.
const SWEEP: Duration = Duration::from_hours(1);

/// Starts every worker; the tracker tells when all of them have ended.
pub fn start(app: &App) -> TaskTracker {
    let workers = TaskTracker::new();
    workers.spawn(sweep(app.clone()));
    workers.spawn(watch(app.clone(), "outbox", outbox::spawn(app.clone())));
    workers.spawn(watch(app.clone(), "reconciler", reconciler::spawn(app.clone())));
    workers.spawn(watch(
        app.clone(),
        "timetable",
        tokio::spawn(timetable::keep(app.clone())),
    ));
    workers.close();
    workers
}

/// A worker that panicked is not missed in silence.
async fn watch(app: App, name: &'static str, worker: JoinHandle<()>) {
    if worker.await.is_err() {
        app.break_down(name);
    }
}

async fn sweep(app: App) {
    while !app.stop.is_cancelled() {
        if let Err(error) = sweep_once(&app).await {
            tracing::warn!(%error, "what has ended could not be removed");
        }
        tokio::select! {
            () = app.stop.cancelled() => {}
            () = tokio::time::sleep(SWEEP) => {}
        }
    }
}

/// Removes sessions, one-time links, failed sign-ins and files with packages that have ended.
pub async fn sweep_once(app: &App) -> Result<(), store::Error> {
    let now = app.clock.now();
    let mut conn = app.db.begin().await?;
    sessions::sweep(&mut conn, now).await?;
    staff::sweep_links(&mut conn, now).await?;
    throttle::sweep(&mut conn, now).await?;
    catalogue_uploads::sweep(&mut conn, now).await?;
    conn.commit().await
}
