//! `/packages`: the catalogue, and a single package.

mod list;

use super::audit::sentences;
use super::refused::{self, SavedNow};
use super::unpublished;
use crate::actions::change_package;
use crate::actions::import_catalogue::shown;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::catalogue::Column;
use crate::domain::ids::PackageId;
use crate::domain::package::{PackageInput, PackageType};
use crate::domain::package_texts::{self, FIELDS, PackageTexts};
use crate::domain::role::Permission;
use crate::domain::start_address;
use crate::domain::time::Timestamp;
use crate::store::audit::{self, Line};
use crate::store::packages::{self, PackageRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub(super) use list::Asked;

/// How many lines of its history stand on a package's page.
const HISTORY: i64 = 20;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewCustomers);
    let manage = Access::Needs(Permission::ManagePackages);
    vec![
        Route::get("/packages", see, list::show),
        Route::get("/packages/new", manage, new),
        Route::post("/packages", manage, create),
        Route::get("/packages/{id}", see, show),
        Route::post("/packages/{id}", manage, change),
        Route::post("/packages/{id}/retire", manage, retire),
    ]
}

#[derive(Template)]
#[template(path = "desk/package.html")]
struct PackagePage {
    frame: Frame,
    form: FormState,
    kinds: &'static [PackageType],
    package: Option<PackageRow>,
    offered_by: i64,
    /// Offers with it that wait to be published.
    unpublished: i64,
    changed_by: Option<Line>,
    saved_now: Vec<SavedNow>,
    history: Vec<Entry>,
    may_manage: bool,
    may_see_audit: bool,
}

/// A line of a package's history.
struct Entry {
    at: Timestamp,
    who: String,
    did: String,
    facts: Vec<String>,
}

impl Entry {
    fn of(line: &Line) -> Self {
        Self {
            at: line.at,
            who: sentences::actor(&line.actor, line.staff_name.as_deref()),
            did: sentences::describe(&line.action),
            facts: sentences::facts(&line.detail),
        }
    }
}

impl PackagePage {
    async fn of(app: &App, staff: &Staff, package: Option<PackageRow>, form: FormState) -> Result<Self, Error> {
        let title = package.as_ref().map_or("New package", |row| row.name.as_str());
        let mut page = Self {
            frame: staff.frame(app, title, Section::Packages).await?,
            form,
            kinds: PackageType::ALL,
            offered_by: 0,
            unpublished: 0,
            changed_by: None,
            saved_now: Vec::new(),
            history: Vec::new(),
            may_manage: staff.viewer.can(Permission::ManagePackages),
            may_see_audit: staff.viewer.can(Permission::ViewAudit),
            package,
        };
        if let Some(row) = &page.package {
            let mut conn = app.read().await?;
            page.offered_by = packages::offered_by(&mut conn, row.id).await?;
            page.unpublished = unpublished::count(&mut conn, staff, Some(row.id)).await?;
            page.changed_by = audit::newest_of_subject(&mut conn, row.id.0, "package.changed").await?;
            let lines = audit::of_subject(&mut conn, row.id.0, HISTORY).await?;
            page.history = lines.iter().map(Entry::of).collect();
        }
        Ok(page)
    }

    /// Whether the start address in the form would carry a candidate's name or e-mail address.
    fn names_people(&self) -> bool {
        start_address::is_personal(self.form.value("start_url"))
    }

    /// Whether the form says something in another language, or something is wrong there.
    fn is_worded(&self) -> bool {
        package_texts::names().any(|field| !self.form.value(field).is_empty() || self.form.error(field).is_some())
    }

    fn refused(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Page(self)).into_response()
    }
}

async fn new(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    let form = FormState::filled([("type", PackageType::SkillsTest.as_str())]);
    Ok(Page(PackagePage::of(&app, &staff, None, form).await?).into_response())
}

