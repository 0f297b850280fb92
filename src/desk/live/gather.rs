//! Many hints become one event: what came within a moment is told once, each thing once.

use super::sight::word;
use crate::live::Kind;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// More ids of a kind than this are not listed: then anything of that kind may have changed. That much changes only when
/// much arrives at once, and then long lists for hundreds of streams would cost more than what they spare.
const MOST: usize = 40;

/// Hints that wait to be told.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The ids of each kind; `None`: too many to list.
    by_kind: BTreeMap<&'static str, Option<BTreeSet<Uuid>>>,
    again: bool,
}

impl Gathered {
    pub(super) fn add(&mut self, kind: Kind, id: Uuid) {
        let listed = self.by_kind.entry(word(kind)).or_insert_with(|| Some(BTreeSet::new()));
        if let Some(ids) = listed {
            ids.insert(id);
            if ids.len() > MOST {
                *listed = None;
            }
        }
    }

    /// Hints were missed.
    pub(super) fn miss(&mut self) {
        self.again = true;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_kind.is_empty() && !self.again
    }

    /// The event that tells all of it.
    pub(super) fn event(self) -> String {
        if self.again {
            return "event: again\ndata: {}\n\n".to_owned();
        }
        let data = serde_json::json!(self.by_kind);
        format!("event: live\ndata: {data}\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_told_once() {
        let mut gathered = Gathered::default();
        assert!(gathered.is_empty());
        let id = Uuid::from_u128(7);
        for kind in [Kind::Order, Kind::Delivery, Kind::Order] {
            gathered.add(kind, id);
        }
        assert_eq!(
            gathered.event(),
            format!("event: live\ndata: {{\"delivery\":[\"{id}\"],\"order\":[\"{id}\"]}}\n\n")
        );
    }

    #[test]
    fn too_much_of_a_kind_is_anything_of_that_kind() {
        let mut gathered = Gathered::default();
        let held = Uuid::from_u128(7);
        gathered.add(Kind::Held, held);
        for id in 0..=MOST as u128 {
            gathered.add(Kind::Inbox, Uuid::from_u128(id));
        }
        gathered.add(Kind::Inbox, held);
        assert_eq!(
            gathered.event(),
            format!("event: live\ndata: {{\"held\":[\"{held}\"],\"inbox\":null}}\n\n")
        );
    }
}
