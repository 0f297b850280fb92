//! `/integrations/{id}/offer/{package}`: how one ATS calls a package, and from when to when it offers it.

use super::super::refused::{self, SavedNow};
use super::{days_of, seen};
use crate::app::App;
use crate::auth::Staff;
use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::text::tool_label;
use crate::store::audit::{self, Line};
use crate::store::integrations::IntegrationRow;
use crate::store::offers::{self, DraftLine};
use crate::web::{Days, Error, FormState, Frame, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

/// The fields that can be overtaken by somebody else.
const LABELS: [(&str, &str); 4] = [
    ("name", "Name in this ATS"),
    ("description", "Description in this ATS"),
    ("from", "First day"),
    ("until", "Last day"),
];

/// A form that was refused.
pub(super) struct Typed {
    pub(super) form: FormState,
    /// Somebody else was first.
    pub(super) is_overtaken: bool,
}

#[derive(Template)]
#[template(path = "desk/offered.html")]
pub(super) struct WordsPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    /// By whose clocks days begin.
    zone: String,
    line: DraftLine,
    form: FormState,
    saved_now: Vec<SavedNow>,
    changed_by: Option<Line>,
}

impl WordsPage {
    pub(super) async fn of(
        app: &App,
        staff: &Staff,
        id: IntegrationId,
        package: PackageId,
        typed: Option<Typed>,
    ) -> Result<Self, Error> {
        let mut conn = app.read().await?;
        let (row, customer) = seen(&mut conn, &staff.viewer, id).await?;
        let line = offers::line(&mut conn, id, package).await?.ok_or(Error::NotFound)?;
        let changed_by = audit::newest_of_subject(&mut conn, id.0, "offer.changed").await?;
        drop(conn);
        let saved = filled(&line, &days_of(customer.as_ref()));
        let Typed { mut form, is_overtaken } = typed.unwrap_or_else(|| Typed {
            form: saved.clone(),
            is_overtaken: false,
        });
        let mut saved_now = Vec::new();
        if is_overtaken {
            saved_now = refused::overtaken(&form, &saved, &LABELS, |_, value| value.to_owned());
            if saved_now.is_empty() {
                form.refuse_all(
                    "Somebody else changed this offer meanwhile, but not what stands here. Save once more to keep yours.",
                );
            }
        }
        form.set("version", row.offer_version.to_string());
        let tool = tool_label(&row.tool);
        Ok(Self {
            frame: staff.frame(app, line.offered().name, Section::Customers).await?,
            zone: customer.map_or_else(|| "UTC".to_owned(), |customer| customer.time_zone),
            row,
            tool,
            line,
            form,
            saved_now,
            changed_by,
        })
    }
}

fn filled(line: &DraftLine, days: &Days) -> FormState {
    let offered = line.offered();
    let (from, until) = days.typed(line.window());
    FormState::filled([
        ("name", offered.name),
        ("description", offered.description),
        ("from", from),
        ("until", until),
    ])
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Path((id, package)): Path<(IntegrationId, PackageId)>,
) -> Result<Response, Error> {
    Ok(Page(WordsPage::of(&app, &staff, id, package, None).await?).into_response())
}
