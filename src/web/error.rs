//! What went wrong, and how it is told: a page, a notice in the page (htmx), or a problem document (machines).
//!
//! A handler returns [`Error`]; the error then travels in the response's extensions to [`render`], the one place that
//! knows how the request wants to be answered. Causes go to the log under the request's name and are never shown.

use super::frame::{Frame, FrameSlot};
use super::htmx::{Hx, vary};
use super::page;
use super::trace::RequestId;
use crate::clock::Clock;
use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// Every way in which a request can fail.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or this person may not know of it.
    #[error("There is nothing at this address.")]
    NotFound,
    /// The address is there, but takes no request of this kind.
    #[error("This address cannot be asked in that way.")]
    WrongMethod,
    /// The person may see it, but not do it.
    #[error("{reason}")]
    Forbidden {
        /// Why not, and who can.
        reason: String,
    },
    /// Somebody else, or Kombo, was faster.
    #[error("{0}")]
    Conflict(String),
    /// The request makes no sense (a form's own mistakes are shown in the form instead).
    #[error("{0}")]
    Invalid(String),
    /// More was sent than is taken.
    #[error("{0}")]
    TooLarge(String),
    /// It would work a little later.
    #[error("The desk is busy right now.")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// One has to sign in first.
    #[error("Please sign in first.")]
    SignIn,
    /// A fault of ours or of what we stand on; the cause is only logged.
    #[error("Something went wrong on our side.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A fault of ours, with its cause.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The HTTP status that it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The headline: what it is, in a few words.
    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::WrongMethod => "Not possible this way",
            Self::Forbidden { .. } => "Not allowed",
            Self::Conflict(_) => "Changed in the meantime",
            Self::Invalid(_) => "Not understood",
            Self::TooLarge(_) => "Too large",
            Self::Busy { .. } => "Busy",
            Self::SignIn => "Sign in first",
            Self::Internal(_) => "Our mistake",
        }
    }

    /// What to do next.
    fn advice(&self) -> &'static str {
        match self {
            Self::NotFound => "The link may be old or cut short. If you followed it from here, tell an administrator.",
            Self::WrongMethod | Self::Invalid(_) => {
                "Nothing was changed. Go back, load the page again and try once more."
            }
            Self::Forbidden { .. } => "Nothing was changed.",
            Self::Conflict(_) => "Nothing of yours was saved over it. Load the page again to see how it stands.",
            Self::TooLarge(_) => "Nothing was saved. Make it smaller and send it again.",
            Self::Busy { .. } => "Nothing is lost. Try again in a moment.",
            Self::SignIn => "Then you come back to this page.",
            Self::Internal(_) => {
                "Nothing half-done was kept. Try again; if it stays, give an administrator the reference below."
            }
        }
    }
}

impl From<crate::store::Error> for Error {
    fn from(error: crate::store::Error) -> Self {
        match error {
            crate::store::Error::Changed => Self::Conflict("Somebody else changed this first.".into()),
            passing if passing.is_passing() => {
                tracing::warn!(error = %passing, "the database is busy, full or away");
                Self::Busy {
                    retry_after: Duration::from_secs(5),
                }
            }
            other => Self::internal(other),
        }
    }
}

