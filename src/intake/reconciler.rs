//! The reconciler: compares Kombo's orders with ours, and makes up for what no webhook told.
//!
//! Three passes (`ORDER.md`): open orders; ours that were not among them, by id; daily, everything of the last days. A
//! row that changed here since the read began is passed over. Kombo is called only outside transactions.

mod compare;
mod offers;
mod onboarding;
mod tidy;
mod worker;

pub use offers::compare_due;
pub use onboarding::{prove_due, read_tools_due};
pub use tidy::{put_together, tidy};
pub use worker::spawn;

use crate::actions::{Error, receive_order};
use crate::app::App;
use crate::app::health::Part;
use crate::domain::ids::RunId;
use crate::domain::reconcile::{Pass, daily_is_due, daily_since};
use crate::domain::time::Timestamp;
use crate::intake::integrations::look_up_due;
use crate::kombo::Client;
use crate::live::{Hint, Kind};
use crate::store::reconciler_runs::{self, Tally};
use crate::store::{self, integrations, orders};
use crate::telemetry;
use compare::Comparison;

/// How many orders are decided in one go whose webhook did not come.
const DECIDED_AT_ONCE: i64 = 100;

/// What is said where no API key is set.
const NO_KEY: &str = "No Kombo API key is set (ASSESSDESK_KOMBO_API_KEY), so nothing can be compared.";

/// One whole round, as the loop makes it: look-ups, the open orders, ours that were not among them, once a day
/// everything of the last days, orders whose webhook did not come, offers that are due, and integrations that may be
/// proven. Says what of the orders was compared and put right.
///
/// # Errors
/// What the store tells. That Kombo does not answer is no error: it stands in the run.
pub async fn run_once(app: &App) -> Result<Tally, Error> {
    look_up_due(app).await?;
    let mut all = compare(app, Pass::Open).await?;
    let last = {
        let mut conn = app.read().await?;
        reconciler_runs::last_whole(&mut conn, Pass::Daily).await?
    };
    if daily_is_due(last, app.clock.now()) {
        add(&mut all, compare(app, Pass::Daily).await?);
    }
    decide_undecided(app).await?;
    compare_due(app).await?;
    prove_due(app).await?;
    read_tools_due(app).await?;
    Ok(all)
}

/// One pass through every integration that was not deleted. The pass over open orders is followed, integration by
/// integration, by the one over ours that were not among them.
///
/// # Errors
/// As for [`run_once`].
pub async fn compare(app: &App, pass: Pass) -> Result<Tally, Error> {
    let Some(kombo) = open_way(app) else {
        return Ok(Tally::default());
    };
    let began = app.clock.now();
    let since = {
        let mut conn = app.read().await?;
        daily_since(reconciler_runs::last_whole(&mut conn, Pass::Daily).await?, began)
    };
    let id = begin_run(app, pass, began).await?;
    let missing = match pass {
        Pass::Open => Some(begin_run(app, Pass::Missing, began).await?),
        Pass::Missing | Pass::Daily => None,
    };
    let (tally, missed) = through_all(app, kombo, pass, since).await?;
    tell_health(app, &[&tally, &missed]);
    finish_run(app, id, &tally).await?;
    if let Some(id) = missing {
        finish_run(app, id, &missed).await?;
    }
    let mut all = tally;
    add(&mut all, missed);
    Ok(all)
}

async fn through_all(app: &App, kombo: Client, pass: Pass, since: Timestamp) -> Result<(Tally, Tally), Error> {
    let rows = {
        let mut conn = app.read().await?;
        integrations::reachable(&mut conn).await?
    };
    let mut comparison = Comparison::new(app, kombo, since);
    for row in rows {
        if app.stop.is_cancelled() {
            comparison.stopped("The program was asked to stop.");
            break;
        }
        if let Some(closed) = app.gate.closed(app.clock.now()) {
            comparison.stopped(&closed.why);
            break;
        }
        comparison.integration(&row, pass).await?;
    }
    Ok(comparison.tallies())
}

/// The way to Kombo, where there is one now. Tells `app.health` where not.
fn open_way(app: &App) -> Option<Client> {
    let now = app.clock.now();
    if app.kombo.is_none() {
        app.health.fails(Part::Reconciler, now, NO_KEY);
    } else if let Some(closed) = app.gate.closed(now) {
        app.health.fails(Part::Reconciler, now, &closed.why);
        return None;
    }
    app.kombo.clone()
}

fn tell_health(app: &App, tallies: &[&Tally]) {
    let now = app.clock.now();
    match tallies.iter().find_map(|tally| tally.error.as_deref()) {
        Some(why) => app.health.fails(Part::Reconciler, now, why),
        None => app.health.works(Part::Reconciler, now),
    }
}

async fn begin_run(app: &App, pass: Pass, at: Timestamp) -> Result<RunId, store::Error> {
    let id: RunId = app.clock.new_id();
    let mut conn = app.db.begin().await?;
    reconciler_runs::begin(&mut conn, id, pass, at).await?;
    conn.commit().await?;
    hint(app, id);
    Ok(id)
}

async fn finish_run(app: &App, id: RunId, tally: &Tally) -> Result<(), store::Error> {
    let mut conn = app.db.begin().await?;
    reconciler_runs::finish(&mut conn, id, app.clock.now(), tally).await?;
    conn.commit().await?;
    telemetry::HEALED.add("", u64::try_from(tally.healed).unwrap_or_default());
    hint(app, id);
    Ok(())
}

fn hint(app: &App, id: RunId) {
    app.live.send(Hint {
        kind: Kind::Reconciler,
        id: id.0,
        customer: None,
    });
}

fn add(all: &mut Tally, more: Tally) {
    all.seen += more.seen;
    all.healed += more.healed;
    all.failed += more.failed;
    all.error = more.error.or_else(|| all.error.take());
}

/// Decides orders that were found in Kombo's list and whose webhook did not come in time. Says how many.
///
/// # Errors
/// What the store tells; an order that changed meanwhile waits for the next round.
pub async fn decide_undecided(app: &App) -> Result<usize, Error> {
    let due = {
        let mut conn = app.read().await?;
        orders::undecided(&mut conn, app.clock.now(), DECIDED_AT_ONCE).await?
    };
    let mut decided = 0;
    for order in due {
        let mut work = app.begin_system().await?;
        match receive_order::end_undecided(&mut work, order).await {
            Ok(_) => {
                work.commit().await?;
                decided += 1;
            }
            Err(Error::Refused(_) | Error::Store(store::Error::Changed)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(decided)
}
