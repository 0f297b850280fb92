//! Rules made ready to be asked many times: texts folded, patterns taken apart, lists as sets.

use super::condition::{CandidateField, Conditions, OrderedBefore};
use super::countries;
use super::glob::Glob;
use super::job_words::Phrase;
use super::rule::Rule;
use super::set::RuleSet;
use super::subject::Subject;
use crate::domain::ids::{CustomerId, RuleSetId};
use crate::domain::package::PackageType;
use crate::domain::text::fold;
use std::collections::HashSet;
use std::time::Duration;

const DAY: u64 = 24 * 3_600;

/// What some rule of a set asks that costs a look of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "one for each look")]
pub struct Needs {
    /// What the same candidate was ordered before.
    pub ordered: bool,
    /// How many orders are left.
    pub credits: bool,
    /// Whether people are at work.
    pub hours: bool,
    /// The words of the job.
    pub words: bool,
}

impl Needs {
    /// What either asks.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            ordered: self.ordered || other.ordered,
            credits: self.credits || other.credits,
            hours: self.hours || other.hours,
            words: self.words || other.words,
        }
    }
}

/// A version of rules, ready to decide.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Which version; `None`: a draft.
    pub id: Option<RuleSetId>,
    /// Whose; `None`: those for all customers.
    pub owner: Option<CustomerId>,
    /// What it asks.
    pub needs: Needs,
    /// The rules as people wrote them.
    pub rules: Vec<Rule>,
    tests: Vec<Test>,
}

impl Prepared {
    /// Makes rules ready.
    pub fn new(id: Option<RuleSetId>, owner: Option<CustomerId>, rules: RuleSet) -> Self {
        let rules = rules.0;
        let needs = rules
            .iter()
            .fold(Needs::default(), |needs, rule| needs.or(needs_of(&rule.when)));
        Self {
            id,
            owner,
            needs,
            tests: rules.iter().map(|rule| Test::of(&rule.when)).collect(),
            rules,
        }
    }

    /// The place of the first rule that fits.
    pub(super) fn first(&self, subject: &Subject) -> Option<usize> {
        self.tests.iter().position(|test| test.holds(subject))
    }
}

fn needs_of(when: &Conditions) -> Needs {
    Needs {
        ordered: when.ordered_before.is_some(),
        credits: when.credits_used_up,
        hours: when.outside_hours,
        words: !when.words.is_empty(),
    }
}

/// A rule's conditions; what is empty asks nothing.
#[derive(Clone, Debug)]
struct Test {
    packages: HashSet<String>,
    types: Vec<PackageType>,
    tools: HashSet<String>,
    countries: HashSet<String>,
    regions: HashSet<String>,
    job_codes: Vec<Glob>,
    missing: Vec<CandidateField>,
    ordered: Option<OrderedBefore>,
    credits_used_up: bool,
    outside_hours: bool,
    words: Vec<Phrase>,
}

impl Test {
    fn of(when: &Conditions) -> Self {
        Self {
            packages: when.packages.iter().cloned().collect(),
            types: when.types.clone(),
            tools: when.tools.iter().cloned().collect(),
            countries: when.countries.iter().map(|text| countries::canonical(text)).collect(),
            regions: when.regions.iter().map(|text| fold(text)).collect(),
            job_codes: when.job_codes.iter().map(|text| Glob::new(&fold(text))).collect(),
            missing: when.missing.clone(),
            ordered: when.ordered_before,
            credits_used_up: when.credits_used_up,
            outside_hours: when.outside_hours,
            words: when.words.iter().filter_map(|text| Phrase::of(text)).collect(),
        }
    }

    /// Whether everything holds; what costs most is asked last.
    fn holds(&self, it: &Subject) -> bool {
        let among = |set: &HashSet<String>, text: &String| set.is_empty() || set.contains(text);
        (self.types.is_empty() || it.kind.is_some_and(|kind| self.types.contains(&kind)))
            && (self.missing.is_empty() || self.missing.iter().any(|field| it.missing.contains(field)))
            && (!self.credits_used_up || it.credits == Some(0))
            && (!self.outside_hours || it.is_open == Some(false))
            && self.ordered.is_none_or(|before| was_ordered(before, it))
            && among(&self.packages, &it.package)
            && among(&self.tools, &it.tool)
            && (self.countries.is_empty() || it.country.as_ref().is_some_and(|own| self.countries.contains(own)))
            && (self.regions.is_empty() || it.regions.iter().any(|own| self.regions.contains(own)))
            && (self.job_codes.is_empty() || it.job_code.as_ref().is_some_and(|own| self.codes_fit(own)))
            && (self.words.is_empty() || self.words.iter().any(|phrase| it.words.have(phrase)))
    }

    fn codes_fit(&self, code: &[char]) -> bool {
        self.job_codes.iter().any(|pattern| pattern.fits(code))
    }
}

fn was_ordered(before: OrderedBefore, it: &Subject) -> bool {
    let last = if before.same_package {
        it.ordered.same_package
    } else {
        it.ordered.any
    };
    let days = Duration::from_secs(u64::try_from(before.days).unwrap_or_default() * DAY);
    last.is_some_and(|last| it.at.since(last) <= days)
}
