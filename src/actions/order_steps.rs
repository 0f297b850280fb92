//! One step of an order's life, carried out: the pure table's change, its row, its deliveries, its audit line.
//!
//! Every event of an order goes through [`apply`]; what it means stands in [`crate::domain::order::step`] alone.

mod effects;
mod mapping;
mod naming;

pub(super) use effects::{carry_out, turn_off_start_links};
pub use mapping::state_of;
pub(super) use mapping::{write_rule, write_state, write_verdict};
pub(super) use naming::{decision_name, detail};

use crate::actions::Error;
use crate::actions::receive_order::Ruled;
use crate::actions::work::{Subject, Work};
use crate::domain::ids::{ReasonId, StaffId};
use crate::domain::order::{self, Answer, Decision, Effect, Event, InviteProblem};
use crate::live::Kind;
use crate::store::deliveries::DeliveryRow;
use crate::store::orders::OrderRow;
use crate::store::{self, Writes, audit, customers, deliveries, inbox, orders, reasons};
use serde_json::Value;

/// What the actor said beside the event.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The text that the recruiter reads (a cancellation's or rejection's reason).
    pub reason: Option<String>,
    /// The reason of the library that this text was made from.
    pub reason_id: Option<ReasonId>,
    /// Why it was decided so, or paused.
    pub why: Option<String>,
    /// How long the decision took, in microseconds.
    pub micros: Option<i64>,
    /// Why the candidate could not be invited.
    pub problem: Option<InviteProblem>,
    /// The rule that decided it, or had it held, where rules were asked.
    pub ruled: Option<Ruled>,
    /// Who works on it from now on (`Some(None)`: nobody).
    pub assign: Option<Option<StaffId>>,
    /// What else the audit line tells; nothing personal.
    pub detail: Value,
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// The webhook's answer, where the step gives one.
    pub answer: Option<Answer>,
    /// The webhook waits for the hold that is already running.
    pub joins_hold: bool,
    /// Whether anything was written.
    pub changed: bool,
}

/// Carries out `event` on `order`: the row, what follows from it, the audit line and the hint.
///
/// # Errors
/// [`Error::Refused`] where the table does not have the step, [`store::Error::Changed`] where the row is no longer the
/// one that was read.
pub async fn apply(work: &mut Work, order: &mut OrderRow, event: &Event, said: Said) -> Result<Stepped, Error> {
    let last = if order.stage.is_live() {
        None
    } else {
        deliveries::final_of_order(&mut work.conn, order.id).await?
    };
    let turned = turn(work, order, last.as_ref(), event, said)?;
    let Turned { before, stepped, .. } = &turned;
    if stepped.changed {
        orders::save(&mut work.conn, before, order).await?;
        count_reason(work, before, order).await?;
        take_credit(work, before, order).await?;
        if let Some(line) = line(work, &turned, order, event) {
            audit::insert_many(&mut work.conn, &[line]).await?;
        }
        effects::carry_out(work, order, &turned.effects).await?;
        if before.hold_until.is_some() && order.hold_until.is_none() {
            settle_webhooks(work, order, stepped.answer).await?;
        }
    }
    Ok(turned.stepped)
}

/// Carries out [`Event::Delivered`] on many orders at once, each beside its final word, which the first try brought to
/// Kombo: what [`apply`] does with each, added to `writes`. The rows may have been read before the transaction; what follows
/// from the steps is [`turn_off_start_links`].
///
/// # Errors
/// [`store::Error::Changed`] where more follows than can be done at once. Nothing of it may be kept then.
pub(super) fn push_delivered(
    work: &mut Work,
    writes: &mut Writes,
    orders: &[(&OrderRow, &DeliveryRow)],
) -> Result<(), Error> {
    let mut turned = Vec::with_capacity(orders.len());
    for (order, last) in orders {
        let mut order = (*order).clone();
        let step = turn(work, &mut order, Some(last), &Event::Delivered, Said::default())?;
        turned.push((step, order));
    }
    if turned.iter().any(|(step, _)| !effects::is_arrival(&step.effects)) {
        return Err(store::Error::Changed.into());
    }
    let rows = turned.iter().map(|(step, order)| (&step.before, order));
    orders::push_saves(writes, &rows.collect::<Vec<_>>());
    let lines = turned
        .iter()
        .filter_map(|(step, order)| line(work, step, order, &Event::Delivered));
    let lines = lines.collect::<Vec<_>>();
    audit::push_many(writes, &lines.iter().collect::<Vec<_>>());
    Ok(())
}

