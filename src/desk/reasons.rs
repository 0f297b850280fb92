//! `/reasons`: the library of what recruiters read where an order is rejected or cancelled, and a single reason.

mod preview;

use super::refused::{self, SavedNow};
use crate::actions::change_reason;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::ReasonId;
use crate::domain::language::Language;
use crate::domain::reason::{PLACEHOLDERS, ReasonInput, best_text, text_field};
use crate::domain::role::Permission;
use crate::store::audit::{self, Line};
use crate::store::reasons::{self, ReasonRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use preview::Preview;
use serde::Deserialize;

/// The fields of the form that can be overtaken by somebody else.
const LABELS: [(&str, &str); 8] = [
    ("name", "Name"),
    ("for_rejection", "For rejections"),
    ("for_cancellation", "For cancellations"),
    ("text_en", "English"),
    ("text_de", "Deutsch"),
    ("text_fr", "Français"),
    ("text_it", "Italiano"),
    ("text_es", "Español"),
];

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::DecideOrders);
    let manage = Access::Needs(Permission::ManageReasons);
    vec![
        Route::get("/reasons", see, list),
        Route::get("/reasons/new", manage, new),
        Route::post("/reasons", manage, create),
        Route::post("/reasons/preview", manage, show_preview),
        Route::get("/reasons/{id}", see, show),
        Route::post("/reasons/{id}", manage, change),
        Route::post("/reasons/{id}/move", manage, shift),
        Route::post("/reasons/{id}/retire", manage, retire),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    retired: String,
    q: String,
}

/// A line of the list.
struct ListLine {
    row: ReasonRow,
    languages: Vec<Language>,
    text: String,
}

#[derive(Template)]
#[template(path = "desk/reasons.html", blocks = ["list"])]
struct ReasonsPage {
    frame: Frame,
    lines: Vec<ListLine>,
    asked: Asked,
    may_manage: bool,
}

async fn list(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let texts = reasons::texts(&mut conn).await?;
    let rows = reasons::list(&mut conn).await?;
    drop(conn);
    let wanted = crate::domain::text::fold(&asked.q);
    let line = |row: ReasonRow| {
        let own = texts.iter().filter(|text| text.reason_id == row.id);
        let own = own.map(|text| (text.language, text.text.clone())).collect::<Vec<_>>();
        let all = own.iter().map(|(_, text)| text.as_str());
        let words = all.chain([row.name.as_str()]).collect::<Vec<_>>().join(" ");
        let languages = Language::ALL.iter().copied();
        let found = crate::domain::text::fold(&words).contains(&wanted);
        found.then(|| ListLine {
            languages: languages.filter(|it| own.iter().any(|(have, _)| have == it)).collect(),
            text: best_text(&own, Language::En).map_or_else(String::new, |(_, text)| text.to_owned()),
            row,
        })
    };
    let retired = asked.retired == "on";
    let rows = rows.into_iter().filter(|row| row.retired_at.is_some() == retired);
    let page = ReasonsPage {
        lines: rows.filter_map(line).collect(),
        frame: staff.frame(&app, "Reasons", Section::Reasons).await?,
        asked,
        may_manage: staff.viewer.can(Permission::ManageReasons),
    };
    Ok(hx.answer(&page, &page.as_list()))
}

#[derive(Template)]
#[template(path = "desk/reason.html")]
struct ReasonPage {
    frame: Frame,
    form: FormState,
    reason: Option<ReasonRow>,
    preview: Preview,
    changed_by: Option<Line>,
    saved_now: Vec<SavedNow>,
    may_manage: bool,
}

impl ReasonPage {
    async fn of(app: &App, staff: &Staff, reason: Option<ReasonRow>, form: FormState) -> Result<Self, Error> {
        let title = reason.as_ref().map_or("New reason", |row| row.name.as_str());
        let frame = staff.frame(app, title, Section::Reasons).await?;
        let mut conn = app.read().await?;
        let changed_by = match &reason {
            Some(row) => audit::newest_of_subject(&mut conn, row.id.0, "reason.changed").await?,
            None => None,
        };
        Ok(Self {
            frame,
            preview: Preview::of(&mut conn, staff, &form).await?,
            form,
            changed_by,
            saved_now: Vec::new(),
            may_manage: staff.viewer.can(Permission::ManageReasons),
            reason,
        })
    }

    fn refused(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Page(self)).into_response()
    }

    /// The fields of the texts: name, language, and how many lines they have.
    fn texts(&self) -> impl Iterator<Item = (&'static str, Language, &'static str)> + '_ {
        Language::ALL.iter().map(|language| {
            let name = text_field(*language);
            let lines = if self.form.value(name).is_empty() { "2" } else { "4" };
            (name, *language, lines)
        })
    }
}

async fn new(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    let form = FormState::filled([("for_cancellation", "on")]);
    Ok(Page(ReasonPage::of(&app, &staff, None, form).await?).into_response())
}

