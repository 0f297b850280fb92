//! `assessdesk doctor`: a line for each thing that was looked at, and how to mend what is not fine.

use super::{Outcome, say};
use crate::app::{App, OpenError};
use crate::clock::Clock;
use crate::config::Settings;
use crate::health::{self, Check, State};
use crate::store;
use anyhow::bail;

pub(super) async fn run(settings: &Settings) -> Outcome {
    let checks = examine(settings).await;
    for check in &checks {
        let mark = match check.state {
            State::Fine => "  fine",
            State::Careful => "! look",
            State::Wrong => "✗ mend",
        };
        say(&format!("{mark}  {}: {}", check.name, check.says))?;
        if !check.mend.is_empty() {
            say(&format!("        {}", check.mend))?;
        }
    }
    match checks.iter().filter(|check| check.state == State::Wrong).count() {
        0 => Ok(()),
        1 => bail!("one thing does not work; how to mend it is above"),
        several => bail!("{several} things do not work; how to mend them is above"),
    }
}

async fn examine(settings: &Settings) -> Vec<Check> {
    let config = match settings.check() {
        Ok(config) => config,
        Err(error) => return vec![Check::wrong("Settings", error.to_string(), "Then run this again.")],
    };
    let mut checks = vec![Check::fine("Settings", "Every one can be read.")];
    match App::open(config, Clock::System).await {
        Ok(app) => checks.extend(health::full(&app).await),
        Err(error) => checks.push(unopened(&error)),
    }
    checks
}

fn unopened(error: &OpenError) -> Check {
    let (name, mend) = match error {
        OpenError::Kombo(_) => (
            "Kombo",
            "See ASSESSDESK_KOMBO_API_URL and ASSESSDESK_KOMBO_API_KEY, then run this again.",
        ),
        OpenError::Mail(_) => (
            "Mail",
            "See ASSESSDESK_SMTP_URL and this machine's certificates, then run this again.",
        ),
        OpenError::Store(store::Error::Vault(_)) => (
            "Secret key",
            "Set ASSESSDESK_SECRET_KEY to the key that this database was made with, then run this again.",
        ),
        OpenError::Store(store::Error::Full(_)) => ("Database", "Make room on the disk, then run this again."),
        OpenError::Store(_) => (
            "Database",
            "See that ASSESSDESK_DATABASE_URL is right, and that the server runs or the file's folder can be written; then run this again.",
        ),
    };
    Check::wrong(name, error.to_string(), mend)
}
