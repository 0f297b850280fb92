//! How fast released results leave, against a Kombo that takes its time: as a share of what twenty calls in flight for each
//! integration allow.

use crate::report::Section;
use crate::stats::{Turns, per_second};
use crate::support::TestApp;
use crate::support::fixtures::{Customer, INTEGRATION, PACKAGE, customer, line, order, order_event, publish, send};
use crate::support::program::{Program, free_port};
use assessdesk::actions::order_steps::{self, Said};
use assessdesk::clock::Clock;
use assessdesk::domain::delivery::MAX_IN_FLIGHT;
use assessdesk::domain::ids::IntegrationId;
use assessdesk::domain::integration::IntegrationState;
use assessdesk::domain::order::{Event, Stage};
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::store::integrations::{self, IntegrationRow};
use assessdesk::store::{order_lists, results};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

const RESULTS: usize = 6_000;
const TURNS: usize = 3;

/// How many integrations share them, and how long Kombo takes; the first decides.
const CASES: [(usize, Duration); 4] = [
    (1, Duration::from_millis(5)),
    (4, Duration::from_millis(5)),
    (1, Duration::from_millis(100)),
    (4, Duration::from_millis(100)),
];

/// The floor: the share of the limit.
const FLOOR: f64 = 0.9;

/// A Kombo that takes every result after a while, and counts.
#[derive(Clone)]
struct Kombo {
    while_of: While,
    seen: Arc<Mutex<Seen>>,
}

/// What waits until the same while is over for each. A thread of its own keeps to it: the runtime's timers know whole
/// milliseconds alone, and are never early.
#[derive(Clone)]
struct While {
    takes: Duration,
    over: mpsc::Sender<(Instant, oneshot::Sender<()>)>,
}

impl While {
    fn of(takes: Duration) -> Self {
        let (over, waiting) = mpsc::channel::<(Instant, oneshot::Sender<()>)>();
        std::thread::spawn(move || {
            for (at, tell) in waiting {
                std::thread::sleep(at.saturating_duration_since(Instant::now()));
                let _ = tell.send(());
            }
        });
        Self { takes, over }
    }

    async fn passes(&self) {
        let (tell, told) = oneshot::channel();
        self.over
            .send((Instant::now() + self.takes, tell))
            .expect("the thread waits");
        told.await.expect("it tells");
    }
}

#[derive(Default)]
struct Seen {
    first: Option<Instant>,
    calls: usize,
    /// How long all calls took together, from the first look at each until its answer was made.
    took: Duration,
    in_flight: HashMap<String, usize>,
    most_in_flight: usize,
}

impl Kombo {
    fn calls(&self) -> usize {
        self.seen.lock().expect("what was seen").calls
    }
}

/// Measures.
pub async fn measure() -> Section {
    let mut lines = Vec::new();
    let mut reached = true;
    for (at, (integrations, takes)) in CASES.into_iter().enumerate() {
        let limit = per_second(integrations * MAX_IN_FLIGHT, takes.as_secs_f64());
        let (mut rates, mut took, mut most) = (Vec::new(), Vec::new(), 0);
        for _ in 0..TURNS {
            let drained = drain(integrations, takes).await;
            rates.push(drained.rate);
            took.push(drained.took.as_secs_f64() * 1_000.0);
            most = most.max(drained.most_in_flight);
        }
        let share = Turns::of(rates.iter().map(|rate| rate / limit).collect());
        reached &= at > 0 || share.median() >= FLOOR;
        let rates = Turns::of(rates);
        let line = format!(
            "| {integrations} | {} ms | {limit:.0} | {:.0} | **{}** | {:.2} ms | {most} |",
            takes.as_millis(),
            rates.median(),
            share.shown(),
            Turns::of(took).median()
        );
        eprintln!("{line}");
        lines.push(line);
    }
    Section {
        name: "drain",
        reached,
        text: format!(
            "## Results leave\n\n\
             {RESULTS} released results that are due at once, SQLite, `synchronous=FULL`, from the first call until the last is \
             recorded; {TURNS} turns. The limit is what {MAX_IN_FLIGHT} calls in flight for each integration allow, were there no \
             work at all between two calls. Kombo's part runs on the same processors, in a thread of its own and one that keeps \
             to its time; how long a call really took there stands behind.\n\n\
             | integrations | Kombo takes | limit, a second | reached, a second | share of the limit | it took | most in flight |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n{}\n\n\
             The floor is {FLOOR} of the limit in the first line.",
            lines.join("\n")
        ),
    }
}

/// How results left.
struct Drained {
    /// So many a second.
    rate: f64,
    /// How long Kombo's part took for a call.
    took: Duration,
    /// How many calls of one integration were in flight at most.
    most_in_flight: usize,
}

