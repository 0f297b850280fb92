//! `/packages/sets`: packages that several offers follow, and a single set; the offers that follow one.

use super::refused::{self, SavedNow};
use crate::actions::offer_sets;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{IntegrationId, OfferSetId};
use crate::domain::offer_set::{LONGEST_NAME, SetInput};
use crate::domain::package::PackageType;
use crate::domain::role::Permission;
use crate::store::audit::{self, Line};
use crate::store::offer_sets::{self as sets, FollowerRow, ListedSet, SetRow};
use crate::store::packages::{self, PackageRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section, filters};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How many packages, and how many followers, stand on a set's page.
const SHOWN: i64 = 500;

/// The fields of the form that can be overtaken by somebody else.
const LABELS: [(&str, &str); 4] = [("name", "Name"), ("type", "Type"), ("tag", "Tag"), ("region", "Region")];

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewCustomers);
    let manage = Access::Needs(Permission::ManagePackages);
    vec![
        Route::get("/packages/sets", see, list),
        Route::get("/packages/sets/new", manage, new),
        Route::post("/packages/sets", manage, create),
        Route::get("/packages/sets/{id}", see, show),
        Route::post("/packages/sets/{id}", manage, change),
        Route::post("/packages/sets/{id}/delete", manage, delete),
        Route::post("/integrations/{id}/sets", manage, steer),
    ]
}

#[derive(Template)]
#[template(path = "desk/offer_sets.html")]
struct SetsPage {
    frame: Frame,
    rows: Vec<ListedSet>,
    may_manage: bool,
}

#[derive(Template)]
#[template(path = "desk/offer_set.html")]
struct SetPage {
    frame: Frame,
    form: FormState,
    set: Option<SetRow>,
    kinds: &'static [PackageType],
    tags: Vec<String>,
    regions: Vec<String>,
    packages: Vec<PackageRow>,
    followers: Vec<FollowerRow>,
    changed_by: Option<Line>,
    saved_now: Vec<SavedNow>,
    may_manage: bool,
    may_publish: bool,
}

impl SetPage {
    async fn of(app: &App, staff: &Staff, set: Option<SetRow>, form: FormState) -> Result<Self, Error> {
        let title = set.as_ref().map_or("New set", |row| row.name.as_str());
        let frame = staff.frame(app, title, Section::Packages).await?;
        let mut conn = app.read().await?;
        let (tags, regions) = packages::words(&mut conn).await?;
        let mut page = Self {
            frame,
            kinds: PackageType::ALL,
            tags: with(tags, form.value("tag")),
            regions: with(regions, form.value("region")),
            form,
            packages: Vec::new(),
            followers: Vec::new(),
            changed_by: None,
            saved_now: Vec::new(),
            may_manage: staff.viewer.can(Permission::ManagePackages),
            may_publish: staff.viewer.can(Permission::Publish),
            set,
        };
        if let Some(row) = &page.set {
            page.packages = sets::members(&mut conn, row.id, SHOWN).await?;
            page.followers = sets::followers(&mut conn, &staff.viewer, row.id, SHOWN).await?;
            page.changed_by = audit::newest_of_subject(&mut conn, row.id.0, "offer_set.changed").await?;
        }
        Ok(page)
    }

    /// Whether drafts of followers wait to be published.
    fn waits(&self) -> bool {
        self.followers.iter().any(|it| it.unpublished_at.is_some())
    }

    fn refused(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Page(self)).into_response()
    }
}

/// What can be chosen, with what is chosen even where no package has it any more.
fn with(mut words: Vec<String>, chosen: &str) -> Vec<String> {
    if !chosen.is_empty() && !words.iter().any(|word| word == chosen) {
        words.insert(0, chosen.to_owned());
    }
    words
}

async fn list(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let rows = sets::list(&mut conn).await?;
    drop(conn);
    let page = SetsPage {
        frame: staff.frame(&app, "Offer sets", Section::Packages).await?,
        rows,
        may_manage: staff.viewer.can(Permission::ManagePackages),
    };
    Ok(Page(page).into_response())
}

async fn new(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    Ok(Page(SetPage::of(&app, &staff, None, FormState::default()).await?).into_response())
}

