//! `/orders`: every order by stage, with filters and a search in the address.

mod asked;
mod choices;
pub(in crate::desk) mod screen;

use super::on_screen::{News, OnScreen};
use super::order_row::Row;
use crate::app::{App, counted};
use crate::auth::{Access, Route, Staff};
use crate::domain::order::Stage;
use crate::domain::role::Permission;
use crate::store::order_lists::Sort;
use crate::web::{Error, Frame, Hx, Section};
use askama::Template;
use asked::{Asked, write_key};
use axum::extract::{Query, State};
use axum::response::Response;
use choices::Chip;
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
    vec![
        Route::get("/orders", Access::Needs(Permission::ViewOrders), list),
        Route::get("/orders/choose", Access::Needs(Permission::ViewOrders), choices::all),
    ]
}

struct Tab {
    label: &'static str,
    url: String,
    count: Option<i64>,
    current: bool,
    apart: bool,
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
    let counts = counted::stages(&app, &mut conn, &staff.viewer, asked.filter(&staff).customer).await?;
    let chips = choices::chips(&app, &mut conn, &staff, &asked).await?;
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
