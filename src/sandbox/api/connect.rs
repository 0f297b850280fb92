//! Calls about the key, links and integrations.

use super::Refusal;
use super::check::{body, enumerated, text};
use super::refusal::success;
use crate::kombo::Code;
use crate::kombo::wire::{
    Category, CheckApiKey, IntegrationByToken, IntegrationDetails, IntegrationState, Link, ScopeConfig, SetupStatus,
    Tools,
};
use crate::sandbox::store::{IntegrationRow, LinkRow};
use crate::sandbox::{Sandbox, state::new_id, tools as ats_tools};
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;

type Answer = Result<Response, Refusal>;

const LANGUAGES: &[&str] = &["en", "de", "fr", "it", "es"];
const LINK_TYPES: &[&str] = &["EMBEDDED", "MAGIC_LINK"];

pub(super) async fn check_api_key() -> Response {
    success(CheckApiKey {
        environment_id: "practice-environment".into(),
        customer_id: Some("practice-environment".into()),
    })
}

pub(super) async fn create_link(State(sandbox): State<Sandbox>, bytes: Bytes) -> Answer {
    let body = body(&bytes)?;
    let email = text(&body, "end_user_email")?.ok_or_else(|| Refusal::input("end_user_email is required"))?;
    if !email.contains('@') {
        return Err(Refusal::input("end_user_email is not an e-mail address"));
    }
    let name = text(&body, "end_user_organization_name")?.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::input("end_user_organization_name is required"))?;
    let origin = text(&body, "end_user_origin_id")?;
    if origin.as_deref() == Some("") {
        return Err(Refusal::input("end_user_origin_id must not be empty"));
    }
    enumerated(&body, "language", LANGUAGES)?;
    let category = enumerated(&body, "integration_category", &["HRIS", "ATS", "ASSESSMENT", "LMS"])?
        .unwrap_or_else(|| "HRIS".into());
    let tool = text(&body, "integration_tool")?;
    if tool
        .as_deref()
        .is_some_and(|tool| !ats_tools::TOOLS.iter().any(|(id, ..)| *id == tool))
    {
        return Err(Refusal::input(
            "integration_tool is not one of the tools of this environment",
        ));
    }
    let lasting = lasting(&body)?;
    let row = LinkRow {
        organization_name: name,
        email: Some(email),
        origin_id: origin,
        tool,
        integration_id: None,
        ..new_link(&sandbox, category, lasting)
    };
    give(&sandbox, row).await
}

/// How long a link made by this body is good.
fn lasting(body: &Value) -> Result<Duration, Refusal> {
    let magic = enumerated(body, "link_type", LINK_TYPES)?.as_deref() == Some("MAGIC_LINK");
    Ok(if magic {
        Duration::from_hours(365 * 24)
    } else {
        Duration::from_hours(1)
    })
}

/// A link for nobody in particular.
fn new_link(sandbox: &Sandbox, category: String, lasting: Duration) -> LinkRow {
    let now = sandbox.clock.now();
    LinkRow {
        token: new_id(),
        category,
        organization_name: String::new(),
        email: None,
        origin_id: None,
        tool: None,
        integration_id: None,
        created_at: now,
        expires_at: now.plus(lasting),
        used_at: None,
    }
}

/// Keeps a link and answers its address.
async fn give(sandbox: &Sandbox, row: LinkRow) -> Answer {
    sandbox.store.add_link(&row).await?;
    Ok(success(Link {
        link: sandbox.link(&format!("/ats/connect/{}", row.token)),
    }))
}

pub(super) async fn integration_by_token(State(sandbox): State<Sandbox>, Path(token): Path<String>) -> Answer {
    let link = sandbox.store.link(&token).await?.filter(|link| link.used_at.is_some());
    let id = link
        .and_then(|link| link.integration_id)
        .ok_or_else(|| Refusal::missing("token"))?;
    let row = known(&sandbox, &id).await?;
    Ok(success(IntegrationByToken {
        tool: row.tool,
        id: row.id,
        end_user_origin_id: row.origin_id,
        end_user_organization_name: row.organization_name,
        end_user_email: row.creator_email,
        setup_status: Some(SetupStatus::from(row.setup_status.as_str())),
    }))
}

