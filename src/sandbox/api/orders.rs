//! The lists of orders.

use super::assessment::named;
use super::refusal::success;
use super::{Refusal, check};
use crate::domain::time::Timestamp;
use crate::kombo::wire::{Order, OrderStatus, OrdersPage};
use crate::sandbox::store::{IntegrationRow, OrderRow, OrdersFilter};
use crate::sandbox::{Error, Sandbox};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

type Answer = Result<Response, Refusal>;

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
        let mut order = serde_json::to_value(listed(row)?).map_err(|error| Refusal::from(Error::from(error)))?;
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
