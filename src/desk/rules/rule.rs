//! One rule in a form: a new one, or one of the draft.

use super::form::{self, LABELS};
use super::{At, Scope, Stand, base, package_names};
use crate::actions::change_rules::{self, Edit};
use crate::app::App;
use crate::auth::Staff;
use crate::desk::refused::{self, SavedNow};
use crate::domain::ids::RuleId;
use crate::domain::package::PackageType;
use crate::domain::rules::{CandidateField, Rule, RuleSet, Sentence, sentence};
use crate::store::audit::Line;
use crate::store::packages::{self, PackageFilter, PackageRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How many packages of the catalogue are named beside the form.
const PACKAGES: i64 = 100;

#[derive(Template)]
#[template(path = "desk/rule.html")]
struct RulePage {
    frame: Frame,
    scope: Scope,
    form: FormState,
    /// The rule's id and its number; `None`: it is new.
    rule: Option<(RuleId, usize)>,
    /// How it reads as it stands.
    sentence: Option<Sentence>,
    packages: Vec<PackageRow>,
    changed_by: Option<Line>,
    saved_now: Vec<SavedNow>,
}

impl RulePage {
    async fn of(app: &App, staff: &Staff, scope: Scope, rule: Option<RuleId>, form: FormState) -> Result<Self, Error> {
        let mut conn = app.read().await?;
        let stand = Stand::read(&mut conn, scope.id()).await?;
        let found = rule.and_then(|id| stand.current().find(id));
        let told = match found {
            Some((_, rule)) => {
                let names = package_names(&mut conn, &RuleSet(vec![rule.clone()])).await?;
                Some(sentence(rule, |key| names.get(key).map(|row| row.name.clone())))
            }
            None => None,
        };
        let packages = packages::list(&mut conn, &PackageFilter::default(), None, PACKAGES).await?;
        drop(conn);
        let title = found.map_or("New rule", |(_, rule)| rule.name.as_str());
        Ok(Self {
            frame: scope.frame(app, staff, title).await?,
            rule: found.map(|(number, rule)| (rule.id, number)),
            sentence: told,
            scope,
            form,
            packages,
            changed_by: None,
            saved_now: Vec::new(),
        })
    }

    fn title(&self) -> &str {
        &self.frame.title
    }
}

pub(super) async fn new(State(app): State<App>, staff: Staff, Path(at): Path<At>) -> Result<Response, Error> {
    let scope = Scope::of(&app, &staff, at).await?;
    let mut conn = app.read().await?;
    let version = Stand::read(&mut conn, scope.id()).await?.version();
    drop(conn);
    let form = form::blank(version);
    Ok(Page(RulePage::of(&app, &staff, scope, None, form).await?).into_response())
}

pub(super) async fn show(State(app): State<App>, staff: Staff, Path(at): Path<At>) -> Result<Response, Error> {
    let id = at.rule.ok_or(Error::NotFound)?;
    let scope = Scope::of(&app, &staff, at).await?;
    let (rule, version) = read(&app, &scope, id).await?;
    let form = form::filled(&rule.ok_or(Error::NotFound)?, version);
    Ok(Page(RulePage::of(&app, &staff, scope, Some(id), form).await?).into_response())
}

/// The rule as it stands, and the draft's version.
async fn read(app: &App, scope: &Scope, id: RuleId) -> Result<(Option<Rule>, i64), Error> {
    let mut conn = app.read().await?;
    let stand = Stand::read(&mut conn, scope.id()).await?;
    let rule = stand.current().find(id).map(|(_, rule)| rule.clone());
    Ok((rule, stand.version()))
}

pub(super) async fn add(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    form: FormState,
) -> Result<Response, Error> {
    let id = app.clock.new_id();
    save(app, staff, hx, at, form, id, true).await
}

pub(super) async fn change(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    form: FormState,
) -> Result<Response, Error> {
    let id = at.rule.ok_or(Error::NotFound)?;
    save(app, staff, hx, at, form, id, false).await
}

async fn save(
    app: App,
    staff: Staff,
    hx: Hx,
    at: At,
    mut form: FormState,
    id: RuleId,
    is_new: bool,
) -> Result<Response, Error> {
    let version = form.version()?;
    if let Some(rule) = form::read(&mut form, id) {
        let edit = if is_new { Edit::Add(rule) } else { Edit::Change(rule) };
        let mut work = app.begin(&staff.viewer).await?;
        match change_rules::edit(&mut work, at.id, version, edit).await {
            Ok(()) => {
                work.commit().await?;
                let done = Notice::good("Saved in the draft. It counts once the draft is put in force.");
                staff.tell(&app, done).await?;
                return Ok(hx.go(&format!("{}#rule-{id}", base(at.id))));
            }
            Err(error) if error.is_changed() => {
                drop(work);
                return overtaken(&app, &staff, at, form, id, is_new).await;
            }
            Err(error) => refused::note(&mut form, error)?,
        }
    }
    let scope = Scope::of(&app, &staff, at).await?;
    let page = RulePage::of(&app, &staff, scope, (!is_new).then_some(id), form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Somebody else changed the draft first: shows what stands now, and keeps what was typed.
async fn overtaken(
    app: &App,
    staff: &Staff,
    at: At,
    mut form: FormState,
    id: RuleId,
    is_new: bool,
) -> Result<Response, Error> {
    let scope = Scope::of(app, staff, at).await?;
    let (rule, version) = read(app, &scope, id).await?;
    form.set("version", version.to_string());
    let saved_now = rule.as_ref().map(|rule| {
        let saved = form::filled(rule, version);
        refused::overtaken(&form, &saved, &LABELS, form::in_words)
    });
    let saved_now = saved_now.unwrap_or_default();
    if saved_now.is_empty() {
        form.refuse_all(match (is_new, &rule) {
            (false, None) => {
                "Somebody removed this rule meanwhile. What you typed is below: save it to add it again, as the last rule."
            }
            _ => "Somebody changed other rules meanwhile. Yours was not saved yet: look whether it still fits, and save again.",
        });
    }
    let mut page = RulePage::of(app, staff, scope, rule.map(|rule| rule.id), form).await?;
    page.saved_now = saved_now;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}
