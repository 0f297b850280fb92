//! Orders: the row that everything else hangs on, and the counters beside it.

mod moved;

use crate::domain::ids::{CustomerId, IntegrationId, OrderId, PackageId, ReasonId, RuleSetId, StaffId};
use crate::domain::intake::HoldElse;
use crate::domain::order::{Conflict, DecidedBy, Decision, FinalStatus, InviteProblem, KomboStatus, Source, Stage};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error, Writes, id_list};
use std::collections::HashMap;

/// An order, without the candidate's name, e-mail and phone (see [`crate::store::candidates`]).
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own; they do not exclude each other"
)]
pub struct OrderRow {
    /// The order in which rows came; the key of the search index. 0 before the row is written.
    pub seq: i64,
    /// Our id, as in our URLs.
    pub id: OrderId,
    /// The integration through which it came.
    pub integration_id: IntegrationId,
    /// Kombo's id, unique within the integration.
    pub kombo_id: String,
    /// Whose order it is; `None` while its integration is unassigned.
    pub customer_id: Option<CustomerId>,
    /// The package's key as the order named it.
    pub package_key: String,
    /// The package of the catalogue, where we know it.
    pub package_id: Option<PackageId>,
    /// The package's name as the customer was offered it; the key where we do not know it.
    pub package_name: String,
    /// Our stage.
    pub stage: Stage,
    /// The stage to go back to from `in_review` and `closing`.
    pub stage_before: Option<Stage>,
    /// Closing from a review: the stage before that review.
    pub review_before: Option<Stage>,
    /// How we learned of it.
    pub source: Source,
    /// Whether the candidate waits in the career page.
    pub inline: bool,
    /// What Kombo was last observed to hold.
    pub kombo_status: Option<KomboStatus>,
    /// When that was.
    pub kombo_seen_at: Option<Timestamp>,
    /// How often in a row Kombo showed `OPEN` at an end of ours.
    pub open_seen: i64,
    /// When the first of those was.
    pub open_seen_first: Option<Timestamp>,
    /// How often in a row it was absent from Kombo's list.
    pub absent_seen: i64,
    /// When the first of those was.
    pub absent_first: Option<Timestamp>,
    /// When our answer was written to a live connection; `None`: not known to have left.
    pub answered_at: Option<Timestamp>,
    /// Until when the webhook's answer waits for a person.
    pub hold_until: Option<Timestamp>,
    /// Since when the webhook waited for a person; stays after the decision.
    pub held_at: Option<Timestamp>,
    /// Until when an order from the list waits for its webhook.
    pub undecided_until: Option<Timestamp>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// By whom.
    pub decided_by: Option<DecidedBy>,
    /// By which staff member.
    pub decided_staff: Option<StaffId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// How long the decision took, in microseconds.
    pub decided_micros: Option<i64>,
    /// Why, in plain words.
    pub decision_why: Option<String>,
    /// The text that the recruiter reads (rejection or cancellation).
    pub reason_text: Option<String>,
    /// The reason of the library that it was made from.
    pub reason_id: Option<ReasonId>,
    /// Why the candidate could not be invited.
    pub invite_problem: Option<InviteProblem>,
    /// The final word that is on its way, or was given.
    pub final_status: Option<FinalStatus>,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// Why it is paused.
    pub paused_reason: Option<String>,
    /// The order names a package that we do not know.
    pub unknown_package: bool,
    /// A repeat came with other data.
    pub differs: bool,
    /// How Kombo and we disagree.
    pub conflict: Option<Conflict>,
    /// Kombo does not list it any more.
    pub not_in_kombo: bool,
    /// Its integration was deleted.
    pub unreachable: bool,
    /// Its final word was refused or given up.
    pub stuck: bool,
    /// Who works on it.
    pub assignee: Option<StaffId>,
    /// The job's id in the ATS.
    pub job_remote_id: Option<String>,
    /// The job's name.
    pub job_name: Option<String>,
    /// The job's code.
    pub job_code: Option<String>,
    /// Where the job is, in one line.
    pub job_location: Option<String>,
    /// The application's id in the ATS.
    pub application_remote_id: Option<String>,
    /// The candidate's id in the ATS.
    pub candidate_remote_id: Option<String>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Until when the customer expects the result.
    pub due_at: Timestamp,
    /// When it reached its end.
    pub closed_at: Option<Timestamp>,
    /// When anything of it changed last.
    pub changed_at: Timestamp,
    /// SHA-256 of the order's data as it came, to see whether a repeat differs.
    pub data_digest: Vec<u8>,
    /// The version of the rules by which it was decided, or held; `None`: by the settings, or by somebody.
    pub rule_set_id: Option<RuleSetId>,
    /// The rule's number there.
    pub rule_number: Option<i64>,
    /// The rule's name as it was.
    pub rule_name: Option<String>,
    /// How long it took to find the rule, in microseconds.
    pub rule_micros: Option<i64>,
    /// What the rule that had it held wants where nobody decides in time.
    pub hold_else: Option<HoldElse>,
    /// The job's country.
    pub job_country: Option<String>,
    /// The job's region or state.
    pub job_region: Option<String>,
    /// Rises with every change.
    pub version: i64,
}

