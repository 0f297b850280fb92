//! `/outbox`: everything that must reach somebody else, and a single delivery with every attempt.

use super::on_screen::{News, OnScreen, with_rows};
use super::traffic::{ROWS, address, cursor, place, pretty, short_digest, state_pill};
use crate::actions::{retry_delivery, wake_integration};
use crate::app::App;
use crate::app::gate::Closed;
use crate::auth::{Access, Route, Staff};
use crate::domain::delivery::{DeliveryKind, DeliveryState, MailPurpose};
use crate::domain::ids::{CustomerId, DeliveryId, IntegrationId};
use crate::domain::order::Stage;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::kombo::Code;
use crate::store::attempts::{self, AttemptRow, Opened};
use crate::store::deliveries::{self, DeliveryFilter, DeliveryRow, ListedDelivery, ParkedIntegration};
use crate::store::orders::{self, OrderRow};
use crate::store::publications::{self, PublicationRow};
use crate::store::{Conn, customers};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewTraffic);
    let retry = Access::Needs(Permission::RetryTraffic);
    vec![
        Route::get("/outbox", see, list),
        Route::get("/outbox/{id}", see, show),
        Route::post("/outbox/{id}/retry", retry, try_now),
        Route::post("/outbox/integrations/{id}/wake", retry, wake),
    ]
}

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    kind: String,
    customer: String,
    before: String,
    /// The rows that stand on the screen and are fetched again.
    rows: String,
}

impl Asked {
    fn filter(&self) -> DeliveryFilter {
        DeliveryFilter {
            state: DeliveryState::parse(&self.state),
            kind: DeliveryKind::parse(&self.kind),
            customer: self.customer.parse().ok(),
        }
    }

    fn url(&self, before: &str) -> String {
        let pairs = [
            ("state", self.state.as_str()),
            ("kind", &self.kind),
            ("customer", &self.customer),
            ("before", before),
        ];
        address("/outbox", &pairs)
    }

    fn is_filtered(&self) -> bool {
        !(self.state.is_empty() && self.kind.is_empty() && self.customer.is_empty())
    }
}

/// A delivery as the list shows it.
struct Line {
    row: ListedDelivery,
    what: String,
    pill: &'static str,
    /// It stands on the screen, but no longer belongs to the list.
    left: bool,
}

impl Line {
    fn of(row: ListedDelivery) -> Self {
        let what = what(
            row.kind,
            row.purpose,
            row.final_status.as_deref(),
            row.publication_number,
        );
        Self {
            pill: pill(row.state, row.final_status.as_deref() == Some(deliveries::PROGRESS)),
            left: false,
            what,
            row,
        }
    }

    /// Where it goes: the order's package, or the ATS.
    fn about(&self) -> String {
        match (&self.row.package_name, &self.row.tool) {
            (Some(package), _) => package.clone(),
            (None, Some(tool)) => tool_label(tool),
            (None, None) => String::new(),
        }
    }
}

/// How it stands, drawn. A progress update that was given up asks nothing of anybody.
fn pill(state: DeliveryState, is_progress: bool) -> &'static str {
    match state {
        DeliveryState::GivenUp if is_progress => state_pill(DeliveryState::Withdrawn),
        state => state_pill(state),
    }
}

/// What is delivered, in words.
fn what(
    kind: DeliveryKind,
    purpose: Option<MailPurpose>,
    final_status: Option<&str>,
    publication: Option<i64>,
) -> String {
    if let Some(purpose) = purpose {
        return purpose.label().to_owned();
    }
    match (kind, final_status, publication) {
        (DeliveryKind::Result, Some("CANCELLED"), _) => "Cancellation".to_owned(),
        (DeliveryKind::Result, Some(deliveries::PROGRESS), _) => "Progress update".to_owned(),
        (DeliveryKind::Publication, _, Some(number)) => format!("Publication {number}"),
        (kind, ..) => kind.label().to_owned(),
    }
}

/// An integration whose deliveries are parked, in words.
struct Parked {
    row: ParkedIntegration,
    tool: String,
    title: String,
    next_step: String,
}

