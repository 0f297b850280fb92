//! How SQLite goes about the lists: each page begins at an index that already has its order, so that it costs the same
//! among a hundred rows and ten million.

use super::audit::{self, Filter as AuditFilter};
use super::deliveries::{self, DeliveryFilter, Seen, lists, mails};
use super::inbox::{self, InboxFilter};
use super::links::{self, Purpose};
use super::{
    Conn, Db, Writes, connection_health, customers, go_lives, holds, order_lists, packages, rail, reasons, rule_facts,
    today,
};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{CustomerId, DeliveryId, OrderId, StaffId};
use crate::domain::inbox::InboxVerdict;
use crate::domain::time::Timestamp;
use sqlx::{Row, SqlitePool};
use uuid::Uuid;

/// The tables that grow with every order.
const BIG: [&str; 13] = [
    "o",
    "d",
    "p",
    "a",
    "orders",
    "inbox",
    "deliveries",
    "attempts",
    "audit",
    "candidates",
    "publications",
    "customers",
    "packages",
];

fn texts() -> Vec<(String, &'static str)> {
    let customer = Some(CustomerId(Uuid::nil()));
    let mut all = order_lists::all_texts();
    let mut add = |what: &str, text| all.push((what.to_owned(), text));
    add("inbox", inbox::page_text(&InboxFilter::default()));
    let filter = InboxFilter {
        verdict: Some(InboxVerdict::Failed),
        ..InboxFilter::default()
    };
    add("inbox, by verdict", inbox::page_text(&filter));
    add(
        "inbox, by customer",
        inbox::page_text(&InboxFilter {
            customer,
            ..InboxFilter::default()
        }),
    );
    add("inbox, on a screen", inbox::AMONG[0]);
    add("outbox, on a screen", lists::AMONG[0]);
    add("outbox", lists::page_text(&DeliveryFilter::default()));
    let filter = DeliveryFilter {
        state: Some(DeliveryState::GivenUp),
        ..DeliveryFilter::default()
    };
    add("outbox, by state", lists::page_text(&filter));
    add(
        "outbox, by customer",
        lists::page_text(&DeliveryFilter {
            customer,
            ..DeliveryFilter::default()
        }),
    );
    add("mail", mails::PAGE);
    add("mail, on a screen", mails::AMONG[0]);
    add("audit", audit::page_texts(&AuditFilter::default())[0]);
    let filter = AuditFilter {
        subject: Some(Uuid::nil()),
        ..AuditFilter::default()
    };
    add("audit, by subject", audit::page_texts(&filter)[0]);
    let filter = AuditFilter {
        staff: Some(StaffId(Uuid::nil())),
        ..AuditFilter::default()
    };
    add("audit, by person", audit::page_texts(&filter)[0]);
    add(
        "audit, by customer",
        audit::page_texts(&AuditFilter {
            customer,
            ..AuditFilter::default()
        })[0],
    );
    add("customers", customers::LIST);
    add("packages", packages::LIST);
    add("reasons", reasons::LIST);
    add("Today, failed webhooks", today::FAILED);
    add("Today, held rejections", holds::CONFIRMED);
    add("held orders", holds::SINCE);
    add("the rail's numbers", rail::NUMBERS);
    add("a candidate's earlier orders", rule_facts::LAST_ORDERED);
    add("orders for a dry run", rule_facts::PAST[0]);
    add("orders for a dry run, of a customer", rule_facts::PAST[1]);
    all
}

/// Whether a step of a plan looks through a big table or sorts what it found. An index that holds only what failed is
/// small, so that one may be read whole.
fn is_bad(step: &str) -> bool {
    let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
    let whole = scanned.is_some_and(|table| BIG.contains(&table)) && !step.contains("USING INDEX inbox_failed");
    whole || step.contains("USE TEMP B-TREE FOR ORDER BY")
}

/// How SQLite goes about this text, step by step.
async fn plan(read: &SqlitePool, text: &str) -> Vec<String> {
    let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
    let steps = sqlx::query(explained).fetch_all(read).await.expect("a plan");
    steps.iter().map(|step| step.get("detail")).collect()
}

async fn database(dir: &tempfile::TempDir) -> SqlitePool {
    let url = format!("sqlite://{}", dir.path().join("plans.db").display());
    match Db::open(&url).await.expect("a database") {
        Db::Sqlite { read, .. } => read,
        Db::Postgres(_) => panic!("SQLite was asked for"),
    }
}

