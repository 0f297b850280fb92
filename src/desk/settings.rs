//! `/settings`: how the desk is set up, and whether everything works.

use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::config::Shown;
use crate::domain::role::Permission;
use crate::health::{self, Check, State};
use crate::web::frame::Section;
use crate::web::{Error, Frame, Page};
use askama::Template;
use axum::extract::State as Of;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/settings", Access::Needs(Permission::ViewSettings), show)]
}

#[derive(Template)]
#[template(path = "desk/settings.html")]
struct SettingsPage {
    frame: Frame,
    checks: Vec<CheckView>,
    settings: Vec<Shown>,
    version: &'static str,
}

/// A check, and how it is drawn.
struct CheckView {
    check: Check,
    icon: &'static str,
    tone: &'static str,
    word: &'static str,
}

impl From<Check> for CheckView {
    fn from(check: Check) -> Self {
        let (icon, tone, word) = match check.state {
            State::Fine => ("tick", "green", "Fine"),
            State::Careful => ("info", "amber", "Look at this"),
            State::Wrong => ("warn", "red", "Does not work"),
        };
        Self {
            check,
            icon,
            tone,
            word,
        }
    }
}

async fn show(Of(app): Of<App>, staff: Staff) -> Result<Page<SettingsPage>, Error> {
    let (frame, mut checks) = tokio::join!(staff.frame(&app, "Settings", Section::Settings), health::full(&app));
    checks.sort_by_key(|check| std::cmp::Reverse(check.state));
    Ok(Page(SettingsPage {
        frame: frame?,
        checks: checks.into_iter().map(CheckView::from).collect(),
        settings: app.config.shown(),
        version: env!("CARGO_PKG_VERSION"),
    }))
}
