//! The real sandbox behind the real client, for tests of what goes to Kombo and comes back from it.

use super::fixtures::{self, Customer, INTEGRATION, PACKAGE};
use super::{API_KEY, TestApp, WEBHOOK_SECRET};
use assessdesk::actions::order_steps::{self, Said};
use assessdesk::actions::receive_order;
use assessdesk::app::App;
use assessdesk::domain::ids::FileId;
use assessdesk::domain::order::{Event, Source};
use assessdesk::domain::reconcile::Pass;
use assessdesk::intake::reconciler;
use assessdesk::kombo::wire::OrderStatus;
use assessdesk::kombo::{Client, Timeouts};
use assessdesk::outbox;
use assessdesk::sandbox::mischief::{CallKind, CallMischief, CallRule};
use assessdesk::sandbox::play::{Connection, Placing};
use assessdesk::sandbox::store::ResultRow;
use assessdesk::sandbox::{Running, Settings, start};
use assessdesk::store::attempts::{self, AttemptRow};
use assessdesk::store::deliveries::{self, DeliveryRow};
use assessdesk::store::orders::OrderRow;
use assessdesk::store::reconciler_runs::Tally;
use assessdesk::store::{blobs, customers, files, results};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A dashboard whose Kombo is the sandbox, with one customer and one order in both.
pub struct Practice {
    pub t: TestApp,
    pub kombo: Running,
    pub customer: Customer,
}

impl Practice {
    /// Starts one; the order `o-1` has been accepted.
    pub async fn new(t: TestApp) -> Self {
        Self::with(t, "greenhouse").await
    }

    /// The same with another ATS behind Kombo; our own row still says what the integration's id says.
    pub async fn with(mut t: TestApp, tool: &str) -> Self {
        let kombo = start(Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            database_url: "sqlite::memory:".into(),
            target_url: "http://127.0.0.1:9/webhooks/kombo".parse().expect("a URL"),
            public_url: None,
            api_key: API_KEY.into(),
            webhook_secret: WEBHOOK_SECRET.into(),
            clock: t.app.clock.clone(),
        })
        .await
        .expect("a sandbox");
        t.app.kombo = Some(client(&kombo, API_KEY));
        let customer = fixtures::customer(&t, |_| {}).await;
        let connection = Connection {
            tool: Some(tool.into()),
            id: Some(INTEGRATION.into()),
            origin_id: Some(customer.id.to_string()),
            webhook: Some(false),
            ..Connection::default()
        };
        kombo.sandbox.connect(connection).await.expect("connected");
        let practice = Self { t, kombo, customer };
        practice.place("o-1").await;
        practice.take("o-1", Source::Webhook).await;
        practice
    }

    /// The recruiter places an order; no webhook is sent.
    pub async fn place(&self, id: &str) {
        let placing: Placing = serde_json::from_value(json!({
            "integration": INTEGRATION, "package": PACKAGE, "id": id, "webhook": false
        }))
        .expect("a placing");
        self.kombo.sandbox.place(&placing).await.expect("placed");
    }

    /// The webhook of an order that was placed, as Kombo would send it.
    pub async fn webhook(&self, event: &str, id: &str) -> serde_json::Value {
        let row = self.kombo.sandbox.store.order(id).await.expect("an order");
        let mut data = serde_json::to_value(row.order().expect("read")).expect("JSON");
        data["integration_id"] = json!(INTEGRATION);
        json!({"id": event, "type": "assessment:order-received", "data": data})
    }

    /// The order reaches us.
    pub async fn take(&self, id: &str, source: Source) {
        let row = self.kombo.sandbox.store.order(id).await.expect("an order");
        let mut work = self.t.app.begin_system().await.expect("a transaction");
        receive_order::receive_order(&mut work, &row.order().expect("read"), INTEGRATION, false, source, None)
            .await
            .expect("received");
        work.commit().await.expect("committed");
    }

    /// Our order.
    pub async fn order(&self, id: &str) -> OrderRow {
        fixtures::order(&self.t, self.customer.integration, id).await
    }

    /// Something happens to an order; `Err` is the sentence with which it was refused.
    pub async fn try_step(&self, id: &str, event: Event, said: Said) -> Result<(), String> {
        let mut order = self.order(id).await;
        let mut work = self.t.app.begin_system().await.expect("a transaction");
        order_steps::apply(&mut work, &mut order, &event, said)
            .await
            .map_err(|error| error.to_string())?;
        work.commit().await.expect("committed");
        Ok(())
    }

    /// Something happens to an order.
    pub async fn step(&self, id: &str, event: Event) {
        self.try_step(id, event, Said::default()).await.expect("a step");
    }

    /// A person cancels an order.
    pub async fn cancel(&self, id: &str) {
        let said = Said {
            reason: Some("The position was filled.".into()),
            ..Said::default()
        };
        self.try_step(id, Event::Cancelled, said).await.expect("cancelled");
    }

    /// A person enters a result with one file and releases it.
    pub async fn release(&self, id: &str) {
        let order = self.order(id).await;
        write_draft(&self.t.app, &order, "87.5", true).await;
        self.step(id, Event::Released).await;
    }

    /// The release delay passes.
    pub fn delay_passes(&self) {
        self.t.advance(Duration::from_mins(1));
    }

    /// The clock moves by `seconds`, and one round of the outbox follows.
    pub async fn round_after(&self, seconds: u64) -> usize {
        self.t.advance(Duration::from_secs(seconds));
        self.round().await
    }

    /// One round of the outbox.
    pub async fn round(&self) -> usize {
        outbox::deliver_due(&self.t.app).await.expect("a round")
    }

    /// The sandbox misbehaves with the next `times` calls of this kind.
    pub fn mischief(&self, call: CallKind, mischief: CallMischief, times: u32) {
        self.kombo.sandbox.mischief.rules().calls.push(CallRule {
            mischief,
            call: Some(call),
            share: 1.0,
            left: Some(times),
        });
    }

    /// One pass after `seconds`.
    pub async fn compare_after(&self, seconds: u64, pass: Pass) -> Tally {
        self.t.advance(Duration::from_secs(seconds));
        reconciler::compare(&self.t.app, pass).await.expect("a pass")
    }

    /// The open orders (and ours that are not among them) after `seconds`.
    pub async fn open_after(&self, seconds: u64) -> Tally {
        self.compare_after(seconds, Pass::Open).await
    }

    /// The customer wants something else from now on.
    pub async fn customer_wants(&self, change: impl FnOnce(&mut customers::CustomerRow)) {
        let mut work = self.t.app.begin_system().await.unwrap();
        let viewer = work.viewer;
        let mut row = customers::find(&mut work.conn, &viewer, self.customer.id)
            .await
            .unwrap()
            .unwrap();
        change(&mut row);
        customers::save(&mut work.conn, &mut row).await.unwrap();
        work.commit().await.unwrap();
    }

    /// Kombo's status of an order, by force.
    pub async fn kombo_shows(&self, id: &str, status: OrderStatus) {
        let now = self.t.app.clock.now();
        let store = &self.kombo.sandbox.store;
        assert!(store.force_status(id, status, now).await.expect("set"));
    }

    /// Every result that was applied to an order, oldest first.
    pub async fn applied(&self, id: &str) -> Vec<ResultRow> {
        self.kombo.sandbox.store.history(id, 0).await.expect("read").results
    }

    /// The customer's integration changes how it fares; nobody is told.
    pub async fn fares(&self, state: &str) {
        let sandbox = &self.kombo.sandbox;
        sandbox.set_state(INTEGRATION, state, None, true).await.expect("set");
    }

    /// The order's final word; the newest that is not withdrawn or replaced.
    pub async fn final_word(&self, id: &str) -> DeliveryRow {
        let order = self.order(id).await;
        let mut conn = self.t.app.read().await.expect("a connection");
        deliveries::final_of_order(&mut conn, order.id)
            .await
            .expect("read")
            .expect("a final word")
    }

    /// How its attempts ended, oldest first.
    pub async fn outcomes(&self, delivery: &DeliveryRow) -> Vec<&'static str> {
        let mut rows = self.attempts(delivery).await;
        rows.reverse();
        rows.into_iter().map(|row| row.outcome.as_str()).collect()
    }

    /// Its attempts, newest first.
    pub async fn attempts(&self, delivery: &DeliveryRow) -> Vec<AttemptRow> {
        let mut conn = self.t.app.read().await.expect("a connection");
        attempts::of_delivery(&mut conn, delivery.id).await.expect("read")
    }
}

