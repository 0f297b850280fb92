//! What the sandbox's parts share.

use super::mischief::Mischief;
use super::sender::Held;
use super::store::Store;
use super::{Error, Settings};
use crate::clock::Clock;
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use url::Url;

/// How long the practice Kombo waits for the answer to a webhook.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(30);

/// More calls than this in flight for one integration are refused, as at Kombo.
pub const MOST_IN_FLIGHT: usize = 30;

/// The sandbox. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sandbox(Arc<Shared>);

/// What all clones share.
#[derive(Debug)]
pub struct Shared {
    /// Its database.
    pub store: Store,
    /// Its clock.
    pub clock: Clock,
    /// What goes wrong on purpose.
    pub mischief: Mischief,
    /// The key that calls must carry.
    pub api_key: SecretString,
    /// The secret that signs webhooks.
    pub webhook_secret: SecretString,
    /// Sends webhooks and fetches attachments.
    pub http: reqwest::Client,
    /// A webhook that waits for another to overtake it.
    pub held: Held,
    /// Calls in flight and counted.
    pub traffic: Mutex<Traffic>,
    target: RwLock<Url>,
    public_url: Url,
}

/// Calls in flight and counted, since the start or the last reset.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Calls by kind.
    pub calls: HashMap<&'static str, u64>,
    /// Calls in flight now, by integration.
    pub in_flight: HashMap<String, usize>,
    /// The most that were in flight at once, by integration.
    pub most_in_flight: HashMap<String, usize>,
}

impl std::ops::Deref for Sandbox {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Sandbox {
    /// Opens its database and gets ready; `public_url` is where people reach it.
    pub async fn open(settings: &Settings, public_url: Url) -> Result<Self, Error> {
        crate::kombo::install_tls();
        Ok(Self(Arc::new(Shared {
            store: Store::open(&settings.database_url).await?,
            clock: settings.clock.clone(),
            mischief: Mischief::default(),
            api_key: settings.api_key.clone(),
            webhook_secret: settings.webhook_secret.clone(),
            http: reqwest::Client::builder()
                .timeout(WEBHOOK_TIMEOUT)
                .redirect(reqwest::redirect::Policy::none())
                .build()?,
            held: Held::default(),
            traffic: Mutex::default(),
            target: RwLock::new(settings.target_url.clone()),
            public_url,
        })))
    }

    /// Where webhooks go.
    pub fn target(&self) -> Url {
        self.target.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends webhooks elsewhere from now on.
    pub fn set_target(&self, url: Url) {
        *self.target.write().unwrap_or_else(PoisonError::into_inner) = url;
    }

    /// The full address of a page of the sandbox.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// The counters.
    pub fn traffic(&self) -> std::sync::MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A new id in Kombo's manner: 24 letters and digits that are not easily mixed up.
pub fn new_id() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyzACDEFGHJ";
    let mut bytes = [0; 24];
    if getrandom::fill(&mut bytes).is_err() {
        // Without randomness nothing else works either; ids then repeat and the database refuses them.
        tracing::error!("the system gives no random bytes");
    }
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect()
}
