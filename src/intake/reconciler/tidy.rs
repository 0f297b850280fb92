//! What has ended is removed: bodies of webhooks and mails whose time is over, and old runs. And what grew by small parts is
//! put together.

use crate::app::App;
use crate::store::deliveries::mails;
use crate::store::{self, candidates, inbox, reconciler_runs};
use std::time::{Duration, Instant};

/// How many rows go in one transaction, so that it stays short.
const AT_ONCE: i64 = 200;

/// How often a little of the search index is put together in a round: what a new order asks for waits meanwhile.
const TIMES: usize = 100;

/// How long runs are kept.
const RUNS_KEPT: Duration = Duration::from_hours(30 * 24);

/// Removes what has ended. Says how many rows went.
///
/// # Errors
/// What the store tells; the rest goes next time.
pub async fn tidy(app: &App) -> Result<u64, store::Error> {
    let now = app.clock.now();
    let mut gone = 0;
    loop {
        let mut conn = app.db.begin().await?;
        let bodies = inbox::drop_expired_bodies(&mut conn, now, AT_ONCE).await?;
        let runs = reconciler_runs::drop_old(&mut conn, now.minus(RUNS_KEPT), AT_ONCE).await?;
        let mails = mails::drop_bodies(&mut conn, now.minus(app.config.retention_inbox), AT_ONCE).await?;
        conn.commit().await?;
        gone += bodies + runs + mails;
        if bodies + runs + mails == 0 || app.stop.is_cancelled() {
            return Ok(gone);
        }
    }
}

/// Puts the search index together, a little at a time: the writer is free for as long as each time took, and what is left
/// after many times waits for the next round. Says whether nothing is.
///
/// # Errors
/// What the store tells; the rest is put together next time.
pub async fn put_together(app: &App) -> Result<bool, store::Error> {
    for _ in 0..TIMES {
        if app.stop.is_cancelled() {
            break;
        }
        let mut conn = app.db.begin().await?;
        let began = Instant::now();
        let was_apart = candidates::put_together(&mut conn).await?;
        conn.commit().await?;
        if !was_apart {
            return Ok(true);
        }
        tokio::time::sleep(began.elapsed()).await;
    }
    Ok(false)
}
