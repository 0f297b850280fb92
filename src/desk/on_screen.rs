//! Rows that stand on somebody's screen. An open list fetches exactly them again, so that nothing moves under the hand;
//! what is new beside them is only counted, and shown when the person asks for it.

use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// More rows than any list shows.
const MOST: usize = 100;

/// The rows that a page shows, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OnScreen(Vec<Uuid>);

impl OnScreen {
    /// As an address names them; `None` where none are named: then the list is shown as it is.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let ids: Vec<_> = text.split('.').filter_map(|id| id.parse().ok()).take(MOST).collect();
        (!ids.is_empty()).then_some(Self(ids))
    }

    /// For an address; in the form in which the rows themselves name their ids, so that it costs little on a packed page.
    pub(super) fn write(ids: impl IntoIterator<Item = Uuid>) -> String {
        let ids = ids.into_iter().map(|id| id.to_string());
        ids.collect::<Vec<_>>().join(".")
    }

    /// Their ids.
    pub(super) fn ids(&self) -> &[Uuid] {
        &self.0
    }

    /// `rows` in the order of the screen; what is not there any more is left out.
    pub(super) fn in_order<T>(&self, rows: impl IntoIterator<Item = T>, id: impl Fn(&T) -> Uuid) -> Vec<T> {
        let mut by_id: HashMap<_, _> = rows.into_iter().map(|row| (id(&row), row)).collect();
        self.0.iter().filter_map(|id| by_id.remove(id)).collect()
    }

    /// How many rows of the list as it is now (`fresh`, at most `page`) are new to the screen. Behind the last row that
    /// both have, older ones move up for those that left; they are news only where the screen had room for them.
    pub(super) fn count_new(&self, fresh: &[Uuid], page: usize) -> usize {
        let shown: HashSet<_> = self.0.iter().collect();
        let had_room = self.0.len() < page;
        let last = fresh.iter().rposition(|id| shown.contains(id));
        let end = match last {
            Some(last) if !had_room => last,
            _ => fresh.len(),
        };
        fresh[..end].iter().filter(|id| !shown.contains(id)).count()
    }
}

/// The address of a list with exactly these rows.
pub(super) fn with_rows(url: &str, rows: &str) -> String {
    let and = if url.contains('?') { '&' } else { '?' };
    format!("{url}{and}rows={rows}")
}

/// What is new beside the rows on the screen, and the address that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct News {
    /// `3 new`
    pub(super) text: String,
    /// The list as it is now.
    pub(super) url: String,
}

impl News {
    /// `None` where nothing is new.
    pub(super) fn of(count: usize, url: &str) -> Option<Self> {
        (count > 0).then(|| Self {
            text: format!("{count} new"),
            url: url.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u128]) -> Vec<Uuid> {
        numbers.iter().map(|number| Uuid::from_u128(*number)).collect()
    }

    fn count(shown: &[u128], fresh: &[u128], page: usize) -> usize {
        OnScreen(ids(shown)).count_new(&ids(fresh), page)
    }

    #[test]
    fn an_address_names_them() {
        let text = OnScreen::write(ids(&[1, 2]));
        assert_eq!(OnScreen::parse(&text), Some(OnScreen(ids(&[1, 2]))));
        assert_eq!(OnScreen::parse(""), None);
        assert_eq!(OnScreen::parse("x.y"), None);
    }

    #[test]
    fn rows_keep_their_place_whatever_became_of_them() {
        let shown = OnScreen(ids(&[3, 2, 1]));
        assert_eq!(shown.in_order(ids(&[1, 3]), |id| *id), ids(&[3, 1]));
    }

    #[test]
    fn only_what_would_stand_among_them_is_new() {
        assert_eq!(count(&[3, 2], &[5, 4, 3], 3), 2, "newer ones push old ones out");
        assert_eq!(
            count(&[3, 2, 1], &[3, 1, 0], 3),
            0,
            "an older one moves up for one that left"
        );
        assert_eq!(count(&[3, 2, 1], &[4, 3, 1], 3), 1);
        assert_eq!(count(&[3, 2], &[3, 2, 1], 3), 1, "one came back, and there is room");
        assert_eq!(count(&[3, 2, 1], &[9, 8, 7], 3), 3, "everything is new");
        assert_eq!(count(&[3], &[], 3), 0);
    }
}
