//! The program on trial: a house made ready on one engine, and the real process on it, killed and started at will.

use crate::history::{History, Line};
use crate::support::fixtures::customer;
use crate::support::program::{Program, free_port};
use crate::support::{Engine, TestApp};
use assessdesk::clock::Clock;
use assessdesk::domain::intake::UnknownPackage;

/// One house, its process and its history.
pub struct Trial {
    pub history: History,
    pub app: TestApp,
    pub port: u16,
    database_url: String,
    flags: Vec<String>,
    program: Option<Program>,
}

impl Trial {
    /// A fresh house with a customer that takes every order of what it was offered, and rejects every other.
    pub async fn new(scenario: &str, engine: Engine, flags: &[String]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let database_url = engine.database_url(dir.path()).await;
        Self::at(scenario, engine, dir, database_url, flags).await
    }

    /// The same with the database at `database_url`.
    pub async fn at(
        scenario: &str,
        engine: Engine,
        dir: tempfile::TempDir,
        database_url: String,
        flags: &[String],
    ) -> Self {
        assessdesk::kombo::install_tls();
        let app = TestApp::open(dir, &database_url, Clock::System, &[]).await;
        customer(&app, |row| {
            row.unknown_package = UnknownPackage::Reject;
            row.unknown_message = "Please choose a package from the list.".into();
        })
        .await;
        let flags = [&[format!("--database-url={database_url}")], flags].concat();
        Self {
            history: History::begin(scenario, &format!("{engine:?}").to_lowercase()),
            app,
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

    /// Starts the process, with these variables in its environment.
    pub async fn start(&mut self, variables: &[(&str, &str)]) {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let program = Program::start_with(self.app.dir.path(), self.port, &flags, variables).await;
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

    /// Ends the trial: the last kill, and what is found in the database then.
    pub async fn end(mut self) -> History {
        self.kill().await;
        self.app.app.db.close().await;
        crate::found::write_orders(&self.history, &self.database_url).await;
        self.history
    }
}
