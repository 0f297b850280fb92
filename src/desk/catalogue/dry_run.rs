//! `/packages/import/{id}`: what would become of each row of a file, and the button that does exactly that.

use crate::actions::import_catalogue::{self, Counts, Fate, Plan, Planned};
use crate::app::App;
use crate::auth::Staff;
use crate::domain::catalogue::Upload;
use crate::domain::ids::CatalogueUploadId;
use crate::store;
use crate::store::catalogue_uploads::{self, UploadRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// How many rows stand on a page.
const PAGE: usize = 100;

/// Which rows are shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// A word of [`CHOICES`]; any other: all.
    only: String,
    /// Those behind this row of the file.
    after: u32,
}

/// The filters: their words, and what they are called.
const CHOICES: [(&str, &str); 6] = [
    ("", "All"),
    ("new", "New"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("refused", "Refused"),
    ("retired", "Retired"),
];

fn fits(row: &Planned, only: &str) -> bool {
    match only {
        "new" => row.fate == Fate::New,
        "changed" => row.fate == Fate::Changed,
        "unchanged" => row.fate == Fate::Unchanged,
        "refused" => row.fate == Fate::Refused,
        "retired" => row.is_retired() || row.retires() == Some(true),
        _ => true,
    }
}

/// A filter with how many rows it shows.
struct Choice {
    word: &'static str,
    label: &'static str,
    rows: usize,
}

#[derive(Template)]
#[template(path = "desk/catalogue_dry_run.html")]
struct DryRunPage {
    frame: Frame,
    row: UploadRow,
    notes: Vec<String>,
    seen: String,
    counts: Counts,
    choices: Vec<Choice>,
    asked: Asked,
    rows: Vec<Planned>,
    next: Option<u32>,
    /// The catalogue changed after the person had seen the dry run.
    overtaken: bool,
}

impl DryRunPage {
    /// Whether there is something to import.
    const fn may_import(&self) -> bool {
        self.counts.refused == 0 && self.counts.new + self.counts.changed > 0
    }

    /// The word, and how it is drawn.
    const fn pill(row: &Planned) -> (&'static str, &'static str) {
        match row.fate {
            Fate::New => ("completed", "New"),
            Fate::Changed => ("accepted", "Changed"),
            Fate::Unchanged => ("cancelled", "Unchanged"),
            Fate::Refused => ("stuck", "Refused"),
        }
    }
}

/// What waits under this id, if it is the person's own.
async fn find(app: &App, staff: &Staff, id: CatalogueUploadId) -> Result<(UploadRow, Upload), Error> {
    let mut conn = app.read().await?;
    let mine = staff.viewer.staff_id().ok_or(Error::NotFound)?;
    let row = catalogue_uploads::of_staff(&mut conn, mine, app.clock.now()).await?;
    let mut row = row.filter(|row| row.id == id).ok_or(Error::NotFound)?;
    let upload = serde_json::from_str(&row.content).map_err(Error::internal)?;
    row.content.clear();
    Ok((row, upload))
}

async fn plan(app: &App, upload: &Upload) -> Result<Plan, Error> {
    let mut conn = app.read().await?;
    let new_id = || app.clock.new_id();
    Ok(import_catalogue::plan(&mut conn, upload, app.clock.now(), new_id).await?)
}

async fn page(
    app: &App,
    staff: &Staff,
    (row, upload): (UploadRow, Upload),
    plan: Plan,
    asked: Asked,
) -> Result<DryRunPage, Error> {
    let choices = CHOICES.into_iter().map(|(word, label)| Choice {
        rows: plan.rows.iter().filter(|row| fits(row, word)).count(),
        word,
        label,
    });
    let choices = choices.collect();
    let (seen, counts) = (plan.seen(), plan.counts());
    let rows = plan.rows.into_iter();
    let rows = rows.filter(|row| row.number > asked.after && fits(row, &asked.only));
    let mut rows = rows.take(PAGE + 1).collect::<Vec<_>>();
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok(DryRunPage {
        frame: staff.frame(app, "Dry run", Section::Packages).await?,
        row,
        notes: upload.notes,
        seen,
        counts,
        choices,
        asked,
        next: rows.last().filter(|_| more).map(|row| row.number),
        rows,
        overtaken: false,
    })
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<CatalogueUploadId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let found = find(&app, &staff, id).await?;
    let plan = plan(&app, &found.1).await?;
    Ok(Page(page(&app, &staff, found, plan, asked).await?).into_response())
}

/// Does what the person saw; where the catalogue is another one meanwhile, shows the dry run anew.
pub(super) async fn import(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<CatalogueUploadId>,
    form: FormState,
) -> Result<Response, Error> {
    let found = find(&app, &staff, id).await?;
    let made = plan(&app, &found.1).await?;
    if made.seen() != form.value("seen") {
        return overtaken(&app, &staff, found).await;
    }
    let mut work = app.begin(&staff.viewer).await?;
    let counts = match import_catalogue::import(&mut work, id, &found.0.file_name, made).await {
        Ok(counts) => counts,
        Err(error) if is_overtaken(&error) => {
            drop(work);
            return overtaken(&app, &staff, found).await;
        }
        Err(error) => return Err(error.into()),
    };
    work.commit().await?;
    staff.tell(&app, Notice::good(told(&counts))).await?;
    Ok(hx.go("/packages"))
}

/// Somebody else changed, or made, one of the packages.
const fn is_overtaken(error: &crate::actions::Error) -> bool {
    matches!(
        error,
        crate::actions::Error::Store(store::Error::Changed | store::Error::Exists)
    )
}

async fn overtaken(app: &App, staff: &Staff, found: (UploadRow, Upload)) -> Result<Response, Error> {
    let plan = plan(app, &found.1).await?;
    let mut page = page(app, staff, found, plan, Asked::default()).await?;
    page.overtaken = true;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

fn told(counts: &Counts) -> String {
    let retired = match counts.retired {
        0 => String::new(),
        retired => format!(", {retired} of them retired"),
    };
    format!(
        "The file is imported: {} new, {} changed{retired}. ATSs show it so after the next publication of their offers.",
        counts.new, counts.changed
    )
}

pub(super) async fn discard(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<CatalogueUploadId>,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    import_catalogue::discard(&mut work, id).await?;
    work.commit().await?;
    staff
        .tell(&app, Notice::good("The file is thrown away. Nothing was imported."))
        .await?;
    Ok(hx.go("/packages/import"))
}
