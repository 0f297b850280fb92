//! Asks Kombo which packages it holds, and keeps how that compares with what was published.

use super::App;
use crate::actions::{Error, compare_offer, kombo_in_words};
use crate::kombo::wire::HeldPackage;
use crate::kombo::{self, Client};
use crate::store::integrations::IntegrationRow;
use crate::store::publications;

/// What Kombo says it holds.
pub type Answer = Result<Vec<HeldPackage>, kombo::Error>;

/// Asks Kombo what it holds for one integration and, where something was published there, writes down what that came to.
///
/// # Errors
/// What the store tells.
pub async fn compare(app: &App, kombo: &Client, row: &IntegrationRow) -> Result<Answer, Error> {
    let mut conn = app.read().await?;
    let published = publications::newest_confirmed(&mut conn, row.id).await?;
    drop(conn);
    let answer = ask(app, kombo, row).await;
    let Some(published) = published else {
        return Ok(answer);
    };
    let mut work = app.begin_system().await?;
    match &answer {
        Ok(held) => compare_offer::note_held(&mut work, row, published.id, held.clone()).await?,
        Err(error) => compare_offer::note_failure(&mut work, row, published.id, &kombo_in_words(error)).await?,
    }
    work.commit().await?;
    Ok(answer)
}

/// One call, in the integration's lane.
async fn ask(app: &App, kombo: &Client, row: &IntegrationRow) -> Answer {
    let pass = app.lanes.enter(row.id).await;
    let held = kombo.packages(&row.kombo_id).await;
    pass.give_back(held.as_ref().is_err_and(kombo::Error::is_unheard));
    held.map(|reply| reply.data.packages)
}
