//! Kombo's refusals and successes.

use crate::kombo::Code;
use crate::kombo::wire::{Failure, FailureDetail, Success, Warning};
use crate::sandbox::Error;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refusal in Kombo's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    code: Option<Code>,
    message: String,
}

/// The code of a refusal, left in the answer for the log of calls.
#[derive(Clone, Debug)]
pub(super) struct RefusedWith(pub(super) String);

impl Refusal {
    /// A refusal with a code, under the HTTP status that goes with it.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let status = match code {
            Code::PlatformRateLimitExceeded
            | Code::PlatformConcurrencyLimitExceeded
            | Code::RemoteRateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Code::PlatformAuthenticationInvalid => StatusCode::UNAUTHORIZED,
            Code::PlatformIpNotWhitelisted => StatusCode::FORBIDDEN,
            Code::PlatformIntegrationNotFound => StatusCode::NOT_FOUND,
            Code::PlatformUnknownError => StatusCode::INTERNAL_SERVER_ERROR,
            Code::PlatformTaskTimedOut => StatusCode::GATEWAY_TIMEOUT,
            Code::RemoteServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            status,
            code: Some(code),
            message: message.into(),
        }
    }

    /// A refusal with any code or none, for practising what a new or missing one leads to.
    pub(super) fn practised(code: Option<&str>, http_status: Option<u16>) -> Self {
        let said = "Refused on purpose, to practise what follows.";
        let refusal = match code {
            Some(code) => Self::new(Code::from(code), said),
            None => Self {
                code: None,
                ..Self::input(said)
            },
        };
        let status = http_status.and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.filter(|status| status.is_client_error() || status.is_server_error());
        Self {
            status: status.unwrap_or(refusal.status),
            ..refusal
        }
    }

    /// What was sent is wrong.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Code::PlatformInputInvalid, message)
    }

    /// What was named is not there; Kombo has no code of its own for that.
    pub fn missing(what: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::input(format!("There is no such {what}."))
        }
    }

    /// No such call. Kombo gives no code for it.
    pub fn unknown_path() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: None,
            message: "There is no such call.".into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = self.code.as_ref().map(|code| code.as_str().to_owned());
        let mark = RefusedWith(code.clone().unwrap_or_default());
        let error = FailureDetail {
            title: self.code.as_ref().map(|code| code.title().to_owned()),
            code,
            message: self.message,
            log_url: Some("https://app.kombo.dev/sandbox/logs?interactionId=practice".into()),
        };
        let mut response = (
            self.status,
            Json(Failure {
                status: "error".into(),
                error,
            }),
        )
            .into_response();
        response.extensions_mut().insert(mark);
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Missing(what) => Self::missing(what),
            error => {
                tracing::error!(%error, "the sandbox failed");
                Self::new(
                    Code::PlatformUnknownError,
                    "The sandbox itself failed; its log says why.",
                )
            }
        }
    }
}

/// A success without warnings, as reads give it.
pub(super) fn success<T: Serialize>(data: T) -> Response {
    Json(Success {
        status: "success".into(),
        data,
        warnings: None,
    })
    .into_response()
}

/// A success of a write.
pub(super) fn written(warnings: Vec<String>) -> Response {
    let warnings = warnings.into_iter().map(|message| Warning { message }).collect();
    Json(Success {
        status: "success".into(),
        data: serde_json::json!({}),
        warnings: Some(warnings),
    })
    .into_response()
}
