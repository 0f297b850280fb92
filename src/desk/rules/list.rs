//! The rules in their order, what is drafted, and the versions that there were.

use super::{At, Scope, Shown, Stand, base, shown};
use crate::actions::change_rules::{self, Edit};
use crate::app::App;
use crate::auth::Staff;
use crate::desk::refused;
use crate::domain::ids::RuleId;
use crate::domain::intake::TakeOrders;
use crate::domain::rules::RuleSet;
use crate::store::rule_sets::{self, DraftRow, VersionRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// How many versions are listed at once.
const VERSIONS: usize = 20;

#[derive(Template)]
#[template(path = "desk/rules.html")]
pub(super) struct RulesPage {
    frame: Frame,
    scope: Scope,
    rules: Vec<Shown>,
    /// Rules of what is in force that the draft has no more, by name.
    removed: Vec<String>,
    /// The same rules in another order.
    is_reordered: bool,
    draft: Option<DraftRow>,
    drafted_by: Option<String>,
    version: i64,
    in_force: Option<i64>,
    /// The rules for all customers, which follow behind a customer's own.
    house: Vec<Shown>,
    versions: Vec<VersionRow>,
    older: Option<String>,
    form: FormState,
}

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Versions before the one with this number.
    before: Option<i64>,
}

impl RulesPage {
    async fn of(app: &App, staff: &Staff, scope: Scope, asked: &Asked, mut form: FormState) -> Result<Self, Error> {
        let frame = staff.frame(app, scope.title(), Section::Customers).await?;
        let mut conn = app.read().await?;
        let stand = Stand::read(&mut conn, scope.id()).await?;
        let beside = stand.draft.is_some().then_some(&stand.in_force);
        let house = match &scope.customer {
            Some(_) => Stand::read(&mut conn, None).await?.in_force,
            None => RuleSet::default(),
        };
        let limit = i64::try_from(VERSIONS).unwrap_or(i64::MAX);
        let before = asked.before.unwrap_or(i64::MAX);
        let mut versions = rule_sets::history(&mut conn, scope.id(), before, limit + 1).await?;
        let more = versions.len() > VERSIONS;
        versions.truncate(VERSIONS);
        let last = versions.last().filter(|_| more);
        let older = last.map(|row| format!("{}?before={}#history", scope.base(), row.number));
        if let Some(number) = stand.draft.as_ref().and_then(|(row, _)| row.restores)
            && form.value("note").is_empty()
        {
            form.set("note", format!("Brings back version {number}."));
        }
        let (rules, house) = (
            shown(&mut conn, stand.current(), beside).await?,
            shown(&mut conn, &house, None).await?,
        );
        Ok(Self {
            removed: removed(&stand),
            is_reordered: is_reordered(&stand),
            version: stand.version(),
            in_force: stand.newest.as_ref().map(|row| row.number),
            drafted_by: stand.drafted_by,
            draft: stand.draft.map(|(row, _)| row),
            frame,
            scope,
            rules,
            house,
            versions,
            older,
            form,
        })
    }

    /// What is drafted, in a few words.
    fn changes(&self) -> String {
        let count = |mark: &str| self.rules.iter().filter(|rule| rule.mark == Some(mark)).count();
        let counts = [
            (count("new"), "new"),
            (count("changed"), "changed"),
            (self.removed.len(), "removed"),
        ];
        let told = counts.into_iter().filter(|(count, _)| *count > 0);
        let mut told = told.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>();
        if self.is_reordered {
            told.push("another order".to_owned());
        }
        if told.is_empty() {
            return "the same rules as in force".to_owned();
        }
        told.join(", ")
    }

    /// The last line.
    fn settings(&self) -> String {
        let Some(customer) = &self.scope.customer else {
            return "the customer’s settings decide".to_owned();
        };
        let what = match (customer.hold_seconds, customer.take_orders) {
            (Some(_), _) => "a person decides while the recruiter waits",
            (None, TakeOrders::Accept) => "take every order at once",
            (None, TakeOrders::Later) => "a person decides later",
        };
        format!("{}’s settings decide: {what}", customer.name)
    }
}

