//! What a dry run compares: how an order fared, and how it would have fared.

use super::decide::{Carried, carry};
use super::rule::Outcome;
use crate::domain::intake::{self, CustomerSettings, PackageStanding, Verdict};
use crate::domain::words::words;

words! {
    /// How an order fares when it arrives.
    pub enum Fate {
        /// It is taken at once.
        Accepted = "accepted", "Accepted at once";
        /// It is refused in the answer.
        Rejected = "rejected", "Rejected at once";
        /// A person is asked, while the ATS waits or later.
        Person = "person", "Left to a person";
    }
}

/// How an order would fare by the rule that fits (`None`: by the settings). What `confirmed` says is as for
/// [`intake::decide`].
pub fn fate_of(
    rule: Option<&Outcome>,
    settings: &CustomerSettings,
    standing: PackageStanding,
    confirmed: bool,
    inline: bool,
) -> Fate {
    match rule.map(|outcome| carry(outcome, standing, inline)) {
        Some(Carried::Verdict(verdict)) => fate(&verdict),
        Some(Carried::Ask(hold)) => asked(hold.seconds, &hold.verdict(intake::Why::NoTime)),
        Some(Carried::Settings) | None => {
            let verdict = intake::decide(Some(settings), standing, confirmed, inline);
            match intake::asks(Some(settings), standing, inline) {
                Some(hold) => asked(hold.seconds, &verdict),
                None => fate(&verdict),
            }
        }
    }
}

/// Nobody can be asked in no time.
fn asked(seconds: i64, otherwise: &Verdict) -> Fate {
    if seconds > 0 { Fate::Person } else { fate(otherwise) }
}

const fn fate(verdict: &Verdict) -> Fate {
    match verdict {
        Verdict::Accept { .. } => Fate::Accepted,
        Verdict::Reject { .. } => Fate::Rejected,
        Verdict::Later { .. } => Fate::Person,
    }
}
