//! The field for what the recruiter reads: reasons of the library to choose from, the text, and how it will look.
//!
//! The text of a chosen reason stands filled in beside its button, so that choosing costs no round trip; without
//! JavaScript the button asks for the page with that text in the field.

use crate::app::App;
use crate::domain::ids::ReasonId;
use crate::domain::language::Language;
use crate::domain::reason::{Filling, ReasonUse, best_text};
use crate::store::customers::CustomerRow;
use crate::store::orders::OrderRow;
use crate::store::{Conn, reasons};
use crate::web::{Error, FormState};
use askama::Template;

/// How many reasons have a key of their own.
const KEYS: usize = 9;

/// A reason to choose.
pub(super) struct Choice {
    pub(super) id: ReasonId,
    pub(super) name: String,
    /// The digit that picks it.
    pub(super) key: Option<usize>,
    /// What the recruiter would read.
    pub(super) text: String,
    /// The text's language, where it is not the customer's.
    pub(super) language: Option<Language>,
}

/// The order that the field is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) order: &'a OrderRow,
    pub(super) customer: Option<&'a CustomerRow>,
    /// What people call its ATS.
    pub(super) ats: &'a str,
}

/// The field with everything around it (`templates/desk/_reason_field.html`).
pub(super) struct ReasonField {
    what: ReasonUse,
    /// What the ids of its parts begin with; in the bar of held orders, which lies over every page, `held-…`.
    pub(super) prefix: String,
    pub(super) action: String,
    pub(super) choices: Vec<Choice>,
    pub(super) chosen: Option<ReasonId>,
    pub(super) text: String,
    /// The language in which the recruiters of this customer read.
    pub(super) language: Language,
    pub(super) error: Option<String>,
    pub(super) ats: String,
    pub(super) package: String,
}

/// How the text will look in the ATS.
#[derive(Template)]
#[template(path = "desk/_reason_preview.html")]
pub(super) struct Preview {
    field: ReasonField,
}

/// The reason of the library that the form names.
pub(super) fn chosen(form: &FormState) -> Option<ReasonId> {
    form.value("reason_id").parse().ok()
}

impl ReasonField {
    /// The field of this order; with what was typed, where its form was sent before.
    pub(super) async fn of(
        app: &App,
        about: About<'_>,
        what: ReasonUse,
        typed: Option<&FormState>,
    ) -> Result<Self, Error> {
        let order = about.order;
        let language = about.customer.map_or(Language::En, |customer| customer.language);
        let mut conn = app.read().await?;
        let choices = choices(&mut conn, what, language, &filling(about)).await?;
        let typed = typed.filter(|form| !form.all("reason").collect::<Vec<_>>().is_empty());
        Ok(Self {
            what,
            prefix: word(what).to_owned(),
            action: format!("/orders/{}/{}", order.id, word(what)),
            chosen: typed
                .and_then(chosen)
                .filter(|id| choices.iter().any(|choice| choice.id == *id)),
            choices,
            text: typed.map_or_else(
                || order.reason_text.clone().unwrap_or_default(),
                |form| form.value("reason").to_owned(),
            ),
            language,
            error: typed.and_then(|form| form.error("reason")).map(str::to_owned),
            ats: about.ats.to_owned(),
            package: order.package_name.clone(),
        })
    }

    /// Puts the chosen reason's text into the field, in place of what stood there.
    pub(super) fn put_chosen(&mut self) {
        let choice = self.choices.iter().find(|choice| Some(choice.id) == self.chosen);
        if let Some(choice) = choice {
            self.text.clone_from(&choice.text);
        }
    }

    pub(super) fn is_chosen(&self, choice: &Choice) -> bool {
        self.chosen == Some(choice.id)
    }

    /// Whether it stands in the bar of held orders: there `Enter` sends, and the keyboard goes to it at once.
    pub(super) fn is_in_bar(&self) -> bool {
        self.prefix.starts_with("held")
    }

    /// What the recruiter sees happen.
    pub(super) fn outcome(&self) -> &'static str {
        match self.what {
            ReasonUse::Rejection => "rejected",
            ReasonUse::Cancellation => "cancelled",
        }
    }

    pub(super) fn preview(self) -> Preview {
        Preview { field: self }
    }
}

const fn word(what: ReasonUse) -> &'static str {
    match what {
        ReasonUse::Rejection => "reject",
        ReasonUse::Cancellation => "cancel",
    }
}

/// What this order fills into a reason's text.
fn filling(about: About<'_>) -> Filling {
    Filling {
        package: about.order.package_name.clone(),
        customer: about.customer.map(|customer| customer.name.clone()),
        job: about.order.job_name.clone(),
        order: about.order.id.to_string(),
    }
}

async fn choices(
    conn: &mut Conn,
    what: ReasonUse,
    language: Language,
    filling: &Filling,
) -> Result<Vec<Choice>, Error> {
    let texts = reasons::texts(conn).await?;
    let rows = reasons::offered(conn, what).await?;
    let choice = |(at, row): (usize, reasons::ReasonRow)| {
        let own = texts.iter().filter(|text| text.reason_id == row.id);
        let own = own.map(|text| (text.language, text.text.clone())).collect::<Vec<_>>();
        let (found, text) = best_text(&own, language)?;
        Some(Choice {
            id: row.id,
            name: row.name,
            key: (at < KEYS).then_some(at + 1),
            // Every placeholder was known when the text was saved.
            text: filling.fill(text).ok()?,
            language: Some(found).filter(|found| *found != language),
        })
    };
    Ok(rows.into_iter().enumerate().filter_map(choice).collect())
}
