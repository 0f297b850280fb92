//! A database for each test: a temporary file, or a PostgreSQL database made from a template.

use assessdesk::store::Db;
use sqlx::{Connection, PgConnection};
use std::path::Path;
use tokio::sync::OnceCell;

/// Where the tests' PostgreSQL is; `scripts/with-postgres` sets it.
const POSTGRES: &str = "ASSESSDESK_TEST_POSTGRES";

static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// One of the two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// Whether this engine can be tested here. In CI PostgreSQL is mandatory.
    pub fn is_there(self) -> bool {
        let there = self == Self::Sqlite || postgres().is_some();
        assert!(there || std::env::var("CI").is_err(), "{POSTGRES} must be set in CI");
        there
    }

    /// The URL of a fresh database.
    pub async fn database_url(self, dir: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", dir.join("test.db").display()),
            Self::Postgres => {
                let server = postgres().expect("a PostgreSQL server");
                let template = TEMPLATE.get_or_init(|| make_template(server.clone())).await;
                let name = format!("test_{}", uuid::Uuid::now_v7().simple());
                create(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                with_name(&server, &name)
            }
        }
    }
}

/// The URL of the tests' PostgreSQL, where there is one.
pub fn postgres() -> Option<String> {
    std::env::var(POSTGRES).ok()
}

async fn make_template(server: String) -> String {
    let name = format!("template_{}", uuid::Uuid::now_v7().simple());
    create(&server, &format!("CREATE DATABASE {name}")).await;
    let db = Db::open(&with_name(&server, &name)).await.expect("a migrated template");
    db.close().await;
    name
}

async fn create(server: &str, sql: &str) {
    let mut conn = PgConnection::connect(server).await.expect("a connection to PostgreSQL");
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(&mut conn)
        .await
        .expect("a database");
    conn.close().await.expect("closed");
}

/// The URL of this database of the server.
pub fn with_name(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).expect("a URL");
    url.set_path(name);
    url.to_string()
}
