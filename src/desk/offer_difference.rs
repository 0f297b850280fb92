//! What publishing would change, as screens show it: with the open orders of each package that goes.

use crate::actions::publish_offer::Proposal;
use crate::domain::ids::IntegrationId;
use crate::domain::package::OfferLine;
use crate::store::publications;
use crate::store::{Conn, Error};

/// The difference between the newest word to Kombo and what is proposed.
pub(super) struct Difference {
    pub(super) added: Vec<OfferLine>,
    /// Each as it was and as it is to be.
    pub(super) changed: Vec<(OfferLine, OfferLine)>,
    /// Each with how many of its orders are not over.
    pub(super) removed: Vec<(OfferLine, i64)>,
    pub(super) reordered: bool,
    pub(super) unchanged: usize,
}

impl Difference {
    /// The difference of an integration's proposal.
    pub(super) async fn of(conn: &mut Conn, integration: IntegrationId, proposal: &Proposal) -> Result<Self, Error> {
        let diff = proposal.diff();
        let mut removed = Vec::with_capacity(diff.removed.len());
        for line in diff.removed {
            let orders = publications::open_orders(conn, integration, &line.key).await?;
            removed.push((line.clone(), orders));
        }
        let changed = diff.changed.iter().map(|it| (it.old.clone(), it.new.clone()));
        Ok(Self {
            added: diff.added.into_iter().cloned().collect(),
            changed: changed.collect(),
            removed,
            reordered: diff.reordered,
            unchanged: diff.unchanged.len(),
        })
    }

    /// The same change, whatever orders there are.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let removed = self.removed.iter().map(|(line, _)| line);
        self.reordered == other.reordered
            && self.added == other.added
            && self.changed == other.changed
            && removed.eq(other.removed.iter().map(|(line, _)| line))
    }

    /// Adds the open orders of the same change elsewhere.
    pub(super) fn count_in(&mut self, other: &Self) {
        for ((_, orders), (_, more)) in self.removed.iter_mut().zip(&other.removed) {
            *orders += more;
        }
    }

    /// How many open orders there are of what goes.
    pub(super) fn open_orders(&self) -> i64 {
        self.removed.iter().map(|(_, orders)| orders).sum()
    }

    /// Nothing would change.
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty() && !self.reordered
    }

    /// In a few words: ‘2 new, 1 changed, 1 goes’.
    pub(super) fn in_short(&self) -> String {
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {many}")),
        };
        let parts = [
            counted(self.added.len(), "new", "new"),
            counted(self.changed.len(), "changed", "changed"),
            counted(self.removed.len(), "goes", "go"),
            self.reordered.then(|| "another order".to_owned()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
