//! The draft offer changes from its page: one package or many at once.

use super::offer::Asked;
use super::words::{self, WordsPage};
use super::{IntegrationPage, days_of, refused, seen};
use crate::actions;
use crate::actions::change_offer::{self, OfferChange};
use crate::actions::work::Work;
use crate::app::App;
use crate::auth::Staff;
use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::offer_window::OfferWindow;
use crate::web::{Error, FormState, Hx, Notice, Page, Path};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// What the form asks for, and where the page stands afterwards.
struct Deed {
    change: OfferChange,
    /// The row that is to be looked at; `None`: the head of the offer.
    row: Option<PackageId>,
    /// What to say of it.
    said: Option<String>,
}

pub(super) async fn change(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    form: FormState,
) -> Result<Response, Error> {
    let version = form.version()?;
    let window = match window(&app, &staff, id, &form).await? {
        Ok(window) => window,
        Err(error) => return refuse(&app, &staff, id, form, error).await,
    };
    let deed = read(&form, window)?;
    let order = order(&form)?;
    let mut work = app.begin(&staff.viewer).await?;
    match carry_out(&mut work, id, version, order, deed.change).await {
        Ok(()) => {
            work.commit().await?;
            if let Some(said) = deed.said {
                staff.tell(&app, Notice::good(said)).await?;
            }
            let row = deed.row.map_or_else(|| "offer".to_owned(), |row| format!("row-{row}"));
            let within = Asked::query(&form);
            Ok(hx.go(&format!("/integrations/{id}{within}#{row}")))
        }
        Err(error) => {
            drop(work);
            refuse(&app, &staff, id, form, error).await
        }
    }
}

/// From when to when a package is to be offered, by the customer's days.
async fn window(
    app: &App,
    staff: &Staff,
    id: IntegrationId,
    form: &FormState,
) -> Result<Result<OfferWindow, actions::Error>, Error> {
    if form.value("do") != "describe" {
        return Ok(Ok(OfferWindow::default()));
    }
    let mut conn = app.read().await?;
    let (_, customer) = seen(&mut conn, &staff.viewer, id).await?;
    drop(conn);
    let read = days_of(customer.as_ref()).read_window(form.value("from"), form.value("until"));
    Ok(read.map_err(|field| actions::Error::field(field, "Please give a day, like 2026-12-31.")))
}

/// The order that was given to the list and not saved yet comes first; then what the button says.
async fn carry_out(
    work: &mut Work,
    id: IntegrationId,
    mut version: i64,
    order: Option<OfferChange>,
    change: OfferChange,
) -> Result<(), actions::Error> {
    if let Some(order) = order.filter(|order| *order != change) {
        version = change_offer::change(work, id, version, order).await?;
    }
    change_offer::change(work, id, version, change).await.map(drop)
}

/// The page again, with all that was typed, ticked and arranged.
async fn refuse(
    app: &App,
    staff: &Staff,
    id: IntegrationId,
    mut form: FormState,
    error: actions::Error,
) -> Result<Response, Error> {
    let is_overtaken = error.is_changed();
    let status = if is_overtaken {
        StatusCode::CONFLICT
    } else {
        refused::note(&mut form, error)?;
        StatusCode::UNPROCESSABLE_ENTITY
    };
    if form.value("do") == "describe" {
        let package = package(form.value("package"))?;
        let page = WordsPage::of(app, staff, id, package, Some(words::Typed { form, is_overtaken })).await?;
        return Ok((status, Page(page)).into_response());
    }
    if let Some((_, why)) = form.errors().first().cloned() {
        form.refuse_all(why);
    }
    // What is shown now is what the next press is about.
    form.forget("version");
    let mut page = IntegrationPage::of(app, staff, id, Asked::of(form.clone())).await?;
    if is_overtaken {
        page.overtaken(app, staff).await?;
    }
    page.form = form;
    Ok((status, Page(page)).into_response())
}

fn lost() -> Error {
    Error::Invalid("The form does not say which package is meant.".into())
}

fn package(text: &str) -> Result<PackageId, Error> {
    text.parse().map_err(|_| lost())
}

/// The order of all rows, where somebody moved them about without saving.
fn order(form: &FormState) -> Result<Option<OfferChange>, Error> {
    let told = form.value("order").split_whitespace();
    let order = told.map(package).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(order).filter(|order| !order.is_empty()).map(OfferChange::Arrange))
}

/// A button of a row names its package (`remove 0190…`); the others mean the ticked ones.
fn read(form: &FormState, window: OfferWindow) -> Result<Deed, Error> {
    let (deed, packages) = match form.value("do").split_once(' ') {
        Some((deed, one)) => (deed, vec![package(one)?]),
        None => (
            form.value("do"),
            form.all("package").map(package).collect::<Result<_, _>>()?,
        ),
    };
    let row = packages.first().copied();
    let said = match (deed, packages.len()) {
        ("add", count) => Some(added(count)),
        ("remove", count) if count > 1 => Some(removed(count)),
        ("arrange", _) => Some("The order is saved.".to_owned()),
        _ => None,
    };
    Ok(Deed {
        row: row.filter(|_| !matches!(deed, "add" | "remove" | "arrange")),
        change: meant(form, deed, packages, window)?,
        said,
    })
}

fn meant(form: &FormState, deed: &str, packages: Vec<PackageId>, window: OfferWindow) -> Result<OfferChange, Error> {
    let only = packages.first().copied().ok_or_else(lost);
    Ok(match deed {
        "add" => OfferChange::Add(packages),
        "remove" => OfferChange::Remove(packages),
        "back" => OfferChange::PutBack(only?),
        "describe" => OfferChange::Describe {
            package: only?,
            name: form.value("name").to_owned(),
            description: form.value("description").replace("\r\n", "\n"),
            window,
        },
        "up" | "down" => OfferChange::Step {
            packages,
            up: deed == "up",
        },
        "put" => OfferChange::PutAt {
            packages,
            place: form.value("place").trim().parse().unwrap_or_default(),
        },
        "arrange" => order(form)?.ok_or_else(lost)?,
        _ => return Err(lost()),
    })
}

fn added(count: usize) -> String {
    let what = if count == 1 {
        "1 package is".to_owned()
    } else {
        format!("{count} packages are")
    };
    format!("{what} in the draft now. Recruiters can order once it is published.")
}

fn removed(count: usize) -> String {
    format!(
        "{count} packages are out of the draft. The ATS offers them until you publish; those that are published can be put back."
    )
}
