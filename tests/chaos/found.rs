//! Writes down what stands in the database in the end, read with plain SQL and none of the program's own reads.

use crate::history::{History, Line};
use assessdesk::store::Db;
use sqlx::FromRow;

#[derive(FromRow)]
struct OrderFound {
    kombo_id: String,
    stage: String,
    came: i64,
    candidates: i64,
}

#[derive(FromRow)]
struct DeliveryFound {
    kombo_id: String,
    state: String,
    attempts: i64,
}

#[derive(FromRow)]
struct EventFound {
    event_id: String,
    verdict: String,
    times_seen: i64,
}

/// Runs one statement on either engine.
macro_rules! rows {
    ($db:expr, $row:ty, $sql:literal) => {
        match $db {
            Db::Sqlite { read, .. } => sqlx::query_as::<_, $row>($sql).fetch_all(read).await,
            Db::Postgres(pool) => sqlx::query_as::<_, $row>($sql).fetch_all(pool).await,
        }
        .expect("what stands in the database")
    };
}

/// Orders, inbox and outbox, as they stand.
pub async fn write(history: &History, database_url: &str) {
    let db = Db::connect(database_url).await.expect("the database");
    let orders = rows!(
        &db,
        OrderFound,
        "SELECT o.kombo_id, o.stage, COALESCE(a.came, 0) AS came, COALESCE(c.candidates, 0) AS candidates
         FROM orders o
         LEFT JOIN (SELECT order_id, COUNT(*) AS came FROM audit WHERE action = 'order.received' GROUP BY order_id) a
            ON a.order_id = o.id
         LEFT JOIN (SELECT order_id, COUNT(*) AS candidates FROM candidates GROUP BY order_id) c ON c.order_id = o.id"
    );
    for row in orders {
        history.write(&Line::Order {
            order: row.kombo_id,
            stage: row.stage,
            came: row.came,
            candidates: row.candidates,
        });
    }
    let deliveries = rows!(
        &db,
        DeliveryFound,
        "SELECT o.kombo_id, d.state, CAST(d.attempts AS BIGINT) AS attempts
         FROM deliveries d JOIN orders o ON o.id = d.order_id WHERE d.kind = 'result'"
    );
    for row in deliveries {
        history.write(&Line::Delivery {
            order: row.kombo_id,
            state: row.state,
            attempts: row.attempts,
        });
    }
    let events = rows!(
        &db,
        EventFound,
        "SELECT event_id, verdict, CAST(times_seen AS BIGINT) AS times_seen FROM inbox"
    );
    for row in events {
        history.write(&Line::Event {
            event: row.event_id,
            verdict: row.verdict,
            times_seen: row.times_seen,
        });
    }
    db.close().await;
}
