//! Lists, *Today* and searches among ten thousand orders and among a million, on both engines: what people see must not
//! become slow as the house grows.

use crate::house::{Full, Kept, OF_FEW, OF_ONE, Served};
use crate::report::Section;
use crate::stats::{Times, Turns};
use crate::support::Engine;
use assessdesk::domain::time::Timestamp;
use assessdesk::domain::viewer::Viewer;
use assessdesk::store::order_lists::{self, Filter, Key, ListRow, Place, Sort};
use std::time::{Duration, Instant};

const SMALL: u32 = 10_000;
const LARGE: u32 = 1_000_000;

const TURNS: usize = 7;
/// How often each page is opened in a turn.
const EACH: usize = 15;

/// The floor: the time in the large house by that in the small one.
const FLOOR: f64 = 1.5;

/// One house as it is asked.
struct Side {
    served: Served,
    _kept: Kept,
    everything: String,
    few: String,
    client: reqwest::Client,
    pages: Vec<Page>,
}

/// A page of one house.
struct Page {
    name: &'static str,
    path: String,
    limited: bool,
    rows: usize,
}

/// Measures on both engines.
pub async fn measure() -> Section {
    let mut parts = Vec::new();
    let mut reached = true;
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let name = if engine == Engine::Sqlite {
            "SQLite"
        } else {
            "PostgreSQL"
        };
        let Some((text, fine)) = on(engine).await else {
            parts.push(format!(
                "### {name}\n\nNot measured: ASSESSDESK_TEST_POSTGRES names no server."
            ));
            continue;
        };
        reached &= fine;
        parts.push(format!("### {name}\n\n{text}"));
    }
    Section {
        name: "lists",
        reached,
        text: format!(
            "## Lists and searches at 10,000 and 1,000,000 orders\n\n\
             Two programs, each on its own house: 200 customers, 20 people, two years, 5 % of the orders live; beside each \
             order its candidate, search index, inbox row and delivery. Whole answers over HTTP, one at a time, {TURNS} turns \
             of {EACH} each way in one run. Milliseconds: the middle answer of the middle turn. The ratio is taken within \
             each turn: its middle, and all between; the floor is {FLOOR}. ‘Few’ is a person who sees three customers with about \
             {OF_FEW} orders together, and ‘one customer’ one with about {OF_ONE}: the busiest of the small house, and small \
             ones of the large house.\n\n{}",
            parts.join("\n\n")
        ),
    }
}

