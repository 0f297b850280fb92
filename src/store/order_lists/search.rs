//! The search among orders: the newest with the searched words first, paged by the order in which orders came.
//!
//! Two ways lead to the same rows. What many orders have is found fastest in the orders themselves, from the newest on; what
//! few have, the index of words finds. The newest orders tell which it is ([`share`]).

/// What asks on SQLite for words in the texts of orders: each of these parameters is one, or empty.
macro_rules! has_words {
    ($($word:literal),+) => {
        concat!($(" AND (", $word, " = '' OR instr(' ' || f.words || ' ', ", $word, ") > 0)"),+)
    };
}

mod share;
mod through;
mod words;

use self::words::{Counted, Words};
use super::{Filter, ListRow, Page, Place, assignee, counts, cut, stage_list};
use crate::domain::ids::CustomerId;
use crate::domain::viewer::Viewer;
use crate::store::candidates::{self, Ages, Wanted};
use crate::store::{Conn, Error, staff};
use tokio::sync::OnceCell;

/// How the rows of a search are found. What is found hangs on none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As the newest orders tell.
    Fastest,
    /// In the orders themselves, where there is a way through them.
    Orders,
    /// By the index.
    Index,
}

/// A search as it was asked.
struct Search<'a> {
    viewer: &'a Viewer,
    filter: &'a Filter,
    wanted: Vec<Wanted>,
    /// Whose orders alone are wanted.
    of: Option<Vec<CustomerId>>,
    place: Place,
    limit: i64,
    /// What SQLite's index knows of the words, once it is asked.
    known: OnceCell<Vec<Wanted>>,
    sizes: OnceCell<Sizes>,
}

/// How far the index is followed.
#[derive(Clone, Copy, Debug)]
enum Reach {
    /// To all orders.
    All,
    /// To those from a `seq` on.
    From(i64),
    /// PostgreSQL: to those of some ages.
    Ages(Ages),
}

/// How many orders there are, about.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// At all.
    all: i64,
    /// Of those whose orders are wanted.
    among: i64,
}

/// A page of at most `limit` orders that have the words of the filter.
pub async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    place: Place,
    limit: i64,
    way: Way,
) -> Result<Page, Error> {
    let of = match (filter.customer, viewer.staff_id()) {
        (Some(customer), _) => Some(vec![customer]),
        (None, Some(id)) if !viewer.sees_all() => Some(staff::customers_of(conn, id).await?),
        _ => None,
    };
    let search = Search {
        viewer,
        filter,
        wanted: candidates::wanted(&filter.search),
        of,
        place,
        limit,
        known: OnceCell::new(),
        sizes: OnceCell::new(),
    };
    if search.wanted.is_empty() || search.of.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Page::default());
    }
    let rows = search.rows(conn, way).await?;
    Ok(cut(rows, place, limit))
}

/// The two directions of a search on SQLite, between two orders' `seq`: the newest first, and the oldest. The whole page is
/// found before its first row is told: whoever waits for rows that come one by one is woken for each.
const FOUND: [&str; 2] = [
    concat!(
        "WITH found AS MATERIALIZED (",
        rows!("order_search f JOIN orders o ON o.seq = f.rowid"),
        " AND f.words MATCH $12 AND f.rowid > $13 AND f.rowid < $14",
        has_words!("$16", "$17", "$18"),
        " ORDER BY f.rowid DESC LIMIT $15) SELECT * FROM found"
    ),
    concat!(
        "WITH found AS MATERIALIZED (",
        rows!("order_search f JOIN orders o ON o.seq = f.rowid"),
        " AND f.words MATCH $12 AND f.rowid > $13 AND f.rowid < $14",
        has_words!("$16", "$17", "$18"),
        " ORDER BY f.rowid LIMIT $15) SELECT * FROM found"
    ),
];

/// The same on PostgreSQL. What it is to sort by is no index's own order: it would go through all orders where few have the
/// words.
const POSTGRES_FOUND: [&str; 2] = [
    concat!(
        rows!("order_search f JOIN orders o ON o.seq = f.order_seq"),
        " AND order_aged(f.words, f.order_seq) @@ to_tsquery('simple', $12) AND f.order_seq > $13 AND f.order_seq < $14
          AND ($16 = '' OR ts_match_vq(f.words, to_tsquery('simple', $16))) ORDER BY f.order_seq + 0 DESC LIMIT $15"
    ),
    concat!(
        rows!("order_search f JOIN orders o ON o.seq = f.order_seq"),
        " AND order_aged(f.words, f.order_seq) @@ to_tsquery('simple', $12) AND f.order_seq > $13 AND f.order_seq < $14
          AND ($16 = '' OR ts_match_vq(f.words, to_tsquery('simple', $16))) ORDER BY f.order_seq + 0 LIMIT $15"
    ),
];

