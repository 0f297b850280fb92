//! `/integrations/{id}/copy`: the offer of another customer, as it would change this draft, and taking it over.

use super::offer_difference::Difference;
use super::refused;
use crate::actions::copy_offer::{self, Copying};
use crate::actions::publish_offer::Proposal;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::IntegrationId;
use crate::domain::publication::Taking;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::store::Conn;
use crate::store::customers;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::offers::{self, DraftLine, OfferingRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How many offers the search shows.
const FOUND: usize = 30;

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Needs(Permission::ManagePackages);
    vec![
        Route::get("/integrations/{id}/copy", manage, show),
        Route::post("/integrations/{id}/copy", manage, copy),
    ]
}

/// The offer that is to be taken over, and what it would change.
struct Source {
    row: IntegrationRow,
    tool: String,
    customer: String,
    lines: usize,
    /// Those of it that are retired and do not come.
    retired: usize,
    difference: Difference,
}

#[derive(Template)]
#[template(path = "desk/copy_offer.html", blocks = ["found", "change"])]
struct CopyPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    found: Vec<OfferingRow>,
    is_more: bool,
    source: Option<Source>,
    form: FormState,
}

impl CopyPage {
    async fn of(app: &App, staff: &Staff, id: IntegrationId, mut form: FormState) -> Result<Self, Error> {
        let viewer = &staff.viewer;
        let mut conn = app.read().await?;
        let row = integrations::find(&mut conn, viewer, id).await?;
        let row = row.ok_or(Error::NotFound)?;
        let mut found = Vec::new();
        let source = match form.value("from").parse::<IntegrationId>() {
            Ok(from) => Some(Source::of(&mut conn, staff, id, from, &mut form).await?),
            Err(_) => {
                let limit = i64::try_from(FOUND + 1).unwrap_or(i64::MAX);
                found = offers::offering(&mut conn, viewer, form.value("q"), id, limit).await?;
                None
            }
        };
        drop(conn);
        form.set("version", row.offer_version.to_string());
        let is_more = found.len() > FOUND;
        found.truncate(FOUND);
        Ok(Self {
            frame: staff.frame(app, "Copy another offer", Section::Customers).await?,
            tool: tool_label(&row.tool),
            row,
            found,
            is_more,
            source,
            form,
        })
    }

    fn tool_of(row: &OfferingRow) -> String {
        tool_label(&row.tool)
    }
}

impl Source {
    /// The offer as it stands now; the form says how it is taken, and is told what it was made from.
    async fn of(
        conn: &mut Conn,
        staff: &Staff,
        id: IntegrationId,
        from: IntegrationId,
        form: &mut FormState,
    ) -> Result<Self, Error> {
        let row = integrations::find(conn, &staff.viewer, from).await?;
        let row = row.ok_or(Error::NotFound)?;
        let customer = match row.customer_id {
            Some(customer) => customers::name_of(conn, customer).await?,
            None => None,
        };
        let own = offers::draft(conn, id).await?;
        let other = offers::draft_for(conn, from, id).await?;
        let taking = Taking::parse(form.value("taking")).unwrap_or(Taking::Whole);
        form.set("taking", taking.as_str());
        form.set("from_version", row.offer_version.to_string());
        let draft = copy_offer::taken(&own, &other, taking, form.is_on("words"));
        let proposal = Proposal {
            lines: draft.iter().map(DraftLine::offered).collect(),
            base_lines: own.iter().map(DraftLine::offered).collect(),
            ..Proposal::default()
        };
        Ok(Self {
            difference: Difference::of(conn, id, &proposal).await?,
            tool: tool_label(&row.tool),
            customer: customer.unwrap_or_else(|| row.organization_name.clone()),
            lines: other.len(),
            retired: other.iter().filter(|line| line.retired_at.is_some()).count(),
            row,
        })
    }
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let page = CopyPage::of(&app, &staff, id, FormState::filled(asked)).await?;
    // What is to be picked out of an answer (`hx-select`) is asked for as if it were the whole page.
    let hx = Hx { partial: hx.is, ..hx };
    if page.source.is_some() {
        return Ok(hx.answer(&page, &page.as_change()));
    }
    Ok(hx.answer(&page, &page.as_found()))
}

async fn copy(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    integrations::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    drop(conn);
    let copying = read(&form)?;
    let mut work = app.begin(&staff.viewer).await?;
    match copy_offer::copy(&mut work, id, copying).await {
        Ok(_) => {
            work.commit().await?;
            let done = "The offer is in the draft. Nothing reaches the ATS before you publish it.";
            staff.tell(&app, Notice::good(done)).await?;
            Ok(hx.go(&format!("/integrations/{id}#offer")))
        }
        Err(error) => {
            drop(work);
            let status = if error.is_changed() {
                form.refuse_all(
                    "One of the two offers was changed after you opened this page. Nothing was taken over. Below is what taking it over would change now.",
                );
                StatusCode::CONFLICT
            } else {
                refused::note(&mut form, error)?;
                StatusCode::UNPROCESSABLE_ENTITY
            };
            let page = CopyPage::of(&app, &staff, id, form).await?;
            Ok((status, Page(page)).into_response())
        }
    }
}

fn read(form: &FormState) -> Result<Copying, Error> {
    let lost = || Error::Invalid("The form does not say what it was made from: open the page again.".into());
    Ok(Copying {
        offer_version: form.version()?,
        from: form.value("from").parse().map_err(|_| lost())?,
        from_version: form.value("from_version").parse().map_err(|_| lost())?,
        taking: Taking::parse(form.value("taking")).ok_or_else(lost)?,
        with_words: form.is_on("words"),
    })
}
