//! What every call goes through: key, limit of calls in flight, mischief, log.

use super::Refusal;
use super::refusal::RefusedWith;
use crate::kombo::{Code, INTEGRATION_HEADER};
use crate::sandbox::Sandbox;
use crate::sandbox::mischief::{CallKind, CallMischief};
use crate::sandbox::state::MOST_IN_FLIGHT;
use crate::sandbox::store::CallRow;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use secrecy::ExposeSecret as _;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq as _;

/// How long a call hangs that is never to be answered: longer than anybody waits.
const NEVER: Duration = Duration::from_hours(1);

/// One call on its way through.
struct Passage {
    kind: CallKind,
    method: String,
    path: String,
    integration: Option<String>,
    began: Instant,
}

/// Counts a call as in flight until it is dropped, also where the caller hangs up.
struct InFlight {
    sandbox: Sandbox,
    integration: String,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(count) = self.sandbox.traffic().in_flight.get_mut(&self.integration) {
            *count = count.saturating_sub(1);
        }
    }
}

/// Counts the call in; also says how many were in flight before it.
fn enter(sandbox: &Sandbox, kind: CallKind, integration: Option<&str>) -> (Option<InFlight>, usize) {
    let mut traffic = sandbox.traffic();
    *traffic.calls.entry(kind.name()).or_default() += 1;
    let Some(integration) = integration else {
        return (None, 0);
    };
    let count = traffic.in_flight.entry(integration.to_owned()).or_default();
    let before = *count;
    *count += 1;
    let most = traffic.most_in_flight.entry(integration.to_owned()).or_default();
    *most = (*most).max(before + 1);
    (
        Some(InFlight {
            sandbox: sandbox.clone(),
            integration: integration.to_owned(),
        }),
        before,
    )
}

/// Lets a call through, or not.
pub(super) async fn guard(
    State(sandbox): State<Sandbox>,
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    let integration = request
        .headers()
        .get(INTEGRATION_HEADER)
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned);
    let passage = Passage {
        kind: CallKind::of(request.method().as_str(), request.uri().path()),
        method: request.method().to_string(),
        path: uri.path_and_query().map_or_else(String::new, ToString::to_string),
        integration,
        began: Instant::now(),
    };
    let (_in_flight, before) = enter(&sandbox, passage.kind, passage.integration.as_deref());
    if !authentic(&sandbox, request.headers()) {
        drain(request).await;
        let refusal = Refusal::new(Code::PlatformAuthenticationInvalid, "The API key is missing or wrong.");
        return log(&sandbox, &passage, refusal.into_response(), None).await;
    }
    if before >= MOST_IN_FLIGHT {
        drain(request).await;
        let refusal = Refusal::new(
            Code::PlatformConcurrencyLimitExceeded,
            "More than 30 calls are in flight for this integration.",
        );
        return log(&sandbox, &passage, refusal.into_response(), None).await;
    }
    let mut response = match sandbox.mischief.for_call(passage.kind) {
        Some(mischief) => mistreat(&sandbox, &passage, mischief, request, next).await,
        None => log(&sandbox, &passage, next.run(request).await, None).await,
    };
    if passage.integration.is_some() {
        let left = MOST_IN_FLIGHT.saturating_sub(before + 1);
        response
            .headers_mut()
            .insert("concurrency-remaining", HeaderValue::from(left));
    }
    response
}

/// Reads a call to its end that is refused unread. Otherwise the server would close the connection, and the caller's next
/// call on it could be lost.
async fn drain(request: Request) {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
}

/// Whether the call carries the right key.
fn authentic(sandbox: &Sandbox, headers: &HeaderMap) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    given.is_some_and(|given| bool::from(given.ct_eq(sandbox.api_key.expose_secret().as_bytes())))
}

