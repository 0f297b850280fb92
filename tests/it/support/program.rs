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

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Runs this command to its end.
    pub async fn of(mut command: Command) -> Self {
        let output = command.kill_on_drop(true).output();
        let output = tokio::time::timeout(PATIENCE, output).await;
        let output = output.expect("it ends").expect("it starts");
        Self {
            code: output.status.code().expect("a code"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }
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

    /// The program on `port` with its things in `dir`, and these words after its settings, which they overrule.
    fn command(dir: &Path, port: u16, words: &[&str]) -> Command {
        Self::command_of(Path::new(env!("CARGO_BIN_EXE_assessdesk")), dir, port, words)
    }

    /// The same of another program that understands these settings.
    fn command_of(program: &Path, dir: &Path, port: u16, words: &[&str]) -> Command {
        let own = [
            format!("--listen=127.0.0.1:{port}"),
            format!("--base-url=http://127.0.0.1:{port}"),
            format!("--database-url={}", Self::database_url(dir)),
            format!("--data-dir={}", dir.join("data").display()),
            "--secret-key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
            format!("--kombo-api-key={API_KEY}"),
            "--kombo-api-url=http://127.0.0.1:9/v1".to_owned(),
            format!("--kombo-webhook-secret={WEBHOOK_SECRET}"),
            "--log=warn".to_owned(),
        ];
        let name = |flag: &str| flag.split('=').next().unwrap_or_default().to_owned();
        let is_set = |own: &String| words.iter().any(|word| name(word) == name(own));
        let mut command = Command::new(program);
        command
            .env_clear()
            .args(own.into_iter().filter(|own| !is_set(own)))
            .args(words)
            .current_dir(dir);
        command
    }

    /// Runs a command to its end.
    pub async fn run(dir: &Path, port: u16, words: &[&str]) -> Said {
        Said::of(Self::command(dir, port, words)).await
    }

    /// Starts it on `port` and waits until it answers.
    pub async fn start(dir: &Path, port: u16, flags: &[&str]) -> Self {
        Self::start_with(dir, port, flags, &[]).await
    }

    /// The same with these variables, and no others, in its environment.
    pub async fn start_with(dir: &Path, port: u16, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_by(Self::serving(dir, port, flags, variables), dir, port).await
    }

    #[allow(dead_code, reason = "for the benchmarks")]
    /// Starts another program that understands the same settings, with these words after them.
    pub async fn start_other(program: &Path, dir: &Path, port: u16, words: &[&str]) -> Self {
        Self::start_by(Self::command_of(program, dir, port, words), dir, port).await
    }

    async fn start_by(command: Command, dir: &Path, port: u16) -> Self {
        let mut program = Self::spawn_by(command, dir);
        program.wait_until_ready(dir, port).await;
        program
    }

    #[allow(dead_code, reason = "for chaos and the benchmarks")]
    /// Starts it, with these variables and no others in its environment, and waits for nothing.
    pub fn spawn(dir: &Path, port: u16, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::spawn_by(Self::serving(dir, port, flags, variables), dir)
    }

    fn serving(dir: &Path, port: u16, flags: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Self::command(dir, port, &[&["serve"], flags].concat());
        command.envs(variables.iter().copied());
        command
    }

    fn spawn_by(mut command: Command, dir: &Path) -> Self {
        let child = command
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
        Self { child }
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

    /// Asks it to stop, as a service manager does.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let done = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill");
        assert!(done.success());
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> std::process::ExitStatus {
        self.child.wait().await.expect("its end")
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Kills it with SIGKILL, wherever it is.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("killed");
    }
}
