//! An order's timeline: audit lines, webhooks and attempts, in the order in which they happened.

use super::sentences;
use crate::domain::delivery::{DeliveryKind, Outcome};
use crate::domain::time::Timestamp;
use crate::store::audit::Line;
use crate::store::timeline::{Sighting, Try};

/// One entry.
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) icon: &'static str,
    pub(super) tone: &'static str,
    pub(super) text: String,
    pub(super) more: String,
    pub(super) link: Option<String>,
}

/// Everything that happened, the newest first; links lead to traffic only for those who may see it.
pub(super) fn entries(lines: &[Line], sightings: &[Sighting], tries: &[Try], may_follow: bool) -> Vec<Entry> {
    let mut entries: Vec<_> = lines
        .iter()
        .map(of_line)
        .chain(sightings.iter().flat_map(|it| of_sighting(it, may_follow)))
        .chain(tries.iter().map(|it| of_try(it, may_follow)))
        .collect();
    entries.sort_by_key(|entry| entry.at);
    entries.reverse();
    entries
}

fn of_line(line: &Line) -> Entry {
    let ((icon, tone), text) = sentences::of_order(line);
    let micros = line.detail.0.get("micros").and_then(serde_json::Value::as_i64);
    Entry {
        at: line.at,
        icon,
        tone,
        text,
        more: micros.map_or_else(String::new, |micros| format!("decided in {}", took(micros))),
        link: None,
    }
}

/// The webhook that brought the order stands in its own entry; repeats are told once, at their last time.
fn of_sighting(it: &Sighting, may_follow: bool) -> Vec<Entry> {
    let link = may_follow.then(|| format!("/inbox/{}", it.id));
    let answered = match it.answer_status {
        0 => "no answer".to_owned(),
        status => format!("answered {status} in {}", took(it.answer_micros)),
    };
    let mut entries = vec![Entry {
        at: it.first_at,
        icon: "in",
        tone: "",
        text: format!("Webhook verified: {}.", it.verdict.label().to_lowercase()),
        more: answered,
        link: link.clone(),
    }];
    if it.times_seen > 1 {
        entries.push(Entry {
            at: it.last_at,
            icon: "in",
            tone: "",
            text: format!(
                "The same webhook came {} times; it was answered the same way.",
                it.times_seen
            ),
            more: String::new(),
            link,
        });
    }
    entries
}

fn of_try(it: &Try, may_follow: bool) -> Entry {
    let said = [
        it.http_status.map(|status| status.to_string()).unwrap_or_default(),
        it.code.clone().unwrap_or_default(),
        it.message.clone().unwrap_or_default(),
    ];
    let said = said.into_iter().filter(|part| !part.is_empty());
    let good = matches!(it.outcome, Outcome::Delivered);
    let (icon, place, what) = match it.kind {
        DeliveryKind::Mail => ("mail", "mail", "Invitation, attempt"),
        _ => ("out", "outbox", "Attempt"),
    };
    Entry {
        at: it.finished_at,
        icon,
        tone: if good { "good" } else { "" },
        text: format!("{what} {}: {}.", it.number, it.outcome.label().to_lowercase()),
        more: said.collect::<Vec<_>>().join(" · "),
        link: may_follow.then(|| format!("/{place}/{}", it.delivery_id)),
    }
}

/// A short length of time with its unit.
fn took(micros: i64) -> String {
    match micros {
        ..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}
