//! `/ats/…`: the make-believe ATS, in which a person plays the recruiter.

mod orders;
mod page;

use super::Sandbox;
use axum::Router;
use axum::routing::get;

pub(super) use page::style;

/// All of its pages.
pub(super) fn router() -> Router<Sandbox> {
    Router::new().route("/orders/{id}/attachments/{number}", get(orders::attachment))
}
