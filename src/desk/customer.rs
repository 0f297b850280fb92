//! `/customers/{id}`: a customer's integrations, connection links and settings.

use super::customer_form::{self, LABELS};
use super::integration::is_twin;
use super::links::{LinkChoices, Shown};
use super::refused::{self, SavedNow};
use crate::actions::{change_customer, connection_link};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::CustomerId;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::store::audit::{self, Line};
use crate::store::connection_links;
use crate::store::customer_cards::{self, CardRow};
use crate::store::customers::{self, CustomerRow};
use crate::store::go_lives;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::publications::{self, PublicationRow};
use crate::store::staff;
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How many connection links are looked at.
const LINKS: i64 = 200;

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Needs(Permission::ManageCustomers);
    vec![
        Route::get("/customers/{id}", Access::Needs(Permission::ViewCustomers), show),
        Route::post("/customers/{id}", manage, change),
        Route::post("/customers/{id}/archive", manage, archive),
    ]
}

/// An integration with what it offers.
struct Connected {
    row: IntegrationRow,
    tool: String,
    published: Option<PublicationRow>,
    live: bool,
    /// The same ATS is connected twice.
    twin: bool,
}

#[derive(Template)]
#[template(path = "desk/customer.html")]
struct CustomerPage {
    frame: Frame,
    customer: CustomerRow,
    form: FormState,
    invite_hint: &'static str,
    integrations: Vec<Connected>,
    /// The newest link that still leads on, and its address.
    newest_link: Option<(Shown, String)>,
    links: i64,
    choices: LinkChoices,
    card: CardRow,
    owner: Option<String>,
    open_orders: i64,
    changed_by: Option<Line>,
    saved_now: Vec<SavedNow>,
    may_manage: bool,
}

impl CustomerPage {
    async fn of(app: &App, staff: &Staff, customer: CustomerRow, form: FormState) -> Result<Self, Error> {
        let frame = staff.frame(app, customer.name.as_str(), Section::Customers).await?;
        let may_manage = staff.viewer.can(Permission::ManageCustomers);
        let mut conn = app.read().await?;
        let mut connected = Vec::new();
        let rows = integrations::of_customer(&mut conn, customer.id).await?;
        let live = go_lives::live_of_customer(&mut conn, customer.id).await?;
        for row in &rows {
            connected.push(Connected {
                published: publications::newest_confirmed(&mut conn, row.id).await?,
                tool: tool_label(&row.tool),
                live: live.contains(&row.id),
                twin: rows.iter().any(|other| is_twin(row, other)),
                row: row.clone(),
            });
        }
        let card = customer_cards::find(&mut conn, customer.id).await?;
        let owner = match card.owner {
            Some(owner) => staff::find(&mut conn, owner).await?.map(|member| member.name),
            None => None,
        };
        let links = connection_links::of_customer(&mut conn, customer.id, LINKS).await?;
        let count = i64::try_from(links.len()).unwrap_or(LINKS);
        let mut newest = links.into_iter().map(|link| Shown::of(link, app.clock.now()));
        let newest_link = match newest.find(|it| may_manage && it.state.is_open()) {
            Some(it) => {
                let address = connection_link::address(&mut conn, app.tools(), &it.link.row).await?;
                Some((it, address))
            }
            None => None,
        };
        Ok(Self {
            frame,
            form,
            invite_hint: customer_form::invite_hint(app),
            integrations: connected,
            newest_link,
            links: count,
            card,
            owner,
            choices: LinkChoices::of(app, &customer, None).await?,
            open_orders: customers::open_orders(&mut conn, customer.id).await?,
            changed_by: audit::newest_of_subject(&mut conn, customer.id.0, "customer.changed").await?,
            saved_now: Vec::new(),
            may_manage,
            customer,
        })
    }
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<CustomerId>) -> Result<Response, Error> {
    let row = find(&app, &staff, id).await?;
    let form = customer_form::filled(&row);
    Ok(Page(CustomerPage::of(&app, &staff, row, form).await?).into_response())
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<CustomerId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let version = form.version()?;
    if let Some(input) = customer_form::read(&mut form) {
        let mut work = app.begin(&staff.viewer).await?;
        match change_customer::change(&mut work, id, version, input).await {
            Ok(_) => {
                work.commit().await?;
                staff
                    .tell(&app, Notice::good("Saved. It counts for orders from now on."))
                    .await?;
                return Ok(hx.go(&format!("/customers/{id}")));
            }
            Err(error) if error.is_changed() => {
                drop(work);
                return overtaken(&app, &staff, id, form).await;
            }
            Err(error) => refused::note(&mut form, error)?,
        }
    }
    let row = find(&app, &staff, id).await?;
    let page = CustomerPage::of(&app, &staff, row, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Somebody else saved first: shows what stands now, and keeps what was typed.
async fn overtaken(app: &App, staff: &Staff, id: CustomerId, mut form: FormState) -> Result<Response, Error> {
    let row = find(app, staff, id).await?;
    let saved_now = refused::overtaken(&form, &customer_form::filled(&row), &LABELS, customer_form::in_words);
    form.set("version", row.version.to_string());
    let mut page = CustomerPage::of(app, staff, row, form).await?;
    page.saved_now = saved_now;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

async fn archive(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<CustomerId>,
    form: FormState,
) -> Result<Response, Error> {
    let archived = form.is_on("archived");
    let mut work = app.begin(&staff.viewer).await?;
    let row = change_customer::archive(&mut work, id, form.version()?, archived).await?;
    work.commit().await?;
    let done = if archived {
        format!(
            "{} is archived: it has left the lists. Orders that still come are handled as before.",
            row.name
        )
    } else {
        format!("{} is back in the lists.", row.name)
    };
    staff.tell(&app, Notice::good(done)).await?;
    Ok(hx.go(&format!("/customers/{id}")))
}

async fn find(app: &App, staff: &Staff, id: CustomerId) -> Result<CustomerRow, Error> {
    let mut conn = app.read().await?;
    customers::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)
}
