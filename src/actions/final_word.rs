//! What a person does with an order's final word: release, undo, release again, take back, send again, close here.

use crate::actions::Error;
use crate::actions::order_steps::{self, Said};
use crate::actions::order_work::seen;
use crate::actions::work::{Subject, Work};
use crate::domain::ids::OrderId;
use crate::domain::order::{Event, FinalStatus};
use crate::domain::result::{Attachment, check_attachments};
use crate::domain::role::Permission;
use crate::live::Kind;
use crate::store::files;
use crate::store::links::{self, Purpose};
use crate::store::orders::{self, OrderRow};
use serde_json::json;

/// The drafted result leaves after the release delay, during which it can be undone.
///
/// # Errors
/// [`Error::Refused`] where there is no result or it is not ready, with the first thing that is wrong.
pub async fn release(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    let files = files::of_order(&mut work.conn, id).await?;
    let attached = files.iter().map(|file| Attachment {
        name: &file.name,
        size: u64::try_from(file.size).unwrap_or_default(),
    });
    if let Some(fault) = check_attachments(&attached.collect::<Vec<_>>()).into_iter().next() {
        return Err(Error::refused(fault));
    }
    order_steps::apply(work, &mut order, &Event::Released, Said::default()).await?;
    Ok(order)
}

/// Takes back what waits to leave.
pub async fn undo(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    mend(work, id, version, &Event::Undone).await
}

/// What was given up is sent again, made anew from what stands there now.
pub async fn release_again(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    mend(work, id, version, &Event::ReleasedAgain).await
}

/// What was given up is taken back: the order is open again.
pub async fn take_back(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    mend(work, id, version, &Event::TakenBack).await
}

/// Ended here and open in Kombo: the same word once more.
pub async fn send_again(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    mend(work, id, version, &Event::FinalSentAgain).await
}

/// Ends an order whose integration was deleted, without a word to Kombo.
pub async fn close_here(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    order_steps::apply(work, &mut order, &Event::ClosedHere, Said::default()).await?;
    Ok(order)
}

/// A cancellation is steered by those who may cancel, a result by those who may release.
async fn mend(work: &mut Work, id: OrderId, version: i64, event: &Event) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    if order.final_status == Some(FinalStatus::Cancelled) && !work.viewer.can(Permission::CancelOrders) {
        return Err(Error::refused(
            "This is a cancellation, and your role may not steer those. Ask an operator or a manager.",
        ));
    }
    order_steps::apply(work, &mut order, event, Said::default()).await?;
    Ok(order)
}

/// The report's address stops working; with `renew`, another one takes its place. The ATS keeps the address it was sent.
pub async fn revoke_report(work: &mut Work, id: OrderId, renew: bool) -> Result<(), Error> {
    let viewer = work.viewer;
    let order = orders::find(&mut work.conn, &viewer, id).await?;
    let order = order.ok_or(Error::NotFound)?;
    let now = work.now;
    let revoked = links::revoke(&mut work.conn, id, Purpose::Report, now).await?;
    if renew {
        let vault = work.tools.vault.clone();
        links::create(&mut work.conn, &vault, Purpose::Report, id, order.customer_id, now).await?;
    }
    let action = if renew {
        "order.report_renewed"
    } else {
        "order.report_revoked"
    };
    let subject = Subject::order(id, order.customer_id);
    work.audit(action, subject, json!({ "revoked": revoked })).await?;
    work.hint(Kind::Order, id.0, order.customer_id);
    Ok(())
}
