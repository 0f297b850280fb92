//! The catalogue as a file: `/packages/export.csv`, `/packages/export.xlsx` and `/packages/import`.

mod dry_run;
mod export;
mod upload;

use crate::actions::import_catalogue;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::catalogue::{self, Column, Fault, Upload};
use crate::domain::role::Permission;
use crate::store::catalogue_uploads::{self, UploadRow};
use crate::web::{Error, Frame, Hx, Page, Section, sheet};
use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use upload::Arrived;

/// The largest form that is listened to, in bytes; of a larger file than is taken nothing is kept, but its sender is told.
const BODY: usize = 64_000_000;

/// One file is read at a time: a few megabytes of workbook are some dozen in memory.
static READING: Semaphore = Semaphore::const_new(1);

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewCustomers);
    let manage = Access::Needs(Permission::ManagePackages);
    vec![
        Route::get("/packages/export.csv", see, export::csv),
        Route::get("/packages/export.xlsx", see, export::xlsx),
        Route::get("/packages/import", manage, form),
        Route::post("/packages/import", manage, send).body_limit(BODY),
        Route::get("/packages/import/template.csv", manage, export::template),
        Route::get("/packages/import/{id}", manage, dry_run::show),
        Route::post("/packages/import/{id}", manage, dry_run::import),
        Route::post("/packages/import/{id}/discard", manage, dry_run::discard),
    ]
}

#[derive(Template)]
#[template(path = "desk/catalogue_import.html")]
struct ImportPage {
    frame: Frame,
    columns: Vec<(Column, &'static str)>,
    /// What waits already.
    waiting: Option<UploadRow>,
    /// The file that was refused, and why.
    refused: Option<(String, Vec<Fault>)>,
}

/// What a person should know of a column.
const fn hint(column: Column) -> &'static str {
    match column {
        Column::Key => "Finds the package; a key that the catalogue lacks makes a new one. Needed.",
        Column::Name => "At most 120 characters. Needed for new packages.",
        Column::Description => "At most 1,000 characters.",
        Column::Type => {
            "Behaviour, Video interview, Skills test, Background check or Reference check. Needed for new ones."
        }
        Column::Tags | Column::Regions => "A few short words between commas.",
        Column::StartAddress => "Where candidates start, with fields like {order}.",
        Column::Minutes => "Whole minutes.",
        Column::MaximumScore => "A number above 0.",
        Column::HoursUntilDue => "Whole hours; empty: as the customer has it.",
        Column::ResultParts => "Names between semicolons or a line each, with a maximum behind a colon for scores.",
        Column::ScoreBands => "Words for scores from a number on: ‘85: Strong; 60: Solid’.",
        Column::NameEn
        | Column::DescriptionEn
        | Column::NameDe
        | Column::DescriptionDe
        | Column::NameFr
        | Column::DescriptionFr
        | Column::NameIt
        | Column::DescriptionIt
        | Column::NameEs
        | Column::DescriptionEs => "For customers in this language.",
        Column::Retired => "yes or no; empty: as it is.",
    }
}

async fn page(app: &App, staff: &Staff, refused: Option<(String, Vec<Fault>)>) -> Result<ImportPage, Error> {
    let mut conn = app.read().await?;
    let waiting = match staff.viewer.staff_id() {
        Some(id) => catalogue_uploads::of_staff(&mut conn, id, app.clock.now()).await?,
        None => None,
    };
    drop(conn);
    Ok(ImportPage {
        frame: staff.frame(app, "Import packages", Section::Packages).await?,
        columns: Column::ALL.iter().map(|column| (*column, hint(*column))).collect(),
        waiting,
        refused,
    })
}

async fn form(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    Ok(Page(page(&app, &staff, None).await?).into_response())
}

/// Reads the file and keeps what it says; the catalogue stays as it is.
async fn send(State(app): State<App>, staff: Staff, hx: Hx, multipart: Multipart) -> Result<Response, Error> {
    let Arrived { name, bytes } = match upload::read(multipart).await? {
        Ok(arrived) => arrived,
        Err((name, fault)) => return refuse(&app, &staff, name, vec![fault]).await,
    };
    let upload = match understand(bytes).await? {
        Ok(upload) => upload,
        Err(faults) => return refuse(&app, &staff, name, faults).await,
    };
    let mut work = app.begin(&staff.viewer).await?;
    let id = import_catalogue::keep(&mut work, &name, &upload).await?;
    work.commit().await?;
    Ok(hx.go(&format!("/packages/import/{id}")))
}

async fn refuse(app: &App, staff: &Staff, name: String, faults: Vec<Fault>) -> Result<Response, Error> {
    let page = page(app, staff, Some((name, faults))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// What the file says, or what is wrong with it.
async fn understand(bytes: Vec<u8>) -> Result<Result<Upload, Vec<Fault>>, Error> {
    let _alone = READING.acquire().await.map_err(Error::internal)?;
    let read = spawn_blocking(move || {
        let sheet = sheet::read(&bytes).map_err(|fault| vec![fault])?;
        catalogue::arrange(sheet)
    });
    Ok(read.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "a file with packages could not be read");
        Err(vec![Fault::of_file("The file cannot be read: it is broken.")])
    }))
}
