//! What follows for the order whose final word it was.

use super::next::Next;
use crate::actions::Error;
use crate::actions::order_steps::{self, Said};
use crate::actions::work::Work;
use crate::domain::delivery::{DeliveryState, Doubt};
use crate::domain::order::{Event, KomboStatus};
use crate::domain::viewer::Viewer;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::orders;

/// Tells the order; gives the delivery's row as it is to be saved, its own waiting and parking still to be filled in.
pub(super) async fn carry_out(work: &mut Work, claimed: &DeliveryRow, next: &Next) -> Result<DeliveryRow, Error> {
    if let Some(event) = event(claimed, next) {
        tell_order(work, claimed, &event).await?;
    }
    let mut row = deliveries::find(&mut work.conn, claimed.id)
        .await?
        .ok_or(Error::NotFound)?;
    match next {
        Next::Arrived { .. } => {
            row.state = DeliveryState::Delivered;
            row.why = None;
        }
        Next::Shown { status, refused } => shown(&mut row, *status, *refused),
        _ => {}
    }
    Ok(row)
}

/// What the order's read-back means for the delivery.
fn shown(row: &mut DeliveryRow, status: KomboStatus, refused: bool) {
    row.doubt = None;
    if row.final_status.as_deref() == Some(status.as_str()) {
        row.state = DeliveryState::Delivered;
        row.why = Some("Confirmed by read-back.".to_owned());
    } else if status != KomboStatus::Open {
        row.state = DeliveryState::Withdrawn;
        row.why = Some("Kombo had ended the order in another way, so it is not needed any more.".to_owned());
    } else if refused {
        row.state = DeliveryState::GivenUp;
        row.why = Some("Kombo refused it, and the order is still open there.".to_owned());
    } else {
        row.state = DeliveryState::Waiting;
    }
}

/// The event of the order's life.
fn event(claimed: &DeliveryRow, next: &Next) -> Option<Event> {
    match next {
        Next::Arrived { .. } => Some(Event::Delivered),
        Next::Shown { status, refused } => Some(Event::ReadBack {
            status: *status,
            refused: *refused,
        }),
        Next::InDoubt { .. } if claimed.doubt.is_some() => None,
        Next::InDoubt {
            doubt: Doubt::Unknown, ..
        } => Some(Event::FateUnknown),
        Next::InDoubt {
            doubt: Doubt::Refused, ..
        } => Some(Event::FinalRefused),
        Next::Park => Some(Event::Parked),
        Next::GiveUp { .. } => Some(Event::GaveUp),
        Next::Again { .. } | Next::NotHeld | Next::Replaced | Next::Withdraw { .. } => None,
    }
}

async fn tell_order(work: &mut Work, claimed: &DeliveryRow, event: &Event) -> Result<(), Error> {
    let Some(id) = claimed.order_id else {
        return Ok(());
    };
    let Some(mut order) = orders::find(&mut work.conn, &Viewer::system(), id).await? else {
        return Ok(());
    };
    match order_steps::apply(work, &mut order, event, Said::default()).await {
        Ok(_) => Ok(()),
        // The order went on without this word: only the delivery's own row has something to say.
        Err(Error::Refused(why)) => {
            tracing::warn!(order = %id, delivery = %claimed.id, why, "an order did not take the outcome of its delivery");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
