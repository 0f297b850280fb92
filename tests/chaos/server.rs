//! A PostgreSQL server of our own, with its data flushed for real, that can be killed and starved.

use crate::support::program::free_port;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    dir: TempDir,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.control(&["-m", "immediate", "stop"]).output();
    }
}

impl Server {
    /// A fresh one; `None` where PostgreSQL's programs are not installed here.
    pub fn start() -> Option<Self> {
        Self::start_in(&std::env::temp_dir())
    }

    /// The same, with its things in a folder of `place`.
    pub fn start_in(place: &Path) -> Option<Self> {
        let programs = programs()?;
        let dir = tempfile::tempdir_in(place).expect("a folder");
        let server = Self {
            programs,
            dir,
            port: free_port(),
        };
        if is_root() {
            let chown = Command::new("chown").arg("postgres").arg(server.dir.path()).status();
            assert!(
                chown.expect("chown").success(),
                "the folder cannot be given to postgres"
            );
        }
        let mut init = server.command("initdb");
        init.args([
            "-U",
            "assessdesk",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        succeed(&mut init);
        server.up();
        Some(server)
    }

    /// Its database.
    pub fn url(&self) -> String {
        format!("postgres://assessdesk@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it where it does not run.
    pub fn up(&self) {
        if self
            .control(&["status"])
            .output()
            .is_ok_and(|said| said.status.success())
        {
            return;
        }
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=on -c max_connections=100 \
             -c max_wal_size=64MB -c min_wal_size=32MB",
            self.port,
            self.dir.path().display()
        );
        let log = self.dir.path().join("log");
        succeed(
            self.control(&["-w", "-t", "60", "-o", &options, "-l"])
                .arg(log)
                .arg("start"),
        );
    }

    /// Kills it as a crash would, and starts it anew.
    pub fn crash(&self) {
        succeed(&mut self.control(&["-m", "immediate", "-w", "stop"]));
        self.up();
    }

    fn control(&self, words: &[&str]) -> Command {
        let mut command = self.command("pg_ctl");
        command.args(words);
        command
    }

    /// One of its programs, on its data; not as root, which they refuse.
    fn command(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command
            .arg("-D")
            .arg(self.dir.path().join("data"))
            .current_dir(self.dir.path())
            .stdin(std::process::Stdio::null());
        command
    }
}

fn succeed(command: &mut Command) {
    // A server that goes on running keeps what it inherits: nothing of ours is to wait for that.
    let quiet = command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let status = quiet.status().expect("it starts");
    assert!(status.success(), "{command:?} failed");
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id");
    id.stdout == b"0\n"
}

/// The newest installed server's programs.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop()
}