/// The same where nothing but words is asked for: those of a page are found before anything else of an order is read.
const POSTGRES_FOUND_ALONE: [&str; 2] = [
    concat!(
        rows!(
            "(SELECT order_seq FROM order_search
               WHERE order_aged(words, order_seq) @@ to_tsquery('simple', $12) AND order_seq > $13 AND order_seq < $14
                 AND ($16 = '' OR ts_match_vq(words, to_tsquery('simple', $16)))
               ORDER BY order_seq + 0 DESC LIMIT $15) f JOIN orders o ON o.seq = f.order_seq"
        ),
        " ORDER BY f.order_seq DESC"
    ),
    concat!(
        rows!(
            "(SELECT order_seq FROM order_search
               WHERE order_aged(words, order_seq) @@ to_tsquery('simple', $12) AND order_seq > $13 AND order_seq < $14
                 AND ($16 = '' OR ts_match_vq(words, to_tsquery('simple', $16)))
               ORDER BY order_seq + 0 LIMIT $15) f JOIN orders o ON o.seq = f.order_seq"
        ),
        " ORDER BY f.order_seq"
    ),
];

/// The same of one age after the other, the newest first, until the page is full. The age is a condition of its own: so the
/// index goes to where that age begins, where a word of the query would be looked at for each order of the rarest one.
const POSTGRES_FOUND_AMONG_THE_NEWEST: &str = concat!(
    rows!(
        "(SELECT n.order_seq
           FROM generate_series(CAST($17 AS BIGINT), CAST($18 AS BIGINT), CAST(-1 AS BIGINT)) a (age) CROSS JOIN LATERAL (
               SELECT order_seq FROM order_search
               WHERE order_aged(words, order_seq) @@ to_tsquery('simple', $12)
                 AND order_aged(words, order_seq) @@ to_tsquery('simple', 'zqa' || a.age)
                 AND order_seq > $13 AND order_seq < $14
                 AND ($16 = '' OR ts_match_vq(words, to_tsquery('simple', $16)))
               ORDER BY order_seq + 0 DESC LIMIT $15) n LIMIT $15) f JOIN orders o ON o.seq = f.order_seq"
    ),
    " ORDER BY f.order_seq DESC"
);

