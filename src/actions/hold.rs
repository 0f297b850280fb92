//! How a hold ends when no person decided: by the customer's setting, or because nobody listens for the answer any more.

use crate::actions::Error;
use crate::actions::order_steps::{self, Said};
use crate::actions::work::Work;
use crate::domain::ids::OrderId;
use crate::domain::intake::{self, HoldSetting, Why};
use crate::domain::order::Event;
use crate::domain::rules::Outcome;
use crate::domain::viewer::Viewer;
use crate::store::customers;
use crate::store::orders::{self, OrderRow};

/// The time is up, or the program is asked to stop: the customer's setting decides, or that of the rule that had it held.
///
/// # Errors
/// [`Error::Refused`] where the order is not held any more.
pub async fn end(work: &mut Work, id: OrderId, why: Why) -> Result<(), Error> {
    let mut order = find(work, id).await?;
    let settings = match order.customer_id {
        Some(customer) => customers::settings_of(&mut work.conn, customer).await?,
        None => None,
    };
    let verdict = match rule_hold(work, &order).await? {
        Some(hold) => hold.verdict(why),
        None => intake::unasked(settings.as_ref(), why),
    };
    order_steps::apply(work, &mut order, &Event::HoldEnded(verdict), Said::default()).await?;
    Ok(())
}

/// What the rule wants that had the order held; `None`: the settings had.
async fn rule_hold(work: &mut Work, order: &OrderRow) -> Result<Option<HoldSetting>, Error> {
    let cache = work.tools.rules.clone();
    let set = cache.get(&mut work.conn, order.rule_set_id).await?;
    let number = order.rule_number.and_then(|number| usize::try_from(number - 1).ok());
    let rule = set.as_ref().zip(number).and_then(|(set, at)| set.rules.get(at));
    Ok(rule.and_then(|rule| match &rule.then {
        Outcome::Hold(hold) => Some(hold.clone()),
        Outcome::Accept | Outcome::Reject { .. } => None,
    }))
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
