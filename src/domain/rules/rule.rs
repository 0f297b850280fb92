//! One rule.

use super::condition::Conditions;
use crate::domain::customer::{FieldError, LONGEST_MESSAGE};
use crate::domain::ids::RuleId;
use crate::domain::intake::{HoldSetting, LONGEST_HOLD_SECONDS};
use serde::{Deserialize, Serialize};

/// The longest name, in characters.
pub const LONGEST_RULE_NAME: usize = 80;

/// What a rule decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Outcome {
    /// The order is taken.
    Accept,
    /// It is refused in the answer.
    Reject {
        /// What the recruiter reads.
        message: String,
    },
    /// A person decides while the webhook waits.
    Hold(HoldSetting),
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Stays the same from version to version.
    pub id: RuleId,
    /// What people call it.
    pub name: String,
    /// What it asks.
    #[serde(default)]
    pub when: Conditions,
    /// What it decides.
    pub then: Outcome,
}

impl Rule {
    /// The same without blanks around what was typed.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        self.name = self.name.trim().to_owned();
        self.when = self.when.trimmed();
        match &mut self.then {
            Outcome::Accept => {}
            Outcome::Reject { message } | Outcome::Hold(HoldSetting { message, .. }) => {
                *message = message.trim().to_owned();
            }
        }
        self
    }

    /// Everything that is wrong with it.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let length = self.name.chars().count();
        if self.name.is_empty() {
            faults.push(("name", "Please give it a name that tells what it is for.".to_owned()));
        } else if length > LONGEST_RULE_NAME {
            faults.push((
                "name",
                format!("{length} characters are too many: {LONGEST_RULE_NAME} at most."),
            ));
        } else if self.name.contains('\0') {
            faults.push(("name", "This holds a character that cannot be kept.".to_owned()));
        }
        faults.extend(self.when.faults());
        let (field, message) = match &self.then {
            Outcome::Accept => return faults,
            Outcome::Reject { message } => ("message", message),
            Outcome::Hold(hold) => ("hold_message", &hold.message),
        };
        let length = message.chars().count();
        if length > LONGEST_MESSAGE {
            faults.push((
                field,
                format!("{length} characters are too many: {LONGEST_MESSAGE} at most."),
            ));
        }
        if message.contains('\0') {
            faults.push((field, "This holds a character that cannot be kept.".to_owned()));
        }
        match &self.then {
            Outcome::Reject { message } if message.is_empty() => {
                faults.push((field, "Please say what the recruiter is to read: a rejection is final.".to_owned()));
            }
            Outcome::Hold(hold) if !(0..=LONGEST_HOLD_SECONDS).contains(&hold.seconds) => faults.push((
                "hold_seconds",
                format!("Please give a number of seconds from 0 to {LONGEST_HOLD_SECONDS}: ATSs give up after 15 to 30 seconds."),
            )),
            _ => {}
        }
        faults
    }
}
