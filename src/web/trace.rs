//! One log line per request: the route's pattern, the status and the time. Never the path, the query or a header,
//! since addresses may be secrets and queries may hold names.

use crate::telemetry;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

/// The short name of one request: in the log, in the answer's `x-request-id`, and on an error page as the reference.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// Ten letters and digits without those that are easily confused: 50 random bits.
    fn fresh() -> Self {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut bytes = [0_u8; 10];
        // Without randomness the name is less telling, and nothing else depends on it.
        let _ = getrandom::fill(&mut bytes);
        let text: String = bytes
            .iter()
            .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
            .collect();
        Self(text.into())
    }
}

pub(super) async fn log(mut request: Request, next: Next) -> Response {
    let id = RequestId::fresh();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    request.extensions_mut().insert(id.clone());
    let started = Instant::now();
    let span = tracing::info_span!("request", id = %id.0);
    let mut response = next.run(request).instrument(span.clone()).await;
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    telemetry::REQUESTS.more(class(status));
    let _entered = span.enter();
    if matches!(route.as_str(), "/static/{name}" | "/healthz" | "/readyz" | "/metrics") {
        tracing::debug!(%method, route, status, micros, "answered");
    } else {
        tracing::info!(%method, route, status, micros, "answered");
    }
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
