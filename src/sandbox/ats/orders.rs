//! Orders, as the recruiter sees them.

use super::page::Trouble;
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use std::fmt::Write as _;

/// An attachment, byte for byte as it was sent; never shown in the browser, only saved.
pub(super) async fn attachment(
    State(sandbox): State<Sandbox>,
    Path((order, number)): Path<(String, i64)>,
) -> Result<Response, Trouble> {
    let file = sandbox.store.attachment(&order, number).await?;
    // RFC 8187, so that every name survives; the plain form is for programs that do not know it.
    let mut name = String::new();
    for byte in file.name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
    let disposition = format!("attachment; filename*=UTF-8''{name}");
    Ok((
        [
            (header::CONTENT_TYPE, file.content_type),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        file.bytes,
    )
        .into_response())
}
