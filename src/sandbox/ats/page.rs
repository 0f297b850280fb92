//! What all pages of the make-believe ATS share.

use crate::domain::time::Timestamp;
use crate::kombo::wire::{Candidate, ResultStatus};
use crate::sandbox::store::OrderRow;
use crate::sandbox::{Error, Sandbox, tools};
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use std::collections::HashMap;
use time::macros::format_description;

/// What a page's handler answers.
pub(super) type Page = Result<Html<String>, Trouble>;

/// What a form's handler answers: off to the page that shows what it did.
pub(super) type Done = Result<Redirect, Trouble>;

/// Renders a page.
pub(super) fn page(template: &impl Template) -> Page {
    Ok(Html(template.render().map_err(Error::from)?))
}

/// The style sheet.
pub(in crate::sandbox) async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../../static/sandbox.css"),
    )
}

/// The script of Kombo's window in somebody else's page.
pub(in crate::sandbox) async fn window() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
        include_str!("../../../static/sandbox-window.js"),
    )
}

/// The answer to an address that is no page.
pub(super) async fn missing() -> Trouble {
    Trouble(Error::Missing("page"))
}

/// A page that could not be shown, or a form that could not be carried out.
#[derive(Debug)]
pub(super) struct Trouble(Error);

impl<E: Into<Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

#[derive(Template)]
#[template(path = "sandbox/trouble.html")]
struct TroublePage {
    what: String,
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, what) = match &self.0 {
            Error::Missing(what) => (StatusCode::NOT_FOUND, format!("There is no such {what}.")),
            Error::Asked(why) => (StatusCode::CONFLICT, format!("That did not work: {why}.")),
            error => {
                tracing::error!(%error, "the sandbox failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The practice ATS itself failed; its log says why.".to_owned(),
                )
            }
        };
        (status, Html(TroublePage { what }.render().unwrap_or_default())).into_response()
    }
}

/// A moment for people and for machines.
#[derive(Debug)]
pub(super) struct When {
    /// For the `datetime` attribute.
    pub(super) iso: String,
    /// `24 Nov 2026, 05:31 UTC`
    pub(super) text: String,
}

impl From<Timestamp> for When {
    fn from(at: Timestamp) -> Self {
        let form = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        Self {
            iso: at.to_millis(),
            text: at.to_offset().format(form).unwrap_or_default(),
        }
    }
}

/// An order in a list.
#[derive(Debug)]
pub(super) struct OrderLine {
    pub(super) id: String,
    pub(super) candidate: String,
    pub(super) package: String,
    pub(super) ats: String,
    pub(super) customer: String,
    pub(super) status: Status,
    pub(super) inline: bool,
    pub(super) placed: When,
}

/// Kombo's status as the recruiter reads it.
#[derive(Debug)]
pub(super) struct Status {
    /// For the style sheet.
    pub(super) class: &'static str,
    /// In words.
    pub(super) word: &'static str,
}

impl Status {
    /// What a status means to the recruiter.
    pub(super) fn of(row: &OrderRow) -> Self {
        let (class, word) = match (row.status.as_str(), row.closed_by.as_deref()) {
            ("OPEN", _) if row.answer.is_none() => ("waiting", "Sent"),
            ("OPEN", _) => ("open", "Open"),
            ("COMPLETED", _) => ("completed", "Completed"),
            ("REJECTED", _) => ("rejected", "Rejected"),
            ("CANCELLED", Some("recruiter")) => ("cancelled", "Cancelled by you"),
            _ => ("cancelled", "Cancelled"),
        };
        Self { class, word }
    }

    /// With the provider's last word about it: an open order of which something was told is in progress.
    pub(super) fn with_last_word(self, last: Option<ResultStatus>) -> Self {
        match (self.class, last) {
            ("open", Some(ResultStatus::Open)) => Self {
                word: "In progress",
                ..self
            },
            _ => self,
        }
    }
}

/// A candidate's name, or the address where the ATS tells no name.
pub(super) fn full_name(candidate: &Candidate) -> String {
    let parts = [&candidate.first_name, &candidate.last_name];
    let name = parts
        .into_iter()
        .flatten()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if name.is_empty() { candidate.email.clone() } else { name }
}

/// Orders as lines of a list.
pub(super) async fn lines(sandbox: &Sandbox, rows: Vec<OrderRow>) -> Result<Vec<OrderLine>, Error> {
    let mut names: HashMap<String, (String, String, HashMap<String, String>)> = HashMap::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        if !names.contains_key(&row.integration_id) {
            let packages = sandbox.store.packages(&row.integration_id).await?;
            let packages = packages.into_iter().map(|package| (package.id, package.name)).collect();
            let (tool, customer) = match sandbox.store.integration(&row.integration_id).await? {
                Some(integration) => (integration.label().to_owned(), integration.organization_name),
                None => (
                    tools::label(row.integration_id.split(':').next().unwrap_or_default()).to_owned(),
                    "disconnected".to_owned(),
                ),
            };
            names.insert(row.integration_id.clone(), (tool, customer, packages));
        }
        let known = names.get(&row.integration_id);
        lines.push(OrderLine {
            candidate: full_name(&row.order()?.candidate),
            package: known
                .and_then(|known| known.2.get(&row.package_id))
                .unwrap_or(&row.package_id)
                .clone(),
            ats: known.map(|known| known.0.clone()).unwrap_or_default(),
            customer: known.map(|known| known.1.clone()).unwrap_or_default(),
            status: Status::of(&row),
            inline: row.inline,
            placed: row.created_at.into(),
            id: row.id,
        });
    }
    Ok(lines)
}

/// A text, or nothing where it is blank.
pub(super) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
