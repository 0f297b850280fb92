//! `assessdesk serve`: the desk.

use super::Outcome;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Settings;
use crate::server;

pub(super) async fn run(settings: &Settings) -> Outcome {
    let app = App::open(settings.check()?, Clock::System).await?;
    Ok(server::serve(app).await?)
}
