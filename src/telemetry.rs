//! What the program says of itself: the log, and counters for `/metrics`.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::io::IsTerminal as _;
use std::sync::Mutex;
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
        .with_writer(std::io::stderr)
        // A line that cannot be written (a full disk) is lost. Complaining of it on the same full disk would panic.
        .log_internal_errors(false);
    // A second start in one process (tests) keeps the first log.
    let _ = if json {
        builder.json().try_init()
    } else {
        builder.with_target(false).try_init()
    };
    Ok(())
}

/// Numbers that only rise while the process lives: one for each word that the label has taken.
#[derive(Debug)]
pub struct Counter {
    name: &'static str,
    /// The label's name; empty where there is only one number.
    label: &'static str,
    help: &'static str,
    values: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counter {
    const fn new(name: &'static str, label: &'static str, help: &'static str) -> Self {
        Self {
            name,
            label,
            help,
            values: Mutex::new(BTreeMap::new()),
        }
    }

    /// One more of this word.
    pub fn more(&self, word: &'static str) {
        self.add(word, 1);
    }

    /// So many more of this word.
    pub fn add(&self, word: &'static str, count: u64) {
        if let Ok(mut values) = self.values.lock() {
            *values.entry(word).or_default() += count;
        }
    }

    fn expose(&self, text: &mut String) {
        let values = self.values.lock().map(|values| values.clone()).unwrap_or_default();
        let (name, label, help) = (self.name, self.label, self.help);
        expose(text, "counter", (name, label, help), values);
    }
}

/// Sign-ins: `good`, `wrong` (e-mail or password), `blocked` (not even tried, because too many failed before).
pub static SIGN_INS: Counter = Counter::new("assessdesk_sign_ins_total", "outcome", "Sign-ins by outcome");
/// Webhooks by what became of them: the inbox's verdicts, and why others were refused before anything was kept.
pub static WEBHOOKS: Counter = Counter::new(
    "assessdesk_webhooks_total",
    "verdict",
    "Webhooks by what became of them",
);
/// Transactions in which webhooks were written, many at a time.
pub static BATCHES: Counter = Counter::new(
    "assessdesk_webhook_batches_total",
    "",
    "Transactions in which webhooks were written",
);
/// Attempts to deliver.
pub static DELIVERIES: Counter = Counter::new(
    "assessdesk_delivery_attempts_total",
    "outcome",
    "Attempts to deliver by outcome",
);
/// Orders that the reconciler put right or took in.
pub static HEALED: Counter = Counter::new(
    "assessdesk_reconciler_healed_total",
    "",
    "Orders that the reconciler put right or took in",
);
/// Requests that were answered.
pub static REQUESTS: Counter = Counter::new("assessdesk_requests_total", "status", "Requests by class of status");

/// All counters as Prometheus reads them (text format 0.0.4).
pub fn exposition() -> String {
    let mut text = String::new();
    for counter in [&SIGN_INS, &WEBHOOKS, &BATCHES, &DELIVERIES, &HEALED, &REQUESTS] {
        counter.expose(&mut text);
    }
    text
}

/// Writes a number that rises and falls: its name, its label (empty for none), what it is, and its values by word.
pub fn gauge<V: Display>(
    text: &mut String,
    named: (&str, &str, &str),
    values: impl IntoIterator<Item = (&'static str, V)>,
) {
    expose(text, "gauge", named, values);
}

fn expose<V: Display>(
    text: &mut String,
    kind: &str,
    (name, label, help): (&str, &str, &str),
    values: impl IntoIterator<Item = (&'static str, V)>,
) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (word, value) in values {
        let _ = if label.is_empty() {
            writeln!(text, "{name} {value}")
        } else {
            writeln!(text, "{name}{{{label}=\"{word}\"}} {value}")
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_told_by_name_and_label() {
        let counter = Counter::new("c_total", "outcome", "Cs by outcome");
        counter.more("good");
        counter.add("bad", 2);
        let mut text = String::new();
        counter.expose(&mut text);
        assert_eq!(
            text,
            "# HELP c_total Cs by outcome\n# TYPE c_total counter\nc_total{outcome=\"bad\"} 2\nc_total{outcome=\"good\"} 1\n"
        );
        let mut text = String::new();
        gauge(&mut text, ("g", "", "Gs"), [("", 7)]);
        assert!(text.ends_with("# TYPE g gauge\ng 7\n"));
    }
}