impl Parked {
    fn of(row: ParkedIntegration) -> Self {
        let code = row
            .parked_code
            .as_deref()
            .filter(|code| !code.is_empty())
            .map(Code::from);
        let (title, next_step) = match (row.deleted_at, &code) {
            (Some(_), _) => (
                "The integration was deleted at Kombo",
                "Nothing can reach this ATS any more; its orders can be closed here.",
            ),
            (None, Some(code)) => (code.title(), code.next_step()),
            (None, None) => (
                "The integration does not work",
                "Wake the deliveries once it works again.",
            ),
        };
        Self {
            tool: tool_label(&row.tool),
            title: title.to_owned(),
            next_step: next_step.to_owned(),
            row,
        }
    }
}

#[derive(Template)]
#[template(path = "desk/outbox.html", blocks = ["list"])]
struct OutboxPage {
    frame: Frame,
    asked: Asked,
    states: &'static [DeliveryState],
    kinds: [DeliveryKind; 3],
    customers: Vec<(CustomerId, String)>,
    parked: Vec<Parked>,
    closed: Option<Closed>,
    key_is_set: bool,
    lines: Vec<Line>,
    newest: Option<String>,
    older: Option<String>,
    /// The same rows again, as they will stand then.
    again: String,
    news: Option<News>,
    may_retry: bool,
}

async fn list(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let wanted = i64::try_from(ROWS + 1).map_err(Error::internal)?;
    let (filter, before) = (asked.filter(), cursor(&asked.before));
    let mut rows = deliveries::page(&mut conn, &staff.viewer, &filter, before, wanted).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let mut news = 0;
    if let Some(shown) = OnScreen::parse(&asked.rows) {
        let fresh: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        news = shown.count_new(&fresh, ROWS);
        let among = deliveries::among(&mut conn, &staff.viewer, shown.ids()).await?;
        rows = shown.in_order(among, |row| row.id.0);
    }
    let parked = deliveries::parked(&mut conn, &staff.viewer).await?;
    let customers = customers::names(&mut conn, &staff.viewer).await?;
    drop(conn);
    let last = rows.last().filter(|_| more);
    let here = asked.url(&asked.before);
    let page = OutboxPage {
        frame: staff.frame(&app, "Outbox", Section::Outbox).await?,
        states: DeliveryState::ALL,
        kinds: [DeliveryKind::Result, DeliveryKind::Publication, DeliveryKind::Mail],
        customers,
        parked: parked.into_iter().map(Parked::of).collect(),
        closed: app.gate.last(),
        key_is_set: app.kombo.is_some(),
        newest: before.map(|_: (_, DeliveryId)| asked.url("")),
        older: last.map(|row| asked.url(&place(row.created_at, row.id.0))),
        again: with_rows(&here, &OnScreen::write(rows.iter().map(|row| row.id.0))),
        news: News::of(news, &here),
        lines: rows
            .into_iter()
            .map(|row| Line {
                left: !filter.still_fits(&row),
                ..Line::of(row)
            })
            .collect(),
        may_retry: staff.viewer.can(Permission::RetryTraffic),
        asked,
    };
    Ok(hx.answer(&page, &page.as_list()))
}

/// One attempt, opened.
struct Attempt {
    row: AttemptRow,
    opened: Opened,
    code: Option<Code>,
    pill: &'static str,
}

impl Attempt {
    fn digest(&self) -> Option<String> {
        self.row.sent_digest.as_deref().map(short_digest)
    }

    fn shape(&self) -> String {
        serde_json::to_string_pretty(&self.row.sent_shape.0).unwrap_or_default()
    }

    fn reply(&self) -> String {
        pretty(&self.opened.reply)
    }

    /// Kombo's page about the call; only a safe address becomes a link.
    fn log_url(&self) -> Option<&str> {
        self.row.log_url.as_deref().filter(|url| url.starts_with("https://"))
    }
}

