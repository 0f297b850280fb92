//! An order reaches us: by its webhook, again by a repeat, or by Kombo's list.

mod facts;
mod late;
mod new_order;
mod ruling;

pub use facts::Remembered;
pub(super) use new_order::index;
pub use ruling::Ruled;

use self::facts::{Facts, Known};
use self::new_order::NewOrder;
use crate::actions::Error;
use crate::actions::invite;
use crate::actions::order_steps::{self, Said, carry_out};
use crate::actions::start_link;
use crate::actions::work::Work;
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::inbox::InboxVerdict;
use crate::domain::order::{self, Answer, Effect, Event, KomboStatus, Repeat, Source};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::kombo::wire;
use crate::store::inbox::Seen;
use crate::store::integrations;
use crate::store::orders::{self, OrderRow};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};

/// What is answered when an order reached us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is taken.
    Taken,
    /// It is rejected; the recruiter reads the text.
    Rejected(String),
    /// It is taken, and the waiting candidate goes on here.
    Start(String),
    /// It waits for a person, at the latest until then.
    Held(Timestamp),
}

/// A webhook that can wait for a person, and who is there to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// Whose desk is open.
    pub desks: &'a [Viewer],
    /// For how long it has waited already.
    pub since: Duration,
}

/// What became of an order that reached us.
#[derive(Clone, Debug)]
pub struct Received {
    /// Our order.
    pub order_id: OrderId,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// What the inbox says of the webhook.
    pub verdict: InboxVerdict,
    /// What is answered.
    pub reply: Reply,
    /// Whether it was new to us.
    pub new: bool,
}

/// Takes in an order: a new one is written and decided (or held, where its webhook is `waiting` and a person is to
/// decide), one that is here already is a repeat.
///
/// # Errors
/// What [`order_steps::apply`] tells; nothing is written then.
pub async fn receive_order(
    work: &mut Work,
    told: &wire::Order,
    integration_id: &str,
    inline: bool,
    source: Source,
    waiting: Option<Waiting<'_>>,
) -> Result<Received, Error> {
    let mut facts = Facts::default();
    let integration = match facts.integration(work, integration_id).await? {
        Some(integration) => integration,
        None => {
            let id = work.new_id();
            integrations::insert_unknown(&mut work.conn, id, integration_id, work.now).await?
        }
    };
    let here = orders::find_by_kombo(&mut work.conn, integration.id, &told.id).await?;
    let known = facts
        .look_up(work, told, integration, inline, waiting, here.as_ref())
        .await?;
    match here {
        Some(order) => repeat(work, order, told, known, inline).await,
        None => {
            let mut new = [NewOrder::of(work, told, known, inline, source)];
            new_order::write(work, &mut new).await?;
            let [new] = &mut new;
            settle(work, new).await
        }
    }
}

/// An order that a webhook tells.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The order.
    pub order: &'a wire::Order,
    /// Kombo's id of its integration.
    pub integration_id: &'a str,
    /// Whether the candidate waits.
    pub inline: bool,
    /// Its webhook, which can wait for a person.
    pub waiting: Waiting<'a>,
}