#[tokio::test]
async fn what_is_due_is_found_without_looking_through_all_that_waits() {
    let dir = tempfile::tempdir().expect("a directory");
    let read = database(&dir).await;
    let narrow = [
        "deliveries_to_kombo (integration_id=? AND due_at<?)",
        "deliveries_to_kombo (integration_id=?)",
        "deliveries_mails_due (kind=? AND due_at<?)",
        "deliveries_mails_due (kind=?)",
        "deliveries_sending (integration_id=?)",
        "deliveries_sending (integration_id=? AND kind=?)",
        "deliveries_stopped (integration_id=? AND state=?)",
        "(id=?)",
    ];
    for text in [
        deliveries::DUE,
        deliveries::COUNT_DUE,
        deliveries::NEXT_DUE,
        deliveries::PARK,
        deliveries::WAKE,
        mails::DUE,
        mails::NEXT_DUE,
        connection_health::LAST_ERROR,
    ] {
        let steps = plan(&read, text).await;
        for step in &steps {
            let of_deliveries = [
                "SEARCH d ",
                "SEARCH deliveries ",
                "SEARCH e ",
                "SEARCH o ",
                "SEARCH s ",
                "SEARCH w ",
            ];
            let is_read = of_deliveries.iter().any(|start| step.starts_with(start));
            let is_narrow = narrow
                .iter()
                .any(|part| step.trim_end_matches(" LEFT-JOIN").ends_with(part));
            assert!(!is_read || is_narrow, "{steps:?}");
            let of_all = ["SCAN d", "SCAN e", "SCAN o", "SCAN s", "SCAN w"];
            assert!(!of_all.contains(&step.as_str()), "{steps:?}");
        }
    }
}

/// What the outbox changes of many deliveries and orders at once.
fn changes(conn: &Conn, count: usize) -> Writes {
    let now = Timestamp::EPOCH;
    let mut writes = Writes::new(conn, count);
    let seen = vec![
        Seen {
            id: DeliveryId(Uuid::nil()),
            version: 1
        };
        count
    ];
    deliveries::push_claims(&mut writes, seen.iter().copied(), now, now);
    deliveries::push_arrivals(&mut writes, seen.iter().copied(), now);
    let orders = vec![OrderId(Uuid::nil()); count];
    links::push_revocations(&mut writes, &orders, Purpose::Start, now);
    deliveries::push_progress_over(&mut writes, &orders, "", now);
    writes
}

#[tokio::test]
async fn many_changes_are_made_where_they_belong_and_nothing_else_is_looked_through() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite://{}", dir.path().join("plans.db").display());
    let db = Db::open(&url).await.expect("a database");
    let conn = db.read().await.expect("a connection");
    let Db::Sqlite { read, .. } = &db else {
        panic!("SQLite was asked for")
    };
    for count in [1, 8, 64] {
        let writes = changes(&conn, count);
        let plans = writes.statements().into_iter().map(async |text| plan(read, text).await);
        for steps in futures_util::future::join_all(plans).await {
            let finds = [
                "deliveries_1 (id=?)",
                "links_by_order (order_id=?",
                "deliveries_by_order (order_id=?",
            ];
            let is_found = |step: &String| finds.iter().any(|end| step.contains(end));
            let is_given = |step: &String| step.contains("ROW") || ["MATERIALIZE v", "SCAN v"].contains(&&**step);
            let is_short = steps.iter().all(|step| is_found(step) || is_given(step));
            assert!(steps.iter().any(is_found) && is_short, "{count}: {steps:?}");
        }
    }
}

#[tokio::test]
async fn a_proof_is_found_among_the_orders_of_its_integration() {
    let dir = tempfile::tempdir().expect("a directory");
    let read = database(&dir).await;
    for text in [go_lives::PROOF[0], go_lives::DUE[0]] {
        let steps = plan(&read, text).await;
        let orders = steps.iter().filter(|step| step.contains(" o "));
        let orders = orders.collect::<Vec<_>>();
        assert!(
            orders.len() == 1 && orders[0].ends_with("(integration_id=?)"),
            "{steps:?}"
        );
    }
}

#[tokio::test]
async fn no_list_looks_through_a_big_table_or_sorts() {
    let dir = tempfile::tempdir().expect("a directory");
    let read = database(&dir).await;
    let mut bad = Vec::new();
    for (what, text) in texts() {
        let steps = plan(&read, text).await;
        if steps.iter().any(|step| is_bad(step)) {
            bad.push(format!("{what}:\n  {}", steps.join("\n  ")));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn a_house_that_was_stopped_keeps_no_statistics_of_its_youth() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite://{}", dir.path().join("plans.db").display());
    let db = Db::open(&url).await.expect("a database");
    db.close().await;
    let db = Db::connect(&url).await.expect("a database");
    let Db::Sqlite { read, .. } = &db else {
        panic!("SQLite was asked for")
    };
    let kept: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'")
        .fetch_all(read)
        .await
        .expect("read");
    assert!(kept.is_empty(), "{kept:?}");
}

#[tokio::test]
async fn what_is_rare_at_a_stage_is_found_without_looking_at_all_that_stands_there() {
    let dir = tempfile::tempdir().expect("a directory");
    let read = database(&dir).await;
    let mut asked = vec![(rail::NUMBERS, "COVERING INDEX orders_stuck")];
    for (words, index) in [
        (["uninvited: true", "customer: None"], "INDEX orders_uninvited"),
        (["flagged: true", "customer: Some"], "INDEX orders_flagged_of_customer"),
        (["paused: true", "customer: Some"], "INDEX orders_paused_of_customer"),
    ] {
        let those = texts()
            .into_iter()
            .filter(|(what, _)| words.iter().all(|word| what.contains(word)));
        let those: Vec<_> = those.map(|(_, text)| (text, index)).collect();
        assert_eq!(those.len(), 4, "rows and keys, forth and back: {words:?}");
        asked.extend(those);
    }
    for (text, index) in asked {
        let steps = plan(&read, text).await;
        assert!(steps.iter().any(|step| step.contains(index)), "{}", steps.join("\n"));
    }
}
