//! Which rule decides, and what is made of it.

use super::prepared::{Needs, Prepared};
use super::rule::{Outcome, Rule};
use super::subject::Subject;
use crate::domain::intake::{HoldSetting, PackageStanding, Verdict, Why};
use std::sync::Arc;

/// The rules that are asked about a customer's orders.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The customer's own; they are asked first.
    pub own: Option<Arc<Prepared>>,
    /// Those for all customers.
    pub house: Option<Arc<Prepared>>,
}

/// The rule that fits.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Where it stands.
    pub set: &'a Prepared,
    /// Its number there, counted from 1.
    pub number: usize,
    /// The rule.
    pub rule: &'a Rule,
}

impl Rules {
    /// What some rule asks that costs a look of its own.
    pub fn needs(&self) -> Needs {
        let needs = |set: &Option<Arc<Prepared>>| set.as_ref().map(|set| set.needs).unwrap_or_default();
        needs(&self.own).or(needs(&self.house))
    }

    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        let none = |set: &Option<Arc<Prepared>>| set.as_ref().is_none_or(|set| set.rules.is_empty());
        none(&self.own) && none(&self.house)
    }

    /// The first rule that fits, the customer's own before those for all; `None`: the settings decide.
    pub fn first(&self, subject: &Subject) -> Option<Found<'_>> {
        [&self.own, &self.house].into_iter().flatten().find_map(|set| {
            let at = set.first(subject)?;
            Some(Found {
                set,
                number: at + 1,
                rule: set.rules.get(at)?,
            })
        })
    }
}

/// What is made of a rule that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It is carried out.
    Verdict(Verdict),
    /// A person is to be asked; where nobody can be, its setting decides.
    Ask(HoldSetting),
    /// The settings decide all the same.
    Settings,
}

/// What is made of a rule that fits.
///
/// An order for a package that was never offered is not taken by a rule, nor held: somebody must look at what was meant.
/// Rejecting it is what its rule says, whatever was meant. Of a candidate who is waiting nobody can be asked.
pub fn carry(outcome: &Outcome, standing: PackageStanding, inline: bool) -> Carried {
    match outcome {
        Outcome::Reject { message } => Carried::Verdict(Verdict::Reject {
            why: Why::Rule,
            message: message.clone(),
        }),
        _ if standing == PackageStanding::Unknown => Carried::Settings,
        Outcome::Accept => Carried::Verdict(Verdict::Accept { why: Why::Rule }),
        Outcome::Hold(_) if inline => Carried::Verdict(Verdict::Accept { why: Why::RuleInline }),
        Outcome::Hold(hold) => Carried::Ask(hold.clone()),
    }
}
