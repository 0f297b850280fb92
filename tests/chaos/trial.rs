//! The program on trial: a house made ready on one engine, and the real process on it, killed and started at will.

use crate::history::{History, Line};
use crate::kombo::Kombo;
use crate::people::Staff;
use crate::support::fixtures::{Customer, INTEGRATION, PACKAGE, customer, line, publish};
use crate::support::program::{Program, free_port};
use crate::support::{Engine, TestApp};
use assessdesk::clock::Clock;
use assessdesk::domain::intake::UnknownPackage;
use assessdesk::domain::integration::IntegrationState;
use assessdesk::sandbox::play::{Connection, Placing};
use assessdesk::store::integrations::{self, IntegrationRow};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// One house, its process, its Kombo and its history.
pub struct Trial {
    pub history: History,
    pub app: TestApp,
    customer: Customer,
    kombo: Option<Kombo>,
    port: u16,
    database_url: String,
    flags: Vec<String>,
    program: Option<Program>,
}

impl Trial {
    /// A fresh house without a Kombo, with a customer that takes every order of what it was offered, and rejects others.
    pub async fn new(scenario: &str, engine: Engine) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let database_url = engine.database_url(dir.path()).await;
        Self::at(History::begin(scenario, engine), dir, database_url, Vec::new()).await
    }

    /// The same with a Kombo that fails `percent` of all calls.
    pub async fn with_kombo(scenario: &str, engine: Engine, percent: usize, mut flags: Vec<String>) -> Self {
        let history = History::begin(scenario, engine);
        let kombo = Kombo::start(&history, percent).await;
        flags.push(format!("--kombo-api-url={}", kombo.api_url()));
        let dir = tempfile::tempdir().expect("a temporary folder");
        let database_url = engine.database_url(dir.path()).await;
        let mut trial = Self::at(history, dir, database_url, flags).await;
        trial.kombo = Some(kombo);
        trial
    }

    /// A house with its things in `dir` and its database at `database_url`.
    pub async fn at(history: History, dir: TempDir, database_url: String, mut flags: Vec<String>) -> Self {
        assessdesk::kombo::install_tls();
        let delay: Vec<&str> = flags
            .iter()
            .map(String::as_str)
            .filter(|flag| flag.starts_with("--release-delay="))
            .collect();
        let app = TestApp::open(dir, &database_url, Clock::System, &delay).await;
        let customer = customer(&app, |row| {
            row.unknown_package = UnknownPackage::Reject;
            row.unknown_message = "Please choose a package from the list.".into();
        })
        .await;
        flags.push(format!("--database-url={database_url}"));
        Self {
            history,
            app,
            customer,
            kombo: None,
            port: free_port(),
            database_url,
            flags,
            program: None,
        }
    }

    /// Where webhooks go.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/webhooks/kombo", self.port)
    }

    /// The staff, who work on while the program is dead.
    pub fn staff(&self) -> Staff {
        Staff {
            app: self.app.app.clone(),
            history: self.history.clone(),
        }
    }

    fn kombo(&self) -> &Kombo {
        self.kombo.as_ref().expect("a Kombo")
    }

    /// Counts the calls that reached Kombo.
    pub fn calls(&self) -> Arc<AtomicUsize> {
        self.kombo().calls()
    }

    /// Connects `count` integrations of the customer, here and at Kombo; gives their ids there.
    pub async fn connect(&self, count: usize) -> Vec<String> {
        let mut ids = vec![INTEGRATION.to_owned()];
        for number in 1..count {
            let id = format!("greenhouse:Chaos{number:019}");
            self.add_integration(&id).await;
            ids.push(id);
        }
        for id in &ids {
            let connection = Connection {
                id: Some(id.clone()),
                origin_id: Some(self.customer.id.to_string()),
                webhook: Some(false),
                ..Connection::default()
            };
            self.kombo().sandbox.connect(connection).await.expect("connected");
        }
        ids
    }

    async fn add_integration(&self, kombo_id: &str) {
        let clock = self.app.app.clock.clone();
        let id = clock.new_id();
        let row = IntegrationRow {
            customer_id: Some(self.customer.id),
            state: IntegrationState::Active,
            origin_id: Some(self.customer.id.to_string()),
            ..IntegrationRow::unknown(id, kombo_id, clock.now())
        };
        let mut work = self.app.app.begin_system().await.expect("a transaction");
        integrations::insert(&mut work.conn, &row)
            .await
            .expect("an integration");
        publish(&self.app, &mut work, id, 1, &[line(PACKAGE, "TypeScript, senior")]).await;
        work.commit().await.expect("committed");
    }

    /// The recruiter places an order at Kombo; gives what its webhook would tell.
    pub async fn place(&self, order: &str, integration: &str) -> Value {
        let placing: Placing = serde_json::from_value(json!({
            "integration": integration, "package": PACKAGE, "id": order, "webhook": false
        }))
        .expect("a placing");
        let row = self.kombo().sandbox.place(&placing).await.expect("placed");
        self.history.write(&Line::Placed {
            order: order.to_owned(),
        });
        let mut data = serde_json::to_value(row.order().expect("an order")).expect("JSON");
        data["integration_id"] = integration.into();
        data
    }

    /// Starts the process, with these variables in its environment.
    pub async fn start(&mut self, variables: &[(&str, &str)]) {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let program = Program::start_with(self.app.dir.path(), self.port, &flags, variables).await;
        self.started(program);
    }

    /// The same without waiting until it answers: it may die before.
    pub fn spawn(&mut self, variables: &[(&str, &str)]) {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let program = Program::spawn(self.app.dir.path(), self.port, &flags, variables);
        self.started(program);
    }

    fn started(&mut self, program: Program) {
        self.program = Some(program);
        self.history.write(&Line::Started { at: self.history.now() });
    }

    /// The process.
    pub fn program(&mut self) -> &mut Program {
        self.program.as_mut().expect("a process that was started")
    }

    /// Kills it with SIGKILL, wherever it is.
    pub async fn kill(&mut self) {
        self.program().kill().await;
        self.history.write(&Line::Killed { at: self.history.now() });
    }

    /// Ends the trial: the last kill, and what is found in the database and at Kombo then.
    pub async fn end(mut self) -> History {
        self.kill().await;
        if let Some(kombo) = &self.kombo {
            kombo.write_held(&self.history).await;
        }
        self.app.app.db.close().await;
        crate::found::write(&self.history, &self.database_url).await;
        self.history
    }
}

/// Waits until `come` says so; fails where that takes longer than `limit`.
pub async fn patiently(limit: Duration, what: &str, mut come: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !come().await {
        assert!(began.elapsed() < limit, "waited for {what} for {} s", limit.as_secs());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
