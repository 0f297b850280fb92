//! The dry run: what the drafted rules would have done with the orders of the last days.

use super::{At, Scope, Shown, Stand, shown};
use crate::app::App;
use crate::app::dry_runs::{self, By, DAYS, Differing, DryRun, Ended, MOST_LISTED, Progress};
use crate::auth::Staff;
use crate::desk::order_row::full_name;
use crate::domain::ids::OrderId;
use crate::domain::rules::{Fate, RuleSet};
use crate::domain::time::Timestamp;
use crate::store::order_lists::{self, Filter};
use crate::web::{Error, FormState, Frame, Hx, Path, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// How many orders a page lists.
const PAGE: usize = 50;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Behind how many of the listed orders the page begins.
    from: usize,
}

/// An order that would have fared otherwise, as it is listed.
struct Line {
    order: OrderId,
    name: String,
    package: String,
    customer: String,
    received_at: Timestamp,
    was: Fate,
    would: Fate,
    by: String,
}

/// How far it is and what it found.
struct Found {
    run: Arc<DryRun>,
    progress: Progress,
    rules: Vec<Shown>,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "desk/rules_dry_run.html", blocks = ["run"])]
struct DryRunPage {
    frame: Frame,
    scope: Scope,
    found: Option<Found>,
    /// What it cannot know, of what these rules ask.
    unknown: Vec<&'static str>,
    /// The draft's version now; 0: there is none, so what is in force is tried.
    version: i64,
    from: usize,
}

impl DryRunPage {
    fn is_running(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.progress.ended.is_none())
    }

    /// The page with the next listed orders.
    fn next(&self) -> Option<usize> {
        let listed = self.found.as_ref().map_or(0, |found| found.progress.listed.len());
        (self.from + PAGE < listed).then_some(self.from + PAGE)
    }

    /// The page with the ones before.
    fn previous(&self) -> Option<usize> {
        (self.from > 0).then(|| self.from.saturating_sub(PAGE))
    }
}

impl Found {
    /// Each fate, how many orders had it and how many would have.
    fn fates(&self) -> impl Iterator<Item = (&'static str, u64, u64)> + '_ {
        let counts = self.progress.was.iter().zip(&self.progress.would);
        Fate::ALL
            .iter()
            .zip(counts)
            .map(|(fate, (was, would))| (fate.label(), *was, *would))
    }

    /// The rules with how many orders each would have decided.
    fn counted(&self) -> impl Iterator<Item = (&Shown, u64)> + '_ {
        self.rules.iter().zip(self.progress.by_rule.iter().copied())
    }

    fn ended(&self) -> &'static str {
        match self.progress.ended {
            None if self.progress.waits => "waits for its turn",
            None => "under way",
            Some(Ended::Done) => "done",
            Some(Ended::Stopped) => "stopped",
            Some(Ended::Failed) => "failed: the database could not be read",
        }
    }
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let scope = Scope::of(&app, &staff, at).await?;
    let mut conn = app.read().await?;
    let stand = Stand::read(&mut conn, scope.id()).await?;
    let found = match app.dry_runs.find(staff.id, scope.id()) {
        Some(run) => {
            let progress = run.progress().borrow().clone();
            let rules = shown(&mut conn, &run.rules, None).await?;
            let listed = progress.listed.iter().skip(asked.from).take(PAGE);
            let listed = listed.copied().collect::<Vec<_>>();
            let lines = lines(&mut conn, &staff, &listed, &rules).await?;
            Some(Found {
                run,
                progress,
                rules,
                lines,
            })
        }
        None => None,
    };
    drop(conn);
    let tried = found.as_ref().map_or_else(|| stand.current(), |found| &found.run.rules);
    let page = DryRunPage {
        unknown: unknown(tried),
        version: stand.version(),
        frame: scope.frame(&app, &staff, "Dry run").await?,
        from: asked.from,
        scope,
        found,
    };
    Ok(hx.answer(&page, &page.as_run()))
}

/// The orders of a page, with their names; what this person may not see is left out.
async fn lines(
    conn: &mut crate::store::Conn,
    staff: &Staff,
    listed: &[Differing],
    rules: &[Shown],
) -> Result<Vec<Line>, Error> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let ids = listed.iter().map(|it| it.order.0).collect::<Vec<_>>();
    let rows = order_lists::among(conn, &staff.viewer, &Filter::default(), &ids).await?;
    let mut rows = rows.into_iter().map(|row| (row.id, row)).collect::<HashMap<_, _>>();
    let lines = listed.iter().filter_map(|it| {
        let row = rows.remove(&it.order)?;
        Some(Line {
            order: it.order,
            name: full_name(&row),
            package: row.package_name,
            customer: row.customer_name.unwrap_or_default(),
            received_at: row.received_at,
            was: it.was,
            would: it.would,
            by: by(it.by, rules),
        })
    });
    Ok(lines.collect())
}

fn by(by: By, rules: &[Shown]) -> String {
    match by {
        By::Draft(number) => {
            let name = rules.get(number - 1).map_or("", |rule| rule.name.as_str());
            format!("{number}. {name}")
        }
        By::Others => "another rule".to_owned(),
        By::Settings => "the settings".to_owned(),
    }
}

/// What a dry run of these rules cannot know.
fn unknown(rules: &RuleSet) -> Vec<&'static str> {
    let asks = |what: fn(&crate::domain::rules::Rule) -> bool| rules.0.iter().any(what);
    let mut all = vec![
        "Whether somebody was at a desk: an order about which a person would be asked counts as left to a person.",
        "Whether a package was still offered: an order for a package that had been offered counts as if it was.",
        "What the ATS did not tell us: of older orders only the line with the job’s place is kept, and of erased candidates nothing.",
    ];
    if asks(|rule| rule.when.credits_used_up) {
        all.push("How many orders were left then: a rule that asks for it decides nothing here.");
    }
    if asks(|rule| rule.when.outside_hours) {
        all.push("Which business hours the customer had then: today’s count.");
    }
    if asks(|rule| rule.when.ordered_before.is_some()) {
        all.push(
            "Whether an earlier order had been cancelled by then: what is cancelled today does not count as ordered.",
        );
    }
    all
}

pub(super) async fn begin(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(at): Path<At>,
    _form: FormState,
) -> Result<Response, Error> {
    let scope = Scope::of(&app, &staff, at).await?;
    let mut conn = app.read().await?;
    let stand = Stand::read(&mut conn, scope.id()).await?;
    drop(conn);
    let rules = stand.current().clone();
    dry_runs::begin(&app, staff.viewer, staff.id, scope.id(), rules, stand.version());
    Ok(hx.go(&format!("{}/dry-run", scope.base())))
}

pub(super) async fn stop(State(app): State<App>, staff: Staff, hx: Hx, Path(at): Path<At>) -> Result<Response, Error> {
    let scope = Scope::of(&app, &staff, at).await?;
    if let Some(run) = app.dry_runs.find(staff.id, scope.id()) {
        run.stop();
        let mut progress = run.progress();
        let _ = progress.wait_for(|progress| progress.ended.is_some()).await;
    }
    Ok(hx.go(&format!("{}/dry-run", scope.base())))
}