/// Writes new orders, all in one statement; gives their `seq`, in the same order. They are to be counted with
/// [`push_counts`].
pub async fn insert_many(conn: &mut Conn, orders: &[&OrderRow]) -> Result<Vec<i64>, Error> {
    let written = insert_many!(
        conn,
        "INSERT INTO orders (id, integration_id, kombo_id, customer_id, package_key, package_id, package_name, stage,
            stage_before, source, inline, kombo_status, kombo_seen_at, open_seen, open_seen_first, absent_seen,
            absent_first, answered_at, hold_until, undecided_until, decision, decided_by, decided_staff, decided_at,
            decided_micros, decision_why, reason_text, final_status, paused_at, paused_reason, unknown_package, differs,
            conflict, not_in_kombo, unreachable, stuck, assignee, job_remote_id, job_name, job_code, job_location,
            application_remote_id, candidate_remote_id, received_at, due_at, closed_at, changed_at, data_digest, version,
            review_before, held_at, reason_id, invite_problem, rule_set_id, rule_number, rule_name, rule_micros, hold_else,
            job_country, job_region) ",
        orders.iter(),
        |b, order| {
            b.push_bind(order.id)
                .push_bind(order.integration_id)
                .push_bind(&order.kombo_id)
                .push_bind(order.customer_id)
                .push_bind(&order.package_key)
                .push_bind(order.package_id)
                .push_bind(&order.package_name)
                .push_bind(order.stage)
                .push_bind(order.stage_before)
                .push_bind(order.source)
                .push_bind(order.inline)
                .push_bind(order.kombo_status)
                .push_bind(order.kombo_seen_at)
                .push_bind(order.open_seen)
                .push_bind(order.open_seen_first)
                .push_bind(order.absent_seen)
                .push_bind(order.absent_first)
                .push_bind(order.answered_at)
                .push_bind(order.hold_until)
                .push_bind(order.undecided_until)
                .push_bind(order.decision)
                .push_bind(order.decided_by)
                .push_bind(order.decided_staff)
                .push_bind(order.decided_at)
                .push_bind(order.decided_micros)
                .push_bind(&order.decision_why)
                .push_bind(&order.reason_text)
                .push_bind(order.final_status)
                .push_bind(order.paused_at)
                .push_bind(&order.paused_reason)
                .push_bind(order.unknown_package)
                .push_bind(order.differs)
                .push_bind(order.conflict)
                .push_bind(order.not_in_kombo)
                .push_bind(order.unreachable)
                .push_bind(order.stuck)
                .push_bind(order.assignee)
                .push_bind(&order.job_remote_id)
                .push_bind(&order.job_name)
                .push_bind(&order.job_code)
                .push_bind(&order.job_location)
                .push_bind(&order.application_remote_id)
                .push_bind(&order.candidate_remote_id)
                .push_bind(order.received_at)
                .push_bind(order.due_at)
                .push_bind(order.closed_at)
                .push_bind(order.changed_at)
                .push_bind(&order.data_digest)
                .push_bind(order.version)
                .push_bind(order.review_before)
                .push_bind(order.held_at)
                .push_bind(order.reason_id)
                .push_bind(order.invite_problem)
                .push_bind(order.rule_set_id)
                .push_bind(order.rule_number)
                .push_bind(&order.rule_name)
                .push_bind(order.rule_micros)
                .push_bind(order.hold_else)
                .push_bind(&order.job_country)
                .push_bind(&order.job_region);
        },
        ""
    )?;
    numbers(conn, orders, written.last_rowid).await
}

/// The `seq` of orders that were just written: on SQLite, whose one writer numbers them in a row, those that end with the
/// `newest`.
async fn numbers(conn: &mut Conn, orders: &[&OrderRow], newest: i64) -> Result<Vec<i64>, Error> {
    if conn.is_sqlite() {
        let count = i64::try_from(orders.len()).unwrap_or_default();
        return Ok((newest - count + 1..=newest).collect());
    }
    let ids = orders.iter().map(|order| order.id.0).collect::<Vec<_>>();
    let told = fetch_all!(
        conn,
        (OrderId, i64),
        "SELECT id, seq FROM orders
         WHERE id IN (SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST($1 AS JSONB)))",
        id_list(&ids)
    )?;
    let seqs = told.into_iter().collect::<HashMap<_, _>>();
    Ok(orders
        .iter()
        .map(|order| seqs.get(&order.id).copied().unwrap_or_default())
        .collect())
}

