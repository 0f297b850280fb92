//! How fast released results leave, against a Kombo that takes its time: as a share of what twenty calls in flight for each
//! integration allow.

use crate::report::Section;
use crate::slow_kombo::SlowKombo;
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
use serde_json::json;
use std::time::{Duration, Instant};

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
             work at all between two calls. Kombo's part runs on the same processors, a thread that reads, sleeps and answers for \
             each connection; how long a call really took there stands behind.\n\n\
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
    let kombo = SlowKombo::that_takes(takes);
    let api = format!("--kombo-api-url={}", kombo.url());
    let _program = Program::start(t.dir.path(), free_port(), &[&api, "--reconcile-every=24h"]).await;
    // The desk's own database is not asked before it can be so: asking costs time, too.
    while kombo.seen().calls < RESULTS || completed(&t).await < RESULTS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let now = Instant::now();
    let seen = kombo.seen();
    assert!(seen.calls >= RESULTS, "each result is a call");
    let passed = now.duration_since(seen.first.expect("a call"));
    Drained {
        rate: per_second(RESULTS, passed.as_secs_f64()),
        took: seen.took / u32::try_from(seen.calls).expect("a count"),
        most_in_flight: seen.most_in_flight,
    }
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
