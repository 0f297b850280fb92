//! Customers: what a person may say about one, and whether it makes sense.

use super::hours::BusinessHours;
use super::intake::{CustomerSettings, LONGEST_HOLD_SECONDS};
use super::text::is_email;

/// A field and what is wrong with it, in a sentence.
pub type FieldError = (&'static str, String);

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 120;

/// The longest `origin_id`, in characters.
pub const LONGEST_ORIGIN: usize = 120;

/// The longest message to a recruiter, in characters.
pub const LONGEST_MESSAGE: usize = 500;

/// Five working days, as hours of the clock: the due time that a new customer begins with.
pub const DEFAULT_DUE_HOURS: i64 = 120;

/// The most orders that a customer can have left.
pub const MOST_CREDITS: i64 = 1_000_000;

/// What a person says about a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerInput {
    /// Its name.
    pub name: String,
    /// What Kombo echoes to say whose an integration is; empty: our id.
    pub origin_id: String,
    /// Whom connection links are made for.
    pub contact_email: String,
    /// How its orders are taken in.
    pub settings: CustomerSettings,
    /// What rules can ask about it.
    pub terms: CustomerTerms,
}

/// What rules can ask about a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerTerms {
    /// The zone of its people's clocks (`Europe/Oslo`).
    pub time_zone: String,
    /// When they are at work; `None`: not known.
    pub hours: Option<BusinessHours>,
    /// How many orders it has left; `None`: they are not counted.
    pub credits: Option<i64>,
    /// How many it had when the form was made.
    pub credits_seen: Option<i64>,
}

impl Default for CustomerTerms {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            hours: None,
            credits: None,
            credits_seen: None,
        }
    }
}

impl CustomerInput {
    /// The same without blanks around what was typed.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        for text in [
            &mut self.name,
            &mut self.origin_id,
            &mut self.contact_email,
            &mut self.settings.unknown_message,
            &mut self.settings.withdrawn_message,
        ] {
            let trimmed = text.trim();
            if trimmed.len() != text.len() {
                *text = trimmed.to_owned();
            }
        }
        if let Some(hold) = &mut self.settings.hold {
            hold.message = hold.message.trim().to_owned();
        }
        self
    }

    /// Everything that is wrong with it.
    pub fn faults(&self) -> Vec<FieldError> {
        let settings = &self.settings;
        let mut faults = Vec::new();
        if self.name.is_empty() {
            faults.push(("name", "Please give the customer's name.".to_owned()));
        }
        if !is_email(&self.contact_email) {
            let why = "Please give an e-mail address, like people@example.com.";
            faults.push(("contact_email", why.to_owned()));
        }
        for (field, text, most) in [
            ("name", &self.name, LONGEST_NAME),
            ("origin_id", &self.origin_id, LONGEST_ORIGIN),
            ("unknown_message", &settings.unknown_message, LONGEST_MESSAGE),
            ("withdrawn_message", &settings.withdrawn_message, LONGEST_MESSAGE),
            (
                "hold_message",
                settings.hold.as_ref().map_or(&String::new(), |hold| &hold.message),
                LONGEST_MESSAGE,
            ),
        ] {
            let length = text.chars().count();
            if length > most {
                faults.push((field, format!("{length} characters are too many: {most} at most.")));
            }
            if text.contains('\0') {
                faults.push((field, "This holds a character that cannot be kept.".to_owned()));
            }
        }
        let seconds = settings.hold.as_ref().map(|hold| hold.seconds);
        if seconds.is_some_and(|seconds| !(0..=LONGEST_HOLD_SECONDS).contains(&seconds)) {
            let why = format!(
                "Please give a number of seconds from 0 to {LONGEST_HOLD_SECONDS}: ATSs give up after 15 to 30 seconds."
            );
            faults.push(("hold_seconds", why));
        }
        if self
            .terms
            .credits
            .is_some_and(|left| !(0..=MOST_CREDITS).contains(&left))
        {
            let why = "Please give a number of orders from 0 to 1,000,000, or leave it empty.";
            faults.push(("credits", why.to_owned()));
        }
        if !(1..=8_760).contains(&settings.due_hours) {
            let why = "Please give a number of hours from 1 to 8,760 (a year).";
            faults.push(("due_hours", why.to_owned()));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::intake::{HoldElse, HoldSetting, TakeOrders, UnknownPackage, WithdrawnPackage};

    fn input() -> CustomerInput {
        CustomerInput {
            name: "  Northwind Bank ".into(),
            origin_id: String::new(),
            contact_email: "people@northwind.example".into(),
            settings: CustomerSettings {
                take_orders: TakeOrders::Accept,
                hold: None,
                unknown_package: UnknownPackage::Take,
                unknown_message: String::new(),
                withdrawn_package: WithdrawnPackage::Serve,
                withdrawn_message: String::new(),
                invite: false,
                language: crate::domain::language::Language::En,
                due_hours: DEFAULT_DUE_HOURS,
            },
            terms: CustomerTerms::default(),
        }
    }

    #[test]
    fn a_sensible_customer_has_no_faults() {
        let input = input().trimmed();
        assert_eq!(input.name, "Northwind Bank");
        assert_eq!(input.faults(), []);
    }

    #[test]
    fn every_fault_is_named_at_its_field() {
        let mut bad = input();
        bad.name = String::new();
        bad.contact_email = "nobody".into();
        bad.settings.due_hours = 0;
        bad.terms.credits = Some(-1);
        bad.settings.unknown_message = "x".repeat(501);
        bad.settings.hold = Some(HoldSetting {
            seconds: 11,
            otherwise: HoldElse::Reject,
            message: "x".repeat(501),
        });
        let fields = bad.faults().into_iter().map(|(field, _)| field);
        assert_eq!(
            fields.collect::<Vec<_>>(),
            [
                "name",
                "contact_email",
                "unknown_message",
                "hold_message",
                "hold_seconds",
                "credits",
                "due_hours"
            ]
        );
    }
}
