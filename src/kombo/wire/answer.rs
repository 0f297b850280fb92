//! Envelopes of Kombo's answers, and our own answers to its webhooks.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A success of Kombo's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Success<T> {
    /// Always `success`.
    pub status: String,
    /// What was asked for.
    pub data: T,
    /// What the ATS could not take as it was meant; writes carry them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<Warning>>,
}

/// Something that went less than perfectly, though it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Written for people.
    pub message: String,
}

/// A refusal of Kombo's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Always `error`.
    pub status: String,
    /// What went wrong.
    pub error: FailureDetail,
}

/// What went wrong.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureDetail {
    /// What to decide by; can be null.
    #[serde(default)]
    pub code: Option<String>,
    /// A fixed label; can be null.
    #[serde(default)]
    pub title: Option<String>,
    /// What happened this time. May quote what was sent, so it belongs in no log.
    #[serde(default, deserialize_with = "super::null_as_default")]
    pub message: String,
    /// The page at Kombo that shows the call; can be null.
    #[serde(default)]
    pub log_url: Option<String>,
}

impl fmt::Debug for FailureDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailureDetail")
            .field("code", &self.code)
            .field("log_url", &self.log_url)
            .finish_non_exhaustive()
    }
}

/// The 422 that rejects an order. UNSURE in the public documents: they name the field `message`, but not whether it
/// stands at the top or under `error`; so it stands in both places, and this type is the only one that knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejection {
    status: &'static str,
    message: String,
    error: RejectionDetail,
}

/// The inner part of a [`Rejection`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectionDetail {
    code: &'static str,
    title: &'static str,
    message: String,
}

impl Rejection {
    /// The HTTP status that goes with it.
    pub const HTTP_STATUS: u16 = 422;

    /// A rejection whose `message` the recruiter reads.
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status: "error",
            error: RejectionDetail {
                code: "ORDER_REJECTED",
                title: "The order was rejected",
                message: message.clone(),
            },
            message,
        }
    }

    /// What the recruiter reads.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Reads the answer to a webhook as Kombo would: `None` unless it is a rejection with something to say.
    pub fn read(http_status: u16, body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Loose {
            #[serde(default)]
            message: Option<String>,
            #[serde(default)]
            error: Option<Inner>,
        }
        #[derive(Deserialize)]
        struct Inner {
            #[serde(default)]
            message: Option<String>,
        }
        if http_status != Self::HTTP_STATUS {
            return None;
        }
        let loose: Loose = serde_json::from_slice(body).ok()?;
        let message = loose.message.or_else(|| loose.error.and_then(|error| error.message))?;
        (!message.trim().is_empty()).then(|| Self::new(message))
    }
}

/// The answer to an inline order: where the waiting candidate starts. UNSURE in the public documents; only this type knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineAnswer {
    /// An absolute `https` address.
    pub url: String,
}