async fn create(State(app): State<App>, staff: Staff, hx: Hx, mut form: FormState) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    match offer_sets::create(&mut work, input(&form)).await {
        Ok(row) => {
            work.commit().await?;
            let done = "The set is made. Offers follow it once you say so on their own pages.";
            staff.tell(&app, Notice::good(done)).await?;
            Ok(hx.go(&format!("/packages/sets/{}", row.id)))
        }
        Err(error) => {
            drop(work);
            refused::note(&mut form, error)?;
            Ok(SetPage::of(&app, &staff, None, form).await?.refused())
        }
    }
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<OfferSetId>) -> Result<Response, Error> {
    let row = find(&app, id).await?;
    let form = filled(&row);
    Ok(Page(SetPage::of(&app, &staff, Some(row), form).await?).into_response())
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<OfferSetId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let version = form.version()?;
    let mut work = app.begin(&staff.viewer).await?;
    match offer_sets::change(&mut work, id, version, input(&form)).await {
        Ok(drafts) => {
            work.commit().await?;
            let done = format!("The set is saved. {}", changed(drafts));
            staff.tell(&app, Notice::good(done)).await?;
            Ok(hx.go(&format!("/packages/sets/{id}")))
        }
        Err(error) => {
            drop(work);
            let row = find(&app, id).await?;
            if error.is_changed() {
                let saved_now = refused::overtaken(&form, &filled(&row), &LABELS, |_, value| {
                    PackageType::parse(value).map_or_else(|| value.to_owned(), |kind| kind.label().to_owned())
                });
                form.set("version", row.version.to_string());
                let mut page = SetPage::of(&app, &staff, Some(row), form).await?;
                page.saved_now = saved_now;
                return Ok((StatusCode::CONFLICT, Page(page)).into_response());
            }
            refused::note(&mut form, error)?;
            Ok(SetPage::of(&app, &staff, Some(row), form).await?.refused())
        }
    }
}

async fn delete(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<OfferSetId>,
    form: FormState,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let drafts = offer_sets::delete(&mut work, id, form.version()?).await?;
    work.commit().await?;
    let done = format!("The set is deleted. {}", changed(drafts));
    staff.tell(&app, Notice::good(done)).await?;
    Ok(hx.go("/packages/sets"))
}

/// What became of drafts.
fn changed(drafts: usize) -> String {
    match drafts {
        0 => "No draft changed.".to_owned(),
        1 => "1 draft changed with it, and waits to be published.".to_owned(),
        _ => format!("{drafts} drafts changed with it, and wait to be published."),
    }
}

async fn steer(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    form: FormState,
) -> Result<Response, Error> {
    let follows = form.value("do") == "follow";
    let set = form.value("set").parse::<OfferSetId>();
    let set = set.map_err(|_| Error::Invalid("The form does not say which set is meant.".into()))?;
    let mut work = app.begin(&staff.viewer).await?;
    let row = offer_sets::steer(&mut work, set, id, follows).await?;
    work.commit().await?;
    let done = if follows {
        format!(
            "The draft follows ‘{}’ now: its packages come and go with it. Nothing changes in the ATS before you publish.",
            row.name
        )
    } else {
        format!(
            "The draft follows ‘{}’ no longer. Packages that only came with it are out of the draft.",
            row.name
        )
    };
    staff.tell(&app, Notice::good(done)).await?;
    Ok(hx.go(&format!("/integrations/{id}#sets")))
}

async fn find(app: &App, id: OfferSetId) -> Result<SetRow, Error> {
    let mut conn = app.read().await?;
    sets::find(&mut conn, id).await?.ok_or(Error::NotFound)
}

fn filled(row: &SetRow) -> FormState {
    FormState::filled([
        ("version", row.version.to_string()),
        ("name", row.name.clone()),
        ("type", row.kind.map_or("", PackageType::as_str).to_owned()),
        ("tag", row.tag.clone()),
        ("region", row.region.clone()),
    ])
}

fn input(form: &FormState) -> SetInput {
    SetInput {
        name: form.value("name").to_owned(),
        kind: PackageType::parse(form.value("type")),
        tag: form.value("tag").to_owned(),
        region: form.value("region").to_owned(),
    }
}
