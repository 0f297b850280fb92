//! A verified webhook: kept in the inbox, read, acted on, and its answer settled, all in the caller's transaction.

mod batch;
mod read;

pub use batch::take_webhooks;

use self::read::{Read, read};
use crate::actions::Error;
use crate::actions::connection_link;
use crate::actions::integration_news;
use crate::actions::receive_order::{self, Received, Reply, Waiting};
use crate::actions::work::{Subject, Work};
use crate::domain::ids::{CustomerId, InboxId, OrderId};
use crate::domain::inbox::InboxVerdict;
use crate::domain::order::Source;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::kombo::wire::Event;
use crate::live::Kind;
use crate::store;
use crate::store::inbox::{self, Body, InboxRow};
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Instant;

/// How often a webhook is worked on while others change the same rows.
const TRIES: u32 = 4;

/// What the webhook is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200.
    Taken,
    /// 422 with the text that the recruiter reads.
    Rejected(String),
    /// 200 with the address where the waiting candidate goes on.
    Start(String),
    /// None yet: it waits for a person, at the latest until then.
    Held(Timestamp),
    /// 400: signed, but it cannot be read; kept, and read again after a fix.
    Unreadable(String),
    /// 500: it could be read, but not be worked on; kept.
    Failed,
}

impl Answer {
    /// The HTTP status; 0 where there is no answer yet.
    pub fn status(&self) -> u16 {
        match self {
            Self::Taken | Self::Start(_) => 200,
            Self::Rejected(_) => 422,
            Self::Unreadable(_) => 400,
            Self::Failed => 500,
            Self::Held(_) => 0,
        }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Taken => Self::Taken,
            Reply::Rejected(text) => Self::Rejected(text),
            Reply::Start(address) => Self::Start(address),
            Reply::Held(until) => Self::Held(until),
        }
    }
}

/// What became of a webhook.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its row in the inbox.
    pub inbox_id: InboxId,
    /// What was made of it.
    pub verdict: InboxVerdict,
    /// What is answered.
    pub answer: Answer,
    /// The order whose answer it is: to be marked as answered once it left.
    pub order_id: Option<OrderId>,
}

/// What reading and acting came to, before it is written into the inbox.
struct Outcome {
    verdict: InboxVerdict,
    why: Option<String>,
    answer: Answer,
    order_id: Option<OrderId>,
    customer_id: Option<CustomerId>,
}

impl Outcome {
    fn taken(self, inbox_id: InboxId) -> Taken {
        Taken {
            inbox_id,
            verdict: self.verdict,
            answer: self.answer,
            order_id: self.order_id,
        }
    }
}

impl From<Received> for Outcome {
    fn from(received: Received) -> Self {
        Self {
            verdict: received.verdict,
            why: None,
            answer: received.reply.into(),
            order_id: Some(received.order_id),
            customer_id: received.customer_id,
        }
    }
}

/// A verified webhook, read as far as it can be read.
#[derive(Debug)]
pub struct Webhook {
    /// As it came.
    body: Bytes,
    /// When its last byte was there.
    arrived: Instant,
    /// SHA-256 of the body.
    digest: Vec<u8>,
    read: Read,
}

impl Webhook {
    /// Reads it: what the one writer need not do.
    pub fn read(body: Bytes, arrived: Instant) -> Self {
        let digest = Sha256::digest(&body).to_vec();
        let read = read(&body);
        Self {
            body,
            arrived,
            digest,
            read,
        }
    }

    /// How long it has waited, in microseconds.
    fn micros(&self) -> i64 {
        i64::try_from(self.arrived.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn waiting<'a>(&self, desks: &'a [Viewer]) -> Waiting<'a> {
        let since = self.arrived.elapsed();
        Waiting { desks, since }
    }
}

