//! What desk, public and sandbox share: errors into answers, extractors, page frame, assets, headers, filters.
//!
//! A handler reads its extractors, calls one action or one store read, and answers `Result<Page<T>, web::Error>`.
//! Around the whole router stands [`layers`]: it names each request, logs it by its route, sets the security headers,
//! refuses foreign writes, and turns whatever went wrong into a page, a notice or a problem document.

pub mod assets;
pub mod csrf;
pub mod error;
pub mod filters;
pub mod form;
pub mod frame;
pub mod headers;
pub mod htmx;
pub mod next;
pub mod page;
pub mod time_view;
pub mod trace;

pub use assets::asset;
pub use error::Error;
pub use form::FormState;
pub use frame::{Frame, Notice, Section};
pub use htmx::Hx;
pub use page::Page;
pub use time_view::TimeView;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// What the layers need to know of the place the program is reached at.
#[derive(Clone, Debug)]
pub struct Site {
    /// Scheme, host and port, as a browser writes them in `Origin` (`https://desk.example.com`).
    pub origin: Arc<str>,
    /// Whether that is `https`, so that browsers may be told to insist on it.
    pub https: bool,
}

impl Site {
    /// The site that is reached at `base_url`.
    pub fn new(base_url: &url::Url) -> Self {
        Self {
            origin: base_url.origin().ascii_serialization().into(),
            https: base_url.scheme() == "https",
        }
    }
}

/// Puts everything that every answer needs around `router`; its routes (and its fallback) must be complete by then.
///
/// Read from the outside in: name and log the request, compress, set headers, render errors, catch panics, refuse
/// foreign writes. Event streams are not compressed, so that nothing holds them back.
pub fn layers(router: Router, site: &Site) -> Router {
    router
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn_with_state(site.clone(), csrf::refuse_foreign_writes))
        .layer(CatchPanicLayer::custom(error::from_panic))
        .layer(from_fn(error::render))
        .layer(from_fn_with_state(site.clone(), headers::set))
        .layer(CompressionLayer::new())
        .layer(from_fn(trace::log))
}
