//! An integration is proven from end to end: what is known of it, what Kombo showed, and that all of it is there.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::go_live::{Facts, Line, Step, checklist, is_proven};
use crate::domain::ids::{IntegrationId, OrderId};
use crate::domain::order::{DecidedBy, Decision, KomboStatus};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::live::Kind;
use crate::store::connection_links;
use crate::store::go_lives::{self, GoLiveRow};
use crate::store::integrations::{self, IntegrationRow};
use crate::store::orders::OrderRow;
use crate::store::publications::{self, PublicationRow};
use crate::store::{self, Conn};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A step with what proves it, as it is kept once all is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The step.
    pub step: Step,
    /// When it was seen.
    pub at: Option<Timestamp>,
    /// What was seen, in plain words and Kombo's ids; nothing of a candidate. Who made the link is named.
    pub what: String,
}

/// How it stands with an integration.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Every step, as things are now.
    pub lines: Vec<Line>,
    /// What proves each step, or would.
    pub evidence: Vec<Evidence>,
    /// The order that is to prove it.
    pub order: Option<OrderRow>,
    /// What is kept.
    pub row: Option<GoLiveRow>,
    written_back: bool,
}

impl Standing {
    /// Whether it was proven once.
    pub fn is_live(&self) -> bool {
        self.live_at().is_some()
    }

    /// Whether every step is done now.
    pub fn is_proven(&self) -> bool {
        is_proven(&self.lines)
    }

    /// Since when.
    pub fn live_at(&self) -> Option<Timestamp> {
        self.row.as_ref().and_then(|row| row.live_at)
    }

    /// The evidence of the moment in which all was proven.
    pub fn kept(&self) -> Option<Vec<Evidence>> {
        let kept = self.row.as_ref()?.evidence.as_deref()?;
        serde_json::from_str(kept).ok()
    }

    /// The order that Kombo is still to be asked for.
    pub fn to_read_back(&self) -> Option<&OrderRow> {
        let order = self.order.as_ref().filter(|_| self.written_back)?;
        let seen = self
            .row
            .as_ref()
            .is_some_and(|row| row.order_id == Some(order.id) && row.read_status == Some(KomboStatus::Completed));
        (!seen).then_some(order)
    }
}

/// What is known of an integration on its way to being live.
pub async fn look(conn: &mut Conn, integration: &IntegrationRow) -> Result<Standing, store::Error> {
    let id = integration.id;
    let row = go_lives::find(conn, id).await?;
    let links = connection_links::of_integration(conn, id, 50).await?;
    let link = links.into_iter().rfind(|link| link.row.used_at.is_some());
    let published = publications::newest_confirmed(conn, id).await?;
    let newest = publications::base(conn, id).await?;
    let order = go_lives::proof(conn, id).await?;
    let written_back = match &order {
        Some(order) => go_lives::written_back_at(conn, order.id).await?,
        None => None,
    };
    let only_listed = order.is_none() && go_lives::has_listed_orders(conn, id).await?;
    let read = row
        .as_ref()
        .filter(|row| row.order_id == order.as_ref().map(|order| order.id));
    let facts = Facts {
        link_made: link.as_ref().map(|link| link.row.created_at),
        heard: Some(integration.created_at),
        assigned: integration.customer_id.is_some(),
        state: Some(integration.state),
        qa: integration.qa_status,
        setup: integration.setup_status,
        deleted: integration.deleted_at,
        published: published.as_ref().and_then(|row| row.confirmed_at),
        publishing: published.is_none() && newest.is_some(),
        ordered: order.as_ref().map(|order| order.received_at),
        only_listed,
        accepted: order
            .as_ref()
            .filter(|it| it.decision == Some(Decision::Accept))
            .and_then(|it| it.decided_at),
        written_back,
        read: read
            .filter(|row| row.read_failed.is_none())
            .and_then(|row| Some((row.read_at?, row.read_status))),
    };
    let lines = checklist(&facts);
    let maker = link.and_then(|link| link.staff_name);
    let seen = Seen {
        integration,
        maker,
        published,
        order: order.as_ref(),
    };
    Ok(Standing {
        evidence: lines.iter().map(|line| seen.evidence(line)).collect(),
        written_back: written_back.is_some(),
        lines,
        order,
        row,
    })
}

