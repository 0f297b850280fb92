//! `/staff`: who may sign in, as what, and which customers they see.

use crate::actions::staff_add::{self, Given};
use crate::actions::{staff_change, staff_link};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{CustomerId, StaffId};
use crate::domain::role::{Permission, Role};
use crate::store::staff::Member;
use crate::store::{Conn, customers, staff};
use crate::web::frame::Section;
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

const MANAGE: Access = Access::Needs(Permission::ManageStaff);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/staff", MANAGE, list),
        Route::get("/staff/new", MANAGE, new),
        Route::post("/staff/new", MANAGE, add),
        Route::get("/staff/{id}", MANAGE, show),
        Route::post("/staff/{id}", MANAGE, change),
        Route::post("/staff/{id}/link", MANAGE, make_link),
        Route::post("/staff/{id}/disable", MANAGE, disable),
        Route::post("/staff/{id}/enable", MANAGE, enable),
    ]
}

#[derive(Template)]
#[template(path = "desk/staff.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Row>,
}

struct Row {
    member: Member,
    sees: String,
}

#[derive(Template)]
#[template(path = "desk/staff_member.html")]
struct MemberPage {
    frame: Frame,
    /// `None` while somebody is being added.
    member: Option<Member>,
    is_self: bool,
    form: FormState,
    roles: &'static [Role],
    customers: Vec<(CustomerId, String)>,
    /// The address of a one-time link that was just made: this page is the only place where it is ever shown.
    link: Option<String>,
}

async fn list(State(app): State<App>, viewer: Staff) -> Result<Page<ListPage>, Error> {
    let frame = viewer.frame(&app, "Staff", Section::Staff).await?;
    let mut conn = app.read().await?;
    let members = staff::list(&mut conn).await?;
    let mut limits: HashMap<StaffId, Vec<String>> = HashMap::new();
    for limit in staff::limits(&mut conn).await? {
        limits.entry(limit.staff_id).or_default().push(limit.name);
    }
    let row = |member: Member| {
        let own = limits.remove(&member.id).unwrap_or_default();
        Row {
            sees: sees(&member, &own),
            member,
        }
    };
    Ok(Page(ListPage {
        frame,
        rows: members.into_iter().map(row).collect(),
    }))
}

fn sees(member: &Member, customers: &[String]) -> String {
    match (member.all_customers, customers) {
        (true, _) => "All".to_owned(),
        (false, []) => "None".to_owned(),
        (false, [one]) => one.clone(),
        (false, [first, rest @ ..]) => format!("{first} and {} more", rest.len()),
    }
}

async fn new(State(app): State<App>, viewer: Staff) -> Result<Response, Error> {
    let form = FormState::filled([("role", Role::Operator.as_str()), ("reach", "all")]);
    page(&app, &viewer, None, form, None).await
}

async fn add(State(app): State<App>, viewer: Staff, mut form: FormState) -> Result<Response, Error> {
    let Some(given) = given(&mut form) else {
        return page(&app, &viewer, None, form, None).await;
    };
    let mut work = app.begin(&viewer.viewer).await?;
    match staff_add::add(&mut work, form.value("email"), &given).await {
        Ok(id) => {
            let link = staff_link::make(&mut work, id).await?;
            work.commit().await?;
            member_page(&app, &viewer, id, Some(app.config.link(&link))).await
        }
        Err(error) => {
            drop(work);
            note(&mut form, error)?;
            page(&app, &viewer, None, form, None).await
        }
    }
}

async fn show(State(app): State<App>, viewer: Staff, Path(id): Path<StaffId>) -> Result<Response, Error> {
    member_page(&app, &viewer, id, None).await
}

async fn change(
    State(app): State<App>,
    viewer: Staff,
    hx: Hx,
    Path(id): Path<StaffId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let version = form.version()?;
    let done = match given(&mut form) {
        None => None,
        Some(given) => {
            let mut work = app.begin(&viewer.viewer).await?;
            match staff_change::change(&mut work, id, version, &given).await {
                Ok(()) => {
                    work.commit().await?;
                    Some(format!(
                        "{} is changed. It counts from their next click on.",
                        given.name.trim()
                    ))
                }
                Err(error) => {
                    note(&mut form, error)?;
                    None
                }
            }
        }
    };
    let Some(done) = done else {
        let member = find(&mut app.read().await?, id).await?;
        return page(&app, &viewer, Some(member), form, None).await;
    };
    viewer.tell(&app, Notice::good(done)).await?;
    Ok(hx.go("/staff"))
}

