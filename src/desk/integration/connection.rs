//! `/integrations/{id}/connection`: how the connection fares, and what can be done with it, each with what follows from it.

use super::seen;
use crate::actions::{make_connection_link, steer_integration};
use crate::app::App;
use crate::auth::Staff;
use crate::desk::links::Shown;
use crate::domain::connecting::LinkKind;
use crate::domain::ids::IntegrationId;
use crate::domain::integration::{IntegrationState, SetupStatus};
use crate::domain::language::Language;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::store::connection_health::{self, Health};
use crate::store::customers::CustomerRow;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::{connection_links, go_lives};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

/// How many links are shown.
const LINKS: i64 = 20;

#[derive(Template)]
#[template(path = "desk/connection.html")]
struct ConnectionPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    customer: Option<CustomerRow>,
    health: Health,
    live_at: Option<Timestamp>,
    links: Vec<Shown>,
    may_steer: bool,
    may_see_traffic: bool,
    kombo_is_set: bool,
    twins: Vec<IntegrationRow>,
}

impl ConnectionPage {
    /// Whether a set-up link has anything to do.
    fn is_set_up(&self) -> bool {
        self.row.setup_status == Some(SetupStatus::Completed)
    }

    fn is_off(&self) -> bool {
        self.row.state == IntegrationState::Inactive
    }
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<IntegrationId>,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let (row, customer) = seen(&mut conn, &staff.viewer, id).await?;
    let twins = match row.customer_id {
        Some(customer) => integrations::of_customer(&mut conn, customer).await?,
        None => Vec::new(),
    };
    let health = connection_health::read(&mut conn, id).await?;
    let links = connection_links::of_integration(&mut conn, id, LINKS).await?;
    let live_at = go_lives::find(&mut conn, id).await?.and_then(|row| row.live_at);
    drop(conn);
    let now = app.clock.now();
    let may_steer = staff.viewer.can(Permission::ManageCustomers) && row.deleted_at.is_none();
    let page = ConnectionPage {
        frame: staff.frame(&app, "Connection", Section::Customers).await?,
        tool: tool_label(&row.tool),
        twins: twins.into_iter().filter(|it| is_twin(&row, it)).collect(),
        links: links.into_iter().map(|link| Shown::of(link, now)).collect(),
        may_see_traffic: staff.viewer.can(Permission::ViewTraffic),
        kombo_is_set: app.kombo.is_some(),
        may_steer,
        row,
        customer,
        health,
        live_at,
    };
    Ok(Page(page).into_response())
}

/// Another connection of the same ATS of the same customer, which is rarely meant.
pub(in crate::desk) fn is_twin(row: &IntegrationRow, other: &IntegrationRow) -> bool {
    other.id != row.id && other.tool == row.tool && other.deleted_at.is_none() && row.deleted_at.is_none()
}

/// A link by which the customer connects again, or finishes the set-up.
pub(super) async fn link(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    form: FormState,
) -> Result<Response, Error> {
    let language = language_of(&app, &staff, id).await?;
    let kind = LinkKind::parse(form.value("kind")).filter(|kind| *kind != LinkKind::Connect);
    let kind = kind.ok_or_else(|| Error::Invalid("The form does not say which link is meant.".into()))?;
    let (tools, kombo, viewer) = (app.tools(), app.kombo.as_ref(), &staff.viewer);
    match make_connection_link::make_for(tools, kombo, viewer, id, kind, language.as_str().to_owned()).await {
        Ok(link) => {
            staff.tell(&app, Notice::good("The link is ready to be sent.")).await?;
            Ok(hx.go(&format!("/customers/{}/links/{}", link.customer_id, link.id)))
        }
        Err(error) => back(&app, &staff, hx, id, error).await,
    }
}

async fn language_of(app: &App, staff: &Staff, id: IntegrationId) -> Result<Language, Error> {
    let mut conn = app.read().await?;
    let (_, customer) = seen(&mut conn, &staff.viewer, id).await?;
    Ok(customer.map_or(Language::En, |customer| customer.language))
}

pub(super) async fn switch(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    form: FormState,
) -> Result<Response, Error> {
    let on = form.is_on("on");
    match steer_integration::set_enabled(app.tools(), app.kombo.as_ref(), &staff.viewer, id, on).await {
        Ok(_) => {
            let done = if on {
                "It is switched on. What waited goes out by itself once Kombo says that it works."
            } else {
                "It is switched off at Kombo. What is to be sent waits here until it is on again."
            };
            staff.tell(&app, Notice::good(done)).await?;
            Ok(hx.go(&format!("/integrations/{id}/connection")))
        }
        Err(error) => back(&app, &staff, hx, id, error).await,
    }
}

pub(super) async fn delete(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    form: FormState,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    integrations::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    drop(conn);
    if !form.is_on("sure") {
        let notice = Notice::bad("Please tick that you want it deleted. Nothing was changed.");
        staff.tell(&app, notice).await?;
        return Ok(hx.go(&format!("/integrations/{id}/connection#delete")));
    }
    match steer_integration::delete(app.tools(), app.kombo.as_ref(), &staff.viewer, id).await {
        Ok(row) => {
            let done = format!("{} is deleted at Kombo. What is here stays.", tool_label(&row.tool));
            staff.tell(&app, Notice::good(done)).await?;
            Ok(hx.go(&format!("/integrations/{id}")))
        }
        Err(error) => back(&app, &staff, hx, id, error).await,
    }
}

/// Says what Kombo refused, on the page from which it was asked.
async fn back(
    app: &App,
    staff: &Staff,
    hx: Hx,
    id: IntegrationId,
    error: crate::actions::Error,
) -> Result<Response, Error> {
    let crate::actions::Error::Refused(why) = error else {
        return Err(error.into());
    };
    staff.tell(app, Notice::bad(why)).await?;
    Ok(hx.go(&format!("/integrations/{id}/connection")))
}
