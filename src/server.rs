//! Builds the router out of every room's routes, runs it beside the workers, and stops both gracefully.

use crate::app::App;
use crate::auth::{self, Route};
use crate::{desk, health, web};
use axum::Router;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long answers and workers may take to finish once the program was asked to stop.
const FINISH: Duration = Duration::from_secs(9);

/// Every route of the program: each room's own list, in one table that the router and its tests read.
pub fn routes() -> Vec<Route> {
    [desk::routes(), health::routes()].into_iter().flatten().collect()
}

/// The whole program behind one router.
pub fn router(app: App) -> Router {
    let site = web::Site::new(&app.config.base_url);
    let router = auth::mount(routes(), &app).merge(web::assets::routes());
    web::layers(router.with_state(app), &site)
}

/// Answers on `listener` until `app.stop` is cancelled; then lets what is under way finish.
pub async fn answer(app: &App, listener: TcpListener) -> std::io::Result<()> {
    let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stop = app.stop.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(app.stop.clone().cancelled_owned());
    tokio::select! {
        done = serving.into_future() => done,
        () = async { stop.cancelled().await; tokio::time::sleep(FINISH).await } => {
            tracing::warn!("some answers were cut off: they took longer than {} s", FINISH.as_secs());
            Ok(())
        }
    }
}