/// Does to a call what a rule says.
async fn mistreat(
    sandbox: &Sandbox,
    passage: &Passage,
    mischief: CallMischief,
    request: Request,
    next: Next,
) -> Response {
    match mischief {
        CallMischief::TooManyCalls { retry_after } => {
            drain(request).await;
            let mut response =
                Refusal::new(Code::PlatformRateLimitExceeded, "Too many calls; wait a little.").into_response();
            if let Some(seconds) = retry_after {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            log(sandbox, passage, response, Some("too many calls")).await
        }
        CallMischief::ServerError { status } => {
            drain(request).await;
            log(sandbox, passage, server_error(status), Some("server error")).await
        }
        CallMischief::Refused => {
            drain(request).await;
            let said = "The application was archived in the ATS, so nothing can be added to it.";
            let response = Refusal::new(Code::RemoteInputInvalid, said).into_response();
            log(sandbox, passage, response, Some("refused")).await
        }
        CallMischief::RefusedWith { code, http_status } => {
            drain(request).await;
            let response = Refusal::practised(code.as_deref(), http_status).into_response();
            log(sandbox, passage, response, Some("refused")).await
        }
        CallMischief::TimeOut => {
            log_silence(sandbox, passage, "time-out").await;
            tokio::time::sleep(NEVER).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        CallMischief::AppliedThenBroken => {
            let _ = log(
                sandbox,
                passage,
                next.run(request).await,
                Some("applied, then the connection broke"),
            )
            .await;
            broken()
        }
        CallMischief::AppliedThenTimeOut => {
            let _ = log(
                sandbox,
                passage,
                next.run(request).await,
                Some("applied, then time-out"),
            )
            .await;
            tokio::time::sleep(NEVER).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

/// An error as Kombo gives it, or as something in front of Kombo does.
fn server_error(status: u16) -> Response {
    match status {
        500 => Refusal::new(
            Code::PlatformUnknownError,
            "Something went wrong at the practice Kombo.",
        )
        .into_response(),
        503 => Refusal::new(Code::RemoteServiceUnavailable, "The practice ATS cannot be reached.").into_response(),
        status => {
            let status = StatusCode::from_u16(status)
                .ok()
                .filter(StatusCode::is_server_error)
                .unwrap_or(StatusCode::BAD_GATEWAY);
            (status, [(header::CONTENT_TYPE, "text/plain")], "Bad gateway").into_response()
        }
    }
}

/// An answer whose body breaks before its first byte: the server then closes the connection.
fn broken() -> Response {
    let cut = futures_util::stream::once(async { Err::<bytes::Bytes, _>(std::io::Error::other("broken on purpose")) });
    let mut response = Response::new(Body::from_stream(cut));
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from_static("100"));
    response
}

/// Keeps a call in the log and hands its answer on.
async fn log(sandbox: &Sandbox, passage: &Passage, response: Response, mischief: Option<&str>) -> Response {
    let code = response
        .extensions()
        .get::<RefusedWith>()
        .map(|refused| refused.0.clone());
    keep(sandbox, passage, Some(response.status().as_u16()), code, mischief).await;
    response
}

/// Keeps a call that gets no answer.
async fn log_silence(sandbox: &Sandbox, passage: &Passage, mischief: &str) {
    keep(sandbox, passage, None, None, Some(mischief)).await;
}

async fn keep(
    sandbox: &Sandbox,
    passage: &Passage,
    http_status: Option<u16>,
    code: Option<String>,
    mischief: Option<&str>,
) {
    let row = CallRow {
        id: 0,
        at: sandbox.clock.now(),
        method: passage.method.clone(),
        path: passage.path.clone(),
        call: passage.kind.name().to_owned(),
        integration: passage.integration.clone(),
        http_status: http_status.map(i64::from),
        code,
        mischief: mischief.map(str::to_owned),
        millis: i64::try_from(passage.began.elapsed().as_millis()).unwrap_or(i64::MAX),
    };
    if let Err(error) = sandbox.store.log_call(&row).await {
        tracing::warn!(%error, "the sandbox could not log a call");
    }
}
