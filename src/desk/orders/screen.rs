//! What one page of the list shows: the page itself, or exactly the rows that are on the screen already.

use super::PAGE;
use super::asked::Asked;
use crate::auth::Staff;
use crate::desk::on_screen::OnScreen;
use crate::desk::order_row::Row;
use crate::domain::time::Timestamp;
use crate::store::order_lists::{self, Filter, Key, ListRow, Sort};
use crate::store::{self, Conn};
use std::collections::HashMap;
use uuid::Uuid;

/// The rows to be shown.
pub(super) struct Listing {
    pub(super) rows: Vec<Row>,
    /// The first row's key, where rows stand before it.
    pub(super) newer: Option<Key>,
    /// The last row's key, where rows stand behind it.
    pub(super) older: Option<Key>,
    /// How many are new beside those on the screen.
    pub(super) news: usize,
}

pub(super) async fn listing(
    conn: &mut Conn,
    staff: &Staff,
    asked: &Asked,
    now: Timestamp,
) -> Result<Listing, store::Error> {
    let (filter, sort) = (asked.filter(staff), asked.sort());
    let page = order_lists::page(conn, &staff.viewer, &filter, sort, asked.place(), PAGE).await?;
    let (rows, news) = match asked.on_screen() {
        None => (page.rows.into_iter().map(|row| (row, false)).collect(), 0),
        Some(shown) => {
            let fresh: Vec<_> = page.rows.iter().map(|row| row.id.0).collect();
            let news = shown.count_new(&fresh, usize::try_from(PAGE).unwrap_or(usize::MAX));
            (as_they_stand(conn, staff, &filter, sort, &shown).await?, news)
        }
    };
    let edge = |row: Option<&(ListRow, bool)>| row.map(|(row, _)| row.key(sort));
    Ok(Listing {
        newer: edge(rows.first()).filter(|_| page.has_before),
        older: edge(rows.last()).filter(|_| page.has_after),
        rows: rows
            .into_iter()
            .map(|(row, left)| Row {
                left,
                ..Row::of(row, &staff.viewer, now)
            })
            .collect(),
        news,
    })
}

/// The rows on the screen as they stand now, and whether each has left the list.
pub(in crate::desk) async fn as_they_stand(
    conn: &mut Conn,
    staff: &Staff,
    filter: &Filter,
    sort: Sort,
    shown: &OnScreen,
) -> Result<Vec<(ListRow, bool)>, store::Error> {
    let fitting = order_lists::among(conn, &staff.viewer, filter, shown.ids()).await?;
    let mut rows: HashMap<Uuid, (ListRow, bool)> = fitting
        .into_iter()
        .map(|row| {
            let left = sort == Sort::Due && !row.stage.is_live();
            (row.id.0, (row, left))
        })
        .collect();
    let missing: Vec<_> = shown
        .ids()
        .iter()
        .filter(|id| !rows.contains_key(id))
        .copied()
        .collect();
    if !missing.is_empty() {
        let all = Filter::default();
        let left = order_lists::among(conn, &staff.viewer, &all, &missing).await?;
        rows.extend(left.into_iter().map(|row| (row.id.0, (row, true))));
    }
    Ok(shown.in_order(rows.into_values(), |(row, _)| row.id.0))
}
