//! `/held`: the bar of orders whose webhook waits for a person, as a part of every page; what is decided in it.
//!
//! Without JavaScript the bar's forms lead to the order's own page, and so do the addresses here.

use super::reason_field::{self, About, ReasonField};
use crate::actions::{self, order_work};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::OrderId;
use crate::domain::reason::ReasonUse;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::store::{customers, holds, integrations, orders};
use crate::web::held::{Held, HeldBar, Refused};
use crate::web::{Error, FormState, Hx, Page, Path};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    let decide = Access::Needs(Permission::DecideOrders);
    vec![
        Route::get("/held", decide, show),
        Route::get("/held/{id}/reject", decide, open_form),
        Route::post("/held/{id}/accept", decide, accept),
        Route::post("/held/{id}/reject", decide, reject),
    ]
}

/// What the bar's addresses say.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The order whose own page the person is on.
    but: Option<OrderId>,
}

#[derive(Template)]
#[template(path = "desk/_held.html")]
struct Bar {
    held: HeldBar,
}

#[derive(Template)]
#[template(path = "desk/_held_reject.html")]
struct RejectForm {
    id: OrderId,
    version: i64,
    query: String,
    field: ReasonField,
}

async fn show(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    if !hx.is {
        return Ok(hx.go("/orders?stage=received"));
    }
    app.presence.seen(&staff.viewer, app.clock.now());
    let held = bar(&app, &staff, asked).await?;
    Ok(Page(Bar { held }).into_response())
}

async fn bar(app: &App, staff: &Staff, asked: Asked) -> Result<HeldBar, Error> {
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let rows = holds::since(&mut conn, &staff.viewer, HeldBar::from(now), true).await?;
    Ok(HeldBar::of(rows, asked.but, now))
}

/// The form in which the recruiter is written to; the order's page has it, too.
async fn open_form(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<OrderId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    if !hx.is {
        return Ok(hx.go(&format!("/orders/{id}?open=cancel")));
    }
    let mut conn = app.read().await?;
    let order = orders::find(&mut conn, &staff.viewer, id).await?;
    let version = order.ok_or(Error::NotFound)?.version;
    drop(conn);
    let field = reason_field_of(&app, &staff, id, None).await?;
    Ok(Page(reject_form(id, version, asked, field)).into_response())
}

/// The field for what the recruiter reads, as it stands in the bar.
async fn reason_field_of(
    app: &App,
    staff: &Staff,
    id: OrderId,
    typed: Option<&FormState>,
) -> Result<ReasonField, Error> {
    let viewer = &staff.viewer;
    let mut conn = app.read().await?;
    let order = orders::find(&mut conn, viewer, id).await?.ok_or(Error::NotFound)?;
    let customer = match order.customer_id {
        Some(customer) => customers::find(&mut conn, viewer, customer).await?,
        None => None,
    };
    let integration = integrations::find(&mut conn, viewer, order.integration_id).await?;
    drop(conn);
    let ats = integration.map_or_else(String::new, |integration| tool_label(&integration.tool));
    let about = About {
        order: &order,
        customer: customer.as_ref(),
        ats: &ats,
    };
    let mut field = ReasonField::of(app, about, ReasonUse::Rejection, typed).await?;
    field.prefix = format!("held-{id}");
    Ok(field)
}

fn reject_form(id: OrderId, version: i64, asked: Asked, field: ReasonField) -> RejectForm {
    let held = HeldBar {
        but: asked.but,
        ..HeldBar::default()
    };
    RejectForm {
        id,
        version,
        query: held.query(),
        field,
    }
}

async fn accept(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<OrderId>,
    Query(asked): Query<Asked>,
    form: FormState,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let done = order_work::accept(&mut work, id, version(&form)).await;
    let Err(error) = done else {
        work.commit().await?;
        app.outbox_bell.notify_one();
        return answer(&app, &staff, &hx, id, asked, None).await;
    };
    drop(work);
    let why = match error {
        actions::Error::Refused(why) => why,
        error if error.is_changed() => "Somebody was a moment faster; nothing of yours was done.".to_owned(),
        other => return Err(other.into()),
    };
    answer(&app, &staff, &hx, id, asked, Some((why, String::new()))).await
}

async fn reject(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<OrderId>,
    Query(asked): Query<Asked>,
    mut form: FormState,
) -> Result<Response, Error> {
    let (reason, version) = (form.value("reason").to_owned(), version(&form));
    let mut work = app.begin(&staff.viewer).await?;
    let done = order_work::reject(&mut work, id, version, &reason, reason_field::chosen(&form)).await;
    let Err(error) = done else {
        work.commit().await?;
        return answer(&app, &staff, &hx, id, asked, None).await;
    };
    drop(work);
    let why = match error {
        actions::Error::Fields(faults) => {
            for (field, why) in faults {
                form.refuse(field, why);
            }
            let field = reason_field_of(&app, &staff, id, Some(&form)).await?;
            return Ok(form_again(reject_form(id, version, asked, field)));
        }
        actions::Error::Refused(why) => why,
        error if error.is_changed() => {
            let mut conn = app.read().await?;
            let order = orders::find(&mut conn, &staff.viewer, id).await?;
            order_work::too_late(&order.ok_or(Error::NotFound)?)
        }
        other => return Err(other.into()),
    };
    answer(&app, &staff, &hx, id, asked, Some((why, reason))).await
}

fn version(form: &FormState) -> i64 {
    form.value("version").parse().unwrap_or_default()
}

/// The form once more, in its own place, with what is wrong at the field.
fn form_again(form: RejectForm) -> Response {
    let place = format!("#held-{}-reject", form.id);
    let mut response = Page(form).into_response();
    let headers = response.headers_mut();
    if let Ok(place) = HeaderValue::from_str(&place) {
        headers.insert(HeaderName::from_static("hx-retarget"), place);
    }
    headers.insert(
        HeaderName::from_static("hx-reswap"),
        HeaderValue::from_static("innerHTML"),
    );
    response
}

/// The bar as it stands now, with what could not be done to `id`, and what had been written.
async fn answer(
    app: &App,
    staff: &Staff,
    hx: &Hx,
    id: OrderId,
    asked: Asked,
    refused: Option<(String, String)>,
) -> Result<Response, Error> {
    if !hx.is {
        return Ok(hx.go(&format!("/orders/{id}")));
    }
    let mut held = bar(app, staff, asked).await?;
    if let Some((why, reason)) = refused {
        let mut conn = app.read().await?;
        let row = holds::find(&mut conn, &staff.viewer, id)
            .await?
            .ok_or(Error::NotFound)?;
        let may_cancel = row.stage.is_live() && staff.viewer.can(Permission::CancelOrders) && !reason.is_empty();
        held.orders.retain(|order| order.id != id);
        held.orders.push(Held {
            refused: Some(Refused {
                why,
                reason,
                may_cancel,
            }),
            ..Held::of(row, app.clock.now())
        });
    }
    Ok(Page(Bar { held }).into_response())
}
