//! The loop that keeps the outbox going until the program is asked to stop.

use super::claim::{ROUND, claim_open};
use super::jumps::{self, Watch};
use super::pace::Pace;
use super::{mail, recover_leases};
use crate::app::App;
use crate::app::health::Part;
use crate::live::{Hint, Kind};
use crate::store::deliveries::{self, mails};
use crate::store::{self};
use std::time::{Duration, Instant};
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};
use tokio::task::{JoinHandle, JoinSet};

/// The longest that the loop sleeps without looking.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// The shortest, where something is due but has no room yet.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);

/// The longest that it sleeps while something is under way: what ends wakes it, and something else may be due meanwhile.
const BUSY_SLEEP: Duration = Duration::from_millis(100);

/// While something is under way, it is looked no more often than this: what ended meanwhile makes room for many at once,
/// and each claim costs a flush to disk.
const GATHERED: Duration = Duration::from_millis(8);

/// How often it is looked, while something is under way, whether leases ran out.
const LEASES_LOOKED_AT: Duration = Duration::from_millis(100);

/// The most deliveries that are claimed at once, through all integrations: a dozen that answer slowly, or not at all, do
/// not keep the others waiting.
const CLAIMED: usize = 16 * ROUND;

/// Starts the loop. It ends once `app.stop` is cancelled and what is under way has ended, or was cut off and is to be
/// read back; what it claimed and did not send is given back.
pub fn spawn(app: App) -> JoinHandle<()> {
    tokio::spawn(run(app))
}

async fn run(app: App) {
    let mut hints = app.live.listen();
    let mut rounds = Rounds::default();
    let mut watch = Watch::new(&app.clock);
    remember_left_behind(&app).await;
    let mut waits = Waits::OfAnother;
    while !app.stop.is_cancelled() {
        // A busy loop comes by here often, an idle one waits below.
        if watch.saw_a_jump(&app.clock) {
            waits.are_off();
        }
        waits.set_right(&app).await;
        let sleep = match rounds.next(&app).await {
            Ok(0) if rounds.under_way.is_empty() => until_next(&app).await,
            Ok(0) => BUSY_SLEEP,
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
            () = watch.jump(&app.clock) => waits.are_off(),
            () = delivery_hint(&mut hints) => {}
            Some(_) = rounds.under_way.join_next() => rounds.pace.one_ended(),
            () = tokio::time::sleep(sleep) => {}
        }
        rounds.gather(&app).await;
        // Whatever else was hinted at meanwhile, the next round sees it.
        while !matches!(hints.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
    }
    while rounds.under_way.join_next().await.is_some() {}
}

/// What a process before this one had under way may be so still, at Kombo's.
async fn remember_left_behind(app: &App) {
    let read = async {
        let mut conn = app.read().await?;
        deliveries::sending(&mut conn).await
    };
    match read.await {
        Ok(rows) => {
            for (delivery, integration) in rows {
                app.lanes.was_left_behind(integration, delivery);
            }
        }
        Err(error) => tracing::error!(%error, "what an earlier process left behind could not be read"),
    }
}

/// Whether what waits is due when it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    /// What an earlier process left waiting is not known yet.
    OfAnother,
    /// The clock jumped since that was so.
    Off,
    /// It is.
    Right,
}

impl Waits {
    /// The clock jumped.
    fn are_off(&mut self) {
        if *self == Self::Right {
            *self = Self::Off;
        }
    }

    /// Sets it right, or says so where that did not succeed; then it is to be tried again.
    async fn set_right(&mut self, app: &App) {
        let done = match self {
            Self::OfAnother => jumps::take_over(app).await,
            Self::Off => jumps::set_right(app).await,
            Self::Right => return,
        };
        match done {
            Ok(()) => *self = Self::Right,
            Err(error) => tracing::warn!(%error, "what waits could not be set right after a jump of the clock yet"),
        }
    }
}

/// The rounds, and what they set on its way.
#[derive(Default)]
struct Rounds {
    under_way: JoinSet<()>,
    pace: Pace,
    began: Option<Instant>,
    leases_looked_at: Option<Instant>,
}

impl Rounds {
    /// Claims what there is room for and sets it on its way; says how many.
    async fn next(&mut self, app: &App) -> Result<usize, store::Error> {
        while self.under_way.try_join_next().is_some() {
            self.pace.one_ended();
        }
        self.began = Some(Instant::now());
        let fresh = self.leases_looked_at.is_some_and(|at| at.elapsed() < LEASES_LOOKED_AT);
        if self.under_way.is_empty() || !fresh {
            recover_leases(app).await?;
            self.leases_looked_at = Some(Instant::now());
        }
        jumps::hasten_late(app).await?;
        let room = CLAIMED.saturating_sub(self.under_way.len()).min(ROUND);
        let of_each = self.pace.claimed_of_each(app.lanes.busy());
        let parcels = claim_open(app, room, of_each).await?;
        let count = parcels.len();
        for parcel in parcels {
            let app = app.clone();
            self.under_way.spawn(async move { Box::pin(parcel.send(&app)).await });
        }
        if app.kombo.is_some() && app.gate.last().is_none() {
            app.health.works(Part::Outbox, app.clock.now());
        }
        Ok(count)
    }

    /// Waits until the last round is long enough ago, where something is under way.
    async fn gather(&self, app: &App) {
        let Some(began) = self.began.filter(|_| !self.under_way.is_empty()) else {
            return;
        };
        tokio::select! {
            () = app.stop.cancelled() => {}
            () = tokio::time::sleep_until((began + GATHERED).into()) => {}
        }
    }
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
