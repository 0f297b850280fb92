//! Writes that a foreign page makes a signed-in browser send are refused.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site` and `Origin`; a page cannot change either. No token in
//! the form is needed, so a form that stood open overnight still works.

use super::{Error, Site};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Where machines write: they prove themselves by signature or token and send no cookie.
const MACHINES: [&str; 1] = ["/webhooks/kombo"];

/// Lets reads and our own pages' writes through; refuses the rest with 403 and a reason.
pub(super) async fn refuse_foreign_writes(State(site): State<Site>, request: Request, next: Next) -> Response {
    let read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if read || MACHINES.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    match judge(request.headers(), &site.origin) {
        Ok(()) => next.run(request).await,
        Err(reason) => Error::Forbidden { reason }.into_response(),
    }
}

/// Why a write with these headers is refused, if it is.
fn judge(headers: &HeaderMap, ours: &str) -> Result<(), String> {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"same-origin" && site != b"none") {
        return Err("This was sent by a page of another site.".into());
    }
    match origin {
        // A page that sends no referrer also hides its origin from us; the browser itself still vouches for it.
        Some(b"null") if site == Some(b"same-origin") => Ok(()),
        Some(origin) if origin == ours.as_bytes() => Ok(()),
        Some(b"null") if !headers.contains_key(header::COOKIE) => Ok(()),
        Some(_) => Err(format!("This was sent from another address than {ours}. Open the desk there and try again.")),
        None if site.is_none() && headers.contains_key(header::COOKIE) => {
            Err("Your browser did not say which page sent this. Use a current browser, or let your proxy pass on the headers Origin and Sec-Fetch-Site.".into())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://desk.example.com";

    fn allowed(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        judge(&headers, OURS).is_ok()
    }

    #[test]
    fn our_own_pages_may_write() {
        assert!(allowed(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", OURS),
            ("cookie", "a=b")
        ]));
        assert!(allowed(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "null"),
            ("cookie", "a=b")
        ]));
        assert!(allowed(&[("origin", OURS), ("cookie", "a=b")]));
    }

    #[test]
    fn a_foreign_page_may_not() {
        assert!(!allowed(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example")
        ]));
        assert!(!allowed(&[("sec-fetch-site", "same-site"), ("origin", OURS)]));
        assert!(!allowed(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://desk.example.com")
        ]));
        assert!(!allowed(&[("origin", "null"), ("cookie", "a=b")]));
    }

    #[test]
    fn a_cookie_without_either_header_is_refused_and_a_machine_without_cookie_is_not() {
        assert!(!allowed(&[("cookie", "a=b")]));
        assert!(allowed(&[]));
    }
}
