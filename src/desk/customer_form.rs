//! The form of a customer's settings: shared by the new and the present one.

use super::customer_terms;
use crate::app::App;
use crate::domain::customer::{CustomerInput, DEFAULT_DUE_HOURS};
use crate::domain::intake::{
    CustomerSettings, DEFAULT_HOLD_SECONDS, HoldElse, HoldSetting, TakeOrders, UnknownPackage, WithdrawnPackage,
};
use crate::domain::language::Language;
use crate::store::customers::CustomerRow;
use crate::web::FormState;

/// The fields that can be overtaken by somebody else.
pub(super) const LABELS: [(&str, &str); 30] = [
    ("name", "Name"),
    ("origin_id", "Id for Kombo"),
    ("contact_email", "Contact's e-mail"),
    ("take_orders", "Orders"),
    ("hold_seconds", "Seconds for a person's decision"),
    ("hold_else", "When nobody decides in time"),
    ("hold_message", "Message when nobody decides in time"),
    ("unknown_package", "Unknown packages"),
    ("unknown_message", "Message about unknown packages"),
    ("withdrawn_package", "Withdrawn packages"),
    ("withdrawn_message", "Message about withdrawn packages"),
    ("invite", "Invited from here"),
    ("candidate_language", "Language"),
    ("due_hours", "Hours until due"),
    ("time_zone", "Time zone"),
    ("credits", "Orders left"),
    ("mon_from", "Monday, from"),
    ("mon_to", "Monday, to"),
    ("tue_from", "Tuesday, from"),
    ("tue_to", "Tuesday, to"),
    ("wed_from", "Wednesday, from"),
    ("wed_to", "Wednesday, to"),
    ("thu_from", "Thursday, from"),
    ("thu_to", "Thursday, to"),
    ("fri_from", "Friday, from"),
    ("fri_to", "Friday, to"),
    ("sat_from", "Saturday, from"),
    ("sat_to", "Saturday, to"),
    ("sun_from", "Sunday, from"),
    ("sun_to", "Sunday, to"),
];

/// The choice under 'Orders' that has a person decide while the recruiter waits.
const HOLD: &str = "hold";

/// What 'invited from here' means on this desk.
pub(super) fn invite_hint(app: &App) -> &'static str {
    if app.mail.is_some() {
        "Each candidate gets a mail with a personal link as soon as the order is accepted. Not needed where your own test system writes to them."
    } else {
        "No mail is set up on this desk (ASSESSDESK_SMTP_URL), so accepted orders wait on Today: a person passes the start link on and marks the order as invited."
    }
}

/// The form of a new customer, set as most want it.
pub(super) fn blank() -> FormState {
    FormState::filled([
        ("time_zone", "UTC".to_owned()),
        ("take_orders", TakeOrders::Accept.as_str().to_owned()),
        ("hold_seconds", DEFAULT_HOLD_SECONDS.to_string()),
        ("hold_else", HoldElse::Accept.as_str().to_owned()),
        ("unknown_package", UnknownPackage::Take.as_str().to_owned()),
        ("withdrawn_package", WithdrawnPackage::Serve.as_str().to_owned()),
        ("candidate_language", Language::En.as_str().to_owned()),
        ("due_hours", DEFAULT_DUE_HOURS.to_string()),
    ])
}

/// The form as the customer is set now.
pub(super) fn filled(row: &CustomerRow) -> FormState {
    let mut form = FormState::filled([
        ("version", row.version.to_string()),
        ("name", row.name.clone()),
        ("origin_id", row.origin_id.clone()),
        ("contact_email", row.contact_email.clone()),
        (
            "take_orders",
            row.hold_seconds.map_or(row.take_orders.as_str(), |_| HOLD).to_owned(),
        ),
        (
            "hold_seconds",
            row.hold_seconds.unwrap_or(DEFAULT_HOLD_SECONDS).to_string(),
        ),
        ("hold_else", row.hold_else.as_str().to_owned()),
        ("hold_message", row.hold_message.clone()),
        ("unknown_package", row.unknown_package.as_str().to_owned()),
        ("unknown_message", row.unknown_message.clone()),
        ("withdrawn_package", row.withdrawn_package.as_str().to_owned()),
        ("withdrawn_message", row.withdrawn_message.clone()),
        ("candidate_language", row.language.as_str().to_owned()),
        ("due_hours", row.due_hours.to_string()),
    ]);
    if row.invite {
        form.set("invite", "on");
    }
    customer_terms::fill(&mut form, row);
    form
}

/// What was typed; `None` where a choice or the number cannot be read (the form then says so).
pub(super) fn read(form: &mut FormState) -> Option<CustomerInput> {
    let choose = "Please choose one.";
    let holds = form.value("take_orders") == HOLD;
    let take_orders = if holds {
        Some(TakeOrders::Accept)
    } else {
        TakeOrders::parse(form.value("take_orders"))
    };
    let hold = if holds { Some(hold(form)?) } else { None };
    let unknown_package = UnknownPackage::parse(form.value("unknown_package"));
    let withdrawn_package = WithdrawnPackage::parse(form.value("withdrawn_package"));
    let language = Language::parse(form.value("candidate_language"));
    for (field, is_read) in [
        ("take_orders", take_orders.is_some()),
        ("unknown_package", unknown_package.is_some()),
        ("withdrawn_package", withdrawn_package.is_some()),
        ("candidate_language", language.is_some()),
    ] {
        if !is_read {
            form.refuse(field, choose);
        }
    }
    let due_hours = form.parsed("due_hours", "Please give a whole number of hours.")?;
    let text = |field: &str| form.value(field).replace("\r\n", "\n");
    Some(CustomerInput {
        name: text("name"),
        origin_id: text("origin_id"),
        contact_email: text("contact_email"),
        settings: CustomerSettings {
            take_orders: take_orders?,
            hold,
            unknown_package: unknown_package?,
            unknown_message: text("unknown_message"),
            withdrawn_package: withdrawn_package?,
            withdrawn_message: text("withdrawn_message"),
            invite: form.is_on("invite"),
            language: language?,
            due_hours,
        },
        terms: customer_terms::read(form)?,
    })
}

/// What was said about the hold.
fn hold(form: &mut FormState) -> Option<HoldSetting> {
    let seconds = form.parsed("hold_seconds", "Please give a whole number of seconds, from 0 to 10.");
    let otherwise = HoldElse::parse(form.value("hold_else"));
    if otherwise.is_none() {
        form.refuse("hold_else", "Please choose one.");
    }
    Some(HoldSetting {
        seconds: seconds?,
        otherwise: otherwise?,
        message: form.value("hold_message").replace("\r\n", "\n"),
    })
}

/// A field's value as people are shown it.
pub(super) fn in_words(field: &str, value: &str) -> String {
    let label = match field {
        "take_orders" if value == HOLD => Some("A person decides while the recruiter waits"),
        "take_orders" => TakeOrders::parse(value).map(TakeOrders::label),
        "hold_else" => HoldElse::parse(value).map(HoldElse::label),
        "unknown_package" => UnknownPackage::parse(value).map(UnknownPackage::label),
        "withdrawn_package" => WithdrawnPackage::parse(value).map(WithdrawnPackage::label),
        "candidate_language" => Language::parse(value).map(Language::label),
        "invite" => Some(if value == "on" { "yes" } else { "no" }),
        _ => None,
    };
    label.unwrap_or(value).to_owned()
}
