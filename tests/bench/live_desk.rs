//! Intake beside many open desks and many held answers: its p99 is to stay within twice its quiet value.

use crate::desk::{Desk, HOLDS, TAKES};
use crate::load::Sender;
use crate::report::Section;
use crate::stats::{Times, Turns};
use assessdesk::domain::role::Role;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// How many event streams are open.
const STREAMS: usize = 500;

/// How many streams belong to one person; as many as the desk allows them.
const STREAMS_EACH: usize = 5;

/// How many answers are held at any moment.
const HELD: i64 = 50;

/// For how many seconds each is held.
const HOLD: i64 = 10;

/// New orders a second: more than a large provider sees in its busiest hour.
const PACE: u32 = 100;

/// How often quiet and busy take turns, and for how long each is measured.
const TURNS: usize = 5;
const TURN: Duration = Duration::from_secs(10);

/// The floor: busy p99 by quiet p99.
const FLOOR: f64 = 2.0;

/// What the open streams heard.
#[derive(Debug, Default)]
struct Heard {
    open: AtomicU64,
    bytes: AtomicU64,
}

/// Measures.
pub async fn measure() -> Section {
    let desk = Desk::prepared(HOLD).await;
    let cookies = people(&desk).await;
    let _program = desk.serve().await;
    let sender = Sender::new(desk.port);
    sender.steadily(TAKES, PACE, Duration::from_secs(3)).await;
    let (mut quiet, mut busy, mut heard_bytes) = (Vec::new(), Vec::new(), 0);
    for turn in 1..=TURNS {
        quiet.push(sender.steadily(TAKES, PACE, TURN).await);
        let heard = Arc::new(Heard::default());
        let crowd = crowd(&desk, &cookies, &heard).await;
        let times = sender.steadily(TAKES, PACE, TURN).await;
        assert_eq!(
            heard.open.load(Ordering::Relaxed),
            STREAMS as u64,
            "a stream ended early"
        );
        heard_bytes += heard.bytes.load(Ordering::Relaxed);
        drop(crowd);
        eprintln!(
            "turn {turn}: quiet p99 {:.2} ms, busy p99 {:.2} ms",
            quiet.last().map_or(f64::NAN, |times| times.percentile(99.0)),
            times.percentile(99.0)
        );
        busy.push(times);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    section(&quiet, &busy, heard_bytes)
}

/// Signs in as many people as the streams need; their cookies.
async fn people(desk: &Desk) -> Vec<String> {
    let mut cookies = Vec::new();
    for _ in 0..STREAMS / STREAMS_EACH {
        let client = desk.app.sign_in_as(Role::Operator).await;
        cookies.push(client.cookie().expect("a session").to_owned());
    }
    cookies
}

/// Opens the streams, then keeps [`HELD`] answers open. All of it ends when the set is dropped.
async fn crowd(desk: &Desk, cookies: &[String], heard: &Arc<Heard>) -> JoinSet<()> {
    let mut crowd = JoinSet::new();
    let client = reqwest::Client::new();
    let url = format!("http://127.0.0.1:{}/live", desk.port);
    for number in 0..STREAMS {
        let request = client.get(&url).header("cookie", &cookies[number % cookies.len()]);
        crowd.spawn(listen(request, heard.clone()));
    }
    until("the streams are open", || {
        heard.open.load(Ordering::Relaxed) == STREAMS as u64
    })
    .await;
    let sender = Sender::new(desk.port);
    for _ in 0..HELD {
        let sender = sender.clone();
        crowd.spawn(async move {
            loop {
                sender.order(HOLDS).await;
            }
        });
    }
    let mut conn = desk.app.app.read().await.expect("a connection");
    for _ in 0..500 {
        let held = assessdesk::store::holds::count(&mut conn).await.expect("read");
        if held >= HELD {
            return crowd;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not all answers are held");
}

async fn listen(request: reqwest::RequestBuilder, heard: Arc<Heard>) {
    let mut stream = request.send().await.expect("a stream");
    assert_eq!(stream.status(), 200);
    heard.open.fetch_add(1, Ordering::Relaxed);
    while let Ok(Some(chunk)) = stream.chunk().await {
        heard.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
    }
    heard.open.fetch_sub(1, Ordering::Relaxed);
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("in ten seconds it did not happen that {what}");
}

fn section(quiet: &[Times], busy: &[Times], heard: u64) -> Section {
    let figures = |times: &[Times], percent| Turns::of(times.iter().map(|times| times.percentile(percent)).collect());
    let ratios = quiet.iter().zip(busy);
    let ratios = Turns::of(
        ratios
            .map(|(quiet, busy)| busy.percentile(99.0) / quiet.percentile(99.0))
            .collect(),
    );
    let webhooks = quiet.iter().chain(busy).map(Times::count).sum::<usize>();
    let reached = ratios.median() <= FLOOR;
    let row = |name: &str, times: &[Times]| {
        format!(
            "| {name} | {} | {} |",
            figures(times, 50.0).shown(),
            figures(times, 99.0).shown()
        )
    };
    Section {
        name: "live-desk",
        reached,
        text: [
            "## Intake beside open desks and held answers".to_owned(),
            String::new(),
            format!(
                "{PACE} new orders a second, durable (SQLite, `synchronous=FULL`), {TURNS} turns of {} s each way in one run: \
                 quiet, and beside {STREAMS} open event streams and {HELD} answers that are held for a person. \
                 {webhooks} webhooks, each answered 200; the streams took in {} KB. Milliseconds from the moment at which \
                 the webhook was due until its whole answer was there; the middle turn, and all between.",
                TURN.as_secs(),
                heard / 1_024
            ),
            String::new(),
            "| | p50 | p99 |".to_owned(),
            "| --- | --- | --- |".to_owned(),
            row("quiet", quiet),
            row("busy", busy),
            String::new(),
            format!("Busy p99 by quiet p99: **{}**; the floor is {FLOOR:.0}.", ratios.shown()),
        ]
        .join("\n"),
    }
}
