//! A verified webhook: kept in the inbox, read, acted on, and its answer settled, all in the caller's transaction.

use crate::actions::Error;
use crate::actions::integration_news;
use crate::actions::receive_order::{self, Reply, Waiting};
use crate::actions::work::{Subject, Work};
use crate::domain::ids::{CustomerId, InboxId, OrderId};
use crate::domain::inbox::InboxVerdict;
use crate::domain::order::Source;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::kombo::wire::{Envelope, Event};
use crate::live::Kind;
use crate::store::inbox::{self, InboxRow};
use crate::store::{self};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Ids longer than this are no ids of Kombo's; an index could not hold them.
const LONGEST_ID: usize = 255;

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

/// What could be read of a webhook.
#[derive(Default)]
struct Read {
    event_id: String,
    kind: String,
    integration: Option<String>,
    kombo_order_id: Option<String>,
    event: Option<Event>,
    fault: Option<String>,
}

/// Keeps a verified webhook, acts on it and says what is answered. A failure of the action is kept, too: the webhook
/// then stands in the inbox as failed and nothing else of it happened. `desks`: whose desk is open, so that they could be
/// asked; `micros`: how long the webhook has waited.
///
/// # Errors
/// Only where not even the inbox could be written.
pub async fn take_webhook(
    work: &mut Work,
    body: &[u8],
    desks: &[Viewer],
    micros: impl Fn() -> i64,
) -> Result<Taken, store::Error> {
    let read = read(body);
    let since = Duration::from_micros(u64::try_from(micros()).unwrap_or_default());
    let waiting = Waiting { desks, since };
    let digest = Sha256::digest(body).to_vec();
    let same = inbox::find_same(&mut work.conn, &read.event_id, &digest).await?;
    let outcome = act_guarded(work, &read, Some(waiting)).await?;
    let row = match same {
        Some(row) => seen_again(work, row, &read, &outcome, micros()).await?,
        None => seen_first(work, &read, &outcome, digest.clone(), body.len(), micros()).await?,
    };
    let expires = work.now.plus(work.tools.config.retention_inbox);
    let vault = work.tools.vault.clone();
    let now = work.now;
    inbox::keep_body(&mut work.conn, &vault, outcome.customer_id, &digest, body, now, expires).await?;
    work.hint(Kind::Inbox, row.id.0, outcome.customer_id);
    Ok(Taken {
        inbox_id: row.id,
        verdict: outcome.verdict,
        answer: outcome.answer,
        order_id: outcome.order_id,
    })
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
            Ok(Outcome {
                verdict: received.verdict,
                why: None,
                answer: received.reply.into(),
                order_id: Some(received.order_id),
                customer_id: received.customer_id,
            })
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
        Some(Event::ConnectionFlowFailed(_)) => Ok(quiet(
            InboxVerdict::Integration,
            Some("A customer tried to connect an ATS and did not succeed.".into()),
            None,
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

fn read(body: &[u8]) -> Read {
    let cleaned = without_nul(body);
    let envelope = match Envelope::read(cleaned.as_deref().unwrap_or(body)) {
        Ok(envelope) => envelope,
        Err(fault) => {
            return Read {
                fault: Some(fault.to_string()),
                ..Read::default()
            };
        }
    };
    let mut read = Read {
        kind: envelope.event_type.chars().take(LONGEST_ID).collect(),
        ..Read::default()
    };
    if envelope.id.trim().is_empty() || envelope.id.len() > LONGEST_ID {
        read.fault = Some("the event's id is empty or too long".to_owned());
        return read;
    }
    read.event_id.clone_from(&envelope.id);
    match envelope.event() {
        Ok(event) => {
            read.integration = event.integration().map(str::to_owned);
            if let Event::OrderReceived { order, .. } = &event {
                read.kombo_order_id = Some(order.id.clone());
                let ids = [
                    &order.id,
                    &order.package_id,
                    read.integration.as_ref().unwrap_or(&order.id),
                ];
                if ids.iter().any(|id| id.len() > LONGEST_ID) {
                    read.fault = Some("an id of the order is longer than 255 characters".to_owned());
                }
            }
            if read.integration.as_ref().is_some_and(|id| id.len() > LONGEST_ID) {
                read.integration = None;
                read.fault = Some("the integration's id is longer than 255 characters".to_owned());
            }
            read.event = Some(event);
        }
        Err(fault) => read.fault = Some(fault.to_string()),
    }
    if read.fault.is_some() {
        read.kombo_order_id = read.kombo_order_id.filter(|id| id.len() <= LONGEST_ID);
    }
    read
}

/// The body without the character NUL, which PostgreSQL cannot hold in a text; `None` where there is none.
fn without_nul(body: &[u8]) -> Option<Vec<u8>> {
    const ESCAPED: &[u8] = b"\\u0000";
    if !body.windows(ESCAPED.len()).any(|window| window == ESCAPED) {
        return None;
    }
    let mut value: Value = serde_json::from_slice(body).ok()?;
    strip_nul(&mut value);
    serde_json::to_vec(&value).ok()
}

fn strip_nul(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|c| c != '\0'),
        Value::Array(items) => items.iter_mut().for_each(strip_nul),
        Value::Object(fields) => fields.values_mut().for_each(strip_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

async fn seen_first(
    work: &mut Work,
    read: &Read,
    outcome: &Outcome,
    digest: Vec<u8>,
    size: usize,
    micros: i64,
) -> Result<InboxRow, store::Error> {
    let other = inbox::has_other_body(&mut work.conn, &read.event_id, &digest).await?;
    let mut row = InboxRow {
        id: work.new_id(),
        event_id: read.event_id.clone(),
        kind: read.kind.clone(),
        digest,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        integration: None,
        kombo_order_id: None,
        order_id: None,
        customer_id: None,
        verdict: outcome.verdict,
        why: None,
        answer_status: 0,
        answer_micros: micros,
        first_at: work.now,
        last_at: work.now,
        times_seen: 1,
        replayed_at: None,
        replays: 0,
        version: 1,
    };
    fill(&mut row, read, outcome);
    if other && row.why.is_none() {
        row.why = Some("The same event came before with another body.".to_owned());
    }
    inbox::insert(&mut work.conn, &row).await?;
    Ok(row)
}

async fn seen_again(
    work: &mut Work,
    mut row: InboxRow,
    read: &Read,
    outcome: &Outcome,
    micros: i64,
) -> Result<InboxRow, store::Error> {
    if matches!(row.verdict, InboxVerdict::Unreadable | InboxVerdict::Failed) {
        fill(&mut row, read, outcome);
    }
    if row.answer_status == 0 {
        row.why.clone_from(&outcome.why);
    }
    row.times_seen += 1;
    row.last_at = work.now;
    row.answer_status = i64::from(outcome.answer.status());
    row.answer_micros = micros;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_left_out_and_an_escaped_backslash_is_kept() {
        let body = br#"{"id":"a\u0000b","note":"c\\u0000d"}"#;
        let cleaned: Value = serde_json::from_slice(&without_nul(body).expect("cleaned")).expect("JSON");
        assert_eq!(cleaned["id"], "ab");
        assert_eq!(cleaned["note"], "c\\u0000d");
        assert_eq!(without_nul(br#"{"id":"a"}"#), None);
    }

    #[test]
    fn an_overlong_id_is_unreadable_and_named() {
        let body = format!(r#"{{"id":"{}","type":"x","data":{{}}}}"#, "a".repeat(300));
        assert!(read(body.as_bytes()).fault.is_some());
    }
}
