//! What a person does with an order beside its result: accept, invite by hand, start, pause, assign, cancel.

use crate::actions::Error;
use crate::actions::order_steps::{self, Said};
use crate::actions::work::Work;
use crate::domain::ids::{OrderId, ReasonId, StaffId};
use crate::domain::order::{DecidedBy, Decision, Event};
use crate::domain::reason::ReasonUse;
use crate::domain::result::MAX_SUMMARY;
use crate::store::deliveries::mails;
use crate::store::orders::{self, OrderRow};
use crate::store::{self, reasons, staff};
use serde_json::json;

/// The longest reason of a pause, in characters.
const MAX_PAUSE: usize = 300;

/// The order as the person saw it.
///
/// # Errors
/// [`Error::NotFound`] where the viewer may not see it, [`store::Error::Changed`] where it changed since.
pub(super) async fn seen(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let viewer = work.viewer;
    let order = orders::find(&mut work.conn, &viewer, id).await?;
    let order = order.ok_or(Error::NotFound)?;
    if order.version == version {
        Ok(order)
    } else {
        Err(store::Error::Changed.into())
    }
}

async fn step(work: &mut Work, id: OrderId, version: i64, event: &Event, said: Said) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    order_steps::apply(work, &mut order, event, said).await?;
    Ok(order)
}

/// The order as the person saw it; while it is held, as it stands: seconds count then, and whatever else changed of it
/// (somebody took it on, its webhook came again) does not change the question.
async fn to_decide(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let viewer = work.viewer;
    let order = orders::find(&mut work.conn, &viewer, id).await?;
    match order {
        Some(order) if order.hold_until.is_some() => Ok(order),
        _ => seen(work, id, version).await,
    }
}

/// A person takes the order in; during a hold that is the webhook's answer.
pub async fn accept(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let mut order = to_decide(work, id, version).await?;
    let event = Event::Decided(Decision::Accept);
    order_steps::apply(work, &mut order, &event, Said::default()).await?;
    Ok(order)
}

/// A person rejects the order while its webhook waits; the recruiter reads the reason.
///
/// # Errors
/// [`Error::Refused`] where the ATS has had its answer: it says which one, and what can be done instead.
pub async fn reject(
    work: &mut Work,
    id: OrderId,
    version: i64,
    reason: &str,
    reason_id: Option<ReasonId>,
) -> Result<OrderRow, Error> {
    let said = said_to_recruiter(work, reason, reason_id, ReasonUse::Rejection).await?;
    let mut order = to_decide(work, id, version).await?;
    if order.hold_until.is_none() {
        return Err(Error::refused(too_late(&order)));
    }
    order_steps::apply(work, &mut order, &Event::Decided(Decision::Reject), said).await?;
    Ok(order)
}

/// What the ATS was told, and what can be done now that it is too late for a rejection.
pub fn too_late(order: &OrderRow) -> String {
    let told = match (order.decision, order.decided_by) {
        (Some(Decision::Reject), _) => return "This order has been rejected already.".to_owned(),
        (Some(Decision::Accept), Some(DecidedBy::Staff)) => "a colleague accepted it, and the ATS was told so",
        (Some(Decision::Accept), _) => "the customer’s setting accepted it, and the ATS was told so",
        (None, _) if order.held_at.is_some() && order.answered_at.is_none() => {
            "Kombo hung up before anybody had decided, so for the ATS the order is taken"
        }
        (None, _) => "the ATS was told that the order is taken",
    };
    format!("It is too late to reject this order: {told}. You can cancel it with a reason instead.")
}

/// The candidate was invited outside this program; a mail that waits is not needed any more.
pub async fn mark_invited(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let why = "The candidate was invited by hand.";
    mails::withdraw(&mut work.conn, id, why, work.now).await?;
    step(work, id, version, &Event::InvitationTaken, Said::default()).await
}

/// The candidate has started.
pub async fn mark_started(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    step(work, id, version, &Event::CandidateStarted, Said::default()).await
}

/// Work on the order rests; the reason is for colleagues and never leaves the house.
pub async fn pause(work: &mut Work, id: OrderId, version: i64, reason: &str) -> Result<OrderRow, Error> {
    let reason = needed("reason", reason, MAX_PAUSE, "Say why, so that colleagues know.")?;
    let said = Said {
        why: Some(reason),
        ..Said::default()
    };
    step(work, id, version, &Event::Paused, said).await
}

/// Work on the order goes on.
pub async fn resume(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    step(work, id, version, &Event::Resumed, Said::default()).await
}

/// Gives the order to a staff member who can see it, or to nobody.
pub async fn assign(work: &mut Work, id: OrderId, version: i64, to: Option<StaffId>) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    if order.assignee == to {
        return Ok(order);
    }
    let name = match to {
        Some(to) => Some(able(work, to, &order).await?),
        None => None,
    };
    let said = Said {
        assign: Some(to),
        detail: json!({ "to": to, "name": name }),
        ..Said::default()
    };
    order_steps::apply(work, &mut order, &Event::Assigned, said).await?;
    Ok(order)
}

async fn able(work: &mut Work, to: StaffId, order: &OrderRow) -> Result<String, Error> {
    let member = staff::find(&mut work.conn, to).await?;
    let Some(member) = member.filter(|member| member.disabled_at.is_none()) else {
        return Err(Error::refused(
            "This person can't sign in any more. Choose somebody else.",
        ));
    };
    let viewer = crate::domain::viewer::Viewer::staff(member.id, member.role, member.all_customers);
    if orders::find(&mut work.conn, &viewer, order.id).await?.is_none() {
        return Err(Error::refused(format!(
            "{} may not see this customer's orders. Choose somebody else, or let an administrator change that.",
            member.name
        )));
    }
    Ok(member.name)
}

/// The order is to end without a result; the recruiter reads the reason, which may come from the library.
pub async fn cancel(
    work: &mut Work,
    id: OrderId,
    version: i64,
    reason: &str,
    reason_id: Option<ReasonId>,
) -> Result<OrderRow, Error> {
    let said = said_to_recruiter(work, reason, reason_id, ReasonUse::Cancellation).await?;
    step(work, id, version, &Event::Cancelled, said).await
}

/// What the recruiter is to read, and the reason of the library that it was made from. One that was retired while the
/// page stood open still counts: the person was offered it.
async fn said_to_recruiter(work: &mut Work, text: &str, id: Option<ReasonId>, what: ReasonUse) -> Result<Said, Error> {
    let missing = "Write a reason: it is what the recruiter reads.";
    let text = needed("reason", &text.replace("\r\n", "\n"), MAX_SUMMARY, missing)?;
    let mut said = Said {
        reason: Some(text),
        reason_id: id,
        ..Said::default()
    };
    if let Some(id) = id {
        let row = reasons::find(&mut work.conn, id).await?.filter(|row| row.is_for(what));
        let row = row.ok_or_else(|| Error::field("reason", "This reason is not one of the library. Choose again."))?;
        said.detail = json!({ "reason": row.name });
    }
    Ok(said)
}

/// A trimmed text that must be there, of at most `most` characters.
fn needed(field: &'static str, typed: &str, most: usize, missing: &str) -> Result<String, Error> {
    let text = typed.trim();
    let length = text.chars().count();
    if text.is_empty() {
        return Err(Error::field(field, missing));
    }
    if length > most {
        return Err(Error::field(
            field,
            format!("At most {most} characters, please; this has {length}."),
        ));
    }
    Ok(text.to_owned())
}
