//! Which rule decides about an order, and what the house has to look up for that.

use crate::actions::Error;
use crate::actions::work::Work;
use crate::domain::ids::{CustomerId, OrderId, RuleSetId};
use crate::domain::intake::HoldElse;
use crate::domain::order::Decision;
use crate::domain::rules::{Carried, LastOrdered, Needs, Rules, Subject, Told, carry};
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::kombo::wire;
use crate::store::customers::{self, CustomerRow};
use crate::store::publications::Standing;
use crate::store::rule_facts::{self, Before};
use std::collections::HashMap;
use std::time::Instant;

/// The rule that decides about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// The version.
    pub set: Option<RuleSetId>,
    /// The rule's number there, counted from 1.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// How long it took to find it, in microseconds.
    pub micros: i64,
    /// What is made of it.
    pub carried: Carried,
}

impl Ruled {
    /// What happens where it has a person asked and nobody decides.
    pub fn hold_else(&self) -> Option<HoldElse> {
        match &self.carried {
            Carried::Ask(hold) => Some(hold.otherwise),
            Carried::Verdict(_) | Carried::Settings => None,
        }
    }
}

/// An order about which rules are asked.
pub(super) struct Asked<'a> {
    pub(super) customer: &'a CustomerRow,
    pub(super) told: Told<'a>,
    pub(super) standing: &'a Standing,
    pub(super) inline: bool,
    /// Our order, where it is here already, and when it came.
    pub(super) order: Option<(OrderId, Timestamp)>,
}

impl Asked<'_> {
    /// When the order arrived.
    fn arrived(&self, work: &Work) -> Timestamp {
        self.order.map_or(work.now, |(_, at)| at)
    }
}

/// The order as rules see it, all of it out of what its ATS told.
pub(super) fn told<'a>(order: &'a wire::Order, tool: &'a str, standing: &Standing) -> Told<'a> {
    let location = order.job.location.as_ref();
    Told {
        package: &order.package_id,
        kind: standing.kind,
        tool,
        country: location.and_then(|it| it.country.as_deref()),
        region: location.and_then(|it| it.state.as_deref()),
        line: location.and_then(|it| it.raw.as_deref()),
        job_code: order.job.job_code.as_deref(),
        job_name: order.job.name.as_deref(),
        description: order.job.description.as_deref(),
        first_name: order.candidate.first_name.as_deref(),
        last_name: order.candidate.last_name.as_deref(),
        email: &order.candidate.email,
        phone: order.candidate.phone.as_deref(),
    }
}

/// What was looked up for rules in this transaction so far, and what its own orders change about it. Never to be kept
/// beyond it.
#[derive(Default)]
pub(super) struct Ruling {
    rules: HashMap<CustomerId, Rules>,
    /// How many orders are left.
    credits: HashMap<CustomerId, Option<i64>>,
    /// The packages that this transaction's orders are for, by customer and candidate.
    ordered: HashMap<(CustomerId, String), Vec<String>>,
}

impl Ruling {
    /// The rules in force, without what orders change.
    pub(super) fn of_rules_alone(self) -> Self {
        Self {
            rules: self.rules,
            ..Self::default()
        }
    }

    /// The rule that decides; `None`: the settings do.
    pub(super) async fn ask(&mut self, work: &mut Work, asked: &Asked<'_>) -> Result<Option<Ruled>, Error> {
        let customer = asked.customer.id;
        let rules = self.rules(work, customer).await?;
        if rules.is_empty() {
            return Ok(None);
        }
        let needs = rules.needs();
        let facts = self.facts(work, asked, needs).await?;
        let began = Instant::now();
        let mut subject = Subject::of(&asked.told, needs, asked.arrived(work));
        subject.ordered = facts.ordered;
        subject.credits = facts.credits;
        subject.is_open = facts.is_open;
        let Some(found) = rules.first(&subject) else {
            return Ok(None);
        };
        let micros = i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let carried = carry(&found.rule.then, asked.standing.standing, asked.inline);
        Ok((carried != Carried::Settings).then(|| Ruled {
            set: found.set.id,
            number: i64::try_from(found.number).unwrap_or(i64::MAX),
            name: found.rule.name.clone(),
            micros,
            carried,
        }))
    }

    async fn rules(&mut self, work: &mut Work, customer: CustomerId) -> Result<Rules, Error> {
        if let Some(rules) = self.rules.get(&customer) {
            return Ok(rules.clone());
        }
        let cache = work.tools.rules.clone();
        let rules = cache.in_force(&mut work.conn, customer).await?;
        self.rules.insert(customer, rules.clone());
        Ok(rules)
    }

    async fn facts(&mut self, work: &mut Work, asked: &Asked<'_>, needs: Needs) -> Result<Facts, Error> {
        let customer = asked.customer;
        Ok(Facts {
            ordered: if needs.ordered {
                self.ordered(work, asked).await?
            } else {
                LastOrdered::default()
            },
            credits: if needs.credits && customer.credits.is_some() {
                self.credits(work, customer.id).await?
            } else {
                None
            },
            is_open: is_open(asked.arrived(work), customer, needs),
        })
    }

    /// How many orders the customer has left, those aside that this transaction takes.
    async fn credits(&mut self, work: &mut Work, customer: CustomerId) -> Result<Option<i64>, Error> {
        if let Some(left) = self.credits.get(&customer) {
            return Ok(*left);
        }
        let left = customers::hold_credits(&mut work.conn, customer).await?;
        self.credits.insert(customer, left);
        Ok(left)
    }

    /// What the candidate was ordered before, by orders that are here and by those of this transaction.
    async fn ordered(&mut self, work: &mut Work, asked: &Asked<'_>) -> Result<LastOrdered, Error> {
        let before = Before {
            customer: asked.customer.id,
            email: asked.told.email,
            package: asked.told.package,
            at: asked.arrived(work),
            order: asked.order.map(|(id, _)| id),
        };
        let mut last = rule_facts::last_ordered(&mut work.conn, before).await?;
        if let Some(packages) = self.ordered.get(&(asked.customer.id, fold(asked.told.email))) {
            last.any = Some(work.now);
            if packages.iter().any(|package| package == asked.told.package) {
                last.same_package = Some(work.now);
            }
        }
        Ok(last)
    }

    /// A new order was decided so: the next ones of this transaction are to know of it.
    pub(super) fn note(&mut self, customer: CustomerId, told: &wire::Order, decision: Option<Decision>) {
        if decision == Some(Decision::Accept)
            && let Some(Some(left)) = self.credits.get_mut(&customer)
        {
            *left = (*left - 1).max(0);
        }
        if decision != Some(Decision::Reject) {
            let candidate = (customer, fold(&told.candidate.email));
            self.ordered.entry(candidate).or_default().push(told.package_id.clone());
        }
    }
}

/// What rules know beside the order itself.
struct Facts {
    ordered: LastOrdered,
    credits: Option<i64>,
    is_open: Option<bool>,
}

/// Whether the customer's people are at work then, where a rule asks.
fn is_open(at: Timestamp, customer: &CustomerRow, needs: Needs) -> Option<bool> {
    let hours = customer.hours().filter(|_| needs.hours)?;
    Some(hours.is_open(crate::clock::local_time(&customer.time_zone, at)))
}
