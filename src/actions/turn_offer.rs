//! The time of a package begins or ends in an offer: what is published follows by itself, where nobody has to look.

use super::Error;
use super::publish_offer::{self, Note, Proposal, mark, write_down};
use super::work::Work;
use crate::domain::arranging;
use crate::domain::ids::IntegrationId;
use crate::domain::offer_window::WindowPhase;
use crate::domain::package::OfferLine;
use crate::domain::time::Timestamp;
use crate::store::offers::{self, DraftLine};
use crate::store::publications::{self, PublicationRow};
use crate::store::{self, Conn, customers, integrations, schedules};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How long a package whose time is over waits for its open orders before it is looked at again.
const WAIT: Duration = Duration::from_hours(1);

/// What the passing of time changes in what is published.
struct Turn {
    /// Packages that come.
    begun: Vec<OfferLine>,
    /// Those that go.
    ended: Vec<String>,
    /// Those whose time is over, but orders for them are open.
    kept: usize,
}

/// Publishes what began or ended at `since` or later, on the newest publication, and leaves the rest of the draft alone. What
/// would take away packages with open orders, or everything, waits for a person. `None`: nothing was published.
///
/// # Errors
/// What the store tells.
pub async fn turn(work: &mut Work, id: IntegrationId, since: Timestamp) -> Result<Option<PublicationRow>, Error> {
    let viewer = work.viewer;
    let integration = integrations::find(&mut work.conn, &viewer, id).await?;
    let integration = integration.ok_or(Error::NotFound)?;
    let draft = offers::draft(&mut work.conn, id).await?;
    let proposal = publish_offer::propose_of(&mut work.conn, id, &draft, work.now).await?;
    let turn = Turn::of(&mut work.conn, id, &draft, &proposal, (since, work.now)).await?;
    let wait = (turn.kept > 0).then(|| work.now.plus(WAIT));
    let next = draft.iter().filter_map(|line| line.window().next_turn(work.now));
    offers::set_turn(&mut work.conn, id, next.chain(wait).min()).await?;
    let mut row = None;
    if is_served(&mut work.conn, &integration).await? && proposal.base.is_some() {
        let turned = Proposal {
            lines: turn.lines(&draft, &proposal.base_lines),
            ..proposal
        };
        if !turned.diff().is_empty() && !turned.lines.is_empty() {
            row = Some(publish(work, &integration, &turned, &turn).await?);
        }
    }
    mark(work, id).await?;
    Ok(row)
}

async fn is_served(conn: &mut Conn, integration: &integrations::IntegrationRow) -> Result<bool, store::Error> {
    let Some(customer) = integration.customer_id.filter(|_| integration.deleted_at.is_none()) else {
        return Ok(false);
    };
    let customer = customers::find(conn, &crate::domain::viewer::Viewer::system(), customer).await?;
    Ok(customer.is_some_and(|customer| customer.archived_at.is_none()))
}

async fn publish(
    work: &mut Work,
    integration: &integrations::IntegrationRow,
    turned: &Proposal,
    turn: &Turn,
) -> Result<PublicationRow, store::Error> {
    let note = Note {
        reason: turn.reason().to_owned(),
        by: None,
        restores: None,
        detail: None,
    };
    let row = write_down(work, integration, turned, note).await?;
    let was = turned.base.as_ref().map(|base| base.id);
    schedules::rebase(&mut work.conn, integration.id, was, row.id).await?;
    Ok(row)
}

impl Turn {
    async fn of(
        conn: &mut Conn,
        id: IntegrationId,
        draft: &[DraftLine],
        proposal: &Proposal,
        (since, now): (Timestamp, Timestamp),
    ) -> Result<Self, store::Error> {
        let published: HashSet<_> = proposal.base_lines.iter().map(|line| line.key.as_str()).collect();
        let over = draft
            .iter()
            .filter(|line| line.window().phase(now) == WindowPhase::Over);
        let over = over.filter(|line| published.contains(line.key.as_str()));
        let named = over.map(|line| (id, line.key.as_str())).collect::<Vec<_>>();
        let orders = publications::open_orders(conn, &named).await?;
        let (kept, ended): (Vec<_>, Vec<_>) = named
            .into_iter()
            .partition(|(id, key)| orders.contains_key(&(*id, (*key).to_owned())));
        let begun = draft.iter().filter(|line| {
            line.is_offered(now)
                && line.valid_from.is_some_and(|from| since <= from && from <= now)
                && !published.contains(line.key.as_str())
        });
        Ok(Self {
            begun: begun.map(DraftLine::offered).collect(),
            ended: ended.into_iter().map(|(_, key)| key.to_owned()).collect(),
            kept: kept.len(),
        })
    }

    /// What is published, with what came in the draft's place of it, and without what is over.
    fn lines(&self, draft: &[DraftLine], published: &[OfferLine]) -> Vec<OfferLine> {
        let stay = published.iter().filter(|line| !self.ended.contains(&line.key));
        let mut lines: HashMap<_, _> = stay
            .clone()
            .chain(&self.begun)
            .map(|line| (line.key.as_str(), line))
            .collect();
        let is = stay.map(|line| line.key.as_str()).collect::<Vec<_>>();
        let wanted = draft.iter().map(|line| line.key.as_str()).collect::<Vec<_>>();
        let begun = self.begun.iter().map(|line| line.key.as_str()).collect::<Vec<_>>();
        let order = arranging::put_back(&is, &wanted, &begun);
        let in_order = order.iter().filter_map(|key| lines.remove(key));
        in_order.cloned().collect()
    }

    fn reason(&self) -> &'static str {
        match (self.begun.is_empty(), self.ended.is_empty()) {
            (false, false) => "The time of packages began and ended, as set in the offer.",
            (false, true) => "The time of packages began, as set in the offer.",
            _ => "The time of packages ended, as set in the offer.",
        }
    }
}
