//! What all pages of the make-believe ATS share.

use crate::sandbox::Error;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// The style sheet.
pub(in crate::sandbox) async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../../static/sandbox.css"),
    )
}

/// A page that could not be shown.
#[derive(Debug)]
pub(super) struct Trouble(pub(super) Error);

impl<E: Into<Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            Error::Missing(_) => StatusCode::NOT_FOUND,
            Error::Asked(_) => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Html(self.0.to_string())).into_response()
    }
}
