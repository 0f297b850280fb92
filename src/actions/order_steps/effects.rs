//! What follows from a step, in the same transaction.

use crate::actions::Error;
use crate::actions::final_body;
use crate::actions::invite;
use crate::actions::start_link;
use crate::actions::wake_integration;
use crate::actions::work::Work;
use crate::domain::delivery::{DeliveryKind, DeliveryState, PARKED};
use crate::domain::ids::OrderId;
use crate::domain::order::{Effect, FinalStatus};
use crate::domain::viewer::Viewer;
use crate::kombo::progress;
use crate::live::Kind;
use crate::store::Writes;
use crate::store::deliveries::{self, DeliveryRow, PROGRESS, mails};
use crate::store::integrations;
use crate::store::links::{self, Purpose};
use crate::store::orders::OrderRow;
use crate::store::results::{self, ResultState};
use std::time::Duration;

/// Why word of an order's progress does not leave any more.
const WENT_ON: &str = "The order went on without it.";

/// Carries out every effect, in the order in which the table gave them.
pub(in crate::actions) async fn carry_out(
    work: &mut Work,
    order: &mut OrderRow,
    effects: &[Effect],
) -> Result<(), Error> {
    for effect in effects {
        one(work, order, effect).await?;
    }
    Ok(())
}

/// Whether nothing follows but what always does when a final word arrived: see [`turn_off_start_links`].
pub(super) fn is_arrival(effects: &[Effect]) -> bool {
    *effects == [Effect::TurnOffStartLink, Effect::TurnOnReport]
}

/// Nobody starts these orders any more, nor hears of their progress.
pub(in crate::actions) async fn turn_off_start_links(work: &mut Work, orders: &[OrderId]) -> Result<(), Error> {
    let now = work.now;
    let mut writes = Writes::new(&work.conn, orders.len());
    links::push_revocations(&mut writes, orders, Purpose::Start, now);
    deliveries::push_progress_over(&mut writes, orders, WENT_ON, now);
    writes.run(&mut work.conn).await?;
    Ok(())
}

async fn one(work: &mut Work, order: &mut OrderRow, effect: &Effect) -> Result<(), Error> {
    let (now, by) = (work.now, work.viewer.staff_id());
    match effect {
        Effect::QueueFinal { status, delay } => queue_final(work, order, *status, *delay).await?,
        Effect::SendFinalAgain => set_final(work, order, DeliveryState::Waiting).await?,
        Effect::ReadBack => set_final(work, order, DeliveryState::Ambiguous).await?,
        Effect::SupersedeFinal => {
            deliveries::supersede_final(&mut work.conn, order.id, "A newer one replaces it.", now).await?;
        }
        Effect::WithdrawFinal => {
            if !deliveries::withdraw_final(&mut work.conn, order.id, "It was taken back before it left.", now).await? {
                return Err(Error::refused("It is leaving now, so it can't be taken back any more."));
            }
        }
        Effect::ParkDeliveries => set_final(work, order, DeliveryState::Parked).await?,
        Effect::WakeDeliveries => {
            wake_integration::wake(work, order.integration_id).await?;
        }
        Effect::QueueProgress => queue_progress(work, order).await?,
        Effect::TurnOffStartLink => turn_off_start_links(work, &[order.id]).await?,
        Effect::LockResult => results::set_state(&mut work.conn, order.id, ResultState::Released, by, now).await?,
        Effect::UnlockResult => {
            let state = if order.stage == crate::domain::order::Stage::InReview {
                ResultState::InReview
            } else {
                ResultState::Draft
            };
            results::set_state(&mut work.conn, order.id, state, by, now).await?;
        }
        Effect::ResultToReview => results::set_state(&mut work.conn, order.id, ResultState::InReview, by, now).await?,
        Effect::ResultToDraft => results::set_state(&mut work.conn, order.id, ResultState::Draft, by, now).await?,
        Effect::QueueInvitation => {
            start_link::ensure_where_it_leads_somewhere(work, order).await?;
            invite::queue(work, order).await?;
        }
        Effect::StopMails => {
            let why = "The order ends, so nobody is invited any more.";
            mails::withdraw(&mut work.conn, order.id, why, now).await?;
            progress_is_over(work, order, WENT_ON).await?;
        }
        // Answers are the caller's; flags, notes, the report and the invitation's problem follow from the row.
        Effect::Answer(_)
        | Effect::JoinHold
        | Effect::MarkConflict(_)
        | Effect::ShowOnToday
        | Effect::Note(_)
        | Effect::TurnOnReport
        | Effect::ProposeCancellation(_)
        | Effect::NameInvitationProblem => {}
    }
    Ok(())
}

