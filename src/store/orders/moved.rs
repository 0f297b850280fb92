//! Orders that only moved on: the usual change. SQLite writes every index and looks after every foreign key whose columns
//! a statement sets, changed or not, so what did not change is better not named.

use super::OrderRow;
use crate::store::Writes;

/// Whether [`push`] writes everything in which `order` differs from how it was `before`.
pub(super) fn is_all(before: &OrderRow, order: &OrderRow) -> bool {
    let moved = OrderRow {
        stage: order.stage,
        stage_before: order.stage_before,
        review_before: order.review_before,
        kombo_status: order.kombo_status,
        kombo_seen_at: order.kombo_seen_at,
        open_seen: order.open_seen,
        open_seen_first: order.open_seen_first,
        absent_seen: order.absent_seen,
        absent_first: order.absent_first,
        final_status: order.final_status,
        closed_at: order.closed_at,
        changed_at: order.changed_at,
        ..before.clone()
    };
    moved == *order
}

/// Adds how far each has come, where it is still as it was before.
pub(super) fn push(writes: &mut Writes, orders: &[(&OrderRow, &OrderRow)]) {
    push_updates!(
        writes,
        "UPDATE orders SET stage = column3, stage_before = column4, review_before = column5, kombo_status = column6,
            kombo_seen_at = column7, open_seen = column8, open_seen_first = column9, absent_seen = column10,
            absent_first = column11, final_status = column12, closed_at = column13, changed_at = column14,
            version = version + 1
         FROM",
        orders.iter(),
        |(before, order)| (
            order.id,
            before.version,
            order.stage,
            order.stage_before,
            order.review_before,
            order.kombo_status,
            order.kombo_seen_at,
            order.open_seen,
            order.open_seen_first,
            order.absent_seen,
            order.absent_first,
            order.final_status,
            order.closed_at,
            order.changed_at
        ),
        "WHERE orders.id = column1 AND version = column2"
    );
}
