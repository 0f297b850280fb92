//! Houses with many orders, or many offers. Each is made once and kept for the next run: SQLite's as a file under `target/bench`,
//! PostgreSQL's as a database of the server that `ASSESSDESK_TEST_POSTGRES` names.

use crate::offers::OfferHouse;
use crate::seed::{House, Side, say, told};
use crate::support::program::{Program, free_port};
use crate::support::{Client, Engine, TestApp};
use assessdesk::clock::Clock;
use assessdesk::domain::ids::CustomerId;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::reconciler;
use assessdesk::store::{customers, order_lists};
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::str::FromStr;

// The indexes of the tables that get a row with each order.
const SQLITE_INDEXES: &str = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
    AND tbl_name IN ('orders', 'candidates', 'inbox', 'deliveries')";
const POSTGRES_INDEXES: &str =
    "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relname IN ('orders', 'candidates', 'order_search', 'inbox', 'deliveries')
      AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)";

/// How many orders three customers have together that one person sees: a tenth of the smallest house.
pub const OF_FEW: i64 = 1_000;

/// How many orders a customer has that is looked at alone.
pub const OF_ONE: i64 = 480;

/// What a house is full of.
#[derive(Clone, Copy, Debug)]
pub enum Full {
    /// So many orders.
    OfOrders(u32),
    /// The offers of so many customers.
    OfOffers(usize),
}

impl Full {
    /// By what a kept house is found again.
    fn name(self) -> String {
        match self {
            Self::OfOrders(orders) => format!("{orders}"),
            Self::OfOffers(customers) => format!("offers_{customers}"),
        }
    }
}

/// A house, and an app on its database for signing people in.
pub struct Kept {
    pub app: TestApp,
    url: String,
}

/// The program that runs on it.
pub struct Served {
    pub program: Program,
    pub port: u16,
}

impl Kept {
    /// The house that is full of this; `None` where there is no such engine here.
    pub async fn of(engine: Engine, full: Full) -> Option<Self> {
        if !engine.is_there() {
            return None;
        }
        let url = match engine {
            Engine::Sqlite => sqlite(full).await,
            Engine::Postgres => postgres(full).await,
        };
        let app = app(&url).await;
        Some(Self { app, url })
    }

    /// A copy of SQLite's house with this many orders, to be written to.
    pub async fn copied(orders: u32) -> Self {
        let kept = sqlite(Full::OfOrders(orders)).await;
        let dir = tempfile::tempdir().expect("a temporary folder");
        let url = Program::database_url(dir.path());
        let path = |url: &str| url.trim_start_matches("sqlite://").to_owned();
        std::fs::copy(path(&kept), path(&url)).expect("a copy");
        let app = TestApp::open(dir, &url, Clock::System, &[]).await;
        Self { app, url }
    }

    /// Starts the program on it.
    pub async fn serve(&self) -> Served {
        let port = free_port();
        let url = format!("--database-url={}", self.url);
        let program = Program::start(self.app.dir.path(), port, &[&url, "--reconcile-every=24h"]).await;
        Served { program, port }
    }

    /// Signs in somebody who sees everything; the cookie.
    pub async fn operator(&self) -> String {
        cookie(&self.app.sign_in_as(Role::Operator).await)
    }

    /// Signs in somebody who sees everything and may publish; the cookie.
    pub async fn manager(&self) -> String {
        cookie(&self.app.sign_in_as(Role::Manager).await)
    }

    /// Signs in somebody who sees a [`few`](Self::few) customers; the cookie.
    pub async fn limited(&self) -> String {
        let few = self.few().await;
        cookie(&self.app.sign_in_limited(Role::Operator, &few).await)
    }

    /// Three customers that have about [`OF_FEW`] orders together, whatever the size of the house.
    async fn few(&self) -> Vec<CustomerId> {
        let busiest = self.busiest().await;
        let off = |some: &[(CustomerId, i64)]| (some.iter().map(|of| of.1).sum::<i64>() - OF_FEW).abs();
        let three = busiest.windows(3).min_by_key(|three| off(three)).expect("customers");
        three.iter().map(|of| of.0).collect()
    }

    /// A customer that has about [`OF_ONE`] orders, whatever the size of the house.
    pub async fn one(&self) -> CustomerId {
        let busiest = self.busiest().await;
        let one = busiest.iter().min_by_key(|of| (of.1 - OF_ONE).abs());
        one.expect("a customer").0
    }

    /// The customers and how many orders each has, the busiest first.
    async fn busiest(&self) -> Vec<(CustomerId, i64)> {
        let mut busiest = Vec::new();
        let mut conn = self.app.app.read().await.expect("a connection");
        for (id, _) in self.customers().await {
            let counts = order_lists::counts(&mut conn, &Viewer::system(), Some(id)).await;
            busiest.push((id, counts.expect("read").iter().map(|of| of.1).sum()));
        }
        busiest.sort_by_key(|of| std::cmp::Reverse(of.1));
        busiest
    }

    /// The customers in the order of their making.
    pub async fn customers(&self) -> Vec<(CustomerId, String)> {
        let mut conn = self.app.app.read().await.expect("a connection");
        let mut all = customers::names(&mut conn, &Viewer::system()).await.expect("read");
        all.sort();
        all
    }
}

fn cookie(client: &Client) -> String {
    client.cookie().expect("a session").to_owned()
}

