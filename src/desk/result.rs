//! `/orders/{id}/result`: the result is typed here, kept as a draft, sent to review, and let go.

mod content;
mod form;
mod news;
mod upload;

use crate::actions::{self, final_word, result_draft};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::desk::order_row::Pill;
use crate::desk::seen::Seen;
use crate::domain::ids::{CustomerId, FileId, OrderId};
use crate::domain::order::Stage;
use crate::domain::result::{AttributeDraft, FieldError, MAX_ATTACHMENTS, ResultDraft};
use crate::domain::result_template;
use crate::domain::role::Permission;
use crate::domain::time::Timestamp;
use crate::store::candidates::{self, Candidate};
use crate::store::files::{self, FileRow};
use crate::store::orders::{self, OrderRow};
use crate::store::packages::{self, PackageRow};
use crate::store::results::ResultState;
use crate::store::{blobs, integrations, order_lists};
use crate::web::{Error, Frame, Hx, Notice, Page, Path, Section, filters};
use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use form::{Fields, Wish, change_rows};
use news::News;

/// The most that one form may send: 25 MB of files and what is typed.
const BODY: usize = 26 * 1024 * 1024;

pub(super) fn routes() -> Vec<Route> {
    let enter = Access::Needs(Permission::EnterResults);
    vec![
        Route::get("/orders/{id}/result", enter, show),
        Route::get("/orders/{id}/result/news", enter, news::show).quiet(),
        Route::post("/orders/{id}/result", enter, submit).body_limit(BODY),
        Route::post("/orders/{id}/files/{file}/remove", enter, remove_file),
    ]
}

#[derive(Template)]
#[template(path = "desk/result.html", blocks = ["saved"])]
struct ResultPage {
    frame: Frame,
    order: OrderRow,
    /// Nothing, until somebody else does something.
    news: News,
    name: String,
    pill: Pill,
    draft: ResultDraft,
    /// What scores mean: the lowest of each band, and its word.
    bands: Vec<(String, String)>,
    version: i64,
    saved: Option<Saved>,
    faults: Vec<FieldError>,
    message: Option<String>,
    files: Vec<FileRow>,
    seen: Seen,
    editable: bool,
    may_release: bool,
    may_review: bool,
    delay: u64,
}

/// Who saved the draft last, and when.
struct Saved {
    at: Timestamp,
    by: Option<String>,
}

impl ResultPage {
    /// What is wrong with a field.
    fn fault(&self, field: &str) -> Option<&str> {
        let fault = self.faults.iter().find(|fault| fault.field == field);
        fault.map(|fault| fault.message.as_str())
    }

    /// What is wrong with a field of a row.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass by reference")]
    fn row_fault(&self, at: &usize, field: &str) -> Option<&str> {
        self.fault(&format!("attributes.{at}.{field}"))
    }

    /// The moment as the field holds it: in the person's zone, or as it was typed where it is none.
    fn completed_at(&self) -> String {
        Timestamp::parse(&self.draft.completed_at)
            .map_or_else(|| self.draft.completed_at.clone(), |at| self.frame.time.for_input(at))
    }

    fn room_for_files(&self) -> usize {
        MAX_ATTACHMENTS.saturating_sub(self.files.len())
    }
}

/// What the page is made from beside what is stored: what was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    draft: Option<ResultDraft>,
    version: Option<i64>,
    faults: Vec<FieldError>,
    message: Option<String>,
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<OrderId>) -> Result<Response, Error> {
    Ok(Page(page(&app, &staff, id, Typed::default()).await?).into_response())
}

