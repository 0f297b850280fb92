//! The invitation's words: the house's at `/settings/invitations`, a customer's at `/customers/{id}/invitation`.
//!
//! Both are one editor. What is typed is shown at once as the candidate would read it, on the newest real order.

mod preview;

use super::letter_view::LetterView;
use super::refused::{self, SavedNow};
use crate::actions::change_invitation_text::{self, Place};
use crate::actions::{self, invite};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::customer::FieldError;
use crate::domain::ids::CustomerId;
use crate::domain::invitation::{PLACEHOLDERS, Words};
use crate::domain::language::Language;
use crate::domain::role::Permission;
use crate::store::audit::{self, Line};
use crate::store::customers::{self, CustomerRow};
use crate::store::invitation_texts::{self, TextRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use preview::Preview;
use serde::Deserialize;

/// The fields that can be overtaken by somebody else.
const LABELS: [(&str, &str); 2] = [("subject", "Subject"), ("body", "Text")];

pub(super) fn routes() -> Vec<Route> {
    let house = Access::Needs(Permission::ViewSettings);
    let manage = Access::Needs(Permission::ManageCustomers);
    vec![
        Route::get("/settings/invitations", house, |app, staff, asked| {
            show(app, staff, None, asked)
        }),
        Route::post("/settings/invitations", house, |app, staff, hx, form| {
            act(app, staff, hx, None, form)
        }),
        Route::post("/settings/invitations/preview", house, |app, staff, form| {
            draw(app, staff, None, form)
        }),
        Route::get(
            "/customers/{id}/invitation",
            Access::Needs(Permission::ViewCustomers),
            |app, staff, Path(id), asked| show(app, staff, Some(id), asked),
        ),
        Route::post(
            "/customers/{id}/invitation",
            manage,
            |app, staff, hx, Path(id), form| act(app, staff, hx, Some(id), form),
        ),
        Route::post(
            "/customers/{id}/invitation/preview",
            manage,
            |app, staff, Path(id), form| draw(app, staff, Some(id), form),
        ),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    language: String,
}

/// A language's tab.
struct Tab {
    language: Language,
    is_current: bool,
    has_own: bool,
}

#[derive(Template)]
#[template(path = "desk/invitation.html", blocks = ["preview"])]
struct EditorPage {
    frame: Frame,
    customer: Option<CustomerRow>,
    path: String,
    language: Language,
    tabs: Vec<Tab>,
    form: FormState,
    own: Option<TextRow>,
    preview: Preview,
    saved_now: Vec<SavedNow>,
    changed_by: Option<Line>,
    may_change: bool,
    mail_is_set: bool,
    email: String,
}

impl EditorPage {
    /// Why there is nothing to show yet.
    fn faults(&self) -> Vec<FieldError> {
        typed(&self.form).faults()
    }
}

/// Whose words these are, as the person may see them.
struct Desk {
    app: App,
    staff: Staff,
    customer: Option<CustomerRow>,
}

impl Desk {
    async fn of(app: App, staff: Staff, id: Option<CustomerId>) -> Result<Self, Error> {
        let customer = match id {
            Some(id) => {
                let mut conn = app.read().await?;
                let row = customers::find(&mut conn, &staff.viewer, id).await?;
                Some(row.ok_or(Error::NotFound)?)
            }
            None => None,
        };
        Ok(Self { app, staff, customer })
    }

    fn path(&self) -> String {
        self.customer.as_ref().map_or_else(
            || "/settings/invitations".to_owned(),
            |customer| format!("/customers/{}/invitation", customer.id),
        )
    }

    fn place(&self, language: Language) -> Place {
        Place {
            customer: self.customer.as_ref().map(|customer| customer.id),
            language,
        }
    }

    /// The language that is asked for, else the one in which this customer's candidates are written to.
    fn language(&self, asked: &str) -> Language {
        let own = self
            .customer
            .as_ref()
            .map_or(Language::En, |customer| customer.language);
        Language::parse(asked).unwrap_or(own)
    }

    async fn own(&self, language: Language) -> Result<Option<TextRow>, Error> {
        let mut conn = self.app.read().await?;
        Ok(invitation_texts::own(&mut conn, self.place(language).customer, language).await?)
    }

    /// The form as the words stand now.
    async fn filled(&self, language: Language) -> Result<FormState, Error> {
        let own = self.own(language).await?;
        let version = own.as_ref().map_or(0, |row| row.version);
        let mut conn = self.app.read().await?;
        let words = invite::words_for(&mut conn, self.place(language).customer, language).await?;
        Ok(FormState::filled([
            ("version", version.to_string()),
            ("language", language.to_string()),
            ("subject", words.subject),
            ("body", words.body),
        ]))
    }

    async fn page(self, language: Language, form: FormState, saved_now: Vec<SavedNow>) -> Result<EditorPage, Error> {
        let own = self.own(language).await?;
        let mut conn = self.app.read().await?;
        let place = self.place(language);
        let with_own = invitation_texts::languages(&mut conn, place.customer).await?;
        let changed_by = match &own {
            Some(own) => audit::newest_of_subject(&mut conn, own.id.0, "invitation.text_changed").await?,
            None => None,
        };
        drop(conn);
        let tab = |tab: &Language| Tab {
            language: *tab,
            is_current: *tab == language,
            has_own: with_own.contains(tab),
        };
        let section = if self.customer.is_some() {
            Section::Customers
        } else {
            Section::Settings
        };
        let preview = Preview::of(&self, &typed(&form), language).await?;
        let needed = if self.customer.is_some() {
            Permission::ManageCustomers
        } else {
            Permission::ViewSettings
        };
        Ok(EditorPage {
            frame: self.staff.frame(&self.app, "Invitation", section).await?,
            path: self.path(),
            language,
            tabs: Language::ALL.iter().map(tab).collect(),
            form,
            own,
            preview,
            saved_now,
            changed_by,
            may_change: self.staff.viewer.can(needed),
            mail_is_set: self.app.mail.is_some(),
            email: self.staff.email.clone(),
            customer: self.customer,
        })
    }
}

fn typed(form: &FormState) -> Words {
    let words = Words {
        subject: form.value("subject").to_owned(),
        body: form.value("body").to_owned(),
    };
    words.trimmed()
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    id: Option<CustomerId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let desk = Desk::of(app, staff, id).await?;
    let language = desk.language(&asked.language);
    let form = desk.filled(language).await?;
    Ok(Page(desk.page(language, form, Vec::new()).await?).into_response())
}

/// The preview alone, while somebody types.
async fn draw(
    State(app): State<App>,
    staff: Staff,
    id: Option<CustomerId>,
    form: FormState,
) -> Result<Response, Error> {
    let desk = Desk::of(app, staff, id).await?;
    let language = desk.language(form.value("language"));
    let page = desk.page(language, form, Vec::new()).await?;
    Ok(crate::web::page::render(&page.as_preview()))
}

/// Saves, shows, sends a test mail, or goes back to the default, as the button says.
async fn act(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    id: Option<CustomerId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let desk = Desk::of(app, staff, id).await?;
    let language = desk.language(form.value("language"));
    let version = form.version()?;
    let place = desk.place(language);
    let words = typed(&form);
    let mut work = desk.app.begin(&desk.staff.viewer).await?;
    let done = match form.value("do") {
        "test" => preview::send_test(&mut work, &desk, &words, language)
            .await
            .map(|()| format!("A test mail is on its way to {}.", desk.staff.email)),
        "default" => change_invitation_text::restore_default(&mut work, place, version)
            .await
            .map(|()| "The default words count again.".to_owned()),
        "preview" => Err(actions::Error::Fields(words.faults())),
        _ => change_invitation_text::change(&mut work, place, version, &words)
            .await
            .map(|_| "Saved. Invitations that are written from now on read so.".to_owned()),
    };
    match done {
        Ok(said) => {
            work.commit().await?;
            desk.app.outbox_bell.notify_one();
            desk.staff.tell(&desk.app, Notice::good(said)).await?;
            Ok(hx.go(&format!("{}?language={language}", desk.path())))
        }
        Err(error) if error.is_changed() => {
            drop(work);
            overtaken(desk, language, form).await
        }
        Err(error) => {
            drop(work);
            refused::note(&mut form, error)?;
            let status = if form.is_valid() {
                StatusCode::OK
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            Ok((status, Page(desk.page(language, form, Vec::new()).await?)).into_response())
        }
    }
}

/// Somebody else saved first: shows what stands now, and keeps what was typed.
async fn overtaken(desk: Desk, language: Language, mut form: FormState) -> Result<Response, Error> {
    let now = desk.filled(language).await?;
    let saved_now = refused::overtaken(&form, &now, &LABELS, |_, value| value.to_owned());
    form.set("version", now.value("version"));
    let page = desk.page(language, form, saved_now).await?;
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}
