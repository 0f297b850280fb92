//! How a hold ends when no person decided: by the customer's setting, or because nobody listens for the answer any more.

use crate::actions::Error;
use crate::actions::order_steps::{self, Said};
use crate::actions::work::Work;
use crate::domain::ids::OrderId;
use crate::domain::intake::{self, Why};
use crate::domain::order::Event;
use crate::domain::viewer::Viewer;
use crate::store::customers;
use crate::store::orders::{self, OrderRow};

/// The time is up, or the program is asked to stop: the customer's setting decides.
///
/// # Errors
/// [`Error::Refused`] where the order is not held any more.
pub async fn end(work: &mut Work, id: OrderId, why: Why) -> Result<(), Error> {
    let mut order = find(work, id).await?;
    let settings = match order.customer_id {
        Some(customer) => customers::settings_of(&mut work.conn, customer).await?,
        None => None,
    };
    let verdict = intake::unasked(settings.as_ref(), why);
    order_steps::apply(work, &mut order, &Event::HoldEnded(verdict), Said::default()).await?;
    Ok(())
}

/// Kombo hung up, or the process that held the order is no more.
///
/// # Errors
/// [`Error::Refused`] where the order is not held any more.
pub async fn lose(work: &mut Work, id: OrderId) -> Result<(), Error> {
    let mut order = find(work, id).await?;
    order_steps::apply(work, &mut order, &Event::HoldLost, Said::default()).await?;
    Ok(())
}

async fn find(work: &mut Work, id: OrderId) -> Result<OrderRow, Error> {
    let order = orders::find(&mut work.conn, &Viewer::system(), id).await?;
    order.ok_or(Error::NotFound)
}
