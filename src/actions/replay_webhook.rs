//! A kept webhook is read once more, because a person asks: after a fix, or to see what is made of it now.

use super::Error;
use super::take_webhook::{self, Answer};
use super::work::Work;
use crate::domain::ids::InboxId;
use crate::store::inbox;

/// Reads it again and acts on it, marked as a replay in the viewer's name. No answer leaves.
///
/// # Errors
/// [`Error::Refused`] where its body is not kept any more.
pub async fn replay(work: &mut Work, id: InboxId) -> Result<Answer, Error> {
    let viewer = work.viewer;
    let row = inbox::find(&mut work.conn, &viewer, id).await?;
    let row = row.ok_or(Error::NotFound)?;
    let vault = work.tools.vault.clone();
    let body = inbox::find_body(&mut work.conn, &vault, &row).await?;
    let body = body.ok_or_else(|| Error::refused("Its body is not kept any more, so it can't be read again."))?;
    Ok(take_webhook::replay_webhook(work, row, &body).await?)
}