/// Keeps a verified webhook, acts on it and says what is answered. A failure of the action is kept, too: the webhook
/// then stands in the inbox as failed and nothing else of it happened. `desks`: whose desk is open, so that they could be
/// asked.
///
/// # Errors
/// Only where not even the inbox could be written.
pub async fn take_webhook(work: &mut Work, webhook: &Webhook, desks: &[Viewer]) -> Result<Taken, store::Error> {
    let read = &webhook.read;
    let same = inbox::find_same(&mut work.conn, &read.event_id, &webhook.digest).await?;
    let outcome = act_guarded(work, read, Some(webhook.waiting(desks))).await?;
    let row = match same {
        Some(row) => seen_again(work, row, webhook, &outcome).await?,
        None => seen_first(work, webhook, &outcome).await?,
    };
    let body = Body {
        inbox_id: row.id,
        customer: outcome.customer_id,
        digest: &webhook.digest,
        bytes: &webhook.body,
    };
    let Work { conn, sealers, .. } = &mut *work;
    sealers.make_ready(conn, std::iter::once(outcome.customer_id)).await?;
    let sealed = inbox::seal_bodies(sealers, &[body])?;
    keep_bodies(work, sealed).await?;
    work.hint(Kind::Inbox, row.id.0, outcome.customer_id);
    Ok(outcome.taken(row.id))
}

async fn keep_bodies(work: &mut Work, sealed: Vec<(InboxId, Vec<u8>)>) -> Result<(), store::Error> {
    let now = work.now;
    let expires = now.plus(work.tools.config.retention_inbox);
    inbox::keep_bodies(&mut work.conn, sealed, now, expires).await
}

/// Reads a kept webhook once more and acts on it as if it came now, marked as a replay. No answer leaves.
///
/// # Errors
/// [`store::Error::Changed`] where the row is gone; others where the store failed.
pub async fn replay_webhook(work: &mut Work, mut row: InboxRow, body: &[u8]) -> Result<Answer, store::Error> {
    let read = read(body);
    let outcome = act_guarded(work, &read, None).await?;
    let (before, first) = (row.verdict, row.order_id.is_none());
    if matches!(row.verdict, InboxVerdict::Unreadable | InboxVerdict::Failed) || first {
        fill(&mut row, &read, &outcome);
    }
    row.replays += 1;
    row.replayed_at = Some(work.now);
    inbox::save(&mut work.conn, &mut row).await?;
    let detail = json!({"was": before.as_str(), "now": outcome.verdict.as_str(), "type": row.kind});
    let subject = Subject::new("inbox", row.id.0, row.customer_id);
    let subject = match row.order_id {
        Some(order) => subject.in_order(order),
        None => subject,
    };
    work.audit("inbox.replayed", subject, detail).await?;
    work.hint(Kind::Inbox, row.id.0, row.customer_id);
    Ok(outcome.answer)
}

/// Acts inside a savepoint, so that a failure leaves nothing half done and can still be written down. Where somebody else
/// was at the same order or integration at the same moment, it is done again with what they left.
async fn act_guarded(work: &mut Work, read: &Read, waiting: Option<Waiting<'_>>) -> Result<Outcome, store::Error> {
    let mark = work.mark();
    let mut tries = 1;
    let error = loop {
        work.conn.savepoint().await?;
        match act(work, read, waiting).await {
            Ok(outcome) => {
                work.conn.keep_savepoint().await?;
                return Ok(outcome);
            }
            Err(Error::Store(error)) if error.is_passing() => return Err(error),
            Err(error) => {
                work.conn.undo_to_savepoint().await?;
                work.forget_since(mark);
                if tries == TRIES || !matches!(&error, Error::Store(store) if store.is_contention()) {
                    break error;
                }
                tries += 1;
            }
        }
    };
    tracing::error!(kind = read.kind, "a webhook could not be worked on: {}", plain(&error));
    Ok(Outcome {
        verdict: InboxVerdict::Failed,
        why: Some(plain(&error)),
        answer: Answer::Failed,
        order_id: None,
        customer_id: None,
    })
}

/// What went wrong, without the values that a database quotes.
fn plain(error: &Error) -> String {
    match error {
        Error::Store(store::Error::Sqlx(cause)) => {
            let code = cause
                .as_database_error()
                .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
            format!(
                "The database refused it (code {}).",
                code.as_deref().unwrap_or("unknown")
            )
        }
        other => other.to_string(),
    }
}

