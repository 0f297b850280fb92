//! `/`: what waits, what is late, what failed, what is not configured. Each short list leads to the whole.

use super::on_screen::{News, OnScreen};
use super::order_row::{Row, SOON};
use super::orders::screen::as_they_stand;
use crate::app::App;
use crate::app::health::Part;
use crate::auth::{Access, Route, Staff};
use crate::domain::order::Stage;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::store::holds::{self, Confirmed};
use crate::store::order_lists::{self, Filter, Place, Sort};
use crate::store::today::{self, FailedConnection, FailedWebhook, StandingIntegration};
use crate::store::{self, Conn};
use crate::web::{Error, Frame, Hx, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

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

/// Something that failed or stands still elsewhere.
struct Trouble {
    icon: &'static str,
    title: String,
    says: String,
    at: Option<Timestamp>,
    href: Option<String>,
}

impl Trouble {
    /// What it is known by while it lasts.
    fn key(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.title, &self.href).hash(&mut hasher);
        format!("{:x}", hasher.finish())
    }
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

/// For how long a connection that failed is shown, unless it is tried again.
const REMEMBERED: Duration = Duration::from_hours(14 * 24);

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
    let counts = order_lists::counts(&mut conn, &staff.viewer, None).await?;
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

async fn troubles(conn: &mut Conn, staff: &Staff, now: Timestamp) -> Result<Vec<Trouble>, store::Error> {
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
    let drifted = today::drifted(conn, viewer, FEW).await?;
    all.extend(drifted.iter().map(|it| {
        standing(
            it,
            "compare",
            "Kombo holds other packages than were published. Open it to compare and put that right.".into(),
        )
    }));
    let refused = today::refused_credentials(conn, viewer, FEW).await?;
    all.extend(refused.iter().map(|it| Trouble {
        href: Some(format!("/integrations/{}/connection", it.id)),
        ..standing(
            it,
            "key",
            "The ATS refuses the customer’s credentials. Send the customer a reconnect link.".into(),
        )
    }));
    if viewer.can(Permission::ManageCustomers) {
        let failed = today::failed_connections(conn, viewer, now.minus(REMEMBERED), FEW).await?;
        all.extend(failed.iter().map(connection));
    }
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

fn connection(it: &FailedConnection) -> Trouble {
    Trouble {
        icon: "plug",
        title: format!("{}, {}", it.customer_name, tool_label(&it.tool)),
        says: "The customer tried to connect it and did not succeed. The link’s page leads to Kombo’s log.".into(),
        at: Some(it.at),
        href: Some(format!("/customers/{}/links/{}", it.customer_id, it.id)),
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
    if config.keeps_mails() {
        all.push(told(
            "Mails stay on this desk",
            "Invitations are kept under ‘Mail’ and no candidate gets one. For real work set ASSESSDESK_SMTP_URL to a mail server, and ASSESSDESK_MAIL_FROM, and start again.",
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
