//! `/integrations/{id}`: how an integration fares, what it offers, and what was published.

mod change;
mod connection;
mod offer;
mod progress;
mod words;

use super::audit::sentences;
use super::refused;
use crate::actions::look_up_integration::look_up_now;
use crate::actions::publish_offer;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::IntegrationId;
use crate::domain::package::PackageType;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::Conn;
use crate::store::audit::{self, Line};
use crate::store::customers::{self, CustomerRow};
use crate::store::go_lives;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::offer_checks::{self, OfferCheck};
use crate::store::offer_sets::{self, ListedSet};
use crate::store::offers;
use crate::store::publications::{self, HistoryRow};
use crate::store::schedules::{self, ScheduledRow};
use crate::web::{Days, Error, FormState, Frame, Hx, Notice, Path, Section, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
pub(super) use connection::is_twin;
use offer::{Asked, Choice, LONG, ONLY, Offer, When};
use progress::Progress;

/// How many publications the history shows.
const HISTORY: i64 = 30;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewCustomers);
    let manage = Access::Needs(Permission::ManagePackages);
    let customers = Access::Needs(Permission::ManageCustomers);
    vec![
        Route::get("/integrations/{id}", see, show),
        Route::post("/integrations/{id}/offer", manage, change::change),
        Route::get("/integrations/{id}/offer/{package}", manage, words::show),
        Route::post(
            "/integrations/{id}/look-up",
            Access::Needs(Permission::AssignIntegrations),
            look_up,
        ),
        Route::get("/integrations/{id}/connection", see, connection::show),
        Route::post("/integrations/{id}/link", customers, connection::link),
        Route::post("/integrations/{id}/switch", customers, connection::switch),
        Route::post("/integrations/{id}/delete", customers, connection::delete),
        Route::post(
            "/integrations/{id}/progress",
            Access::Needs(Permission::ManageCustomers),
            progress::set,
        ),
    ]
}

#[derive(Template)]
#[template(path = "desk/integration.html", blocks = ["offer", "add", "side"])]
struct IntegrationPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    customer: Option<CustomerRow>,
    offer: Offer,
    /// Who changed the offer last, where that was meanwhile.
    meanwhile: Option<Meanwhile>,
    published: Option<publications::PublicationRow>,
    waiting: bool,
    /// The last comparison with what Kombo holds.
    check: Option<OfferCheck>,
    history: Vec<HistoryRow>,
    asked: Asked,
    /// What can be added, for those who may.
    choice: Option<Choice>,
    kinds: &'static [PackageType],
    form: FormState,
    progress: Progress,
    may: May,
    live_at: Option<Timestamp>,
    /// Sets that the draft follows.
    followed: Vec<ListedSet>,
    /// Sets that it could follow, too.
    followable: Vec<ListedSet>,
    /// When the draft is to be published, and whether it is still what was seen then.
    scheduled: Option<Scheduled>,
}

/// A draft that is to be published later.
struct Scheduled {
    later: ScheduledRow,
    /// Nothing changed since somebody looked at it: it will be published.
    holds: bool,
}

