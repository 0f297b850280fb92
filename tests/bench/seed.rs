//! Fills a made-up house: customers, catalogue and staff through the store, the many rows in large pieces with the real
//! columns.

use crate::made::{self, Made, STAFF};
use crate::people::{self, CUSTOMERS, Words};
use crate::support::TestApp;
use crate::support::fixtures::customer_row;
use assessdesk::domain::ids::{CustomerId, IntegrationId, PackageId, StaffId};
use assessdesk::domain::integration::IntegrationState;
use assessdesk::domain::order::{DecidedBy, Decision, FinalStatus, Stage};
use assessdesk::domain::package_texts::PackageTexts;
use assessdesk::domain::role::Role;
use assessdesk::domain::text::fold;
use assessdesk::domain::time::Timestamp;
use assessdesk::store::candidates::{customer_word, index_text};
use assessdesk::store::customers;
use assessdesk::store::integrations::{self, IntegrationRow};
use assessdesk::store::packages::{self, PackageRow};
use assessdesk::store::staff::{self, NewStaff};
use sqlx::{PgConnection, SqliteConnection};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

/// How many orders are made and written at a time.
const BLOCK: u32 = 20_000;

/// The most values of one statement: what both engines take.
pub const VALUES: usize = 32_000;

/// The engine's own connection.
pub enum Side {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// `pour!(side, "INSERT INTO t (a, b)", rows, row => row.a, row.b)`: writes all rows, many with each statement.
macro_rules! pour {
    ($side:expr, $head:expr, $rows:expr, $row:ident => $($value:expr),+ $(,)?) => {{
        let width = [$(stringify!($value)),+].len();
        let rows: Vec<_> = $rows.collect();
        for part in rows.chunks($crate::seed::VALUES / width) {
            // SQLite looks a numbered place up among all before it, so it gets unnumbered ones.
            let is_numbered = matches!($side, $crate::seed::Side::Postgres(_));
            let text = sqlx::AssertSqlSafe($crate::seed::text($head, width, part.len(), is_numbered));
            match $side {
                $crate::seed::Side::Sqlite(conn) => {
                    let mut query = sqlx::query(text);
                    for $row in part { query = query$(.bind($value))+; }
                    query.execute(&mut *conn).await.expect("rows");
                }
                $crate::seed::Side::Postgres(conn) => {
                    let mut query = sqlx::query(text);
                    for $row in part { query = query$(.bind($value))+; }
                    query.execute(&mut *conn).await.expect("rows");
                }
            }
        }
    }};
}
pub(crate) use pour;

pub fn text(head: &str, width: usize, count: usize, is_numbered: bool) -> String {
    let mut text = format!("{head} VALUES ");
    for row in 0..count {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..width {
            let comma = if column == 0 { "" } else { "," };
            text.push_str(comma);
            if is_numbered {
                write!(text, "${}", row * width + column + 1).expect("written");
            } else {
                text.push('?');
            }
        }
        text.push(')');
    }
    text
}

/// What the orders refer to.
pub struct House {
    pub customers: Vec<(CustomerId, String)>,
    integrations: Vec<(IntegrationId, usize, &'static str)>,
    packages: Vec<(PackageId, String, String)>,
    staff: Vec<StaffId>,
    now: Timestamp,
}

impl House {
    /// Writes everything but the orders.
    pub async fn furnish(t: &TestApp) -> Self {
        let clock = t.app.clock.clone();
        let now = clock.now();
        let mut work = t.app.begin_system().await.expect("a transaction");
        let mut house = Self {
            customers: Vec::new(),
            integrations: Vec::new(),
            packages: Vec::new(),
            staff: Vec::new(),
            now,
        };
        for number in 0..CUSTOMERS {
            let id: CustomerId = clock.new_id();
            let keys = t.app.vault.ensure_key(&mut work.conn, &clock, Some(id)).await;
            keys.expect("a data key");
            let mut row = customer_row(t, id);
            row.name = people::customer(number);
            row.due_hours = made::due_hours(number);
            row.invite = number.is_multiple_of(4);
            customers::insert(&mut work.conn, &row).await.expect("a customer");
            house.customers.push((id, row.name));
        }
        for (number, (customer, tool)) in made::integrations().into_iter().enumerate() {
            let id: IntegrationId = clock.new_id();
            let (owner, name) = &house.customers[customer];
            let row = IntegrationRow {
                customer_id: Some(*owner),
                state: IntegrationState::Active,
                organization_name: name.clone(),
                origin_id: Some(owner.to_string()),
                ..IntegrationRow::unknown(id, &format!("{tool}:bench{number}"), now)
            };
            integrations::insert(&mut work.conn, &row)
                .await
                .expect("an integration");
            house.integrations.push((id, customer, tool));
        }
        for (key, name, kind) in people::packages() {
            let id: PackageId = clock.new_id();
            let row = PackageRow {
                id,
                name_folded: fold(&name),
                key: key.clone(),
                name: name.clone(),
                description: "A test.".into(),
                kind,
                start_url: "https://tests.example/start?order={order}".into(),
                max_score: "100".into(),
                duration_minutes: Some(40),
                tags: String::new(),
                regions: String::new(),
                due_hours: None,
                result_parts: String::new(),
                score_bands: String::new(),
                retired_at: None,
                created_at: now,
                version: 1,
                texts: PackageTexts::default(),
            };
            packages::insert(&mut work.conn, &row).await.expect("a package");
            house.packages.push((id, key, name));
        }
        for number in 0..STAFF {
            let id: StaffId = clock.new_id();
            let (name, email) = (people::staff(number), format!("person{number}@desk.example"));
            let new = NewStaff {
                id,
                email: &email,
                email_folded: &email,
                name: &name,
                role: Role::Operator,
                all_customers: true,
                time_zone: "Europe/Berlin",
                created_at: now,
            };
            staff::insert(&mut work.conn, &new).await.expect("a person");
            house.staff.push(id);
        }
        work.commit().await.expect("committed");
        house
    }

