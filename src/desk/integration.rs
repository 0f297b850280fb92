//! `/integrations/{id}`: how an integration fares, what it offers, and what was published.

mod connection;
mod progress;

use super::refused;
use crate::actions::change_offer::{self, OfferChange};
use crate::actions::look_up_integration::look_up_now;
use crate::actions::publish_offer::{self, Proposal};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::package::{OfferDiff, OfferLine, diff};
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::store::customers::{self, CustomerRow};
use crate::store::go_lives;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::offer_checks::{self, OfferCheck};
use crate::store::offers::{self, DraftLine};
use crate::store::packages::{self, PackageFilter, PackageRow};
use crate::store::publications::{self, HistoryRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
pub(super) use connection::is_twin;
use progress::Progress;
use serde::Deserialize;

/// How many packages the search for more shows.
const FOUND: usize = 40;

/// How many publications the history shows.
const HISTORY: i64 = 30;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewCustomers);
    let manage = Access::Needs(Permission::ManageCustomers);
    vec![
        Route::get("/integrations/{id}", see, show),
        Route::post(
            "/integrations/{id}/offer",
            Access::Needs(Permission::ManagePackages),
            change,
        ),
        Route::post(
            "/integrations/{id}/look-up",
            Access::Needs(Permission::AssignIntegrations),
            look_up,
        ),
        Route::get("/integrations/{id}/connection", see, connection::show),
        Route::post("/integrations/{id}/link", manage, connection::link),
        Route::post("/integrations/{id}/switch", manage, connection::switch),
        Route::post("/integrations/{id}/delete", manage, connection::delete),
        Route::post(
            "/integrations/{id}/progress",
            Access::Needs(Permission::ManageCustomers),
            progress::set,
        ),
    ]
}

/// A package in the draft, in what was published, or in both.
struct OfferRow {
    key: String,
    draft: Option<DraftRow>,
    published: Option<OfferLine>,
    change: &'static str,
}

/// A draft line with the form that renames it.
struct DraftRow {
    line: DraftLine,
    offered: OfferLine,
    form: FormState,
    is_first: bool,
    is_last: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    add: String,
}

#[derive(Template)]
#[template(path = "desk/integration.html", blocks = ["found", "side"])]
struct IntegrationPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    customer: Option<CustomerRow>,
    offer: Vec<OfferRow>,
    changes: usize,
    published: Option<publications::PublicationRow>,
    waiting: bool,
    /// The last comparison with what Kombo holds.
    check: Option<OfferCheck>,
    history: Vec<HistoryRow>,
    asked: Asked,
    found: Vec<PackageRow>,
    form: FormState,
    progress: Progress,
    may: May,
    live_at: Option<Timestamp>,
}

/// What the person who looks may do here.
#[allow(
    clippy::struct_excessive_bools,
    reason = "one for each permission that the page asks for"
)]
struct May {
    manage: bool,
    publish: bool,
    assign: bool,
    customers: bool,
}

impl IntegrationPage {
    async fn of(app: &App, staff: &Staff, id: IntegrationId, asked: Asked) -> Result<Self, Error> {
        let viewer = &staff.viewer;
        let mut conn = app.read().await?;
        let row = integrations::find(&mut conn, viewer, id)
            .await?
            .ok_or(Error::NotFound)?;
        let customer = match row.customer_id {
            Some(customer) => customers::find(&mut conn, viewer, customer).await?,
            None => None,
        };
        let draft = offers::draft(&mut conn, id).await?;
        let proposal = publish_offer::propose(&mut conn, id).await?;
        let filter = PackageFilter {
            text: asked.add.clone(),
            ..PackageFilter::default()
        };
        let mut found = packages::list(&mut conn, &filter, None, 200).await?;
        found.retain(|package| draft.iter().all(|line| line.package_id != package.id));
        found.truncate(FOUND);
        let difference = diff(&proposal.base_lines, &proposal.lines);
        let tool = tool_label(&row.tool);
        let title = customer
            .as_ref()
            .map_or_else(|| tool.clone(), |customer| format!("{} · {tool}", customer.name));
        let published = publications::newest_confirmed(&mut conn, id).await?;
        let check = offer_checks::find(&mut conn, id).await?;
        let history = publications::history(&mut conn, id, HISTORY).await?;
        let live_at = go_lives::find(&mut conn, id).await?.and_then(|row| row.live_at);
        drop(conn);
        Ok(Self {
            frame: staff.frame(app, title, Section::Customers).await?,
            changes: count(&difference),
            offer: offer_rows(draft, &proposal, &difference),
            waiting: proposal
                .base
                .is_some_and(|base| published.as_ref().is_none_or(|it| it.id != base.id)),
            published,
            check,
            history,
            found,
            asked,
            form: FormState::default(),
            may: May {
                manage: viewer.can(Permission::ManagePackages),
                publish: viewer.can(Permission::Publish) && row.customer_id.is_some() && row.deleted_at.is_none(),
                assign: viewer.can(Permission::AssignIntegrations),
                customers: viewer.can(Permission::ManageCustomers),
            },
            live_at,
            progress: Progress::of(&row),
            tool,
            customer,
            row,
        })
    }
}

