//! Kombo's list of ATSs that can be connected is read and kept.

use super::Error;
use super::error::kombo_in_words;
use super::work::Tools;
use crate::domain::viewer::Viewer;
use crate::kombo::Client;
use crate::store::connectable_tools::{self, ToolRow};
use std::collections::BTreeMap;

/// Reads the list, outside any transaction, and keeps it instead of the one before; says how many there are. An empty
/// list is taken for a mistake, and the one before stays.
///
/// # Errors
/// [`Error::Refused`] where Kombo did not answer, in a sentence for staff.
pub async fn take(tools: &Tools, kombo: &Client) -> Result<usize, Error> {
    let read_at = tools.clock.now();
    let reply = kombo
        .tools()
        .await
        .map_err(|error| Error::Refused(kombo_in_words(&error)))?;
    let listed = reply.data.tools.into_iter().filter(|tool| !tool.id.is_empty());
    let rows = listed.map(|tool| {
        let label = Some(tool.label.trim().to_owned()).filter(|label| !label.is_empty());
        let row = ToolRow {
            label: label.unwrap_or_else(|| tool.id.clone()),
            tool: tool.id.clone(),
            read_at,
        };
        (tool.id, row)
    });
    // An id that stands twice counts once.
    let rows = rows.collect::<BTreeMap<_, _>>().into_values().collect::<Vec<_>>();
    if !rows.is_empty() {
        let mut work = tools.begin(&Viewer::system()).await?;
        connectable_tools::replace(&mut work.conn, &rows).await?;
        work.commit().await?;
    }
    Ok(rows.len())
}