impl From<crate::actions::Error> for Error {
    fn from(error: crate::actions::Error) -> Self {
        match error {
            crate::actions::Error::NotFound => Self::NotFound,
            crate::actions::Error::Refused(why) => Self::Conflict(why),
            crate::actions::Error::Fields(faults) => {
                let faults = faults.into_iter().map(|(_, why)| why);
                Self::Invalid(faults.collect::<Vec<_>>().join(" "))
            }
            crate::actions::Error::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The answer at an address that no route has.
pub(super) async fn not_found() -> Error {
    Error::NotFound
}

/// The answer to a method that a route does not take.
pub(super) async fn method_not_allowed() -> Error {
    Error::WrongMethod
}

/// A panic in a handler, as an answer; the layer around it logs the cause.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the payload over")]
pub(super) fn from_panic(payload: Box<dyn Any + Send + 'static>) -> Response {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    Error::internal(format!("panic: {}", text.unwrap_or("without words"))).into_response()
}

/// How the request wants to be answered, kept from before the handler consumed it.
struct Asked {
    method: Method,
    uri: Uri,
    hx: Hx,
    wants_json: bool,
    reference: Arc<str>,
    slot: FrameSlot,
}

/// Turns an error that a handler left in the response's extensions into the answer that the request can use.
pub(super) async fn render(mut request: Request, next: Next) -> Response {
    let slot = FrameSlot::default();
    request.extensions_mut().insert(slot.clone());
    let asked = Asked {
        method: request.method().clone(),
        uri: request.uri().clone(),
        hx: Hx::read(request.headers()),
        wants_json: wants_json(request.uri(), request.headers()),
        reference: request
            .extensions()
            .get::<RequestId>()
            .map_or_else(|| "none".into(), |id| id.0.clone()),
        slot,
    };
    let response = next.run(request).await;
    let Some(error) = response
        .extensions()
        .get::<Arc<Error>>()
        .cloned()
        .or_else(|| plain_refusal(&response, &asked))
    else {
        return response;
    };
    let kept = response.headers().get(header::ALLOW).cloned();
    let mut answer = asked.answer(&error);
    if let Error::Busy { retry_after } = *error {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
    }
    if let Some(allow) = kept {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}

/// axum's own extractors refuse with a line of plain text; a person gets the page for it instead.
fn plain_refusal(response: &Response, asked: &Asked) -> Option<Arc<Error>> {
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if asked.wants_json || !plain {
        return None;
    }
    Some(Arc::new(match response.status() {
        StatusCode::NOT_FOUND => Error::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge("More was sent than can be taken at once.".into()),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Error::Invalid("This request could not be read.".into())
        }
        _ => return None,
    }))
}

impl Asked {
    fn answer(&self, error: &Error) -> Response {
        if let Error::Internal(cause) = error {
            tracing::error!(reference = %self.reference, cause = %with_sources(cause.as_ref()), "a request failed");
        }
        if self.wants_json {
            self.problem(error)
        } else if matches!(error, Error::SignIn) {
            self.sign_in()
        } else if self.hx.is {
            self.notice(error)
        } else {
            self.page(error)
        }
    }

    /// RFC 9457.
    fn problem(&self, error: &Error) -> Response {
        let body = serde_json::json!({
            "type": "about:blank",
            "title": error.title(),
            "status": error.status().as_u16(),
            "detail": error.to_string(),
            "instance": format!("urn:request:{}", self.reference),
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (error.status(), kind, body.to_string()).into_response()
    }

    /// To the sign-in, and from there back to where one wanted to go (only pages: a write is not repeated).
    fn sign_in(&self) -> Response {
        let next = if self.hx.is {
            self.hx.current_url.as_deref().and_then(|url| url.parse::<Uri>().ok())
        } else {
            (self.method == Method::GET).then(|| self.uri.clone())
        };
        let next = next
            .as_ref()
            .and_then(Uri::path_and_query)
            .map(PathAndQuery::as_str)
            .filter(|next| *next != "/");
        let mut to = String::from("/sign-in");
        if let Some(next) = next {
            to.push_str("?next=");
            to.extend(url::form_urlencoded::byte_serialize(next.as_bytes()));
        }
        if !self.hx.is {
            return Redirect::to(&to).into_response();
        }
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        if let Ok(to) = HeaderValue::from_str(&to) {
            response
                .headers_mut()
                .insert(HeaderName::from_static("hx-redirect"), to);
        }
        response
    }

    /// Into the page's notice area; what was typed stays where it is.
    fn notice(&self, error: &Error) -> Response {
        let mut response = page::render(&ErrorNotice {
            error: self.words(error),
        });
        *response.status_mut() = error.status();
        for (name, value) in [
            ("hx-retarget", "#notices"),
            ("hx-reswap", "innerHTML"),
            ("hx-push-url", "false"),
        ] {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        vary(&mut response);
        response
    }

    fn page(&self, error: &Error) -> Response {
        let words = self.words(error);
        let mut response = match self.slot.get() {
            Some(frame) => {
                let frame = Frame {
                    title: words.title.into(),
                    notices: Vec::new(),
                    ..frame.clone()
                };
                rendered(&ErrorInFrame { frame, error: words })
            }
            None => rendered(&ErrorPage {
                frame: Frame::bare(words.title, Clock::System.now()),
                error: words,
            }),
        };
        *response.status_mut() = error.status();
        response
    }

    fn words(&self, error: &Error) -> Words {
        Words {
            title: error.title(),
            text: error.to_string(),
            advice: error.advice(),
            reference: self.reference.to_string(),
        }
    }
}

/// An error page that cannot be rendered itself ends in its bare words, not in another error.
fn rendered(template: &impl Template) -> Response {
    template.render().map_or_else(
        |_| Body::from("Something went wrong on our side.").into_response(),
        |text| axum::response::Html(text).into_response(),
    )
}

/// Machines are told by where they call and by what they say they read.
fn wants_json(uri: &Uri, headers: &HeaderMap) -> bool {
    let machine = ["/webhooks/", "/api/", "/v1/", "/healthz", "/readyz", "/metrics"];
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    machine.iter().any(|start| uri.path().starts_with(start)) || (accept.contains("json") && !accept.contains("html"))
}

/// An error with everything that led to it, in one line.
fn with_sources(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

struct Words {
    title: &'static str,
    text: String,
    advice: &'static str,
    reference: String,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    error: Words,
}

#[derive(Template)]
#[template(path = "error_in_frame.html")]
struct ErrorInFrame {
    frame: Frame,
    error: Words,
}

#[derive(Template)]
#[template(path = "error_notice.html")]
struct ErrorNotice {
    error: Words,
}
