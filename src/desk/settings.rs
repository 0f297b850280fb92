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
    checks: Vec<Check>,
    settings: Vec<Shown>,
    version: &'static str,
}

impl SettingsPage {
    /// The icon, the tone and the word of a check.
    #[expect(clippy::unused_self, reason = "templates call methods of the page")]
    fn look(&self, state: &State) -> (&'static str, &'static str, &'static str) {
        match state {
            State::Fine => ("tick", "green", "Fine"),
            State::Careful => ("info", "amber", "Look at this"),
            State::Wrong => ("warn", "red", "Does not work"),
        }
    }
}

async fn show(Of(app): Of<App>, staff: Staff) -> Result<Page<SettingsPage>, Error> {
    let (frame, mut checks) = tokio::join!(staff.frame(&app, "Settings", Section::Settings), health::full(&app));
    checks.sort_by_key(|check| std::cmp::Reverse(check.state));
    Ok(Page(SettingsPage {
        frame: frame?,
        checks,
        settings: app.config.shown(),
        version: env!("CARGO_PKG_VERSION"),
    }))
}
