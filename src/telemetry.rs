//! What the program says of itself: the log, and counters for `/metrics`.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing_subscriber::EnvFilter;

/// Libraries that would write what they work on (job descriptions, bodies, statements' values) into a finer log.
const MUTE: [&str; 4] = ["html5ever=off", "markup5ever=off", "tendril=off", "h2=info"];

/// A filter that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("ASSESSDESK_LOG: ‘{0}’ is not a log filter; write it like info, or info,sqlx=warn, or json:info")]
pub struct BadFilter(String);

/// What is left out unless the filter asks for it: tower-sessions warns of every cookie whose session has ended.
const QUIET: &str = "tower_sessions=error,tower_sessions_core=error";

/// Starts the log: lines for people, or with `json:` in front of the filter JSON lines for machines. To stderr, since
/// stdout belongs to what a command answers.
pub fn init(log: &str) -> Result<(), BadFilter> {
    let (json, filter) = log.strip_prefix("json:").map_or((false, log), |filter| (true, filter));
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}")).map_err(|_| BadFilter(log.to_owned()))?;
    let filter = MUTE
        .iter()
        .flat_map(|module| module.parse())
        .fold(filter, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first log.
    let _ = if json {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
    Ok(())
}

/// A number that only rises while the process lives.
#[derive(Debug)]
pub struct Counter {
    name: &'static str,
    /// The label as Prometheus writes it (`kind="result"`); empty for none.
    label: &'static str,
    help: &'static str,
    value: AtomicU64,
}

impl Counter {
    const fn new(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self {
            name,
            label,
            help,
            value: AtomicU64::new(0),
        }
    }

    /// One more.
    pub fn more(&self) {
        self.value.fetch_add(1, Ordering::Relaxed);
    }
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident = $metric:literal, $label:literal, $help:literal;)+) => {
        $($(#[$doc])* pub static $name: Counter = Counter::new($metric, $label, $help);)+

        /// Every counter; those of one name stand together.
        static COUNTERS: &[&Counter] = &[$(&$name),+];
    };
}

counters! {
    /// Sign-ins with the right password.
    SIGN_INS_GOOD = "assessdesk_sign_ins_total", "outcome=\"good\"", "Sign-ins by outcome";
    /// Sign-ins with a wrong e-mail or password.
    SIGN_INS_WRONG = "assessdesk_sign_ins_total", "outcome=\"wrong\"", "Sign-ins by outcome";
    /// Sign-ins that were not even tried, because too many failed before.
    SIGN_INS_BLOCKED = "assessdesk_sign_ins_total", "outcome=\"blocked\"", "Sign-ins by outcome";
}

/// All counters as Prometheus reads them (text format 0.0.4).
pub fn exposition() -> String {
    let mut text = String::new();
    let mut last = "";
    for counter in COUNTERS {
        if counter.name != last {
            let _ = writeln!(text, "# HELP {} {}\n# TYPE {0} counter", counter.name, counter.help);
            last = counter.name;
        }
        let label = if counter.label.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", counter.label)
        };
        let _ = writeln!(
            text,
            "{}{label} {}",
            counter.name,
            counter.value.load(Ordering::Relaxed)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_told_by_name_and_label() {
        SIGN_INS_GOOD.more();
        let text = exposition();
        assert_eq!(text.matches("# TYPE assessdesk_sign_ins_total counter").count(), 1);
        assert!(text.contains("assessdesk_sign_ins_total{outcome=\"good\"} "));
    }
}
