//! `/`: what waits, what is late, what failed, what is not configured. Each short list leads to the whole.

use super::order_row::{Row, SOON};
use crate::app::App;
use crate::app::health::Part;
use crate::auth::{Access, Route, Staff};
use crate::domain::order::Stage;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::store::order_lists::{self, Filter, Place, Sort};
use crate::store::today::{self, FailedWebhook, StandingIntegration};
use crate::store::{self, Conn};
use crate::web::{Error, Frame, Hx, Section};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use std::collections::HashSet;

/// How many rows each list shows.
const FEW: i64 = 5;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/", Access::Needs(Permission::ViewOrders), show)]
}

/// A short list of orders.
struct Orders {
    title: &'static str,
    says: &'static str,
    rows: Vec<Row>,
    more: &'static str,
    has_more: bool,
}

/// Something that failed or stands still elsewhere.
struct Trouble {
    icon: &'static str,
    title: String,
    says: String,
    at: Option<Timestamp>,
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/today.html", blocks = ["today"])]
struct TodayPage {
    frame: Frame,
    waiting: Vec<Orders>,
    troubles: Vec<Trouble>,
    unset: Vec<Trouble>,
    here: &'static str,
    may_customers: bool,
    is_new: bool,
}

/// Which orders a short list shows.
struct Ask {
    title: &'static str,
    says: &'static str,
    more: &'static str,
    filter: Filter,
    due: bool,
}

async fn show(State(app): State<App>, staff: Staff, hx: Hx) -> Result<Response, Error> {
    let frame = staff.frame(&app, "Today", Section::Today).await?;
    let now = frame.time.now();
    let mut conn = app.read().await?;
    let mut waiting = Vec::new();
    let mut shown = HashSet::new();
    for ask in asks() {
        let mut list = orders(&mut conn, &staff, ask, now).await?;
        // Each order stands in the first list that it belongs to.
        list.rows.retain(|row| shown.insert(row.id));
        waiting.extend(Some(list).filter(|list| !list.rows.is_empty()));
    }
    let troubles = troubles(&mut conn, &staff).await?;
    let counts = order_lists::counts(&mut conn, &staff.viewer, None).await?;
    drop(conn);
    let page = TodayPage {
        frame,
        waiting,
        troubles,
        unset: unset(&app),
        here: "/",
        may_customers: staff.viewer.can(Permission::ManageCustomers),
        is_new: counts.iter().all(|(_, count)| *count == 0),
    };
    Ok(hx.answer(&page, &page.as_today()))
}

fn asks() -> [Ask; 6] {
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
            "To be invited",
            "These customers leave it to you to invite their candidates.",
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

async fn orders(conn: &mut Conn, staff: &Staff, ask: Ask, now: Timestamp) -> Result<Orders, Error> {
    let sort = if ask.due { Sort::Due } else { Sort::Received };
    let mut page = order_lists::page(conn, &staff.viewer, &ask.filter, sort, Place::Start, FEW).await?;
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
        title: ask.title,
        says: ask.says,
        rows,
        more: ask.more,
        has_more: page.has_after,
    })
}

async fn troubles(conn: &mut Conn, staff: &Staff) -> Result<Vec<Trouble>, store::Error> {
    let viewer = &staff.viewer;
    let mut all = Vec::new();
    let parked = today::parked(conn, viewer, FEW).await?;
    all.extend(parked.iter().map(|it| {
        let code = it.code.as_ref().map_or_else(String::new, |code| format!(" ({code})"));
        standing(
            it,
            "plug",
            format!("Its deliveries wait: Kombo says that it does not work{code}."),
        )
    }));
    let unpublished = today::unpublished(conn, viewer, FEW).await?;
    all.extend(unpublished.iter().map(|it| {
        standing(
            it,
            "packages",
            "Its offer could not be published. Open it to see why and to publish again.".into(),
        )
    }));
    if viewer.can(Permission::AssignIntegrations) {
        let unassigned = today::unassigned(conn, viewer, FEW).await?;
        all.extend(unassigned.iter().map(|it| Trouble {
            href: Some("/unassigned".into()),
            ..standing(
                it,
                "question",
                "It belongs to no customer yet, so its orders wait.".into(),
            )
        }));
    }
    if viewer.can(Permission::ViewTraffic) {
        let failed = today::failed_webhooks(conn, viewer, FEW).await?;
        all.extend(failed.iter().map(webhook));
    }
    Ok(all)
}

fn standing(it: &StandingIntegration, icon: &'static str, says: String) -> Trouble {
    let customer = it.customer_name.as_deref().unwrap_or("Unassigned");
    Trouble {
        icon,
        title: format!("{customer}, {}", tool_label(&it.tool)),
        says,
        at: Some(it.since),
        href: Some(format!("/integrations/{}", it.id)),
    }
}

fn webhook(it: &FailedWebhook) -> Trouble {
    let kind = if it.kind.is_empty() {
        "of unknown kind"
    } else {
        &it.kind
    };
    Trouble {
        icon: "in",
        title: format!("A webhook {kind} could not be worked in"),
        says: it
            .why
            .clone()
            .unwrap_or_else(|| "It is kept and can be read again after a fix.".into()),
        at: Some(it.last_at),
        href: Some(format!("/inbox/{}", it.id)),
    }
}

/// What is not configured, unsafe, or does not run.
fn unset(app: &App) -> Vec<Trouble> {
    let config = &app.config;
    let told = |title: &str, says: &str| Trouble {
        icon: "gear",
        title: title.to_owned(),
        says: says.to_owned(),
        at: None,
        href: None,
    };
    let mut all = Vec::new();
    if config.kombo_api_key.is_none() {
        all.push(told(
            "There is no Kombo API key",
            "Results can’t be sent and missed orders aren’t found. Set ASSESSDESK_KOMBO_API_KEY and start again.",
        ));
    }
    if !config.talks_to_kombo() {
        all.push(told(
            "This desk does not talk to Kombo itself",
            "It was set up with another address, as for practice: no order and no result here reaches a real ATS. For real work unset ASSESSDESK_KOMBO_API_URL and start again.",
        ));
    }
    if config.kombo_webhook_secrets.is_empty() {
        all.push(told(
            "There is no webhook secret",
            "Every webhook is refused. Set ASSESSDESK_KOMBO_WEBHOOK_SECRET to the one in Kombo’s dashboard and start again.",
        ));
    }
    let local = matches!(config.base_url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if !config.is_https() && !local {
        all.push(told(
            "The desk is reached without encryption",
            "Put it behind HTTPS and set ASSESSDESK_BASE_URL to the https:// address: Kombo and ATSs accept no other.",
        ));
    }
    for (part, fare) in app.health.parts() {
        // Without a key nothing can be sent or compared: that is said above.
        if config.kombo_api_key.is_none() && matches!(part, Part::Outbox | Part::Reconciler) {
            continue;
        }
        if let Some((since, why)) = fare.failing {
            all.push(Trouble {
                icon: "warn",
                title: format!("{} does not work", part.label()),
                says: format!("{why} It tries again by itself."),
                at: Some(since),
                href: None,
            });
        }
    }
    all
}