impl Search<'_> {
    /// The first rows of the page as they are read, and one more where there is one.
    async fn rows(&self, conn: &mut Conn, way: Way) -> Result<Vec<ListRow>, Error> {
        let mut counted = None;
        if way != Way::Index && through::is_there(self) {
            let wanted = way == Way::Orders;
            let is_counted = self.of.is_some() || self.is_counted_first(conn);
            let rows = if is_counted {
                let counted = counted.insert(Counted::of(conn, &self.wanted).await?);
                through::counted(conn, self, counted, wanted).await?
            } else {
                through::all(conn, self, wanted).await?
            };
            if let Some(rows) = rows {
                return Ok(rows);
            }
        }
        let words = Words::of(conn, self, counted).await?;
        if let Some(newest) = self.newest(conn, &words).await? {
            let rows = self.by_index(conn, &words, newest).await?;
            if i64::try_from(rows.len()).is_ok_and(|found| found > self.limit) {
                return Ok(rows);
            }
        }
        self.by_index(conn, &words, Reach::All).await
    }

    /// The newest orders, where the index should fill the page with these, and that is worth a try: PostgreSQL reads whatever
    /// its index leads to, only to learn which of it is the newest.
    async fn newest(&self, conn: &mut Conn, words: &Words) -> Result<Option<Reach>, Error> {
        let is_tried = !conn.is_sqlite() && self.of.is_none() && self.is_of_words_alone();
        let Some(before) = self.before().filter(|_| is_tried) else {
            return Ok(None);
        };
        let before = before.min(self.sizes(conn).await?.all.saturating_add(1));
        let from = words.share.fills_a_page_from(self.limit + 1, before);
        let ages = from.and_then(|from| Ages::of(from, before));
        Ok(ages.map(Reach::Ages))
    }

    /// The words, with what SQLite's index knows of them.
    async fn known(&self, conn: &mut Conn) -> Result<&[Wanted], Error> {
        let known = self
            .known
            .get_or_try_init(|| candidates::known(conn, self.wanted.clone()));
        known.await.map(Vec::as_slice)
    }

    /// How many orders there are.
    async fn sizes(&self, conn: &mut Conn) -> Result<Sizes, Error> {
        let sizes = self.sizes.get_or_try_init(async || {
            let newest = scalar!(conn, i64, "SELECT seq FROM orders ORDER BY seq DESC LIMIT 1")?;
            let all = newest.unwrap_or(0);
            let among = match self.of {
                // From kept counters.
                Some(_) => counts(conn, self.viewer, self.filter.customer)
                    .await?
                    .iter()
                    .map(|(_, orders)| orders)
                    .sum(),
                None => all,
            };
            Ok(Sizes { all, among })
        });
        sizes.await.copied()
    }

    /// The orders that the index of words leads to, as far as it is followed, and one more than a page has.
    async fn by_index(&self, conn: &mut Conn, words: &Words, reach: Reach) -> Result<Vec<ListRow>, Error> {
        let query = candidates::search_query(conn, &words.lead, self.of.as_deref());
        let from = if let Reach::From(from) = reach { from } else { 0 };
        let (viewer, filter, most) = (self.viewer, self.filter, self.limit + 1);
        let (way, low, high) = match self.place {
            Place::Start => (0, from - 1, i64::MAX),
            Place::After(key) => (0, from - 1, key.seq),
            Place::Before(key) => (1, key.seq, i64::MAX),
        };
        if conn.is_sqlite() {
            let [one, two, three] = in_texts(&words.rest);
            let sql = FOUND[way];
            let mut rows: Vec<ListRow> = filtered!(
                conn, ListRow, sql, viewer, filter, query, low, high, most, one, two, three
            )?;
            // What is gathered first has no order that the engine promises to keep.
            rows.sort_unstable_by_key(|row| if way == 0 { -row.seq } else { row.seq });
            return Ok(rows);
        }
        let rest = candidates::search_query(conn, &words.rest, None);
        if let Reach::Ages(Ages { newest, oldest }) = reach {
            let sql = POSTGRES_FOUND_AMONG_THE_NEWEST;
            return filtered!(
                conn, ListRow, sql, viewer, filter, query, low, high, most, rest, newest, oldest
            );
        }
        let texts = if self.is_of_words_alone() {
            POSTGRES_FOUND_ALONE
        } else {
            POSTGRES_FOUND
        };
        filtered!(conn, ListRow, texts[way], viewer, filter, query, low, high, most, rest)
    }

    /// Before which `seq` its orders are; `None` where the page is read backwards.
    const fn before(&self) -> Option<i64> {
        match self.place {
            Place::Start => Some(i64::MAX),
            Place::After(key) => Some(key.seq),
            Place::Before(_) => None,
        }
    }

    /// Whether to count the words of everybody's newest orders before any row is read: few have several words, and PostgreSQL
    /// makes a plan for each question, so that one is better than two. Where more than words is asked for, only the rows tell
    /// how many are let through.
    fn is_counted_first(&self, conn: &Conn) -> bool {
        self.is_of_words_alone() && (self.wanted.len() > 1 || !conn.is_sqlite())
    }

    /// Whether nothing but words, and perhaps a customer, is asked for.
    fn is_of_words_alone(&self) -> bool {
        let alone = Filter {
            search: self.filter.search.clone(),
            customer: self.filter.customer,
            ..Filter::default()
        };
        *self.filter == alone
    }
}

/// The most words that are looked for in the texts of orders themselves.
const TESTED: usize = 3;

/// Up to [`TESTED`] words as SQLite looks for them in texts, and empty ones.
fn in_texts(wanted: &[Wanted]) -> [String; TESTED] {
    std::array::from_fn(|at| wanted.get(at).map_or_else(String::new, Wanted::between_spaces))
}

/// Every text of a search on SQLite, with what it lists; for the test of their plans.
#[cfg(test)]
pub(super) const ALL_TEXTS: [(&str, &str); 3] = [
    ("orders, searched", FOUND[0]),
    ("orders, searched backwards", FOUND[1]),
    ("orders, searched among the newest", through::ALL),
];
