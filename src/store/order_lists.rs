//! Lists of orders: what one row needs, filtered, searched and paged by key.
//!
//! Every text below begins at an index that already has the order of the list (the *lead*), so that a page costs the same
//! among a thousand orders and a million; the other filters are checked on the way. Nothing is counted or skipped over.

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{CustomerId, OrderId, StaffId};
use crate::domain::order::{Conflict, DecidedBy, FinalStatus, Stage};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error, id_list, staff};
use uuid::Uuid;

/// One row of a list of orders.
#[derive(Clone, Debug, sqlx::FromRow)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own in the row; they do not exclude each other"
)]
pub struct ListRow {
    /// Our id.
    pub id: OrderId,
    /// The order in which rows came: the key of a search's pages.
    pub seq: i64,
    /// Rises with every change.
    pub version: i64,
    /// Our stage.
    pub stage: Stage,
    /// The final word that was chosen.
    pub final_status: Option<FinalStatus>,
    /// How it stands with that word's delivery, while the order is closing.
    pub final_state: Option<DeliveryState>,
    /// Its final word was refused or given up.
    pub stuck: bool,
    /// Until when its webhook waits for a person.
    pub hold_until: Option<Timestamp>,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// Why.
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
    /// Who decided.
    pub decided_by: Option<DecidedBy>,
    /// The package's name as the customer was offered it.
    pub package_name: String,
    /// The job's name.
    pub job_name: Option<String>,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Until when the customer expects the result.
    pub due_at: Timestamp,
    /// When it reached its end.
    pub closed_at: Option<Timestamp>,
    /// The customer's name; `None` while its integration is unassigned.
    pub customer_name: Option<String>,
    /// The ATS, as Kombo calls it.
    pub tool: String,
    /// Who works on it.
    pub assignee_name: Option<String>,
    /// The candidate's first name.
    pub first_name: Option<String>,
    /// The candidate's last name.
    pub last_name: Option<String>,
    /// The candidate's e-mail address.
    pub email: Option<String>,
}

/// Whose orders are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignee {
    /// Everybody's.
    #[default]
    Anybody,
    /// Those that nobody works on.
    Nobody,
    /// One person's.
    Person(StaffId),
}

/// Which orders are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each narrows the list in a way of its own")]
pub struct Filter {
    /// At one of these stages; none: at any.
    pub stages: Vec<Stage>,
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// For the package with this key.
    pub package: Option<String>,
    /// Worked on by.
    pub assignee: Assignee,
    /// With something that a person should look at: a conflict, other data, not in Kombo, stuck.
    pub flagged: bool,
    /// Paused ones.
    pub paused: bool,
    /// Of customers whose candidates are invited from here, where no mail does it and nothing stands in the way.
    pub to_invite: bool,
    /// Whose candidate could not be invited.
    pub uninvited: bool,
    /// With words that begin like these (candidate, job, customer, package, ids).
    pub search: String,
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The newest first.
    #[default]
    Received,
    /// What is due first, first; live orders only.
    Due,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the beginning.
    Start,
    /// Behind the row with this key.
    After(Key),
    /// Before the row with this key.
    Before(Key),
}

/// A row's key in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The moment by which the list is ordered.
    pub at: Timestamp,
    /// The order.
    pub id: OrderId,
    /// The order's place in a search.
    pub seq: i64,
}

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its rows, in the order of the list.
    pub rows: Vec<ListRow>,
    /// Whether there are rows before these.
    pub has_before: bool,
    /// Whether there are rows behind these.
    pub has_after: bool,
}

impl ListRow {
    /// The row's key in a list that is ordered like this.
    pub const fn key(&self, sort: Sort) -> Key {
        Key {
            at: match sort {
                Sort::Received => self.received_at,
                Sort::Due => self.due_at,
            },
            id: self.id,
            seq: self.seq,
        }
    }
}