/// Lets all results leave.
async fn drain(integrations: usize, takes: Duration) -> Drained {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let url = Program::database_url(dir.path());
    let t = TestApp::open(dir, &url, Clock::System, &["--release-delay=0s"]).await;
    released(&t, integrations).await;
    let kombo = Kombo {
        while_of: While::of(takes),
        seen: Arc::default(),
    };
    let (api, serving) = serve(kombo.clone());
    let _program = Program::start(t.dir.path(), free_port(), &[&api, "--reconcile-every=24h"]).await;
    // The desk's own database is not asked before it can be so: asking costs time, too.
    while kombo.calls() < RESULTS || completed(&t).await < RESULTS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let now = Instant::now();
    serving.cancel();
    let seen = kombo.seen.lock().expect("what was seen");
    assert!(seen.calls >= RESULTS, "each result is a call");
    let passed = now.duration_since(seen.first.expect("a call"));
    Drained {
        rate: per_second(RESULTS, passed.as_secs_f64()),
        took: seen.took / u32::try_from(seen.calls).expect("a count"),
        most_in_flight: seen.most_in_flight,
    }
}

/// Serves Kombo's part on a thread of its own, until it is cancelled.
fn serve(kombo: Kombo) -> (String, CancellationToken) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener that does not block");
    let api = format!(
        "--kombo-api-url=http://{}/v1",
        listener.local_addr().expect("an address")
    );
    let over = CancellationToken::new();
    let router = Router::new().fallback(take).with_state(kombo);
    let until = over.clone().cancelled_owned();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            tokio::select! {
                served = async { axum::serve(listener, router).await } => served.expect("served"),
                () = until => {}
            }
        });
    });
    (api, over)
}

async fn take(State(kombo): State<Kombo>, method: Method, headers: HeaderMap) -> axum::Json<serde_json::Value> {
    let taken = json!({"status": "success", "data": {}, "warnings": []});
    // What the reconciler asks when the program starts is no delivery.
    if method == Method::GET {
        return axum::Json(taken);
    }
    let of = headers
        .get("x-integration-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let began = Instant::now();
    {
        let mut seen = kombo.seen.lock().expect("what was seen");
        seen.first.get_or_insert(began);
        seen.calls += 1;
        let in_flight = seen.in_flight.entry(of.clone()).or_default();
        *in_flight += 1;
        let in_flight = *in_flight;
        seen.most_in_flight = seen.most_in_flight.max(in_flight);
    }
    kombo.while_of.passes().await;
    let mut seen = kombo.seen.lock().expect("what was seen");
    seen.took += began.elapsed();
    seen.in_flight.entry(of).and_modify(|count| *count -= 1);
    axum::Json(taken)
}

async fn completed(t: &TestApp) -> usize {
    let mut conn = t.app.read().await.expect("a connection");
    let counts = order_lists::counts(&mut conn, &Viewer::system(), None)
        .await
        .expect("read");
    let completed = counts.into_iter().find(|(stage, _)| *stage == Stage::Completed);
    completed.map_or(0, |(_, count)| usize::try_from(count).expect("a count"))
}

/// Orders whose results were entered and released, spread over the integrations.
async fn released(t: &TestApp, count: usize) {
    let customer = customer(t, |_| {}).await;
    let mut all = vec![(customer.integration, INTEGRATION.to_owned())];
    for number in 1..count {
        all.push(connect(t, &customer, &format!("lever:drain{number}")).await);
    }
    let intake = Intake::start(t.app.clone());
    for block in (0..RESULTS).collect::<Vec<_>>().chunks(100) {
        let sent = block.iter().map(|number| {
            let mut event = order_event(&format!("e-{number}"), &format!("o-{number}"));
            event["data"]["integration_id"] = all[number % all.len()].1.clone().into();
            let intake = intake.clone();
            async move { send(&intake, &event).await.0 }
        });
        let answers = futures_util::future::join_all(sent).await;
        assert!(answers.iter().all(|status| *status == 200), "a webhook was not taken");
    }
    intake.finish().await;
    for number in 0..RESULTS {
        release(t, all[number % all.len()].0, number).await;
    }
}

async fn connect(t: &TestApp, customer: &Customer, kombo_id: &str) -> (IntegrationId, String) {
    let id: IntegrationId = t.app.clock.new_id();
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = IntegrationRow {
        customer_id: Some(customer.id),
        state: IntegrationState::Active,
        organization_name: "Halden Logistics".into(),
        ..IntegrationRow::unknown(id, kombo_id, work.now)
    };
    integrations::insert(&mut work.conn, &row)
        .await
        .expect("an integration");
    publish(t, &mut work, id, 1, &[line(PACKAGE, "TypeScript, senior")]).await;
    work.commit().await.expect("committed");
    (id, kombo_id.to_owned())
}

async fn release(t: &TestApp, integration: IntegrationId, number: usize) {
    let mut order = order(t, integration, &format!("o-{number}")).await;
    let content = json!({
        "score": "87.5", "max_score": "100", "result_url": "", "completed_at": "", "summary": "Well done.",
        "attributes": [{"type": "text", "label": "Level", "value": "Senior"}]
    });
    let content = content.to_string();
    let mut work = t.app.begin_system().await.expect("a transaction");
    let draft = results::Draft {
        order_id: order.id,
        customer_id: order.customer_id,
        content: content.as_bytes(),
        by: None,
        at: work.now,
        version: 0,
    };
    let saved = results::save_draft(&mut work.conn, &t.app.vault, &draft).await;
    saved.expect("a draft");
    let stepped = order_steps::apply(&mut work, &mut order, &Event::Released, Said::default()).await;
    stepped.expect("released");
    work.commit().await.expect("committed");
}