/// What somebody else did while a form was open.
struct Meanwhile {
    line: Line,
    who: String,
    what: String,
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

impl May {
    fn of(viewer: &Viewer, row: &IntegrationRow) -> Self {
        Self {
            manage: viewer.can(Permission::ManagePackages),
            publish: viewer.can(Permission::Publish) && row.customer_id.is_some() && row.deleted_at.is_none(),
            assign: viewer.can(Permission::AssignIntegrations),
            customers: viewer.can(Permission::ManageCustomers),
        }
    }
}

/// An integration that this person may see, and whose it is.
pub(super) async fn seen(
    conn: &mut Conn,
    viewer: &Viewer,
    id: IntegrationId,
) -> Result<(IntegrationRow, Option<CustomerRow>), Error> {
    let row = integrations::find(conn, viewer, id).await?.ok_or(Error::NotFound)?;
    let customer = match row.customer_id {
        Some(customer) => customers::find(conn, viewer, customer).await?,
        None => None,
    };
    Ok((row, customer))
}

/// The days by which a customer reckons.
fn days_of(customer: Option<&CustomerRow>) -> Days {
    Days::in_zone(customer.map_or("UTC", |customer| customer.time_zone.as_str()))
}

impl IntegrationPage {
    async fn of(app: &App, staff: &Staff, id: IntegrationId, asked: Asked) -> Result<Self, Error> {
        let viewer = &staff.viewer;
        let mut conn = app.read().await?;
        let (row, customer) = seen(&mut conn, viewer, id).await?;
        let draft = offers::draft(&mut conn, id).await?;
        let when = When {
            now: app.clock.now(),
            days: days_of(customer.as_ref()),
        };
        let proposal = publish_offer::propose_of(&mut conn, id, &draft, when.now).await?;
        let may = May::of(viewer, &row);
        let choice = if may.manage {
            Some(Choice::of(&mut conn, id, &draft, &asked, row.offer_version).await?)
        } else {
            None
        };
        let offer = Offer::of(&mut conn, draft, &proposal, &asked, &when).await?;
        let tool = tool_label(&row.tool);
        let title = customer
            .as_ref()
            .map_or_else(|| tool.clone(), |customer| format!("{} · {tool}", customer.name));
        let published = publications::newest_confirmed(&mut conn, id).await?;
        let check = offer_checks::find(&mut conn, id).await?;
        let history = publications::history(&mut conn, id, HISTORY).await?;
        let followed = offer_sets::followed(&mut conn, id).await?;
        let followable = if may.manage {
            let mut all = offer_sets::list(&mut conn).await?;
            all.retain(|it| followed.iter().all(|own| own.set.id != it.set.id));
            all
        } else {
            Vec::new()
        };
        let scheduled = schedules::find(&mut conn, id).await?;
        let scheduled = scheduled.map(|later| Scheduled {
            holds: later.holds(row.offer_version, proposal.base.as_ref().map(|base| base.id)),
            later,
        });
        let live_at = go_lives::find(&mut conn, id).await?.and_then(|row| row.live_at);
        drop(conn);
        Ok(Self {
            frame: staff.frame(app, title, Section::Customers).await?,
            offer,
            meanwhile: None,
            waiting: proposal
                .base
                .is_some_and(|base| published.as_ref().is_none_or(|it| it.id != base.id)),
            published,
            check,
            history,
            choice,
            kinds: PackageType::ALL,
            asked,
            form: FormState::default(),
            may,
            live_at,
            followed,
            followable,
            scheduled,
            progress: Progress::of(&row),
            tool,
            customer,
            row,
        })
    }

    /// Says who changed the offer last, and how.
    async fn overtaken(&mut self, app: &App, staff: &Staff) -> Result<(), Error> {
        let filter = audit::Filter {
            subject: Some(self.row.id.0),
            action: Some("offer.".into()),
            ..audit::Filter::default()
        };
        let mut conn = app.read().await?;
        let newest = audit::page(&mut conn, &staff.viewer, &filter, None, 1).await?;
        self.meanwhile = newest.into_iter().next().map(|line| {
            let facts = sentences::facts(&line.detail);
            let told = sentences::describe(&line.action);
            Meanwhile {
                who: sentences::actor(&line.actor, line.staff_name.as_deref()),
                what: if facts.is_empty() {
                    told
                } else {
                    format!("{told} ({})", facts.join("; "))
                },
                line,
            }
        });
        Ok(())
    }
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let form = FormState::filled(asked);
    let within = Asked::query(&form);
    let page = IntegrationPage::of(&app, &staff, id, Asked::of(form)).await?;
    // A part that is to be picked out of an answer (`hx-select`) is asked for as if it were the whole page.
    let part = Hx {
        partial: hx.is,
        ..hx.clone()
    };
    match hx.source.as_deref() {
        Some("aside#side") => Ok(hx.answer(&page, &page.as_side())),
        Some(source) if source.ends_with("#within") => {
            let mut rows = part.answer(&page, &page.as_offer());
            Hx::stands_at(&mut rows, &format!("/integrations/{id}{within}"));
            Ok(rows)
        }
        Some(source) if source.ends_with("#seek") => Ok(part.answer(&page, &page.as_add())),
        _ => Ok(hx.answer(&page, &page.as_offer())),
    }
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
