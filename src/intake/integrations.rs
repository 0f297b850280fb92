//! Integrations that nobody told us of are looked up at Kombo; what deleted ones left behind is flagged.

use crate::actions::{Error, integration_news, look_up_integration};
use crate::app::App;
use crate::domain::integration::look_up_due_at;
use crate::store::integrations;

/// How many look-ups one pass makes, so that a pass stays short.
const AT_ONCE: usize = 20;

/// What a pass came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookedUp {
    /// How many integrations Kombo was asked about.
    pub asked: usize,
    /// How many of them have a customer now.
    pub joined: usize,
}

/// Asks Kombo about every integration that is due (no customer yet, or its state unknown), and flags orders of deleted
/// integrations. The reconciler's loop calls it on every round.
///
/// # Errors
/// What the store tells; a look-up that Kombo does not answer is noted with its integration and tried again later.
pub async fn look_up_due(app: &App) -> Result<LookedUp, Error> {
    flag_left_behind(app).await?;
    let mut done = LookedUp::default();
    let Some(kombo) = &app.kombo else { return Ok(done) };
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let questions = integrations::open_questions(&mut conn).await?;
    drop(conn);
    let due = questions
        .into_iter()
        .filter(|row| look_up_due_at(row.created_at, row.looked_up_at) <= now);
    for row in due.take(AT_ONCE) {
        done.asked += 1;
        if look_up_integration::look_up(app.tools(), kombo, &row).await? {
            done.joined += 1;
        }
    }
    Ok(done)
}

async fn flag_left_behind(app: &App) -> Result<(), Error> {
    loop {
        let mut work = app.begin_system().await?;
        let more = integration_news::flag_unreachable(&mut work).await?;
        work.commit().await?;
        if !more {
            return Ok(());
        }
    }
}