#[derive(Template)]
#[template(path = "desk/outbox_one.html")]
struct OutboxOnePage {
    frame: Frame,
    row: DeliveryRow,
    what: String,
    pill: &'static str,
    order: Option<OrderRow>,
    publication: Option<PublicationRow>,
    attempts: Vec<Attempt>,
    may_retry: bool,
    can_retry: bool,
}

impl OutboxOnePage {
    /// Whether a person must mend the order before anything is sent again.
    fn to_be_mended(&self) -> bool {
        self.row.state == DeliveryState::GivenUp
            && !self.row.is_progress()
            && self.order.as_ref().is_some_and(|order| order.stage == Stage::Closing)
    }

    /// Whose words an attempt's answer is.
    fn other_side(&self) -> &'static str {
        if self.row.kind == DeliveryKind::Mail {
            "The mail server"
        } else {
            "Kombo"
        }
    }

    /// What the button does, in words.
    fn retry_label(&self) -> &'static str {
        match (self.row.state, self.row.doubt) {
            (DeliveryState::Parked, _) => "Wake this integration's deliveries",
            (DeliveryState::GivenUp, _) => "Send again",
            (_, Some(_)) => "Read back now",
            _ => "Try now",
        }
    }
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<DeliveryId>) -> Result<Page<OutboxOnePage>, Error> {
    let mut conn = app.read().await?;
    let row = deliveries::find_seen(&mut conn, &staff.viewer, id).await?;
    let row = row.ok_or(Error::NotFound)?;
    let order = match row.order_id {
        Some(order) => orders::find(&mut conn, &staff.viewer, order).await?,
        None => None,
    };
    let publication = match row.publication_id {
        Some(publication) => publications::find(&mut conn, publication).await?,
        None => None,
    };
    let attempts = opened(&app, &mut conn, id).await?;
    drop(conn);
    let number = publication.as_ref().map(|publication| publication.number);
    let what = what(row.kind, row.purpose, row.final_status.as_deref(), number);
    Ok(Page(OutboxOnePage {
        frame: staff.frame(&app, what.as_str(), Section::Outbox).await?,
        pill: pill(row.state, row.is_progress()),
        may_retry: staff.viewer.can(Permission::RetryTraffic),
        can_retry: retry_delivery::can_retry(&row),
        what,
        row,
        order,
        publication,
        attempts,
    }))
}

async fn opened(app: &App, conn: &mut Conn, id: DeliveryId) -> Result<Vec<Attempt>, Error> {
    let mut attempts = Vec::new();
    for row in attempts::of_delivery(conn, id).await? {
        attempts.push(Attempt {
            opened: attempts::open(conn, &app.vault, &row).await?,
            code: row.code.as_deref().map(Code::from),
            pill: outcome_pill(&row),
            row,
        });
    }
    Ok(attempts)
}

fn outcome_pill(row: &AttemptRow) -> &'static str {
    use crate::domain::delivery::Outcome;
    match row.outcome {
        Outcome::Delivered => "completed",
        Outcome::Retry | Outcome::Unknown => "received",
        Outcome::Refused => "stuck",
        Outcome::Parked => "paused",
        Outcome::ReadBack => "started",
        Outcome::LostLease => "cancelled",
    }
}

async fn try_now(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<DeliveryId>,
    form: FormState,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    retry_delivery::retry(&mut work, id, form.version()?).await?;
    work.commit().await?;
    app.outbox_bell.notify_one();
    staff.tell(&app, Notice::good("It is being tried now.")).await?;
    Ok(hx.go(&format!("/outbox/{id}")))
}

async fn wake(State(app): State<App>, staff: Staff, hx: Hx, Path(id): Path<IntegrationId>) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let woken = wake_integration::wake(&mut work, id).await?;
    work.commit().await?;
    app.outbox_bell.notify_one();
    let text = match woken {
        0 => "Nothing was parked for it any more.".to_owned(),
        1 => "1 delivery is on its way again.".to_owned(),
        woken => format!("{woken} deliveries are on their way again."),
    };
    staff.tell(&app, Notice::good(text)).await?;
    Ok(hx.go("/outbox"))
}
