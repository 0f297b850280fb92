//! The program that is measured: a database made ready, then `assessdesk serve` on it.

use crate::support::TestApp;
use crate::support::fixtures::{INTEGRATION, PACKAGE, customer, customer_row, line, publish};
use crate::support::program::{Program, free_port};
use assessdesk::clock::Clock;
use assessdesk::domain::integration::IntegrationState;
use assessdesk::store::customers;
use assessdesk::store::integrations::{self, IntegrationRow};

/// The integration whose orders are taken at once.
pub const TAKES: &str = INTEGRATION;

/// The integration whose orders wait for a person.
pub const HOLDS: &str = "lever:9fQ2Jrm8sVtYwXcK1aPzBd4e";

/// The program, and the app of the same database for making things ready.
pub struct Desk {
    pub app: TestApp,
    pub port: u16,
}

impl Desk {
    /// An empty house with one customer that takes every order and one whose orders are held for `seconds`.
    pub async fn prepared(hold: i64) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let url = Program::database_url(dir.path());
        let app = TestApp::open(dir, &url, Clock::System, &[]).await;
        customer(&app, |_| {}).await;
        holding_customer(&app, hold).await;
        Self { app, port: free_port() }
    }

    /// Starts the program.
    pub async fn serve(&self) -> Program {
        Program::start(self.app.dir.path(), self.port, &[]).await
    }
}

async fn holding_customer(app: &TestApp, seconds: i64) {
    let clock = app.app.clock.clone();
    let (id, integration) = (clock.new_id(), clock.new_id());
    let mut row = customer_row(app, id);
    row.name = "Aarhus Harbour".into();
    row.hold_seconds = Some(seconds);
    let mut work = app.app.begin_system().await.expect("a transaction");
    let keys = app.app.vault.ensure_key(&mut work.conn, &clock, Some(id)).await;
    keys.expect("a data key");
    customers::insert(&mut work.conn, &row).await.expect("a customer");
    let connected = IntegrationRow {
        customer_id: Some(id),
        state: IntegrationState::Active,
        organization_name: row.name.clone(),
        origin_id: Some(row.origin_id.clone()),
        ..IntegrationRow::unknown(integration, HOLDS, clock.now())
    };
    let inserted = integrations::insert(&mut work.conn, &connected).await;
    inserted.expect("an integration");
    publish(app, &mut work, integration, 1, &[line(PACKAGE, "TypeScript, senior")]).await;
    work.commit().await.expect("committed");
}
