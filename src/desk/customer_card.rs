//! `/customers/{id}/card`: who looks after a customer, whom to ask there, how to work on its orders, and anything else.

use super::refused::{self, SavedNow};
use crate::actions::change_customer_card;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::customer_card::{CardInput, Contact, MOST_CONTACTS};
use crate::domain::ids::{CustomerId, StaffId};
use crate::domain::labels;
use crate::domain::role::Permission;
use crate::store::audit::{self, Line};
use crate::store::customer_cards::{self, CardRow};
use crate::store::customers::{self, CustomerRow};
use crate::store::staff::{self, Member};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// How many empty rows for people stand under those that are filled in.
const SPARE: usize = 2;

/// The fields of the form that can be overtaken by somebody else.
const LABELS: [(&str, &str); 5] = [
    ("owner", "Looked after by"),
    ("people", "People"),
    ("tags", "Tags"),
    ("instructions", "Handling instructions"),
    ("notes", "Notes"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/customers/{id}/card", Access::Needs(Permission::ViewCustomers), show),
        Route::post(
            "/customers/{id}/card",
            Access::Needs(Permission::ManageCustomers),
            change,
        ),
    ]
}

#[derive(Template)]
#[template(path = "desk/customer_card.html")]
struct CardPage {
    frame: Frame,
    customer: CustomerRow,
    form: FormState,
    contacts: Vec<Contact>,
    staff: Vec<(StaffId, String)>,
    changed_by: Option<Line>,
    saved_now: Vec<SavedNow>,
    may_manage: bool,
}

impl CardPage {
    async fn of(app: &App, staff: &Staff, customer: CustomerRow, form: FormState) -> Result<Self, Error> {
        let may_manage = staff.viewer.can(Permission::ManageCustomers);
        let mut conn = app.read().await?;
        let members = staff::list(&mut conn).await?;
        let changed_by = audit::newest_of_subject(&mut conn, customer.id.0, "customer.card_changed").await?;
        drop(conn);
        let owner = form.value("owner").to_owned();
        let members = members.into_iter();
        let members = members.filter(|it| it.disabled_at.is_none() || it.id.to_string() == owner);
        let mut contacts = people(&form);
        let spare = if may_manage { SPARE } else { 0 };
        contacts.resize(
            (contacts.len() + spare).min(MOST_CONTACTS.max(contacts.len())),
            Contact::default(),
        );
        Ok(Self {
            frame: staff.frame(app, "People and notes", Section::Customers).await?,
            staff: members.map(|member| (member.id, named(&member))).collect(),
            saved_now: Vec::new(),
            contacts,
            form,
            changed_by,
            may_manage,
            customer,
        })
    }
}

fn named(member: &Member) -> String {
    if member.name.is_empty() {
        member.email.clone()
    } else {
        member.name.clone()
    }
}

/// The people of the form, empty rows left out.
fn people(form: &FormState) -> Vec<Contact> {
    let parts = [
        form.all("contact_name"),
        form.all("contact_role"),
        form.all("contact_email"),
        form.all("contact_phone"),
    ];
    let [names, roles, emails, phones] = parts.map(|part| part.map(str::to_owned).collect::<Vec<_>>());
    let part = |parts: &[String], at: usize| parts.get(at).cloned().unwrap_or_default();
    let all = (0..names.len().min(MOST_CONTACTS + 1)).map(|at| Contact {
        name: part(&names, at),
        role: part(&roles, at),
        email: part(&emails, at),
        phone: part(&phones, at),
    });
    all.filter(|contact| !contact.is_empty()).collect()
}

fn filled(row: &CardRow) -> FormState {
    let mut values = vec![
        ("version", row.version.to_string()),
        ("owner", row.owner.map(|owner| owner.to_string()).unwrap_or_default()),
        ("tags", labels::shown(&row.tags)),
        ("instructions", row.instructions.clone()),
        ("notes", row.notes.clone()),
    ];
    for contact in row.people() {
        values.push(("contact_name", contact.name));
        values.push(("contact_role", contact.role));
        values.push(("contact_email", contact.email));
        values.push(("contact_phone", contact.phone));
    }
    FormState::filled(values)
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<CustomerId>) -> Result<Response, Error> {
    let (customer, card) = find(&app, &staff, id).await?;
    Ok(Page(CardPage::of(&app, &staff, customer, filled(&card)).await?).into_response())
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<CustomerId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let version = form.version()?;
    let owner = form.value("owner").parse::<StaffId>().ok();
    let lines = |text: &str| text.replace("\r\n", "\n");
    let input = CardInput {
        contacts: people(&form),
        tags: form.value("tags").to_owned(),
        instructions: lines(form.value("instructions")),
        notes: lines(form.value("notes")),
    };
    let mut work = app.begin(&staff.viewer).await?;
    match change_customer_card::change(&mut work, id, version, owner, input).await {
        Ok(_) => {
            work.commit().await?;
            staff
                .tell(&app, Notice::good("Saved for everybody who works for this customer."))
                .await?;
            return Ok(hx.go(&format!("/customers/{id}")));
        }
        Err(error) if error.is_changed() => {
            drop(work);
            return overtaken(&app, &staff, id, form).await;
        }
        Err(error) => refused::note(&mut form, error)?,
    }
    drop(work);
    let (customer, _) = find(&app, &staff, id).await?;
    let page = CardPage::of(&app, &staff, customer, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Somebody else saved first: shows what stands now, and keeps what was typed.
async fn overtaken(app: &App, staff: &Staff, id: CustomerId, mut form: FormState) -> Result<Response, Error> {
    let (customer, card) = find(app, staff, id).await?;
    let mut typed = form.clone();
    typed.set("people", in_words(&people(&form)));
    let mut saved = filled(&card);
    saved.set("people", in_words(&card.people()));
    form.set("version", card.version.to_string());
    let mut page = CardPage::of(app, staff, customer, form).await?;
    page.saved_now = refused::overtaken(&typed, &saved, &LABELS, |field, value| {
        let owner = page
            .staff
            .iter()
            .find(|(id, _)| field == "owner" && id.to_string() == value);
        owner.map_or_else(|| value.to_owned(), |(_, name)| name.clone())
    });
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}

fn in_words(people: &[Contact]) -> String {
    let each = people.iter().map(|it| {
        let parts = [&it.name, &it.role, &it.email, &it.phone];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    });
    each.collect::<Vec<_>>().join("; ")
}

async fn find(app: &App, staff: &Staff, id: CustomerId) -> Result<(CustomerRow, CardRow), Error> {
    let mut conn = app.read().await?;
    let customer = customers::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let card = customer_cards::find(&mut conn, id).await?;
    Ok((customer, card))
}
