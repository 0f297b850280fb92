//! What the house knows of an order before it is decided.

mod remembered;

pub use remembered::Remembered;

use super::Waiting;
use super::ruling::{self, Asked, Ruled, Ruling};
use crate::actions::Error;
use crate::actions::work::Work;
use crate::clock;
use crate::domain::ids::{CustomerId, IntegrationId};
use crate::domain::intake::{self, CustomerSettings, HoldSetting, LONGEST_HOLD_SECONDS, Verdict, Why};
use crate::domain::role::Permission;
use crate::domain::rules::Carried;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::kombo::wire;
use crate::store::customers::{self, CustomerRow};
use crate::store::integrations::{self, IntegrationRow};
use crate::store::orders::OrderRow;
use crate::store::publications::{self, Standing};
use crate::store::{holds, staff};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::{Duration, Instant};

/// How many orders are held at once.
const MOST_HELD: i64 = 200;

/// The hours until an order is due while it belongs to no customer.
const UNASSIGNED_DUE_HOURS: i64 = 48;

/// What is known of one order.
pub(super) struct Known {
    pub(super) integration: IntegrationRow,
    /// The customer's name.
    pub(super) customer_name: Option<String>,
    pub(super) standing: Standing,
    pub(super) verdict: Verdict,
    pub(super) hold_until: Option<Timestamp>,
    pub(super) due_at: Timestamp,
    /// The rule that decided it, or had it held.
    pub(super) ruled: Option<Ruled>,
    /// Whether the customer's orders are counted, so that one that is accepted takes one.
    pub(super) counts: bool,
    /// How long it took to find out and to decide, in microseconds.
    pub(super) micros: i64,
}

/// What was looked up in this transaction so far, so that many orders of one integration ask once. Not to be kept beyond
/// it, but as [`Remembered`] does.
#[derive(Default)]
pub(super) struct Facts {
    integrations: HashMap<String, Option<IntegrationRow>>,
    customers: HashMap<CustomerId, Option<CustomerRow>>,
    standings: HashMap<(IntegrationId, String), Standing>,
    attended: HashMap<CustomerId, bool>,
    /// How many are held, those of this transaction among them.
    held: Option<i64>,
    /// What rules need.
    pub(super) ruling: Ruling,
}

/// What is decided where nobody is asked, and whom the rule that fits, or else the settings, would ask.
pub(super) fn decided<'a>(
    ruled: Option<&'a Ruled>,
    settings: Option<&'a CustomerSettings>,
    standing: &Standing,
    inline: bool,
) -> (Verdict, Option<&'a HoldSetting>) {
    match ruled.map(|ruled| &ruled.carried) {
        Some(Carried::Verdict(verdict)) => (verdict.clone(), None),
        Some(Carried::Ask(hold)) => (hold.verdict(Why::NotWaiting), Some(hold)),
        Some(Carried::Settings) | None => (
            intake::decide(settings, standing.standing, standing.any_confirmed, inline),
            intake::asks(settings, standing.standing, inline),
        ),
    }
}

/// When that many hours have passed: business hours where the customer has any, else by the clock.
fn due_at(now: Timestamp, hours: i64, customer: Option<&CustomerRow>) -> Timestamp {
    let wait = Duration::from_hours(u64::try_from(hours).unwrap_or_default());
    match customer.and_then(|row| Some((row.hours()?, &row.time_zone))) {
        Some((hours, zone)) => clock::in_business_hours(zone, &hours, now, wait),
        None => now.plus(wait),
    }
}

impl Facts {
    /// The integration that Kombo calls so, held for this transaction (see [`integrations::hold_by_kombo_id`]).
    pub(super) async fn integration(
        &mut self,
        work: &mut Work,
        kombo_id: &str,
    ) -> Result<Option<IntegrationRow>, Error> {
        if let Some(known) = self.integrations.get(kombo_id) {
            return Ok(known.clone());
        }
        let found = integrations::hold_by_kombo_id(&mut work.conn, kombo_id).await?;
        self.integrations.insert(kombo_id.to_owned(), found.clone());
        Ok(found)
    }

