//! The loop that keeps the reconciler going until the program is asked to stop.

use super::{decide_undecided, put_together, run_once, tidy};
use crate::actions::Error;
use crate::app::App;
use crate::app::health::Part;
use crate::intake::integrations::look_up_due;
use crate::store::{self, reconciler_runs};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

/// The shortest time between two looks for what is new, however often the bell rings.
const BREATH: Duration = Duration::from_secs(5);

/// Starts the loop. It ends once `app.stop` is cancelled; a comparison ends after the integration that it is at, or is
/// cut off where Kombo keeps it waiting (nothing is lost by that).
pub fn spawn(app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        let stop = app.stop.clone();
        tokio::select! {
            () = run(app) => {}
            () = cut_off(&stop) => {}
        }
    })
}

/// How long a comparison may go on after the program was asked to stop.
const LAST_CALLS: Duration = Duration::from_secs(5);

async fn cut_off(stop: &tokio_util::sync::CancellationToken) {
    stop.cancelled().await;
    sleep(LAST_CALLS).await;
}

async fn run(app: App) {
    note(&app, end_left_behind(&app).await.map_err(Error::from));
    let mut next = Instant::now();
    while !app.stop.is_cancelled() {
        if Instant::now() >= next {
            note(&app, round(&app).await);
            next = Instant::now() + app.config.reconcile_every;
        } else {
            note(&app, look_for_new(&app).await);
            sleep_or_stop(&app).await;
        }
        tokio::select! {
            () = app.stop.cancelled() => {}
            () = app.compare_bell.notified() => next = Instant::now(),
            () = app.reconciler_bell.notified() => {}
            () = sleep_until(next) => {}
        }
    }
}

async fn round(app: &App) -> Result<(), Error> {
    let tally = run_once(app).await?;
    if tally.healed > 0 {
        tracing::info!(healed = tally.healed, seen = tally.seen, "orders were put right");
    }
    tidy(app).await?;
    put_together(app).await?;
    Ok(())
}

/// What an order or integration that just came may ask for.
async fn look_for_new(app: &App) -> Result<(), Error> {
    look_up_due(app).await?;
    decide_undecided(app).await?;
    Ok(())
}

async fn sleep_or_stop(app: &App) {
    tokio::select! {
        () = app.stop.cancelled() => {}
        () = app.compare_bell.notified() => app.compare_bell.notify_one(),
        () = sleep(BREATH) => {}
    }
}

async fn end_left_behind(app: &App) -> Result<(), store::Error> {
    let mut conn = app.db.begin().await?;
    reconciler_runs::end_left_behind(&mut conn, app.clock.now()).await?;
    conn.commit().await
}

fn note(app: &App, done: Result<(), Error>) {
    if let Err(error) = done {
        tracing::error!(%error, "the reconciler could not go on");
        app.health.fails(Part::Reconciler, app.clock.now(), &error.to_string());
    }
}
