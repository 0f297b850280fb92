//! `/inbox`: every webhook that reached us, and a single one with its body and our answer.

use super::on_screen::{News, OnScreen, with_rows};
use super::traffic::{ROWS, address, answer_in_words, cursor, place, pretty, short_digest, verdict_pill};
use crate::actions::replay_webhook;
use crate::actions::take_webhook::Answer;
use crate::app::App;
use crate::app::trace::Refusal;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{CustomerId, InboxId};
use crate::domain::inbox::InboxVerdict;
use crate::domain::role::Permission;
use crate::kombo::wire::event_type;
use crate::store::customers;
use crate::store::inbox::{self, InboxFilter, InboxRow};
use crate::web::filters;
use crate::web::{Error, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// The types of events that the filter names.
const TYPES: [(&str, &str); 6] = [
    (event_type::ORDER_RECEIVED, "Order"),
    (event_type::INLINE_ORDER_RECEIVED, "Inline order"),
    (event_type::INTEGRATION_CREATED, "Integration created"),
    (event_type::INTEGRATION_STATE_CHANGED, "Integration state"),
    (event_type::INTEGRATION_DELETED, "Integration deleted"),
    (event_type::CONNECTION_FLOW_FAILED, "Connection failed"),
];

/// How many of the requests that could not be verified are shown.
const REFUSED_SHOWN: usize = 10;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewTraffic);
    vec![
        Route::get("/inbox", see, list),
        Route::get("/inbox/{id}", see, show),
        Route::post(
            "/inbox/{id}/replay",
            Access::Needs(Permission::RetryTraffic),
            read_again,
        ),
    ]
}

/// The filters as they stand in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    verdict: String,
    #[serde(rename = "type")]
    kind: String,
    customer: String,
    before: String,
    /// The rows that stand on the screen and are fetched again.
    rows: String,
}

impl Asked {
    fn filter(&self) -> InboxFilter {
        InboxFilter {
            verdict: InboxVerdict::parse(&self.verdict),
            kind: Some(self.kind.clone()).filter(|kind| !kind.is_empty()),
            customer: self.customer.parse().ok(),
        }
    }

    fn url(&self, before: &str) -> String {
        let pairs = [
            ("verdict", self.verdict.as_str()),
            ("type", &self.kind),
            ("customer", &self.customer),
            ("before", before),
        ];
        address("/inbox", &pairs)
    }

    fn is_filtered(&self) -> bool {
        !(self.verdict.is_empty() && self.kind.is_empty() && self.customer.is_empty())
    }
}

/// A webhook as the list shows it.
struct Line {
    row: InboxRow,
    kind: String,
    pill: &'static str,
    answer: &'static str,
    /// It stands on the screen, but no longer belongs to the list.
    left: bool,
}

impl Line {
    fn of(row: InboxRow) -> Self {
        Self {
            kind: type_label(&row.kind),
            pill: verdict_pill(row.verdict),
            answer: answer_in_words(row.answer_status),
            left: false,
            row,
        }
    }
}

/// An event's type in words; an unknown one as Kombo calls it.
fn type_label(kind: &str) -> String {
    let known = TYPES.iter().find(|(text, _)| *text == kind);
    match known {
        Some((_, label)) => (*label).to_owned(),
        None if kind.is_empty() => "Unknown".to_owned(),
        None => kind.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "desk/inbox.html", blocks = ["list"])]
struct InboxPage {
    frame: Frame,
    asked: Asked,
    verdicts: &'static [InboxVerdict],
    types: &'static [(&'static str, &'static str)],
    customers: Vec<(CustomerId, String)>,
    lines: Vec<Line>,
    newest: Option<String>,
    older: Option<String>,
    /// The same rows again, as they will stand then.
    again: String,
    news: Option<News>,
    refused: Vec<Refusal>,
    refused_count: u64,
}

async fn list(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let wanted = i64::try_from(ROWS + 1).map_err(Error::internal)?;
    let (filter, before) = (asked.filter(), cursor(&asked.before));
    let mut rows = inbox::page(&mut conn, &staff.viewer, &filter, before, wanted).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let mut news = 0;
    if let Some(shown) = OnScreen::parse(&asked.rows) {
        let fresh: Vec<_> = rows.iter().map(|row| row.id.0).collect();
        news = shown.count_new(&fresh, ROWS);
        let among = inbox::among(&mut conn, &staff.viewer, shown.ids()).await?;
        rows = shown.in_order(among, |row| row.id.0);
    }
    let customers = customers::names(&mut conn, &staff.viewer).await?;
    drop(conn);
    let last = rows.last().filter(|_| more);
    let sees_all = staff.viewer.sees_all();
    let here = asked.url(&asked.before);
    let page = InboxPage {
        frame: staff.frame(&app, "Inbox", Section::Inbox).await?,
        verdicts: InboxVerdict::ALL,
        types: &TYPES,
        customers,
        newest: before.map(|_: (_, InboxId)| asked.url("")),
        older: last.map(|row| asked.url(&place(row.last_at, row.id.0))),
        again: with_rows(&here, &OnScreen::write(rows.iter().map(|row| row.id.0))),
        news: News::of(news, &here),
        lines: rows
            .into_iter()
            .map(|row| Line {
                left: !filter.fits(&row),
                ..Line::of(row)
            })
            .collect(),
        refused: if sees_all {
            app.trace.newest().into_iter().take(REFUSED_SHOWN).collect()
        } else {
            Vec::new()
        },
        refused_count: if sees_all { app.trace.count() } else { 0 },
        asked,
    };
    Ok(hx.answer(&page, &page.as_list()))
}

#[derive(Template)]
#[template(path = "desk/inbox_one.html")]
struct InboxOnePage {
    frame: Frame,
    line: Line,
    body: Option<String>,
    digest: String,
    millis: String,
    may_replay: bool,
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<InboxId>) -> Result<Page<InboxOnePage>, Error> {
    let mut conn = app.read().await?;
    let row = inbox::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let body = inbox::find_body(&mut conn, &app.vault, &row).await?;
    drop(conn);
    let line = Line::of(row);
    Ok(Page(InboxOnePage {
        frame: staff
            .frame(&app, format!("Webhook: {}", line.kind), Section::Inbox)
            .await?,
        body: body.map(|bytes| pretty(&bytes)),
        digest: short_digest(&line.row.digest),
        millis: millis(line.row.answer_micros),
        may_replay: staff.viewer.can(Permission::RetryTraffic),
        line,
    }))
}

/// Microseconds as milliseconds with one digit: `3.2 ms`.
fn millis(micros: i64) -> String {
    format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
}

async fn read_again(State(app): State<App>, staff: Staff, hx: Hx, Path(id): Path<InboxId>) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let answer = replay_webhook::replay(&mut work, id).await?;
    work.commit().await?;
    let told = match answer {
        Answer::Taken | Answer::Start(_) => {
            Notice::good("It was read again and taken in. No answer left: Kombo had one.")
        }
        Answer::Held(_) => Notice::good("It was read again: its order waits for a person, and so does Kombo."),
        Answer::Rejected(_) => Notice::good("It was read again: its order is rejected. No answer left: Kombo had one."),
        Answer::Unreadable(why) => Notice::bad(format!("It still cannot be read: {why}.")),
        Answer::Failed => Notice::bad("It could be read, but still not be worked on."),
    };
    staff.tell(&app, told).await?;
    Ok(hx.go(&format!("/inbox/{id}")))
}