    /// Everything that decides about the order, which may be `here` already. Where its webhook is `waiting`
    /// and a person is to decide, it is held.
    pub(super) async fn look_up(
        &mut self,
        work: &mut Work,
        told: &wire::Order,
        integration: IntegrationRow,
        inline: bool,
        waiting: Option<Waiting<'_>>,
        here: Option<&OrderRow>,
    ) -> Result<Known, Error> {
        let began = Instant::now();
        let customer = self.customer(work, &integration).await?.cloned();
        let settings = customer.as_ref().map(CustomerRow::settings);
        let standing = self.standing(work, integration.id, &told.package_id).await?;
        let ruled = match &customer {
            Some(customer) => {
                let asked = Asked {
                    customer,
                    told: ruling::told(told, &integration.tool, &standing),
                    standing: &standing,
                    inline,
                    order: here.map(|order| (order.id, order.received_at)),
                };
                self.ruling.ask(work, &asked).await?
            }
            None => None,
        };
        let (mut verdict, asks) = decided(ruled.as_ref(), settings.as_ref(), &standing, inline);
        let mut hold_until = None;
        if let (Some(waiting), Some(hold), Some(customer)) = (waiting, asks, integration.customer_id) {
            match self.ask(work, hold, customer, waiting).await? {
                Ok(until) => hold_until = Some(until),
                Err(why) => verdict = hold.verdict(why),
            }
        }
        let due_hours = standing
            .due_hours
            .or(settings.map(|settings| settings.due_hours))
            .unwrap_or(UNASSIGNED_DUE_HOURS);
        Ok(Known {
            due_at: due_at(work.now, due_hours, customer.as_ref()),
            counts: customer.as_ref().is_some_and(|row| row.credits.is_some()),
            customer_name: customer.map(|row| row.name),
            ruled,
            standing,
            verdict,
            hold_until,
            micros: i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX),
            integration,
        })
    }

    /// Until when a person can be asked, or why nobody can. Who is told a moment is to hold the order
    /// until then: it counts as held.
    async fn ask(
        &mut self,
        work: &mut Work,
        hold: &HoldSetting,
        customer: CustomerId,
        waiting: Waiting<'_>,
    ) -> Result<Result<Timestamp, Why>, Error> {
        let seconds = u64::try_from(hold.seconds.min(LONGEST_HOLD_SECONDS)).unwrap_or_default();
        let left = Duration::from_secs(seconds).saturating_sub(waiting.since);
        if left.is_zero() {
            return Ok(Err(Why::NoTime));
        }
        if !self.is_attended(work, customer, waiting.desks).await? {
            return Ok(Err(Why::NobodyThere));
        }
        if self.held.is_none() {
            self.held = Some(holds::count(&mut work.conn).await?);
        }
        let held = self.held.get_or_insert_default();
        if *held >= MOST_HELD {
            return Ok(Err(Why::TooManyHeld));
        }
        *held += 1;
        Ok(Ok(work.now.plus(left)))
    }

    /// Whether one of these desks may decide about this customer's orders.
    async fn is_attended(&mut self, work: &mut Work, customer: CustomerId, desks: &[Viewer]) -> Result<bool, Error> {
        if let Some(known) = self.attended.get(&customer) {
            return Ok(*known);
        }
        let deciders = desks.iter().filter(|desk| desk.can(Permission::DecideOrders));
        let mut attended = false;
        for desk in deciders {
            attended = match desk.limited_to() {
                None => true,
                Some(id) => staff::sees(&mut work.conn, id, customer).await?,
            };
            if attended {
                break;
            }
        }
        self.attended.insert(customer, attended);
        Ok(attended)
    }

    async fn customer(&mut self, work: &mut Work, integration: &IntegrationRow) -> Result<Option<&CustomerRow>, Error> {
        let Some(id) = integration.customer_id else {
            return Ok(None);
        };
        Ok(match self.customers.entry(id) {
            Entry::Occupied(known) => known.into_mut().as_ref(),
            Entry::Vacant(place) => {
                let found = customers::find(&mut work.conn, &Viewer::system(), id).await?;
                place.insert(found).as_ref()
            }
        })
    }

    async fn standing(&mut self, work: &mut Work, integration: IntegrationId, key: &str) -> Result<Standing, Error> {
        Ok(match self.standings.entry((integration, key.to_owned())) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(place) => {
                let found = publications::standing(&mut work.conn, integration, key).await?;
                place.insert(found).clone()
            }
        })
    }
}