    /// Writes `total` orders with candidates, search index, inbox, deliveries and counters.
    pub async fn fill(&self, side: &mut Side, total: u32) {
        let words = Words::new();
        let integrations: Vec<_> = self
            .integrations
            .iter()
            .map(|(_, owner, tool)| (*owner, *tool))
            .collect();
        let mut counts: HashMap<(usize, Stage), i64> = HashMap::new();
        let mut next = 1;
        while next <= total {
            let last = total.min(next + BLOCK - 1);
            let block: Vec<_> = (next..=last)
                .map(|number| Made::of(number, total, self.now, &words, &integrations))
                .collect();
            for order in &block {
                *counts.entry((order.customer, order.stage)).or_default() += 1;
            }
            say(side, "BEGIN").await;
            self.orders(side, &block).await;
            self.around(side, &block).await;
            say(side, "COMMIT").await;
            next = last + 1;
        }
        pour!(side, "INSERT INTO order_counts (customer_id, stage, orders)", counts.iter(), count =>
            self.customers[count.0.0].0, count.0.1, count.1);
    }

    async fn orders(&self, side: &mut Side, block: &[Made]) {
        let own = match side {
            Side::Sqlite(_) => "",
            Side::Postgres(_) => " OVERRIDING SYSTEM VALUE",
        };
        let head = format!(
            "INSERT INTO orders (seq, id, integration_id, kombo_id, customer_id, package_key, package_id, package_name,
                stage, source, inline, kombo_status, open_seen, absent_seen, answered_at, decision, decided_by, decided_at,
                decided_micros, final_status, paused_at, paused_reason, unknown_package, differs, conflict, not_in_kombo,
                unreachable, stuck, assignee, job_remote_id, job_name, job_code, application_remote_id,
                candidate_remote_id, received_at, due_at, closed_at, changed_at, data_digest, version){own}"
        );
        pour!(side, &head, block.iter(), o =>
            o.seq, o.id, self.integrations[o.integration].0, &o.kombo_id, self.customers[o.customer].0,
            &self.packages[o.package].1, self.packages[o.package].0, &self.packages[o.package].2,
            o.stage, "webhook", false, kombo_status(o.stage), 0_i64, 0_i64, o.received_at, decision(o.stage),
            (o.stage != Stage::Received).then_some(DecidedBy::Rule), (o.stage != Stage::Received).then_some(o.received_at),
            (o.stage != Stage::Received).then_some(1_800_i64), final_status(o.stage), o.paused_at,
            o.paused_at.map(|_| "The customer asked for it."), o.unknown_package, o.differs, o.conflict, o.not_in_kombo,
            false, o.stuck, o.assignee.map(|at| self.staff[at]), "j-1", o.job, "DE-7", "a-1",
            "c-1", o.received_at, o.due_at, o.closed_at, o.closed_at.unwrap_or(o.received_at), DIGEST.as_slice(), 4_i64);
    }

