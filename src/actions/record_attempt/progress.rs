//! What follows from a try to tell of an order's progress: nothing for the order, whatever came of it.
//!
//! Such word is not worth a question: what was refused, failed or may or may not have arrived is let go, quietly. It parks
//! no integration either, since an ATS that does not take it can take the final word all the same.

use super::next::{self, Next, Schedule};
use super::{Ended, Tried};
use crate::actions::Error;
use crate::actions::work::Work;
use crate::domain::delivery::DeliveryState;
use crate::domain::viewer::Viewer;
use crate::kombo::Fate;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::orders;

/// What follows: delivered, tried again while the order still is where that means something, or given up.
pub(super) async fn next(
    work: &mut Work,
    delivery: &DeliveryRow,
    tried: &Tried,
    schedule: &Schedule<'_>,
) -> Result<Next, Error> {
    let next = of(delivery, tried, schedule);
    if matches!(next, Next::Again { .. }) && !means_something(work, delivery).await? {
        return Ok(Next::Replaced);
    }
    Ok(next)
}

fn of(delivery: &DeliveryRow, tried: &Tried, schedule: &Schedule<'_>) -> Next {
    let let_go = |why: &str| Next::GiveUp {
        why: format!("{why} The order goes on without it."),
    };
    match &tried.ended {
        Ended::Failed(Fate::ReadBack) | Ended::Vanished => let_go("Nobody knows whether this progress update arrived."),
        Ended::Failed(Fate::Refused | Fate::ParkIntegration) => let_go("Kombo did not take this progress update."),
        Ended::Taken | Ended::Failed(Fate::Retry | Fate::ParkAll) | Ended::Impossible(_) | Ended::NotNeeded(_) => {
            next::next(delivery, tried, schedule)
        }
        Ended::Showed(_) | Ended::Held(_) | Ended::Replaced => let_go("It is not needed any more."),
    }
}

/// Settles the delivery alone; its own waiting is still to be filled in.
pub(super) async fn carry_out(work: &mut Work, claimed: &DeliveryRow, next: &Next) -> Result<DeliveryRow, Error> {
    let mut row = deliveries::find(&mut work.conn, claimed.id)
        .await?
        .ok_or(Error::NotFound)?;
    match next {
        Next::Arrived { .. } => {
            row.state = DeliveryState::Delivered;
            row.why = None;
        }
        Next::Replaced => {
            row.state = DeliveryState::Superseded;
            row.why = Some("The order went on without it.".to_owned());
        }
        _ => {}
    }
    Ok(row)
}

/// Whether the order still is where word of its progress means something.
async fn means_something(work: &mut Work, claimed: &DeliveryRow) -> Result<bool, Error> {
    let Some(id) = claimed.order_id else {
        return Ok(false);
    };
    let order = orders::find(&mut work.conn, &Viewer::system(), id).await?;
    Ok(order.is_some_and(|order| order.stage.is_live()))
}