fn count(diff: &OfferDiff<'_>) -> usize {
    diff.added.len() + diff.removed.len() + diff.changed.len() + usize::from(diff.reordered)
}

/// Draft and published side by side: the draft's order, then what is only published.
fn offer_rows(draft: Vec<DraftLine>, proposal: &Proposal, diff: &OfferDiff<'_>) -> Vec<OfferRow> {
    let published = |key: &str| proposal.base_lines.iter().find(|line| line.key == key).cloned();
    let last = draft.len().saturating_sub(1);
    let mut rows: Vec<OfferRow> = Vec::with_capacity(draft.len());
    for (at, line) in draft.into_iter().enumerate() {
        let change = if line.retired_at.is_some() {
            "retired"
        } else if diff.added.iter().any(|it| it.key == line.key) {
            "added"
        } else if diff.changed.iter().any(|it| it.new.key == line.key) {
            "changed"
        } else {
            ""
        };
        let form = FormState::filled([
            ("name", line.offered().name),
            ("description", line.offered().description),
        ]);
        rows.push(OfferRow {
            key: line.key.clone(),
            published: published(&line.key),
            change,
            draft: Some(DraftRow {
                offered: line.offered(),
                form,
                is_first: at == 0,
                is_last: at == last,
                line,
            }),
        });
    }
    let gone = diff
        .removed
        .iter()
        .filter(|line| rows.iter().all(|row| row.key != line.key));
    let gone: Vec<OfferRow> = gone
        .map(|line| OfferRow {
            key: line.key.clone(),
            draft: None,
            published: Some((*line).clone()),
            change: "removed",
        })
        .collect();
    rows.extend(gone);
    rows
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let page = IntegrationPage::of(&app, &staff, id, asked).await?;
    if hx.source.as_deref() == Some("aside#side") {
        return Ok(hx.answer(&page, &page.as_side()));
    }
    Ok(hx.answer(&page, &page.as_found()))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let version = form.version()?;
    let wanted = read_change(&form)?;
    let mut work = app.begin(&staff.viewer).await?;
    match change_offer::change(&mut work, id, version, wanted).await {
        Ok(_) => {
            work.commit().await?;
            Ok(hx.go(&format!("/integrations/{id}#offer")))
        }
        Err(error) => {
            drop(work);
            if error.is_changed() {
                form.refuse_all("Somebody else changed this offer at the same time. Below is how it stands now; please make your change again.");
            } else {
                refused::note(&mut form, error)?;
                if let Some((_, why)) = form.errors().first().cloned() {
                    form.refuse_all(why);
                }
            }
            let mut page = IntegrationPage::of(&app, &staff, id, Asked::default()).await?;
            keep_typed(&mut page, &form);
            page.form = form;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

/// The words that were typed for a package stay in its form.
fn keep_typed(page: &mut IntegrationPage, form: &FormState) {
    let typed = page.offer.iter_mut().filter_map(|row| row.draft.as_mut());
    for draft in typed
        .filter(|draft| form.value("do") == "describe" && form.value("package") == draft.line.package_id.to_string())
    {
        draft.form = form.clone();
    }
}

fn read_change(form: &FormState) -> Result<OfferChange, Error> {
    let lost = || Error::Invalid("The form does not say which package is meant.".into());
    let id = |text: &str| text.parse::<PackageId>().map_err(|_| lost());
    Ok(match form.value("do") {
        "add" => OfferChange::Add(form.all("package").map(id).collect::<Result<_, _>>()?),
        "remove" => OfferChange::Remove(id(form.value("package"))?),
        "describe" => OfferChange::Describe {
            package: id(form.value("package"))?,
            name: form.value("name").to_owned(),
            description: form.value("description").replace("\r\n", "\n"),
        },
        way @ ("up" | "down") => OfferChange::Move {
            package: id(form.value("package"))?,
            up: way == "up",
        },
        _ => return Err(lost()),
    })
}

async fn look_up(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let row = integrations::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    drop(conn);
    let notice = match look_up_now(app.tools(), app.kombo.as_ref(), &row).await {
        Ok(answer) => answer.map_or_else(
            || Notice::good("Kombo was asked. What it knows stands here now."),
            Notice::bad,
        ),
        Err(crate::actions::Error::Refused(why)) => Notice::bad(why),
        Err(error) => return Err(error.into()),
    };
    staff.tell(&app, notice).await?;
    let back = if row.customer_id.is_some() {
        format!("/integrations/{id}")
    } else {
        "/unassigned".to_owned()
    };
    Ok(hx.go(&back))
}
