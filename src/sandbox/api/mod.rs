//! `/v1/…`: Kombo's API, wire-true.

mod assessment;
mod check;
mod connect;
mod guard;
mod orders;
mod refusal;
mod results;

pub use refusal::Refusal;

use super::Sandbox;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};

/// The longest body that is taken: five attachments of 10 MB in base64 and room to spare.
const LONGEST_BODY: usize = 80 * 1024 * 1024;

/// All calls; an unknown one is refused in Kombo's envelope as well.
pub(super) fn router(sandbox: Sandbox) -> Router<Sandbox> {
    Router::new()
        .route("/check-api-key", get(connect::check_api_key))
        .route("/connect/create-link", post(connect::create_link))
        .route(
            "/connect/integration-by-token/{token}",
            get(connect::integration_by_token),
        )
        .route(
            "/integrations/{id}",
            get(connect::integration).delete(connect::delete_integration),
        )
        .route("/integrations/{id}/enabled", put(connect::set_enabled))
        .route("/integrations/{id}/relink", post(connect::relink))
        .route("/integrations/{id}/setup-link", post(connect::setup_link))
        .route("/tools/{category}", get(connect::tools))
        .route(
            "/assessment/packages",
            get(assessment::packages).put(assessment::put_packages),
        )
        .route("/assessment/orders", get(orders::orders))
        .route("/assessment/orders/open", get(orders::open_orders))
        .route("/assessment/orders/{id}/result", put(results::put_result))
        .fallback(async || Refusal::unknown_path())
        .method_not_allowed_fallback(async || Refusal::unknown_path())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(sandbox, guard::guard))
}
