//! The search in the orders themselves, from the newest on. What many orders have stands there, too, and is found without
//! following a word to everything that begins like it.

use super::share::{Costs, Rest, Share};
use super::words::{Counted, Words};
use super::{Reach, Search, Sizes, TESTED, assignee, in_texts, stage_list};
use crate::store::candidates::{self, Wanted};
use crate::store::order_lists::ListRow;
use crate::store::{Conn, Error};

/// How many of the newest orders are looked at first.
const FIRST: i64 = 256;

/// The text on SQLite, of everybody's orders; the words stand between spaces.
pub(super) const ALL: &str = concat!(
    rows!("order_search f CROSS JOIN orders o ON o.seq = f.rowid"),
    " AND f.rowid < $12 AND f.rowid >= $13",
    has_words!("$14", "$15", "$16"),
    " ORDER BY f.rowid DESC LIMIT $17"
);

/// The text on PostgreSQL, of everybody's orders. What `@@` calls, called by its name, keeps it from the index of words; and
/// what is sorted by itself is looked through before anything else of an order is read.
const POSTGRES_ALL: &str = concat!(
    rows!(
        "(SELECT order_seq FROM order_search
           WHERE order_seq < $12 AND order_seq >= $13 AND ts_match_vq(words, to_tsquery('simple', $14))
           ORDER BY order_seq DESC) f JOIN orders o ON o.seq = f.order_seq"
    ),
    " ORDER BY f.order_seq DESC LIMIT $15"
);

/// The same where nothing but words is asked for.
const POSTGRES_ALL_ALONE: &str = concat!(
    rows!(
        "(SELECT order_seq FROM order_search
           WHERE order_seq < $12 AND order_seq >= $13 AND ts_match_vq(words, to_tsquery('simple', $14))
           ORDER BY order_seq DESC LIMIT $15) f JOIN orders o ON o.seq = f.order_seq"
    ),
    " ORDER BY f.order_seq DESC"
);

/// Orders by their `seq`: these and those between.
#[derive(Clone, Copy, Debug)]
struct Between {
    from: i64,
    before: i64,
}

/// Whether there is a way through the orders.
pub(super) fn is_there(search: &Search<'_>) -> bool {
    search.wanted.len() <= TESTED && search.before().is_some()
}

/// The first rows of a page of everybody's orders, and one more where there is one; `None` where the index finds them sooner,
/// as the first that are looked at tell, unless these are `wanted` in any case.
pub(super) async fn all(conn: &mut Conn, search: &Search<'_>, wanted: bool) -> Result<Option<Vec<ListRow>>, Error> {
    let Sizes { all, .. } = search.sizes(conn).await?;
    let before = search.before().unwrap_or(i64::MAX).min(all.saturating_add(1));
    let from = (before - FIRST).max(0);
    let most = search.limit + 1;
    let mut rows = read(conn, search, Between { from, before }, most).await?;
    let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if found >= most || from == 0 {
        return Ok(Some(rows));
    }
    let share = Share::of(found, FIRST);
    let rest = Rest {
        missing: Some(most - found),
        among: from,
        share,
        all,
        led: share,
    };
    let costs = costs(conn, search, &rest).await?;
    let Some(on) = goes_on(&rest, costs, from, wanted) else {
        return Ok(None);
    };
    let behind = Between { from: on, before: from };
    rows.extend(read(conn, search, behind, most - found).await?);
    Ok(enough(rows, on, most))
}

/// What it takes to go on through the orders, and what the index takes. Where the page is full soon, the index is not asked
/// what it knows of words that it may or may not hold: of the most frequent ones that alone takes longer.
async fn costs(conn: &mut Conn, search: &Search<'_>, rest: &Rest) -> Result<Costs, Error> {
    let costs = Costs::of(conn.is_sqlite(), search.of.is_some());
    let words = if !conn.is_sqlite() {
        return Ok(costs);
    } else if rest.is_full_soon(costs) {
        &search.wanted
    } else {
        search.known(conn).await?
    };
    Ok(if words.iter().all(Wanted::is_held) {
        costs.of_held_words()
    } else {
        costs
    })
}

/// From which order on it is looked; `None` where the index finds the page sooner and the orders are not `wanted` in any case.
fn goes_on(rest: &Rest, costs: Costs, before: i64, wanted: bool) -> Option<i64> {
    match (wanted, rest.is_read_sooner(costs)) {
        (true, _) => Some(0),
        (false, true) => Some((before - rest.reach(costs)).max(0)),
        (false, false) => None,
    }
}

/// The rows, where they fill the page or there are no more.
fn enough(rows: Vec<ListRow>, from: i64, most: i64) -> Option<Vec<ListRow>> {
    let is_full = i64::try_from(rows.len()).is_ok_and(|found| found >= most);
    (is_full || from == 0).then_some(rows)
}

/// The same where it is counted already how many of the newest have each word, whoever's orders are wanted.
pub(super) async fn counted(
    conn: &mut Conn,
    search: &Search<'_>,
    counted: &Counted,
    wanted: bool,
) -> Result<Option<Vec<ListRow>>, Error> {
    let Sizes { all, among } = search.sizes(conn).await?;
    let most = search.limit + 1;
    let led = counted.led(conn, search).await?;
    let rest = Rest {
        // How many of them are let through by a filter is not known.
        missing: search.is_of_words_alone().then_some(most),
        among,
        share: counted.all_words(),
        all,
        led,
    };
    let before = search.before().unwrap_or(i64::MAX).min(all.saturating_add(1));
    let costs = costs(conn, search, &rest).await?;
    let Some(from) = goes_on(&rest, costs, before, wanted) else {
        return Ok(None);
    };
    let rows = match search.of {
        Some(_) => {
            search
                .by_index(conn, &Words::tested(search.wanted.clone()), Reach::From(from))
                .await?
        }
        None => read(conn, search, Between { from, before }, most).await?,
    };
    Ok(enough(rows, from, most))
}

async fn read(conn: &mut Conn, search: &Search<'_>, between: Between, most: i64) -> Result<Vec<ListRow>, Error> {
    let Between { from, before } = between;
    let (viewer, filter) = (search.viewer, search.filter);
    if conn.is_sqlite() {
        let [one, two, three] = in_texts(&search.wanted);
        return filtered!(conn, ListRow, ALL, viewer, filter, before, from, one, two, three, most);
    }
    let query = candidates::search_query(conn, &search.wanted, None);
    let text = if search.is_of_words_alone() {
        POSTGRES_ALL_ALONE
    } else {
        POSTGRES_ALL
    };
    filtered!(conn, ListRow, text, viewer, filter, before, from, query, most)
}
