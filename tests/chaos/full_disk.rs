//! The disk is full: webhooks are asked to come again, none that was answered is lost, and with room it goes on by itself.

use crate::checker;
use crate::history::{History, Line};
use crate::server::Server;
use crate::sizes;
use crate::support::Engine;
use crate::support::program::Program;
use crate::trial::{Trial, patiently};
use crate::webhooks::{Sending, plan};
use assessdesk::store::Db;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How large the little disk is.
const DISK: &str = "size=220m";

/// How much room is left when the trouble begins, in bytes.
const ROOM: u64 = 3 * 512 * 1024;

/// Webhooks that come while there is no room, and must be turned away, before there is room again.
const TURNED_AWAY: usize = 30;

/// Webhooks of one round.
const WEBHOOKS: usize = 400;

/// How long a round may wait for anything.
const LIMIT: Duration = Duration::from_mins(1);

/// A little disk that is there until this is dropped.
struct Disk(TempDir);

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

impl Disk {
    /// Makes one over `dir`; `None` where mounting is not allowed.
    fn over(dir: TempDir) -> Option<Self> {
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", DISK, "chaos"])
            .arg(dir.path())
            .output();
        mount.is_ok_and(|said| said.status.success()).then_some(Self(dir))
    }
}

/// Fills the disk of `dir` up to [`ROOM`].
fn fill(dir: &Path) -> PathBuf {
    let path = dir.join("ballast");
    let mut file = File::create(&path).expect("ballast");
    let block = vec![0; 64 * 1024];
    while file.write_all(&block).is_ok() {}
    let size = file.metadata().expect("its size").len();
    file.set_len(size.saturating_sub(ROOM)).expect("some room");
    path
}

pub async fn sqlite() {
    let Some(disk) = Disk::over(tempfile::tempdir().expect("a temporary folder")) else {
        println!("a little disk cannot be mounted here, skipped");
        return;
    };
    let dir = tempfile::tempdir_in(disk.0.path()).expect("a folder on the disk");
    let url = Program::database_url(dir.path());
    let history = History::begin("full-disk", Engine::Sqlite);
    let trial = Trial::at(history, dir, url, Vec::new()).await;
    rounds(trial, disk.0.path(), || {}).await;
}

pub async fn postgres() {
    if !Engine::Postgres.is_there() {
        return;
    }
    let Some(disk) = Disk::over(tempfile::tempdir().expect("a temporary folder")) else {
        println!("a little disk cannot be mounted here, skipped");
        return;
    };
    let _ = Command::new("chmod").arg("755").arg(disk.0.path()).status();
    let Some(server) = Server::start_in(disk.0.path()) else {
        println!("PostgreSQL's programs are not installed, skipped");
        return;
    };
    let dir = tempfile::tempdir().expect("a temporary folder");
    let history = History::begin("full-disk", Engine::Postgres);
    let trial = Trial::at(history, dir, server.url(), Vec::new()).await;
    // A server that could not even write its log of changes has stopped itself: that is for its own administrator to mend.
    rounds(trial, disk.0.path(), || server.up()).await;
}

/// What SQLite's log once grew to is room that it writes into again and again: it is given back, so that the next round
/// feels a full disk, too.
async fn give_back_room(db: &Db) {
    if let Db::Sqlite { write, .. } = db {
        let truncated = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(write).await;
        truncated.expect("a log that takes no room");
    }
}

async fn rounds(mut trial: Trial, disk: &Path, mend: impl Fn()) {
    trial.start(&[]).await;
    for round in 0..sizes::troubles() {
        give_back_room(&trial.app.app.db).await;
        let ballast = fill(disk);
        let sending = Sending::new(&trial.history, trial.url());
        let senders = sending.all(plan(&format!("full{round}"), WEBHOOKS));
        patiently(LIMIT, "webhooks that are turned away", async || {
            sending.turned_away() >= TURNED_AWAY
        })
        .await;
        trial.history.write(&Line::Trouble {
            at: trial.history.now(),
            kind: "the disk was full".into(),
        });
        std::fs::remove_file(&ballast).expect("room");
        tokio::task::block_in_place(&mend);
        let all = tokio::time::timeout(LIMIT, senders.join_all()).await;
        all.expect("with room again, every webhook is answered");
    }
    let history = trial.end().await;
    checker::hold(&history);
    assert_eq!(history.starts(), 1, "the program had to be started anew");
}
