//! An integration that nobody told us of is looked up at Kombo.

use super::error::{Error, kombo_in_words};
use super::integration_news;
use super::work::Tools;
use crate::domain::viewer::Viewer;
use crate::kombo::Client;
use crate::store;
use crate::store::integrations::{self, IntegrationRow};

/// Asks Kombo about one integration at once, because a person wants to know; gives why it led to nothing, if it did.
///
/// # Errors
/// What the store tells; [`Error::Refused`] where Kombo is not configured.
pub async fn look_up_now(tools: &Tools, kombo: Option<&Client>, row: &IntegrationRow) -> Result<Option<String>, Error> {
    let Some(kombo) = kombo else {
        return Err(Error::refused(
            "Kombo's API key is not set here, so nothing can be looked up.",
        ));
    };
    look_up(tools, kombo, row).await?;
    let mut conn = tools.read().await?;
    let after = integrations::find_by_kombo_id(&mut conn, &row.kombo_id).await?;
    Ok(after.and_then(|after| after.lookup_failed))
}

/// Asks Kombo about an integration, outside any transaction, and takes in the answer; says whether the integration has
/// a customer now. A call that fails is noted with the integration.
///
/// # Errors
/// What the store tells.
pub async fn look_up(tools: &Tools, kombo: &Client, row: &IntegrationRow) -> Result<bool, Error> {
    let began = tools.clock.now();
    let answer = kombo.integration(&row.kombo_id).await;
    let answer = answer
        .map(|reply| reply.data)
        .map_err(|error| match error.http_status() {
            Some(404) => {
                "Kombo does not know it. Perhaps it belongs to another environment of Kombo than this API key."
                    .to_owned()
            }
            _ => kombo_in_words(&error),
        });
    let mut work = tools.begin(&Viewer::system()).await?;
    let heard = integration_news::looked_up(&mut work, row.id, began, answer.as_ref().map_err(Clone::clone)).await;
    let heard = match heard {
        // News came while Kombo was asked; the next pass sees whether anything is left to ask.
        Err(Error::Store(store::Error::Changed)) => return Ok(false),
        other => other?,
    };
    work.commit().await?;
    Ok(heard.customer_id.is_some())
}
