//! How one attempt of a delivery ended, written down: the attempt, the delivery, and the order or publication behind it.
//!
//! What an ending means stands in [`next`]; here it is carried out, if the sender still held the delivery.

mod arrived;
mod mail;
mod next;
mod progress;
mod publication;
mod result;

pub use arrived::{Arrived, record_arrived};

use super::Error;
use super::wake_integration;
use super::work::Work;
use crate::domain::delivery::{DeliveryKind, DeliveryState, Outcome};
use crate::domain::ids::DeliveryId;
use crate::domain::order::KomboStatus;
use crate::domain::time::Timestamp;
use crate::kombo::{Code, Fate};
use crate::live::Kind;
use crate::store::attempts::{self, AttemptRow, Opened};
use crate::store::deliveries::{self, DeliveryRow};
use next::{Next, Schedule};
use serde_json::Value;
use sqlx::types::Json;
use std::time::Duration;

/// How long everything waits after Kombo refused our own key or address.
pub const LOCKED_OUT: Duration = Duration::from_mins(1);

/// One try of a delivery, as its sender saw it.
#[derive(Clone, Debug)]
pub struct Tried {
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended.
    pub ended: Ended,
    /// What happened, in our own plain words; empty where there is nothing to say.
    pub message: String,
    /// The HTTP status of the answer.
    pub http_status: Option<u16>,
    /// Kombo's code.
    pub code: Option<Code>,
    /// How long Kombo asks us to wait.
    pub retry_after: Option<Duration>,
    /// The page at Kombo that shows the call.
    pub log_url: Option<String>,
    /// SHA-256 and shape of the body that was sent; none for a read.
    pub sent: Option<(Vec<u8>, Value)>,
    /// What Kombo said, and the beginning of its answer.
    pub opened: Opened,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was sent and taken.
    Taken,
    /// The call failed.
    Failed(Fate),
    /// The order was read back and shows this; `None`: Kombo's list does not have it.
    Showed(Option<KomboStatus>),
    /// The packages were read back: are they exactly those of the publication?
    Held(bool),
    /// A newer publication replaces this one: nothing was sent.
    Replaced,
    /// It is not needed any more: nothing was sent. The sentence says why.
    NotNeeded(String),
    /// It could not even be sent, and never will be; the sentence says why.
    Impossible(String),
    /// Its sender stopped before it could say how it ended.
    Vanished,
}

impl Tried {
    /// A try of which nothing is known but how it ended.
    pub fn silent(ended: Ended, started_at: Timestamp, message: impl Into<String>) -> Self {
        Self {
            started_at,
            ended,
            message: message.into(),
            http_status: None,
            code: None,
            retry_after: None,
            log_url: None,
            sent: None,
            opened: Opened::default(),
        }
    }

    /// Whether it was sent and no whole answer came.
    pub fn is_unheard(&self) -> bool {
        matches!(self.ended, Ended::Failed(Fate::ReadBack) | Ended::Vanished) && self.http_status.is_none()
    }
}

/// Writes down how a try ended. A sender whose lease was over (`fence` is no longer the row's) changes nothing: its word
/// is only kept among the attempts.
///
/// # Errors
/// [`crate::store::Error::Changed`] where the order changed meanwhile: to be done again from the beginning.
pub async fn record(work: &mut Work, id: DeliveryId, fence: i64, tried: &Tried) -> Result<Outcome, Error> {
    let delivery = deliveries::find(&mut work.conn, id).await?.ok_or(Error::NotFound)?;
    let held = delivery.state == DeliveryState::Sending && delivery.fence == fence;
    let outcome = if held {
        carry_out(work, &delivery, tried).await?
    } else {
        Outcome::LostLease
    };
    keep(work, &delivery, tried, outcome).await?;
    work.hint(Kind::Delivery, id.0, delivery.customer_id);
    Ok(outcome)
}

async fn carry_out(work: &mut Work, delivery: &DeliveryRow, tried: &Tried) -> Result<Outcome, Error> {
    let config = work.tools.config.clone();
    let schedule = Schedule {
        waits: &config.retry_waits,
        jitter: jitter(),
        now: work.now,
    };
    let next = if delivery.is_progress() {
        progress::next(work, delivery, tried, &schedule).await?
    } else {
        next::next(delivery, tried, &schedule)
    };
    let outcome = outcome(tried);
    let after = match delivery.kind {
        DeliveryKind::Result if delivery.is_progress() => progress::carry_out(work, delivery, &next).await?,
        DeliveryKind::Result => result::carry_out(work, delivery, &next).await?,
        DeliveryKind::Mail => mail::carry_out(work, delivery, tried, &next).await?,
        DeliveryKind::Publication | DeliveryKind::Event => publication::carry_out(work, delivery, &next).await?,
    };
    settle(work, after, tried, &next).await?;
    if let (Next::Park, Some(integration)) = (&next, delivery.integration_id) {
        let code = tried.code.as_ref().map_or("", Code::as_str);
        wake_integration::park(work, integration, code, &tried.message).await?;
    }
    Ok(outcome)
}

