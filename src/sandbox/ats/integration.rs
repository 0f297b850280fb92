//! One connected ATS: what it offers, what was ordered in it, how it fares.

use super::page::{Done, OrderLine, Page, lines, page};
use crate::sandbox::store::{IntegrationRow, PackageRow};
use crate::sandbox::{Error, Sandbox};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use axum_extra::extract::Form;
use serde::Deserialize;

/// Orders on a page.
const PAGE: i64 = 25;

#[derive(Template)]
#[template(path = "sandbox/integration.html")]
struct Integration {
    row: IntegrationRow,
    offered: Vec<PackageRow>,
    withdrawn: Vec<PackageRow>,
    orders: Vec<OrderLine>,
    older: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<i64>,
}

pub(super) async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>, Query(query): Query<Before>) -> Page {
    let row = sandbox.integration(&id).await?;
    let (withdrawn, offered) = sandbox
        .store
        .packages(&id)
        .await?
        .into_iter()
        .partition(|package| package.withdrawn);
    let mut orders = sandbox.store.newest_orders(Some(&id), query.before, PAGE + 1).await?;
    let more = orders.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    if more {
        orders.pop();
    }
    let older = orders.last().filter(|_| more).map(|last| last.seq);
    page(&Integration {
        row,
        offered,
        withdrawn,
        orders: lines(&sandbox, orders).await?,
        older,
    })
}

#[derive(Deserialize)]
pub(super) struct NewState {
    state: String,
}

pub(super) async fn set_state(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(form): Form<NewState>,
) -> Done {
    if !["ACTIVE", "INVALID", "INACTIVE"].contains(&form.state.as_str()) {
        return Err(Error::Asked("there is no such state".into()).into());
    }
    sandbox.set_state(&id, &form.state, None, false).await?;
    Ok(Redirect::to(&format!("/ats/integrations/{id}")))
}

pub(super) async fn disconnect(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Done {
    sandbox.disconnect(&id).await?;
    Ok(Redirect::to("/ats"))
}
