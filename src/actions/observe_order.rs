//! Kombo's list of orders shows one, or does not have it: what was missed is made up for.

use super::Error;
use super::order_steps::{self, Said};
use super::receive_order::{kombo_status, receive_order};
use super::work::Work;
use crate::domain::order::{Event, KomboStatus, Source};
use crate::domain::time::Timestamp;
use crate::kombo::wire;
use crate::store::integrations::IntegrationRow;
use crate::store::orders::{self, OrderRow};

/// What came of a look at Kombo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Nothing that we did not know.
    AsKnown,
    /// Our row changed since the read began, so the read says nothing any more.
    Overtaken,
    /// Noted, and nothing of the order moved.
    Noted,
    /// It was new to us, or our order moved.
    Healed,
}

/// Takes in what Kombo's list showed of an order, by a read that began `at`.
///
/// # Errors
/// What [`order_steps::apply`] tells; nothing is written then.
pub async fn observe(
    work: &mut Work,
    integration: &IntegrationRow,
    told: &wire::Order,
    at: Timestamp,
) -> Result<Looked, Error> {
    let Some(mut order) = orders::find_by_kombo(&mut work.conn, integration.id, &told.id).await? else {
        receive_order(work, told, &integration.kombo_id, false, Source::List, None).await?;
        return Ok(Looked::Healed);
    };
    let status = kombo_status(told.status);
    if tells_nothing(&order, status) {
        return Ok(Looked::AsKnown);
    }
    step(work, &mut order, &Event::Observed { status, at }, at).await
}

/// Notes that Kombo's list did not have an order of ours, by a read that began `at`.
///
/// # Errors
/// As for [`observe`].
pub async fn absent(work: &mut Work, order: OrderRow, at: Timestamp) -> Result<Looked, Error> {
    let Some(mut order) = orders::find(&mut work.conn, &crate::domain::viewer::Viewer::system(), order.id).await?
    else {
        return Ok(Looked::AsKnown);
    };
    step(work, &mut order, &Event::Absent { at }, at).await
}

async fn step(work: &mut Work, order: &mut OrderRow, event: &Event, at: Timestamp) -> Result<Looked, Error> {
    if order.changed_at > at {
        return Ok(Looked::Overtaken);
    }
    let before = order.stage;
    let stepped = order_steps::apply(work, order, event, Said::default()).await?;
    Ok(if !stepped.changed {
        Looked::AsKnown
    } else if before == order.stage {
        Looked::Noted
    } else {
        Looked::Healed
    })
}

/// Whether a sighting changes nothing: such ones are passed over without a write, or every open order would be written
/// every few minutes, and every form that somebody has open would be out of date.
pub fn tells_nothing(order: &OrderRow, status: KomboStatus) -> bool {
    let known = order.kombo_status == Some(status) && order.absent_seen == 0 && !order.not_in_kombo;
    let settled = match status.end() {
        None => !order.stage.is_end(),
        Some(end) => order.stage == end && order.conflict.is_none(),
    };
    known && settled
}
