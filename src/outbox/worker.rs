//! The loop that keeps the outbox going until the program is asked to stop.

use super::jumps::{self, Watch};
use super::{ROUND, claim_open, mail, recover_leases};
use crate::app::App;
use crate::app::health::Part;
use crate::live::{Hint, Kind};
use crate::store::deliveries::{self, mails};
use crate::store::{self};
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::task::{JoinHandle, JoinSet};

/// The longest that the loop sleeps without looking.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// The shortest, where something is due but has no room yet.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);

/// The most deliveries under way at once, through all integrations.
const UNDER_WAY: usize = 2 * ROUND;

/// Starts the loop. It ends once `app.stop` is cancelled and what is under way has ended, or was cut off and is to be
/// read back; what it claimed and did not send is given back.
pub fn spawn(app: App) -> JoinHandle<()> {
    tokio::spawn(run(app))
}

async fn run(app: App) {
    let mut hints = app.live.listen();
    let mut under_way = JoinSet::new();
    let mut watch = Watch::new(&app.clock);
    // The clock may have jumped while the program did not run.
    set_right(&app).await;
    while !app.stop.is_cancelled() {
        // A busy loop comes by here often, an idle one waits below.
        if watch.saw_a_jump(&app.clock) {
            set_right(&app).await;
        }
        let sleep = match round(&app, &mut under_way).await {
            Ok(0) => until_next(&app).await,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::error!(%error, "the outbox could not go on");
                app.health.fails(Part::Outbox, app.clock.now(), &error.to_string());
                LONGEST_SLEEP
            }
        };
        tokio::select! {
            () = app.stop.cancelled() => {}
            () = app.outbox_bell.notified() => {}
            () = watch.jump(&app.clock) => set_right(&app).await,
            () = delivery_hint(&mut hints) => {}
            Some(_) = under_way.join_next() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn set_right(app: &App) {
    if let Err(error) = jumps::set_right(app).await {
        tracing::error!(%error, "what waits could not be set right after a jump of the clock");
    }
}

/// Claims what there is room for and sets it on its way; says how many.
async fn round(app: &App, under_way: &mut JoinSet<()>) -> Result<usize, store::Error> {
    while under_way.try_join_next().is_some() {}
    recover_leases(app).await?;
    jumps::hasten_late(app).await?;
    let room = UNDER_WAY.saturating_sub(under_way.len()).min(ROUND);
    let parcels = claim_open(app, room).await?;
    let count = parcels.len();
    for parcel in parcels {
        let app = app.clone();
        under_way.spawn(async move { parcel.send(&app).await });
    }
    if app.kombo.is_some() && app.gate.last().is_none() {
        app.health.works(Part::Outbox, app.clock.now());
    }
    Ok(count)
}

/// How long to sleep when nothing could be claimed.
async fn until_next(app: &App) -> Duration {
    let next = async {
        let mut conn = app.read().await?;
        let next = deliveries::next_due(&mut conn).await?;
        let next_mail = match mail::open_way(app) {
            Some(_) => mails::next_due(&mut conn).await?,
            None => None,
        };
        Ok::<_, store::Error>([next, next_mail].into_iter().flatten().min())
    };
    match next.await {
        Ok(Some(at)) => {
            let wait = at.since(app.clock.now());
            if wait.is_zero() {
                // Due, but its integration has no room, or the way is closed: a finished call wakes the loop.
                Duration::from_secs(1)
            } else {
                wait.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)
            }
        }
        _ => LONGEST_SLEEP,
    }
}

/// Waits until something in the outbox changed.
async fn delivery_hint(hints: &mut broadcast::Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(hint) if hint.kind == Kind::Delivery => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
