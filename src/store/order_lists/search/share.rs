//! How many orders have the searched words, as far as the newest tell, and which way to them is the faster one.

/// A millionth of all orders is the unit in which shares are told.
const WHOLE: i64 = 1_000_000;

/// How many times as many orders are looked at as should be enough.
const BEYOND: i64 = 4;

/// A page that so many orders should fill is full soon.
const SOON: i64 = 100;

/// What it takes SQLite, in nanoseconds, to look for a word in the text of an order that its index found, and to follow an
/// entry of the index: of words that it has to gather, and of words that it holds as they are asked for.
const TEXT: i64 = 5_000;
const GATHERED: i64 = 30;
const HELD: i64 = 10;

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

    /// How many of so many orders that is.
    fn of_all(self, orders: i64) -> i64 {
        orders.saturating_mul(self.0) / WHOLE
    }

    /// From which order on, of `all` that there are, those with these words should fill a page by far; `None` where that is
    /// most of them, or none of the newest has the words.
    pub(super) fn fills_a_page_from(self, page: i64, all: i64) -> Option<i64> {
        let until_full = page.saturating_mul(WHOLE) / Some(self.0).filter(|share| *share > 0)?;
        let from = all - until_full.saturating_mul(BEYOND);
        (from > all / 2).then_some(from)
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
    /// Whether looking ends with the last row of the page.
    stops: bool,
    /// Whether following the index ends with it, too: the newest come first.
    newest_first: bool,
}

impl Costs {
    /// SQLite, orders that stand beside each other.
    const SQLITE: Self = Self::new(1_000, GATHERED, true);
    /// SQLite, orders of some customers: each stands in a page of its own.
    const SQLITE_OF: Self = Self::new(TEXT, GATHERED, true);
    /// PostgreSQL, orders that stand beside each other: the index leads to as many that do not.
    const POSTGRES: Self = Self::new(170, 1_300, true);
    /// PostgreSQL, orders of some customers: it reads them all and sorts them; the index knows them by their customers.
    const POSTGRES_OF: Self = Self::new(2_000, 350, false);

    const fn new(order: i64, entry: i64, stops: bool) -> Self {
        Self {
            order,
            entry,
            stops,
            newest_first: false,
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

    /// The same for words that SQLite's index holds as they are asked for. All that begins like another word it has to gather
    /// before it knows the newest.
    pub(super) const fn of_held_words(self) -> Self {
        Self {
            entry: HELD,
            newest_first: true,
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
    /// Whether the page is full sooner by looking at order after order than by the index. What none of the newest has is left
    /// to the index.
    pub(super) fn is_read_sooner(&self, costs: Costs) -> bool {
        if self.share == Share::NONE {
            return false;
        }
        let until_full = self.until_full(costs).unwrap_or(i64::MAX);
        let mut entries = self.led.of_all(self.all);
        if costs.newest_first {
            // As far into the house as the page goes.
            entries = entries.min(self.led.of_all(until_full.saturating_mul(self.all) / self.among.max(1)));
        }
        self.among.min(until_full).saturating_mul(costs.order) < entries.saturating_mul(costs.entry)
    }

    /// Whether a few orders should fill the page.
    pub(super) fn is_full_soon(&self, costs: Costs) -> bool {
        self.until_full(costs).is_some_and(|orders| orders <= SOON)
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

/// How many orders SQLite's index leads to by the words that lead it so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Led {
    /// How many orders there are at all.
    pub(super) all: i64,
    /// How many of them the words lead to, of those whose orders are wanted.
    pub(super) to: i64,
    /// How many fill the page.
    pub(super) page: i64,
}

impl Led {
    /// Whether it takes less to follow the index by one more word than to look for that word in the texts of the orders that
    /// are found without it.
    pub(super) fn takes(self, word: Share, is_held: bool) -> bool {
        let entries = word.of_all(self.all);
        let followed = if is_held {
            let until_full = self.page.saturating_mul(self.all) / self.to.max(1);
            entries.min(until_full).saturating_mul(HELD)
        } else {
            entries.saturating_mul(GATHERED)
        };
        let looked_at = self.to.min(self.page.saturating_mul(WHOLE) / word.0.max(1));
        followed < looked_at.saturating_mul(TEXT)
    }

    /// With one more word that leads.
    pub(super) fn by(self, word: Share) -> Self {
        let to = word.of_all(self.to);
        Self { to, ..self }
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
    fn a_page_of_what_is_rare_is_not_looked_for_among_the_newest() {
        let fills = |found| Share::of(found, 1_000).fills_a_page_from(51, 1_000_000);
        assert_eq!(fills(1), Some(796_000));
        assert_eq!(fills(0), None);
        assert_eq!(Share::of(1, 10_000).fills_a_page_from(51, 1_000_000), None);
    }

    #[test]
    fn what_has_two_words_is_the_rarer_the_rarer_each_of_them_is() {
        let half = Share::of(128, 256);
        assert_eq!(half.and(Share::of(64, 256)), Share::of(32, 256));
        assert_eq!(Share::ALL.and(half), half);
        assert_eq!(half.and(Share::of(0, 256)), Share::of(0, 256));
    }

    #[test]
    fn a_word_that_the_index_holds_leads_to_the_newest_at_once() {
        let everybody = rest(64, 1_000_000, 1_000_000);
        assert!(
            everybody.is_read_sooner(Costs::SQLITE),
            "all that begins like it were gathered"
        );
        assert!(!everybody.is_read_sooner(Costs::SQLITE.of_held_words()));
        let few = rest(64, 1_000_000, 1_000);
        assert!(!few.is_read_sooner(Costs::SQLITE_OF.of_held_words()));
        assert!(few.is_read_sooner(Costs::SQLITE_OF));
    }

    #[test]
    fn a_word_leads_where_that_takes_less_than_to_look_for_it_in_what_the_others_lead_to() {
        let led = |to| Led {
            all: 1_000_000,
            to,
            page: 51,
        };
        let third = Share::of(1, 3);
        assert!(led(7_000).takes(third, true), "the newest of both are near");
        assert!(!led(7_000).takes(third, false), "a third of all were gathered");
        assert!(!led(7).takes(third, true), "seven texts are read sooner");
        assert!(led(1_000).takes(Share::of(1, 10_000), false));
        assert_eq!(led(900_000).by(third).to, 299_999);
    }
}
