//! `/customers`: every customer with its health at a glance, and a new one.

use super::customer_form;
use super::{refused, unpublished};
use crate::actions::create_customer;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::CustomerId;
use crate::domain::role::Permission;
use crate::domain::text::fold;
use crate::store::customers::{self, After, CustomerFilter, CustomerGlance};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// How many customers stand on a page: about as many as one looks through. A search finds the others.
const PAGE: u8 = 30;

pub(super) fn routes() -> Vec<Route> {
    let manage = Access::Needs(Permission::ManageCustomers);
    vec![
        Route::get("/customers", Access::Needs(Permission::ViewCustomers), list),
        Route::get("/customers/new", manage, new),
        Route::post("/customers", manage, create),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    archived: String,
    after: Option<CustomerId>,
}

impl Asked {
    /// The same list, but after this customer; `None`: from its beginning.
    fn url(&self, after: Option<CustomerId>) -> String {
        let after = after.map(|id| id.to_string());
        let pairs = [
            ("q", self.q.as_str()),
            ("archived", &self.archived),
            ("after", after.as_deref().unwrap_or_default()),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        if query.is_empty() {
            "/customers".into()
        } else {
            format!("/customers?{query}")
        }
    }
}

#[derive(Template)]
#[template(path = "desk/customers.html", blocks = ["list"])]
struct CustomersPage {
    frame: Frame,
    asked: Asked,
    rows: Vec<CustomerGlance>,
    first: Option<String>,
    next: Option<String>,
    may_manage: bool,
    /// Offers that wait to be published.
    unpublished: i64,
}

async fn list(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let after = match asked.after {
        Some(id) => customers::find(&mut conn, &staff.viewer, id).await?.map(|row| After {
            name_folded: fold(&row.name),
            id,
        }),
        None => None,
    };
    let filter = CustomerFilter {
        name: asked.q.clone(),
        archived: asked.archived == "on",
    };
    let mut rows = customers::list(&mut conn, &staff.viewer, &filter, after.as_ref(), i64::from(PAGE) + 1).await?;
    let unpublished = unpublished::count(&mut conn, &staff, None).await?;
    drop(conn);
    let more = rows.len() > usize::from(PAGE);
    rows.truncate(PAGE.into());
    let page = CustomersPage {
        unpublished,
        frame: staff.frame(&app, "Customers", Section::Customers).await?,
        first: after.map(|_| asked.url(None)),
        next: rows.last().filter(|_| more).map(|row| asked.url(Some(row.id))),
        may_manage: staff.viewer.can(Permission::ManageCustomers),
        asked,
        rows,
    };
    Ok(hx.answer(&page, &page.as_list()))
}

#[derive(Template)]
#[template(path = "desk/customer_new.html")]
struct NewCustomerPage {
    frame: Frame,
    form: FormState,
    invite_hint: &'static str,
}

async fn new_page(app: &App, staff: &Staff, form: FormState) -> Result<Page<NewCustomerPage>, Error> {
    let frame = staff.frame(app, "New customer", Section::Customers).await?;
    Ok(Page(NewCustomerPage {
        frame,
        form,
        invite_hint: customer_form::invite_hint(app),
    }))
}

async fn new(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    Ok(new_page(&app, &staff, customer_form::blank()).await?.into_response())
}

async fn create(State(app): State<App>, staff: Staff, hx: Hx, mut form: FormState) -> Result<Response, Error> {
    if let Some(input) = customer_form::read(&mut form) {
        let mut work = app.begin(&staff.viewer).await?;
        match create_customer::create(&mut work, input).await {
            Ok(row) => {
                work.commit().await?;
                let done = format!(
                    "{} is here. Next, make a connection link and send it to them.",
                    row.name
                );
                staff.tell(&app, Notice::good(done)).await?;
                return Ok(hx.go(&format!("/customers/{}", row.id)));
            }
            Err(error) => refused::note(&mut form, error)?,
        }
    }
    let page = new_page(&app, &staff, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
