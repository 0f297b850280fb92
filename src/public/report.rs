//! `/r/{token}`: the report that a recruiter opens from the ATS, to be read and printed.
//!
//! Whoever has the address may read it, so it shows the result and the candidate's name, never how to reach them.

use crate::actions::result_draft;
use crate::app::App;
use crate::auth::{Access, Route};
use crate::domain::ids::FileId;
use crate::domain::order::{FinalStatus, Stage};
use crate::domain::result::{Attribute, OrderResult, Score};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::files::{self, FileRow};
use crate::store::links::{self, LinkRow, Purpose};
use crate::store::orders::{self, OrderRow};
use crate::store::results::ResultState;
use crate::store::{Conn, blobs, candidates};
use crate::web::{Error, Frame, Page, Path, download, filters};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// The routes of the report.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/r/{token}", Access::Public, show),
        Route::get("/r/{token}/files/{file}", Access::Public, file),
    ]
}

#[derive(Template)]
#[template(path = "public/report.html")]
struct ReportPage {
    frame: Frame,
    content: Content,
}

/// What the report has to say.
enum Content {
    /// No such address.
    Unknown,
    /// It was withdrawn.
    Withdrawn,
    /// There is no confirmed result yet.
    NotReady {
        package: String,
        name: String,
        /// The candidate is at it.
        started: bool,
    },
    /// The order was ended without a result.
    Ended {
        package: String,
        name: String,
        reason: Option<String>,
        at: Option<Timestamp>,
    },
    /// The result.
    Ready(Box<Ready>),
}

struct Ready {
    token: String,
    package: String,
    name: String,
    job: Option<String>,
    completed_at: Option<Timestamp>,
    result: OrderResult,
    files: Vec<FileRow>,
}

impl Ready {
    /// The values of a bar, where there is one to draw.
    fn bar<'a>(score: &'a Score, max: &'a Score) -> Option<(&'a str, &'a str)> {
        (max.to_f64() > 0.0).then(|| (score.as_str(), max.as_str()))
    }

    fn has_parts(&self) -> bool {
        let mut all = self.result.attributes.iter();
        all.any(|one| matches!(one, Attribute::SubResult { .. }))
    }

    fn has_texts(&self) -> bool {
        let mut all = self.result.attributes.iter();
        all.any(|one| matches!(one, Attribute::Text { .. }))
    }

    fn overall(&self) -> Option<(&str, &str)> {
        self.result
            .score
            .as_ref()
            .zip(self.result.max_score.as_ref())
            .and_then(|(score, max)| Self::bar(score, max))
    }
}

async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let (status, content) = match links::find(&mut conn, Purpose::Report, &token).await? {
        None => (StatusCode::NOT_FOUND, Content::Unknown),
        Some(link) if link.revoked_at.is_some() => (StatusCode::GONE, Content::Withdrawn),
        Some(link) => (StatusCode::OK, content(&mut conn, &app, &link, token).await?),
    };
    let title = match &content {
        Content::Ready(ready) => format!("{} · {}", ready.name, ready.package),
        _ => "Assessment report".to_owned(),
    };
    let frame = Frame::bare(title, app.clock.now());
    Ok((status, Page(ReportPage { frame, content })).into_response())
}

async fn content(conn: &mut Conn, app: &App, link: &LinkRow, token: String) -> Result<Content, Error> {
    let order = order_of(conn, link).await?;
    let candidate = candidates::find(conn, order.id).await?;
    // The e-mail address is the name's stand-in elsewhere; here it must not appear.
    let name = candidate.map_or_else(String::new, |candidate| {
        let parts = [candidate.first_name, candidate.last_name];
        parts
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
            .trim()
            .to_owned()
    });
    let package = order.package_name.clone();
    if matches!(order.stage, Stage::Cancelled | Stage::Rejected) {
        let ours = order.final_status == Some(FinalStatus::Cancelled) || order.stage == Stage::Rejected;
        return Ok(Content::Ended {
            package,
            name,
            reason: order.reason_text.filter(|_| ours),
            at: order.closed_at,
        });
    }
    let Some(result) = released(conn, app, &order).await? else {
        let started = order.stage == Stage::Started || order.stage_before == Some(Stage::Started);
        return Ok(Content::NotReady { package, name, started });
    };
    Ok(Content::Ready(Box::new(Ready {
        token,
        package,
        name,
        job: order.job_name,
        completed_at: result.completed_at.or(order.closed_at),
        files: files::of_order(conn, order.id).await?,
        result,
    })))
}

async fn order_of(conn: &mut Conn, link: &LinkRow) -> Result<OrderRow, Error> {
    let order = orders::find(conn, &Viewer::system(), link.order_id).await?;
    order.ok_or(Error::NotFound)
}

/// The result that Kombo has confirmed; a draft, or one that is still on its way, is shown to nobody.
async fn released(conn: &mut Conn, app: &App, order: &OrderRow) -> Result<Option<OrderResult>, Error> {
    if order.stage != Stage::Completed || order.final_status != Some(FinalStatus::Completed) {
        return Ok(None);
    }
    let stored = result_draft::read(conn, &app.vault, order.id).await?;
    let released = stored.filter(|(_, row)| row.state == ResultState::Released);
    Ok(released.and_then(|(draft, _)| draft.check(app.clock.now()).ok()))
}

/// A file of a confirmed result, exactly as it was uploaded.
async fn file(State(app): State<App>, Path((token, file)): Path<(String, FileId)>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let link = links::find(&mut conn, Purpose::Report, &token).await?;
    let link = link.filter(|link| link.revoked_at.is_none()).ok_or(Error::NotFound)?;
    let order = order_of(&mut conn, &link).await?;
    released(&mut conn, &app, &order).await?.ok_or(Error::NotFound)?;
    let file = files::find(&mut conn, file).await?;
    let file = file.filter(|file| file.order_id == order.id).ok_or(Error::NotFound)?;
    let leaving = blobs::Leaving::begin(&mut conn, &app.vault, &app.config.data_dir, &file).await;
    drop(conn);
    download::attachment(&file, leaving.map_err(Error::internal)?).await
}
