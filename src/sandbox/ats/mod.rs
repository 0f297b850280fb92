//! `/ats/…`: the make-believe ATS, in which a person plays the recruiter. Server-rendered; no script but the one by
//! which Kombo's window tells the page that it stands in what came of it.

mod connect;
mod home;
mod integration;
mod mischief;
mod order_form;
mod orders;
mod page;
mod result_view;

use super::Sandbox;
use axum::Router;
use axum::routing::{get, post};

pub(super) use page::{style, window};

/// All of its pages.
pub(super) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/", get(home::show).post(home::connect))
        .route("/traffic", get(home::traffic))
        .route("/connect/{token}", get(connect::show).post(connect::connect))
        .route("/integrations/{id}", get(integration::show))
        .route("/integrations/{id}/state", post(integration::set_state))
        .route("/integrations/{id}/disconnect", post(integration::disconnect))
        .route(
            "/integrations/{id}/order",
            get(order_form::show).post(order_form::place),
        )
        .route("/orders/{id}", get(orders::show))
        .route("/orders/{id}/cancel", post(orders::cancel))
        .route("/orders/{id}/resend", post(orders::resend))
        .route("/orders/{id}/attachments/{number}", get(orders::attachment))
        .route("/mischief", get(mischief::show))
        .route("/mischief/calls", post(mischief::add_call_rule))
        .route("/mischief/webhooks", post(mischief::add_webhook_rule))
        .route("/mischief/remove", post(mischief::remove))
        .fallback(page::missing)
}
