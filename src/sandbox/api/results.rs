//! Results: checked, their attachments fetched, applied once.

use super::Refusal;
use super::assessment::working;
use super::check::{self, Source};
use super::refusal::written;
use crate::kombo::Code;
use crate::kombo::wire::{OrderStatus, ResultBody};
use crate::sandbox::store::AttachmentRow;
use crate::sandbox::{Error, Sandbox};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The longest attachment that is fetched from an address, in bytes.
const LONGEST_FETCHED: usize = 30 * 1024 * 1024;

pub(super) async fn put_result(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let integration = working(&sandbox, &headers).await?;
    let body = check::body(&bytes)?;
    drop(bytes);
    check::result(&body)?;
    let row = sandbox.store.order(&id).await?;
    if row.integration_id != integration.id {
        return Err(Refusal::missing("order"));
    }
    not_open(&row.status)?;
    let result: ResultBody =
        serde_json::from_value(without_bytes(&body)).map_err(|error| Refusal::input(error.to_string()))?;
    let status = OrderStatus::parse(result.status.as_str()).ok_or_else(|| Refusal::input("status"))?;
    if integration.tool == "greenhouse" && status == OrderStatus::Open {
        return Err(Refusal::new(
            Code::RemoteInputInvalid,
            "Greenhouse takes no update before an order is completed.",
        ));
    }
    let (files, warnings) = attachments(&sandbox, &body).await?;
    let kept = serde_json::to_string(&without_bytes(&body)).map_err(|error| Refusal::from(Error::from(error)))?;
    if !sandbox
        .store
        .apply_result(&id, status, &kept, &files, sandbox.clock.now())
        .await?
    {
        not_open(&sandbox.store.order(&id).await?.status)?;
    }
    Ok(written(warnings))
}

/// Refuses a result for an order that is not open.
fn not_open(status: &str) -> Result<(), Refusal> {
    if status == OrderStatus::Open.as_str() {
        return Ok(());
    }
    Err(Refusal::input(format!(
        "The order is {status}; its status can only be changed while it is OPEN."
    )))
}

/// A result's body with the attachments' bytes taken out: they are kept beside it.
fn without_bytes(body: &Value) -> Value {
    let mut body = body.clone();
    for attachment in body
        .get_mut("attachments")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        attachment.as_object_mut().map(|attachment| attachment.remove("data"));
    }
    body
}

/// Checks and fetches a result's attachments, and says what the ATS would grumble about.
async fn attachments(sandbox: &Sandbox, body: &Value) -> Result<(Vec<AttachmentRow>, Vec<String>), Refusal> {
    let mut files = Vec::new();
    let mut warnings = Vec::new();
    let list = body
        .get("attachments")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for (index, attachment) in list.iter().enumerate() {
        let checked = check::attachment(attachment, index)?;
        let (bytes, fetched_type) = match checked.source {
            Source::Bytes(bytes) => (bytes, None),
            Source::Fetch(url) => fetch(sandbox, &url, index).await?,
        };
        let content_type = checked
            .content_type
            .or(fetched_type)
            .unwrap_or_else(|| "application/octet-stream".into());
        if content_type == "application/octet-stream" {
            warnings.push(format!(
                "The content type of \"{}\" says nothing; some ATSs will not show the file.",
                checked.name
            ));
        }
        files.push(AttachmentRow {
            id: 0,
            name: checked.name,
            content_type,
            sha256: hex_digest(&bytes),
            bytes,
        });
    }
    Ok((files, warnings))
}

/// Fetches an attachment at once, as Kombo does.
async fn fetch(sandbox: &Sandbox, url: &str, index: usize) -> Result<(Vec<u8>, Option<String>), Refusal> {
    let refused = || Refusal::input(format!("attachments[{index}].data_url could not be fetched"));
    let mut response = sandbox
        .http
        .get(url)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|_| refused())?;
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    let content_type = content_type
        .and_then(|text| text.split(';').next())
        .map(|text| text.trim().to_owned());
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| refused())? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_FETCHED {
            return Err(refused());
        }
    }
    Ok((bytes, content_type))
}

/// SHA-256 in hexadecimal.
fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
