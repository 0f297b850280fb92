//! Webhooks as a bad week brings them: repeated, under other names, out of order, forged, hung up on; sent until answered.

use crate::history::{History, Line};
use crate::sizes::Dice;
use crate::support::WEBHOOK_SECRET;
use crate::support::fixtures::order_event;
use assessdesk::kombo::signature;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// How many are under way at once.
const SENDERS: usize = 64;

/// How far an order's webhooks may overtake each other.
const DISORDER: usize = 200;

/// How long one try is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A webhook that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub order: String,
    pub event: String,
    /// It asks for a package that was never offered: its answer is a rejection.
    pub unknown: bool,
    /// Signed with another secret: nothing of it may be believed.
    pub forged: bool,
    /// The line is cut this soon at the first try.
    pub cut_after: Option<Duration>,
    /// What it tells, where that is not made up.
    pub data: Option<Value>,
}

impl Webhook {
    /// One that tells what Kombo holds of an order.
    pub fn telling(order: &str, data: Value) -> Self {
        Self {
            order: order.to_owned(),
            event: format!("e-{order}"),
            unknown: false,
            forged: false,
            cut_after: None,
            data: Some(data),
        }
    }
}

/// `count` webhooks about orders whose names begin with `name`: a third of the orders come more than once.
pub fn plan(name: &str, count: usize) -> VecDeque<Webhook> {
    let mut dice = Dice::of(&["webhooks", name]);
    let mut all = Vec::with_capacity(count);
    for number in 0.. {
        if all.len() >= count {
            break;
        }
        let first = Webhook {
            order: format!("{name}-{number}"),
            event: format!("e-{name}-{number}"),
            unknown: dice.hits(6),
            forged: false,
            cut_after: None,
            data: None,
        };
        if dice.hits(2) {
            let forged = Webhook {
                order: format!("forged-{name}-{number}"),
                event: format!("e-forged-{name}-{number}"),
                forged: true,
                ..first.clone()
            };
            all.push(forged);
        }
        for copy in 0..dice.below(12).saturating_sub(8) {
            // The same event again, or another event about the same order.
            let event = if dice.hits(50) {
                first.event.clone()
            } else {
                format!("{}-{copy}", first.event)
            };
            all.push(Webhook { event, ..first.clone() });
        }
        all.push(first);
    }
    all.truncate(count);
    for webhook in &mut all {
        webhook.cut_after = dice.hits(4).then(|| Duration::from_micros(dice.below(8_000) as u64));
    }
    for at in 0..all.len() {
        let other = (at + dice.below(DISORDER)).min(all.len() - 1);
        all.swap(at, other);
    }
    all.into()
}

/// Webhooks under way; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sending {
    pub history: History,
    pub url: String,
    pub done: Arc<AtomicUsize>,
    turned_away: Arc<AtomicUsize>,
    client: reqwest::Client,
}

impl Sending {
    /// To the program at `url`.
    pub fn new(history: &History, url: String) -> Self {
        let client = reqwest::Client::builder().timeout(PATIENCE).build().expect("a client");
        Self {
            history: history.clone(),
            url,
            done: Arc::default(),
            turned_away: Arc::default(),
            client,
        }
    }

    /// How many were answered so far.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }

    /// How often it was asked to come again so far.
    pub fn turned_away(&self) -> usize {
        self.turned_away.load(Ordering::SeqCst)
    }

    /// Waits until `count` were answered.
    pub async fn until_done(&self, count: usize) {
        while self.done() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Sends all, [`SENDERS`] at once, each until it is answered for good.
    pub fn all(&self, webhooks: VecDeque<Webhook>) -> JoinSet<()> {
        self.through(SENDERS, webhooks, true)
    }

    /// The same, `senders` at once.
    pub fn a_few_at_once(&self, senders: usize, webhooks: VecDeque<Webhook>) -> JoinSet<()> {
        self.through(senders, webhooks, true)
    }

    /// Sends each once, as Kombo does: what is not answered is lost.
    pub fn each_once(&self, webhooks: VecDeque<Webhook>) -> JoinSet<()> {
        let mut dice = Dice::of(&["once"]);
        let mut all = VecDeque::new();
        for mut webhook in webhooks {
            webhook.cut_after = dice.hits(5).then(|| Duration::from_micros(dice.below(8_000) as u64));
            if dice.hits(15) {
                let event = format!("{}-again", webhook.event);
                all.push_back(Webhook {
                    event,
                    ..webhook.clone()
                });
            }
            all.push_back(webhook);
        }
        self.through(SENDERS / 8, all, false)
    }

    fn through(&self, senders: usize, webhooks: VecDeque<Webhook>, insists: bool) -> JoinSet<()> {
        let queue = Arc::new(std::sync::Mutex::new(webhooks));
        let mut tasks = JoinSet::new();
        for _ in 0..senders {
            let (sending, queue) = (self.clone(), queue.clone());
            tasks.spawn(async move {
                loop {
                    let next = queue.lock().expect("the queue").pop_front();
                    let Some(webhook) = next else { return };
                    if insists {
                        sending.insist(&webhook).await;
                    } else {
                        sending.once(&webhook, webhook.cut_after).await;
                    }
                }
            });
        }
        tasks
    }

    /// Sends one until it is answered for good, as often as that takes.
    pub async fn insist(&self, webhook: &Webhook) {
        let mut patience = webhook.cut_after;
        while !is_final(self.once(webhook, patience.take()).await) {
            // Not answered, or asked to come again: the program is dead, coming up, or in trouble.
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        self.done.fetch_add(1, Ordering::SeqCst);
    }

    /// Sends one once, hanging up after `patience`; gives the status, or 0 where no answer came.
    pub async fn once(&self, webhook: &Webhook, patience: Option<Duration>) -> u16 {
        let (order, event) = (webhook.order.clone(), webhook.event.clone());
        self.history.write(&Line::Sent {
            at: self.history.now(),
            order: order.clone(),
            event: event.clone(),
            signed: !webhook.forged,
        });
        let call = self.call(webhook);
        let status = match patience {
            Some(patience) => tokio::time::timeout(patience, call).await.unwrap_or(0),
            None => call.await,
        };
        self.turned_away.fetch_add(usize::from(status == 503), Ordering::SeqCst);
        self.history.write(&Line::Answered {
            at: self.history.now(),
            order,
            event,
            status,
        });
        status
    }

    async fn call(&self, webhook: &Webhook) -> u16 {
        let mut body = order_event(&webhook.event, &webhook.order);
        if let Some(data) = &webhook.data {
            body["data"] = data.clone();
        }
        if webhook.unknown {
            body["data"]["package_id"] = "never-offered".into();
        }
        let body = body.to_string();
        let secret = if webhook.forged {
            "another secret"
        } else {
            WEBHOOK_SECRET
        };
        let signature = signature::sign(&secret.into(), body.as_bytes());
        let request = self.client.post(&self.url).header("x-kombo-signature", signature);
        match request.body(body).send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                // An answer that breaks off was not heard.
                answer.bytes().await.map_or(0, |_| status)
            }
            Err(_) => 0,
        }
    }
}

/// Whether Kombo would not come again after this answer.
fn is_final(status: u16) -> bool {
    matches!(status, 200..=299 | 401 | 422)
}
