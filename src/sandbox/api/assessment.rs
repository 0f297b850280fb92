//! Calls about packages, orders and results.

use super::Refusal;
use super::check::{self, Source};
use super::connect::known;
use super::refusal::{success, written};
use crate::domain::time::Timestamp;
use crate::kombo::wire::{
    HeldPackage, HeldPackages, IntegrationState, Order, OrderStatus, OrdersPage, PackageType, Packages, ResultBody,
    SetupStatus,
};
use crate::kombo::{Code, INTEGRATION_HEADER};
use crate::sandbox::Sandbox;
use crate::sandbox::store::{AttachmentRow, IntegrationRow, OrderRow, OrdersFilter};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

type Answer = Result<Response, Refusal>;

/// The longest attachment that is fetched from an address, in bytes.
const LONGEST_FETCHED: usize = 30 * 1024 * 1024;

/// The integration that the call names.
async fn named(sandbox: &Sandbox, headers: &HeaderMap) -> Result<IntegrationRow, Refusal> {
    let id = headers
        .get(INTEGRATION_HEADER)
        .and_then(|id| id.to_str().ok())
        .filter(|id| !id.is_empty());
    known(
        sandbox,
        id.ok_or_else(|| Refusal::input("The header X-Integration-Id is required."))?,
    )
    .await
}

/// The same, for calls that write: only to an integration that works.
async fn working(sandbox: &Sandbox, headers: &HeaderMap) -> Result<IntegrationRow, Refusal> {
    let row = named(sandbox, headers).await?;
    match (
        IntegrationState::from(row.state.as_str()),
        SetupStatus::from(row.setup_status.as_str()),
    ) {
        (IntegrationState::Invalid, _) => Err(Refusal::new(
            Code::IntegrationAuthenticationInvalid,
            "The integration's credentials are no longer valid.",
        )),
        (IntegrationState::Inactive, _) => Err(Refusal::new(Code::IntegrationInactive, "The integration is inactive.")),
        (_, SetupStatus::Incomplete) => Err(Refusal::new(
            Code::IntegrationSetupIncomplete,
            "The integration's set-up is not finished.",
        )),
        (_, SetupStatus::FinalSyncPending) => Err(Refusal::new(
            Code::IntegrationSetupSyncPending,
            "The integration's first sync still runs.",
        )),
        _ => Ok(row),
    }
}

pub(super) async fn packages(State(sandbox): State<Sandbox>, headers: HeaderMap) -> Answer {
    let integration = named(&sandbox, &headers).await?;
    let rows = sandbox.store.packages(&integration.id).await?;
    let packages = rows
        .into_iter()
        .filter(|row| !row.withdrawn)
        .map(|row| HeldPackage {
            package_type: Some(PackageType::from(row.package_type.as_str())),
            updated_at: Some(row.updated_at),
            id: row.id,
            name: row.name,
            description: row.description,
        })
        .collect();
    Ok(success(HeldPackages { packages }))
}

pub(super) async fn put_packages(State(sandbox): State<Sandbox>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let integration = working(&sandbox, &headers).await?;
    let body = check::body(&bytes)?;
    check::packages(&body)?;
    let packages: Packages = serde_json::from_value(body).map_err(|error| Refusal::input(error.to_string()))?;
    sandbox
        .store
        .set_packages(&integration.id, &packages.packages, sandbox.clock.now())
        .await?;
    Ok(written(Vec::new()))
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    cursor: Option<String>,
    page_size: Option<String>,
    ids: Option<String>,
    statuses: Option<String>,
    created_after: Option<String>,
}

pub(super) async fn orders(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> Answer {
    let integration = named(&sandbox, &headers).await?;
    let (rows, next) = page(&sandbox, &integration, filter(&query)?).await?;
    let results = rows.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
    Ok(success(OrdersPage {
        next,
        results,
        unreadable: Vec::new(),
    }))
}

/// The deprecated list: open orders only, and without their status.
pub(super) async fn open_orders(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> Answer {
    let integration = named(&sandbox, &headers).await?;
    let only_open = OrdersFilter {
        ids: None,
        created_after: None,
        statuses: Some(r#"["OPEN"]"#.into()),
        ..filter(&query)?
    };
    let (rows, next) = page(&sandbox, &integration, only_open).await?;
    let mut results = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut order =
            serde_json::to_value(listed(row)?).map_err(|error| Refusal::from(crate::sandbox::Error::from(error)))?;
        order.as_object_mut().map(|order| order.remove("status"));
        results.push(order);
    }
    Ok(success(serde_json::json!({ "next": next, "results": results })))
}

/// An order as the list tells it: without its integration.
fn listed(row: &OrderRow) -> Result<Order, Refusal> {
    Ok(Order {
        integration_id: None,
        ..row.order()?
    })
}

/// One page, and the cursor of the next.
async fn page(
    sandbox: &Sandbox,
    integration: &IntegrationRow,
    filter: OrdersFilter,
) -> Result<(Vec<OrderRow>, Option<String>), Refusal> {
    let size = usize::try_from(filter.limit).unwrap_or(1);
    let one_more = OrdersFilter {
        limit: filter.limit + 1,
        ..filter
    };
    let mut rows = sandbox.store.orders(&integration.id, &one_more).await?;
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|last| format!("after-{}", last.seq));
    Ok((rows, next))
}

/// Reads a query as Kombo would.
fn filter(query: &ListQuery) -> Result<OrdersFilter, Refusal> {
    let after = match query.cursor.as_deref() {
        None | Some("") => 0,
        Some(cursor) => cursor
            .strip_prefix("after-")
            .and_then(|seq| seq.parse().ok())
            .ok_or_else(|| Refusal::input("cursor is not one of ours"))?,
    };
    let limit = match &query.page_size {
        None => 100,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=250).contains(size))
            .ok_or_else(|| Refusal::input("page_size must be 1 to 250"))?,
    };
    let parts = |text: &String| {
        text.split(',')
            .map(str::to_owned)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
    };
    let json = |parts: Vec<String>| (!parts.is_empty()).then(|| Value::from(parts).to_string());
    let statuses = query.statuses.as_ref().map(parts).unwrap_or_default();
    if statuses.iter().any(|status| OrderStatus::parse(status).is_none()) {
        return Err(Refusal::input(
            "statuses must be of OPEN, COMPLETED, CANCELLED, REJECTED",
        ));
    }
    let created_after = match query.created_after.as_deref() {
        None | Some("") => None,
        Some(text) if check::is_moment(text) => {
            Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{}T00:00:00Z", text.trim_end_matches('Z'))))
        }
        Some(_) => return Err(Refusal::input("created_after must look like YYYY-MM-DDTHH:mm:ss.sssZ")),
    };
    Ok(OrdersFilter {
        after,
        limit,
        ids: query.ids.as_ref().map(parts).and_then(json),
        statuses: json(statuses),
        created_after,
    })
}

pub(super) async fn put_result(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
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
    let kept = serde_json::to_string(&without_bytes(&body))
        .map_err(|error| Refusal::from(crate::sandbox::Error::from(error)))?;
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