/// What the filter asks of an order, `$1` to `$11`.
macro_rules! conditions {
    () => {
        "WHERE ($1 OR o.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
           AND ($3 = '' OR $3 LIKE '%,' || o.stage || ',%')
           AND ($4 IS NULL OR o.customer_id = $4)
           AND ($5 IS NULL OR o.package_key = $5)
           AND ($6 IS NULL OR o.assignee = $6)
           AND (NOT $7 OR o.assignee IS NULL)
           AND (NOT $8 OR o.conflict IS NOT NULL OR o.not_in_kombo OR o.stuck OR o.differs)
           AND (NOT $9 OR o.paused_at IS NOT NULL)
           AND (NOT $10 OR ((SELECT k.invite FROM customers k WHERE k.id = o.customer_id)
                AND o.invite_problem IS NULL AND NOT EXISTS (SELECT 1 FROM deliveries m
                    WHERE m.order_id = o.id AND m.kind = 'mail' AND m.state IN ('waiting', 'sending', 'ambiguous'))))
           AND (NOT $11 OR (o.invite_problem IS NOT NULL AND o.stage = 'accepted'))"
    };
}

/// The columns of a row, and where they come from.
macro_rules! rows {
    ($from:literal) => {
        concat!(
            "SELECT o.id, o.seq, o.version, o.stage, o.final_status, o.stuck, o.hold_until, o.paused_at, o.paused_reason,
                o.unknown_package, o.differs, o.conflict, o.not_in_kombo, o.unreachable, o.decided_by, o.package_name,
                o.job_name, o.received_at, o.due_at, o.closed_at, c.name AS customer_name, i.tool,
                s.name AS assignee_name, p.first_name, p.last_name, p.email,
                CASE WHEN o.stage = 'closing' THEN (SELECT d.state FROM deliveries d
                    WHERE d.order_id = o.id AND d.kind = 'result' AND d.final_status IN ('COMPLETED', 'CANCELLED')
                      AND d.state NOT IN ('withdrawn', 'superseded')
                    ORDER BY d.created_at DESC, d.id DESC LIMIT 1) END AS final_state
             FROM ",
            $from,
            " JOIN integrations i ON i.id = o.integration_id
             LEFT JOIN customers c ON c.id = o.customer_id
             LEFT JOIN staff s ON s.id = o.assignee
             LEFT JOIN candidates p ON p.order_id = o.id ",
            conditions!()
        )
    };
}

/// The keys of rows alone: mostly an index holds all that they need.
macro_rules! keys {
    ($at:literal) => {
        concat!("SELECT ", $at, " AS at, o.id FROM orders o ", conditions!())
    };
}

/// The two directions of one list: behind a key, and before it; of its rows, and of their keys.
macro_rules! both_ways {
    ($($lead:literal,)+ received) => {
        both_ways!(
            [$($lead,)+] "o.received_at",
            " AND (o.received_at, o.id) < ($12, $13) ORDER BY o.received_at DESC, o.id DESC LIMIT $14",
            " AND (o.received_at, o.id) > ($12, $13) ORDER BY o.received_at, o.id LIMIT $14"
        )
    };
    ($($lead:literal,)+ due) => {
        both_ways!(
            [$($lead,)+] "o.due_at",
            " AND (o.due_at, o.id) > ($12, $13) ORDER BY o.due_at, o.id LIMIT $14",
            " AND (o.due_at, o.id) < ($12, $13) ORDER BY o.due_at DESC, o.id DESC LIMIT $14"
        )
    };
    ([$($lead:literal,)+] $at:literal, $behind:literal, $before:literal) => {
        Texts {
            rows: [
                concat!(rows!("orders o"), $($lead,)+ $behind),
                concat!(rows!("orders o"), $($lead,)+ $before),
            ],
            keys: [
                concat!(keys!($at), $($lead,)+ $behind),
                concat!(keys!($at), $($lead,)+ $before),
            ],
        }
    };
}

