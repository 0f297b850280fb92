//! The real program as a process of its own.

use super::{API_KEY, WEBHOOK_SECRET};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long the program may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(30);

/// `assessdesk serve`, running.
pub struct Program {
    child: Child,
}

/// A port on which nothing listens at present.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

impl Program {
    /// The database of a program that keeps its things in `dir`.
    pub fn database_url(dir: &Path) -> String {
        format!("sqlite://{}", dir.join("desk.db").display())
    }

    /// Starts it on `port` and waits until it answers.
    pub async fn start(dir: &Path, port: u16, flags: &[&str]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_assessdesk"))
            .arg("serve")
            .arg(format!("--listen=127.0.0.1:{port}"))
            .arg(format!("--base-url=http://127.0.0.1:{port}"))
            .arg(format!("--database-url={}", Self::database_url(dir)))
            .arg(format!("--data-dir={}", dir.join("data").display()))
            .arg("--secret-key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
            .arg(format!("--kombo-api-key={API_KEY}"))
            .arg("--kombo-api-url=http://127.0.0.1:9/v1")
            .arg(format!("--kombo-webhook-secret={WEBHOOK_SECRET}"))
            .arg("--log=warn")
            .args(flags)
            .current_dir(dir)
            .stdout(Stdio::null())
            .stderr(
                std::fs::File::options()
                    .create(true)
                    .append(true)
                    .open(dir.join("log"))
                    .expect("a log"),
            )
            .kill_on_drop(true)
            .spawn()
            .expect("the program");
        let mut program = Self { child };
        program.wait_until_ready(dir, port).await;
        program
    }

    async fn wait_until_ready(&mut self, dir: &Path, port: u16) {
        let began = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            let ended = self.child.try_wait().expect("its state");
            let log = || std::fs::read_to_string(dir.join("log")).unwrap_or_default();
            assert!(ended.is_none(), "the program ended: {}", log());
            assert!(began.elapsed() < PATIENCE, "the program does not get ready: {}", log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Kills it with SIGKILL, wherever it is.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("killed");
    }
}
