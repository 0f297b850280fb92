//! How a call can fail, told apart by what it means for sending again.

use super::reply::Raw;
use crate::kombo::{Code, Fate};
use std::fmt;
use std::time::Duration;

/// A call that did not succeed. Its texts hold neither bodies nor keys, so that they can be logged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Kombo answered, and it was a refusal.
    #[error("{0}")]
    Answered(Box<Answered>),
    /// Nothing reached Kombo: no connection could be made. Certainly not applied.
    #[error("no connection to Kombo could be made")]
    NotConnected(#[source] reqwest::Error),
    /// The time ran out after the call was on its way. It may have been applied.
    #[error("Kombo did not answer in time")]
    TimedOut(#[source] reqwest::Error),
    /// The connection broke before the answer was whole. It may have been applied.
    #[error("the connection to Kombo broke before its answer was whole")]
    Broken(#[source] reqwest::Error),
    /// Kombo said that it succeeded, but in words that cannot be read. It was most likely applied.
    #[error("Kombo's answer ({http_status}) could not be read")]
    UnreadableAnswer {
        /// The HTTP status.
        http_status: u16,
        /// The beginning of the answer.
        raw: Raw,
    },
    /// The call could not even be written down. Certainly not applied.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
}

/// Why a call or a client could not be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// The base address is no `http` or `https` address.
    #[error("Kombo's address must be like https://api.kombo.dev/v1")]
    BaseUrl,
    /// The key holds characters that no header can carry.
    #[error("the Kombo API key holds characters that cannot be sent; was it cut or wrapped when it was copied?")]
    ApiKey,
    /// The TLS library did not start.
    #[error("the TLS library could not be started; are the system's root certificates installed?")]
    Tls,
    /// An id is empty or cannot stand in an address.
    #[error("an id is empty or holds characters that cannot be sent")]
    Id,
    /// The body could not be written as JSON (a number that is not finite).
    #[error("the body could not be written as JSON")]
    Body,
}

/// Kombo's refusal.
pub struct Answered {
    /// The HTTP status.
    pub http_status: u16,
    /// What to decide by; `None` where Kombo gave none, or something before Kombo answered.
    pub code: Option<Code>,
    /// Kombo's label.
    pub title: Option<String>,
    /// What happened; written for people, can quote what was sent.
    pub message: String,
    /// The page at Kombo that shows the call.
    pub log_url: Option<String>,
    /// How long Kombo asks us to wait.
    pub retry_after: Option<Duration>,
    /// The beginning of the answer.
    pub raw: Raw,
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered")
            .field("http_status", &self.http_status)
            .field("code", &self.code)
            .field("log_url", &self.log_url)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "Kombo refused it: {code} ({})", self.http_status),
            None => write!(f, "Kombo refused it ({})", self.http_status),
        }
    }
}

impl Error {
    /// What is to be done.
    pub fn fate(&self) -> Fate {
        match self {
            Self::Answered(answered) => Code::fate(answered.code.as_ref(), answered.http_status),
            Self::NotConnected(_) => Fate::Retry,
            Self::TimedOut(_) | Self::Broken(_) | Self::UnreadableAnswer { .. } => Fate::ReadBack,
            Self::Unsendable(_) => Fate::Refused,
        }
    }

    /// Whether it was sent and no whole answer came: Kombo may still be at it.
    pub const fn is_unheard(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Broken(_))
    }

    /// Kombo's refusal, where it is one.
    pub fn answered(&self) -> Option<&Answered> {
        match self {
            Self::Answered(answered) => Some(answered),
            _ => None,
        }
    }

    /// Kombo's code, where it gave one.
    pub fn code(&self) -> Option<&Code> {
        self.answered().and_then(|answered| answered.code.as_ref())
    }

    /// How long Kombo asks us to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.answered().and_then(|answered| answered.retry_after)
    }

    /// The HTTP status, where there was an answer.
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Answered(answered) => Some(answered.http_status),
            Self::UnreadableAnswer { http_status, .. } => Some(*http_status),
            _ => None,
        }
    }

    /// The beginning of the answer, where there was one.
    pub fn raw(&self) -> Option<&Raw> {
        match self {
            Self::Answered(answered) => Some(&answered.raw),
            Self::UnreadableAnswer { raw, .. } => Some(raw),
            _ => None,
        }
    }

    /// What happened, in a sentence for staff: Kombo's own message where it wrote one.
    pub fn message(&self) -> String {
        match self.answered() {
            Some(answered) if !answered.message.is_empty() => answered.message.clone(),
            _ => self.to_string(),
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        // The address can hold ids; the kind of the fault is all that is needed.
        let error = error.without_url();
        if error.is_builder() {
            Self::Unsendable(Unsendable::Id)
        } else if error.is_connect() {
            Self::NotConnected(error)
        } else if error.is_timeout() {
            Self::TimedOut(error)
        } else {
            Self::Broken(error)
        }
    }
}
