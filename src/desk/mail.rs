//! `/mail`: what was written to candidates, how it fares, and each mail itself.

use super::letter_view::LetterView;
use super::on_screen::{News, OnScreen, with_rows};
use super::traffic::{ROWS, address, cursor, place, state_pill};
use crate::actions::retry_delivery;
use crate::app::App;
use crate::app::gate::Closed;
use crate::auth::{Access, Route, Staff};
use crate::domain::delivery::{DeliveryKind, DeliveryState, MailPurpose};
use crate::domain::ids::{CustomerId, DeliveryId};
use crate::domain::role::Permission;
use crate::mail::Letter;
use crate::store::customers;
use crate::store::deliveries::mails::{self, ListedMail, MailFilter};
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::orders::{self, OrderRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewTraffic);
    vec![
        Route::get("/mail", see, list),
        Route::get("/mail/{id}", see, show),
        Route::post("/mail/{id}/retry", Access::Needs(Permission::RetryTraffic), try_now),
    ]
}

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    purpose: String,
    customer: String,
    before: String,
    rows: String,
}

impl Asked {
    fn filter(&self) -> MailFilter {
        MailFilter {
            state: DeliveryState::parse(&self.state),
            purpose: MailPurpose::parse(&self.purpose),
            customer: self.customer.parse().ok(),
        }
    }

    fn url(&self, before: &str) -> String {
        let pairs = [
            ("state", self.state.as_str()),
            ("purpose", &self.purpose),
            ("customer", &self.customer),
            ("before", before),
        ];
        address("/mail", &pairs)
    }

    fn is_filtered(&self) -> bool {
        !(self.state.is_empty() && self.purpose.is_empty() && self.customer.is_empty())
    }
}

/// A mail as the list shows it: whom it was written to, never the address.
struct Line {
    row: ListedMail,
    who: String,
    pill: &'static str,
    state: &'static str,
    /// It no longer fits the filters.
    left: bool,
}

impl Line {
    fn of(row: ListedMail, left: bool) -> Self {
        let name = [row.first_name.as_deref(), row.last_name.as_deref()];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let who = match (row.purpose, row.staff_name.as_deref()) {
            (Some(MailPurpose::Test), Some(staff)) => staff.to_owned(),
            _ if name.trim().is_empty() => "Candidate".to_owned(),
            _ => name,
        };
        Self {
            pill: state_pill(row.state),
            state: in_words(row.state),
            who,
            left,
            row,
        }
    }

    fn purpose(&self) -> &'static str {
        self.row.purpose.map_or("Mail", MailPurpose::label)
    }
}

/// The state of a mail, in words that fit mail.
const fn in_words(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Delivered => "Sent",
        other => other.label(),
    }
}

/// The states that a mail can have.
const STATES: [DeliveryState; 6] = [
    DeliveryState::Waiting,
    DeliveryState::Sending,
    DeliveryState::Delivered,
    DeliveryState::GivenUp,
    DeliveryState::Superseded,
    DeliveryState::Withdrawn,
];

#[derive(Template)]
#[template(path = "desk/mail.html", blocks = ["list"])]
struct MailPage {
    frame: Frame,
    asked: Asked,
    states: [(DeliveryState, &'static str); 6],
    purposes: &'static [MailPurpose],
    customers: Vec<(CustomerId, String)>,
    is_set: bool,
    stays_here: bool,
    closed: Option<Closed>,
    lines: Vec<Line>,
    newest: Option<String>,
    older: Option<String>,
    /// The same rows again, as they will stand then.
    again: String,
    news: Option<News>,
}

async fn list(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let wanted = i64::try_from(ROWS + 1).map_err(Error::internal)?;
    let (filter, before) = (asked.filter(), cursor(&asked.before));
    let mut rows = mails::page(&mut conn, &staff.viewer, &filter, before, wanted).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let mut news = 0;
    if let Some(shown) = OnScreen::parse(&asked.rows) {
        let fresh: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        news = shown.count_new(&fresh, ROWS);
        let among = mails::among(&mut conn, &staff.viewer, shown.ids()).await?;
        rows = shown.in_order(among, |row| row.id.0);
    }
    let customers = customers::names(&mut conn, &staff.viewer).await?;
    drop(conn);
    let last = rows.last().filter(|_| more);
    let here = asked.url(&asked.before);
    let page = MailPage {
        frame: staff.frame(&app, "Mail", Section::Mail).await?,
        states: STATES.map(|state| (state, in_words(state))),
        purposes: MailPurpose::ALL,
        customers,
        is_set: app.mail.is_some(),
        stays_here: app.config.keeps_mails(),
        closed: app.mail_gate.last(),
        newest: before.map(|_: (_, DeliveryId)| asked.url("")),
        older: last.map(|row| asked.url(&place(row.created_at, row.id.0))),
        again: with_rows(&here, &OnScreen::write(rows.iter().map(|row| row.id.0))),
        news: News::of(news, &here),
        lines: rows
            .into_iter()
            .map(|row| {
                let left = !filter.still_fits(&row);
                Line::of(row, left)
            })
            .collect(),
        asked,
    };
    Ok(hx.answer(&page, &page.as_list()))
}

#[derive(Template)]
#[template(path = "desk/mail_one.html")]
struct MailOnePage {
    frame: Frame,
    row: DeliveryRow,
    pill: &'static str,
    state: &'static str,
    order: Option<OrderRow>,
    view: Option<LetterView>,
    stays_here: bool,
    can_retry: bool,
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<DeliveryId>) -> Result<Page<MailOnePage>, Error> {
    let mut conn = app.read().await?;
    let row = deliveries::find_seen(&mut conn, &staff.viewer, id).await?;
    let row = row
        .filter(|row| row.kind == DeliveryKind::Mail)
        .ok_or(Error::NotFound)?;
    let order = match row.order_id {
        Some(order) => orders::find(&mut conn, &staff.viewer, order).await?,
        None => None,
    };
    let opened = deliveries::open_body(&mut conn, &app.vault, &row).await?;
    drop(conn);
    let letter = opened.as_deref().and_then(Letter::read);
    let title = row.purpose.map_or("Mail", MailPurpose::label);
    Ok(Page(MailOnePage {
        frame: staff.frame(&app, title, Section::Mail).await?,
        pill: state_pill(row.state),
        state: in_words(row.state),
        can_retry: staff.viewer.can(Permission::RetryTraffic) && retry_delivery::can_retry(&row),
        stays_here: app.config.keeps_mails(),
        view: letter.map(LetterView::of).transpose()?,
        order,
        row,
    }))
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
    staff.tell(&app, Notice::good("It is being sent now.")).await?;
    Ok(hx.go(&format!("/mail/{id}")))
}
