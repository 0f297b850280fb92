//! Webhooks: the envelope, which is always readable, and the events in it.

use super::{ConnectionFlowFailed, IntegrationCreated, IntegrationDeleted, IntegrationStateChanged, Order};
use crate::domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The names of the events that we act on.
pub mod event_type {
    /// An order arrived.
    pub const ORDER_RECEIVED: &str = "assessment:order-received";
    /// An order arrived, and its candidate waits in the career page.
    pub const INLINE_ORDER_RECEIVED: &str = "inline-assessment:order-received";
    /// A customer connected an ATS.
    pub const INTEGRATION_CREATED: &str = "integration-created";
    /// A connection was removed.
    pub const INTEGRATION_DELETED: &str = "integration-deleted";
    /// A connection fares differently now.
    pub const INTEGRATION_STATE_CHANGED: &str = "integration-state-changed";
    /// A customer failed to connect.
    pub const CONNECTION_FLOW_FAILED: &str = "connection-flow-failed";
}

/// What every webhook is wrapped in. `data` stays as it came, so that an event of any type is readable so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Envelope {
    /// Names the event; the key against repeats.
    pub id: String,
    /// Says what `data` is.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The event, unread.
    pub data: Box<RawValue>,
}

/// Why a signed webhook could not be read. The text names the place and the kind of fault, never the data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Unreadable {
    /// A fault in the envelope, which may not even be JSON.
    fn envelope(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let what = match error.classify() {
            Category::Io | Category::Eof => "the JSON ends too early",
            Category::Syntax => "it is not JSON",
            Category::Data => return Self::data(error),
        };
        Self(format!("{what} (line {}, column {})", error.line(), error.column()))
    }

    /// A fault in what is JSON for certain. (serde_json calls some of these faults of syntax: a null in place of one of
    /// a list of texts, for example.)
    fn data(error: &serde_json::Error) -> Self {
        Self(data_fault(error))
    }
}

/// Says which field is at fault without quoting its value: serde names fields between backticks, values between quotes.
fn data_fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("missing field") || text.starts_with("duplicate field") {
        return text.split(" at line ").next().unwrap_or_default().to_owned();
    }
    format!(
        "a field has a value of another kind than expected (line {}, column {})",
        error.line(),
        error.column()
    )
}

impl Envelope {
    /// Reads a webhook's body so far that its id and type are known.
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        serde_json::from_slice(body).map_err(|error| Unreadable::envelope(&error))
    }

    /// Reads the event itself.
    pub fn event(&self) -> Result<Event, Unreadable> {
        let data = self.data.get();
        Ok(match self.event_type.as_str() {
            event_type::ORDER_RECEIVED => Event::OrderReceived {
                order: Box::new(order(data)?),
                inline: false,
            },
            event_type::INLINE_ORDER_RECEIVED => Event::OrderReceived {
                order: Box::new(order(data)?),
                inline: true,
            },
            event_type::INTEGRATION_CREATED => Event::IntegrationCreated(read(data)?),
            event_type::INTEGRATION_DELETED => Event::IntegrationDeleted(read(data)?),
            event_type::INTEGRATION_STATE_CHANGED => Event::IntegrationStateChanged(read(data)?),
            event_type::CONNECTION_FLOW_FAILED => Event::ConnectionFlowFailed(read(data)?),
            _ => Event::Unknown,
        })
    }
}

/// Reads an event's data.
fn read<T: DeserializeOwned>(data: &str) -> Result<T, Unreadable> {
    serde_json::from_str(data).map_err(|error| Unreadable::data(&error))
}

/// Reads an order and insists on what a webhook's order must name.
fn order(data: &str) -> Result<Order, Unreadable> {
    let order: Order = read(data)?;
    let named = |text: &str| !text.trim().is_empty();
    for (field, text) in [
        ("id", Some(order.id.as_str())),
        ("package_id", Some(order.package_id.as_str())),
        ("integration_id", order.integration_id.as_deref()),
        ("candidate.email", Some(order.candidate.email.as_str())),
    ] {
        if !text.is_some_and(named) {
            return Err(Unreadable(format!("missing field `{field}`")));
        }
    }
    Ok(order)
}

/// An event, read.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// An order arrived; `integration_id` is there and not empty.
    OrderReceived {
        /// The order.
        order: Box<Order>,
        /// Whether the candidate waits for a start address.
        inline: bool,
    },
    /// A customer connected an ATS.
    IntegrationCreated(IntegrationCreated),
    /// A connection was removed.
    IntegrationDeleted(IntegrationDeleted),
    /// A connection fares differently now.
    IntegrationStateChanged(IntegrationStateChanged),
    /// A customer failed to connect.
    ConnectionFlowFailed(ConnectionFlowFailed),
    /// Of a type that we do not act on.
    Unknown,
}

impl Event {
    /// When what it tells became so, where it says: for 'older news never undoes newer'.
    pub fn news_at(&self) -> Option<Timestamp> {
        match self {
            Self::IntegrationDeleted(event) => event.deleted_at,
            Self::IntegrationStateChanged(event) => event.updated_at,
            _ => None,
        }
    }

    /// Kombo's id of the integration it is about.
    pub fn integration(&self) -> Option<&str> {
        match self {
            Self::OrderReceived { order, .. } => order.integration_id.as_deref(),
            Self::IntegrationCreated(event) => Some(&event.id),
            Self::IntegrationDeleted(event) => Some(&event.id),
            Self::IntegrationStateChanged(event) => Some(&event.integration_id),
            Self::ConnectionFlowFailed(_) | Self::Unknown => None,
        }
    }
}
