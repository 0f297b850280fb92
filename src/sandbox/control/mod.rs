//! `/control/…`: the control interface of the sandbox, as its room's documentation lists it.

mod orders;

use super::mischief::Rules;
use super::play::Connection;
use super::sender::{Answer, Webhook};
use super::store::IntegrationRow;
use super::{Error, Sandbox};
use crate::kombo::wire::Packages;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// How many entries of a log are answered.
const LOGGED: i64 = 1_000;

/// All of its calls.
pub(super) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/integrations", get(integrations).post(add_integration))
        .route("/integrations/{id}", axum::routing::delete(delete_integration))
        .route("/integrations/{id}/state", put(set_state))
        .route("/integrations/{id}/packages", put(set_packages))
        .route("/orders", get(orders::orders).post(orders::place_order))
        .route("/orders/{id}", get(orders::order).delete(orders::delete_order))
        .route("/orders/{id}/resend", post(orders::resend))
        .route("/orders/{id}/cancel", post(orders::cancel))
        .route("/orders/{id}/status", put(orders::force_status))
        .route("/webhooks", get(webhooks).post(send_webhook))
        .route("/calls", get(calls))
        .route("/counters", get(counters))
        .route("/mischief", get(mischief).put(set_mischief).delete(end_mischief))
        .route("/target", put(set_target))
        .route("/reset", post(reset))
}

/// A fault of the control interface: `{"error":"…"}`.
#[derive(Debug)]
struct Fault(Error);

impl<E: Into<Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            Error::Missing(_) => StatusCode::NOT_FOUND,
            Error::Asked(_) => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({ "error": self.0.to_string() }))).into_response()
    }
}

type Answered = Result<Json<Value>, Fault>;

async fn integrations(State(sandbox): State<Sandbox>) -> Result<Json<Vec<IntegrationRow>>, Fault> {
    Ok(Json(sandbox.store.integrations().await?))
}

async fn add_integration(
    State(sandbox): State<Sandbox>,
    Json(connection): Json<Connection>,
) -> Result<Json<IntegrationRow>, Fault> {
    Ok(Json(sandbox.connect(connection).await?))
}

async fn delete_integration(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answered {
    sandbox.disconnect(&id).await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct NewState {
    state: String,
    #[serde(default)]
    setup_status: Option<String>,
    #[serde(default)]
    webhook: Option<bool>,
}

async fn set_state(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Json(new): Json<NewState>,
) -> Result<Json<IntegrationRow>, Fault> {
    let quietly = new.webhook == Some(false);
    Ok(Json(
        sandbox
            .set_state(&id, &new.state, new.setup_status.as_deref(), quietly)
            .await?,
    ))
}

async fn set_packages(State(sandbox): State<Sandbox>, Path(id): Path<String>, Json(list): Json<Packages>) -> Answered {
    sandbox.integration(&id).await?;
    sandbox
        .store
        .set_packages(&id, &list.packages, sandbox.clock.now())
        .await?;
    Ok(Json(json!({})))
}

async fn webhooks(State(sandbox): State<Sandbox>) -> Answered {
    Ok(Json(serde_json::to_value(sandbox.store.webhooks(None, LOGGED).await?)?))
}

#[derive(Deserialize)]
struct AnyWebhook {
    #[serde(rename = "type", default)]
    event_type: String,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    event_id: Option<String>,
    #[serde(default)]
    raw: Option<String>,
    #[serde(default)]
    signature: Option<String>,
}

async fn send_webhook(State(sandbox): State<Sandbox>, Json(asked): Json<AnyWebhook>) -> Result<Json<Answer>, Fault> {
    let order_id = asked
        .data
        .get("id")
        .and_then(Value::as_str)
        .filter(|_| asked.event_type.ends_with(":order-received"));
    let mut webhook = Webhook::new(&asked.event_type, asked.event_id, order_id, &asked.data)?;
    webhook.signature = asked.signature;
    if let Some(raw) = asked.raw {
        webhook.body = raw.into_bytes();
    }
    Ok(Json(sandbox.send(&webhook).await?))
}

async fn calls(State(sandbox): State<Sandbox>) -> Answered {
    Ok(Json(serde_json::to_value(sandbox.store.calls(LOGGED).await?)?))
}

async fn counters(State(sandbox): State<Sandbox>) -> Json<Value> {
    let traffic = sandbox.traffic();
    Json(json!({ "calls": traffic.calls, "most_in_flight": traffic.most_in_flight }))
}

async fn mischief(State(sandbox): State<Sandbox>) -> Json<Rules> {
    Json(sandbox.mischief.rules().clone())
}

async fn set_mischief(State(sandbox): State<Sandbox>, Json(rules): Json<Rules>) -> Json<Rules> {
    *sandbox.mischief.rules() = rules.clone();
    Json(rules)
}

async fn end_mischief(State(sandbox): State<Sandbox>) -> Json<Rules> {
    *sandbox.mischief.rules() = Rules::default();
    Json(Rules::default())
}

#[derive(Deserialize)]
struct NewTarget {
    url: String,
}

async fn set_target(State(sandbox): State<Sandbox>, Json(target): Json<NewTarget>) -> Answered {
    let url = Url::parse(&target.url).map_err(|_| Error::Asked("url is not an address".into()))?;
    sandbox.set_target(url);
    Ok(Json(json!({})))
}

async fn reset(State(sandbox): State<Sandbox>) -> Answered {
    sandbox.store.reset().await?;
    *sandbox.mischief.rules() = Rules::default();
    {
        let mut traffic = sandbox.traffic();
        traffic.calls.clear();
        traffic.most_in_flight.clear();
    }
    Ok(Json(json!({})))
}
