//! An order reaches us: by its webhook, again by a repeat, or by Kombo's list.

use crate::actions::Error;
use crate::actions::order_steps::{self, Said, carry_out, decision_name, detail, write_state, write_verdict};
use crate::actions::start_link;
use crate::actions::work::{Subject, Work};
use crate::domain::ids::{CustomerId, OrderId, PackageId};
use crate::domain::inbox::InboxVerdict;
use crate::domain::intake::{self, HoldSetting, LONGEST_HOLD_SECONDS, PackageStanding, Verdict, Why};
use crate::domain::order::{self, Answer, Arrival, DecidedBy, Effect, Event, KomboStatus, Repeat, Source, Stage};
use crate::domain::role::Permission;
use crate::domain::time::Timestamp;
use crate::domain::viewer::{Actor, Viewer};
use crate::kombo::wire;
use crate::live::Kind;
use crate::store::candidates::{self, Candidate};
use crate::store::integrations::{self, IntegrationRow};
use crate::store::orders::{self, OrderRow};
use crate::store::{self, customers, holds, publications, staff};
use serde_json::json;
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

/// How many orders are held at once.
pub const MOST_HELD: i64 = 200;

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

/// What the house knows of an order before it is decided.
struct Known {
    integration: IntegrationRow,
    standing: PackageStanding,
    package_id: Option<PackageId>,
    package_name: Option<String>,
    verdict: Verdict,
    hold_until: Option<Timestamp>,
    due_hours: i64,
    micros: i64,
}

/// The hours until an order is due while it belongs to no customer.
const UNASSIGNED_DUE_HOURS: i64 = 48;

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
    let known = look_up(work, told, integration_id, inline, waiting).await?;
    match orders::find_by_kombo(&mut work.conn, known.integration.id, &told.id).await? {
        Some(order) => repeat(work, order, told, known, inline).await,
        None => take_in(work, told, known, inline, source).await,
    }
}

async fn look_up(
    work: &mut Work,
    told: &wire::Order,
    integration_id: &str,
    inline: bool,
    waiting: Option<Waiting<'_>>,
) -> Result<Known, Error> {
    let began = Instant::now();
    let integration = match integrations::hold_by_kombo_id(&mut work.conn, integration_id).await? {
        Some(integration) => integration,
        None => {
            let id = work.new_id();
            integrations::insert_unknown(&mut work.conn, id, integration_id, work.now).await?
        }
    };
    let settings = match integration.customer_id {
        Some(customer) => customers::settings_of(&mut work.conn, customer).await?,
        None => None,
    };
    let standing = publications::standing(&mut work.conn, integration.id, &told.package_id).await?;
    let confirmed = publications::any_confirmed(&mut work.conn, integration.id).await?;
    let mut verdict = intake::decide(settings.as_ref(), standing.standing, confirmed, inline);
    let mut hold_until = None;
    if let (Some(waiting), Some(hold), Some(customer)) = (
        waiting,
        intake::asks(settings.as_ref(), standing.standing, inline),
        integration.customer_id,
    ) {
        match ask(work, hold, customer, waiting).await? {
            Ok(until) => hold_until = Some(until),
            Err(why) => verdict = hold.verdict(why),
        }
    }
    Ok(Known {
        standing: standing.standing,
        package_id: standing.package_id,
        package_name: standing.package_name,
        verdict,
        hold_until,
        due_hours: settings.map_or(UNASSIGNED_DUE_HOURS, |settings| settings.due_hours),
        micros: i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX),
        integration,
    })
}

/// Until when a person can be asked, or why nobody can.
async fn ask(
    work: &mut Work,
    hold: &HoldSetting,
    customer: CustomerId,
    waiting: Waiting<'_>,
) -> Result<Result<Timestamp, Why>, store::Error> {
    let seconds = u64::try_from(hold.seconds.min(LONGEST_HOLD_SECONDS)).unwrap_or_default();
    let left = Duration::from_secs(seconds).saturating_sub(waiting.since);
    if left.is_zero() {
        return Ok(Err(Why::NoTime));
    }
    if !is_somebody_there(work, customer, waiting.desks).await? {
        return Ok(Err(Why::NobodyThere));
    }
    if holds::count(&mut work.conn).await? >= MOST_HELD {
        return Ok(Err(Why::TooManyHeld));
    }
    Ok(Ok(work.now.plus(left)))
}