/// What each step is proven by.
struct Seen<'a> {
    integration: &'a IntegrationRow,
    maker: Option<String>,
    published: Option<PublicationRow>,
    order: Option<&'a OrderRow>,
}

impl Seen<'_> {
    fn evidence(&self, line: &Line) -> Evidence {
        Evidence {
            step: line.step,
            at: line.at,
            what: self.what(line).filter(|_| line.done).unwrap_or_default(),
        }
    }

    fn what(&self, line: &Line) -> Option<String> {
        Some(match line.step {
            Step::LinkSent => match (line.note, &self.maker) {
                (Some(note), _) => note.to_owned(),
                (None, Some(maker)) => format!("Made by {maker}"),
                (None, None) => "Made here".to_owned(),
            },
            Step::Connected => format!("{}, state {}", self.integration.kombo_id, self.integration.state),
            Step::Checked => line
                .note
                .unwrap_or("Kombo’s own check of the connection: passed")
                .to_owned(),
            Step::Published => format!(
                "Publication No. {}, confirmed by Kombo",
                self.published.as_ref()?.number
            ),
            Step::Ordered => format!(
                "Order {} of package {}, by its webhook",
                self.order?.kombo_id, self.order?.package_key
            ),
            Step::Accepted => accepted(self.order?),
            Step::WrittenBack => format!("COMPLETED for order {}, taken by Kombo", self.order?.kombo_id),
            Step::ReadBack => format!("Kombo’s list shows order {} as COMPLETED", self.order?.kombo_id),
        })
    }
}

fn accepted(order: &OrderRow) -> String {
    match order.decided_by {
        Some(DecidedBy::Staff) => "By a person".to_owned(),
        _ => order
            .decision_why
            .clone()
            .unwrap_or_else(|| "By the customer’s settings".to_owned()),
    }
}

/// Writes down what Kombo showed of the order that is to prove an integration, or why it could not be asked.
pub async fn note_read(
    work: &mut Work,
    integration: &IntegrationRow,
    order: OrderId,
    answer: Result<Option<KomboStatus>, String>,
) -> Result<(), Error> {
    let (read_status, read_failed) = match answer {
        Ok(status) => (status, None),
        Err(why) => (None, Some(why)),
    };
    let row = GoLiveRow {
        integration_id: integration.id,
        order_id: Some(order),
        read_at: Some(work.now),
        evidence: None,
        live_at: None,
        read_status,
        read_failed,
    };
    go_lives::note_read(&mut work.conn, &row).await?;
    work.hint(Kind::Integration, integration.id.0, integration.customer_id);
    Ok(())
}

/// Marks an integration as live where all is proven; says whether it is live.
pub async fn settle(work: &mut Work, id: IntegrationId) -> Result<bool, Error> {
    let row = integrations::find(&mut work.conn, &Viewer::system(), id)
        .await?
        .ok_or(Error::NotFound)?;
    let standing = look(&mut work.conn, &row).await?;
    if standing.is_live() || !standing.is_proven() {
        return Ok(standing.is_live());
    }
    let evidence = serde_json::to_string(&standing.evidence).unwrap_or_default();
    if go_lives::set_live(&mut work.conn, id, work.now, &evidence).await? {
        let order = standing.order.map(|order| order.kombo_id);
        let detail = json!({"integration": row.kombo_id, "order": order});
        let subject = Subject::new("integration", id.0, row.customer_id);
        work.audit("integration.live", subject, detail).await?;
        work.hint(Kind::Integration, id.0, row.customer_id);
    }
    Ok(true)
}