async fn page(app: &App, staff: &Staff, id: OrderId, typed: Typed) -> Result<ResultPage, Error> {
    let mut conn = app.read().await?;
    let conn_ref = &mut conn;
    let order = orders::find(conn_ref, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let candidate = candidates::find(conn_ref, id).await?;
    let stored = result_draft::read(conn_ref, &app.vault, id).await?;
    let files = files::of_order(conn_ref, id).await?;
    let integration = integrations::find(conn_ref, &staff.viewer, order.integration_id).await?;
    let package = match order.package_id {
        Some(id) => packages::find(conn_ref, id).await?,
        None => None,
    };
    let is_draft = stored.as_ref().is_none_or(|(_, row)| row.state == ResultState::Draft);
    let (draft, version, saved) = match stored {
        Some((draft, row)) => {
            let by = match row.saved_by {
                Some(by) => order_lists::staff_name(conn_ref, by).await?,
                None => None,
            };
            (draft, row.version, Some(Saved { at: row.saved_at, by }))
        }
        None => (first_draft(package.as_ref()), 0, None),
    };
    drop(conn);
    let draft = typed.draft.unwrap_or(draft);
    let name = candidate
        .as_ref()
        .map_or_else(|| "Candidate (erased)".to_owned(), Candidate::full_name);
    let tool = integration.map_or_else(String::new, |row| row.tool);
    Ok(ResultPage {
        frame: staff.frame(app, format!("Result · {name}"), Section::Orders).await?,
        seen: Seen::of(&draft, &files, &order.package_name, &tool),
        pill: Pill::of(order.stage, order.stuck, None),
        editable: is_draft && order.stage.is_live(),
        may_release: staff.viewer.can(Permission::ReleaseResults),
        may_review: staff.viewer.can(Permission::ReviewResults),
        delay: app.config.release_delay.as_secs(),
        version: typed.version.unwrap_or(version),
        faults: typed.faults,
        message: typed.message,
        news: News::none(id, app.clock.now()),
        bands: package.map_or_else(Vec::new, |package| result_template::bands(&package.score_bands)),
        order,
        name,
        draft,
        saved,
        files,
    })
}

/// A new draft proposes the package's maximum, and the parts that are expected.
fn first_draft(package: Option<&PackageRow>) -> ResultDraft {
    let Some(package) = package else {
        return ResultDraft::default();
    };
    ResultDraft {
        max_score: package.max_score.clone(),
        attributes: result_template::expected(&package.result_parts),
        ..ResultDraft::default()
    }
}

/// Keeps what was typed, then does what the button asks.
async fn submit(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<OrderId>,
    multipart: Multipart,
) -> Result<Response, Error> {
    let customer = customer_of(&app, &staff, id).await?;
    let mut arrived = upload::read(&app, customer, multipart).await?;
    let time = crate::web::TimeView::new(app.clock.now(), &staff.zone);
    let wish = arrived.fields.wish();
    let mut draft = arrived.fields.draft(&time);
    change_rows(&mut draft, &wish);
    let mut typed = Typed {
        version: Some(arrived.fields.version()),
        ..Typed::default()
    };
    let by_itself = hx.is && wish == Wish::Save;
    if by_itself {
        // A form that saves itself sends its chosen files each time; they count once, with the button. These vanish.
        arrived.files.clear();
    }
    if !arrived.faults.is_empty() {
        typed.faults.push(fault("files", arrived.faults.join(" ")));
    }
    match save(&app, &staff, id, arrived.fields.version(), &draft).await {
        Ok(version) => typed.version = Some(version),
        Err(error) => return not_saved(&app, &staff, &hx, id, typed, draft, error).await,
    }
    if let Err(why) = attach(&app, &staff, id, arrived.files).await? {
        typed.faults.push(fault("files", why));
    }
    if typed.faults.is_empty() && matches!(wish, Wish::Review | Wish::Release) {
        match finish(&app, &staff, id, &arrived.fields, &draft, &wish).await? {
            Ok(()) => return Ok(hx.go(&format!("/orders/{id}"))),
            Err(refused) => {
                typed.faults = refused.faults;
                typed.message = refused.message;
            }
        }
    }
    let bad = !typed.faults.is_empty() || typed.message.is_some();
    let page = page(&app, &staff, id, typed).await?;
    let status = if bad {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    if by_itself {
        return Ok((status, hx.answer(&page, &page.as_saved())).into_response());
    }
    if bad || hx.is || wish != Wish::Save {
        return Ok((status, Page(page)).into_response());
    }
    staff.tell(&app, Notice::good("The draft is saved.")).await?;
    Ok(hx.go(&format!("/orders/{id}/result")))
}

/// Whose order it is, if it is one that the person may see.
async fn customer_of(app: &App, staff: &Staff, id: OrderId) -> Result<Option<CustomerId>, Error> {
    let mut conn = app.read().await?;
    let order = orders::find(&mut conn, &staff.viewer, id).await?;
    Ok(order.ok_or(Error::NotFound)?.customer_id)
}

fn fault(field: &str, message: impl Into<String>) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message: message.into(),
    }
}

async fn save(app: &App, staff: &Staff, id: OrderId, version: i64, draft: &ResultDraft) -> Result<i64, actions::Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let version = result_draft::save(&mut work, id, version, draft).await?;
    work.commit().await?;
    Ok(version)
}

/// Somebody else was faster, or the result is no draft any more: what was typed stays in the form.
async fn not_saved(
    app: &App,
    staff: &Staff,
    hx: &Hx,
    id: OrderId,
    typed: Typed,
    draft: ResultDraft,
    error: actions::Error,
) -> Result<Response, Error> {
    let message = match error {
        error if error.is_changed() => faster(app, staff, id, hx.is).await?,
        actions::Error::Refused(why) => why,
        other => return Err(other.into()),
    };
    let typed = Typed {
        draft: Some(draft),
        message: Some(message),
        // A form that saves itself must not save over the other's by its next try: that takes the button.
        version: typed.version.filter(|_| hx.is),
        ..Typed::default()
    };
    let page = page(app, staff, id, typed).await?;
    let answer = if hx.is {
        hx.answer(&page, &page.as_saved())
    } else {
        Page(page).into_response()
    };
    Ok((StatusCode::CONFLICT, answer).into_response())
}

