//! How many orders have the searched words, as far as the newest tell, and which way to them is the faster one.

/// A millionth of all orders is the unit in which shares are told.
const WHOLE: i64 = 1_000_000;

/// How many times as many orders are looked at as should be enough.
const BEYOND: i64 = 4;

/// How many orders have some words: millionths of all orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Share(i64);

impl Share {
    /// Nothing.
    pub(super) const NONE: Self = Self(0);

    /// Everything.
    pub(super) const ALL: Self = Self(WHOLE);

    /// So many of those that were looked at.
    pub(super) fn of(found: i64, looked: i64) -> Self {
        Self(found.saturating_mul(WHOLE) / looked.max(1))
    }

    /// The share of what has these words and other ones, where these have nothing to do with each other.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 * other.0 / WHOLE)
    }
}

/// What it takes, in nanoseconds, to look at one order, and to follow one entry of the index. Measured with *Lists and
/// searches* of docs/benchmarks.md; only how they stand to each other counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    order: i64,
    entry: i64,
    /// The same where the index holds the words as they are asked for.
    held: i64,
    /// Whether looking ends with the last row of the page.
    stops: bool,
}

impl Costs {
    /// SQLite, orders that stand beside each other.
    const SQLITE: Self = Self::new(1_000, [30, 10], true);
    /// SQLite, orders of some customers: each stands in a page of its own.
    const SQLITE_OF: Self = Self::new(9_000, [30, 10], true);
    /// PostgreSQL, orders that stand beside each other: the index leads to as many that do not.
    const POSTGRES: Self = Self::new(170, [1_300; 2], true);
    /// PostgreSQL, orders of some customers: it reads them all and sorts them; the index knows them by their customers.
    const POSTGRES_OF: Self = Self::new(2_000, [350; 2], false);

    const fn new(order: i64, [entry, held]: [i64; 2], stops: bool) -> Self {
        Self {
            order,
            entry,
            held,
            stops,
        }
    }

    /// On SQLite or PostgreSQL, for everybody's orders or for those of some customers.
    pub(super) const fn of(is_sqlite: bool, is_of_some: bool) -> Self {
        match (is_sqlite, is_of_some) {
            (true, false) => Self::SQLITE,
            (true, true) => Self::SQLITE_OF,
            (false, false) => Self::POSTGRES,
            (false, true) => Self::POSTGRES_OF,
        }
    }

    /// The same for words that SQLite's index holds as they are asked for: whole ones, and beginnings of two or three letters
    /// (migration 0003). What else begins like a word it has to gather first.
    pub(super) const fn of_held_words(self) -> Self {
        Self {
            entry: self.held,
            ..self
        }
    }
}

/// What is to be known to choose a way to the rest of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest {
    /// How many rows are missing; `None`: nobody knows how many orders it takes to find them.
    pub(super) missing: Option<i64>,
    /// In how many orders they may be.
    pub(super) among: i64,
    /// The share of the orders with all of the words.
    pub(super) share: Share,
    /// How many orders there are at all.
    pub(super) all: i64,
    /// The share of the orders with the words by which the index leads.
    pub(super) led: Share,
}

impl Rest {
    /// Whether the page is full sooner by looking at order after order than by the index, which follows its words to every
    /// order that has them before it knows the newest. What none of the newest has is left to the index.
    pub(super) fn is_read_sooner(&self, costs: Costs) -> bool {
        if self.share == Share::NONE {
            return false;
        }
        let orders = self.among.min(self.until_full(costs).unwrap_or(i64::MAX));
        let entries = self.all.saturating_mul(self.led.0) / WHOLE;
        orders.saturating_mul(costs.order) < entries.saturating_mul(costs.entry)
    }

    /// How many of all orders are to be gone through at the most: [`BEYOND`] times as many as should be enough. The newest
    /// may all be of one candidate, whom no other order names.
    pub(super) fn reach(&self, costs: Costs) -> i64 {
        let until_full = self.until_full(costs).map(|orders| orders.saturating_mul(BEYOND));
        // Those that are wanted lie among the others.
        until_full.map_or(self.all, |orders| orders.saturating_mul(self.all) / self.among.max(1))
    }

    /// How many orders should fill the page; `None`: all are to be looked at.
    fn until_full(&self, costs: Costs) -> Option<i64> {
        let missing = self.missing.filter(|_| costs.stops)?;
        Some(missing.saturating_mul(WHOLE) / self.share.0.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(found: i64, all: i64, among: i64) -> Rest {
        let share = Share::of(found, 256);
        Rest {
            missing: Some(50),
            among,
            share,
            all,
            led: share,
        }
    }

    #[test]
    fn what_many_orders_have_is_read_in_a_large_house_and_what_few_have_is_not() {
        for costs in [Costs::SQLITE, Costs::POSTGRES, Costs::SQLITE_OF] {
            assert!(rest(64, 1_000_000, 1_000_000).is_read_sooner(costs), "{costs:?}");
            assert!(rest(256, 1_000_000, 1_000_000).is_read_sooner(costs.of_held_words()));
            assert!(!rest(0, 1_000_000, 1_000_000).is_read_sooner(costs), "{costs:?}");
        }
        for costs in [Costs::SQLITE, Costs::SQLITE_OF] {
            assert!(!rest(1, 1_000_000, 1_000_000).is_read_sooner(costs), "{costs:?}");
            assert!(!rest(64, 1_000, 1_000).is_read_sooner(costs), "{costs:?}");
        }
    }

    #[test]
    fn of_few_orders_all_are_read_where_the_index_leads_to_many_others() {
        for costs in [Costs::SQLITE_OF, Costs::POSTGRES_OF] {
            assert!(rest(64, 1_000_000, 1_000).is_read_sooner(costs), "{costs:?}");
            assert!(!rest(64, 1_000, 1_000).is_read_sooner(costs), "{costs:?}");
        }
        let many = rest(64, 1_000_000, 500_000);
        assert!(!many.is_read_sooner(Costs::POSTGRES_OF), "it would read half a million");
        assert!(many.is_read_sooner(Costs::SQLITE_OF), "it stops where the page is full");
        let filtered = Rest { missing: None, ..many };
        assert!(
            !filtered.is_read_sooner(Costs::SQLITE_OF),
            "nobody knows where it stops"
        );
    }

    #[test]
    fn it_is_not_looked_on_for_ever_for_what_the_newest_have_alone() {
        let costs = Costs::of(false, false);
        assert_eq!(rest(128, 1_000_000, 1_000_000).reach(costs), 4 * 100);
        assert_eq!(
            rest(128, 1_000_000, 10_000).reach(costs),
            4 * 100 * 100,
            "a hundredth of them is wanted"
        );
        let filtered = Rest {
            missing: None,
            ..rest(128, 1_000_000, 10_000)
        };
        assert_eq!(filtered.reach(costs), 1_000_000);
        assert_eq!(rest(128, 1_000_000, 10_000).reach(Costs::of(false, true)), 1_000_000);
    }

    #[test]
    fn what_has_two_words_is_the_rarer_the_rarer_each_of_them_is() {
        let half = Share::of(128, 256);
        assert_eq!(half.and(Share::of(64, 256)), Share::of(32, 256));
        assert_eq!(Share::ALL.and(half), half);
        assert_eq!(half.and(Share::of(0, 256)), Share::of(0, 256));
    }
}
