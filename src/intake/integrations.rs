//! Integrations that nobody told us of are looked up at Kombo; what deleted ones left behind is flagged.

use crate::actions::{Error, integration_news, kombo_in_words};
use crate::app::App;
use crate::domain::integration::look_up_due_at;
use crate::kombo::{Client, Fate};
use crate::store;
use crate::store::integrations::{self, IntegrationRow};

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
        if look_up(app, kombo, &row).await? {
            done.joined += 1;
        }
    }
    Ok(done)
}

/// Asks Kombo about one integration at once, because a person wants to know.
///
/// # Errors
/// What the store tells; [`Error::Refused`] where Kombo is not configured.
pub async fn look_up_now(app: &App, row: &IntegrationRow) -> Result<bool, Error> {
    let Some(kombo) = &app.kombo else {
        return Err(Error::refused(
            "Kombo's API key is not set here, so nothing can be looked up.",
        ));
    };
    look_up(app, kombo, row).await
}

/// Says whether the integration has a customer now.
async fn look_up(app: &App, kombo: &Client, row: &IntegrationRow) -> Result<bool, Error> {
    let began = app.clock.now();
    let answer = kombo.integration(&row.kombo_id).await;
    let answer = answer.map(|reply| reply.data).map_err(|error| match error.fate() {
        Fate::Refused if error.answered().is_some_and(|answered| answered.http_status == 404) => {
            "Kombo does not know it. Perhaps it belongs to another environment of Kombo than this API key.".to_owned()
        }
        _ => kombo_in_words(&error),
    });
    let mut work = app.begin_system().await?;
    let heard = integration_news::looked_up(&mut work, row.id, began, answer.as_ref().map_err(Clone::clone)).await;
    let heard = match heard {
        // News came while Kombo was asked; the next pass sees whether anything is left to ask.
        Err(Error::Store(store::Error::Changed)) => return Ok(false),
        other => other?,
    };
    work.commit().await?;
    Ok(heard.customer_id.is_some())
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
