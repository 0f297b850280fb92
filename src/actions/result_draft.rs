//! The drafted result: saved as it is typed, its files, sent to review and returned.

use crate::actions::Error;
use crate::actions::order_steps::{self, Said};
use crate::actions::order_work::seen;
use crate::actions::work::{Subject, Work};
use crate::domain::file_name::{self, ContentType};
use crate::domain::ids::{FileId, OrderId};
use crate::domain::order::Event;
use crate::domain::result::{Attachment, ResultDraft, check_attachments};
use crate::live::Kind;
use crate::store::blobs::Arrived;
use crate::store::files::{self, FileRow};
use crate::store::orders::{self, OrderRow};
use crate::store::results::{self, ResultState};
use crate::store::{self, audit};
use serde_json::json;
use std::time::Duration;

/// Saves that one person makes within this time are one line of the timeline.
const ONE_SITTING: Duration = Duration::from_mins(15);

/// A file that is to be attached; its bytes are already on disk under this id.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its id.
    pub id: FileId,
    /// A safe name.
    pub name: String,
    /// What its content is.
    pub kind: ContentType,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
}

impl NewFile {
    /// What arrived, under a name made safe.
    pub fn new(typed: &str, kind: ContentType, sealed: &Arrived) -> Self {
        Self {
            id: sealed.id,
            name: file_name::safe_name(typed, kind),
            kind,
            size: sealed.size,
            sha256: sealed.sha256.clone(),
        }
    }
}

/// Saves what was typed in place of `version` (0: the first time); gives the new version.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else saved in between or the result is no draft any more.
pub async fn save(work: &mut Work, id: OrderId, version: i64, draft: &ResultDraft) -> Result<i64, Error> {
    let order = editable(work, id).await?;
    let (by, now) = (work.viewer.staff_id(), work.now);
    let content = serde_json::to_vec(draft).map_err(|_| Error::refused("The draft cannot be kept."))?;
    if let Some(row) = results::find(&mut work.conn, id).await? {
        let vault = work.tools.vault.clone();
        if row.version == version && results::open(&mut work.conn, &vault, &row).await? == content {
            return Ok(version);
        }
    }
    let vault = work.tools.vault.clone();
    let saved = results::save_draft(
        &mut work.conn,
        &vault,
        &results::Draft {
            order_id: id,
            customer_id: order.customer_id,
            content: &content,
            by,
            at: now,
            version,
        },
    )
    .await?;
    if !in_one_sitting(work, id).await? {
        let subject = Subject::order(id, order.customer_id);
        work.audit("order.result_saved", subject, json!({})).await?;
    }
    work.hint(Kind::Order, id.0, order.customer_id);
    Ok(saved)
}

async fn in_one_sitting(work: &mut Work, id: OrderId) -> Result<bool, Error> {
    let last = audit::newest_of_subject(&mut work.conn, id.0, "order.result_saved").await?;
    Ok(last.is_some_and(|line| line.staff_id == work.viewer.staff_id() && work.now.since(line.at) < ONE_SITTING))
}

/// The order, if its result can be changed.
async fn editable(work: &mut Work, id: OrderId) -> Result<OrderRow, Error> {
    let viewer = work.viewer;
    let order = orders::find(&mut work.conn, &viewer, id).await?;
    let order = order.ok_or(Error::NotFound)?;
    if !order.stage.is_live() {
        return Err(Error::refused(
            "This order's result can't be changed any more. What you typed was not saved.",
        ));
    }
    if let Some(row) = results::find(&mut work.conn, id).await?
        && row.state != ResultState::Draft
    {
        return Err(Error::refused(
            "The result is in review. Whoever reviews it can return it, and then it can be changed.",
        ));
    }
    Ok(order)
}

/// Attaches files whose bytes are on disk; all of them or none.
///
/// # Errors
/// [`Error::Fields`] at `files` where they are too many or too large together.
pub async fn attach(work: &mut Work, id: OrderId, new: &[NewFile]) -> Result<(), Error> {
    let order = editable(work, id).await?;
    let kept = files::of_order(&mut work.conn, id).await?;
    let size = |size: i64| u64::try_from(size).unwrap_or_default();
    let kept_ones = kept.iter().map(|file| Attachment {
        name: &file.name,
        size: size(file.size),
    });
    let new_ones = new.iter().map(|file| Attachment {
        name: &file.name,
        size: file.size,
    });
    let faults = check_attachments(&kept_ones.chain(new_ones).collect::<Vec<_>>());
    if !faults.is_empty() {
        return Err(Error::field("files", faults.join(" ")));
    }
    let first = kept.last().map_or(0, |file| file.position) + 1;
    let mut names: Vec<_> = kept.into_iter().map(|file| file.name).collect();
    for (position, file) in (first..).zip(new) {
        let name = unlike(&file.name, &names);
        names.push(name.clone());
        let row = FileRow {
            id: file.id,
            order_id: id,
            customer_id: order.customer_id,
            name,
            content_type: file.kind.as_str().to_owned(),
            size: i64::try_from(file.size).unwrap_or(i64::MAX),
            sha256: file.sha256.clone(),
            position,
            created_by: work.viewer.staff_id(),
            created_at: work.now,
        };
        files::insert(&mut work.conn, &row).await?;
        let subject = Subject::order(id, order.customer_id);
        let detail = json!({ "type": file.kind.label(), "size": file.size });
        work.audit("order.file_attached", subject, detail).await?;
    }
    work.hint(Kind::Order, id.0, order.customer_id);
    Ok(())
}

/// The name, with a number where another file of the order has it already.
fn unlike(name: &str, names: &[String]) -> String {
    let taken = |name: &str| names.iter().any(|own| own == name);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let mut free = name.to_owned();
    let mut number = 2;
    while taken(&free) {
        free = format!("{stem} ({number}).{extension}");
        number += 1;
    }
    free
}

/// Takes a file off the result; its bytes are removed by the caller after the commit.
pub async fn detach(work: &mut Work, id: OrderId, file: FileId) -> Result<(), Error> {
    let order = editable(work, id).await?;
    if !files::remove(&mut work.conn, id, file).await? {
        return Err(Error::NotFound);
    }
    let subject = Subject::order(id, order.customer_id);
    work.audit("order.file_removed", subject, json!({})).await?;
    work.hint(Kind::Order, id.0, order.customer_id);
    Ok(())
}

/// The draft waits for a second person.
pub async fn send_to_review(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    let has_result = results::find(&mut work.conn, id).await?.is_some();
    if !has_result {
        return Err(Error::refused("There is no result yet. Enter one first."));
    }
    order_steps::apply(work, &mut order, &Event::SentToReview, Said::default()).await?;
    Ok(order)
}

/// The reviewer wants it changed.
pub async fn return_from_review(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    order_steps::apply(work, &mut order, &Event::ReviewReturned, Said::default()).await?;
    Ok(order)
}

/// What was saved, as it was typed; an empty draft and version 0 where nothing was.
///
/// # Errors
/// [`store::Error::Vault`] where it cannot be opened.
pub async fn read(
    conn: &mut store::Conn,
    vault: &store::vault::Vault,
    id: OrderId,
) -> Result<Option<(ResultDraft, results::ResultRow)>, store::Error> {
    let Some(row) = results::find(conn, id).await? else {
        return Ok(None);
    };
    let content = results::open(conn, vault, &row).await?;
    let draft = serde_json::from_slice(&content).map_err(|_| store::Error::Vault(store::vault::Error::Broken))?;
    Ok(Some((draft, row)))
}
