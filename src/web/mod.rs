//! What desk, public and sandbox share: errors into answers, extractors, page frame, assets, headers, filters.
//!
//! A handler reads its extractors, calls one action or one store read, and answers `Result<Page<T>, web::Error>`.
//! Around the whole router stands [`layers`]: it names each request, logs it by its route, sets the security headers,
//! refuses foreign writes, and turns whatever went wrong into a page, a notice or a problem document.

pub mod assets;
pub mod csrf;
pub mod days;
pub mod download;
pub mod error;
pub mod filters;
pub mod form;
pub mod frame;
pub mod headers;
pub mod held;
pub mod htmx;
pub mod next;
mod packing;
pub mod page;
pub mod path;
pub mod sheet;
pub mod time_view;
pub mod trace;

pub use assets::asset;
pub use days::Days;
pub use error::Error;
pub use form::FormState;
pub use frame::{Frame, Notice, Section};
pub use htmx::Hx;
pub use page::Page;
pub use path::Path;
pub use time_view::TimeView;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

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
/// Read from the outside in: name and log the request, pack, set headers, render errors, catch panics, refuse foreign
/// writes. Event streams are not packed, so that nothing holds them back.
pub fn layers(router: Router, site: &Site) -> Router {
    router
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn_with_state(site.clone(), csrf::refuse_foreign_writes))
        .layer(CatchPanicLayer::custom(error::from_panic))
        .layer(from_fn(error::render))
        .layer(from_fn_with_state(site.clone(), headers::set))
        .layer(from_fn(packing::pack))
        .layer(from_fn(trace::log))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::{Request, Response, StatusCode};
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn ask(path: &str, headers: &[(&str, &str)]) -> (Response<()>, String) {
        let router = Router::new()
            .route("/fails", get(|| async { Error::internal("the disk is full") }))
            .route("/inside", get(|| async { Error::SignIn }))
            .route("/r/{token}", get(|| async { "a report" }))
            .merge(assets::routes());
        let site = Site::new(&"https://desk.example.com".parse().expect("a URL"));
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let (head, body) = layers(router, &site)
            .oneshot(request)
            .await
            .expect("an answer")
            .into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (
            Response::from_parts(head, ()),
            String::from_utf8(body.to_vec()).expect("text"),
        )
    }

    fn header<'a>(answer: &'a Response<()>, name: &str) -> &'a str {
        answer
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    #[tokio::test]
    async fn a_person_gets_a_page_with_a_reference_and_never_the_cause() {
        let (answer, body) = ask("/fails", &[("accept", "text/html")]).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains(header(&answer, "x-request-id")));
        assert!(!body.contains("disk is full"));
    }

    #[tokio::test]
    async fn htmx_gets_a_notice_and_a_machine_a_problem() {
        let (answer, body) = ask("/fails", &[("hx-request", "true")]).await;
        assert_eq!(header(&answer, "hx-retarget"), "#notices");
        assert!(!body.contains("<html"));
        let (answer, body) = ask("/nowhere", &[("accept", "application/json")]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
        assert!(body.contains("\"status\":404"));
    }

    #[tokio::test]
    async fn who_is_not_signed_in_comes_back_after_signing_in() {
        let (answer, _) = ask("/inside?stage=received", &[]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(
            header(&answer, "location"),
            "/sign-in?next=%2Finside%3Fstage%3Dreceived"
        );
    }

    #[tokio::test]
    async fn pages_with_a_secret_address_tell_nobody_of_it() {
        let (answer, _) = ask("/r/secret", &[]).await;
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        assert_eq!(header(&answer, "x-robots-tag"), "noindex, nofollow");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert_eq!(header(&answer, "strict-transport-security"), "max-age=31536000");
        assert_eq!(
            header(&answer, "content-security-policy"),
            headers::CONTENT_SECURITY_POLICY
        );
    }

    #[tokio::test]
    async fn an_asset_is_kept_for_good_and_known_again() {
        let (answer, _) = ask(asset("app.css"), &[]).await;
        assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
        let etag = header(&answer, "etag").to_owned();
        let (answer, body) = ask(asset("app.css"), &[("if-none-match", &etag)]).await;
        assert_eq!((answer.status(), body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        let brotli = [("accept-encoding", "gzip, br"), ("if-none-match", etag.as_str())];
        let packed = Request::get(asset("app.css"));
        let packed = brotli
            .iter()
            .fold(packed, |request, (name, value)| request.header(*name, *value));
        let router = layers(
            Router::new().merge(assets::routes()),
            &Site::new(&"https://desk.example.com".parse().expect("a URL")),
        );
        let packed = router
            .oneshot(packed.body(Body::empty()).expect("a request"))
            .await
            .expect("an answer");
        assert_eq!(packed.status(), StatusCode::OK, "the packed form is another one");
        assert_eq!(packed.headers()["content-encoding"], "br");
        assert_eq!(packed.headers()["vary"], "accept-encoding");
    }
}
