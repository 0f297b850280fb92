//! What htmx 4 says about a request, and how one answers it.

use super::page;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::convert::Infallible;

/// htmx's own words about the request; an extractor that never fails.
///
/// The names are in the skills folder of the npm package `htmx.org` 4 (`htmx-guidance.md`, 'HTTP Headers').
#[derive(Clone, Debug, Default)]
pub struct Hx {
    /// Sent by htmx (`HX-Request`), not by a link or a form.
    pub is: bool,
    /// Only a part of the page is wanted (`HX-Request-Type: partial`).
    pub partial: bool,
    /// The element that asked, as `tag#id` (`HX-Source`).
    pub source: Option<String>,
    /// The page that the person is on (`HX-Current-URL`).
    pub current_url: Option<String>,
}

impl Hx {
    /// What htmx says in these headers.
    pub fn read(headers: &axum::http::HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is = text("hx-request") == Some("true") && text("hx-history-restore-request") != Some("true");
        Self {
            is,
            partial: is && text("hx-request-type") == Some("partial"),
            source: text("hx-source").map(str::to_owned),
            current_url: text("hx-current-url").map(str::to_owned),
        }
    }

    /// The whole page, or the named block of it where htmx asked for a part: `hx.answer(&page, &page.as_table())`.
    pub fn answer(&self, whole: &impl Template, block: &impl Template) -> Response {
        let mut response = if self.partial {
            page::render(block)
        } else {
            page::render(whole)
        };
        vary(&mut response);
        response
    }

    /// Leads to `url` after a form was taken in: a redirect, which htmx follows as a whole new page.
    pub fn go(&self, url: &str) -> Response {
        if !self.is {
            return Redirect::to(url).into_response();
        }
        let mut response = ().into_response();
        if let Ok(url) = HeaderValue::from_str(url) {
            response
                .headers_mut()
                .insert(HeaderName::from_static("hx-redirect"), url);
        }
        response
    }
}

impl Hx {
    /// The page is at this address now: for a search whose form carries more than belongs into an address.
    pub fn stands_at(response: &mut Response, url: &str) {
        if let Ok(url) = HeaderValue::from_str(url) {
            let name = HeaderName::from_static("hx-replace-url");
            response.headers_mut().insert(name, url);
        }
    }
}

/// Says that the answer depends on who asked, so that no cache mixes page and part.
pub fn vary(response: &mut Response) {
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("HX-Request, HX-Request-Type"));
}

impl<S: Send + Sync> FromRequestParts<S> for Hx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers))
    }
}
