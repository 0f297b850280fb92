//! Starts the real thing for tests: the real store on both engines, a test clock, the real router and workers.

pub mod answers;
mod client;
pub mod customers;
pub mod desk;
pub mod engine;
pub mod fixtures;
pub mod practice;
pub mod program;
pub mod smtp;

pub use client::{Answer, Client, ORIGIN, Stream, texts};
pub use engine::Engine;

use assessdesk::app::App;
use assessdesk::clock::Clock;
use assessdesk::config::{Config, Settings};
use assessdesk::domain::time::Timestamp;
use assessdesk::store::Db;
use clap::Parser;
use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, SqliteConnection};
use std::time::Duration;
use tempfile::TempDir;

/// Where every test's clock starts: a Tuesday morning.
pub const START: &str = "2026-11-24T09:00:00Z";

/// The webhook secret of tests.
pub const WEBHOOK_SECRET: &str = "test-webhook-secret";

/// The API key of tests.
pub const API_KEY: &str = "test-api-key";

/// The dashboard with a database of its own, whose clock stands still until the test moves it.
pub struct TestApp {
    /// The real app.
    pub app: App,
    /// The folder in which it keeps its things.
    pub dir: TempDir,
}

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
}

impl TestApp {
    /// A fresh one on `engine`.
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }

    /// A fresh one on `engine`, with more settings as flags (`--release-delay=0s`).
    pub async fn with(engine: Engine, flags: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let database_url = engine.database_url(dir.path()).await;
        let clock = Clock::test(Timestamp::parse(START).expect("a moment"));
        Self::open(dir, &database_url, clock, flags).await
    }

    /// One that keeps its things in `dir`, with this database and clock.
    pub async fn open(dir: TempDir, database_url: &str, clock: Clock, flags: &[&str]) -> Self {
        let config = config(database_url, &dir, flags);
        let app = App::open(config, clock).await.expect("an app");
        Self { app, dir }
    }

    /// The dashboard on the database of a [`program::Program`] that keeps its things in `dir`, by the machine's clock: to
    /// be used while that program does not run.
    pub async fn beside(dir: &std::path::Path) -> Self {
        let own = tempfile::tempdir().expect("a temporary folder");
        let config = config(&program::Program::database_url(dir), &own, &[]);
        let app = App::open(config, Clock::System).await.expect("an app");
        Self { app, dir: own }
    }

    /// Fails if `text` can be read in any file that the program keeps (`SQLite` database, uploaded files).
    pub fn nothing_on_disk_reads(&self, text: &str) {
        let mut folders = vec![self.dir.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).expect("a file");
                    let found = bytes.windows(text.len()).any(|part| part == text.as_bytes());
                    assert!(!found, "{} holds {text:?} in clear", path.display());
                }
            }
        }
    }

    /// Runs these statements on the database, as another process does.
    pub async fn say(&self, statements: &str) {
        let text = sqlx::AssertSqlSafe(statements.to_owned());
        let said = match &self.app.db {
            Db::Sqlite { .. } => {
                let url = self.app.config.database_url.expose_secret();
                let mut own = SqliteConnection::connect(url).await.expect("a connection of its own");
                sqlx::raw_sql(text).execute(&mut own).await.map(drop)
            }
            Db::Postgres(pool) => sqlx::raw_sql(text).execute(pool).await.map(drop),
        };
        said.expect("statements");
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.app.clock.advance(by);
    }
}

fn config(database_url: &str, dir: &TempDir, flags: &[&str]) -> Config {
    let own = [
        "assessdesk".to_owned(),
        "--secret-key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        format!("--kombo-api-key={API_KEY}"),
        format!("--kombo-webhook-secret={WEBHOOK_SECRET}"),
        format!("--database-url={database_url}"),
        format!("--data-dir={}", dir.path().join("data").display()),
    ];
    // Nothing listens there: a test that wants a Kombo brings one.
    let nowhere = "--kombo-api-url=http://127.0.0.1:9/v1".to_owned();
    let name = |flag: &str| flag.split('=').next().unwrap_or_default().to_owned();
    let is_set_by_the_test = |own: &String| flags.iter().any(|flag| name(flag) == name(own));
    let all = own
        .into_iter()
        .chain([nowhere])
        .filter(|own| !is_set_by_the_test(own))
        .chain(flags.iter().map(|&flag| flag.to_owned()));
    Cli::parse_from(all).settings.check().expect("good settings")
}

/// Makes two tests, `sqlite` and `postgres`, of one body: `both!(name, |t| async move { … })`.
#[macro_export]
macro_rules! both {
    ($(#[$meta:meta])* $name:ident, |$t:ident| $body:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn run($t: $crate::support::TestApp) $body

            #[tokio::test]
            async fn sqlite() {
                run($crate::support::TestApp::new($crate::support::Engine::Sqlite).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                if !$crate::support::Engine::Postgres.is_there() {
                    return;
                }
                run($crate::support::TestApp::new($crate::support::Engine::Postgres).await).await;
            }
        }
    };
}
