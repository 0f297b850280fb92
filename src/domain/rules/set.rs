//! Rules in their order, as a version or a draft holds them.

use super::rule::Rule;
use crate::domain::ids::RuleId;
use serde::{Deserialize, Serialize};

/// How many rules one set holds.
pub const MOST_RULES: usize = 200;

/// Rules in order: the first that fits decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleSet(pub Vec<Rule>);

impl RuleSet {
    /// Reads what is stored.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// As it is stored.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "[]".to_owned())
    }

    /// The rule and its number, counted from 1.
    pub fn find(&self, id: RuleId) -> Option<(usize, &Rule)> {
        (1..).zip(&self.0).find(|(_, rule)| rule.id == id)
    }

    /// Puts another rule in the place of the one with its id; whether there was one.
    pub fn replace(&mut self, rule: Rule) -> bool {
        match self.0.iter_mut().find(|own| own.id == rule.id) {
            Some(own) => {
                *own = rule;
                true
            }
            None => false,
        }
    }

    /// Takes a rule out.
    pub fn remove(&mut self, id: RuleId) -> Option<Rule> {
        let at = self.0.iter().position(|rule| rule.id == id)?;
        Some(self.0.remove(at))
    }

    /// Moves a rule past its neighbour; whether it is there.
    pub fn shift(&mut self, id: RuleId, up: bool) -> bool {
        let Some(at) = self.0.iter().position(|rule| rule.id == id) else {
            return false;
        };
        let to = if up {
            at.saturating_sub(1)
        } else {
            (at + 1).min(self.0.len() - 1)
        };
        self.0.swap(at, to);
        true
    }
}
