//! Webhooks at a steady pace, each timed from the moment at which it was due, so that a slow answer cannot hide those
//! that waited behind it.

use crate::stats::Times;
use crate::support::WEBHOOK_SECRET;
use crate::support::fixtures::order_event;
use assessdesk::kombo::signature;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Numbers every order of the run.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Who sends, and where to.
#[derive(Clone, Debug)]
pub struct Sender {
    pub client: reqwest::Client,
    pub url: String,
}

impl Sender {
    /// To the program on this port.
    pub fn new(port: u16) -> Self {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        Self {
            client,
            url: format!("http://127.0.0.1:{port}/webhooks/kombo"),
        }
    }

    /// Sends a new order of this integration; gives the status of the answer.
    pub async fn order(&self, integration: &str) -> u16 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut event = order_event(&format!("bench-{number}"), &format!("bench-order-{number}"));
        event["data"]["integration_id"] = Value::from(integration);
        let body = event.to_string();
        let signature = signature::sign(&WEBHOOK_SECRET.into(), body.as_bytes());
        let request = self.client.post(&self.url).header("x-kombo-signature", signature);
        let answer = request.body(body).send().await.expect("an answer");
        let status = answer.status().as_u16();
        answer.bytes().await.expect("a whole answer");
        status
    }

    /// `per_second` new orders a second for `time`.
    pub async fn steadily(&self, integration: &'static str, per_second: u32, time: Duration) -> Times {
        let mut under_way = JoinSet::new();
        let began = Instant::now();
        let gap = Duration::from_secs(1) / per_second;
        let mut due = began;
        while due.duration_since(began) < time {
            sleep_until(due).await;
            let sender = self.clone();
            under_way.spawn(async move {
                let status = sender.order(integration).await;
                assert_eq!(status, 200, "a webhook was not taken");
                due.elapsed()
            });
            due += gap;
        }
        Times::of(under_way.join_all().await)
    }
}
