//! The page that a connection link opens: choose the ATS, confirm, connected.

use super::page::{Trouble, page};
use crate::kombo::wire::{EndUser, IntegrationState, SetupStatus};
use crate::sandbox::play::Connection;
use crate::sandbox::store::LinkRow;
use crate::sandbox::{Error, Sandbox, tools};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "sandbox/connect.html")]
struct Connect {
    link: LinkRow,
    tools: Vec<Choice>,
    failed: bool,
    state: LinkState,
    /// It stands in somebody else's page.
    framed: bool,
}

/// Kombo's window tells the page that it stands in that the customer has connected.
#[derive(Template)]
#[template(path = "sandbox/connected.html")]
struct Connected {
    token: String,
}

/// What the page may do that stands in somebody else's.
const IN_A_FRAME: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; base-uri 'none'";

fn in_a_frame(page: Html<String>) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, IN_A_FRAME)], page).into_response()
}

struct Choice {
    id: &'static str,
    label: &'static str,
    note: &'static str,
    chosen: bool,
}

#[derive(PartialEq)]
enum LinkState {
    Good,
    Used,
    Expired,
    Foreign,
}

async fn link(sandbox: &Sandbox, token: &str) -> Result<(LinkRow, LinkState), Error> {
    let link = sandbox.store.link(token).await?.ok_or(Error::Missing("link"))?;
    let state = if link.used_at.is_some() {
        LinkState::Used
    } else if link.expires_at < sandbox.clock.now() {
        LinkState::Expired
    } else if link.category != "ASSESSMENT" {
        LinkState::Foreign
    } else {
        LinkState::Good
    };
    Ok((link, state))
}

fn show_link(link: LinkRow, state: LinkState, failed: bool, framed: bool) -> Result<Response, Trouble> {
    let fixed = link.tool.clone();
    let offered = tools::TOOLS
        .iter()
        .filter(|(id, ..)| fixed.as_deref().is_none_or(|fixed| fixed == *id));
    let chosen = fixed.as_deref().unwrap_or("greenhouse");
    let tools = offered
        .map(|&(id, label, note)| Choice {
            id,
            label,
            note,
            chosen: id == chosen,
        })
        .collect();
    let page = page(&Connect {
        link,
        tools,
        failed,
        state,
        framed,
    })?;
    Ok(if framed { in_a_frame(page) } else { page.into_response() })
}

/// How the page was opened.
#[derive(Deserialize)]
pub(super) struct Opened {
    /// The version of Kombo's library for browsers, which opens it in somebody else's page.
    sdkv: Option<String>,
}

pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    Path(token): Path<String>,
    Query(opened): Query<Opened>,
) -> Result<Response, Trouble> {
    let (link, state) = link(&sandbox, &token).await?;
    show_link(link, state, false, opened.sdkv.is_some())
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    tool: String,
    /// `connect`, or `fail`: the customer types a wrong password.
    outcome: String,
    /// Set where the page stands in somebody else's.
    framed: Option<String>,
}

pub(super) async fn connect(
    State(sandbox): State<Sandbox>,
    Path(token): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Trouble> {
    let (link, state) = link(&sandbox, &token).await?;
    let framed = chosen.framed.is_some();
    let fits = link.tool.as_deref().is_none_or(|tool| tool == chosen.tool);
    if state != LinkState::Good || !fits || !tools::TOOLS.iter().any(|(id, ..)| *id == chosen.tool) {
        return show_link(link, state, false, framed);
    }
    if chosen.outcome == "fail" {
        let end_user = EndUser {
            organization_name: link.organization_name.clone(),
            creator_email: link.email.clone(),
            origin_id: link.origin_id.clone(),
        };
        sandbox.fail_connection(&chosen.tool, end_user).await?;
        return show_link(link, state, true, framed);
    }
    let id = match &link.integration_id {
        Some(id) => reconnect(&sandbox, id).await?,
        None => connect_new(&sandbox, &link, chosen.tool).await?,
    };
    sandbox.store.use_link(&token, &id, sandbox.clock.now()).await?;
    if framed {
        return Ok(in_a_frame(page(&Connected { token })?));
    }
    Ok(Redirect::to(&format!("/ats/integrations/{id}")).into_response())
}

/// Makes a known integration work again.
async fn reconnect(sandbox: &Sandbox, id: &str) -> Result<String, Error> {
    let (active, completed) = (IntegrationState::Active, SetupStatus::Completed);
    Ok(sandbox
        .set_state(id, active.as_str(), Some(completed.as_str()), false)
        .await?
        .id)
}

async fn connect_new(sandbox: &Sandbox, link: &LinkRow, tool: String) -> Result<String, Error> {
    let connection = Connection {
        tool: Some(tool),
        organization_name: Some(link.organization_name.clone()),
        creator_email: link.email.clone(),
        origin_id: link.origin_id.clone(),
        ..Connection::default()
    };
    Ok(sandbox.connect(connection).await?.id)
}