/// A step that the row has taken, and nothing else yet.
struct Turned {
    before: OrderRow,
    effects: Vec<Effect>,
    stepped: Stepped,
    detail: Value,
}

/// Takes the step in the row; `last` is the order's final word. Writes nothing.
fn turn(
    work: &Work,
    order: &mut OrderRow,
    last: Option<&DeliveryRow>,
    event: &Event,
    said: Said,
) -> Result<Turned, Error> {
    let change = order::step(&state_of(order, last), event, work.now)?;
    let mut stepped = Stepped {
        answer: None,
        joins_hold: false,
        changed: false,
    };
    for effect in &change.effects {
        match effect {
            Effect::Answer(answer) => stepped.answer = Some(*answer),
            Effect::JoinHold => stepped.joins_hold = true,
            _ => stepped.changed = true,
        }
    }
    // What it corrects does not stand in the order's own row, but whoever looked at it saw another address.
    stepped.changed |= *event == Event::AddressCorrected;
    let before = order.clone();
    let micros = said.micros.or_else(|| naming::held_micros(&before, work.now));
    let said = Said { micros, ..said };
    mapping::write_state(order, &change.state, work);
    if mapping::asks_rules(&before, order, event) {
        mapping::write_rule(order, said.ruled.as_ref());
    }
    mapping::write_said(order, event, &said, work);
    mapping::write_proposal(order, &change.effects);
    stepped.changed |= mapping::differs(&before, order);
    if stepped.changed {
        order.changed_at = work.now;
    }
    Ok(Turned {
        before,
        effects: change.effects,
        stepped,
        detail: said.detail,
    })
}

/// The webhooks that waited for this order's answer are answered now; `None`: nobody listens any more.
async fn settle_webhooks(work: &mut Work, order: &OrderRow, answer: Option<Answer>) -> Result<(), store::Error> {
    for mut row in inbox::unanswered(&mut work.conn, order.id).await? {
        let waited = work.now.since(row.last_at);
        row.answer_micros = i64::try_from(waited.as_micros()).unwrap_or(i64::MAX);
        match answer {
            Some(Answer::Rejected) => row.answer_status = 422,
            Some(Answer::Taken | Answer::StartAddress) => row.answer_status = 200,
            None => row.why = Some("Nobody was listening any more when its answer was to be given.".to_owned()),
        }
        inbox::save(&mut work.conn, &mut row).await?;
        work.hint(Kind::Inbox, row.id.0, row.customer_id);
    }
    Ok(())
}

/// Counts the reason of the library that a decision was made with, and takes it off again where that was taken back.
async fn count_reason(work: &mut Work, before: &OrderRow, order: &OrderRow) -> Result<(), store::Error> {
    if before.reason_id == order.reason_id {
        return Ok(());
    }
    if let Some(old) = before.reason_id {
        reasons::uncount_use(&mut work.conn, old).await?;
    }
    if let Some(new) = order.reason_id {
        reasons::count_use(&mut work.conn, new, work.now).await?;
    }
    Ok(())
}

/// An order that was accepted now takes one of those that its customer has left.
async fn take_credit(work: &mut Work, before: &OrderRow, order: &OrderRow) -> Result<(), store::Error> {
    let accept = Some(Decision::Accept);
    match order
        .customer_id
        .filter(|_| before.decision != accept && order.decision == accept)
    {
        Some(customer) => customers::take_credits(&mut work.conn, customer, 1).await,
        None => Ok(()),
    }
}

/// Hints at the order; gives the audit line of a step that people would want to know of.
fn line(work: &mut Work, turned: &Turned, order: &OrderRow, event: &Event) -> Option<audit::NewLine> {
    let Turned { before, effects, .. } = turned;
    work.hint(Kind::Order, order.id.0, order.customer_id);
    if before.hold_until != order.hold_until {
        work.hint(Kind::Held, order.id.0, order.customer_id);
    }
    let (actor, action) = naming::name(work, before, order, event, effects)?;
    let detail = naming::detail(before, order, effects, turned.detail.clone());
    Some(work.line_as(actor, action, Subject::order(order.id, order.customer_id), detail))
}