/// Writes everything about `order` that can change, if nobody else changed it since `before` was read. That our answer
/// left is noted without a new version (see [`mark_answered`]), so it is never forgotten by a row that was read before.
///
/// # Errors
/// [`Error::Changed`] where somebody did.
pub async fn save(conn: &mut Conn, before: &OrderRow, order: &mut OrderRow) -> Result<(), Error> {
    let mut writes = Writes::new(conn, 1);
    push_all(&mut writes, &[(before, order)]);
    writes.run_all(conn).await?;
    order.version = before.version + 1;
    count_all(conn, moves(before, order)).await
}

/// Adds what changes of many orders, each as it was read, nothing of it changed by anybody, and as it is to be, and counts
/// those that moved. Where all of them only moved on, nothing else is written.
pub fn push_saves(writes: &mut Writes, orders: &[(&OrderRow, &OrderRow)]) {
    if orders.iter().all(|(before, order)| moved::is_all(before, order)) {
        moved::push(writes, orders);
    } else {
        push_all(writes, orders);
    }
    push_counts(writes, orders.iter().flat_map(|(before, order)| moves(before, order)));
}

/// What an order that changed changes in the counters.
fn moves(before: &OrderRow, order: &OrderRow) -> impl Iterator<Item = (Option<CustomerId>, Stage, i64)> + use<> {
    let was = (before.customer_id, before.stage, -1);
    let is = (order.customer_id, order.stage, 1);
    [was, is].into_iter()
}

/// Adds every column that can change, where the order is still as it was before.
fn push_all(writes: &mut Writes, orders: &[(&OrderRow, &OrderRow)]) {
    push_updates!(
        writes,
        "UPDATE orders SET customer_id = column3, package_id = column4, package_name = column5, stage = column6,
            stage_before = column7, inline = column8, kombo_status = column9, kombo_seen_at = column10,
            open_seen = column11, open_seen_first = column12, absent_seen = column13, absent_first = column14,
            answered_at = COALESCE(answered_at, column15), hold_until = column16, undecided_until = column17,
            decision = column18, decided_by = column19, decided_staff = column20, decided_at = column21,
            decided_micros = column22, decision_why = column23, reason_text = column24, final_status = column25,
            paused_at = column26, paused_reason = column27, unknown_package = column28, differs = column29,
            conflict = column30, not_in_kombo = column31, unreachable = column32, stuck = column33,
            assignee = column34, due_at = column35, closed_at = column36, changed_at = column37,
            review_before = column38, held_at = column39, reason_id = column40, invite_problem = column41,
            rule_set_id = column42, rule_number = column43, rule_name = column44, rule_micros = column45,
            hold_else = column46, version = version + 1
         FROM",
        orders.iter(),
        |(before, order)| (
            order.id,
            before.version,
            order.customer_id,
            order.package_id,
            &order.package_name,
            order.stage,
            order.stage_before,
            order.inline,
            order.kombo_status,
            order.kombo_seen_at,
            order.open_seen,
            order.open_seen_first,
            order.absent_seen,
            order.absent_first,
            order.answered_at,
            order.hold_until,
            order.undecided_until,
            order.decision,
            order.decided_by,
            order.decided_staff,
            order.decided_at,
            order.decided_micros,
            &order.decision_why,
            &order.reason_text,
            order.final_status,
            order.paused_at,
            &order.paused_reason,
            order.unknown_package,
            order.differs,
            order.conflict,
            order.not_in_kombo,
            order.unreachable,
            order.stuck,
            order.assignee,
            order.due_at,
            order.closed_at,
            order.changed_at,
            order.review_before,
            order.held_at,
            order.reason_id,
            order.invite_problem,
            order.rule_set_id,
            order.rule_number,
            &order.rule_name,
            order.rule_micros,
            order.hold_else
        ),
        "WHERE orders.id = column1 AND version = column2"
    );
}

/// Notes why the candidate could not be invited, or that nothing stands in the way any more.
///
/// # Errors
/// [`Error::Changed`] where somebody else changed the order since it was read.
pub async fn set_invite_problem(
    conn: &mut Conn,
    order: &mut OrderRow,
    problem: Option<InviteProblem>,
) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE orders SET invite_problem = $3, version = version + 1 WHERE id = $1 AND version = $2",
        order.id,
        order.version,
        problem
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    order.version += 1;
    order.invite_problem = problem;
    Ok(())
}

