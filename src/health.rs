//! Whether the program lives, and whether it can do its work.

mod checks;
mod gauges;
mod probe;

pub use checks::{Check, State, full, quick};

use crate::app::App;
use crate::app::health::Readiness;
use crate::auth::{Access, Route};
use crate::telemetry;
use crate::web::Error;
use axum::Json;
use axum::extract::State as Of;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use serde_json::json;
use subtle::ConstantTimeEq;

/// The addresses that a machine watches.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", Access::Public, alive),
        Route::get("/readyz", Access::Public, ready),
        Route::get("/metrics", Access::Public, metrics),
    ]
}

/// The process is up and answers; nothing else is looked at.
async fn alive() -> &'static str {
    "ok\n"
}

/// Everybody may ask, and looking costs a write: asked often, the answer is that of the last two seconds.
///
/// 200 while webhooks can be taken and pages shown, 503 otherwise; either way with everything that is not as it should be.
async fn ready(Of(app): Of<App>) -> Response {
    let readiness = app.health.readiness(app.clock.now(), || look(&app)).await;
    let status = if readiness.is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let told = json!({"ready": readiness.is_ready, "problems": readiness.problems});
    (status, Json(told)).into_response()
}

async fn look(app: &App) -> Readiness {
    let checks = quick(app).await;
    let is_ready = checks.iter().all(|check| check.state != State::Wrong);
    let problems = checks
        .iter()
        .filter(|check| check.state != State::Fine)
        .map(|check| json!({"part": check.name, "state": check.state.word(), "says": check.says, "mend": check.mend}))
        .collect();
    Readiness { is_ready, problems }
}

/// Prometheus' text, for whoever has the token; without one set, there is nothing here.
async fn metrics(Of(app): Of<App>, headers: HeaderMap) -> Result<Response, Error> {
    let token = app.config.metrics_token.as_ref().ok_or(Error::NotFound)?;
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        .unwrap_or_default();
    if !bool::from(given.ct_eq(token.expose_secret().as_bytes())) {
        return Err(Error::NotFound);
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let mut text = telemetry::exposition();
    gauges::expose(&mut text, &app).await?;
    Ok((kind, text).into_response())
}
