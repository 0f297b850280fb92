//! A search that first looks through the newest orders themselves. What many orders have stands there, too, and is found
//! without following a word to everything that begins like it; what few have, the index finds faster.

use super::{Filter, ListRow, MERGED, Place, TESTED, assignee, counts, in_texts, stage_list};
use crate::domain::ids::CustomerId;
use crate::domain::viewer::Viewer;
use crate::store::candidates::{self, Wanted};
use crate::store::{Conn, Error};

/// How many orders are looked through.
const LOOKED_AT: i64 = 256;

/// From how many finds on PostgreSQL goes on looking: its index would lead it to very many.
const FREQUENT: usize = 3;

/// The text on SQLite, of everybody's orders; the words stand between spaces.
pub(in crate::store) const ALL: &str = concat!(
    rows!("order_search f CROSS JOIN orders o ON o.seq = f.rowid"),
    " AND f.rowid < $12 AND f.rowid >= $13
      AND instr(' ' || f.words || ' ', $14) > 0 AND instr(' ' || f.words || ' ', $15) > 0
      AND instr(' ' || f.words || ' ', $16) > 0
      ORDER BY f.rowid DESC LIMIT $17"
);

/// The same of some customers' orders.
pub(in crate::store) const OF: &str = concat!(
    rows!("order_search f CROSS JOIN orders o ON o.seq = f.rowid"),
    " AND f.rowid < $12 AND f.rowid >= $13
      AND instr(' ' || f.words || ' ', $14) > 0 AND instr(' ' || f.words || ' ', $15) > 0
      AND instr(' ' || f.words || ' ', $16) > 0
      AND f.words MATCH $18 ORDER BY f.rowid DESC LIMIT $17"
);

/// The text on PostgreSQL, of everybody's orders; what `@@` calls, called by its name, keeps it from the index of words.
const POSTGRES_ALL: &str = concat!(
    rows!("order_search f JOIN orders o ON o.seq = f.order_seq"),
    " AND f.order_seq < $12 AND f.order_seq >= $13 AND ts_match_vq(f.words, to_tsquery('simple', $14))
      ORDER BY f.order_seq DESC LIMIT $15"
);

/// The same of some customers' orders.
const POSTGRES_OF: &str = concat!(
    rows!("order_search f JOIN orders o ON o.seq = f.order_seq"),
    " AND f.order_seq < $12 AND f.order_seq >= $13 AND ts_match_vq(f.words, to_tsquery('simple', $14))
      AND f.words @@ to_tsquery('simple', $16) ORDER BY f.order_seq + 0 DESC LIMIT $15"
);

/// Which orders are looked through, by their `seq`: these and those between.
struct Between {
    from: i64,
    before: i64,
}

/// The first rows of a page of the search, and one more, as the newest orders tell; `None` where only the index can tell.
pub(super) async fn rows(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    wanted: &[Wanted],
    of: Option<&[CustomerId]>,
    place: Place,
    limit: i64,
) -> Result<Option<Vec<ListRow>>, Error> {
    let before = match place {
        Place::Start => i64::MAX,
        Place::After(key) => key.seq,
        Place::Before(_) => return Ok(None),
    };
    if wanted.len() > TESTED {
        return Ok(None);
    }
    let newest = scalar!(conn, i64, "SELECT seq FROM orders ORDER BY seq DESC LIMIT 1")?.unwrap_or(0);
    let before = before.min(newest.saturating_add(1));
    let theirs = match of {
        Some(of) => orders_of(conn, viewer, of).await?.unwrap_or(newest),
        None => newest,
    };
    // Orders of customers that order little lie far apart.
    let from = (before - LOOKED_AT.saturating_mul(newest) / theirs.max(1)).max(0);
    let found = read(conn, viewer, filter, wanted, of, Between { from, before }, limit).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|found| found > limit);
    if is_full || from == 0 {
        return Ok(Some(found));
    }
    if of.is_none() && !conn.is_sqlite() && found.len() >= FREQUENT {
        let all = Between { from: 0, before };
        return read(conn, viewer, filter, wanted, of, all, limit).await.map(Some);
    }
    Ok(None)
}

/// How many orders these customers have, from kept counters; `None` where they are too many to ask for each.
async fn orders_of(conn: &mut Conn, viewer: &Viewer, of: &[CustomerId]) -> Result<Option<i64>, Error> {
    if of.len() > MERGED {
        return Ok(None);
    }
    let mut all = 0;
    for customer in of {
        let counted = counts(conn, viewer, Some(*customer)).await?;
        all += counted.iter().map(|(_, orders)| orders).sum::<i64>();
    }
    Ok(Some(all))
}

async fn read(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    wanted: &[Wanted],
    of: Option<&[CustomerId]>,
    between: Between,
    limit: i64,
) -> Result<Vec<ListRow>, Error> {
    let Between { from, before } = between;
    let theirs = of.map(|of| candidates::customers_query(conn, of));
    if !conn.is_sqlite() {
        let query = candidates::search_query(conn, wanted, None).unwrap_or_default();
        return match theirs {
            Some(theirs) => {
                filtered!(
                    conn,
                    POSTGRES_OF,
                    viewer,
                    filter,
                    before,
                    from,
                    query,
                    limit + 1,
                    theirs
                )
            }
            None => filtered!(conn, POSTGRES_ALL, viewer, filter, before, from, query, limit + 1),
        };
    }
    let [one, two, three] = in_texts(wanted);
    match theirs {
        Some(theirs) => {
            filtered!(
                conn,
                OF,
                viewer,
                filter,
                before,
                from,
                one,
                two,
                three,
                limit + 1,
                theirs
            )
        }
        None => filtered!(conn, ALL, viewer, filter, before, from, one, two, three, limit + 1),
    }
}
