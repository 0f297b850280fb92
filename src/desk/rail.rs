//! `/rail`: the rail alone, which open pages fetch again so that its numbers keep up.

use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::web::{Error, Frame, Page, Section};
use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/rail", Access::SignedIn, rail).quiet()]
}

#[derive(Template)]
#[template(path = "_rail.html")]
struct Rail {
    frame: Frame,
}

/// Where the person is.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    at: String,
}

async fn rail(State(app): State<App>, staff: Staff, Query(asked): Query<Asked>) -> Result<Page<Rail>, Error> {
    let frame = staff.frame(&app, "", Section::at(&asked.at)).await?;
    Ok(Page(Rail { frame }))
}
