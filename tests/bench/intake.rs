//! Durable intake: many webhooks in one transaction, against one transaction each, against the endpoint without its store.

use crate::desk::{Desk, TAKES};
use crate::forms::Form;
use crate::report::Section;
use crate::stats::{Times, Turns};
use crate::support::WEBHOOK_SECRET;
use crate::support::fixtures::order_event;
use crate::support::program::{Program, free_port};
use crate::wire_load::{Prepared, send_all};
use assessdesk::kombo::signature;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many connections send at once, each its next webhook as soon as the last is answered.
const CONNECTIONS: usize = 64;

/// How often the three take turns.
const TURNS: usize = 5;

/// How many flushes a turn's look at the disk makes.
const FLUSHES: u32 = 200;

/// The floors.
const BY_ONE_COMMIT: f64 = 2.5;
const OF_HOLLOW: f64 = 0.1;
const P99: f64 = 50.0;

/// Numbers every webhook of the run.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Form {
    /// How many webhooks one of its turns sends.
    fn webhooks(self) -> usize {
        match self {
            Self::Together => 15_000,
            Self::OneByOne => 3_000,
            Self::Hollow => 60_000,
        }
    }
}

/// One form of the endpoint, running.
struct Endpoint {
    form: Form,
    desk: Desk,
    port: u16,
    _program: Program,
    times: Vec<Times>,
    per_second: Vec<f64>,
    commits_per_second: Vec<f64>,
}

impl Endpoint {
    async fn start(form: Form) -> Self {
        let desk = Desk::prepared(8).await;
        let port = free_port();
        let own = std::env::current_exe().expect("this program");
        let words = ["--metrics-token=bench", form.word()];
        let program = Program::start_other(&own, desk.app.dir.path(), port, &words).await;
        Self {
            form,
            desk,
            port,
            _program: program,
            times: Vec::new(),
            per_second: Vec::new(),
            commits_per_second: Vec::new(),
        }
    }

    async fn take_turn(&mut self) {
        let webhooks = prepare(self.form.webhooks(), self.port);
        let before = self.batches().await;
        let began = Instant::now();
        let times = send_all(self.port, CONNECTIONS, webhooks).await;
        let took = began.elapsed().as_secs_f64();
        let commits = self.batches().await - before;
        let per_second = times.per_second(took);
        let p99 = times.percentile(99.0);
        eprintln!("{}: {per_second:.0}/s, p99 {p99:.1} ms", self.form.word());
        self.per_second.push(per_second);
        self.commits_per_second.push(commits / took);
        self.times.push(times);
    }

    /// In how many transactions it has written webhooks.
    async fn batches(&self) -> f64 {
        if self.form == Form::Hollow {
            return 0.0;
        }
        let url = format!("http://127.0.0.1:{}/metrics", self.port);
        let request = reqwest::Client::new().get(url).bearer_auth("bench");
        let text = request.send().await.expect("an answer").text().await.expect("text");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("assessdesk_webhook_batches_total "));
        line.map_or(0.0, |value| value.trim().parse().expect("a number"))
    }

    fn row(&self) -> String {
        let percentile = |percent| Turns::of(self.times.iter().map(|times| times.percentile(percent)).collect());
        let commits = match self.form {
            Form::Hollow => "none".to_owned(),
            Form::Together | Form::OneByOne => Turns::of(self.commits_per_second.clone()).shown_whole(),
        };
        format!(
            "| {} | {} | {} | {} | {commits} |",
            self.form.label(),
            Turns::of(self.per_second.clone()).shown_whole(),
            percentile(50.0).shown(),
            percentile(99.0).shown(),
        )
    }

    /// How its speed stands to another's, turn by turn.
    fn by(&self, other: &Self) -> Turns {
        Turns::of(
            self.per_second
                .iter()
                .zip(&other.per_second)
                .map(|(own, other)| own / other)
                .collect(),
        )
    }
}

/// Measures.
pub async fn measure() -> Section {
    let mut together = Endpoint::start(Form::Together).await;
    let mut single = Endpoint::start(Form::OneByOne).await;
    let mut hollow = Endpoint::start(Form::Hollow).await;
    let mut flushes = Vec::new();
    for _ in 0..TURNS {
        for endpoint in [&mut together, &mut single, &mut hollow] {
            endpoint.take_turn().await;
        }
        flushes.push(flushes_per_second(together.desk.app.dir.path()).expect("a file that can be flushed"));
    }
    let (gain, share) = (together.by(&single), together.by(&hollow));
    let p99 = Turns::of(together.times.iter().map(|times| times.percentile(99.0)).collect());
    let lines = [
        "## Durable intake".to_owned(),
        String::new(),
        format!(
            "{CONNECTIONS} connections, each sending its next new order as soon as the last was answered; SQLite with \
             `synchronous=FULL`; {TURNS} turns of each. Every webhook is signed, verified, kept, made an order, accepted \
             by its customer's setting, and answered 200 only after the commit; the endpoint without its store verifies, \
             reads and answers. Milliseconds from the first byte sent to the last byte read; the middle turn, and all between."
        ),
        String::new(),
        "| | webhooks a second | p50 | p99 | commits a second |".to_owned(),
        "| --- | --- | --- | --- | --- |".to_owned(),
        together.row(),
        single.row(),
        hollow.row(),
        String::new(),
        format!(
            "The disk alone, flushing 4 KB again and again: {} a second. Together by one by one: **{}**; the floor is \
             {BY_ONE_COMMIT}. Together by the endpoint without its store: **{}**; the floor is {OF_HOLLOW}. p99 \
             together: **{}** ms; the floor is {P99:.0}.",
            Turns::of(flushes).shown_whole(),
            gain.shown(),
            share.shown(),
            p99.shown()
        ),
    ];
    Section {
        name: "intake",
        reached: gain.median() >= BY_ONE_COMMIT && share.median() >= OF_HOLLOW && p99.median() <= P99,
        text: lines.join("\n"),
    }
}

/// New orders, signed, as they go over the wire.
fn prepare(count: usize, port: u16) -> Vec<Prepared> {
    let secret = WEBHOOK_SECRET.into();
    let one = || {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut event = order_event(&format!("intake-{number}"), &format!("intake-order-{number}"));
        event["data"]["integration_id"] = Value::from(TAKES);
        let body = event.to_string();
        let signature = signature::sign(&secret, body.as_bytes());
        let headers = [
            ("x-kombo-signature", signature.as_str()),
            ("content-type", "application/json"),
        ];
        Prepared::post("/webhooks/kombo", port, &headers, body.as_bytes())
    };
    std::iter::repeat_with(one).take(count).collect()
}

/// How often a second a file beside the database can be flushed.
fn flushes_per_second(dir: &Path) -> std::io::Result<f64> {
    let mut file = std::fs::File::create(dir.join("flushed"))?;
    let mut took = Duration::ZERO;
    for _ in 0..FLUSHES {
        file.write_all(&[7; 4_096])?;
        let began = Instant::now();
        file.sync_data()?;
        took += began.elapsed();
    }
    Ok(f64::from(FLUSHES) / took.as_secs_f64())
}
