//! What customer success waits for: the list of ATSs that can be connected, and the proof that an integration works.

use crate::actions::{Error, take_tools};
use crate::app::{self, App};
use crate::store::{connectable_tools, go_lives};
use std::time::Duration;

/// How often Kombo's list of ATSs is read.
const TOOLS_EVERY: Duration = Duration::from_hours(24);

/// How soon an order is read back again that did not prove anything yet.
const READ_AGAIN: Duration = Duration::from_mins(5);

/// How many integrations one round looks at, so that it stays short.
const AT_ONCE: i64 = 25;

/// Reads Kombo's list of ATSs where that is due; says whether it was read.
///
/// # Errors
/// What the store tells. That Kombo does not answer is no error: the list from before stays.
pub async fn read_tools_due(app: &App) -> Result<bool, Error> {
    let Some(kombo) = app.kombo.clone().filter(|_| app.gate.closed(app.clock.now()).is_none()) else {
        return Ok(false);
    };
    let mut conn = app.read().await?;
    let last = connectable_tools::read_at(&mut conn).await?;
    drop(conn);
    if last.is_some_and(|last| last.plus(TOOLS_EVERY) > app.clock.now()) {
        return Ok(false);
    }
    match take_tools::take(app.tools(), &kombo).await {
        Ok(_) => Ok(true),
        Err(Error::Refused(why)) => {
            tracing::debug!(why, "Kombo's list of ATSs could not be read");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Looks at integrations that are not live yet and have a finished order; says how many are live now.
///
/// # Errors
/// What the store tells. That Kombo does not answer is no error: it is noted, and tried again later.
pub async fn prove_due(app: &App) -> Result<usize, Error> {
    let Some(kombo) = app.kombo.clone() else { return Ok(0) };
    let mut conn = app.read().await?;
    let due = go_lives::due(&mut conn, app.clock.now().minus(READ_AGAIN), AT_ONCE).await?;
    drop(conn);
    let mut live = 0;
    for row in due {
        if app.stop.is_cancelled() || app.gate.closed(app.clock.now()).is_some() {
            break;
        }
        live += usize::from(app::go_live::prove(app, &kombo, &row).await?);
    }
    Ok(live)
}
