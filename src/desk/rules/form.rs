//! A rule as a form holds it.

use crate::domain::ids::RuleId;
use crate::domain::intake::{DEFAULT_HOLD_SECONDS, HoldElse, HoldSetting};
use crate::domain::package::PackageType;
use crate::domain::rules::{CandidateField, Conditions, OrderedBefore, Outcome, Rule};
use crate::domain::text::{fold, known_tools, tool_label};
use crate::web::FormState;

/// The fields that can be overtaken by somebody else.
pub(super) const LABELS: [(&str, &str); 25] = [
    ("name", "Name"),
    ("packages", "Packages"),
    ("type_BEHAVIORAL", "Behaviour"),
    ("type_VIDEO_INTERVIEW", "Video interview"),
    ("type_SKILLS_TEST", "Skills test"),
    ("type_BACKGROUND_CHECK", "Background check"),
    ("type_REFERENCE_CHECK", "Reference check"),
    ("tools", "ATSs"),
    ("countries", "Countries"),
    ("regions", "Regions"),
    ("job_codes", "Job codes"),
    ("words", "Words"),
    ("missing_first_name", "First name is missing"),
    ("missing_last_name", "Last name is missing"),
    ("missing_email", "E-mail address is missing"),
    ("missing_phone", "Phone number is missing"),
    ("before", "Ordered before"),
    ("days", "Within days"),
    ("credits", "No orders left"),
    ("hours", "Outside business hours"),
    ("then", "Then"),
    ("message", "Words for the recruiter"),
    ("hold_seconds", "Seconds for a person’s decision"),
    ("hold_else", "When nobody decides in time"),
    ("hold_message", "Words when nobody decides in time"),
];

/// How many days an earlier order counts where nothing else is said.
const DAYS: &str = "30";

/// An empty form.
pub(super) fn blank(version: i64) -> FormState {
    FormState::filled([
        ("version", version.to_string()),
        ("then", "accept".to_owned()),
        ("days", DAYS.to_owned()),
        ("hold_seconds", DEFAULT_HOLD_SECONDS.to_string()),
        ("hold_else", HoldElse::Accept.as_str().to_owned()),
    ])
}

/// The form of a rule as it stands.
pub(super) fn filled(rule: &Rule, version: i64) -> FormState {
    let when = &rule.when;
    let mut form = blank(version);
    form.set("name", rule.name.as_str());
    form.set("packages", when.packages.join("\n"));
    let tools = when.tools.iter().map(|tool| tool_label(tool)).collect::<Vec<_>>();
    form.set("tools", tools.join("\n"));
    form.set("countries", when.countries.join("\n"));
    form.set("regions", when.regions.join("\n"));
    form.set("job_codes", when.job_codes.join("\n"));
    form.set("words", when.words.join("\n"));
    for kind in &when.types {
        form.set(&format!("type_{kind}"), "on");
    }
    for field in &when.missing {
        form.set(&format!("missing_{field}"), "on");
    }
    if let Some(before) = when.ordered_before {
        form.set("before", if before.same_package { "same" } else { "any" });
        form.set("days", before.days.to_string());
    }
    for (name, is_on) in [("credits", when.credits_used_up), ("hours", when.outside_hours)] {
        if is_on {
            form.set(name, "on");
        }
    }
    match &rule.then {
        Outcome::Accept => {}
        Outcome::Reject { message } => {
            form.set("then", "reject");
            form.set("message", message.as_str());
        }
        Outcome::Hold(hold) => {
            form.set("then", "hold");
            form.set("hold_seconds", hold.seconds.to_string());
            form.set("hold_else", hold.otherwise.as_str());
            form.set("hold_message", hold.message.as_str());
        }
    }
    form
}

/// What was typed; `None` where a choice or a number cannot be read (the form then says so).
pub(super) fn read(form: &mut FormState, id: RuleId) -> Option<Rule> {
    let before = ordered_before(form);
    let then = outcome(form);
    let types = PackageType::ALL.iter().copied();
    let missing = CandidateField::ALL.iter().copied();
    Some(Rule {
        id,
        name: form.value("name").to_owned(),
        when: Conditions {
            packages: values(form, "packages", true),
            types: types.filter(|kind| form.is_on(&format!("type_{kind}"))).collect(),
            tools: values(form, "tools", true).iter().map(|tool| tool_id(tool)).collect(),
            countries: values(form, "countries", true),
            regions: values(form, "regions", true),
            job_codes: values(form, "job_codes", true),
            missing: missing
                .filter(|field| form.is_on(&format!("missing_{field}")))
                .collect(),
            ordered_before: before.ok()?,
            credits_used_up: form.is_on("credits"),
            outside_hours: form.is_on("hours"),
            words: values(form, "words", false),
        },
        then: then?,
    })
}

/// Each line of a field, and where commas part them, what stands between.
fn values(form: &FormState, field: &str, commas: bool) -> Vec<String> {
    let parts = form
        .value(field)
        .split(|letter| letter == '\n' || (commas && letter == ','));
    parts
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// An ATS as Kombo calls it, by its name or its id.
fn tool_id(typed: &str) -> String {
    let folded = fold(typed);
    let known = known_tools().find(|(id, label)| *id == folded || fold(label) == folded);
    known.map_or_else(|| folded.replace(' ', ""), |(id, _)| id.to_owned())
}

/// What was chosen; an error where it cannot be read (the form then says so).
fn ordered_before(form: &mut FormState) -> Result<Option<OrderedBefore>, ()> {
    let same_package = match form.value("before") {
        "" => return Ok(None),
        "same" => true,
        "any" => false,
        _ => {
            form.refuse("before", "Please choose one.");
            return Err(());
        }
    };
    let days = form.parsed("days", "Please give a whole number of days.").ok_or(())?;
    Ok(Some(OrderedBefore { days, same_package }))
}

fn outcome(form: &mut FormState) -> Option<Outcome> {
    let text = |form: &FormState, field: &str| form.value(field).replace("\r\n", "\n");
    match form.value("then") {
        "accept" => Some(Outcome::Accept),
        "reject" => Some(Outcome::Reject {
            message: text(form, "message"),
        }),
        "hold" => {
            let seconds = form.parsed("hold_seconds", "Please give a whole number of seconds, from 0 to 10.");
            let otherwise = HoldElse::parse(form.value("hold_else"));
            if otherwise.is_none() {
                form.refuse("hold_else", "Please choose one.");
            }
            Some(Outcome::Hold(HoldSetting {
                seconds: seconds?,
                otherwise: otherwise?,
                message: text(form, "hold_message"),
            }))
        }
        _ => {
            form.refuse("then", "Please choose one.");
            None
        }
    }
}

/// A field's value as people are shown it.
pub(super) fn in_words(field: &str, value: &str) -> String {
    match (field, value) {
        ("then", "accept") => "Accept it".to_owned(),
        ("then", "reject") => "Reject it".to_owned(),
        ("then", "hold") => "A person decides while the recruiter waits".to_owned(),
        ("before", "same") => "the same package".to_owned(),
        ("before", "any") => "any package".to_owned(),
        ("hold_else", _) => HoldElse::parse(value).map_or_else(|| value.to_owned(), |it| it.label().to_owned()),
        (_, "on") => "yes".to_owned(),
        (field, "") if field.starts_with("type_") || field.starts_with("missing_") => "no".to_owned(),
        _ => value.lines().collect::<Vec<_>>().join(", "),
    }
}
