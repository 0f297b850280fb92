//! `/`: what waits, what is late, what failed, what is not configured. Each short list leads to the whole.

mod troubles;

use super::on_screen::{News, OnScreen};
use super::order_row::{Row, SOON};
use super::orders::screen::as_they_stand;
use crate::app::{App, counted};
use crate::auth::{Access, Route, Staff};
use crate::domain::order::Stage;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::store::Conn;
use crate::store::holds::{self, Confirmed};
use crate::store::order_lists::{self, Filter, Place, Sort};
use crate::web::{Error, Frame, Hx, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashSet;
use troubles::{Trouble, troubles, unset};

/// How many rows each list shows.
const FEW: i64 = 5;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", Access::Needs(Permission::ViewOrders), show)]
}

/// What stands on the screen and is fetched again; nothing: the page is shown as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shown {
    /// The rows of each list, with `~` between the lists.
    rows: String,
    /// What does not work, by [`Trouble::key`], with `.` between.
    troubles: String,
}

impl Shown {
    fn is_nothing(&self) -> bool {
        self.troubles.is_empty() && OnScreen::parse(&self.rows.replace('~', ".")).is_none()
    }
}

/// A short list of orders.
struct Orders {
    at: usize,
    title: &'static str,
    says: &'static str,
    rows: Vec<Row>,
    more: &'static str,
    has_more: bool,
}

#[derive(Template)]
#[template(path = "desk/today.html", blocks = ["today"])]
struct TodayPage {
    frame: Frame,
    waiting: Vec<Orders>,
    troubles: Vec<Trouble>,
    unset: Vec<Trouble>,
    rejections: Vec<Rejections>,
    here: &'static str,
    /// The same rows again, as they will stand then.
    again: String,
    news: Option<News>,
    may_customers: bool,
    is_new: bool,
}

/// How many held rejections are looked at.
const LAST: i64 = 20;

/// From how many on they say something.
const ENOUGH: i64 = 5;

/// How the rejections of an integration fared that were given while the ATS waited.
struct Rejections {
    customer: String,
    ats: String,
    href: String,
    says: String,
    /// Too few arrived.
    advice: Option<String>,
}

impl Rejections {
    fn of(it: Confirmed) -> Self {
        // Below 95 of a hundred.
        let too_few = it.settled >= ENOUGH && it.arrived * 20 < it.settled * 19;
        let shorter = (it.hold_seconds - 2).max(1);
        Self {
            ats: tool_label(&it.tool),
            href: format!("/customers/{}", it.customer_id),
            says: format!("{} of the last {} reached the recruiter", it.arrived, it.settled),
            advice: too_few.then(|| {
                format!(
                    "This ATS seems to hang up before you have decided. Let it wait {shorter} s instead of {} s.",
                    it.hold_seconds
                )
            }),
            customer: it.customer_name,
        }
    }
}

/// Which orders a short list shows.
struct Ask {
    title: &'static str,
    says: &'static str,
    more: &'static str,
    filter: Filter,
    due: bool,
}

async fn show(State(app): State<App>, staff: Staff, hx: Hx, Query(shown): Query<Shown>) -> Result<Response, Error> {
    let frame = staff.frame(&app, "Today", Section::Today).await?;
    let now = frame.time.now();
    let mut conn = app.read().await?;
    let mut waiting = fresh(&mut conn, &staff, now).await?;
    let troubles = troubles(&mut conn, &staff, now).await?;
    let unset = unset(&app);
    let mut keys: Vec<_> = unset.iter().chain(&troubles).map(Trouble::key).collect();
    let mut news = None;
    if !shown.is_nothing() {
        let there: Vec<_> = shown
            .troubles
            .split('.')
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
            .collect();
        let (rows, new) = again(&mut conn, &staff, &waiting, &shown.rows, now).await?;
        let come = keys.iter().filter(|key| !there.contains(key)).count();
        let gone = there.iter().filter(|key| !keys.contains(key)).count();
        news = told(new + come, gone);
        (waiting, keys) = (rows, there);
    }
    let rejections = holds::confirmed(&mut conn, &staff.viewer, LAST).await?;
    let counts = counted::stages(&app, &mut conn, &staff.viewer, None).await?;
    drop(conn);
    let page = TodayPage {
        frame,
        again: address(&waiting, &keys),
        news,
        waiting,
        troubles,
        unset,
        rejections: rejections
            .into_iter()
            .filter(|it| it.settled > 0)
            .map(Rejections::of)
            .collect(),
        here: "/",
        may_customers: staff.viewer.can(Permission::ManageCustomers),
        is_new: counts.iter().all(|(_, count)| *count == 0),
    };
    Ok(hx.answer(&page, &page.as_today()))
}

