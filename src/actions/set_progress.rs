//! Whether progress updates are sent through an integration.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::ids::IntegrationId;
use crate::kombo::progress::{self, Takes};
use crate::live::Kind;
use crate::store;
use crate::store::integrations::{self, IntegrationRow};
use serde_json::json;

/// Switches progress updates on or off for an integration that was read at `version`.
///
/// # Errors
/// [`Error::Refused`] where the ATS is known not to take them, [`store::Error::Changed`] where somebody else was first.
pub async fn set(work: &mut Work, id: IntegrationId, version: i64, on: bool) -> Result<IntegrationRow, Error> {
    let viewer = work.viewer;
    let row = integrations::find(&mut work.conn, &viewer, id).await?;
    let mut row = row.ok_or(Error::NotFound)?;
    if row.version != version {
        return Err(store::Error::Changed.into());
    }
    if on && progress::takes(&row.tool) == Takes::No {
        return Err(Error::refused("This ATS is known not to take progress updates."));
    }
    if row.send_progress != Some(on) {
        row.send_progress = Some(on);
        integrations::save(&mut work.conn, &mut row).await?;
        let subject = Subject::new("integration", id.0, row.customer_id);
        work.audit("integration.progress_set", subject, json!({ "on": on }))
            .await?;
        work.hint(Kind::Integration, id.0, row.customer_id);
    }
    Ok(row)
}
