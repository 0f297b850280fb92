//! `/reconciler`: when Kombo's orders were compared with ours, what came of it, and what is still not agreed.

use crate::app::App;
use crate::app::gate::Closed;
use crate::auth::{Access, Route, Staff};
use crate::domain::role::Permission;
use crate::store::reconciler_runs::{self, Problem, RunRow};
use crate::web::{Error, Frame, Hx, Notice, Page, Section};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use std::time::Duration;

/// How many runs are shown.
const RUNS: i64 = 30;

/// How many problems are shown.
const PROBLEMS: i64 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/reconciler", Access::Needs(Permission::ViewTraffic), show),
        Route::post("/reconciler/run", Access::Needs(Permission::RetryTraffic), run_now),
    ]
}

#[derive(Template)]
#[template(path = "desk/reconciler.html")]
struct ReconcilerPage {
    frame: Frame,
    runs: Vec<RunRow>,
    problems: Vec<Problem>,
    closed: Option<Closed>,
    key_is_set: bool,
    every: String,
    may_run: bool,
}

impl ReconcilerPage {
    /// Whether a comparison is under way.
    fn running(&self) -> bool {
        self.runs.iter().any(|run| run.finished_at.is_none())
    }
}

async fn show(State(app): State<App>, staff: Staff) -> Result<Page<ReconcilerPage>, Error> {
    let mut conn = app.read().await?;
    let runs = reconciler_runs::newest(&mut conn, RUNS).await?;
    let problems = reconciler_runs::problems(&mut conn, &staff.viewer, PROBLEMS).await?;
    drop(conn);
    Ok(Page(ReconcilerPage {
        frame: staff.frame(&app, "Reconciler", Section::Reconciler).await?,
        runs,
        problems,
        closed: app.gate.last(),
        key_is_set: app.kombo.is_some(),
        every: in_words(app.config.reconcile_every),
        may_run: staff.viewer.can(Permission::RetryTraffic),
    }))
}

/// A time in whole words: `3 minutes`, `90 seconds`.
fn in_words(time: Duration) -> String {
    let (number, unit) = match time.as_secs() {
        seconds if seconds >= 60 && seconds % 60 == 0 => (seconds / 60, "minute"),
        seconds => (seconds.max(1), "second"),
    };
    if number == 1 {
        unit.to_owned()
    } else {
        format!("{number} {unit}s")
    }
}

async fn run_now(State(app): State<App>, staff: Staff, hx: Hx) -> Result<Response, Error> {
    app.compare_bell.notify_one();
    let told = "A comparison begins. This page shows it once you open it again.";
    staff.tell(&app, Notice::good(told)).await?;
    Ok(hx.go("/reconciler"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_words() {
        assert_eq!(in_words(Duration::from_mins(3)), "3 minutes");
        assert_eq!(in_words(Duration::from_mins(1)), "minute");
        assert_eq!(in_words(Duration::from_secs(90)), "90 seconds");
    }
}