async fn act(work: &mut Work, read: &Read, waiting: Option<Waiting<'_>>) -> Result<Outcome, Error> {
    if let Some(fault) = &read.fault {
        return Ok(Outcome {
            verdict: InboxVerdict::Unreadable,
            why: Some(fault.clone()),
            answer: Answer::Unreadable(fault.clone()),
            order_id: None,
            customer_id: None,
        });
    }
    match &read.event {
        Some(Event::OrderReceived { order, inline }) => {
            let integration = order.integration_id.as_deref().unwrap_or_default();
            let source = Source::Webhook;
            let received = receive_order::receive_order(work, order, integration, *inline, source, waiting).await?;
            Ok(received.into())
        }
        Some(
            event @ (Event::IntegrationCreated(_) | Event::IntegrationDeleted(_) | Event::IntegrationStateChanged(_)),
        ) => {
            let heard = integration_news::hear(work, event).await?;
            Ok(quiet(
                if heard.acted {
                    InboxVerdict::Integration
                } else {
                    InboxVerdict::Ignored
                },
                heard.why,
                heard.customer_id,
            ))
        }
        Some(Event::ConnectionFlowFailed(news)) => Ok(quiet(
            InboxVerdict::Integration,
            Some("A customer tried to connect an ATS and did not succeed.".into()),
            connection_link::failed(work, news).await?,
        )),
        Some(Event::Unknown) | None => Ok(quiet(
            InboxVerdict::Ignored,
            Some("This type of event asks nothing of us.".into()),
            None,
        )),
    }
}

fn quiet(verdict: InboxVerdict, why: Option<String>, customer_id: Option<CustomerId>) -> Outcome {
    Outcome {
        verdict,
        why,
        answer: Answer::Taken,
        order_id: None,
        customer_id,
    }
}

async fn seen_first(work: &mut Work, webhook: &Webhook, outcome: &Outcome) -> Result<InboxRow, store::Error> {
    let other = inbox::has_other_body(&mut work.conn, &webhook.read.event_id, &webhook.digest).await?;
    let mut row = new_row(work, webhook, outcome);
    if other && row.why.is_none() {
        row.why = Some("The same event came before with another body.".to_owned());
    }
    inbox::insert_many(&mut work.conn, std::slice::from_ref(&row)).await?;
    Ok(row)
}

/// The row of a webhook that comes for the first time.
fn new_row(work: &Work, webhook: &Webhook, outcome: &Outcome) -> InboxRow {
    let read = &webhook.read;
    let mut row = InboxRow {
        id: work.new_id(),
        event_id: read.event_id.clone(),
        kind: read.kind.clone(),
        digest: webhook.digest.clone(),
        size: i64::try_from(webhook.body.len()).unwrap_or(i64::MAX),
        integration: None,
        kombo_order_id: None,
        order_id: None,
        customer_id: None,
        verdict: outcome.verdict,
        why: None,
        answer_status: 0,
        answer_micros: webhook.micros(),
        first_at: work.now,
        last_at: work.now,
        times_seen: 1,
        replayed_at: None,
        replays: 0,
        version: 1,
    };
    fill(&mut row, read, outcome);
    row
}

async fn seen_again(
    work: &mut Work,
    mut row: InboxRow,
    webhook: &Webhook,
    outcome: &Outcome,
) -> Result<InboxRow, store::Error> {
    if matches!(row.verdict, InboxVerdict::Unreadable | InboxVerdict::Failed) {
        fill(&mut row, &webhook.read, outcome);
    }
    if row.answer_status == 0 {
        row.why.clone_from(&outcome.why);
    }
    row.times_seen += 1;
    row.last_at = work.now;
    row.answer_status = i64::from(outcome.answer.status());
    row.answer_micros = webhook.micros();
    inbox::save(&mut work.conn, &mut row).await?;
    Ok(row)
}

fn fill(row: &mut InboxRow, read: &Read, outcome: &Outcome) {
    row.kind.clone_from(&read.kind);
    row.integration.clone_from(&read.integration);
    row.kombo_order_id.clone_from(&read.kombo_order_id);
    row.order_id = outcome.order_id;
    row.customer_id = outcome.customer_id;
    row.verdict = outcome.verdict;
    row.why.clone_from(&outcome.why);
    row.answer_status = i64::from(outcome.answer.status());
}
