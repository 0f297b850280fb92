//! Results that the first word heard of says have arrived: the usual case, written down for many in a statement for each
//! table.

use super::{Ended, Tried, attempt};
use crate::actions::Error;
use crate::actions::order_steps;
use crate::actions::work::Work;
use crate::domain::delivery::{DeliveryKind, Outcome};
use crate::domain::order::{FinalStatus, Stage};
use crate::live::Kind;
use crate::store::Writes;
use crate::store::attempts;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::orders::OrderRow;

/// A result that Kombo took, with its order as it was when it was claimed.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    delivery: &'a DeliveryRow,
    order: &'a OrderRow,
    tried: &'a Tried,
}

impl<'a> Arrived<'a> {
    /// `None` where this is not the usual case, which [`super::record`] writes down.
    pub fn of(delivery: &'a DeliveryRow, order: &'a OrderRow, tried: &'a Tried) -> Option<Self> {
        let word = order.final_status.map(FinalStatus::as_str);
        let usual = tried.ended == Ended::Taken
            && delivery.kind == DeliveryKind::Result
            && delivery.doubt.is_none()
            && delivery.order_id == Some(order.id)
            && delivery.final_status.as_deref() == word
            && order.stage == Stage::Closing;
        usual.then_some(Self { delivery, order, tried })
    }
}

/// Writes them all down.
///
/// # Errors
/// [`crate::store::Error::Changed`] where a delivery or an order is no longer as it was claimed: nothing of this may be
/// kept, and each is to be written down by [`super::record`].
pub async fn record_arrived(work: &mut Work, arrived: &[Arrived<'_>]) -> Result<(), Error> {
    if arrived.is_empty() {
        return Ok(());
    }
    let customers = arrived.iter().map(|one| one.delivery.customer_id);
    let Work { conn, sealers, .. } = &mut *work;
    sealers.make_ready(conn, customers).await?;
    let mut writes = Writes::new(&work.conn, arrived.len());
    let orders = arrived.iter().map(|one| (one.order, one.delivery)).collect::<Vec<_>>();
    order_steps::push_delivered(work, &mut writes, &orders)?;
    deliveries::push_arrivals(&mut writes, arrived.iter().map(|one| one.delivery.seen()), work.now);
    let rows = arrived.iter().map(|one| {
        let row = attempt(work, one.delivery, one.tried, Outcome::Delivered);
        (one.delivery.customer_id, row, &one.tried.opened)
    });
    attempts::push_many(&mut writes, &work.sealers, rows.collect())?;
    writes.run_all(&mut work.conn).await?;
    let ids = arrived.iter().map(|one| one.order.id).collect::<Vec<_>>();
    order_steps::turn_off_start_links(work, &ids).await?;
    for one in arrived {
        work.hint(Kind::Delivery, one.delivery.id.0, one.delivery.customer_id);
    }
    Ok(())
}
