//! Dry runs: what drafted rules would have done with the orders of the last days. One for each person, in memory alone:
//! it writes nothing, and is gone when the program stops.

mod judge;
mod progress;

pub use progress::{By, Differing, Ended, MOST_LISTED, Progress};

use super::App;
use crate::domain::ids::{CustomerId, OrderId, StaffId};
use crate::domain::rules::{Prepared, RuleSet};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{self, rule_facts};
use judge::Judge;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How far back a dry run looks.
pub const DAYS: u64 = 90;

/// How many orders are read at once.
pub const AT_ONCE: i64 = 500;

/// How many orders are looked at before others get their turn.
const BREATH: usize = 25;

/// How many people's last dry runs are kept.
const MOST: usize = 32;

/// The dry runs of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DryRuns {
    of: Arc<Mutex<HashMap<StaffId, Arc<DryRun>>>>,
    /// Whose turn it is to read a batch: one at a time, so that people at the desk do not feel it.
    pub turn: Arc<Semaphore>,
}

impl Default for DryRuns {
    fn default() -> Self {
        Self {
            of: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

/// One dry run.
#[derive(Debug)]
pub struct DryRun {
    /// Whose rules; `None`: those for all customers.
    pub of: Option<CustomerId>,
    /// The rules that are tried.
    pub rules: RuleSet,
    /// The version of the draft that they were; 0: what is in force.
    pub draft_version: i64,
    /// When it began; it looks at orders up to here.
    pub until: Timestamp,
    /// From when on it looks at orders.
    pub from: Timestamp,
    progress: watch::Sender<Progress>,
    stop: CancellationToken,
}

impl DryRun {
    /// How far it is.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Asks it to stop; what it found stays.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// How far it is, in thousandths of the time that it looks at.
    pub fn thousandths(&self, progress: &Progress) -> u64 {
        let (all, done) = (self.until.since(self.from), progress.at.since(self.from));
        let share = done.as_millis() * 1_000 / all.as_millis().max(1);
        u64::try_from(share).unwrap_or_default()
    }
}

impl DryRuns {
    /// The last one of this person about these rules, where there is one.
    pub fn find(&self, staff: StaffId, of: Option<CustomerId>) -> Option<Arc<DryRun>> {
        self.lock().get(&staff).filter(|run| run.of == of).cloned()
    }

    /// Keeps a person's new one, in the place of the one before, which stops.
    fn keep(&self, staff: StaffId, run: Arc<DryRun>) {
        let mut all = self.lock();
        if all.len() >= MOST && !all.contains_key(&staff) {
            let oldest = all.iter().min_by_key(|(_, run)| run.until).map(|(id, _)| *id);
            if let Some(gone) = oldest.and_then(|id| all.remove(&id)) {
                gone.stop();
            }
        }
        if let Some(before) = all.insert(staff, run) {
            before.stop();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<StaffId, Arc<DryRun>>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a dry run of these rules for a person.
pub fn begin(
    app: &App,
    viewer: Viewer,
    staff: StaffId,
    of: Option<CustomerId>,
    rules: RuleSet,
    draft_version: i64,
) -> Arc<DryRun> {
    let back = Duration::from_hours(DAYS * 24);
    begin_from(app, viewer, staff, of, rules, draft_version, back)
}

/// The same, looking so far `back`.
pub fn begin_from(
    app: &App,
    viewer: Viewer,
    staff: StaffId,
    of: Option<CustomerId>,
    rules: RuleSet,
    draft_version: i64,
    back: Duration,
) -> Arc<DryRun> {
    let until = app.clock.now();
    let from = until.minus(back);
    let run = Arc::new(DryRun {
        progress: watch::Sender::new(Progress::begin(from, rules.0.len())),
        of,
        rules,
        draft_version,
        until,
        from,
        stop: app.stop.child_token(),
    });
    app.dry_runs.keep(staff, run.clone());
    tokio::spawn(go(app.clone(), viewer, run.clone()));
    run
}

async fn go(app: App, viewer: Viewer, run: Arc<DryRun>) {
    let ended = match try_all(&app, &viewer, &run).await {
        Ok(ended) => ended,
        Err(error) => {
            tracing::warn!(%error, "a dry run of rules failed");
            Ended::Failed
        }
    };
    run.progress.send_modify(|progress| progress.ended = Some(ended));
}

/// Looks at all of them, a batch after the other. No connection is held between two batches.
async fn try_all(app: &App, viewer: &Viewer, run: &DryRun) -> Result<Ended, store::Error> {
    let draft = Arc::new(Prepared::new(None, run.of, run.rules.clone()));
    let mut judge = Judge::new(app, draft);
    let mut after = (run.from, OrderId(Uuid::nil()));
    loop {
        run.progress.send_modify(|progress| progress.waits = true);
        let _turn = tokio::select! {
            biased;
            () = run.stop.cancelled() => return Ok(Ended::Stopped),
            turn = app.dry_runs.turn.acquire() => turn,
        };
        run.progress.send_modify(|progress| progress.waits = false);
        if run.stop.is_cancelled() {
            return Ok(Ended::Stopped);
        }
        let mut conn = app.read().await?;
        let orders = rule_facts::past(&mut conn, viewer, run.of, after, run.until, AT_ONCE).await?;
        let Some(last) = orders.last().map(|order| (order.received_at, order.id)) else {
            return Ok(Ended::Done);
        };
        for some in orders.chunks(BREATH) {
            for order in some {
                let mark = judge.judge(&mut conn, order).await?;
                run.progress.send_modify(|progress| progress.note(order, mark));
            }
            tokio::task::yield_now().await;
            if run.stop.is_cancelled() {
                return Ok(Ended::Stopped);
            }
        }
        after = last;
    }
}