/// Who saved the result first and when, and how to go on.
async fn faster(app: &App, staff: &Staff, id: OrderId, by_itself: bool) -> Result<String, Error> {
    let mut conn = app.read().await?;
    let row = crate::store::results::find(&mut conn, id).await?;
    let by = match row.as_ref().and_then(|row| row.saved_by) {
        Some(by) => order_lists::staff_name(&mut conn, by).await?,
        None => None,
    };
    let time = crate::web::TimeView::new(app.clock.now(), &staff.zone);
    let when = row.map_or_else(String::new, |row| format!(" {}", time.ago(row.saved_at)));
    let by = by.as_deref().unwrap_or("Somebody else");
    let next = if by_itself {
        "What you typed still stands here and is not being saved: press ‘Save draft’ to decide."
    } else {
        "What you typed still stands here: compare it with the saved one in another tab, then press ‘Save draft’ to replace that."
    };
    Ok(format!(
        "{by} saved this result{when}, so yours was not saved over it. {next}"
    ))
}

/// Attaches what was uploaded; the sentence says why it could not be, and nothing of it is kept then.
async fn attach(
    app: &App,
    staff: &Staff,
    id: OrderId,
    uploaded: Vec<upload::Uploaded>,
) -> Result<Result<(), String>, Error> {
    if uploaded.is_empty() {
        return Ok(Ok(()));
    }
    let new = upload::keep(app, uploaded).await?;
    let mut work = app.begin(&staff.viewer).await?;
    match result_draft::attach(&mut work, id, &new).await {
        Ok(()) => {
            work.commit().await?;
            Ok(Ok(()))
        }
        Err(error) => {
            drop(work);
            upload::forget(app, &new).await;
            match error {
                actions::Error::Fields(faults) => {
                    let faults = faults.into_iter().map(|(_, why)| why);
                    Ok(Err(faults.collect::<Vec<_>>().join(" ")))
                }
                actions::Error::Refused(why) => Ok(Err(why)),
                other => Err(other.into()),
            }
        }
    }
}

/// Why a result did not leave.
struct NotYet {
    faults: Vec<FieldError>,
    message: Option<String>,
}

impl NotYet {
    fn told(message: impl Into<String>) -> Self {
        Self {
            faults: Vec::new(),
            message: Some(message.into()),
        }
    }
}

/// Sends the saved draft to review, or lets it go.
async fn finish(
    app: &App,
    staff: &Staff,
    id: OrderId,
    fields: &Fields,
    draft: &ResultDraft,
    wish: &Wish,
) -> Result<Result<(), NotYet>, Error> {
    if *wish == Wish::Release && !staff.viewer.can(Permission::ReleaseResults) {
        return Err(Error::Forbidden {
            reason: "Your role may not release results. Send it to review instead.".into(),
        });
    }
    if let Err(faults) = draft.check(app.clock.now()) {
        let message = Some("Some fields need another look before this can leave. The draft is saved.".into());
        return Ok(Err(NotYet { faults, message }));
    }
    let mut work = app.begin(&staff.viewer).await?;
    let files = files::of_order(&mut work.conn, id).await?;
    let nothing = draft.score.trim().is_empty()
        && draft.summary.trim().is_empty()
        && draft.result_url.trim().is_empty()
        && draft.attributes.iter().all(AttributeDraft::is_empty);
    if nothing && files.is_empty() {
        return Ok(Err(NotYet::told(
            "There is nothing in this result yet. Enter a score, a text, a link or a file.",
        )));
    }
    let version = fields.order_version();
    let done = match wish {
        Wish::Review => result_draft::send_to_review(&mut work, id, version).await,
        _ => final_word::release(&mut work, id, version).await,
    };
    match done {
        Ok(_) => {
            work.commit().await?;
            app.outbox_bell.notify_one();
            Ok(Ok(()))
        }
        Err(actions::Error::Refused(why)) => Ok(Err(NotYet::told(why))),
        Err(error) if error.is_changed() => Ok(Err(NotYet::told(
            "The order changed while you were typing. Your draft is saved; look at the order, then release it again.",
        ))),
        Err(other) => Err(other.into()),
    }
}

async fn remove_file(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path((id, file)): Path<(OrderId, FileId)>,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    result_draft::detach(&mut work, id, file).await?;
    work.commit().await?;
    if let Err(error) = blobs::remove(&app.config.data_dir, file).await {
        tracing::warn!(%error, "a removed file's bytes could not be removed");
    }
    Ok(hx.go(&format!("/orders/{id}/result")))
}
