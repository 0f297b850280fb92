//! When the machine's clock jumps, what waits is set right: due times and leases stand in the rows as moments, and a moment
//! of before the jump says nothing after it.

use crate::actions::work::Work;
use crate::app::App;
use crate::app::outgoing::Rest;
use crate::clock::Clock;
use crate::domain::ids::DeliveryId;
use crate::domain::time::Timestamp;
use crate::store::{self, deliveries};
use std::time::Duration;

/// A clock that is corrected in small steps does not jump.
const TOLERANCE: Duration = Duration::from_secs(2);

/// How often it is looked whether the clock jumped.
const LOOK: Duration = Duration::from_millis(250);

/// How long after its rest was over something may be waiting for room before it is looked after.
const GRACE: Duration = Duration::from_secs(1);

/// Watches the clock.
#[derive(Debug)]
pub(super) struct Watch {
    wall: Timestamp,
    steady: Duration,
}

impl Watch {
    pub(super) fn new(clock: &Clock) -> Self {
        Self {
            wall: clock.now(),
            steady: clock.steady(),
        }
    }

    /// Waits until the clock jumps.
    pub(super) async fn jump(&mut self, clock: &Clock) {
        loop {
            tokio::time::sleep(LOOK).await;
            if self.saw_a_jump(clock) {
                return;
            }
        }
    }

    /// Whether the clock jumped since the last look.
    pub(super) fn saw_a_jump(&mut self, clock: &Clock) -> bool {
        let seen = Self::new(clock);
        let expected = self.wall.plus(seen.steady.saturating_sub(self.steady));
        let off = expected.since(seen.wall).max(seen.wall.since(expected));
        *self = seen;
        off > TOLERANCE
    }
}

/// Deliveries that are due at other moments now: what is known of their rests follows once that is committed, and not
/// where it is taken back.
#[derive(Debug, Default)]
pub(super) struct Moved(Vec<(DeliveryId, Timestamp)>);

impl Moved {
    /// It is committed.
    pub(super) fn tell(self, app: &App) {
        for (id, due_at) in self.0 {
            app.outgoing.moved(id, due_at);
        }
    }
}

/// It is due when its rest is over, by the clock as it stands now; says whether it was still there to be put off.
pub(super) async fn put_off(
    app: &App,
    work: &mut Work,
    id: DeliveryId,
    rest: Rest,
    moved: &mut Moved,
) -> Result<bool, store::Error> {
    let due_at = work.now.plus(rest.until.saturating_sub(app.clock.steady()));
    let rests = deliveries::put_off(&mut work.conn, id, rest.due_at, due_at).await?;
    if rests {
        moved.0.push((id, due_at));
    }
    Ok(rests)
}

/// Whose rest is over is due, whatever the clock says: it may have jumped there and back between two looks.
///
/// # Errors
/// What the store tells: then they are as late the next time.
pub async fn hasten_late(app: &App) -> Result<(), store::Error> {
    let mut late = app.outgoing.late(app.clock.steady().saturating_sub(GRACE));
    // What is being written down at this moment cannot be seen yet: it is late the next time, too.
    late.retain(|(id, _)| !app.outgoing.is_under_way(*id));
    if late.is_empty() {
        return Ok(());
    }
    let mut work = app.begin_system().await?;
    let mut moved = Moved::default();
    for (id, rest) in &late {
        if deliveries::hasten(&mut work.conn, *id, rest.due_at, work.now).await? {
            moved.0.push((*id, work.now));
        }
    }
    work.commit().await?;
    app.outgoing.are_over(&late);
    moved.tell(app);
    Ok(())
}

/// What rests goes on resting for as long as it should have, and nothing else that was tried waits: all rests of this
/// process are known, those that it found at its start ([`take_over`]) among them. The loop does this whenever it sees that
/// the clock jumped.
///
/// # Errors
/// What the store tells: then nothing was set right.
pub async fn set_right(app: &App) -> Result<(), store::Error> {
    let mut work = app.begin_system().await?;
    let mut moved = Moved::default();
    for (id, rest) in app.outgoing.resting() {
        // What is being written down at this moment cannot be seen yet: it is late in the worst case, and hastened then.
        let is_being_written = app.outgoing.is_under_way(id);
        if !put_off(app, &mut work, id, rest, &mut moved).await? && !is_being_written {
            app.outgoing.forget(id);
        }
    }
    for (id, due_at) in deliveries::tried_and_due_later(&mut work.conn, work.now).await? {
        if !app.outgoing.is_known(id) {
            deliveries::put_off(&mut work.conn, id, due_at, work.now).await?;
        }
    }
    no_later_than_ever(app, &mut work).await?;
    work.commit().await?;
    moved.tell(app);
    app.gate.open();
    app.mail_gate.open();
    Ok(())
}

/// What an earlier process left waiting: where the clock was set back meanwhile, its own tries tell how long it meant to
/// wait. From now on these rests are known as our own are.
///
/// # Errors
/// What the store tells: then nothing was set right.
pub async fn take_over(app: &App) -> Result<(), store::Error> {
    let mut work = app.begin_system().await?;
    for (id, due_at, tried_at) in deliveries::tried_in_the_future(&mut work.conn, work.now).await? {
        let rest = due_at.since(tried_at);
        deliveries::put_off(&mut work.conn, id, due_at, work.now.plus(rest)).await?;
    }
    no_later_than_ever(app, &mut work).await?;
    let (now, steady) = (work.now, app.clock.steady());
    let rests = deliveries::tried_and_due_later(&mut work.conn, now).await?;
    work.commit().await?;
    for (id, due_at) in rests {
        let until = steady + due_at.since(now);
        app.outgoing.rests(id, Rest { due_at, until });
    }
    Ok(())
}

/// What was never tried waits no longer than the release delay, and no lease is longer than leases are.
async fn no_later_than_ever(app: &App, work: &mut Work) -> Result<(), store::Error> {
    deliveries::first_try_by(&mut work.conn, work.now, work.now.plus(app.config.release_delay)).await?;
    deliveries::leases_end_by(&mut work.conn, work.now.plus(app.config.lease)).await?;
    Ok(())
}
