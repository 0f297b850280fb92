//! What rules ask of orders that are here: what the same candidate was ordered before, and orders in their time for a
//! dry run.

use crate::domain::ids::{CustomerId, IntegrationId, OrderId, RuleSetId};
use crate::domain::intake::HoldElse;
use crate::domain::order::{DecidedBy, Decision, Source};
use crate::domain::package::PackageType;
use crate::domain::rules::LastOrdered;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error};

/// Whose earlier orders are asked for, and before which order.
#[derive(Clone, Copy, Debug)]
pub struct Before<'a> {
    /// The customer.
    pub customer: CustomerId,
    /// The candidate's address.
    pub email: &'a str,
    /// The package that counts as the same.
    pub package: &'a str,
    /// When the order arrived.
    pub at: Timestamp,
    /// The order's id, where it has one already.
    pub order: Option<OrderId>,
}

/// The text of [`last_ordered`].
pub(in crate::store) const LAST_ORDERED: &str =
    "SELECT MAX(o.received_at), MAX(CASE WHEN o.package_key = $3 THEN o.received_at END)
     FROM candidates p JOIN orders o ON o.id = p.order_id
     WHERE p.customer_id = $1 AND lower(p.email) = lower($2)
       AND o.stage NOT IN ('rejected', 'cancelled')
       AND (o.received_at, o.id) < ($4, $5)";

/// When this customer last ordered something for this candidate, orders that were rejected or cancelled aside.
pub async fn last_ordered(conn: &mut Conn, before: Before<'_>) -> Result<LastOrdered, Error> {
    let own = before.order.unwrap_or(OrderId(uuid::Uuid::max()));
    let (any, same_package) = fetch_one!(
        conn,
        (Option<Timestamp>, Option<Timestamp>),
        LAST_ORDERED,
        before.customer,
        before.email.trim(),
        before.package,
        before.at,
        own
    )?;
    Ok(LastOrdered { any, same_package })
}

/// An order as it came, and how it fared.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PastOrder {
    /// Our id.
    pub id: OrderId,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// The integration through which it came.
    pub integration_id: IntegrationId,
    /// The ATS, as Kombo calls it.
    pub tool: String,
    /// The package's key.
    pub package_key: String,
    /// The package's type, where the catalogue knows it.
    pub kind: Option<PackageType>,
    /// The package was never offered.
    pub unknown_package: bool,
    /// Whether the candidate waited.
    pub inline: bool,
    /// How we learned of it.
    pub source: Source,
    /// Since when its webhook waited for a person.
    pub held_at: Option<Timestamp>,
    /// The version of the rules by which it was decided, or held.
    pub rule_set_id: Option<RuleSetId>,
    /// What that rule wanted where nobody decided in time.
    pub hold_else: Option<HoldElse>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// By whom.
    pub decided_by: Option<DecidedBy>,
    /// The job's country.
    pub job_country: Option<String>,
    /// The job's region.
    pub job_region: Option<String>,
    /// Where the job is, in one line.
    pub job_location: Option<String>,
    /// The job's code.
    pub job_code: Option<String>,
    /// The job's name.
    pub job_name: Option<String>,
    /// The candidate's first name.
    pub first_name: Option<String>,
    /// The candidate's last name.
    pub last_name: Option<String>,
    /// The candidate's address; `None` once erased.
    pub email: Option<String>,
    /// The candidate's phone number.
    pub phone: Option<String>,
}

macro_rules! past {
    ($which:literal) => {
        concat!(
            "SELECT o.id, o.received_at, o.customer_id, o.integration_id, i.tool, o.package_key, k.type AS kind,
            o.unknown_package, o.inline, o.source, o.held_at, o.rule_set_id, o.hold_else, o.decision, o.decided_by, o.job_country, o.job_region,
            o.job_location, o.job_code, o.job_name, p.first_name, p.last_name, p.email, p.phone
         FROM orders o
         JOIN integrations i ON i.id = o.integration_id
         LEFT JOIN packages k ON k.key = o.package_key
         LEFT JOIN candidates p ON p.order_id = o.id
         WHERE (o.received_at, o.id) > ($1, $2) AND o.received_at <= $3 AND ",
            $which,
            " ORDER BY o.received_at, o.id LIMIT $4"
        )
    };
}

/// The texts of [`fn@past`]: of all customers, and of one.
pub(in crate::store) const PAST: [&str; 2] = [
    past!(
        "o.customer_id IS NOT NULL AND ($5 OR o.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $6))"
    ),
    past!(
        "o.customer_id = $7 AND ($5 OR o.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $6))"
    ),
];

/// Orders of a customer (`None`: of all that the viewer may see) in the order in which they came, behind `after` and up to
/// `until`.
pub async fn past(
    conn: &mut Conn,
    viewer: &Viewer,
    of: Option<CustomerId>,
    after: (Timestamp, OrderId),
    until: Timestamp,
    limit: i64,
) -> Result<Vec<PastOrder>, Error> {
    match of {
        None => fetch_planned!(
            conn,
            PastOrder,
            PAST[0],
            after.0,
            after.1,
            until,
            limit,
            viewer.sees_all(),
            viewer.staff_id()
        ),
        Some(customer) => fetch_planned!(
            conn,
            PastOrder,
            PAST[1],
            after.0,
            after.1,
            until,
            limit,
            viewer.sees_all(),
            viewer.staff_id(),
            customer
        ),
    }
}
