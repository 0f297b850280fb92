//! `/orders`: every order by stage, with filters and a search in the address.

mod asked;
pub(in crate::desk) mod screen;

use super::on_screen::{News, OnScreen};
use super::order_row::Row;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::order::Stage;
use crate::domain::role::Permission;
use crate::store::order_lists::{self, PackageChoice, Sort};
use crate::store::{Conn, customers};
use crate::web::{Error, Frame, Hx, Section};
use askama::Template;
use asked::{Asked, write_key};
use axum::extract::{Query, State};
use axum::response::Response;
use std::collections::HashMap;

/// How many orders stand on a page.
const PAGE: i64 = 50;

/// The tabs: what the address says, and what people read.
const TABS: [(&str, &str); 8] = [
    ("open", "Open"),
    ("received", "Received"),
    ("accepted", "Accepted"),
    ("invited", "Invited"),
    ("started", "Started"),
    ("in_review", "In review"),
    ("closing", "Closing"),
    ("done", "Done"),
];
/// The tabs of what is over; shown while one of them, or 'Done', is open.
const ENDS: [(&str, &str); 3] = [
    ("completed", "Completed"),
    ("rejected", "Rejected"),
    ("cancelled", "Cancelled"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/orders", Access::Needs(Permission::ViewOrders), list)]
}

struct Tab {
    label: &'static str,
    url: String,
    count: Option<i64>,
    current: bool,
    apart: bool,
}

/// A filter as a chip: set, with the way to take it off, or with what can be chosen.
struct Chip {
    label: &'static str,
    set: Option<(String, String)>,
    choices: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "desk/orders.html", blocks = ["list"])]
struct OrdersPage {
    frame: Frame,
    asked: Asked,
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    here: String,
    /// The same rows again, as they will stand then.
    again: String,
    news: Option<News>,
}

async fn list(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let frame = staff.frame(&app, "Orders", Section::Orders).await?;
    let mut conn = app.read().await?;
    let listing = screen::listing(&mut conn, &staff, &asked, frame.time.now()).await?;
    let counts = order_lists::counts(&mut conn, &staff.viewer, asked.filter(&staff).customer).await?;
    let chips = chips(&mut conn, &staff, &asked).await?;
    drop(conn);
    let here = asked.url();
    let page = OrdersPage {
        frame,
        tabs: tabs(&asked, &counts.into_iter().collect()),
        chips,
        newer: listing.newer.map(|key| asked.with("before", &write_key(key))),
        older: listing.older.map(|key| asked.with("after", &write_key(key))),
        again: asked.again(&OnScreen::write(listing.rows.iter().map(|row| row.id.0))),
        news: News::of(listing.news, &here),
        rows: listing.rows,
        here,
        asked,
    };
    Ok(hx.answer(&page, &page.as_list()))
}

fn tabs(asked: &Asked, counts: &HashMap<Stage, i64>) -> Vec<Tab> {
    let current = asked.tab();
    let sum = |is: fn(Stage) -> bool| {
        counts
            .iter()
            .filter(|(stage, _)| is(**stage))
            .map(|(_, count)| count)
            .sum()
    };
    let tab = |(name, label): (&'static str, &'static str), apart| Tab {
        label,
        url: asked.with("stage", name),
        count: match name {
            "open" => Some(sum(|stage| !stage.is_end())),
            "done" => Some(sum(Stage::is_end)),
            name => Stage::parse(name).map(|stage| counts.get(&stage).copied().unwrap_or_default()),
        },
        current: current == name,
        apart,
    };
    let among_ends = current == "done" || ENDS.iter().any(|(name, _)| *name == current);
    let mut tabs: Vec<_> = TABS.into_iter().map(|it| tab(it, it.0 == "done")).collect();
    if among_ends {
        tabs.extend(ENDS.into_iter().map(|it| tab(it, false)));
    }
    tabs.push(tab(("all", "All"), false));
    tabs
}

async fn chips(conn: &mut Conn, staff: &Staff, asked: &Asked) -> Result<Vec<Chip>, Error> {
    let customers = customers::names(conn, &staff.viewer).await?;
    let customers = customers.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let packages = order_lists::package_choices(conn).await?;
    let packages = packages
        .into_iter()
        .map(|PackageChoice { key, name }| (key, name))
        .collect();
    let people = order_lists::staff_choices(conn).await?;
    let mut who = vec![
        ("me".to_owned(), "Me".to_owned()),
        ("nobody".to_owned(), "Nobody yet".to_owned()),
    ];
    let others = people.into_iter().filter(|(id, _)| *id != staff.id);
    who.extend(others.map(|(id, name)| (id.to_string(), name)));
    let only = vec![
        ("flagged".to_owned(), "Needs a look".to_owned()),
        ("paused".to_owned(), "Paused".to_owned()),
    ];
    Ok(vec![
        chip(asked, "Customer", "customer", &asked.customer, customers),
        chip(asked, "Package", "package", &asked.package, packages),
        chip(asked, "Assignee", "who", &asked.who, who),
        chip(asked, "Only", "only", &asked.only, only),
    ])
}

fn chip(asked: &Asked, label: &'static str, name: &str, value: &str, choices: Vec<(String, String)>) -> Chip {
    let set = (!value.is_empty()).then(|| {
        let chosen = choices.iter().find(|(own, _)| own == value);
        let words = chosen.map_or_else(|| value.to_owned(), |(_, words)| words.clone());
        (words, asked.with(name, ""))
    });
    Chip {
        label,
        set,
        choices: choices
            .into_iter()
            .map(|(value, words)| (asked.with(name, &value), words))
            .collect(),
    }
}
