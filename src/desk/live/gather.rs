//! Many hints become one event: what came within a moment is told once, each thing once.

use super::sight::word;
use crate::live::Kind;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// More ids than this are not listed any more: everything is to be fetched again.
const MOST: usize = 200;

/// Hints that wait to be told.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    by_kind: BTreeMap<&'static str, BTreeSet<Uuid>>,
    count: usize,
    again: bool,
}

impl Gathered {
    pub(super) fn add(&mut self, kind: Kind, id: Uuid) {
        if self.by_kind.entry(word(kind)).or_default().insert(id) {
            self.count += 1;
        }
        self.again |= self.count > MOST;
    }

    /// Hints were missed.
    pub(super) fn miss(&mut self) {
        self.again = true;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0 && !self.again
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
    fn too_much_to_list_is_everything() {
        let mut gathered = Gathered::default();
        for id in 0..=MOST as u128 {
            gathered.add(Kind::Inbox, Uuid::from_u128(id));
        }
        assert_eq!(gathered.event(), "event: again\ndata: {}\n\n");
    }
}
