//! A rule as people read it.

use super::condition::{Conditions, OrderedBefore};
use super::countries;
use super::rule::{Outcome, Rule};
use crate::domain::intake::{HOLD_MESSAGE, HoldElse, HoldSetting};
use crate::domain::text::tool_label;

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// `If the job’s country is Norway` or `For every order`.
    pub when: String,
    /// `reject it`.
    pub then: String,
    /// What the recruiter reads.
    pub says: Option<String>,
}

/// The rule in words; `name` gives the name of the package with a key, where there is one.
pub fn sentence(rule: &Rule, name: impl Fn(&str) -> Option<String>) -> Sentence {
    let when = conditions(&rule.when, name);
    let (then, says) = outcome(&rule.then);
    Sentence {
        when: if when.is_empty() {
            "For every order".to_owned()
        } else {
            format!("If {}", joined(&when, ", and "))
        },
        then,
        says,
    }
}

fn conditions(when: &Conditions, name: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |begin: &str, values: Vec<String>| {
        if !values.is_empty() {
            all.push(format!("{begin} {}", or(&values)));
        }
    };
    let package = |key: &String| name(key).map_or_else(|| format!("‘{key}’"), |name| format!("‘{name}’ ({key})"));
    let quoted = |text: &String| format!("‘{text}’");
    let country = |text: &String| countries::name(text).to_owned();
    add("the package is", when.packages.iter().map(package).collect());
    let types = when.types.iter().map(|kind| kind.label().to_lowercase());
    add("the package’s type is", types.collect());
    add("the ATS is", when.tools.iter().map(|tool| tool_label(tool)).collect());
    add("the job’s country is", when.countries.iter().map(country).collect());
    add("the job’s region is", when.regions.clone());
    add("the job’s code is like", when.job_codes.iter().map(quoted).collect());
    let missing = when.missing.iter().map(|field| field.label().to_owned());
    add("the ATS tells no", missing.collect());
    all.extend(when.ordered_before.map(ordered_before));
    if when.credits_used_up {
        all.push("no orders are left".to_owned());
    }
    if when.outside_hours {
        all.push("it arrives outside business hours".to_owned());
    }
    if !when.words.is_empty() {
        let words = when.words.iter().map(quoted).collect::<Vec<_>>();
        all.push(format!("the job’s name or description has {}", or(&words)));
    }
    all
}

fn ordered_before(before: OrderedBefore) -> String {
    let what = if before.same_package {
        "the same package"
    } else {
        "any package"
    };
    let days = match before.days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    format!("the same candidate was ordered {what} in the last {days}")
}

fn outcome(then: &Outcome) -> (String, Option<String>) {
    match then {
        Outcome::Accept => ("accept it".to_owned(), None),
        Outcome::Reject { message } => ("reject it".to_owned(), Some(message.clone())),
        Outcome::Hold(hold) => held(hold),
    }
}

fn held(hold: &HoldSetting) -> (String, Option<String>) {
    let otherwise = match hold.otherwise {
        HoldElse::Accept => "accept it",
        HoldElse::Later => "leave it received",
        HoldElse::Reject => "reject it",
    };
    let message = if hold.message.is_empty() {
        HOLD_MESSAGE
    } else {
        &hold.message
    };
    let says = (hold.otherwise == HoldElse::Reject).then(|| message.to_owned());
    (
        format!(
            "ask a person for up to {} s; if nobody decides, {otherwise}",
            hold.seconds
        ),
        says,
    )
}

fn joined(all: &[String], last: &str) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{}{last}{end}", first.join(", ")),
    }
}

/// `a`, `a or b`, `a, b or c`; of many the first ones and how many more.
fn or(values: &[String]) -> String {
    const SHOWN: usize = 8;
    if values.len() <= SHOWN + 1 {
        return joined(values, " or ");
    }
    format!("{} or one of {} more", values[..SHOWN].join(", "), values.len() - SHOWN)
}