/// Whether one of these desks may decide about this customer's orders.
async fn is_somebody_there(work: &mut Work, customer: CustomerId, desks: &[Viewer]) -> Result<bool, store::Error> {
    for desk in desks.iter().filter(|desk| desk.can(Permission::DecideOrders)) {
        let sees = match desk.limited_to() {
            None => true,
            Some(id) => staff::sees(&mut work.conn, id, customer).await?,
        };
        if sees {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Ends the wait for the webhook of an order that was found in Kombo's list: the customer's settings decide.
///
/// # Errors
/// [`Error::Refused`] where it does not wait any more, or not long enough yet.
pub async fn end_undecided(work: &mut Work, mut order: OrderRow) -> Result<OrderRow, Error> {
    let began = Instant::now();
    let settings = match order.customer_id {
        Some(customer) => customers::settings_of(&mut work.conn, customer).await?,
        None => None,
    };
    let integration = order.integration_id;
    let standing = publications::standing(&mut work.conn, integration, &order.package_key).await?;
    let confirmed = publications::any_confirmed(&mut work.conn, integration).await?;
    let verdict = intake::decide(settings.as_ref(), standing.standing, confirmed, order.inline);
    let said = Said {
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

async fn take_in(
    work: &mut Work,
    told: &wire::Order,
    known: Known,
    inline: bool,
    source: Source,
) -> Result<Received, Error> {
    let arrival = Arrival {
        source,
        inline,
        status: kombo_status(told.status),
        verdict: known.verdict.clone(),
        hold_until: known.hold_until,
    };
    let change = order::begin(&arrival, work.now);
    let blank = blank_row(work, told, &known, inline, source);
    let mut row = blank.clone();
    write_state(&mut row, &change.state, work);
    if row.decided_by != Some(DecidedBy::Kombo) && row.hold_until.is_none() {
        write_verdict(&mut row, &known.verdict);
        row.decided_micros = row.decision.map(|_| known.micros);
    }
    orders::insert(&mut work.conn, &mut row).await?;
    keep_candidate(work, told, &known, &row).await?;
    tell_arrival(work, &blank, &row, &change.effects).await?;
    carry_out(work, &mut row, &change.effects).await?;
    let answer = change.effects.iter().find_map(|effect| match effect {
        Effect::Answer(answer) => Some(*answer),
        _ => None,
    });
    let reply = reply(work, &mut row, answer).await?;
    Ok(Received {
        order_id: row.id,
        customer_id: row.customer_id,
        verdict: InboxVerdict::NewOrder,
        reply,
        new: true,
    })
}

/// The audit lines of an arrival: that it came, and what the settings made of it.
async fn tell_arrival(work: &mut Work, blank: &OrderRow, row: &OrderRow, effects: &[Effect]) -> Result<(), Error> {
    work.hint(Kind::Order, row.id.0, row.customer_id);
    let subject = Subject::order(row.id, row.customer_id);
    let came = json!({
        "source": row.source.as_str(),
        "inline": row.inline,
        "package": row.package_key,
        "unknown_package": row.unknown_package,
        "status": row.kombo_status.map(KomboStatus::as_str),
    });
    work.audit_as(Actor::Kombo, "order.received", subject, came).await?;
    if row.hold_until.is_some() {
        work.hint(Kind::Held, row.id.0, row.customer_id);
        let held = detail(blank, row, effects, json!({}));
        work.audit_as(Actor::Rule, "order.held", subject, held).await?;
    }
    let decided = row.decision.is_some() || row.stage.is_end();
    if decided {
        let actor = if row.decided_by == Some(DecidedBy::Kombo) {
            Actor::Kombo
        } else {
            Actor::Rule
        };
        let action = if row.decision.is_some() {
            decision_name(row)
        } else {
            "order.observed"
        };
        work.audit_as(actor, action, subject, detail(blank, row, effects, json!({})))
            .await?;
    }
    Ok(())
}

async fn keep_candidate(work: &mut Work, told: &wire::Order, known: &Known, row: &OrderRow) -> Result<(), Error> {
    let candidate = Candidate {
        order_id: row.id,
        customer_id: row.customer_id,
        first_name: told.candidate.first_name.clone(),
        last_name: told.candidate.last_name.clone(),
        email: told.candidate.email.clone(),
        phone: told.candidate.phone.clone(),
    };
    candidates::insert(&mut work.conn, &candidate).await?;
    index_with(work, row, &candidate, &known.integration.organization_name).await?;
    let body = json!({"description": told.job.description, "hiring_team": told.job.hiring_team});
    let body = body.to_string();
    let vault = work.tools.vault.clone();
    candidates::insert_body(&mut work.conn, &vault, row.customer_id, row.id, body.as_bytes()).await?;
    Ok(())
}

/// Makes the search index of an order anew, after its candidate changed.
pub(super) async fn index(work: &mut Work, row: &OrderRow, candidate: &Candidate) -> Result<(), Error> {
    let viewer = Viewer::system();
    let integration = integrations::find(&mut work.conn, &viewer, row.integration_id).await?;
    let organization = integration.map(|row| row.organization_name).unwrap_or_default();
    index_with(work, row, candidate, &organization).await
}

async fn index_with(work: &mut Work, row: &OrderRow, candidate: &Candidate, organization: &str) -> Result<(), Error> {
    let id = row.id.to_string();
    let customer = match row.customer_id {
        Some(customer) => customers::name_of(&mut work.conn, customer).await?,
        None => None,
    };
    let words = [
        candidate.first_name.as_deref().unwrap_or_default(),
        candidate.last_name.as_deref().unwrap_or_default(),
        &candidate.email,
        candidate.phone.as_deref().unwrap_or_default(),
        row.job_name.as_deref().unwrap_or_default(),
        row.job_code.as_deref().unwrap_or_default(),
        customer.as_deref().unwrap_or_default(),
        organization,
        &row.package_name,
        &row.package_key,
        &row.kombo_id,
        &id,
    ];
    Ok(candidates::index(&mut work.conn, row.seq, &words).await?)
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

fn blank_row(work: &Work, told: &wire::Order, known: &Known, inline: bool, source: Source) -> OrderRow {
    let hours = u64::try_from(known.due_hours).unwrap_or_default();
    OrderRow {
        seq: 0,
        id: work.new_id(),
        integration_id: known.integration.id,
        kombo_id: told.id.clone(),
        customer_id: known.integration.customer_id,
        package_key: told.package_id.clone(),
        package_id: known.package_id,
        package_name: known.package_name.clone().unwrap_or_else(|| told.package_id.clone()),
        stage: Stage::Received,
        stage_before: None,
        review_before: None,
        source,
        inline,
        kombo_status: None,
        kombo_seen_at: None,
        open_seen: 0,
        open_seen_first: None,
        absent_seen: 0,
        absent_first: None,
        answered_at: None,
        hold_until: None,
        held_at: None,
        undecided_until: None,
        decision: None,
        decided_by: None,
        decided_staff: None,
        decided_at: None,
        decided_micros: None,
        decision_why: None,
        reason_text: None,
        reason_id: None,
        invite_problem: None,
        final_status: None,
        paused_at: None,
        paused_reason: None,
        unknown_package: known.standing == PackageStanding::Unknown,
        differs: false,
        conflict: None,
        not_in_kombo: false,
        unreachable: false,
        stuck: false,
        assignee: None,
        job_remote_id: told.job.remote_id.clone(),
        job_name: told.job.name.clone(),
        job_code: told.job.job_code.clone(),
        job_location: told.job.location.as_ref().and_then(wire::Location::line),
        application_remote_id: told.application.remote_id.clone(),
        candidate_remote_id: told.candidate.remote_id.clone(),
        received_at: work.now,
        due_at: work.now.plus(Duration::from_secs(hours * 3_600)),
        closed_at: None,
        changed_at: work.now,
        data_digest: data_digest(told),
        version: 1,
    }
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