/// The texts of one list: behind a key, and before it.
struct Texts {
    rows: [&'static str; 2],
    keys: [&'static str; 2],
}

/// One list of each stage: SQLite uses an index on the stage only where the text itself names it.
macro_rules! of_stage {
    ($($stage:ident $text:literal),+) => {
        /// The texts that begin at one stage.
        const fn of_stage(stage: Stage) -> Texts {
            match stage {
                $(Stage::$stage => both_ways!($text, received),)+
            }
        }

        /// The texts that begin at one stage of one customer.
        const fn of_stage_and_customer(stage: Stage) -> Texts {
            match stage {
                $(Stage::$stage => both_ways!(" AND o.customer_id = $4", $text, received),)+
            }
        }
    };
}

of_stage!(
    Received " AND o.stage = 'received'",
    Accepted " AND o.stage = 'accepted'",
    Invited " AND o.stage = 'invited'",
    Started " AND o.stage = 'started'",
    InReview " AND o.stage = 'in_review'",
    Closing " AND o.stage = 'closing'",
    Completed " AND o.stage = 'completed'",
    Rejected " AND o.stage = 'rejected'",
    Cancelled " AND o.stage = 'cancelled'"
);

/// The texts that begin at the index which leaves the least to be looked through.
///
/// Some stages are named by those that are left out, as their indexes name them: at `IN` SQLite would go through the
/// index on the stage, one stage after the other, and sort what it found.
fn texts(filter: &Filter, sort: Sort) -> Texts {
    if sort == Sort::Due && filter.customer.is_some() {
        return both_ways!(
            " AND o.customer_id = $4",
            " AND o.stage NOT IN ('closing', 'completed', 'rejected', 'cancelled')",
            due
        );
    }
    if sort == Sort::Due {
        return both_ways!(
            " AND o.stage NOT IN ('closing', 'completed', 'rejected', 'cancelled')",
            due
        );
    }
    if filter.flagged && filter.customer.is_some() {
        return both_ways!(
            " AND o.customer_id = $4",
            " AND (o.conflict IS NOT NULL OR o.not_in_kombo OR o.stuck OR o.differs)",
            received
        );
    }
    if filter.flagged {
        return both_ways!(
            " AND (o.conflict IS NOT NULL OR o.not_in_kombo OR o.stuck OR o.differs)",
            received
        );
    }
    if filter.paused && filter.customer.is_some() {
        return both_ways!(" AND o.customer_id = $4", " AND o.paused_at IS NOT NULL", received);
    }
    if filter.paused {
        return both_ways!(" AND o.paused_at IS NOT NULL", received);
    }
    if filter.uninvited {
        return both_ways!(" AND o.invite_problem IS NOT NULL AND o.stage = 'accepted'", received);
    }
    let open = !filter.stages.is_empty() && filter.stages.iter().all(|stage| !stage.is_end());
    match filter.stages.as_slice() {
        [stage] if filter.customer.is_some() => of_stage_and_customer(*stage),
        _ if open && filter.customer.is_some() => both_ways!(
            " AND o.customer_id = $4",
            " AND o.stage NOT IN ('completed', 'rejected', 'cancelled')",
            received
        ),
        [stage] if !stage.is_end() => of_stage(*stage),
        _ if open => both_ways!(" AND o.stage NOT IN ('completed', 'rejected', 'cancelled')", received),
        _ if matches!(filter.assignee, Assignee::Person(_)) => both_ways!(" AND o.assignee = $6", received),
        _ if filter.customer.is_some() => both_ways!(" AND o.customer_id = $4", received),
        _ if filter.package.is_some() => both_ways!(" AND o.package_key = $5", received),
        [stage] => of_stage(*stage),
        _ => both_ways!("", received),
    }
}

/// Reads rows with a text that has the `conditions!`: the filter fills its `$1` to `$11` here and nowhere else, what `more`
/// lists the rest.
macro_rules! filtered {
    ($conn:expr, $row:ty, $sql:expr, $viewer:expr, $filter:expr, $($more:expr),+ $(,)?) => {{
        let (assignee, nobody) = assignee($filter);
        fetch_planned!(
            $conn,
            $row,
            $sql,
            $viewer.sees_all(),
            $viewer.staff_id(),
            stage_list($filter),
            $filter.customer,
            &$filter.package,
            assignee,
            nobody,
            $filter.flagged,
            $filter.paused,
            $filter.to_invite,
            $filter.uninvited,
            $($more),+
        )
    }};
}

pub mod search;

/// A page of at most `limit` orders.
pub async fn page(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    sort: Sort,
    place: Place,
    limit: i64,
) -> Result<Page, Error> {
    if !filter.search.trim().is_empty() {
        return search::page(conn, viewer, filter, place, limit, search::Way::Fastest).await;
    }
    match narrow(conn, viewer, filter).await? {
        Some(few) if few.len() <= MERGED => merged(conn, viewer, filter, &few, sort, place, limit).await,
        _ => {
            let (sql, key) = directed(texts(filter, sort).rows, sort, place);
            let rest = rest_of(filter, sort);
            let rows = filtered!(conn, ListRow, sql, viewer, &rest, key.at, key.id, limit + 1)?;
            Ok(cut(rows, place, limit))
        }
    }
}

/// Up to how many customers their lists are read one by one and merged.
const MERGED: usize = 24;

/// The customers whose orders a person sees who does not see all of them, where the filter names none; `None`: nothing is
/// to be gained from knowing them. What is flagged or paused PostgreSQL looks through faster than it makes a plan for each.
async fn narrow(conn: &mut Conn, viewer: &Viewer, filter: &Filter) -> Result<Option<Vec<CustomerId>>, Error> {
    let is_small = filter.uninvited || (!conn.is_sqlite() && (filter.flagged || filter.paused));
    match viewer.staff_id() {
        Some(id) if !viewer.sees_all() && filter.customer.is_none() && !is_small => {
            staff::customers_of(conn, id).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// A page of the list as it is when those of a few customers are merged: their keys first, then the rows that these name. Each
/// customer has an index of its own; reading on through everybody's orders until enough of these few were found would take
/// the longer the larger the house is.
async fn merged(
    conn: &mut Conn,
    viewer: &Viewer,
    filter: &Filter,
    few: &[CustomerId],
    sort: Sort,
    place: Place,
    limit: i64,
) -> Result<Page, Error> {
    let mut keys = Vec::new();
    for customer in few {
        let own = Filter {
            customer: Some(*customer),
            ..filter.clone()
        };
        let (sql, key) = directed(texts(&own, sort).keys, sort, place);
        let rest = rest_of(&own, sort);
        let found = filtered!(
            conn,
            (Timestamp, OrderId),
            sql,
            viewer,
            &rest,
            key.at,
            key.id,
            limit + 1
        )?;
        keys.extend(found);
    }
    if keys.is_empty() {
        return Ok(paged(Vec::new(), false, place));
    }
    keys.sort_unstable();
    if (sort == Sort::Received) != matches!(place, Place::Before(_)) {
        keys.reverse();
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = keys.len() > most;
    keys.truncate(most);
    let ids = keys.iter().map(|(_, id)| id.0).collect::<Vec<_>>();
    let mut rows = among(conn, viewer, filter, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id.0));
    Ok(paged(rows, more, place))
}

/// The text of the direction, and the key at which it begins.
fn directed([behind, before]: [&'static str; 2], sort: Sort, place: Place) -> (&'static str, Key) {
    match place {
        Place::Start => (behind, edge(sort)),
        Place::After(key) => (behind, key),
        Place::Before(key) => (before, key),
    }
}

/// What the text of [`texts`] leaves to be asked.
fn rest_of(filter: &Filter, sort: Sort) -> Filter {
    Filter {
        stages: stages_left(filter, sort).to_vec(),
        ..filter.clone()
    }
}

/// The stages that the text of [`texts`] does not say already. To say them twice makes PostgreSQL expect so few orders
/// that it reads them all and sorts them.
fn stages_left(filter: &Filter, sort: Sort) -> &[Stage] {
    let is_small = filter.flagged || filter.paused || filter.uninvited;
    let is_by_stage = filter.package.is_none() && !matches!(filter.assignee, Assignee::Person(_));
    match filter.stages.as_slice() {
        [stage]
            if sort == Sort::Received && !is_small && (filter.customer.is_some() || !stage.is_end() || is_by_stage) =>
        {
            &[]
        }
        all if (sort == Sort::Due || !is_small) && Stage::ALL.iter().all(|it| all.contains(it) != it.is_end()) => &[],
        all => all,
    }
}

/// The texts for orders that are named by their ids.
const AMONG: [&str; 2] = [
    concat!(
        rows!("orders o"),
        " AND o.id IN (SELECT unhex(value, '-') FROM json_each($12))"
    ),
    concat!(
        rows!("orders o"),
        " AND o.id IN (SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST($12 AS JSONB)))"
    ),
];

/// Those of these orders that the filter lets through, in no order; its search is not asked again.
pub async fn among(conn: &mut Conn, viewer: &Viewer, filter: &Filter, ids: &[Uuid]) -> Result<Vec<ListRow>, Error> {
    let sql = conn.pick(AMONG[0], AMONG[1]);
    filtered!(conn, ListRow, sql, viewer, filter, id_list(ids))
}

/// The key before every other one of the list.
fn edge(sort: Sort) -> Key {
    // The year 9000: later than any order and within what both engines can hold.
    const FAR: i64 = 221_845_392_000_000_000;
    match sort {
        Sort::Received => Key {
            at: Timestamp::from_unix_micros(FAR).unwrap_or(Timestamp::EPOCH),
            id: OrderId(Uuid::max()),
            seq: i64::MAX,
        },
        Sort::Due => Key {
            at: Timestamp::EPOCH,
            id: OrderId(Uuid::nil()),
            seq: 0,
        },
    }
}

/// Takes the one row too many away, which only tells that there is more.
fn cut(mut rows: Vec<ListRow>, place: Place, limit: i64) -> Page {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    paged(rows, more, place)
}

/// A page of rows as they were read, behind which there is `more`; turned where it was read backwards.
fn paged(mut rows: Vec<ListRow>, more: bool, place: Place) -> Page {
    let backwards = matches!(place, Place::Before(_));
    if backwards {
        rows.reverse();
    }
    Page {
        has_before: if backwards { more } else { place != Place::Start },
        has_after: backwards || more,
        rows,
    }
}

/// The stages as one text (`,received,accepted,`), which both engines can look a stage up in.
fn stage_list(filter: &Filter) -> String {
    if filter.stages.is_empty() {
        return String::new();
    }
    let stages = filter.stages.iter().map(|stage| stage.as_str());
    format!(",{},", stages.collect::<Vec<_>>().join(","))
}

fn assignee(filter: &Filter) -> (Option<StaffId>, bool) {
    match filter.assignee {
        Assignee::Anybody => (None, false),
        Assignee::Nobody => (None, true),
        Assignee::Person(id) => (Some(id), false),
    }
}

/// How many of the viewer's orders stand at each stage, of one customer where one is named; from kept counters.
pub async fn counts(
    conn: &mut Conn,
    viewer: &Viewer,
    customer: Option<CustomerId>,
) -> Result<Vec<(Stage, i64)>, Error> {
    if viewer.sees_all() && customer.is_none() {
        let sql = "SELECT stage, CAST(SUM(orders) AS BIGINT) FROM order_counts GROUP BY stage";
        return fetch_all!(conn, (Stage, i64), sql);
    }
    // From the customers to their counters: others are not read.
    fetch_all!(
        conn,
        (Stage, i64),
        "SELECT k.stage, CAST(SUM(k.orders) AS BIGINT)
         FROM (SELECT customer_id FROM staff_customers WHERE staff_id = $2 AND NOT $1 UNION ALL SELECT $3 WHERE $1) c
         CROSS JOIN order_counts k
         WHERE k.customer_id = c.customer_id AND ($3 IS NULL OR k.customer_id = $3)
         GROUP BY k.stage",
        viewer.sees_all(),
        viewer.staff_id(),
        customer
    )
}

/// The customers with the most orders that are not over, from kept counters; those that the viewer may see.
pub async fn busiest_customers(
    conn: &mut Conn,
    viewer: &Viewer,
    limit: i64,
) -> Result<Vec<(CustomerId, String)>, Error> {
    fetch_all!(
        conn,
        (CustomerId, String),
        "SELECT c.id, c.name FROM customers c
         WHERE c.archived_at IS NULL
           AND ($1 OR c.id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY COALESCE((SELECT SUM(k.orders) FROM order_counts k WHERE k.customer_id = c.id
                AND k.stage NOT IN ('completed', 'rejected', 'cancelled')), 0) DESC, c.name_folded, c.id LIMIT $3",
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}

/// A package that orders were placed for, to choose from.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PackageChoice {
    /// Its key.
    pub key: String,
    /// Its name in the catalogue.
    pub name: String,
}

/// The packages of the catalogue, by name.
pub async fn package_choices(conn: &mut Conn) -> Result<Vec<PackageChoice>, Error> {
    fetch_all!(
        conn,
        PackageChoice,
        "SELECT key, name FROM packages ORDER BY name_folded, id LIMIT 300"
    )
}

/// The staff members that an order can be given to, by name.
pub async fn staff_choices(conn: &mut Conn) -> Result<Vec<(StaffId, String)>, Error> {
    fetch_all!(
        conn,
        (StaffId, String),
        "SELECT id, name FROM staff WHERE disabled_at IS NULL AND role <> 'viewer' ORDER BY name, id LIMIT 300"
    )
}

/// A staff member's name.
pub async fn staff_name(conn: &mut Conn, id: StaffId) -> Result<Option<String>, Error> {
    scalar!(conn, String, "SELECT name FROM staff WHERE id = $1", id)
}

/// Every text of a list of orders on SQLite, with what it lists; for the test of their plans.
#[cfg(test)]
pub(in crate::store) fn all_texts() -> Vec<(String, &'static str)> {
    use crate::domain::ids::StaffId;
    let base = Filter::default;
    let mut filters = vec![
        base(),
        Filter {
            flagged: true,
            ..base()
        },
        Filter { paused: true, ..base() },
        Filter {
            flagged: true,
            customer: Some(CustomerId(Uuid::nil())),
            ..base()
        },
        Filter {
            paused: true,
            customer: Some(CustomerId(Uuid::nil())),
            ..base()
        },
        Filter {
            uninvited: true,
            ..base()
        },
        Filter {
            customer: Some(CustomerId(Uuid::nil())),
            ..base()
        },
        Filter {
            package: Some(String::new()),
            ..base()
        },
        Filter {
            assignee: Assignee::Person(StaffId(Uuid::nil())),
            ..base()
        },
        Filter {
            stages: vec![Stage::Received, Stage::Closing],
            ..base()
        },
        Filter {
            stages: vec![Stage::Completed, Stage::Rejected, Stage::Cancelled],
            ..base()
        },
    ];
    let stages = [
        Stage::Received,
        Stage::Accepted,
        Stage::Invited,
        Stage::Started,
        Stage::InReview,
        Stage::Closing,
        Stage::Completed,
        Stage::Rejected,
        Stage::Cancelled,
    ];
    let customers = [None, Some(CustomerId(Uuid::nil()))];
    for customer in customers {
        filters.extend(stages.map(|stage| Filter {
            stages: vec![stage],
            customer,
            ..base()
        }));
        filters.push(Filter {
            stages: stages[..6].to_vec(),
            customer,
            ..base()
        });
    }
    let due_of_customer = Filter {
        customer: Some(CustomerId(Uuid::nil())),
        ..base()
    };
    let lists = filters.iter().map(|filter| (filter, Sort::Received));
    let all = base();
    let lists = lists
        .chain([(&all, Sort::Due), (&due_of_customer, Sort::Due)])
        .flat_map(|(filter, sort)| {
            let Texts { rows, keys } = texts(filter, sort);
            let named = move |text| (format!("orders by {sort:?}, {filter:?}"), text);
            rows.into_iter().chain(keys).map(named).collect::<Vec<_>>()
        });
    lists
        .chain(search::ALL_TEXTS.map(|(name, text)| (name.to_owned(), text)))
        .chain([("orders, on a screen".to_owned(), AMONG[0])])
        .collect()
}