async fn create(State(app): State<App>, staff: Staff, hx: Hx, mut form: FormState) -> Result<Response, Error> {
    if form.value("do") == "preview" {
        return Ok(Page(ReasonPage::of(&app, &staff, None, form).await?).into_response());
    }
    let mut work = app.begin(&staff.viewer).await?;
    match change_reason::create(&mut work, input(&form)).await {
        Ok(row) => {
            work.commit().await?;
            let done = format!("‘{}’ is in the library, as the last one that is offered.", row.name);
            staff.tell(&app, Notice::good(done)).await?;
            return Ok(hx.go(&format!("/reasons#row-{}", row.id)));
        }
        Err(error) => refused::note(&mut form, error)?,
    }
    drop(work);
    Ok(ReasonPage::of(&app, &staff, None, form).await?.refused())
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<ReasonId>) -> Result<Response, Error> {
    let (row, form) = read(&app, id).await?;
    Ok(Page(ReasonPage::of(&app, &staff, Some(row), form).await?).into_response())
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<ReasonId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let version = form.version()?;
    if form.value("do") == "preview" {
        let (row, _) = read(&app, id).await?;
        return Ok(Page(ReasonPage::of(&app, &staff, Some(row), form).await?).into_response());
    }
    let mut work = app.begin(&staff.viewer).await?;
    match change_reason::change(&mut work, id, version, input(&form)).await {
        Ok(row) => {
            work.commit().await?;
            let done = format!("‘{}’ is saved. What was sent before stays as it was.", row.name);
            staff.tell(&app, Notice::good(done)).await?;
            return Ok(hx.go(&format!("/reasons#row-{id}")));
        }
        Err(error) if error.is_changed() => {
            drop(work);
            return overtaken(&app, &staff, id, form).await;
        }
        Err(error) => refused::note(&mut form, error)?,
    }
    drop(work);
    let (row, _) = read(&app, id).await?;
    Ok(ReasonPage::of(&app, &staff, Some(row), form).await?.refused())
}

/// Somebody else saved first: shows what stands now, and keeps what was typed.
async fn overtaken(app: &App, staff: &Staff, id: ReasonId, mut form: FormState) -> Result<Response, Error> {
    let (row, saved) = read(app, id).await?;
    let saved_now = refused::overtaken(&form, &saved, &LABELS, |field, value| match (field, value) {
        ("for_rejection" | "for_cancellation", "on") => "yes".to_owned(),
        ("for_rejection" | "for_cancellation", _) => "no".to_owned(),
        _ => value.to_owned(),
    });
    form.set("version", row.version.to_string());
    let mut page = ReasonPage::of(app, staff, Some(row), form).await?;
    page.saved_now = saved_now;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

async fn shift(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<ReasonId>,
    form: FormState,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    change_reason::shift(&mut work, id, form.value("to") == "up").await?;
    work.commit().await?;
    Ok(hx.go(&format!("/reasons#row-{id}")))
}

async fn retire(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<ReasonId>,
    form: FormState,
) -> Result<Response, Error> {
    let retired = form.is_on("retired");
    let mut work = app.begin(&staff.viewer).await?;
    let row = change_reason::retire(&mut work, id, form.version()?, retired).await?;
    work.commit().await?;
    let done = if retired {
        format!(
            "‘{}’ is retired: nobody is offered it any more. Orders that were decided with it go on naming it.",
            row.name
        )
    } else {
        format!("‘{}’ is offered again.", row.name)
    };
    staff.tell(&app, Notice::good(done)).await?;
    Ok(hx.go(&format!("/reasons/{id}")))
}

/// What the recruiter would read, while the texts are typed.
async fn show_preview(State(app): State<App>, staff: Staff, form: FormState) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    Ok(Page(Preview::of(&mut conn, &staff, &form).await?).into_response())
}

/// The reason, and its form as it is first shown.
async fn read(app: &App, id: ReasonId) -> Result<(ReasonRow, FormState), Error> {
    let mut conn = app.read().await?;
    let row = reasons::find(&mut conn, id).await?.ok_or(Error::NotFound)?;
    let texts = reasons::texts_of(&mut conn, id).await?;
    let mut fields = vec![("version", row.version.to_string()), ("name", row.name.clone())];
    if row.for_rejection {
        fields.push(("for_rejection", "on".to_owned()));
    }
    if row.for_cancellation {
        fields.push(("for_cancellation", "on".to_owned()));
    }
    fields.extend(texts.into_iter().map(|(language, text)| (text_field(language), text)));
    Ok((row, FormState::filled(fields)))
}

fn input(form: &FormState) -> ReasonInput {
    let texts = Language::ALL.iter();
    ReasonInput {
        name: form.value("name").to_owned(),
        for_rejection: form.is_on("for_rejection"),
        for_cancellation: form.is_on("for_cancellation"),
        texts: texts
            .map(|language| (*language, form.value(text_field(*language)).to_owned()))
            .collect(),
    }
}
