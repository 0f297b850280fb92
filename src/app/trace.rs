//! What could not be verified: counted, with a small bounded trace in memory. Nothing of such a request is kept on disk.

use crate::domain::time::Timestamp;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// How many refused requests are remembered.
const REMEMBERED: usize = 50;

/// Why a request was refused before anything of it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// It carries no signature.
    Unsigned,
    /// Its signature fits none of our secrets.
    WrongSignature,
    /// It is larger than 1 MiB.
    TooLarge,
    /// We have no secret to verify it with.
    NoSecret,
    /// Its body broke off.
    BrokenOff,
}

impl Why {
    /// For machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::WrongSignature => "wrong_signature",
            Self::TooLarge => "too_large",
            Self::NoSecret => "no_secret",
            Self::BrokenOff => "broken_off",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unsigned => "It carries no signature.",
            Self::WrongSignature => "Its signature fits none of our webhook secrets.",
            Self::TooLarge => "It is larger than 1 MiB.",
            Self::NoSecret => "No webhook secret is set here, so nothing can be verified.",
            Self::BrokenOff => "Its body broke off.",
        }
    }
}

/// A refused request.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// From where.
    pub address: Option<IpAddr>,
    /// How many bytes of it we saw.
    pub size: usize,
    /// Why.
    pub why: Why,
}

/// Counts refusals and remembers the newest.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    count: Arc<AtomicU64>,
    newest: Arc<Mutex<VecDeque<Refusal>>>,
}

impl Trace {
    /// Remembers one.
    pub fn add(&self, refusal: Refusal) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut newest) = self.newest.lock() {
            newest.truncate(REMEMBERED - 1);
            newest.push_front(refusal);
        }
    }

    /// How many there were since the start.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The newest, newest first; at most 50.
    pub fn newest(&self) -> Vec<Refusal> {
        self.newest
            .lock()
            .map(|newest| newest.iter().copied().collect())
            .unwrap_or_default()
    }
}