async fn make_link(State(app): State<App>, viewer: Staff, Path(id): Path<StaffId>) -> Result<Response, Error> {
    let mut work = app.begin(&viewer.viewer).await?;
    let link = staff_link::make(&mut work, id).await?;
    work.commit().await?;
    member_page(&app, &viewer, id, Some(app.config.link(&link))).await
}

async fn disable(
    State(app): State<App>,
    viewer: Staff,
    hx: Hx,
    Path(id): Path<StaffId>,
    form: FormState,
) -> Result<Response, Error> {
    let mut work = app.begin(&viewer.viewer).await?;
    staff_change::disable(&mut work, id, form.version()?).await?;
    let name = find(&mut work.conn, id).await?.name;
    work.commit().await?;
    let done = format!("{name} may sign in no longer and is signed out everywhere.");
    viewer.tell(&app, Notice::good(done)).await?;
    Ok(hx.go("/staff"))
}

async fn enable(
    State(app): State<App>,
    viewer: Staff,
    hx: Hx,
    Path(id): Path<StaffId>,
    form: FormState,
) -> Result<Response, Error> {
    let mut work = app.begin(&viewer.viewer).await?;
    staff_change::enable(&mut work, id, form.version()?).await?;
    let name = find(&mut work.conn, id).await?.name;
    work.commit().await?;
    let done = format!("{name} may sign in again, with the password from before.");
    viewer.tell(&app, Notice::good(done)).await?;
    Ok(hx.go("/staff"))
}

/// Name, role and reach out of the form; what is wrong is noted there.
fn given(form: &mut FormState) -> Option<Given> {
    let name = form.required("name", staff_add::NAME_MOST);
    let role = Role::parse(form.value("role"));
    if role.is_none() {
        form.refuse("role", "Please choose one.");
    }
    let all_customers = form.value("reach") != "some";
    let customers: Vec<CustomerId> = form.all("customer").filter_map(|id| id.parse().ok()).collect();
    if !all_customers && customers.is_empty() {
        form.refuse("reach", "Choose at least one customer, or all.");
    }
    Some(Given {
        name: name?,
        role: role?,
        all_customers,
        customers,
    })
    .filter(|_| form.is_valid())
}

/// Puts what an action refused into the form; everything else stays an error.
fn note(form: &mut FormState, error: crate::actions::Error) -> Result<(), Error> {
    match error {
        crate::actions::Error::Fields(faults) => {
            for (field, why) in faults {
                form.refuse(field, why);
            }
        }
        crate::actions::Error::Refused(why) => form.refuse_all(why),
        error if error.is_changed() => {
            form.refuse_all("Somebody else changed this person in the meantime, so nothing was saved. Open the page again to see how they stand now.");
        }
        other => return Err(other.into()),
    }
    Ok(())
}

async fn find(conn: &mut Conn, id: StaffId) -> Result<Member, Error> {
    staff::find(conn, id).await?.ok_or(Error::NotFound)
}

/// The page of a person as they stand.
async fn member_page(app: &App, viewer: &Staff, id: StaffId, link: Option<String>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let member = find(&mut conn, id).await?;
    let limits = staff::limits(&mut conn).await?;
    drop(conn);
    let mut values = vec![
        ("name", member.name.clone()),
        ("role", member.role.as_str().to_owned()),
        ("reach", if member.all_customers { "all" } else { "some" }.to_owned()),
        ("version", member.version.to_string()),
    ];
    let own = limits.iter().filter(|limit| limit.staff_id == id);
    values.extend(own.map(|limit| ("customer", limit.customer_id.to_string())));
    page(app, viewer, Some(member), FormState::filled(values), link).await
}

async fn page(
    app: &App,
    viewer: &Staff,
    member: Option<Member>,
    form: FormState,
    link: Option<String>,
) -> Result<Response, Error> {
    let status = if form.is_valid() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let title = member
        .as_ref()
        .map_or("Add a person".to_owned(), |member| member.name.clone());
    let frame = viewer.frame(app, title, Section::Staff).await?;
    let mut conn = app.read().await?;
    let page = MemberPage {
        frame,
        is_self: member.as_ref().is_some_and(|member| member.id == viewer.id),
        member,
        form,
        roles: Role::ALL,
        customers: customers::names(&mut conn, &viewer.viewer).await?,
        link,
    };
    Ok((status, Page(page)).into_response())
}