async fn create(State(app): State<App>, staff: Staff, hx: Hx, mut form: FormState) -> Result<Response, Error> {
    if let Some(input) = input(&mut form) {
        let key = form.value("key").to_owned();
        let mut work = app.begin(&staff.viewer).await?;
        match change_package::create(&mut work, &key, input).await {
            Ok(row) => {
                work.commit().await?;
                let done = format!(
                    "{} is in the catalogue. Add it to an integration's offer and publish that.",
                    row.name
                );
                staff.tell(&app, Notice::good(done)).await?;
                return Ok(hx.go("/packages"));
            }
            Err(error) => refused::note(&mut form, error)?,
        }
    }
    Ok(PackagePage::of(&app, &staff, None, form).await?.refused())
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<PackageId>) -> Result<Response, Error> {
    let row = find(&app, id).await?;
    let form = filled(&row);
    Ok(Page(PackagePage::of(&app, &staff, Some(row), form).await?).into_response())
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<PackageId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let version = form.version()?;
    if let Some(input) = input(&mut form) {
        let mut work = app.begin(&staff.viewer).await?;
        match change_package::change(&mut work, id, version, input).await {
            Ok(row) => {
                work.commit().await?;
                staff
                    .tell(
                        &app,
                        Notice::good(format!(
                            "{} is saved. ATSs show it so after the next publication.",
                            row.name
                        )),
                    )
                    .await?;
                return Ok(hx.go(&format!("/packages/{id}")));
            }
            Err(error) if error.is_changed() => {
                drop(work);
                return overtaken(&app, &staff, id, form).await;
            }
            Err(error) => refused::note(&mut form, error)?,
        }
    }
    let row = find(&app, id).await?;
    Ok(PackagePage::of(&app, &staff, Some(row), form).await?.refused())
}

/// Somebody else saved first: shows what stands now, and keeps what was typed.
async fn overtaken(app: &App, staff: &Staff, id: PackageId, mut form: FormState) -> Result<Response, Error> {
    let row = find(app, id).await?;
    // A package's form has a field for each column that can change there.
    let columns = Column::ALL
        .iter()
        .filter(|column| !matches!(column, Column::Key | Column::Retired));
    let labels = columns
        .map(|column| (column.as_str(), column.label()))
        .collect::<Vec<_>>();
    let saved_now = refused::overtaken(&form, &filled(&row), &labels, |_, value| {
        PackageType::parse(value).map_or_else(|| value.to_owned(), |kind| kind.label().to_owned())
    });
    form.set("version", row.version.to_string());
    let mut page = PackagePage::of(app, staff, Some(row), form).await?;
    page.saved_now = saved_now;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

async fn retire(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<PackageId>,
    form: FormState,
) -> Result<Response, Error> {
    let retired = form.is_on("retired");
    let mut work = app.begin(&staff.viewer).await?;
    let row = change_package::retire(&mut work, id, form.version()?, retired).await?;
    work.commit().await?;
    let done = if retired {
        format!(
            "{} is retired. It leaves each offer with that offer's next publication; open orders go on.",
            row.name
        )
    } else {
        format!("{} is sold again.", row.name)
    };
    staff.tell(&app, Notice::good(done)).await?;
    Ok(hx.go(&format!("/packages/{id}")))
}

async fn find(app: &App, id: PackageId) -> Result<PackageRow, Error> {
    let mut conn = app.read().await?;
    packages::find(&mut conn, id).await?.ok_or(Error::NotFound)
}

fn filled(row: &PackageRow) -> FormState {
    let mut form = FormState::filled([
        ("version", row.version.to_string()),
        ("name", row.name.clone()),
        ("description", row.description.clone()),
        ("type", row.kind.as_str().to_owned()),
        ("start_url", row.start_url.clone()),
        ("max_score", row.max_score.clone()),
        ("duration", shown(row, Column::Minutes)),
        ("tags", shown(row, Column::Tags)),
        ("regions", shown(row, Column::Regions)),
        ("due_hours", shown(row, Column::HoursUntilDue)),
        ("result_parts", row.result_parts.clone()),
        ("score_bands", row.score_bands.clone()),
    ]);
    for (field, text) in row.texts.each() {
        form.set(field, text);
    }
    form
}

fn input(form: &mut FormState) -> Option<PackageInput> {
    let Some(kind) = PackageType::parse(form.value("type")) else {
        form.refuse("type", "Please choose one of the types.");
        return None;
    };
    Some(PackageInput {
        name: form.value("name").to_owned(),
        description: form.value("description").replace("\r\n", "\n"),
        kind,
        start_url: form.value("start_url").to_owned(),
        max_score: form.value("max_score").to_owned(),
        duration: form.value("duration").to_owned(),
        tags: form.value("tags").to_owned(),
        regions: form.value("regions").to_owned(),
        due_hours: form.value("due_hours").to_owned(),
        result_parts: form.value("result_parts").replace("\r\n", "\n"),
        score_bands: form.value("score_bands").replace("\r\n", "\n"),
        texts: PackageTexts::read(|field| form.value(field).replace("\r\n", "\n")),
    })
}