/// Notes that our answers to these orders' webhooks left, unless that is known already.
pub async fn mark_answered(conn: &mut Conn, orders: &[OrderId], at: Timestamp) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let sql = among!(
        conn,
        "UPDATE orders SET answered_at = $2 WHERE answered_at IS NULL AND id",
        "$1",
        ""
    );
    execute!(conn, sql, id_list(orders), at).map(drop)
}

/// The order, if the viewer may see it.
pub async fn find(conn: &mut Conn, viewer: &Viewer, id: OrderId) -> Result<Option<OrderRow>, Error> {
    fetch_optional!(
        conn,
        OrderRow,
        "SELECT * FROM orders
         WHERE id = $1 AND ($2 OR customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))",
        id,
        viewer.sees_all(),
        viewer.staff_id()
    )
}

/// Those of these orders that are there, whoever asks (workers), in no order.
pub async fn find_many(conn: &mut Conn, ids: &[OrderId]) -> Result<Vec<OrderRow>, Error> {
    let sql = among!(conn, "SELECT * FROM orders WHERE id", "$1", "");
    fetch_all!(conn, OrderRow, sql, id_list(ids))
}

/// The order that Kombo calls `kombo_id` in that integration.
pub async fn find_by_kombo(
    conn: &mut Conn,
    integration: IntegrationId,
    kombo_id: &str,
) -> Result<Option<OrderRow>, Error> {
    fetch_optional!(
        conn,
        OrderRow,
        "SELECT * FROM orders WHERE integration_id = $1 AND kombo_id = $2",
        integration,
        kombo_id
    )
}

/// The live and closing orders of an integration, after `after` by id, oldest first.
pub async fn live_of_integration(
    conn: &mut Conn,
    integration: IntegrationId,
    after: Option<OrderId>,
    limit: i64,
) -> Result<Vec<OrderRow>, Error> {
    fetch_all!(
        conn,
        OrderRow,
        "SELECT * FROM orders
         WHERE integration_id = $1
           AND stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')
           AND ($2 IS NULL OR id > $2)
         ORDER BY id LIMIT $3",
        integration,
        after,
        limit
    )
}

/// The orders that were found in Kombo's list and whose webhook did not come by `now`, the oldest first.
pub async fn undecided(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<OrderRow>, Error> {
    fetch_all!(
        conn,
        OrderRow,
        "SELECT * FROM orders WHERE stage = 'received' AND undecided_until IS NOT NULL AND undecided_until <= $1
         ORDER BY undecided_until, id LIMIT $2",
        now,
        limit
    )
}

/// Writes what changes in the counters, as [`push_counts`] does.
pub(in crate::store) async fn count_all(
    conn: &mut Conn,
    changes: impl Iterator<Item = (Option<CustomerId>, Stage, i64)>,
) -> Result<(), Error> {
    let mut writes = Writes::new(conn, 0);
    push_counts(&mut writes, changes);
    writes.run(conn).await.map(drop)
}

/// Adds up what changes in the counters of customers' (nobody's: `None`) orders at each stage, and has each written once:
/// always in the same order, so that two transactions do not wait for each other's counters.
pub fn push_counts(writes: &mut Writes, changes: impl Iterator<Item = (Option<CustomerId>, Stage, i64)>) {
    let mut counts = HashMap::<_, i64>::new();
    for (customer, stage, by) in changes {
        *counts.entry((customer, stage)).or_default() += by;
    }
    let counts = counts.into_iter().filter(|(_, by)| *by != 0);
    let (mut nobodys, mut customers) = (Vec::new(), Vec::new());
    for ((customer, stage), by) in counts {
        match customer {
            Some(customer) => customers.push((customer, stage, by)),
            None => nobodys.push((stage, by)),
        }
    }
    nobodys.sort_unstable_by_key(|(stage, _)| stage.as_str());
    customers.sort_unstable_by_key(|(customer, stage, _)| (*customer, stage.as_str()));
    push_rows!(
        writes,
        "INSERT INTO order_counts (stage, orders) ",
        nobodys.into_iter(),
        |b, count| {
            b.push_bind(count.0).push_bind(count.1);
        },
        " ON CONFLICT (stage) WHERE customer_id IS NULL DO UPDATE SET orders = order_counts.orders + excluded.orders"
    );
    push_rows!(
        writes,
        "INSERT INTO order_counts (customer_id, stage, orders) ",
        customers.into_iter(),
        |b, count| {
            b.push_bind(count.0).push_bind(count.1).push_bind(count.2);
        },
        " ON CONFLICT (customer_id, stage) WHERE customer_id IS NOT NULL
          DO UPDATE SET orders = order_counts.orders + excluded.orders"
    );
}
