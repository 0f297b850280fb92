//! `/integrations/{id}/go-live`: the checklist that ticks itself, and the evidence once all is proven.

use super::integration;
use crate::actions::go_live::{self, Evidence};
use crate::app::{self, App};
use crate::auth::{Access, Route, Staff};
use crate::domain::go_live::{Line, Step};
use crate::domain::ids::IntegrationId;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::kombo::ats::{self, Hint};
use crate::store::customers::CustomerRow;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::orders::OrderRow;
use crate::web::{Error, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewCustomers);
    let manage = Access::Needs(Permission::ManageCustomers);
    vec![
        Route::get("/integrations/{id}/go-live", see, show),
        Route::post("/integrations/{id}/go-live", manage, check),
    ]
}

/// A step as the page shows it.
struct ShownLine {
    line: Line,
    what: String,
    /// It is the first that is missing.
    is_next: bool,
}

#[derive(Template)]
#[template(path = "desk/go_live.html")]
struct GoLivePage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    customer: Option<CustomerRow>,
    lines: Vec<ShownLine>,
    done: usize,
    order: Option<OrderRow>,
    live_at: Option<Timestamp>,
    evidence: Vec<Evidence>,
    read_failed: Option<String>,
    hints: Vec<Hint>,
    hints_as_of: &'static str,
    may: May,
}

/// What the person who looks may do here.
struct May {
    manage: bool,
    publish: bool,
    orders: bool,
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<IntegrationId>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let (row, customer) = integration::seen(&mut conn, &staff.viewer, id).await?;
    let standing = go_live::look(&mut conn, &row).await?;
    drop(conn);
    let next = standing.lines.iter().position(|line| !line.done);
    let told = standing.lines.iter().zip(&standing.evidence).enumerate();
    let lines = told.map(|(at, (line, evidence))| ShownLine {
        line: line.clone(),
        what: evidence.what.clone(),
        is_next: Some(at) == next,
    });
    let tool = tool_label(&row.tool);
    let page = GoLivePage {
        frame: staff.frame(&app, "Go-live", Section::Customers).await?,
        lines: lines.collect(),
        done: standing.lines.iter().filter(|line| line.done).count(),
        live_at: standing.live_at(),
        evidence: standing.kept().unwrap_or_default(),
        read_failed: standing.row.as_ref().and_then(|row| row.read_failed.clone()),
        order: standing.order,
        hints: ats::hints(&row.tool).collect(),
        hints_as_of: ats::AS_OF,
        may: May {
            manage: staff.viewer.can(Permission::ManageCustomers) && row.deleted_at.is_none(),
            publish: staff.viewer.can(Permission::Publish) && row.deleted_at.is_none(),
            orders: staff.viewer.can(Permission::ViewOrders),
        },
        tool,
        customer,
        row,
    };
    Ok(Page(page).into_response())
}

/// Asks Kombo now for what is to be read back.
async fn check(State(app): State<App>, staff: Staff, hx: Hx, Path(id): Path<IntegrationId>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let row = integrations::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    drop(conn);
    let notice = match &app.kombo {
        None => Notice::bad("Kombo's API key is not set here, so nothing can be read back."),
        Some(kombo) => {
            if app::go_live::prove(&app, kombo, &row).await? {
                Notice::good("Everything is proven: it is live.")
            } else {
                Notice::good("Looked once more. What is still missing stands below.")
            }
        }
    };
    staff.tell(&app, notice).await?;
    Ok(hx.go(&format!("/integrations/{id}/go-live")))
}
