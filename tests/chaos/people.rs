//! What staff do, in a process of their own on the same database: accept what the list brought, enter and release results.

use crate::history::{History, Line};
use crate::sizes::Dice;
use crate::support::practice::write_draft;
use assessdesk::actions::order_steps::{self, Said};
use assessdesk::app::App;
use assessdesk::domain::ids::{DeliveryId, OrderId};
use assessdesk::domain::order::{Decision, Event, Stage};
use assessdesk::domain::viewer::Viewer;
use assessdesk::store::deliveries::{self, DeliveryRow};
use assessdesk::store::orders::{self, OrderRow};
use assessdesk::store::{Db, Error};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The staff: cheap to clone.
#[derive(Clone, Debug)]
pub struct Staff {
    pub app: App,
    pub history: History,
}

/// How many orders are looked for at once.
const AT_ONCE: usize = 100;

/// How long nobody looks after nothing was found: on SQLite a look goes through all orders.
const LOOKED_AGAIN: Duration = Duration::from_millis(250);

/// How long no order may come before the run is given up. While the program is killed every few seconds, its look through
/// Kombo's list begins anew each time, and may find nothing new for minutes.
const STUCK: Duration = Duration::from_mins(10);

/// Enters and releases a result for every order that comes, until `count` were released; never blind: an order is taken
/// on only once it stands there.
pub async fn release_all(staff: &Staff, count: usize) {
    let app = &staff.app;
    let mut released: HashSet<OrderId> = HashSet::new();
    let mut found = Instant::now();
    while released.len() < count {
        let open: Vec<OrderId> = open_orders(app)
            .await
            .into_iter()
            .filter(|id| !released.contains(id))
            .take(AT_ONCE)
            .collect();
        if open.is_empty() {
            assert!(
                found.elapsed() < STUCK,
                "no order came to release, after {} of {count}",
                released.len()
            );
            tokio::time::sleep(LOOKED_AGAIN).await;
        } else {
            found = Instant::now();
        }
        for id in open {
            let (order, score) = release(app, id).await;
            staff.history.write(&Line::Released {
                at: staff.history.now(),
                order,
                score,
            });
            released.insert(id);
        }
    }
}

/// Enters and releases one order's result; says what Kombo calls the order, and the score.
async fn release(app: &App, id: OrderId) -> (String, String) {
    let order = find(app, id).await;
    let mut dice = Dice::of(&["score", &order.kombo_id]);
    let score = dice.below(101).to_string();
    write_draft(app, &order, &score, dice.hits(5)).await;
    if order.stage == Stage::Received {
        step(app, id, &Event::Decided(Decision::Accept)).await;
    }
    step(app, id, &Event::Released).await;
    (order.kombo_id, score)
}

/// Takes a step with the order as it stands, again where somebody else was faster.
async fn step(app: &App, id: OrderId, event: &Event) {
    for _ in 0..50 {
        let mut order = find(app, id).await;
        // A webhook that came meanwhile has accepted it.
        if matches!(event, Event::Decided(_)) && order.stage != Stage::Received {
            return;
        }
        let mut work = app.begin_system().await.expect("a transaction");
        match order_steps::apply(&mut work, &mut order, event, Said::default()).await {
            Ok(_) => match work.commit().await {
                Ok(()) => return,
                Err(error) => assert!(error.is_passing() || error.is_contention(), "{error}"),
            },
            Err(assessdesk::actions::Error::Store(error)) => {
                assert!(error.is_passing() || error.is_contention(), "{error}");
            }
            Err(error) => panic!("{} does not {event:?} from {:?}: {error}", order.kombo_id, order.stage),
        }
    }
    panic!("an order is always being changed by somebody else");
}

async fn find(app: &App, id: OrderId) -> OrderRow {
    let mut conn = app.read().await.expect("a connection");
    let order = orders::find(&mut conn, &Viewer::system(), id).await.expect("read");
    order.expect("an order")
}

/// Orders on which a person can work.
async fn open_orders(app: &App) -> Vec<OrderId> {
    let sql = "SELECT id FROM orders WHERE stage IN ('received', 'accepted') ORDER BY id LIMIT 500";
    let rows: Result<Vec<(OrderId,)>, Error> = match &app.db {
        Db::Sqlite { read, .. } => sqlx::query_as(sql).fetch_all(read).await,
        Db::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await,
    }
    .map_err(Error::from);
    rows.expect("read").into_iter().map(|(id,)| id).collect()
}

/// How long no result may arrive before the run is given up.
const SILENT: Duration = Duration::from_mins(2);

/// Waits until `count` results have arrived; where nothing moves any more, says how the others stand.
pub async fn all_arrived(staff: &Staff, count: usize) {
    let app = &staff.app;
    let (mut last, mut moved) = (0, Instant::now());
    while last < count {
        let now = completed(app).await;
        if now != last {
            (last, moved) = (now, Instant::now());
        }
        if moved.elapsed() > SILENT {
            let others = not_arrived(app).await.join("\n");
            panic!(
                "{last} of {count} results arrived, and no other one; at {} there are\n{others}",
                app.clock.now()
            );
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// How the first of the deliveries stand that are not over.
async fn not_arrived(app: &App) -> Vec<String> {
    let sql = "SELECT id FROM deliveries WHERE finished_at IS NULL ORDER BY created_at, id LIMIT 10";
    let ids: Result<Vec<(DeliveryId,)>, _> = match &app.db {
        Db::Sqlite { read, .. } => sqlx::query_as(sql).fetch_all(read).await,
        Db::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await,
    };
    let mut conn = app.read().await.expect("a connection");
    let ids = ids.expect("read").into_iter().map(|(id,)| id).collect::<Vec<_>>();
    let rows = deliveries::find_many(&mut conn, &ids).await.expect("read");
    let tell = |row: DeliveryRow| {
        format!(
            "{} {:?} since {}, due {}, lease {:?}, tried {}, {:?}, {:?}",
            row.id, row.state, row.created_at, row.due_at, row.lease_until, row.attempts, row.doubt, row.last_message
        )
    };
    rows.into_iter().map(tell).collect()
}

/// How many orders have reached their end.
pub async fn completed(app: &App) -> usize {
    let sql = "SELECT COUNT(*) FROM orders WHERE stage = 'completed'";
    let count: i64 = match &app.db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await,
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
    }
    .expect("read");
    usize::try_from(count).expect("a count")
}