/// Takes in those of these orders that are new to us, no two of them the same, with one statement for each table. `None`
/// where an order needs a look of its own: it is here already, as was `seen`, or its integration is unknown.
///
/// # Errors
/// What [`receive_order`] tells of any of them; all of it is to be undone then.
pub async fn receive_new(work: &mut Work, told: &[Told<'_>], seen: &Seen) -> Result<Vec<Option<Received>>, Error> {
    let mut facts = Facts::resumed(work, seen.data_version);
    let mut places = Vec::new();
    let mut new = Vec::new();
    for (place, one) in told.iter().enumerate() {
        if seen.is_here(one.integration_id, &one.order.id) {
            continue;
        }
        let Some(integration) = facts.integration(work, one.integration_id).await? else {
            continue;
        };
        let known = facts
            .look_up(work, one.order, integration, one.inline, Some(one.waiting), None)
            .await?;
        let one_new = NewOrder::of(work, one.order, known, one.inline, Source::Webhook);
        if let Some(customer) = one_new.row.customer_id {
            facts.ruling.note(customer, one.order, one_new.row.decision);
        }
        places.push(place);
        new.push(one_new);
    }
    new_order::write(work, &mut new).await?;
    facts.keep(work, seen.data_version);
    let mut received = vec![None; told.len()];
    for (place, mut new) in places.into_iter().zip(new) {
        received[place] = Some(settle(work, &mut new).await?);
    }
    Ok(received)
}

/// Carries out what follows from an arrival that is written.
async fn settle(work: &mut Work, new: &mut NewOrder) -> Result<Received, Error> {
    let (invites, others) = new
        .effects
        .iter()
        .partition::<Vec<_>, _>(|effect| **effect == Effect::QueueInvitation);
    let others = others.into_iter().cloned().collect::<Vec<_>>();
    carry_out(work, &mut new.row, &others).await?;
    if !invites.is_empty() {
        // The link to the start page is written with the order.
        invite::queue(work, &mut new.row).await?;
    }
    let answer = new.effects.iter().find_map(|effect| match effect {
        Effect::Answer(answer) => Some(*answer),
        _ => None,
    });
    let reply = reply(work, &mut new.row, answer).await?;
    Ok(Received {
        order_id: new.row.id,
        customer_id: new.row.customer_id,
        verdict: InboxVerdict::NewOrder,
        reply,
        new: true,
    })
}

/// Ends the wait for the webhook of an order that was found in Kombo's list: rules and the customer's settings decide.
///
/// # Errors
/// [`Error::Refused`] where it does not wait any more, or not long enough yet.
pub async fn end_undecided(work: &mut Work, mut order: OrderRow) -> Result<OrderRow, Error> {
    let began = Instant::now();
    let (verdict, ruled) = late::decided_late(work, &order).await?;
    let said = Said {
        ruled,
        micros: Some(i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX)),
        ..Said::default()
    };
    order_steps::apply(work, &mut order, &Event::UndecidedEnded(verdict), said).await?;
    Ok(order)
}

async fn repeat(
    work: &mut Work,
    mut order: OrderRow,
    told: &wire::Order,
    known: Known,
    inline: bool,
) -> Result<Received, Error> {
    let differs = order.data_digest != data_digest(told);
    let event = Event::Repeated(Repeat {
        status: kombo_status(told.status),
        inline,
        differs,
        verdict: known.verdict,
        hold_until: known.hold_until,
    });
    let said = Said {
        ruled: known.ruled,
        micros: Some(known.micros),
        ..Said::default()
    };
    let stepped = order_steps::apply(work, &mut order, &event, said).await?;
    let reply = reply(work, &mut order, stepped.answer).await?;
    Ok(Received {
        order_id: order.id,
        customer_id: order.customer_id,
        verdict: if differs {
            InboxVerdict::Differs
        } else {
            InboxVerdict::Repeat
        },
        reply,
        new: false,
    })
}

/// What the webhook of an order that was held is answered as the order stands now; `None` while it is held.
pub fn after_hold(order: &OrderRow) -> Option<Reply> {
    if order.hold_until.is_some() {
        return None;
    }
    Some(match order::stored_answer(&order_steps::state_of(order, None)) {
        Answer::Rejected => Reply::Rejected(order.reason_text.clone().unwrap_or_default()),
        // No candidate waits for a held order.
        Answer::Taken | Answer::StartAddress => Reply::Taken,
    })
}

/// What is answered for an order as it stands now.
async fn reply(work: &mut Work, order: &mut OrderRow, answer: Option<Answer>) -> Result<Reply, Error> {
    if let Some(until) = order.hold_until {
        return Ok(Reply::Held(until));
    }
    Ok(match answer {
        Some(Answer::Rejected) => Reply::Rejected(order.reason_text.clone().unwrap_or_default()),
        Some(Answer::StartAddress) => Reply::Start(start_link::for_waiting_candidate(work, order).await?),
        Some(Answer::Taken) | None => Reply::Taken,
    })
}

/// SHA-256 of what an order tells, its status and the way it came left out.
fn data_digest(told: &wire::Order) -> Vec<u8> {
    let mut plain = told.clone();
    plain.status = wire::OrderStatus::Open;
    plain.integration_id = None;
    Sha256::digest(serde_json::to_vec(&plain).unwrap_or_default()).to_vec()
}

/// Kombo's word as ours.
pub fn kombo_status(status: wire::OrderStatus) -> KomboStatus {
    match status {
        wire::OrderStatus::Open => KomboStatus::Open,
        wire::OrderStatus::Completed => KomboStatus::Completed,
        wire::OrderStatus::Cancelled => KomboStatus::Cancelled,
        wire::OrderStatus::Rejected => KomboStatus::Rejected,
    }
}