/// Moves the order's final word to `state`, due at once.
async fn set_final(work: &mut Work, order: &OrderRow, state: DeliveryState) -> Result<(), Error> {
    let Some(mut delivery) = deliveries::final_of_order(&mut work.conn, order.id).await? else {
        return Ok(());
    };
    delivery.state = state;
    delivery.lease_until = None;
    delivery.due_at = delivery.due_at.max(work.now);
    deliveries::save(&mut work.conn, &mut delivery).await?;
    work.hint(Kind::Delivery, delivery.id.0, delivery.customer_id);
    Ok(())
}

/// Queues the final word, with what is to be sent as it is now; what still waits to tell of progress is not needed then.
async fn queue_final(work: &mut Work, order: &OrderRow, status: FinalStatus, delay: bool) -> Result<(), Error> {
    progress_is_over(work, order, WENT_ON).await?;
    let body = final_body::build(work, order, status).await?;
    let wait = if delay {
        work.tools.config.release_delay
    } else {
        Duration::ZERO
    };
    queue_result(work, order, status.as_str(), &body, wait).await
}

/// Queues word of the candidate's start, where the customer's ATS takes such a thing.
async fn queue_progress(work: &mut Work, order: &OrderRow) -> Result<(), Error> {
    let integration = integrations::find(&mut work.conn, &Viewer::system(), order.integration_id).await?;
    let takes =
        integration.is_some_and(|row| row.deleted_at.is_none() && progress::are_sent(&row.tool, row.send_progress));
    if !takes {
        return Ok(());
    }
    progress_is_over(work, order, "A newer one replaces it.").await?;
    let body = final_body::progress(work, order).await?;
    queue_result(work, order, PROGRESS, &body, Duration::ZERO).await
}

/// Nobody needs to hear any more what still waits to be said of the order's progress.
async fn progress_is_over(work: &mut Work, order: &OrderRow, why: &str) -> Result<(), Error> {
    let mut writes = Writes::new(&work.conn, 1);
    deliveries::push_progress_over(&mut writes, &[order.id], why, work.now);
    writes.run(&mut work.conn).await?;
    Ok(())
}

/// Queues something that is written to the order at Kombo.
async fn queue_result(
    work: &mut Work,
    order: &OrderRow,
    status: &str,
    body: &[u8],
    wait: Duration,
) -> Result<(), Error> {
    let parked = integrations::is_parked(&mut work.conn, order.integration_id).await?;
    let row = DeliveryRow {
        id: work.new_id(),
        kind: DeliveryKind::Result,
        state: if parked {
            DeliveryState::Parked
        } else {
            DeliveryState::Waiting
        },
        integration_id: Some(order.integration_id),
        customer_id: order.customer_id,
        order_id: Some(order.id),
        publication_id: None,
        final_status: Some(status.to_owned()),
        purpose: None,
        body: None,
        attempts: 0,
        due_at: work.now.plus(wait),
        lease_until: None,
        fence: 0,
        doubt: None,
        last_code: None,
        last_message: None,
        why: parked.then(|| PARKED.to_owned()),
        replaces: None,
        created_by: work.viewer.staff_id(),
        created_at: work.now,
        finished_at: None,
        version: 1,
    };
    let vault = work.tools.vault.clone();
    deliveries::insert(&mut work.conn, &vault, &row, Some(body)).await?;
    work.hint(Kind::Delivery, row.id.0, row.customer_id);
    Ok(())
}
