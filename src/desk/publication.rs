//! `/integrations/{id}/publications/{publication}`: what was published once, and the same as a list to be typed by hand.

use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::catalogue::guarded;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, IntegrationId, PublicationId};
use crate::domain::package::OfferLine;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::store::Conn;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::publications::{self, PublicationRow};
use crate::web::download;
use crate::web::{Error, Frame, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewCustomers);
    vec![
        Route::get("/integrations/{id}/publications/{publication}", see, past),
        Route::get("/integrations/{id}/publications/{publication}/list.csv", see, sheet),
    ]
}

#[derive(Template)]
#[template(path = "desk/publication.html")]
struct PublicationPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    publication: PublicationRow,
    lines: Vec<OfferLine>,
    delivery: Option<(DeliveryId, DeliveryState)>,
    /// It is the newest word to Kombo.
    is_newest: bool,
    restored: Option<PublicationRow>,
    may_see_traffic: bool,
    may_publish: bool,
}

/// The list for an ATS in which packages are typed by hand.
async fn sheet(
    State(app): State<App>,
    staff: Staff,
    Path((id, publication)): Path<(IntegrationId, PublicationId)>,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let (row, publication) = find(&mut conn, &staff, id, publication).await?;
    let lines = publications::lines(&mut conn, publication.id).await?;
    drop(conn);
    let head = ["Key", "Name", "Description", "Type"].map(Cow::from).to_vec();
    let lines = lines.iter().map(|line| {
        vec![
            // A key can be no formula, and must be typed as it is.
            line.key.as_str().into(),
            guarded(&line.name),
            guarded(&line.description),
            line.kind.label().into(),
        ]
    });
    let name = format!("packages-{}-{}.csv", row.tool, publication.number);
    download::sheet(&name, std::iter::once(head).chain(lines))
}

/// The publication of that integration, if the person may see it.
async fn find(
    conn: &mut Conn,
    staff: &Staff,
    id: IntegrationId,
    publication: PublicationId,
) -> Result<(IntegrationRow, PublicationRow), Error> {
    let row = integrations::find(conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let publication = publications::find(conn, publication).await?;
    let publication = publication
        .filter(|it| it.integration_id == id)
        .ok_or(Error::NotFound)?;
    Ok((row, publication))
}

async fn past(
    State(app): State<App>,
    staff: Staff,
    Path((id, publication)): Path<(IntegrationId, PublicationId)>,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let (row, publication) = find(&mut conn, &staff, id, publication).await?;
    let lines = publications::lines(&mut conn, publication.id).await?;
    let delivery = publications::delivery(&mut conn, publication.id).await?;
    let base = publications::base(&mut conn, id).await?;
    let restored = match publication.restores {
        Some(earlier) => publications::find(&mut conn, earlier).await?,
        None => None,
    };
    drop(conn);
    let tool = tool_label(&row.tool);
    let page = PublicationPage {
        frame: staff
            .frame(
                &app,
                format!("Publication No. {}", publication.number),
                Section::Customers,
            )
            .await?,
        is_newest: base.is_some_and(|base| base.id == publication.id),
        may_publish: staff.viewer.can(Permission::Publish) && row.customer_id.is_some() && row.deleted_at.is_none(),
        row,
        tool,
        publication,
        lines,
        delivery,
        restored,
        may_see_traffic: staff.viewer.can(Permission::ViewTraffic),
    };
    Ok(Page(page).into_response())
}
