//! A kept webhook is read once more, because a person asks: after a fix, or to see what is made of it now.

use crate::actions::take_webhook::{Answer, replay_webhook};
use crate::actions::{Error, work::Tools};
use crate::domain::ids::InboxId;
use crate::domain::viewer::Viewer;
use crate::store::inbox;

/// Reads it again and acts on it, marked as a replay in the name of `viewer`. No answer leaves.
///
/// # Errors
/// [`Error::Refused`] where its body is not kept any more.
pub async fn replay(tools: &Tools, viewer: &Viewer, id: InboxId) -> Result<Answer, Error> {
    let mut work = tools.begin(viewer).await?;
    let row = inbox::find(&mut work.conn, viewer, id).await?;
    let row = row.ok_or(Error::NotFound)?;
    let body = inbox::find_body(&mut work.conn, &tools.vault, &row.digest).await?;
    let body = body.ok_or_else(|| Error::refused("Its body is not kept any more, so it can't be read again."))?;
    let answer = replay_webhook(&mut work, row, &body).await?;
    work.commit().await?;
    Ok(answer)
}
