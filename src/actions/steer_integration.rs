//! An integration is switched on or off, or deleted at Kombo, because a person says so.

use super::error::{Error, kombo_in_words};
use super::integration_news;
use super::look_up_integration::look_up;
use super::make_connection_link::NO_KEY;
use super::work::{Subject, Tools};
use crate::domain::ids::IntegrationId;
use crate::domain::viewer::Viewer;
use crate::kombo::Client;
use crate::kombo::wire::{Category, EndUser, Event, IntegrationDeleted};
use crate::store::integrations::{self, IntegrationRow};
use serde_json::json;

/// Switches an integration on or off at Kombo, and asks how it fares then.
///
/// # Errors
/// [`Error::Refused`] where Kombo is not configured or refuses, or the integration is deleted.
pub async fn set_enabled(
    tools: &Tools,
    kombo: Option<&Client>,
    viewer: &Viewer,
    id: IntegrationId,
    on: bool,
) -> Result<IntegrationRow, Error> {
    let (kombo, row) = ready(tools, kombo, viewer, id).await?;
    let done = kombo.set_enabled(&row.kombo_id, on).await;
    done.map_err(|error| Error::Refused(kombo_in_words(&error)))?;
    let action = if on {
        "integration.switched_on"
    } else {
        "integration.switched_off"
    };
    note(tools, viewer, &row, action).await?;
    look_up(tools, kombo, &row).await?;
    Ok(row)
}

/// Deletes an integration at Kombo: nothing reaches the ATS through it any more, and nothing comes. What is here stays.
///
/// # Errors
/// As for [`set_enabled`]. One that Kombo does not know any more counts as deleted.
pub async fn delete(
    tools: &Tools,
    kombo: Option<&Client>,
    viewer: &Viewer,
    id: IntegrationId,
) -> Result<IntegrationRow, Error> {
    let (kombo, row) = ready(tools, kombo, viewer, id).await?;
    if let Err(error) = kombo.delete_integration(&row.kombo_id).await
        && error.http_status() != Some(404)
    {
        return Err(Error::Refused(kombo_in_words(&error)));
    }
    note(tools, viewer, &row, "integration.deleted_here").await?;
    let mut work = tools.begin(&Viewer::system()).await?;
    let news = IntegrationDeleted {
        id: row.kombo_id.clone(),
        tool: row.tool.clone(),
        category: Category::Assessment,
        end_user: EndUser {
            organization_name: row.organization_name.clone(),
            creator_email: None,
            origin_id: row.origin_id.clone(),
        },
        deleted_at: Some(work.now),
    };
    integration_news::hear(&mut work, &Event::IntegrationDeleted(news)).await?;
    work.commit().await?;
    Ok(row)
}

async fn ready<'a>(
    tools: &Tools,
    kombo: Option<&'a Client>,
    viewer: &Viewer,
    id: IntegrationId,
) -> Result<(&'a Client, IntegrationRow), Error> {
    let mut conn = tools.read().await?;
    let row = integrations::find(&mut conn, viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    if row.deleted_at.is_some() {
        return Err(Error::refused("It is deleted at Kombo already."));
    }
    Ok((kombo.ok_or_else(|| Error::refused(NO_KEY))?, row))
}

async fn note(tools: &Tools, viewer: &Viewer, row: &IntegrationRow, action: &'static str) -> Result<(), Error> {
    let mut work = tools.begin(viewer).await?;
    let subject = Subject::new("integration", row.id.0, row.customer_id);
    work.audit(action, subject, json!({"integration": row.kombo_id}))
        .await?;
    work.commit().await?;
    Ok(())
}