/// What a person enters as the result of `order`, with one file where wanted.
pub async fn write_draft(app: &App, order: &OrderRow, score: &str, with_file: bool) {
    let mut work = app.begin_system().await.expect("a transaction");
    let draft = json!({
        "score": score, "max_score": "100", "result_url": "", "completed_at": "", "summary": "Well done.",
        "attributes": [{"type": "text", "label": "Level", "value": "Senior"}]
    });
    let (customer, now) = (order.customer_id, work.now);
    let content = draft.to_string();
    results::save_draft(
        &mut work.conn,
        &app.vault,
        &results::Draft {
            order_id: order.id,
            customer_id: customer,
            content: content.as_bytes(),
            by: None,
            at: now,
            version: 0,
        },
    )
    .await
    .expect("a draft");
    if with_file {
        let file: FileId = work.new_id();
        let bytes = b"%PDF-1.7 a report";
        let folder = &app.config.data_dir;
        let begun = blobs::Arriving::begin(&mut work.conn, &app.vault, folder, customer, file).await;
        let mut arriving = begun.expect("begun");
        arriving.take(bytes).await.expect("taken");
        arriving
            .finish()
            .await
            .expect("sealed")
            .keep(folder)
            .await
            .expect("kept");
        let row = files::FileRow {
            id: file,
            order_id: order.id,
            customer_id: customer,
            name: "Report.pdf".into(),
            content_type: "application/pdf".into(),
            size: 17,
            sha256: Sha256::digest(bytes).to_vec(),
            position: 1,
            created_by: None,
            created_at: now,
        };
        files::insert(&mut work.conn, &row).await.expect("a file");
    }
    work.commit().await.expect("committed");
}

/// A client that waits only briefly.
pub fn client(kombo: &Running, key: &str) -> Client {
    let timeouts = Timeouts {
        connect: Duration::from_secs(2),
        call: Duration::from_secs(5),
        result: Duration::from_millis(1_500),
    };
    Client::new(&kombo.api_url(), &key.into(), timeouts).expect("a client")
}
