//! The first page: what is connected, what waits to be connected, what was ordered; and the traffic behind it.

use super::page::{Done, OrderLine, Page, When, filled, lines, page};
use crate::sandbox::play::Connection;
use crate::sandbox::store::{CallRow, IntegrationRow, WebhookRow};
use crate::sandbox::{Error, Sandbox, tools};
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use axum_extra::extract::Form;
use serde::Deserialize;

/// How many orders and log entries are shown.
const SHOWN: i64 = 30;

#[derive(Template)]
#[template(path = "sandbox/home.html")]
struct Home {
    integrations: Vec<Connected>,
    links: Vec<OpenLink>,
    orders: Vec<OrderLine>,
    tools: &'static [(&'static str, &'static str, &'static str)],
}

struct Connected {
    row: IntegrationRow,
    offers: usize,
}

struct OpenLink {
    token: String,
    customer: String,
    ats: Option<String>,
    again: bool,
    expires: When,
}

pub(super) async fn show(State(sandbox): State<Sandbox>) -> Page {
    let mut integrations = Vec::new();
    for row in sandbox.store.integrations().await? {
        let offers = sandbox
            .store
            .packages(&row.id)
            .await?
            .iter()
            .filter(|package| !package.withdrawn)
            .count();
        integrations.push(Connected { row, offers });
    }
    let links = sandbox.store.open_links(sandbox.clock.now()).await?;
    let links = links.into_iter().map(|link| OpenLink {
        token: link.token,
        customer: link.organization_name,
        ats: link.tool.map(|tool| tools::label(&tool).to_owned()),
        again: link.integration_id.is_some(),
        expires: link.expires_at.into(),
    });
    page(&Home {
        integrations,
        links: links.collect(),
        orders: lines(&sandbox, sandbox.store.newest_orders(None, None, SHOWN).await?).await?,
        tools: tools::TOOLS,
    })
}

/// A connection that no link led to.
#[derive(Deserialize)]
pub(super) struct Unasked {
    tool: String,
    organization_name: String,
    origin_id: String,
}

pub(super) async fn connect(State(sandbox): State<Sandbox>, Form(form): Form<Unasked>) -> Done {
    if !tools::TOOLS.iter().any(|(id, ..)| *id == form.tool) {
        return Err(Error::Asked("choose one of the ATSs".into()).into());
    }
    let connection = Connection {
        tool: Some(form.tool),
        organization_name: filled(&form.organization_name),
        origin_id: filled(&form.origin_id),
        ..Connection::default()
    };
    let row = sandbox.connect(connection).await?;
    Ok(Redirect::to(&format!("/ats/integrations/{}", row.id)))
}

#[derive(Template)]
#[template(path = "sandbox/traffic.html")]
struct Traffic {
    target: String,
    webhooks: Vec<(When, WebhookRow)>,
    calls: Vec<(When, CallRow)>,
}

pub(super) async fn traffic(State(sandbox): State<Sandbox>) -> Page {
    let webhooks = sandbox.store.webhooks(None, SHOWN).await?;
    let calls = sandbox.store.calls(SHOWN).await?;
    page(&Traffic {
        target: sandbox.target().to_string(),
        webhooks: webhooks.into_iter().map(|row| (row.at.into(), row)).collect(),
        calls: calls.into_iter().map(|row| (row.at.into(), row)).collect(),
    })
}