async fn on(engine: Engine) -> Option<(String, bool)> {
    let (small, large) = (Side::of(engine, SMALL).await?, Side::of(engine, LARGE).await?);
    let mut lines = vec![
        "| page | rows | 10,000 | rows | 1,000,000 | ratio |".to_owned(),
        "| --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    let mut reached = true;
    for (one, other) in small.pages.iter().zip(&large.pages) {
        let (mut before, mut after, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let small = small.times(one).await.percentile(50.0);
            let large = large.times(other).await.percentile(50.0);
            before.push(small);
            after.push(large);
            ratios.push(large / small);
        }
        let ratios = Turns::of(ratios);
        reached &= ratios.median() <= FLOOR;
        let line = format!(
            "| {}{} | {} | {:.1} | {} | {:.1} | {}{} |",
            one.name,
            if one.limited { ", few" } else { "" },
            one.rows,
            Turns::of(before).median(),
            other.rows,
            Turns::of(after).median(),
            ratios.shown(),
            if ratios.median() <= FLOOR { "" } else { " **missed**" }
        );
        eprintln!("{line}");
        lines.push(line);
    }
    Some((lines.join("\n"), reached))
}

impl Side {
    async fn of(engine: Engine, orders: u32) -> Option<Self> {
        let kept = Kept::of(engine, Full::OfOrders(orders)).await?;
        let everything = kept.operator().await;
        let few = kept.limited().await;
        let pages = pages(&kept).await;
        let served = kept.serve().await;
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let mut side = Self {
            served,
            _kept: kept,
            everything,
            few,
            client: client.build().expect("a client"),
            pages: Vec::new(),
        };
        // What a worker does after the start is not to be measured.
        tokio::time::sleep(Duration::from_secs(2)).await;
        for mut page in pages {
            let text = side.open(&page).await;
            page.rows = text.matches("data-row id=").count() + text.matches("role=\"option\"").count();
            for _ in 0..10 {
                side.open(&page).await;
            }
            side.pages.push(page);
        }
        Some(side)
    }

    /// Opens a page.
    async fn open(&self, page: &Page) -> String {
        let cookie = if page.limited { &self.few } else { &self.everything };
        let mut request = self
            .client
            .get(format!("http://127.0.0.1:{}{}", self.served.port, page.path));
        if page.path.starts_with("/find") {
            request = request
                .header("hx-request", "true")
                .header("hx-request-type", "partial");
        }
        let answer = request.header("cookie", cookie).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{}", page.path);
        answer.text().await.expect("a whole page")
    }

    async fn times(&self, page: &Page) -> Times {
        let mut times = Vec::with_capacity(EACH);
        for _ in 0..EACH {
            let began = Instant::now();
            self.open(page).await;
            times.push(began.elapsed());
        }
        Times::of(times)
    }
}

/// The pages that are measured.
async fn pages(kept: &Kept) -> Vec<Page> {
    let (key, row) = an_old_order(kept).await;
    let customer = kept.one().await;
    let name = |row: &ListRow| {
        let names = [row.first_name.as_deref(), row.last_name.as_deref()];
        names.map(|name| name.unwrap_or_default().to_owned()).join(" ")
    };
    let query = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let deep = format!(
        "/orders?stage=all&after={}.{}.{}",
        key.at.unix_micros(),
        key.seq,
        key.id
    );
    let email = row.email.clone().unwrap_or_default();
    let all = [
        ("orders", "/orders".to_owned(), true),
        ("all orders, a page deep down", deep, true),
        ("one live stage", "/orders?stage=invited".to_owned(), true),
        ("an end", "/orders?stage=completed".to_owned(), true),
        (
            "one customer's open orders",
            format!("/orders?customer={customer}"),
            false,
        ),
        (
            "all of one customer",
            format!("/orders?stage=all&customer={customer}"),
            false,
        ),
        (
            "one customer at one stage",
            format!("/orders?stage=invited&customer={customer}"),
            false,
        ),
        (
            "all of one package",
            "/orders?stage=all&package=rust-senior".to_owned(),
            false,
        ),
        ("sorted by due", "/orders?sort=due".to_owned(), true),
        ("Today", "/".to_owned(), true),
        (
            "search: a candidate's name",
            format!("/orders?q={}", query(&name(&row))),
            false,
        ),
        ("search: a first name", "/orders?q=nadia".to_owned(), true),
        (
            "search: an e-mail address",
            format!("/orders?q={}", query(&email)),
            false,
        ),
        ("search: an order id", format!("/orders?q={}", row.id), false),
        ("search: what nothing has", "/orders?q=qqzzxx".to_owned(), true),
        ("search: what a third has", "/orders?q=engineer".to_owned(), true),
        ("search: what everything has", "/orders?q=example".to_owned(), true),
        (
            "search: two frequent words",
            "/orders?q=nadia+engineer".to_owned(),
            false,
        ),
        ("Ctrl K: a first name", "/find?q=nadia".to_owned(), true),
        ("Ctrl K: two letters", "/find?q=na".to_owned(), true),
    ];
    let mut pages = Vec::new();
    for (name, path, both) in all {
        for limited in [false, true] {
            if both || !limited {
                let path = path.clone();
                pages.push(Page {
                    name,
                    path,
                    limited,
                    rows: 0,
                });
            }
        }
    }
    pages
}

/// An order of a year ago.
async fn an_old_order(kept: &Kept) -> (Key, ListRow) {
    let mut conn = kept.app.app.read().await.expect("a connection");
    let viewer = Viewer::system();
    let year = kept.app.app.clock.now().minus(Duration::from_hours(365 * 24));
    let key = Key { at: year, ..edge() };
    let page = order_lists::page(
        &mut conn,
        &viewer,
        &Filter::default(),
        Sort::Received,
        Place::After(key),
        1,
    )
    .await;
    let row = page.expect("read").rows.into_iter().next().expect("an order");
    (row.key(Sort::Received), row)
}

fn edge() -> Key {
    Key {
        at: Timestamp::EPOCH,
        id: assessdesk::domain::ids::OrderId(uuid::Uuid::max()),
        seq: i64::MAX,
    }
}
