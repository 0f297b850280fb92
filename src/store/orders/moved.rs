//! Orders that only moved on: the usual change. SQLite writes every index and looks after every foreign key whose columns
//! a statement sets, changed or not, so what did not change is better not named.

use super::OrderRow;
use crate::store::{Conn, Error};

/// Whether [`write()`] writes everything in which `order` differs from how it was `before`.
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

/// Writes how far each has come; says how many of the orders were still as they were before.
pub(super) async fn write(conn: &mut Conn, orders: &[(&OrderRow, &mut OrderRow)]) -> Result<u64, Error> {
    execute_each!(
        conn,
        "UPDATE orders SET stage = $3, stage_before = $4, review_before = $5, kombo_status = $6, kombo_seen_at = $7,
            open_seen = $8, open_seen_first = $9, absent_seen = $10, absent_first = $11, final_status = $12,
            closed_at = $13, changed_at = $14, version = version + 1
         WHERE id = $1 AND version = $2",
        orders,
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
        )
    )
}
