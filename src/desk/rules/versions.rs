//! A version of rules that is, or was, in force, and how it is brought back.

use super::{At, Scope, Shown, Stand, base, shown};
use crate::actions::change_rules;
use crate::app::App;
use crate::auth::Staff;
use crate::domain::rules::RuleSet;
use crate::store::rule_sets::{self, VersionRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, filters};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "desk/rules_version.html")]
struct VersionPage {
    frame: Frame,
    scope: Scope,
    row: VersionRow,
    rules: Vec<Shown>,
    is_in_force: bool,
    has_draft: bool,
    version: i64,
}

pub(super) async fn show(State(app): State<App>, staff: Staff, Path(at): Path<At>) -> Result<Response, Error> {
    let number = at.number.ok_or(Error::NotFound)?;
    let scope = Scope::of(&app, &staff, at).await?;
    let frame = scope.frame(&app, &staff, &format!("Version {number}")).await?;
    let mut conn = app.read().await?;
    let kept = rule_sets::numbered(&mut conn, scope.id(), number).await?;
    let kept = kept.ok_or(Error::NotFound)?;
    let row = rule_sets::history(&mut conn, scope.id(), number + 1, 1).await?.pop();
    let stand = Stand::read(&mut conn, scope.id()).await?;
    let set = RuleSet::parse(&kept.rules).unwrap_or_default();
    let page = VersionPage {
        rules: shown(&mut conn, &set, None).await?,
        row: row.ok_or(Error::NotFound)?,
        is_in_force: stand.newest.as_ref().is_some_and(|newest| newest.number == number),
        has_draft: stand.draft.is_some(),
        version: stand.version(),
        frame,
        scope,
    };
    Ok(Page(page).into_response())
}

pub(super) async fn bring_back(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    form: FormState,
) -> Result<Response, Error> {
    let number = at.number.ok_or(Error::NotFound)?;
    let mut work = app.begin(&staff.viewer).await?;
    let notice = match change_rules::bring_back(&mut work, at.id, form.version()?, number).await {
        Ok(()) => {
            work.commit().await?;
            Notice::good(format!(
                "The draft is as version {number} was. It counts once you put it in force."
            ))
        }
        Err(error) if error.is_changed() => {
            drop(work);
            Notice::bad(
                "Somebody else changed the draft meanwhile, so it was left as it is. Look at it, then bring the version back again.",
            )
        }
        Err(error) => return Err(error.into()),
    };
    staff.tell(&app, notice).await?;
    Ok(hx.go(&base(at.id)))
}