/// An integration, or Kombo's refusal.
pub(super) async fn known(sandbox: &Sandbox, id: &str) -> Result<IntegrationRow, Refusal> {
    let row = sandbox.store.integration(id).await?;
    row.ok_or_else(|| Refusal::new(Code::PlatformIntegrationNotFound, "There is no integration of that id."))
}

pub(super) async fn integration(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answer {
    let row = known(&sandbox, &id).await?;
    Ok(success(IntegrationDetails {
        tool: ats_tools::reference(&row.tool),
        category: Category::Assessment,
        status: IntegrationState::from(row.state.as_str()),
        setup_status: Some(SetupStatus::from(row.setup_status.as_str())),
        end_user: row.end_user(),
        scope_config: Some(ScopeConfig {
            id: "practice-scope".into(),
            name: Some("Default".into()),
        }),
        data_expired_at: None,
        created_at: Some(row.created_at),
        beta: false,
        read_models: Vec::new(),
        write_actions: Vec::new(),
        id: row.id,
    }))
}

/// The body says nothing, but an unread one would end the connection.
pub(super) async fn delete_integration(State(sandbox): State<Sandbox>, Path(id): Path<String>, _: Bytes) -> Answer {
    known(&sandbox, &id).await?;
    sandbox.disconnect(&id).await?;
    Ok(plain())
}

pub(super) async fn set_enabled(State(sandbox): State<Sandbox>, Path(id): Path<String>, bytes: Bytes) -> Answer {
    let row = known(&sandbox, &id).await?;
    let value = body(&bytes)?
        .get("value")
        .and_then(Value::as_bool)
        .ok_or_else(|| Refusal::input("value must be true or false"))?;
    let state = if value {
        IntegrationState::Active
    } else {
        IntegrationState::Inactive
    };
    if row.state != state.as_str() {
        sandbox.set_state(&id, state.as_str(), None, false).await?;
    }
    Ok(plain())
}

/// The success of a call about an integration, which carries no warnings.
fn plain() -> Response {
    success(serde_json::json!({}))
}

pub(super) async fn relink(State(sandbox): State<Sandbox>, Path(id): Path<String>, bytes: Bytes) -> Answer {
    let row = known(&sandbox, &id).await?;
    let body = if bytes.is_empty() {
        Value::Object(serde_json::Map::new())
    } else {
        body(&bytes)?
    };
    enumerated(&body, "language", LANGUAGES)?;
    let lasting = lasting(&body)?;
    give(&sandbox, again(&sandbox, row, lasting)).await
}

pub(super) async fn setup_link(State(sandbox): State<Sandbox>, Path(id): Path<String>, bytes: Bytes) -> Answer {
    let row = known(&sandbox, &id).await?;
    let body = body(&bytes)?;
    enumerated(&body, "link_type", LINK_TYPES)?.ok_or_else(|| Refusal::input("link_type is required"))?;
    enumerated(&body, "language", LANGUAGES)?;
    if row.setup_status == SetupStatus::Completed.as_str() {
        return Err(Refusal::input(
            "The integration has no step of the set-up flow enabled.",
        ));
    }
    let lasting = lasting(&body)?;
    give(&sandbox, again(&sandbox, row, lasting)).await
}

/// A link by which an integration is connected again.
fn again(sandbox: &Sandbox, row: IntegrationRow, lasting: Duration) -> LinkRow {
    LinkRow {
        organization_name: row.organization_name,
        email: row.creator_email,
        origin_id: row.origin_id,
        tool: Some(row.tool),
        integration_id: Some(row.id),
        ..new_link(sandbox, "ASSESSMENT".into(), lasting)
    }
}

pub(super) async fn tools(Path(category): Path<String>) -> Answer {
    match category.as_str() {
        "assessment" => Ok(success(Tools {
            tools: ats_tools::TOOLS.iter().map(|(id, ..)| ats_tools::listed(id)).collect(),
        })),
        "hris" | "ats" | "lms" => Ok(success(Tools { tools: Vec::new() })),
        _ => Err(Refusal::input("category must be one of hris, ats, assessment, lms")),
    }
}
