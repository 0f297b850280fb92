//! Once a day each offer is compared with what Kombo holds: somebody may have changed it there by another way.

use crate::actions::Error;
use crate::app::App;
use crate::app::offer_check;
use crate::store::offer_checks;
use std::time::Duration;

/// How often an offer is compared.
const EVERY: Duration = Duration::from_hours(24);

/// How soon it is tried again where Kombo could not be asked.
const AFTER_FAILURE: Duration = Duration::from_hours(1);

/// How many one round compares, so that it stays short: two thousand take eight hours of rounds each five minutes.
const AT_ONCE: i64 = 25;

/// Compares the offers that are due; says how many Kombo was asked about.
///
/// # Errors
/// What the store tells. That Kombo does not answer is no error: it is noted, and tried again later.
pub async fn compare_due(app: &App) -> Result<usize, Error> {
    let Some(kombo) = app.kombo.clone() else { return Ok(0) };
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let due = offer_checks::due(&mut conn, now.minus(EVERY), now.minus(AFTER_FAILURE), AT_ONCE).await?;
    drop(conn);
    let mut asked = 0;
    for row in due {
        if app.stop.is_cancelled() || app.gate.closed(app.clock.now()).is_some() {
            break;
        }
        if let Err(error) = offer_check::compare(app, &kombo, &row).await? {
            tracing::debug!(integration = %row.id, %error, "an offer could not be compared with Kombo's");
        }
        asked += 1;
    }
    Ok(asked)
}