/// The lists as they are now; each order stands in the first that it belongs to.
async fn fresh(conn: &mut Conn, staff: &Staff, now: Timestamp) -> Result<Vec<Orders>, Error> {
    let mut waiting = Vec::new();
    let mut seen = HashSet::new();
    for (at, ask) in asks().into_iter().enumerate() {
        let mut list = orders(conn, staff, at, ask, now).await?;
        list.rows.retain(|row| seen.insert(row.id));
        waiting.extend(Some(list).filter(|list| !list.rows.is_empty()));
    }
    Ok(waiting)
}

/// The rows that stand on the screen, each in its place, and how many of `fresh` do not stand there yet.
async fn again(
    conn: &mut Conn,
    staff: &Staff,
    fresh: &[Orders],
    shown: &str,
    now: Timestamp,
) -> Result<(Vec<Orders>, usize), Error> {
    let mut waiting = Vec::new();
    for ((at, ask), shown) in asks().into_iter().enumerate().zip(shown.split('~')) {
        let Some(shown) = OnScreen::parse(shown) else { continue };
        let rows = as_they_stand(conn, staff, &ask.filter, sort(&ask), &shown).await?;
        let late = |row: &order_lists::ListRow| ask.due && row.due_at > now.plus(SOON);
        let rows = rows.into_iter().map(|(row, left)| Row {
            left: left || late(&row),
            ..Row::of(row, &staff.viewer, now)
        });
        waiting.push(Orders {
            at,
            title: ask.title,
            says: ask.says,
            rows: rows.collect(),
            more: ask.more,
            has_more: fresh.iter().any(|list| list.at == at && list.has_more),
        });
    }
    let there: HashSet<_> = waiting.iter().flat_map(|list| &list.rows).map(|row| row.id).collect();
    let rows = fresh.iter().flat_map(|list| &list.rows);
    let new = rows.filter(|row| !there.contains(&row.id)).count();
    Ok((waiting, new))
}

/// What is new and what was mended since.
fn told(new: usize, mended: usize) -> Option<News> {
    let parts = [(new, "new"), (mended, "mended")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts.map(|(count, word)| format!("{count} {word}")).collect();
    (!parts.is_empty()).then(|| News {
        text: parts.join(", "),
        url: "/".to_owned(),
    })
}

/// The address that fetches exactly these rows again.
fn address(waiting: &[Orders], troubles: &[String]) -> String {
    let rows = (0..asks().len()).map(|at| {
        let rows = waiting.iter().filter(|list| list.at == at).flat_map(|list| &list.rows);
        OnScreen::write(rows.map(|row| row.id.0))
    });
    let rows = rows.collect::<Vec<_>>().join("~");
    format!("/?rows={rows}&troubles={}", troubles.join("."))
}

const fn sort(ask: &Ask) -> Sort {
    if ask.due { Sort::Due } else { Sort::Received }
}

fn asks() -> [Ask; 7] {
    let at = |stage| Filter {
        stages: vec![stage],
        ..Filter::default()
    };
    let ask = |title, says, more, filter| Ask {
        title,
        says,
        more,
        filter,
        due: false,
    };
    [
        ask(
            "Needs a look",
            "Stuck, in conflict, missing at Kombo, or told again with other data.",
            "/orders?only=flagged",
            Filter {
                flagged: true,
                ..Filter::default()
            },
        ),
        Ask {
            due: true,
            ..ask(
                "Late or due soon",
                "The customer expects these results within four hours, or expected them already.",
                "/orders?sort=due",
                Filter::default(),
            )
        },
        ask(
            "Waits for a decision",
            "Accept it, or cancel it with a reason.",
            "/orders?stage=received",
            at(Stage::Received),
        ),
        ask(
            "Could not be invited",
            "Each names what stands in the way. Open it to mend that.",
            "/orders?only=uninvited",
            Filter {
                uninvited: true,
                ..Filter::default()
            },
        ),
        ask(
            "To be invited",
            "These candidates are invited from here, and no mail does it by itself.",
            "/orders?stage=accepted",
            Filter {
                to_invite: true,
                ..at(Stage::Accepted)
            },
        ),
        ask(
            "In review",
            "A second person looks at these results before they leave.",
            "/orders?stage=in_review",
            at(Stage::InReview),
        ),
        ask(
            "On the way",
            "Final words that wait for their moment, or are being sent.",
            "/orders?stage=closing",
            at(Stage::Closing),
        ),
    ]
}

async fn orders(conn: &mut Conn, staff: &Staff, at: usize, ask: Ask, now: Timestamp) -> Result<Orders, Error> {
    let mut page = order_lists::page(conn, &staff.viewer, &ask.filter, sort(&ask), Place::Start, FEW).await?;
    if ask.due {
        let before = page.rows.len();
        page.rows.retain(|row| row.due_at <= now.plus(SOON));
        page.has_after &= page.rows.len() == before;
    }
    let rows: Vec<_> = page
        .rows
        .into_iter()
        .map(|row| Row::of(row, &staff.viewer, now))
        .collect();
    Ok(Orders {
        at,
        title: ask.title,
        says: ask.says,
        rows,
        more: ask.more,
        has_more: page.has_after,
    })
}