    async fn around(&self, side: &mut Side, block: &[Made]) {
        pour!(side, "INSERT INTO candidates (order_id, customer_id, first_name, last_name, email, phone)", block.iter(), o =>
            o.id, self.customers[o.customer].0, &o.first_name, &o.last_name, &o.email, &o.phone);
        match side {
            Side::Sqlite(_) => pour!(side, "INSERT INTO order_search (rowid, words)", block.iter(), o =>
                o.seq, self.words(o)),
            Side::Postgres(conn) => {
                let seqs: Vec<i64> = block.iter().map(|o| o.seq).collect();
                let words: Vec<String> = block.iter().map(|o| self.words(o)).collect();
                let text = "INSERT INTO order_search (order_seq, words)
                    SELECT seq, to_tsvector('simple', words) FROM UNNEST($1::BIGINT[], $2::TEXT[]) AS t (seq, words)";
                let query = sqlx::query(text).bind(seqs).bind(words);
                query.execute(conn).await.expect("rows");
            }
        }
        pour!(side, "INSERT INTO inbox (id, event_id, type, digest, size, integration, kombo_order_id, order_id, customer_id,
                verdict, answer_status, answer_micros, first_at, last_at, times_seen, replays, version)", block.iter(), o =>
            made::id(o.received_at, o.id.as_u64_pair().1 ^ 1), format!("e-{}", o.kombo_id), "assessment:order-received",
            DIGEST.as_slice(), 1_400_i64, format!("bench{}", o.integration), &o.kombo_id, o.id, self.customers[o.customer].0,
            "new_order", 200_i64, 2_100_i64, o.received_at, o.received_at, 1_i64, 0_i64, 1_i64);
        let sent = block.iter().filter(|o| final_status(o.stage).is_some());
        pour!(side, "INSERT INTO deliveries (id, kind, state, integration_id, customer_id, order_id, final_status, attempts,
                due_at, fence, created_at, finished_at, version)", sent, o =>
            made::id(self.left(o), o.id.as_u64_pair().1 ^ 2), "result", delivery_state(o),
            self.integrations[o.integration].0, self.customers[o.customer].0, o.id, final_status(o.stage).map(FinalStatus::as_str),
            1_i64, self.left(o), 1_i64, o.closed_at.unwrap_or(o.received_at), o.closed_at, 2_i64);
    }

    /// When its final word leaves: what still waits does so until long after the measurement.
    fn left(&self, order: &Made) -> Timestamp {
        order.closed_at.unwrap_or(self.now.plus(Duration::from_hours(24 * 365)))
    }

    fn words(&self, o: &Made) -> String {
        let (_, key, package) = &self.packages[o.package];
        let (customer_id, customer) = &self.customers[o.customer];
        let (id, of) = (o.id.to_string(), customer_word(*customer_id));
        index_text(&[
            &o.first_name,
            &o.last_name,
            &o.email,
            &o.phone,
            o.job,
            "DE-7",
            customer,
            package,
            key,
            &o.kombo_id,
            &id,
            &of,
        ])
    }
}

/// No body stands behind these rows.
const DIGEST: [u8; 32] = [7; 32];

fn kombo_status(stage: Stage) -> &'static str {
    match stage {
        Stage::Completed => "COMPLETED",
        Stage::Rejected => "REJECTED",
        Stage::Cancelled => "CANCELLED",
        _ => "OPEN",
    }
}

fn decision(stage: Stage) -> Option<Decision> {
    match stage {
        Stage::Received => None,
        Stage::Rejected => Some(Decision::Reject),
        _ => Some(Decision::Accept),
    }
}

fn final_status(stage: Stage) -> Option<FinalStatus> {
    match stage {
        Stage::Completed | Stage::Closing => Some(FinalStatus::Completed),
        Stage::Cancelled => Some(FinalStatus::Cancelled),
        _ => None,
    }
}

fn delivery_state(order: &Made) -> &'static str {
    match order.stage {
        Stage::Closing if order.stuck => "given_up",
        Stage::Closing => "waiting",
        _ => "delivered",
    }
}

/// Runs one statement.
pub async fn say(side: &mut Side, text: &str) {
    let text = sqlx::AssertSqlSafe(text.to_owned());
    match side {
        Side::Sqlite(conn) => sqlx::raw_sql(text).execute(conn).await.map(drop),
        Side::Postgres(conn) => sqlx::raw_sql(text).execute(conn).await.map(drop),
    }
    .expect("a statement");
}

/// The first column of every row.
pub async fn told(side: &mut Side, text: &'static str) -> Vec<String> {
    match side {
        Side::Sqlite(conn) => sqlx::query_scalar(text).fetch_all(conn).await,
        Side::Postgres(conn) => sqlx::query_scalar(text).fetch_all(conn).await,
    }
    .expect("rows")
}
