//! The headers that every answer carries, so that no handler can forget one.

use super::Site;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// What a page may load and do: our own files, nothing inline, no foreign frames, markup only through a trusted policy.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    require-trusted-types-for 'script'";

const PERMISSIONS_POLICY: &str = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), \
    microphone=(), payment=(), usb=()";

/// Addresses that are secrets themselves: whoever has the link may open the page.
const TOKEN_PAGES: [&str; 5] = ["/r/", "/start/", "/connect/", "/f/", "/welcome/"];

/// Whether `path` belongs to a page whose address is a secret.
pub fn is_token_page(path: &str) -> bool {
    TOKEN_PAGES.iter().any(|prefix| path.starts_with(prefix))
}

/// Sets what the handler has not set itself.
pub(super) async fn set(State(site): State<Site>, request: Request, next: Next) -> Response {
    let secret = is_token_page(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    or(headers, header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    or(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    or(
        headers,
        header::REFERRER_POLICY,
        if secret { "no-referrer" } else { "same-origin" },
    );
    or(
        headers,
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS_POLICY,
    );
    or(
        headers,
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    or(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    or(headers, header::CACHE_CONTROL, "no-store");
    if secret {
        or(headers, HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    }
    if site.https {
        or(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

fn or(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
