//! What the house knows of a customer beside its settings: who looks after it, whom to ask there, how to work for it.

use super::customer::FieldError;
use super::labels;
use super::text::is_email;
use serde::{Deserialize, Serialize};

/// The most people that a card names.
pub const MOST_CONTACTS: usize = 8;

/// The longest name, role, address or number of a person, in characters.
pub const LONGEST_LINE: usize = 200;

/// The longest instructions and the longest notes, in characters.
pub const LONGEST_TEXT: usize = 5_000;

/// Somebody at the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// What the person does there.
    pub role: String,
    /// The e-mail address; empty: none is known.
    pub email: String,
    /// The phone number; empty: none is known.
    pub phone: String,
}

impl Contact {
    /// Nothing is said of anybody.
    pub fn is_empty(&self) -> bool {
        [&self.name, &self.role, &self.email, &self.phone]
            .iter()
            .all(|part| part.is_empty())
    }

    fn trimmed(&self) -> Self {
        let trim = |part: &str| part.trim().to_owned();
        Self {
            name: trim(&self.name),
            role: trim(&self.role),
            email: trim(&self.email),
            phone: trim(&self.phone),
        }
    }

    fn fault(&self) -> Option<&'static str> {
        if self.name.is_empty() {
            return Some("Please give each person a name.");
        }
        if !self.email.is_empty() && !is_email(&self.email) {
            return Some("Please give an e-mail address like name@firm.example, or none.");
        }
        let parts = [&self.name, &self.role, &self.email, &self.phone];
        let long = parts.iter().any(|part| part.chars().count() > LONGEST_LINE);
        long.then_some("One of these is too long: 200 characters at most.")
    }
}

/// What a person says about a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardInput {
    /// People at the customer; empty ones are left out.
    pub contacts: Vec<Contact>,
    /// Tags as they are typed, with commas between.
    pub tags: String,
    /// How to work on its orders: shown beside each of them.
    pub instructions: String,
    /// Anything else.
    pub notes: String,
}

impl CardInput {
    /// The same without blanks around what was typed and without empty people.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let contacts = self.contacts.iter().map(Contact::trimmed);
        Self {
            contacts: contacts.filter(|contact| !contact.is_empty()).collect(),
            tags: self.tags,
            instructions: self.instructions.trim().to_owned(),
            notes: self.notes.trim().to_owned(),
        }
    }

    /// Everything that is wrong with it, once it is [`trimmed`](Self::trimmed).
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = Vec::new();
        if self.contacts.len() > MOST_CONTACTS {
            faults.push(("contacts", format!("{MOST_CONTACTS} people at most.")));
        }
        if let Some(why) = self.contacts.iter().find_map(Contact::fault) {
            faults.push(("contacts", why.to_owned()));
        }
        if let Err(why) = labels::read(&self.tags) {
            faults.push(("tags", why));
        }
        for (field, text) in [("instructions", &self.instructions), ("notes", &self.notes)] {
            let length = text.chars().count();
            if length > LONGEST_TEXT {
                faults.push((
                    field,
                    format!("{length} characters are too many: {LONGEST_TEXT} at most."),
                ));
            }
        }
        let texts = [&self.instructions, &self.notes];
        if texts.iter().any(|text| text.contains('\0')) {
            faults.push(("notes", "This holds a character that cannot be kept.".to_owned()));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(name: &str, email: &str) -> Contact {
        Contact {
            name: name.into(),
            email: email.into(),
            ..Contact::default()
        }
    }

    #[test]
    fn people_need_a_name_and_an_address_that_can_be_one() {
        let card = |contacts: Vec<Contact>| {
            CardInput {
                contacts,
                ..CardInput::default()
            }
            .trimmed()
        };
        assert!(
            card(vec![contact(" Ada Berg ", "ada@halden.example"), Contact::default()])
                .faults()
                .is_empty()
        );
        assert_eq!(card(vec![contact("", "ada@halden.example")]).faults()[0].0, "contacts");
        assert_eq!(card(vec![contact("Ada", "ada")]).faults()[0].0, "contacts");
        let many = vec![contact("Ada", ""); MOST_CONTACTS + 1];
        assert_eq!(card(many).faults()[0].0, "contacts");
    }

    #[test]
    fn what_is_too_long_is_told_at_its_field() {
        let input = CardInput {
            notes: "x".repeat(LONGEST_TEXT + 1),
            tags: "y".repeat(labels::LONGEST + 1),
            ..CardInput::default()
        };
        let fields: Vec<_> = input.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["tags", "notes"]);
    }
}
