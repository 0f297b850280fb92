//! What publishing would change, as screens show it: with the open orders of each package that goes.

use crate::actions::publish_offer::Proposal;
use crate::domain::ids::IntegrationId;
use crate::domain::package::OfferLine;
use crate::store::publications;
use crate::store::{Conn, Error};
use std::collections::HashMap;

/// Open orders by integration and key.
type OpenOrders = HashMap<(IntegrationId, String), i64>;

/// Counts the open orders of all packages that would go, at once.
pub(super) async fn open_orders<'a>(
    conn: &mut Conn,
    proposals: impl Iterator<Item = (IntegrationId, &'a Proposal)>,
) -> Result<OpenOrders, Error> {
    let gone = proposals.flat_map(|(id, proposal)| {
        let gone = proposal.diff().removed.into_iter();
        gone.map(move |line| (id, line.key.as_str())).collect::<Vec<_>>()
    });
    publications::open_orders(conn, &gone.collect::<Vec<_>>()).await
}

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
        let orders = open_orders(conn, [(integration, proposal)].into_iter()).await?;
        Ok(Self::with(integration, proposal, &orders))
    }

    /// The same where the open orders were counted by [`open_orders`].
    pub(super) fn with(integration: IntegrationId, proposal: &Proposal, orders: &OpenOrders) -> Self {
        let diff = proposal.diff();
        let removed = diff.removed.into_iter().map(|line| {
            let orders = orders.get(&(integration, line.key.clone()));
            (line.clone(), orders.copied().unwrap_or_default())
        });
        let changed = diff.changed.iter().map(|it| (it.old.clone(), it.new.clone()));
        Self {
            added: diff.added.into_iter().cloned().collect(),
            changed: changed.collect(),
            removed: removed.collect(),
            reordered: diff.reordered,
            unchanged: diff.unchanged.len(),
        }
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
