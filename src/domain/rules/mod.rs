//! Rules: conditions about an order, and what each decides where all of its conditions hold.
//!
//! A customer's own rules are asked first, then the house's for all customers; the first that fits decides. Where none
//! does, the customer's settings decide ([`crate::domain::intake`]): that is the last line, and it is always there.
//! `docs/rules.md` tells it for people.

mod condition;
mod countries;
mod decide;
mod dry_run;
mod glob;
mod job_words;
mod prepared;
mod rule;
mod sentence;
mod set;
mod subject;

pub use condition::{CandidateField, Conditions, LONGEST_DAYS, OrderedBefore};
pub use decide::{Carried, Found, Rules, carry};
pub use dry_run::{Fate, fate_of};
pub use prepared::{Needs, Prepared};
pub use rule::{LONGEST_RULE_NAME, Outcome, Rule};
pub use sentence::{Sentence, sentence};
pub use set::{MOST_RULES, RuleSet};
pub use subject::{LastOrdered, Subject, Told};

#[cfg(test)]
mod tests;
