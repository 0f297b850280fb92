//! Sends signed webhooks and takes their answers as Kombo would.

use super::mischief::WebhookMischief;
use super::state::{WEBHOOK_TIMEOUT, new_id};
use super::store::WebhookRow;
use super::{Error, Sandbox};
use crate::kombo::wire::{InlineAnswer, OrderStatus, Rejection, event_type};
use crate::kombo::{SIGNATURE_HEADER, signature};
use serde::Serialize;
use serde_json::json;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a webhook waits to be overtaken.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(3);

/// How much of an answer is kept, in bytes.
const ANSWER_KEPT: usize = 4 * 1024;

/// The one webhook that waits to be overtaken.
#[derive(Debug, Default)]
pub struct Held(Mutex<Option<oneshot::Sender<()>>>);

impl Held {
    /// Waits until another webhook was sent, or long enough.
    async fn wait(&self) {
        let (release, released) = oneshot::channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(release);
        let _ = tokio::time::timeout(OVERTAKEN_WITHIN, released).await;
    }

    /// Lets the waiting one go.
    fn release(&self) {
        if let Some(release) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = release.send(());
        }
    }
}

/// A webhook to be sent.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// The order that it is about.
    pub order_id: Option<String>,
    /// The exact body.
    pub body: Vec<u8>,
    /// In place of the right signature.
    pub signature: Option<String>,
}

impl Webhook {
    /// A webhook with Kombo's envelope; a new event id where none is given.
    pub fn new(
        kind: &str,
        event_id: Option<String>,
        order_id: Option<&str>,
        data: &impl Serialize,
    ) -> Result<Self, Error> {
        let event_id = event_id.unwrap_or_else(new_id);
        Ok(Self {
            body: serde_json::to_vec(&json!({ "id": event_id, "type": kind, "data": data }))?,
            event_type: kind.to_owned(),
            order_id: order_id.map(str::to_owned),
            event_id,
            signature: None,
        })
    }
}

/// What became of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The event's id.
    pub event_id: String,
    /// The answer's status; null where none came.
    pub http_status: Option<u16>,
    /// The beginning of the answer.
    pub body: String,
    /// What it meant, in words.
    pub note: String,
}

impl Sandbox {
    /// Sends a webhook, with whatever mischief is in force, and answers what became of its first sending.
    pub async fn send(&self, webhook: &Webhook) -> Result<Answer, Error> {
        let mut times = 1;
        let mut overtaken = false;
        let mut patience = WEBHOOK_TIMEOUT;
        for mischief in self.mischief.for_webhook(&webhook.event_type) {
            match mischief {
                WebhookMischief::Drop => return self.lose(webhook).await,
                WebhookMischief::Repeat { times: more } => times += more.min(100),
                WebhookMischief::Delay { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
                WebhookMischief::HangUp { ms } => patience = patience.min(Duration::from_millis(ms)),
                WebhookMischief::Reorder => overtaken = true,
            }
        }
        if overtaken {
            self.held.wait().await;
        }
        let first = self.send_once(webhook, patience).await?;
        for _ in 1..times {
            self.send_once(webhook, patience).await?;
        }
        if !overtaken {
            self.held.release();
        }
        Ok(first)
    }

    /// Keeps a note that a webhook was lost.
    async fn lose(&self, webhook: &Webhook) -> Result<Answer, Error> {
        let answer = Answer {
            event_id: webhook.event_id.clone(),
            http_status: None,
            body: String::new(),
            note: "lost on the way, on purpose".into(),
        };
        self.keep(webhook, &answer, 0).await?;
        Ok(answer)
    }

    async fn send_once(&self, webhook: &Webhook, patience: Duration) -> Result<Answer, Error> {
        let began = std::time::Instant::now();
        let signed = webhook
            .signature
            .clone()
            .unwrap_or_else(|| signature::sign(&self.webhook_secret, &webhook.body));
        let sent = self
            .http
            .post(self.target())
            .header("content-type", "application/json")
            .header(SIGNATURE_HEADER, signed)
            .timeout(patience)
            .body(webhook.body.clone())
            .send()
            .await;
        let (http_status, body) = match sent {
            Ok(response) => {
                let status = response.status().as_u16();
                match response.bytes().await {
                    Ok(body) => (Some(status), body),
                    Err(_) => (None, bytes::Bytes::new()),
                }
            }
            Err(_) => (None, bytes::Bytes::new()),
        };
        let note = self.take_answer(webhook, http_status, &body).await?;
        let kept = String::from_utf8_lossy(&body[..body.len().min(ANSWER_KEPT)]).into_owned();
        let answer = Answer {
            event_id: webhook.event_id.clone(),
            http_status,
            body: kept,
            note,
        };
        self.keep(
            webhook,
            &answer,
            i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
        )
        .await?;
        Ok(answer)
    }

    async fn keep(&self, webhook: &Webhook, answer: &Answer, millis: i64) -> Result<(), Error> {
        self.store
            .log_webhook(&WebhookRow {
                id: 0,
                at: self.clock.now(),
                event_id: webhook.event_id.clone(),
                event_type: webhook.event_type.clone(),
                order_id: webhook.order_id.clone(),
                http_status: answer.http_status.map(i64::from),
                body: answer.body.clone(),
                note: answer.note.clone(),
                millis,
            })
            .await
    }

    /// Takes an answer as the contract says: 2xx accepts, a matching 422 rejects, anything else leaves the order open.
    async fn take_answer(&self, webhook: &Webhook, http_status: Option<u16>, body: &[u8]) -> Result<String, Error> {
        let inline = webhook.event_type == event_type::INLINE_ORDER_RECEIVED;
        let order = webhook
            .order_id
            .as_deref()
            .filter(|_| inline || webhook.event_type == event_type::ORDER_RECEIVED);
        let mut start_url = None;
        let note = match http_status {
            None => "no answer; kept open, to be picked up from the list".to_owned(),
            Some(200..=299) if inline => {
                start_url = serde_json::from_slice::<InlineAnswer>(body)
                    .ok()
                    .map(|answer| answer.url);
                if start_url.is_some() {
                    "accepted; the candidate starts"
                } else {
                    "accepted, but without a start address"
                }
                .to_owned()
            }
            Some(200..=299) => "accepted".to_owned(),
            Some(status) => match (order, Rejection::read(status, body)) {
                (Some(order), Some(rejection)) => self.reject(order, rejection.message()).await?,
                _ => format!("answered {status}; kept open, to be picked up from the list"),
            },
        };
        if let Some(order) = order {
            self.store
                .note_answer(order, &note, http_status, start_url.as_deref())
                .await?;
        }
        Ok(note)
    }

    async fn reject(&self, order: &str, message: &str) -> Result<String, Error> {
        let closed = self
            .store
            .close_order(order, OrderStatus::Rejected, "webhook", Some(message), self.clock.now())
            .await?;
        Ok(if closed {
            "rejected"
        } else {
            "rejected, but the order was not open any more"
        }
        .to_owned())
    }
}
