//! `/audit`: who did what to what, when; every filter stands in the address.

pub(super) mod sentences;

use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{AuditId, CustomerId, StaffId};
use crate::domain::role::Permission;
use crate::domain::time::Timestamp;
use crate::store::audit::{self, Filter, Line};
use crate::store::{customers, staff};
use crate::web::frame::Section;
use crate::web::{Error, Frame, Page, TimeView};
use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Lines on a page.
const LINES: usize = 100;

/// Actors that are no person, for the filter.
const OTHERS: [(&str, &str); 5] = [
    ("system", "Assessdesk"),
    ("rule", "Customers’ settings"),
    ("kombo", "Kombo"),
    ("candidate", "Candidates"),
    ("command", "The command line"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/audit", Access::Needs(Permission::ViewAudit), show)]
}

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A staff member's id, or a kind of actor.
    who: String,
    /// A family (`order.`) or one action.
    action: String,
    subject: String,
    customer: String,
    /// In the reader's zone: `2026-11-24`.
    day: String,
    /// Where the page before ended: `MICROSECONDS.ID`.
    before: String,
}

#[derive(Template)]
#[template(path = "desk/audit.html")]
struct AuditPage {
    frame: Frame,
    asked: Asked,
    entries: Vec<Entry>,
    people: Vec<(String, String)>,
    others: &'static [(&'static str, &'static str)],
    families: &'static [(&'static str, &'static str)],
    customers: Vec<(CustomerId, String)>,
    newest: Option<String>,
    older: Option<String>,
}

struct Entry {
    at: Timestamp,
    who: String,
    did: String,
    facts: Vec<String>,
    about: Option<About>,
    customer: String,
}

/// What a line is about, and where that is.
struct About {
    label: String,
    url: Option<String>,
}

async fn show(State(app): State<App>, viewer: Staff, Query(asked): Query<Asked>) -> Result<Page<AuditPage>, Error> {
    let frame = viewer.frame(&app, "Audit trail", Section::Audit).await?;
    let filter = filter(&asked, &frame.time);
    let before = cursor(&asked.before);
    let mut conn = app.read().await?;
    let wanted = i64::try_from(LINES + 1).map_err(Error::internal)?;
    let mut lines = audit::page(&mut conn, &viewer.viewer, &filter, before, wanted).await?;
    let members = staff::list(&mut conn).await?;
    let customers = customers::names(&mut conn, &viewer.viewer).await?;
    drop(conn);
    let has_more = lines.len() > LINES;
    lines.truncate(LINES);
    let older = lines.last().filter(|_| has_more).map(|last| {
        address(&Asked {
            before: format!("{}.{}", last.at.unix_micros(), last.id),
            ..asked.clone()
        })
    });
    let newest = (!asked.before.is_empty()).then(|| {
        address(&Asked {
            before: String::new(),
            ..asked.clone()
        })
    });
    let people: HashMap<Uuid, &str> = members
        .iter()
        .map(|member| (member.id.0, member.name.as_str()))
        .collect();
    let names: HashMap<CustomerId, &str> = customers.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let entries = lines.iter().map(|line| entry(line, &people, &names)).collect();
    Ok(Page(AuditPage {
        frame,
        entries,
        people: members
            .into_iter()
            .map(|member| (member.id.to_string(), member.name))
            .collect(),
        others: &OTHERS,
        families: &sentences::FAMILIES,
        customers,
        newest,
        older,
        asked,
    }))
}

fn entry(line: &Line, people: &HashMap<Uuid, &str>, customers: &HashMap<CustomerId, &str>) -> Entry {
    Entry {
        at: line.at,
        who: sentences::actor(&line.actor, line.staff_name.as_deref()),
        did: sentences::describe(&line.action),
        facts: sentences::facts(&line.detail.0),
        about: about(line, people),
        customer: line
            .customer_id
            .and_then(|id| customers.get(&id))
            .copied()
            .unwrap_or_default()
            .to_owned(),
    }
}

fn about(line: &Line, people: &HashMap<Uuid, &str>) -> Option<About> {
    let id = line.subject_id?;
    // One's own doings need no second mention of oneself.
    if line.subject == "staff" && line.staff_id.is_some_and(|staff| staff.0 == id) {
        return None;
    }
    let page = match line.subject.as_str() {
        "order" => Some("orders"),
        "customer" => Some("customers"),
        "integration" => Some("integrations"),
        "package" => Some("packages"),
        "inbox" => Some("inbox"),
        "delivery" => Some("outbox"),
        "reason" => Some("reasons"),
        "staff" => Some("staff"),
        _ => None,
    };
    let label = people
        .get(&id)
        .map_or_else(|| capital(&line.subject.replace('_', " ")), |name| (*name).to_owned());
    Some(About {
        label,
        url: page.map(|page| format!("/{page}/{id}")),
    })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn filter(asked: &Asked, time: &TimeView) -> Filter {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let who: Option<StaffId> = asked.who.parse().ok();
    let day = asked.day.parse::<jiff::civil::Date>().ok();
    let start = |day: jiff::civil::Date| time.read_input(&format!("{day}T00:00"));
    Filter {
        actor: if who.is_none() { text(&asked.who) } else { None },
        staff: who,
        action: text(&asked.action),
        subject: asked.subject.parse().ok(),
        customer: asked.customer.parse().ok(),
        since: day.and_then(start),
        until: day.and_then(|day| day.tomorrow().ok()).and_then(start),
    }
}

fn cursor(text: &str) -> Option<(Timestamp, AuditId)> {
    let (micros, id) = text.split_once('.')?;
    Some((Timestamp::from_unix_micros(micros.parse().ok()?)?, id.parse().ok()?))
}

fn address(asked: &Asked) -> String {
    let pairs = [
        ("who", &asked.who),
        ("action", &asked.action),
        ("subject", &asked.subject),
        ("customer", &asked.customer),
        ("day", &asked.day),
        ("before", &asked.before),
    ];
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    if query.is_empty() {
        "/audit".to_owned()
    } else {
        format!("/audit?{query}")
    }
}