/// What the delivery's own row says afterwards.
async fn settle(work: &mut Work, mut row: DeliveryRow, tried: &Tried, next: &Next) -> Result<(), Error> {
    let counts = !matches!(
        tried.ended,
        Ended::Failed(Fate::ParkAll) | Ended::Showed(_) | Ended::Held(_) | Ended::Replaced | Ended::NotNeeded(_)
    );
    row.attempts += i64::from(counts);
    row.lease_until = None;
    // A read-back that only shows that a refused word is not there has nothing to say beside the refusal.
    let refusal_stands = matches!(
        next,
        Next::Shown {
            status: KomboStatus::Open,
            refused: true
        }
    );
    if !matches!(tried.ended, Ended::Vanished) && !refusal_stands {
        row.last_code = tried.code.as_ref().map(|code| code.as_str().to_owned());
        row.last_message = Some(tried.message.clone()).filter(|text| !text.is_empty());
    }
    match next {
        Next::Again { at } => {
            row.state = waiting(&row);
            row.due_at = *at;
        }
        Next::InDoubt { doubt, at } => {
            row.state = DeliveryState::Ambiguous;
            row.doubt = Some(*doubt);
            row.due_at = *at;
            row.why = Some(doubt.label().to_owned() + ", so it is read back first.");
        }
        Next::Park => {
            row.state = DeliveryState::Parked;
            row.why = Some(tried.message.clone());
        }
        Next::GiveUp { why } => {
            row.state = DeliveryState::GivenUp;
            row.why = Some(why.clone());
        }
        Next::Withdraw { why } => {
            row.state = DeliveryState::Withdrawn;
            row.why = Some(why.clone());
        }
        // It goes on at once, also where the clock was set back since it was claimed.
        Next::Shown { .. } | Next::NotHeld => row.due_at = row.due_at.min(work.now),
        Next::Arrived { .. } | Next::Replaced => {}
    }
    if matches!(row.state, DeliveryState::Waiting) {
        row.why = None;
    }
    row.finished_at = row.state.is_over().then_some(work.now);
    deliveries::save(&mut work.conn, &mut row).await?;
    Ok(())
}

/// Where a delivery rests until it is tried again.
fn waiting(row: &DeliveryRow) -> DeliveryState {
    if row.doubt.is_some() {
        DeliveryState::Ambiguous
    } else {
        DeliveryState::Waiting
    }
}

/// What the list of attempts says of it.
fn outcome(tried: &Tried) -> Outcome {
    match tried.ended {
        Ended::Taken => Outcome::Delivered,
        Ended::Failed(Fate::Retry | Fate::ParkAll) => Outcome::Retry,
        Ended::Failed(Fate::ReadBack) | Ended::Vanished => Outcome::Unknown,
        Ended::Failed(Fate::ParkIntegration) => Outcome::Parked,
        Ended::Failed(Fate::Refused) | Ended::Impossible(_) | Ended::Replaced | Ended::NotNeeded(_) => Outcome::Refused,
        Ended::Showed(_) | Ended::Held(_) => Outcome::ReadBack,
    }
}

async fn keep(work: &mut Work, delivery: &DeliveryRow, tried: &Tried, outcome: Outcome) -> Result<(), Error> {
    if matches!(tried.ended, Ended::Replaced | Ended::NotNeeded(_)) {
        return Ok(());
    }
    let row = attempt(work, delivery, tried, outcome);
    let row = (delivery.customer_id, row, &tried.opened);
    attempts::insert_many(&mut work.conn, &mut work.sealers, vec![row]).await?;
    Ok(())
}

/// The attempt's row; what the other side said is still to be sealed into it.
fn attempt(work: &Work, delivery: &DeliveryRow, tried: &Tried, outcome: Outcome) -> AttemptRow {
    let (sent_digest, sent_shape) = tried.sent.clone().unzip();
    AttemptRow {
        id: work.new_id(),
        delivery_id: delivery.id,
        number: 0,
        started_at: tried.started_at,
        finished_at: work.now,
        outcome,
        http_status: tried.http_status.map(i64::from),
        code: tried.code.as_ref().map(|code| code.as_str().to_owned()),
        message: Some(tried.message.clone()).filter(|text| !text.is_empty()),
        warnings: i64::try_from(tried.opened.said.warnings.len()).unwrap_or(i64::MAX),
        said: None,
        log_url: tried.log_url.clone(),
        sent_digest,
        sent_shape: Json(sent_shape.unwrap_or(Value::Null)),
        reply: None,
    }
}

/// A random share of the wait, from 0 to 1, so that what failed together does not come back together.
fn jitter() -> f64 {
    crate::store::vault::random::<2>().map_or(1.0, |bytes| f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX))
}
