//! The page on which things are made to go wrong.

use super::page::{Done, Page, filled, page};
use crate::kombo::Code;
use crate::kombo::wire::event_type;
use crate::sandbox::mischief::{CallKind, CallMischief, CallRule, Rules, WebhookMischief, WebhookRule};
use crate::sandbox::{Error, Sandbox};
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use axum_extra::extract::Form;
use serde::Deserialize;

const EVENTS: [&str; 6] = [
    event_type::ORDER_RECEIVED,
    event_type::INLINE_ORDER_RECEIVED,
    event_type::INTEGRATION_CREATED,
    event_type::INTEGRATION_DELETED,
    event_type::INTEGRATION_STATE_CHANGED,
    event_type::CONNECTION_FLOW_FAILED,
];

#[derive(Template)]
#[template(path = "sandbox/mischief.html")]
struct MischiefPage {
    calls: Vec<String>,
    webhooks: Vec<String>,
    kinds: [(CallKind, &'static str); 10],
    events: [&'static str; 6],
    codes: &'static [Code],
}

pub(super) async fn show(State(sandbox): State<Sandbox>) -> Page {
    let rules = sandbox.mischief.rules().clone();
    page(&MischiefPage {
        calls: rules.calls.iter().map(say_call_rule).collect(),
        webhooks: rules.webhooks.iter().map(say_webhook_rule).collect(),
        kinds: CallKind::ALL,
        events: EVENTS,
        codes: Code::ALL,
    })
}

fn say_call_rule(rule: &CallRule) -> String {
    let what = match &rule.mischief {
        CallMischief::TooManyCalls {
            retry_after: Some(seconds),
        } => format!("429, come back in {seconds} s"),
        CallMischief::TooManyCalls { retry_after: None } => "429".to_owned(),
        CallMischief::ServerError { status } => format!("error {status}"),
        CallMischief::Refused => "refused by the ATS".to_owned(),
        CallMischief::RefusedWith { code, .. } => {
            format!("refused with {}", code.as_deref().unwrap_or("no code"))
        }
        CallMischief::TimeOut => "never answered, not applied".to_owned(),
        CallMischief::AppliedThenBroken => "applied, then the connection breaks".to_owned(),
        CallMischief::AppliedThenTimeOut => "applied, but never answered".to_owned(),
    };
    let which = rule.call.map_or("any call", CallKind::name);
    format!("{which}: {what}{}", how_often(rule.share, rule.left))
}

fn say_webhook_rule(rule: &WebhookRule) -> String {
    let what = match rule.mischief {
        WebhookMischief::Drop => "lost".to_owned(),
        WebhookMischief::Repeat { times } => format!("sent {times} times more"),
        WebhookMischief::Delay { ms } => format!("{ms} ms late"),
        WebhookMischief::HangUp { ms } => format!("the line is cut after {ms} ms without an answer"),
        WebhookMischief::Reorder => "overtaken by the next one".to_owned(),
    };
    let which = rule.event.as_deref().unwrap_or("any webhook");
    format!("{which}: {what}{}", how_often(rule.share, rule.left))
}

fn how_often(share: f64, left: Option<u32>) -> String {
    let share = if share < 1.0 {
        format!(", {:.0} in 100", share * 100.0)
    } else {
        String::new()
    };
    match left {
        Some(left) => format!("{share}, {left} times more"),
        None => format!("{share}, until you end it"),
    }
}

/// What both forms have. Empty numbers arrive as empty texts.
#[derive(Deserialize)]
pub(super) struct RuleForm {
    kind: String,
    #[serde(default)]
    which: String,
    #[serde(default)]
    percent: String,
    #[serde(default)]
    left: String,
    #[serde(default)]
    retry_after: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    times: String,
    #[serde(default)]
    ms: String,
}

/// A number out of a form: nothing where it is blank.
fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<Option<T>, Error> {
    filled(text)
        .map(|text| {
            text.parse()
                .map_err(|_| Error::Asked(format!("{what} must be a whole number")))
        })
        .transpose()
}

impl RuleForm {
    fn share(&self) -> Result<f64, Error> {
        Ok(f64::from(number::<u8>(&self.percent, "the share")?.unwrap_or(100).min(100)) / 100.0)
    }

    fn left(&self) -> Result<Option<u32>, Error> {
        Ok(number::<u32>(&self.left, "the number of times")?.filter(|left| *left > 0))
    }
}

pub(super) async fn add_call_rule(State(sandbox): State<Sandbox>, Form(form): Form<RuleForm>) -> Done {
    let mischief = match form.kind.as_str() {
        "too_many_calls" => CallMischief::TooManyCalls {
            retry_after: number(&form.retry_after, "the seconds")?,
        },
        "server_error" => CallMischief::ServerError {
            status: number(&form.status, "the status")?.unwrap_or(500),
        },
        "refused" => CallMischief::Refused,
        "refused_with" => CallMischief::RefusedWith {
            code: filled(&form.code),
            http_status: None,
        },
        "time_out" => CallMischief::TimeOut,
        "applied_then_broken" => CallMischief::AppliedThenBroken,
        "applied_then_time_out" => CallMischief::AppliedThenTimeOut,
        _ => return Err(Error::Asked("choose what goes wrong".into()).into()),
    };
    let call = CallKind::ALL
        .iter()
        .find(|(_, name)| *name == form.which)
        .map(|(kind, _)| *kind);
    let rule = CallRule {
        mischief,
        call,
        share: form.share()?,
        left: form.left()?,
    };
    sandbox.mischief.rules().calls.push(rule);
    Ok(Redirect::to("/ats/mischief"))
}

pub(super) async fn add_webhook_rule(State(sandbox): State<Sandbox>, Form(form): Form<RuleForm>) -> Done {
    let mischief = match form.kind.as_str() {
        "drop" => WebhookMischief::Drop,
        "repeat" => WebhookMischief::Repeat {
            times: number(&form.times, "the number of repeats")?.unwrap_or(1),
        },
        "delay" => WebhookMischief::Delay {
            ms: number(&form.ms, "the milliseconds")?.unwrap_or(1_000),
        },
        "hang_up" => WebhookMischief::HangUp {
            ms: number(&form.ms, "the milliseconds")?.unwrap_or(5_000),
        },
        "reorder" => WebhookMischief::Reorder,
        _ => return Err(Error::Asked("choose what goes wrong".into()).into()),
    };
    let rule = WebhookRule {
        mischief,
        event: filled(&form.which),
        share: form.share()?,
        left: form.left()?,
    };
    sandbox.mischief.rules().webhooks.push(rule);
    Ok(Redirect::to("/ats/mischief"))
}

/// Which rules end: `all`, or one of a list by its place.
#[derive(Deserialize)]
pub(super) struct Removal {
    list: String,
    #[serde(default)]
    at: usize,
}

pub(super) async fn remove(State(sandbox): State<Sandbox>, Form(form): Form<Removal>) -> Done {
    let mut rules = sandbox.mischief.rules();
    match form.list.as_str() {
        "calls" if form.at < rules.calls.len() => drop(rules.calls.remove(form.at)),
        "webhooks" if form.at < rules.webhooks.len() => drop(rules.webhooks.remove(form.at)),
        "all" => *rules = Rules::default(),
        _ => {}
    }
    drop(rules);
    Ok(Redirect::to("/ats/mischief"))
}
