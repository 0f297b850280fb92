//! `/unassigned`: integrations that belong to nobody yet, until a person says whose they are.

use super::refused;
use crate::actions::assign_integration;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{CustomerId, IntegrationId};
use crate::domain::likeness::likest;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::store::customers;
use crate::store::integrations::{self, UnassignedRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How many likely customers are offered.
const LIKELIEST: usize = 3;

pub(super) fn routes() -> Vec<Route> {
    let assign = Access::Needs(Permission::AssignIntegrations);
    vec![
        Route::get("/unassigned", assign, show),
        Route::post("/unassigned/{id}", assign, give),
    ]
}

#[derive(Template)]
#[template(path = "desk/unassigned.html")]
struct UnassignedPage {
    frame: Frame,
    rows: Vec<UnassignedRow>,
    customers: Vec<(CustomerId, String)>,
    form: FormState,
    kombo_is_set: bool,
    sees_all: bool,
}

impl UnassignedPage {
    async fn of(app: &App, staff: &Staff, form: FormState) -> Result<Self, Error> {
        let mut conn = app.read().await?;
        let rows = integrations::unassigned(&mut conn, &staff.viewer).await?;
        let customers = customers::names(&mut conn, &staff.viewer).await?;
        drop(conn);
        Ok(Self {
            frame: staff.frame(app, "Unassigned", Section::Unassigned).await?,
            rows,
            customers,
            form,
            kombo_is_set: app.kombo.is_some(),
            sees_all: staff.viewer.sees_all(),
        })
    }

    /// The customers that this integration most likely belongs to, by its organisation's name.
    fn likeliest(&self, organization: &str) -> Vec<&(CustomerId, String)> {
        let among = self.customers.iter().map(|it| (it, it.1.as_str()));
        likest(organization, among, LIKELIEST)
    }

    /// Whether the form that came back is this integration's.
    fn is_of(&self, id: &IntegrationId) -> bool {
        self.form.value("integration") == id.to_string()
    }
}

async fn show(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    Ok(Page(UnassignedPage::of(&app, &staff, FormState::default()).await?).into_response())
}

async fn give(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    mut form: FormState,
) -> Result<Response, Error> {
    if let Ok(customer) = form.value("customer").parse::<CustomerId>() {
        let mut work = app.begin(&staff.viewer).await?;
        match assign_integration::assign(&mut work, id, customer).await {
            Ok(row) => {
                work.commit().await?;
                let done = format!(
                    "{} is assigned, and everything that came through it. Orders that wait are decided by a person.",
                    tool_label(&row.tool)
                );
                staff.tell(&app, Notice::good(done)).await?;
                return Ok(hx.go("/unassigned"));
            }
            Err(error) => refused::note(&mut form, error)?,
        }
    } else {
        form.refuse("customer", "Please choose a customer.");
    }
    form.set("integration", id.to_string());
    let page = UnassignedPage::of(&app, &staff, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}
