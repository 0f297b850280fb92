//! The customer list, offers and what publishing them would change, among twenty customers and among two thousand.

use crate::house::{Full, Kept, Served};
use crate::offers::{self, FAMILY, FEW, LINES, NARROW, SETTLED, WIDE, WORD};
use crate::report::Section;
use crate::stats::{Times, Turns, per_second};
use crate::support::Engine;
use assessdesk::store::integrations;
use std::time::{Duration, Instant};

const SMALL: usize = 20;
const LARGE: usize = 2_000;

const TURNS: usize = 7;
/// How often each page is opened in a turn.
const EACH: usize = 15;

/// The floor: the time in the large house by that in the small one, and that of a line by that of a line.
const FLOOR: f64 = 1.5;

/// The pages that are measured.
const PAGES: [&str; 5] = [
    "the customer list",
    "the customer list, a search",
    "an offer of 200 packages",
    "what publishing changes, 20 packages",
    "what publishing changes, 200 packages",
];
const SHORT: usize = 3;
const LONG: usize = 4;

/// One house as it is asked.
struct Side {
    served: Served,
    _kept: Kept,
    cookie: String,
    client: reqwest::Client,
    paths: [String; 5],
}

/// What one engine came to.
struct Found {
    text: String,
    reached: bool,
}

/// Measures on both engines.
pub async fn measure() -> Section {
    let mut parts = Vec::new();
    let mut reached = true;
    for (engine, name) in [(Engine::Sqlite, "SQLite"), (Engine::Postgres, "PostgreSQL")] {
        let Some(found) = on(engine).await else {
            parts.push(format!(
                "### {name}\n\nNot measured: ASSESSDESK_TEST_POSTGRES names no server."
            ));
            continue;
        };
        reached &= found.reached;
        parts.push(format!("### {name}\n\n{}", found.text));
    }
    Section {
        name: "onboarding",
        reached,
        text: format!(
            "## Customers and offers at {SMALL} and {LARGE} customers\n\n\
             Two programs, each on its own house: {SMALL} customers and {} packages, {LARGE} customers and {} packages; each \
             customer has an ATS with {LINES} packages in its draft and as many published, one of them {FEW}; a tenth of \
             the drafts differ. Whole answers over HTTP, one at a time, {TURNS} turns of {EACH} each way in one run. \
             Milliseconds: the middle answer of the middle turn. The ratio is taken within each turn: its middle, and all \
             between; the floor is {FLOOR}. The first page of the customer list has 30 rows in the large house, and 20 in the small one; the search \
             finds {FAMILY} in both. What publishing changes is every package of that offer, and may take in proportion to \
             their number: for each of {LINES} at most {FLOOR} times as long as for each of {FEW}.\n\n{}",
            offers::sold(SMALL),
            offers::sold(LARGE),
            parts.join("\n\n")
        ),
    }
}

async fn on(engine: Engine) -> Option<Found> {
    let (small, large) = (Side::of(engine, SMALL).await?, Side::of(engine, LARGE).await?);
    let mut lines = vec![
        format!("| page | {SMALL} customers | {LARGE} customers | ratio |"),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    let mut reached = true;
    for (at, name) in PAGES.iter().enumerate() {
        let (mut before, mut after, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let (one, other) = (small.time(at).await, large.time(at).await);
            before.push(one);
            after.push(other);
            ratios.push(other / one);
        }
        let times = format!("{:.1} | {:.1}", Turns::of(before).median(), Turns::of(after).median());
        lines.push(line(&format!("{name} | {times}"), ratios, &mut reached));
    }
    for (side, customers) in [(&small, SMALL), (&large, LARGE)] {
        let (mut short, mut long, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let (few, many) = (side.time(SHORT).await, side.time(LONG).await);
            short.push(few);
            long.push(many);
            ratios.push(per_second(FEW, few) / per_second(LINES, many));
        }
        let times = format!("{:.1} | {:.1}", Turns::of(short).median(), Turns::of(long).median());
        let name = format!("each package of {FEW} and of {LINES}, {customers} customers");
        lines.push(line(&format!("{name} | {times}"), ratios, &mut reached));
    }
    let text = lines.join("\n");
    Some(Found { text, reached })
}

/// A line of the table with its ratio, which is to be within the floor.
fn line(begin: &str, ratios: Vec<f64>, reached: &mut bool) -> String {
    let ratios = Turns::of(ratios);
    let fine = ratios.median() <= FLOOR;
    *reached &= fine;
    let line = format!(
        "| {begin} | {}{} |",
        ratios.shown(),
        if fine { "" } else { " **missed**" }
    );
    eprintln!("{line}");
    line
}

impl Side {
    async fn of(engine: Engine, customers: usize) -> Option<Self> {
        let kept = Kept::of(engine, Full::OfOffers(customers)).await?;
        let cookie = kept.manager().await;
        let paths = paths(&kept).await;
        let served = kept.serve().await;
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let side = Self {
            served,
            _kept: kept,
            cookie,
            client: client.build().expect("a client"),
            paths,
        };
        // What a worker does after the start is not to be measured.
        tokio::time::sleep(Duration::from_secs(2)).await;
        for at in 0..PAGES.len() {
            for _ in 0..10 {
                side.open(at).await;
            }
        }
        side.look().await;
        Some(side)
    }

    /// Whether the pages show what is to be measured.
    async fn look(&self) {
        let found = self.open(1).await.matches("<tr data-row").count();
        assert_eq!(found, FAMILY, "the customers that are searched for");
        for (at, count) in [(SHORT, FEW), (LONG, LINES)] {
            let changed = self.open(at).await.matches("<li class=\"changed\">").count();
            assert_eq!(changed, count, "what publishing changes");
        }
    }

    async fn open(&self, at: usize) -> String {
        let path = &self.paths[at];
        let request = self.client.get(format!("http://127.0.0.1:{}{path}", self.served.port));
        let answer = request.header("cookie", &self.cookie).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.expect("a whole page")
    }

    /// The middle one of some answers, in milliseconds.
    async fn time(&self, at: usize) -> f64 {
        let mut times = Vec::with_capacity(EACH);
        for _ in 0..EACH {
            let began = Instant::now();
            self.open(at).await;
            times.push(began.elapsed());
        }
        Times::of(times).percentile(50.0)
    }
}

/// Where the pages are in this house.
async fn paths(kept: &Kept) -> [String; 5] {
    let customers = kept.customers().await;
    let mut conn = kept.app.app.read().await.expect("a connection");
    let mut offers = Vec::new();
    for number in [SETTLED, NARROW, WIDE] {
        let named = offers::name(number);
        let (id, _) = customers.iter().find(|(_, name)| *name == named).expect("a customer");
        let rows = integrations::of_customer(&mut conn, *id).await.expect("read");
        offers.push(format!("/integrations/{}", rows[0].id));
    }
    [
        "/customers".to_owned(),
        format!("/customers?q={WORD}"),
        offers[0].clone(),
        format!("{}/publish", offers[1]),
        format!("{}/publish", offers[2]),
    ]
}
