//! One order, as the recruiter sees it.

use super::page::{Done, Page, Status, Trouble, When, full_name, page};
use super::result_view::{ResultView, is_web};
use crate::kombo::wire::{Job, TeamRole};
use crate::sandbox::store::{AttachmentInfo, History, OrderRow, WebhookRow};
use crate::sandbox::{Sandbox, tools};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use std::fmt::Write as _;

/// How many webhooks are shown.
const SHOWN: i64 = 20;

#[derive(Template)]
#[template(path = "sandbox/order.html")]
struct OrderPage {
    row: OrderRow,
    status: Status,
    ats: String,
    customer: String,
    candidate: String,
    email: String,
    phone: Option<String>,
    package: String,
    job: Job,
    place: Option<String>,
    team: Vec<(String, &'static str)>,
    placed: When,
    closed: Option<When>,
    start_is_web: bool,
    result: Option<ResultView>,
    earlier: Vec<ResultView>,
    attachments: Vec<AttachmentInfo>,
    webhooks: Vec<(When, WebhookRow)>,
}

pub(super) async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Page {
    let History {
        row,
        results: written,
        attachments,
        webhooks,
    } = sandbox.store.history(&id, SHOWN).await?;
    let order = row.order()?;
    let integration = sandbox.store.integration(&row.integration_id).await?;
    let packages = sandbox.store.packages(&row.integration_id).await?;
    let mut results = Vec::new();
    for result in written.iter().rev() {
        results.push(ResultView::read(result)?);
    }
    let earlier = results.split_off(results.len().min(1));
    let tool = row.integration_id.split(':').next().unwrap_or_default();
    let last = results.last().map(|result| result.status);
    page(&OrderPage {
        status: Status::of(&row).with_last_word(last),
        ats: tools::label(tool).to_owned(),
        customer: integration.map_or_else(
            || "disconnected".to_owned(),
            |integration| integration.organization_name,
        ),
        candidate: full_name(&order.candidate),
        email: order.candidate.email,
        phone: order.candidate.phone,
        package: packages
            .into_iter()
            .find(|package| package.id == row.package_id)
            .map_or_else(|| row.package_id.clone(), |package| package.name),
        place: order.job.location.as_ref().and_then(crate::kombo::wire::Location::line),
        team: team(&order.job),
        job: order.job,
        placed: row.created_at.into(),
        closed: row.closed_at.map(When::from),
        start_is_web: row.start_url.as_deref().is_some_and(is_web),
        result: results.pop(),
        earlier,
        attachments,
        webhooks: webhooks.into_iter().map(|row| (row.at.into(), row)).collect(),
        row,
    })
}

/// Who hires, and as what.
fn team(job: &Job) -> Vec<(String, &'static str)> {
    let said = job.hiring_team.iter().map(|member| {
        let name = [&member.first_name, &member.last_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let name = if name.is_empty() {
            member.email.clone().unwrap_or_default()
        } else {
            name
        };
        let role = match member.hiring_team_roles.first() {
            Some(TeamRole::Recruiter) => "recruiter",
            Some(TeamRole::HiringManager) => "hiring manager",
            _ => "hiring team",
        };
        (name, role)
    });
    said.collect()
}

pub(super) async fn cancel(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Done {
    sandbox.cancel(&id).await?;
    Ok(Redirect::to(&format!("/ats/orders/{id}")))
}

#[derive(Deserialize)]
pub(super) struct Resending {
    /// `same` or `new`.
    event: String,
}

pub(super) async fn resend(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(form): Form<Resending>,
) -> Done {
    let row = sandbox.store.order(&id).await?;
    let same = match form.event.as_str() {
        "same" => sandbox
            .store
            .webhooks(Some(&id), 1)
            .await?
            .pop()
            .map(|last| last.event_id),
        _ => None,
    };
    sandbox.announce(&row, same).await?;
    Ok(Redirect::to(&format!("/ats/orders/{id}")))
}

/// An attachment, byte for byte as it was sent; never shown in the browser, only saved.
pub(super) async fn attachment(
    State(sandbox): State<Sandbox>,
    Path((order, number)): Path<(String, i64)>,
) -> Result<Response, Trouble> {
    let file = sandbox.store.attachment(&order, number).await?;
    // RFC 8187, so that every name survives.
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
