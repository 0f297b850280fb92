//! Orders by the control interface: place, tell again, cancel, force, forget, look into.

use super::{Answered, Fault, LOGGED};
use crate::kombo::wire::{Order, OrderStatus};
use crate::sandbox::play::Placing;
use crate::sandbox::sender::Answer;
use crate::sandbox::store::OrderRow;
use crate::sandbox::{Error, Sandbox};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) async fn place_order(State(sandbox): State<Sandbox>, Json(placing): Json<Placing>) -> Answered {
    let row = sandbox.place(&placing).await?;
    let answer = if placing.webhook == Some(false) {
        None
    } else {
        announced(&sandbox, &row, placing.event_id, placing.wait).await?
    };
    told(&sandbox, &row.id, answer).await
}

/// Sends an order's webhook and answers what became of it, unless nobody waits for that.
async fn announced(
    sandbox: &Sandbox,
    row: &OrderRow,
    event_id: Option<String>,
    wait: Option<bool>,
) -> Result<Option<Answer>, Fault> {
    if wait == Some(false) {
        sandbox.announce_later(row.clone(), event_id);
        return Ok(None);
    }
    Ok(Some(sandbox.announce(row, event_id).await?))
}

async fn told(sandbox: &Sandbox, id: &str, answer: Option<Answer>) -> Answered {
    Ok(Json(
        json!({ "order": told_order(&sandbox.store.order(id).await?)?, "webhook": answer }),
    ))
}

/// An order in full.
fn told_order(row: &OrderRow) -> Result<Value, Error> {
    Ok(json!({
        "id": row.id,
        "integration": row.integration_id,
        "package": row.package_id,
        "status": row.status,
        "inline": row.inline,
        "created_at": row.created_at,
        "answer": row.answer,
        "answer_status": row.answer_status,
        "start_url": row.start_url,
        "rejection": row.rejection,
        "closed_at": row.closed_at,
        "closed_by": row.closed_by,
        "data": row.order()?,
    }))
}

pub(super) async fn orders(State(sandbox): State<Sandbox>) -> Answered {
    let rows = sandbox.store.order_statuses().await?;
    let told = rows
        .into_iter()
        .map(|(id, integration, status)| json!({ "id": id, "integration": integration, "status": status }));
    Ok(Json(told.collect()))
}

pub(super) async fn order(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answered {
    let history = sandbox.store.history(&id, LOGGED).await?;
    let mut results = Vec::new();
    for result in history.results {
        let body: Value = serde_json::from_str(&result.body)?;
        results.push(json!({ "id": result.id, "at": result.at, "status": result.status, "body": body }));
    }
    Ok(Json(json!({
        "order": told_order(&history.row)?,
        "results": results,
        "attachments": history.attachments,
        "webhooks": history.webhooks,
    })))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Resending {
    event_id: Option<String>,
    data: Option<Value>,
    wait: Option<bool>,
}

pub(super) async fn resend(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Json(asked): Json<Resending>,
) -> Answered {
    let mut row = sandbox.store.order(&id).await?;
    let event_id = match asked.event_id {
        Some(same) if same == "same" => sandbox
            .store
            .webhooks(Some(&id), 1)
            .await?
            .pop()
            .map(|last| last.event_id),
        other => other,
    };
    if let Some(changes) = asked.data {
        let mut data = serde_json::to_value(row.order()?)?;
        merge(&mut data, changes);
        let data: Order = serde_json::from_value(data)?;
        sandbox.store.set_order_data(&id, &data).await?;
        row = sandbox.store.order(&id).await?;
    }
    let answer = announced(&sandbox, &row, event_id, asked.wait).await?;
    told(&sandbox, &id, answer).await
}

/// Lays `changes` over `value`: objects key by key, everything else as a whole.
fn merge(value: &mut Value, changes: Value) {
    match (value, changes) {
        (Value::Object(value), Value::Object(changes)) => {
            for (key, change) in changes {
                merge(value.entry(key).or_insert(Value::Null), change);
            }
        }
        (value, changes) => *value = changes,
    }
}

pub(super) async fn cancel(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answered {
    sandbox.cancel(&id).await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
pub(super) struct NewStatus {
    status: OrderStatus,
}

pub(super) async fn force_status(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Json(new): Json<NewStatus>,
) -> Answered {
    if !sandbox.store.force_status(&id, new.status, sandbox.clock.now()).await? {
        return Err(Error::Missing("order").into());
    }
    Ok(Json(json!({})))
}

pub(super) async fn delete_order(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answered {
    if !sandbox.store.delete_order(&id).await? {
        return Err(Error::Missing("order").into());
    }
    Ok(Json(json!({})))
}
