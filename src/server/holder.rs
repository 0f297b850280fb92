//! One `serve` per database: a second one refuses to start and names the first.

use crate::app::App;
use crate::domain::time::Timestamp;
use crate::store::{self, holder};
use std::fs;
use std::time::Duration;
use uuid::Uuid;

/// How long after its last word a holder counts as gone.
const STALE: Duration = Duration::from_secs(30);
/// How often it says that it is there.
const BEAT: Duration = Duration::from_secs(5);

/// Why the database could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another `serve` has it.
    #[error(
        "another `assessdesk serve` works on this database: {described}, last seen {seconds} s ago. Stop it first; if it is gone already, try again in {wait} s"
    )]
    Held {
        /// How to find it.
        described: String,
        /// How long ago it was last seen.
        seconds: u64,
        /// After how long it counts as gone.
        wait: u64,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The right to work on the database, until it is given back.
#[derive(Debug)]
pub struct Hold {
    process: Uuid,
}

impl Hold {
    /// Takes the database, unless another has it and is alive.
    pub async fn take(app: &App) -> Result<Self, Error> {
        let ours = ourselves(app);
        let mut conn = app.db.begin().await?;
        if let Some(other) = holder::find(&mut conn).await?
            && is_alive(&other, &ours)
        {
            let seconds = ours.seen_at.since(other.seen_at).as_secs();
            return Err(Error::Held {
                described: other.described,
                seconds,
                wait: STALE.as_secs().saturating_sub(seconds).max(1),
            });
        }
        holder::take(&mut conn, &ours).await?;
        conn.commit().await?;
        Ok(Self { process: ours.process })
    }

    /// Says again and again that we are there; stops the program where another has taken the database from us (this
    /// machine slept, or its clock jumped).
    pub async fn keep(&self, app: &App) {
        while !app.stop.is_cancelled() {
            tokio::select! {
                () = app.stop.cancelled() => return,
                () = tokio::time::sleep(BEAT) => {}
            }
            match self.beat(app).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::error!("another process has taken the database: stopping");
                    app.stop.cancel();
                }
                Err(error) => tracing::warn!(%error, "could not say that we hold the database"),
            }
        }
    }

    async fn beat(&self, app: &App) -> Result<bool, store::Error> {
        let mut conn = app.db.begin().await?;
        let ours = holder::beat(&mut conn, self.process, app.clock.now()).await?;
        conn.commit().await?;
        Ok(ours)
    }

    /// Gives the database back, so that the next one need not wait.
    pub async fn release(self, app: &App) -> Result<(), store::Error> {
        let mut conn = app.db.begin().await?;
        holder::release(&mut conn, self.process).await?;
        conn.commit().await
    }
}

fn is_alive(other: &holder::Holder, ours: &holder::Holder) -> bool {
    let seen_lately = ours.seen_at.since(other.seen_at) < STALE;
    // Where both count processes alike, the system knows better than the clock: a killed one is gone at once.
    let gone = !ours.place.is_empty() && other.place == ours.place && !is_running(&other.mark);
    seen_lately && !gone
}

fn ourselves(app: &App) -> holder::Holder {
    let now: Timestamp = app.clock.now();
    let pid = std::process::id();
    let host = read("/proc/sys/kernel/hostname").unwrap_or_else(|| "this machine".into());
    holder::Holder {
        process: app.clock.new_id(),
        described: format!("process {pid} on {host}, started {}", now.to_millis()),
        place: place().unwrap_or_default(),
        mark: started(pid).map(|at| format!("{pid} {at}")).unwrap_or_default(),
        seen_at: now,
    }
}

/// The machine since its start, and the namespace in which its processes are numbered (a container has its own).
fn place() -> Option<String> {
    let boot = read("/proc/sys/kernel/random/boot_id")?;
    let numbering = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{boot} {}", numbering.display()))
}

/// Whether the process of this mark (`pid started`) still runs, and is not another one with the same number.
fn is_running(mark: &str) -> bool {
    mark.split_once(' ')
        .and_then(|(pid, at)| Some((pid.parse().ok()?, at)))
        .is_some_and(|(pid, at)| started(pid).as_deref() == Some(at))
}

/// When a process was started, in clock ticks since the machine's start: field 22 of `/proc/PID/stat` (proc(5)).
fn started(pid: u32) -> Option<String> {
    let stat = read(&format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold blanks and brackets itself; field 3 follows the last one.
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(19).map(str::to_owned)
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(mark: &str, seen_at: Timestamp) -> holder::Holder {
        holder::Holder {
            process: Uuid::nil(),
            described: "process 1".into(),
            place: "here".into(),
            mark: mark.into(),
            seen_at,
        }
    }

    #[test]
    fn a_killed_process_is_gone_at_once_and_a_running_one_is_not() {
        let now = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let pid = std::process::id();
        let mark = format!("{pid} {}", started(pid).expect("Linux"));
        let ours = holder("none", now);
        assert!(is_alive(&holder(&mark, now), &ours));
        assert!(!is_alive(&holder(&format!("{pid} 1"), now), &ours));
        assert!(!is_alive(&holder(&mark, now.minus(STALE)), &ours));
        let elsewhere = holder::Holder {
            place: "there".into(),
            ..holder("1 1", now)
        };
        assert!(is_alive(&elsewhere, &ours));
    }
}