async fn app(url: &str) -> TestApp {
    let dir = tempfile::tempdir().expect("a temporary folder");
    TestApp::open(dir, url, Clock::System, &[]).await
}

/// Where kept houses lie.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// What a kept house was made with: another schema or other people make another house.
fn digest() -> String {
    let mut hash = Sha256::new();
    for engine in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .expect("migrations")
            .map(|file| file.expect("a file").path())
            .collect();
        files.sort();
        for file in files {
            hash.update(std::fs::read(file).expect("a migration"));
        }
    }
    for text in [
        include_str!("seed.rs"),
        include_str!("made.rs"),
        include_str!("people.rs"),
        include_str!("offers.rs"),
    ] {
        hash.update(text);
    }
    let digest = hash.finalize();
    format!(
        "{:08x}",
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    )
}

async fn sqlite(full: Full) -> String {
    let path = folder().join(format!("house-{}-{}.db", full.name(), digest()));
    let url = |path: &Path| format!("sqlite://{}", path.display());
    if !path.exists() {
        let part = path.with_extension("part");
        for name in [
            &part,
            &part.with_extension("part-wal"),
            &part.with_extension("part-shm"),
        ] {
            let _ = std::fs::remove_file(name);
        }
        let options = SqliteConnectOptions::from_str(&url(&part)).expect("a URL");
        let options = options
            .journal_mode(SqliteJournalMode::Memory)
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(false)
            .pragma("cache_size", "-400000");
        let connect = async || Side::Sqlite(options.connect().await.expect("a connection"));
        make(&url(&part), full, connect).await;
        let t = app(&url(&part)).await;
        while !reconciler::put_together(&t.app).await.expect("the search index") {}
        t.app.db.close().await;
        std::fs::rename(&part, &path).expect("renamed");
    }
    url(&path)
}

async fn postgres(full: Full) -> String {
    let server = crate::support::engine::postgres().expect("a PostgreSQL server");
    let name = format!("bench_{}_{}", full.name(), digest());
    let url = crate::support::engine::with_name(&server, &name);
    let mut conn = PgConnection::connect(&server)
        .await
        .expect("a connection to PostgreSQL");
    let found: Option<String> = sqlx::query_scalar("SELECT datname FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_optional(&mut conn)
        .await
        .expect("read");
    if found.is_none() {
        let part = format!("{name}_part");
        let part_url = crate::support::engine::with_name(&server, &part);
        for text in [
            format!("DROP DATABASE IF EXISTS {part}"),
            format!("CREATE DATABASE {part}"),
        ] {
            let done = sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut conn).await;
            done.expect("a database");
        }
        let connect = async || Side::Postgres(PgConnection::connect(&part_url).await.expect("a connection"));
        make(&part_url, full, connect).await;
        let text = sqlx::AssertSqlSafe(format!("ALTER DATABASE {part} RENAME TO {name}"));
        sqlx::raw_sql(text).execute(&mut conn).await.expect("renamed");
    }
    url
}

/// Makes a house at `url`.
async fn make(url: &str, full: Full, connect: impl AsyncFn() -> Side) {
    eprintln!("making a house that is full {full:?} …");
    let began = std::time::Instant::now();
    let t = app(url).await;
    let side = match full {
        Full::OfOrders(orders) => {
            let house = House::furnish(&t).await;
            t.app.db.close().await;
            let mut side = connect().await;
            pour_orders(&mut side, &house, orders).await;
            side
        }
        Full::OfOffers(customers) => {
            let house = OfferHouse::furnish(&t, customers).await;
            t.app.db.close().await;
            let mut side = connect().await;
            house.fill(&mut side).await;
            side
        }
    };
    finish(side).await;
    eprintln!("made in {:.0} s", began.elapsed().as_secs_f64());
}

/// Writes the orders; the indexes of their tables are taken away meanwhile and made anew at the end.
async fn pour_orders(side: &mut Side, house: &House, orders: u32) {
    let is_sqlite = matches!(side, Side::Sqlite(_));
    if !is_sqlite {
        say(side, "SET session_replication_role = replica").await;
    }
    let indexes = told(side, if is_sqlite { SQLITE_INDEXES } else { POSTGRES_INDEXES }).await;
    for index in &indexes {
        let mut words = index.split_whitespace().skip_while(|word| *word != "INDEX");
        let name = words.nth(1).expect("an index has a name");
        say(side, &format!("DROP INDEX {name}")).await;
    }
    house.fill(side, orders).await;
    for index in &indexes {
        say(side, index).await;
    }
    if !is_sqlite {
        let seq = "SELECT setval(pg_get_serial_sequence('orders', 'seq'), (SELECT MAX(seq) FROM orders))";
        say(side, seq).await;
        // What the triggers would have kept.
        let words = "INSERT INTO order_words (term) SELECT DISTINCT order_word(word)
            FROM order_search, unnest(tsvector_to_array(words)) word WHERE order_word(word) IS NOT NULL";
        say(side, words).await;
    }
}

/// Leaves the database as the program expects it.
async fn finish(mut side: Side) {
    let last = match side {
        Side::Sqlite(_) => "PRAGMA journal_mode = WAL",
        Side::Postgres(_) => "VACUUM ANALYZE",
    };
    say(&mut side, last).await;
    match side {
        Side::Sqlite(conn) => conn.close().await.expect("closed"),
        Side::Postgres(conn) => conn.close().await.expect("closed"),
    }
}
