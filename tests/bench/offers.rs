//! Fills a made-up house of many offers: customers, catalogue and integrations through the store, the lines of drafts and
//! publications in large pieces.

use crate::people;
use crate::seed::{Side, pour, say};
use crate::support::TestApp;
use crate::support::fixtures::customer_row;
use assessdesk::domain::ids::{CustomerId, IntegrationId, PackageId, PublicationId};
use assessdesk::domain::integration::IntegrationState;
use assessdesk::domain::package::PackageType;
use assessdesk::domain::package_texts::PackageTexts;
use assessdesk::domain::text::fold;
use assessdesk::domain::time::Timestamp;
use assessdesk::store::customers;
use assessdesk::store::integrations::{self, IntegrationRow};
use assessdesk::store::packages::{self, PackageRow};

/// How many packages an offer has.
pub const LINES: usize = 200;

/// How many the short offer has.
pub const FEW: usize = 20;

/// A word that the names of [`FAMILY`] customers have, in a house of any size.
pub const WORD: &str = "Aurora";

/// How many customers have that word in their name.
pub const FAMILY: usize = 10;

/// The customer whose draft has other words for every package.
pub const WIDE: usize = 0;

/// The customer with a short offer, whose draft has other words for every package, too.
pub const NARROW: usize = 1;

/// One whose draft is as it was published.
pub const SETTLED: usize = 5;

/// How many packages are sold in a house of so many customers: a small one sells few more than one offer has.
pub const fn sold(customers: usize) -> usize {
    if customers > 100 { 500 } else { LINES + 50 }
}

/// What the lines refer to.
pub struct OfferHouse {
    customers: Vec<CustomerId>,
    integrations: Vec<IntegrationId>,
    publications: Vec<PublicationId>,
    packages: Vec<PackageRow>,
    now: Timestamp,
}

/// A package in the offer of a customer.
struct Line {
    customer: usize,
    place: i64,
    package: usize,
    name: String,
}

impl OfferHouse {
    /// Writes customers, catalogue and integrations.
    pub async fn furnish(t: &TestApp, size: usize) -> Self {
        let clock = t.app.clock.clone();
        let now = clock.now();
        let mut work = t.app.begin_system().await.expect("a transaction");
        let mut house = Self {
            customers: Vec::with_capacity(size),
            integrations: Vec::with_capacity(size),
            publications: (0..size).map(|_| clock.new_id()).collect(),
            packages: catalogue(sold(size), now, || clock.new_id()),
            now,
        };
        for row in &house.packages {
            packages::insert(&mut work.conn, row).await.expect("a package");
        }
        for number in 0..size {
            let id: CustomerId = clock.new_id();
            let keys = t.app.vault.ensure_key(&mut work.conn, &clock, Some(id)).await;
            keys.expect("a data key");
            let mut row = customer_row(t, id);
            row.name = name(number);
            customers::insert(&mut work.conn, &row).await.expect("a customer");
            let integration = IntegrationRow {
                customer_id: Some(id),
                state: IntegrationState::Active,
                organization_name: row.name,
                origin_id: Some(id.to_string()),
                ..IntegrationRow::unknown(clock.new_id(), &format!("{}:offer{number}", tool(number)), now)
            };
            let inserted = integrations::insert(&mut work.conn, &integration).await;
            inserted.expect("an integration");
            house.customers.push(id);
            house.integrations.push(integration.id);
        }
        work.commit().await.expect("committed");
        house
    }

    /// Writes the drafts, what was published of them, and some open orders.
    pub async fn fill(&self, side: &mut Side) {
        let size = self.customers.len();
        say(side, "BEGIN").await;
        for stage in ["invited", "started", "completed"] {
            pour!(side, "INSERT INTO order_counts (customer_id, stage, orders)", self.customers.iter(), id =>
                id, stage, 7_i64);
        }
        pour!(side, "INSERT INTO publications (id, integration_id, number, state, reason, created_at, confirmed_at)",
            0..size, number => self.publications[*number], self.integrations[*number], 1_i64, "confirmed", "",
            self.now, self.now);
        // Some at a time: all of it in one piece would take much room.
        for from in (0..size).step_by(100) {
            let some = from..size.min(from + 100);
            let lines: Vec<_> = some.flat_map(|customer| self.lines(customer)).collect();
            pour!(side, "INSERT INTO offer_lines (integration_id, package_id, position, name, description)", lines.iter(), it =>
                self.integrations[it.customer], self.packages[it.package].id, it.place, &it.name, "");
            pour!(side, "INSERT INTO publication_lines (publication_id, position, key, name, description, type)",
                lines.iter(), it => self.publications[it.customer], it.place, &self.packages[it.package].key,
                &self.packages[it.package].name, &self.packages[it.package].description, self.packages[it.package].kind);
        }
        let marked = "UPDATE integrations SET unpublished_at = created_at
            WHERE id IN (SELECT integration_id FROM offer_lines WHERE name <> '')";
        say(side, marked).await;
        say(side, "COMMIT").await;
    }

    /// What a customer offers. One in ten has other words for one package.
    fn lines(&self, customer: usize) -> impl Iterator<Item = Line> + '_ {
        let count = if customer == NARROW { FEW } else { LINES };
        (0..count).map(move |place| {
            let renamed = matches!(customer, WIDE | NARROW) || (customer % 10 == 9 && place == 0);
            Line {
                customer,
                place: i64::try_from(place).expect("a small number"),
                package: (customer + place) % self.packages.len(),
                name: if renamed {
                    format!("Own words {place}")
                } else {
                    String::new()
                },
            }
        })
    }
}

fn catalogue(count: usize, now: Timestamp, mut id: impl FnMut() -> PackageId) -> Vec<PackageRow> {
    let words = people::packages();
    let row = |number: usize| {
        let (key, name, kind): &(String, String, PackageType) = &words[number % words.len()];
        let name = format!("{name} {number}");
        PackageRow {
            id: id(),
            name_folded: fold(&name),
            key: format!("{}-{number}", &key[..key.len().min(30)]),
            name,
            description: "Forty minutes, with a report for the recruiter.".into(),
            kind: *kind,
            start_url: "https://tests.example/start?order={order}".into(),
            max_score: "100".into(),
            duration_minutes: Some(40),
            tags: String::new(),
            regions: String::new(),
            due_hours: None,
            result_parts: String::new(),
            score_bands: String::new(),
            retired_at: None,
            created_at: now,
            version: 1,
            texts: PackageTexts::default(),
        }
    };
    (0..count).map(row).collect()
}

/// The name of a customer.
pub fn name(number: usize) -> String {
    let word = if number < FAMILY { WORD } else { "House" };
    format!("{} {word} {number}", people::customer(number))
}

fn tool(number: usize) -> &'static str {
    people::TOOLS[number % people::TOOLS.len()]
}
