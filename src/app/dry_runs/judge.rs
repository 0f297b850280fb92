//! How an order fared, and how it would have fared by drafted rules.

use super::progress::{By, Mark};
use crate::app::App;
use crate::clock;
use crate::domain::hours::BusinessHours;
use crate::domain::ids::CustomerId;
use crate::domain::intake::{CustomerSettings, PackageStanding};
use crate::domain::order::{DecidedBy, Decision, Source};
use crate::domain::rules::{Fate, LastOrdered, Prepared, Rules, Subject, Told, fate_of};
use crate::domain::viewer::Viewer;
use crate::store::rule_facts::{self, Before, PastOrder};
use crate::store::{Conn, Error, candidates, customers};
use std::collections::HashMap;
use std::sync::Arc;

/// A customer, as its orders would be decided.
struct Customer {
    settings: CustomerSettings,
    zone: String,
    hours: Option<BusinessHours>,
    rules: Rules,
}

/// Judges orders, one after the other.
pub(super) struct Judge<'a> {
    app: &'a App,
    draft: Arc<Prepared>,
    customers: HashMap<CustomerId, Option<Arc<Customer>>>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(app: &'a App, draft: Arc<Prepared>) -> Self {
        Self {
            app,
            draft,
            customers: HashMap::new(),
        }
    }

    /// How the order fared, and how it would have. Where neither then nor now a rule decides, nothing about it changes,
    /// whatever the settings say today.
    pub(super) async fn judge(&mut self, conn: &mut Conn, order: &PastOrder) -> Result<Mark, Error> {
        let (Some(email), Some(customer)) = (&order.email, self.customer(conn, order.customer_id).await?) else {
            return Ok(Mark::Aside);
        };
        let Some(was) = fared(order) else {
            return Ok(Mark::Aside);
        };
        let subject = self.subject(conn, order, email, &customer).await?;
        let found = customer.rules.first(&subject);
        let standing = standing(order);
        let (would, by) = match found {
            None if order.rule_set_id.is_none() => (was, By::Settings),
            None => (
                fate_of(None, &customer.settings, standing, true, order.inline),
                By::Settings,
            ),
            Some(found) => {
                let by = if found.set.id.is_none() {
                    By::Draft(found.number)
                } else {
                    By::Others
                };
                let then = Some(&found.rule.then);
                (fate_of(then, &customer.settings, standing, true, order.inline), by)
            }
        };
        // Nobody waits for the answer to an order that was found in the list, so a rejection is only proposed.
        let would = match (order.source, would) {
            (Source::List, Fate::Rejected) => Fate::Person,
            (_, would) => would,
        };
        Ok(Mark::Judged { was, would, by })
    }

    async fn customer(&mut self, conn: &mut Conn, id: CustomerId) -> Result<Option<Arc<Customer>>, Error> {
        if let Some(known) = self.customers.get(&id) {
            return Ok(known.clone());
        }
        let row = customers::find(conn, &Viewer::system(), id).await?;
        let mut rules = self.app.rules.in_force(conn, id).await?;
        if self.draft.owner.is_some() {
            rules.own = Some(self.draft.clone());
        } else {
            rules.house = Some(self.draft.clone());
        }
        let customer = row.map(|row| {
            Arc::new(Customer {
                settings: row.settings(),
                hours: row.business_hours.as_deref().and_then(BusinessHours::parse),
                zone: row.time_zone,
                rules,
            })
        });
        self.customers.insert(id, customer.clone());
        Ok(customer)
    }

    /// The order as rules see it. How many orders were left then nobody knows any more.
    async fn subject(
        &self,
        conn: &mut Conn,
        order: &PastOrder,
        email: &str,
        customer: &Customer,
    ) -> Result<Subject, Error> {
        let needs = customer.rules.needs();
        let description = if needs.words {
            candidates::find_description(conn, &self.app.vault, order.id).await?
        } else {
            None
        };
        let mut subject = Subject::of(&told(order, email, description.as_deref()), needs, order.received_at);
        subject.ordered = if needs.ordered {
            let before = Before {
                customer: order.customer_id,
                email,
                package: &order.package_key,
                at: order.received_at,
                order: Some(order.id),
            };
            rule_facts::last_ordered(conn, before).await?
        } else {
            LastOrdered::default()
        };
        let hours = customer.hours.as_ref().filter(|_| needs.hours);
        subject.is_open = hours.map(|hours| hours.is_open(clock::local_time(&customer.zone, order.received_at)));
        Ok(subject)
    }
}

fn told<'a>(order: &'a PastOrder, email: &'a str, description: Option<&'a str>) -> Told<'a> {
    Told {
        package: &order.package_key,
        kind: order.kind,
        tool: &order.tool,
        country: order.job_country.as_deref(),
        region: order.job_region.as_deref(),
        line: order.job_location.as_deref(),
        job_code: order.job_code.as_deref(),
        job_name: order.job_name.as_deref(),
        description,
        first_name: order.first_name.as_deref(),
        last_name: order.last_name.as_deref(),
        email,
        phone: order.phone.as_deref(),
    }
}

/// How the order fared; `None` where it was over before anybody could decide.
fn fared(order: &PastOrder) -> Option<Fate> {
    if order.held_at.is_some() || order.hold_else.is_some() {
        return Some(Fate::Person);
    }
    match (order.decided_by, order.decision) {
        (Some(DecidedBy::Kombo), _) => None,
        (Some(DecidedBy::Rule), Some(Decision::Accept)) => Some(Fate::Accepted),
        (Some(DecidedBy::Rule), Some(Decision::Reject)) => Some(Fate::Rejected),
        _ => Some(Fate::Person),
    }
}

/// How its package stood to what was offered. That a package was no longer offered is kept nowhere; but where the settings
/// rejected an order for one that had been offered, it was so.
fn standing(order: &PastOrder) -> PackageStanding {
    let by_settings = order.rule_set_id.is_none() && order.held_at.is_none();
    let is_rejected = order.decided_by == Some(DecidedBy::Rule) && order.decision == Some(Decision::Reject);
    if order.unknown_package {
        PackageStanding::Unknown
    } else if by_settings && is_rejected {
        PackageStanding::Withdrawn
    } else {
        PackageStanding::Offered
    }
}
