//! What follows for the publication that it carried.

use super::next::Next;
use crate::actions::Error;
use crate::actions::publication_outcome::{self, Ended};
use crate::actions::work::Work;
use crate::domain::delivery::DeliveryState;
use crate::store::deliveries::DeliveryRow;

/// Settles the publication; gives the delivery's row as it is to be saved, its own waiting still to be filled in.
pub(super) async fn carry_out(work: &mut Work, claimed: &DeliveryRow, next: &Next) -> Result<DeliveryRow, Error> {
    let mut row = claimed.clone();
    match next {
        Next::Arrived { read_back } => {
            row.state = DeliveryState::Delivered;
            row.doubt = None;
            row.why = read_back.then(|| "Confirmed by read-back.".to_owned());
            settle(work, claimed, Ended::Confirmed).await?;
        }
        Next::NotHeld => {
            row.state = DeliveryState::Waiting;
            row.doubt = None;
            row.due_at = work.now;
        }
        Next::Replaced => {
            row.state = DeliveryState::Superseded;
            row.why = Some("A newer publication replaces it.".to_owned());
            settle(work, claimed, Ended::Superseded).await?;
        }
        Next::GiveUp { .. } => settle(work, claimed, Ended::GivenUp).await?,
        Next::InDoubt { .. } | Next::Again { .. } | Next::Park | Next::Shown { .. } | Next::Withdraw { .. } => {}
    }
    Ok(row)
}

async fn settle(work: &mut Work, claimed: &DeliveryRow, ended: Ended) -> Result<(), Error> {
    if let Some(publication) = claimed.publication_id {
        publication_outcome::settle(work, publication, ended).await?;
    }
    Ok(())
}
