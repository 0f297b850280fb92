//! A new order as it is written: its row, its candidate, what it is found by, its first audit lines.

use super::facts::Known;
use super::{data_digest, kombo_status};
use crate::actions::Error;
use crate::actions::order_steps::{decision_name, detail, write_rule, write_state, write_verdict};
use crate::actions::work::{Subject, Work};
use crate::domain::intake::PackageStanding;
use crate::domain::order::{self, Arrival, DecidedBy, Decision, Effect, KomboStatus, Source, Stage};
use crate::domain::time::Timestamp;
use crate::domain::viewer::{Actor, Viewer};
use crate::kombo::wire;
use crate::live::Kind;
use crate::store::audit::{self, NewLine};
use crate::store::candidates::{self, Candidate};
use crate::store::links::{self, Purpose};
use crate::store::orders::{self, OrderRow};
use crate::store::vault::Sealers;
use crate::store::{self, Writes, customers, integrations};
use serde_json::json;
use std::collections::BTreeMap;

/// An order that is new to us, decided and not yet written.
pub(super) struct NewOrder {
    pub(super) row: OrderRow,
    /// What follows from its arrival.
    pub(super) effects: Vec<Effect>,
    candidate: Candidate,
    customer_name: Option<String>,
    organization_name: String,
    /// What is shown but never searched.
    body: Vec<u8>,
    lines: Vec<NewLine>,
    /// The candidate gets a link to the start page.
    gets_link: bool,
    /// It is accepted, and takes one of the orders that the customer has left.
    takes_credit: bool,
}

impl NewOrder {
    /// The order that was told, as what is known of it decides.
    pub(super) fn of(work: &Work, told: &wire::Order, known: Known, inline: bool, source: Source) -> Self {
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
            write_verdict(&mut row, known.ruled.is_some(), &known.verdict);
            row.decided_micros = row.decision.map(|_| known.micros);
        }
        if row.decided_by != Some(DecidedBy::Kombo) && source == Source::Webhook {
            write_rule(&mut row, known.ruled.as_ref());
        }
        let body = json!({"description": told.job.description, "hiring_team": told.job.hiring_team});
        Self {
            candidate: Candidate {
                order_id: row.id,
                customer_id: row.customer_id,
                first_name: told.candidate.first_name.clone(),
                last_name: told.candidate.last_name.clone(),
                email: told.candidate.email.clone(),
                phone: told.candidate.phone.clone(),
            },
            customer_name: known.customer_name,
            organization_name: known.integration.organization_name,
            body: body.to_string().into_bytes(),
            gets_link: known.standing.has_start && change.effects.contains(&Effect::QueueInvitation),
            takes_credit: known.counts && row.decision == Some(Decision::Accept),
            lines: lines(work, &blank, &row, &change.effects),
            effects: change.effects,
            row,
        }
    }

    fn words(&self) -> String {
        words(
            &self.row,
            &self.candidate,
            self.customer_name.as_deref(),
            &self.organization_name,
        )
    }
}

/// What is written of new orders beside their rows, and takes a while to make.
struct Rest {
    /// All but the entries of the search index, which names orders by the numbers that their rows get.
    writes: Writes,
    words: Vec<String>,
}

impl Rest {
    fn of(new: &[NewOrder], mut writes: Writes, sealers: &Sealers, now: Timestamp) -> Result<Self, store::Error> {
        let candidates = new.iter().map(|new| &new.candidate).collect::<Vec<_>>();
        candidates::push_many(&mut writes, &candidates);
        let bodies = new.iter().map(|new| (new.row.customer_id, new.row.id, &new.body[..]));
        let sealed = candidates::seal_bodies(sealers, &bodies.collect::<Vec<_>>())?;
        candidates::push_bodies(&mut writes, sealed);
        let links = new.iter().filter(|new| new.gets_link);
        let links = links.map(|new| links::new(sealers, new.row.id, new.row.customer_id, now));
        let links = links.map(|made| made.map(|(link, _)| link)).collect::<Result<_, _>>()?;
        links::push_many(&mut writes, Purpose::Start, links, now);
        let counted = new.iter().map(|new| (new.row.customer_id, new.row.stage, 1));
        orders::push_counts(&mut writes, counted);
        let lines = new.iter().flat_map(|new| &new.lines);
        audit::push_many(&mut writes, &lines.collect::<Vec<_>>());
        Ok(Self {
            writes,
            words: new.iter().map(NewOrder::words).collect(),
        })
    }
}

