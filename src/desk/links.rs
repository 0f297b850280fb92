//! `/customers/{id}/links`: the ledger of a customer's connection links, and a single one, ready to be sent.

use super::letter_view::LetterView;
use super::refused;
use crate::actions::invite::NO_MAIL;
use crate::actions::make_connection_link::{self, Wanted};
use crate::actions::work::Work;
use crate::actions::{self, connection_link};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::connecting::{LinkKind, LinkState};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{ConnectionLinkId, CustomerId, IntegrationId};
use crate::domain::language::Language;
use crate::domain::role::Permission;
use crate::domain::text::{known_tools, tool_label};
use crate::domain::time::Timestamp;
use crate::store::connection_links::{self, ListedLink};
use crate::store::customers::{self, CustomerRow};
use crate::store::{connectable_tools, integrations};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How many links the ledger shows.
const SHOWN: i64 = 200;

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Needs(Permission::ManageCustomers);
    vec![
        Route::get(
            "/customers/{id}/links",
            Access::Needs(Permission::ViewCustomers),
            ledger,
        ),
        Route::post("/customers/{id}/links", manage, make),
        Route::get("/customers/{id}/links/{link}", manage, show),
        Route::post("/customers/{id}/links/{link}/mail", manage, mail),
        Route::post("/customers/{id}/links/{link}/again", manage, again),
        Route::post("/customers/{id}/links/{link}/withdraw", manage, withdraw),
    ]
}

/// A link as the screens show it.
pub(super) struct Shown {
    pub(super) link: ListedLink,
    pub(super) state: LinkState,
    /// The ATS, or that the customer chooses.
    pub(super) ats: String,
    /// Kombo's page about a failure, where it is an address that can be followed.
    pub(super) log: Option<String>,
}

impl Shown {
    pub(super) fn of(link: ListedLink, now: Timestamp) -> Self {
        let log = link.row.failed_log.clone();
        Self {
            state: link.row.state(now),
            ats: link
                .row
                .tool
                .as_deref()
                .map_or_else(|| "Any ATS".to_owned(), tool_label),
            log: log.filter(|url| url.starts_with("https://") || url.starts_with("http://")),
            link,
        }
    }

    /// Colour and shape of its state.
    pub(super) fn pill(&self) -> &'static str {
        match self.state {
            LinkState::Unopened => "received",
            LinkState::Opened => "started",
            LinkState::Failed => "stuck",
            LinkState::Used => "completed",
            LinkState::Expired | LinkState::Withdrawn => "cancelled",
        }
    }

    /// How it stands with its last mail, where there is one.
    pub(super) fn mailed(&self) -> Option<&'static str> {
        Some(match self.link.mail_state? {
            DeliveryState::Delivered => "mailed",
            DeliveryState::GivenUp => "mail refused",
            _ => "mail on its way",
        })
    }

    /// The ATS that could not be connected.
    pub(super) fn failed_ats(&self) -> String {
        self.link
            .row
            .failed_tool
            .as_deref()
            .map_or_else(String::new, tool_label)
    }
}

/// What the form that makes a link offers.
pub(super) struct LinkChoices {
    pub(super) form: FormState,
    pub(super) tools: Vec<(String, String)>,
    pub(super) languages: &'static [Language],
    pub(super) kombo_is_set: bool,
}

impl LinkChoices {
    pub(super) async fn of(app: &App, customer: &CustomerRow, form: Option<FormState>) -> Result<Self, Error> {
        let mut conn = app.read().await?;
        let listed = connectable_tools::all(&mut conn).await?;
        drop(conn);
        let tools = if listed.is_empty() {
            let known = known_tools();
            known.map(|(id, label)| (id.to_owned(), label.to_owned())).collect()
        } else {
            listed.into_iter().map(|row| (row.tool, row.label)).collect()
        };
        let fresh = || FormState::filled([("language", customer.language.as_str()), ("how", "mail")]);
        Ok(Self {
            form: form.unwrap_or_else(fresh),
            tools,
            languages: Language::ALL,
            kombo_is_set: app.kombo.is_some(),
        })
    }
}

#[derive(Template)]
#[template(path = "desk/links.html")]
struct LinksPage {
    frame: Frame,
    customer: CustomerRow,
    links: Vec<Shown>,
    choices: LinkChoices,
    may_manage: bool,
}

impl LinksPage {
    async fn of(app: &App, staff: &Staff, id: CustomerId, form: Option<FormState>) -> Result<Self, Error> {
        let customer = find(app, staff, id).await?;
        let mut conn = app.read().await?;
        let links = connection_links::of_customer(&mut conn, id, SHOWN).await?;
        drop(conn);
        let now = app.clock.now();
        Ok(Self {
            frame: staff.frame(app, "Connection links", Section::Customers).await?,
            links: links.into_iter().map(|link| Shown::of(link, now)).collect(),
            choices: LinkChoices::of(app, &customer, form).await?,
            may_manage: staff.viewer.can(Permission::ManageCustomers),
            customer,
        })
    }
}

async fn ledger(State(app): State<App>, staff: Staff, Path(id): Path<CustomerId>) -> Result<Response, Error> {
    Ok(Page(LinksPage::of(&app, &staff, id, None).await?).into_response())
}