fn removed(stand: &Stand) -> Vec<String> {
    let Some((_, draft)) = &stand.draft else {
        return Vec::new();
    };
    let gone = stand.in_force.0.iter().filter(|rule| draft.find(rule.id).is_none());
    gone.map(|rule| rule.name.clone()).collect()
}

fn is_reordered(stand: &Stand) -> bool {
    let ids = |set: &RuleSet, other: &RuleSet| {
        let both = set.0.iter().filter(|rule| other.find(rule.id).is_some());
        both.map(|rule| rule.id).collect::<Vec<RuleId>>()
    };
    let draft = stand.draft.as_ref();
    draft.is_some_and(|(_, draft)| ids(draft, &stand.in_force) != ids(&stand.in_force, draft))
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(at): Path<At>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let scope = Scope::of(&app, &staff, at).await?;
    let page = RulesPage::of(&app, &staff, scope, &asked, FormState::default()).await?;
    Ok(Page(page).into_response())
}

/// The list as it is now, with what was refused.
async fn again(app: &App, staff: &Staff, at: At, form: FormState, status: StatusCode) -> Result<Response, Error> {
    let scope = Scope::of(app, staff, at).await?;
    let page = RulesPage::of(app, staff, scope, &Asked::default(), form).await?;
    Ok((status, Page(page)).into_response())
}

const OVERTAKEN: &str =
    "Somebody else changed these rules while you were looking. Here is how they stand now; nothing of yours was done.";

/// Carries out an edit of the draft, and leads back to the list.
async fn edit(
    app: &App,
    staff: &Staff,
    hx: &Hx,
    at: At,
    mut form: FormState,
    edit: Edit,
    row: &str,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    match change_rules::edit(&mut work, at.id, form.version()?, edit).await {
        Ok(()) => {
            work.commit().await?;
            Ok(hx.go(&format!("{}{row}", base(at.id))))
        }
        Err(error) if error.is_changed() => {
            drop(work);
            form.refuse_all(OVERTAKEN);
            again(app, staff, at, form, StatusCode::CONFLICT).await
        }
        Err(error) => {
            drop(work);
            refused::note(&mut form, error)?;
            again(app, staff, at, form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

pub(super) async fn shift(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    form: FormState,
) -> Result<Response, Error> {
    let id = at.rule.ok_or(Error::NotFound)?;
    let up = form.value("to") == "up";
    edit(
        &app,
        &staff,
        &hx,
        at,
        form,
        Edit::Move { id, up },
        &format!("#rule-{id}"),
    )
    .await
}

pub(super) async fn remove(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    form: FormState,
) -> Result<Response, Error> {
    let id = at.rule.ok_or(Error::NotFound)?;
    edit(&app, &staff, &hx, at, form, Edit::Remove(id), "").await
}

pub(super) async fn discard(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    mut form: FormState,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    match change_rules::discard(&mut work, at.id, form.version()?).await {
        Ok(()) => work.commit().await?,
        Err(error) if error.is_changed() => {
            drop(work);
            form.refuse_all(OVERTAKEN);
            return again(&app, &staff, at, form, StatusCode::CONFLICT).await;
        }
        Err(error) => return Err(error.into()),
    }
    let done = Notice::good("The draft is thrown away. What was in force is so still.");
    staff.tell(&app, done).await?;
    Ok(hx.go(&base(at.id)))
}

pub(super) async fn put_in_force(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    mut form: FormState,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let status = match change_rules::put_in_force(&mut work, at.id, form.version()?, form.value("note")).await {
        Ok(row) => {
            work.commit().await?;
            let done = format!(
                "Version {} is in force: it counts for every order from now on.",
                row.number
            );
            staff.tell(&app, Notice::good(done)).await?;
            return Ok(hx.go(&base(at.id)));
        }
        Err(error) if error.is_changed() => {
            form.refuse_all(OVERTAKEN);
            StatusCode::CONFLICT
        }
        Err(error) => {
            refused::note(&mut form, error)?;
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    drop(work);
    again(&app, &staff, at, form, status).await
}