/// Writes new orders, with one statement for each table, and hints at them.
pub(super) async fn write(work: &mut Work, new: &mut [NewOrder]) -> Result<(), Error> {
    let Work { conn, sealers, now, .. } = &mut *work;
    sealers
        .make_ready(conn, new.iter().map(|new| new.row.customer_id))
        .await?;
    let rows = new.iter().map(|new| &new.row).collect::<Vec<_>>();
    let writes = Writes::new(conn, new.len());
    // The rest is made while the database writes the rows.
    let (seqs, rest) = tokio::join!(orders::insert_many(conn, &rows), async {
        Rest::of(new, writes, sealers, *now)
    });
    let (seqs, Rest { mut writes, words }) = (seqs?, rest?);
    let entries = seqs.iter().copied().zip(words).collect::<Vec<_>>();
    candidates::push_index(&mut writes, &entries);
    writes.run(conn).await?;
    take_credits(work, new).await?;
    for (new, seq) in new.iter_mut().zip(seqs) {
        new.row.seq = seq;
        work.hint(Kind::Order, new.row.id.0, new.row.customer_id);
        if new.row.hold_until.is_some() {
            work.hint(Kind::Held, new.row.id.0, new.row.customer_id);
        }
    }
    Ok(())
}

/// Takes what the accepted ones cost off the orders that their customers have left; always in the same order, so that two
/// transactions do not wait for each other's.
async fn take_credits(work: &mut Work, new: &[NewOrder]) -> Result<(), Error> {
    let mut taken = BTreeMap::new();
    for customer in new
        .iter()
        .filter(|new| new.takes_credit)
        .filter_map(|new| new.row.customer_id)
    {
        *taken.entry(customer).or_insert(0) += 1;
    }
    for (customer, orders) in taken {
        customers::take_credits(&mut work.conn, customer, orders).await?;
    }
    Ok(())
}

/// The audit lines of an arrival: that it came, and what the settings made of it.
fn lines(work: &Work, blank: &OrderRow, row: &OrderRow, effects: &[Effect]) -> Vec<NewLine> {
    let subject = Subject::order(row.id, row.customer_id);
    let came = json!({
        "source": row.source.as_str(),
        "inline": row.inline,
        "package": row.package_key,
        "unknown_package": row.unknown_package,
        "status": row.kombo_status.map(KomboStatus::as_str),
    });
    let mut lines = vec![work.line_as(Actor::Kombo, "order.received", subject, came)];
    if row.hold_until.is_some() {
        let held = detail(blank, row, effects, json!({}));
        lines.push(work.line_as(Actor::Rule, "order.held", subject, held));
    }
    if row.decision.is_some() || row.stage.is_end() {
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
        lines.push(work.line_as(actor, action, subject, detail(blank, row, effects, json!({}))));
    }
    lines
}

/// Makes the search index of an order anew, after its candidate changed.
pub(in crate::actions) async fn index(
    work: &mut Work,
    row: &OrderRow,
    candidate: &Candidate,
) -> Result<(), store::Error> {
    let integration = integrations::find(&mut work.conn, &Viewer::system(), row.integration_id).await?;
    let organization = integration.map(|row| row.organization_name).unwrap_or_default();
    let customer = match row.customer_id {
        Some(customer) => customers::name_of(&mut work.conn, customer).await?,
        None => None,
    };
    let words = words(row, candidate, customer.as_deref(), &organization);
    candidates::index_anew(&mut work.conn, row.seq, words).await
}

/// What an order is found by.
fn words(row: &OrderRow, candidate: &Candidate, customer: Option<&str>, organization: &str) -> String {
    let id = row.id.to_string();
    let of = row.customer_id.map(candidates::customer_word).unwrap_or_default();
    let words = [
        candidate.first_name.as_deref().unwrap_or_default(),
        candidate.last_name.as_deref().unwrap_or_default(),
        &candidate.email,
        candidate.phone.as_deref().unwrap_or_default(),
        row.job_name.as_deref().unwrap_or_default(),
        row.job_code.as_deref().unwrap_or_default(),
        customer.unwrap_or_default(),
        organization,
        &row.package_name,
        &row.package_key,
        &row.kombo_id,
        &id,
        &of,
    ];
    candidates::index_text(&words)
}

fn blank_row(work: &Work, told: &wire::Order, known: &Known, inline: bool, source: Source) -> OrderRow {
    OrderRow {
        seq: 0,
        id: work.new_id(),
        integration_id: known.integration.id,
        kombo_id: told.id.clone(),
        customer_id: known.integration.customer_id,
        package_key: told.package_id.clone(),
        package_id: known.standing.package_id,
        package_name: known
            .standing
            .package_name
            .clone()
            .unwrap_or_else(|| told.package_id.clone()),
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
        unknown_package: known.standing.standing == PackageStanding::Unknown,
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
        due_at: known.due_at,
        closed_at: None,
        changed_at: work.now,
        data_digest: data_digest(told),
        rule_set_id: None,
        rule_number: None,
        rule_name: None,
        rule_micros: None,
        hold_else: None,
        job_country: told.job.location.as_ref().and_then(|it| it.country.clone()),
        job_region: told.job.location.as_ref().and_then(|it| it.state.clone()),
        version: 1,
    }
}