async fn make(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<CustomerId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let wanted = Wanted {
        tool: form.value("tool").to_owned(),
        language: form.value("language").to_owned(),
        embedded: form.value("how") == "page",
    };
    match make_connection_link::make(app.tools(), app.kombo.as_ref(), &staff.viewer, id, wanted).await {
        Ok(link) => {
            staff
                .tell(&app, Notice::good("The connection link is ready to be sent."))
                .await?;
            Ok(hx.go(&format!("/customers/{id}/links/{}", link.id)))
        }
        Err(error) => {
            refused::note(&mut form, error)?;
            let page = LinksPage::of(&app, &staff, id, Some(form)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "desk/link.html")]
struct LinkPage {
    frame: Frame,
    customer: CustomerRow,
    it: Shown,
    address: String,
    /// Kombo's own address, for where ours cannot be reached; `None`: one is made for each try, or ours is Kombo's.
    kombos: Option<String>,
    letter: Option<LetterView>,
    integration: Option<(IntegrationId, String)>,
    no_mail: Option<&'static str>,
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    Path((id, link)): Path<(CustomerId, ConnectionLinkId)>,
) -> Result<Response, Error> {
    let customer = find(&app, &staff, id).await?;
    let mut conn = app.read().await?;
    let link = connection_links::find(&mut conn, id, link)
        .await?
        .ok_or(Error::NotFound)?;
    let address = connection_link::address(&mut conn, app.tools(), &link.row).await?;
    let kombos = connection_links::open(&mut conn, &app.vault, &link.row).await?;
    let letter = connection_link::letter(&mut conn, app.tools(), &link.row, &customer).await?;
    let integration = match link.row.integration_id {
        Some(id) => integrations::find(&mut conn, &staff.viewer, id).await?,
        None => None,
    };
    drop(conn);
    let it = Shown::of(link, app.clock.now());
    let page = LinkPage {
        frame: staff.frame(&app, "Connection link", Section::Customers).await?,
        kombos: Some(kombos).filter(|kombos| !kombos.is_empty() && *kombos != address),
        letter: it.state.is_open().then(|| LetterView::of(letter)).transpose()?,
        integration: integration.map(|row| (row.id, tool_label(&row.tool))),
        no_mail: app.config.mail.is_none().then_some(NO_MAIL),
        customer,
        it,
        address,
    };
    Ok(Page(page).into_response())
}

async fn mail(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path((id, link)): Path<(CustomerId, ConnectionLinkId)>,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let done = connection_link::mail(&mut work, id, link).await;
    let notice = finished(work, done, "The mail is on its way.").await?;
    app.outbox_bell.notify_one();
    staff.tell(&app, notice).await?;
    Ok(hx.go(&format!("/customers/{id}/links/{link}")))
}

/// Keeps what was done and says so, or says why it was refused.
async fn finished(work: Work, done: Result<(), actions::Error>, says: &'static str) -> Result<Notice, Error> {
    match done {
        Ok(()) => {
            work.commit().await?;
            Ok(Notice::good(says))
        }
        Err(actions::Error::Refused(why)) => Ok(Notice::bad(why)),
        Err(error) => Err(error.into()),
    }
}

/// A new link just like an earlier one, which leads nowhere from then on.
async fn again(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path((id, link)): Path<(CustomerId, ConnectionLinkId)>,
) -> Result<Response, Error> {
    find(&app, &staff, id).await?;
    let mut conn = app.read().await?;
    let old = connection_links::find(&mut conn, id, link)
        .await?
        .ok_or(Error::NotFound)?
        .row;
    drop(conn);
    let (tools, kombo, viewer) = (app.tools(), app.kombo.as_ref(), &staff.viewer);
    let made = match (old.kind, old.integration_id) {
        (kind @ (LinkKind::Reconnect | LinkKind::SetUp), Some(integration)) => {
            make_connection_link::make_for(tools, kombo, viewer, integration, kind, old.language.clone()).await
        }
        _ => {
            let wanted = Wanted {
                tool: old.tool.clone().unwrap_or_default(),
                language: old.language.clone(),
                embedded: old.is_embedded(),
            };
            make_connection_link::make(tools, kombo, viewer, id, wanted).await
        }
    };
    let (notice, to) = match made {
        Ok(new) => {
            if old.state(app.clock.now()).is_open() {
                let mut work = app.begin(viewer).await?;
                connection_link::withdraw(&mut work, id, link).await?;
                work.commit().await?;
            }
            (
                Notice::good("Here is a new link. The earlier one leads nowhere any more."),
                new.id,
            )
        }
        Err(actions::Error::Refused(why)) => (Notice::bad(why), link),
        Err(actions::Error::Fields(faults)) => {
            let why = faults.into_iter().next().map(|(_, why)| why);
            (Notice::bad(why.unwrap_or_default()), link)
        }
        Err(error) => return Err(error.into()),
    };
    staff.tell(&app, notice).await?;
    Ok(hx.go(&format!("/customers/{id}/links/{to}")))
}

async fn withdraw(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path((id, link)): Path<(CustomerId, ConnectionLinkId)>,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let done = connection_link::withdraw(&mut work, id, link).await;
    let says = "The link is turned off: whoever opens it reads that it was replaced.";
    let notice = finished(work, done, says).await?;
    staff.tell(&app, notice).await?;
    Ok(hx.go(&format!("/customers/{id}/links/{link}")))
}

async fn find(app: &App, staff: &Staff, id: CustomerId) -> Result<CustomerRow, Error> {
    let mut conn = app.read().await?;
    customers::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)
}
