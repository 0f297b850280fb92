//! What follows for the order whose candidate was written to.

use super::next::Next;
use super::{Ended, Tried};
use crate::actions::Error;
use crate::actions::order_steps::{self, Said};
use crate::actions::work::Work;
use crate::domain::delivery::{DeliveryState, MailPurpose};
use crate::domain::order::{Event, InviteProblem};
use crate::domain::viewer::Viewer;
use crate::kombo::Fate;
use crate::store::deliveries::{DeliveryRow, mails};
use crate::store::orders;

/// Tells the order; gives the delivery's row as it is to be saved, its own waiting still to be filled in.
pub(super) async fn carry_out(
    work: &mut Work,
    claimed: &DeliveryRow,
    tried: &Tried,
    next: &Next,
) -> Result<DeliveryRow, Error> {
    let mut row = claimed.clone();
    match next {
        Next::Arrived { .. } => {
            row.state = DeliveryState::Delivered;
            row.why = None;
            tell_order(work, claimed, &Event::InvitationTaken, Said::default()).await?;
        }
        Next::GiveUp { .. } => {
            let problem = if tried.ended == Ended::Failed(Fate::Refused) {
                InviteProblem::Refused
            } else {
                InviteProblem::Failed
            };
            let said = Said {
                problem: Some(problem),
                ..Said::default()
            };
            tell_order(work, claimed, &Event::InvitationFailed, said).await?;
        }
        _ => {}
    }
    Ok(row)
}

/// An order that went on without this mail takes no word of it, nor does one whose candidate is written to anew.
async fn tell_order(work: &mut Work, claimed: &DeliveryRow, event: &Event, said: Said) -> Result<(), Error> {
    let (Some(MailPurpose::Invitation), Some(id)) = (claimed.purpose, claimed.order_id) else {
        return Ok(());
    };
    let newest = mails::newest_of_order(&mut work.conn, id).await?;
    if *event == Event::InvitationFailed && newest.is_some_and(|newest| newest.id != claimed.id) {
        return Ok(());
    }
    let Some(mut order) = orders::find(&mut work.conn, &Viewer::system(), id).await? else {
        return Ok(());
    };
    match order_steps::apply(work, &mut order, event, said).await {
        Ok(_) => Ok(()),
        Err(Error::Refused(why)) => {
            tracing::info!(order = %id, delivery = %claimed.id, why, "an order went on without its invitation");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
