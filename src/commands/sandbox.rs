//! `assessdesk sandbox`: the practice Kombo and its make-believe ATS, by themselves.

use crate::clock::Clock;
use crate::config::Config;
use crate::sandbox::{self, Settings};
use secrecy::SecretString;
use std::future::Future;
use std::net::SocketAddr;

/// The key that the sandbox takes where none is set.
pub const PRACTICE_API_KEY: &str = "practice-api-key";

/// The secret that signs the sandbox's webhooks where none is set.
pub const PRACTICE_WEBHOOK_SECRET: &str = "practice-webhook-secret";

/// The sandbox's settings out of the program's: the same key and secret, so that both sides fit.
pub fn settings(config: &Config) -> Settings {
    Settings {
        listen: config.sandbox_listen,
        database_url: config.sandbox_database_url.clone(),
        target_url: config.sandbox_target_url.clone(),
        public_url: None,
        api_key: config
            .kombo_api_key
            .clone()
            .unwrap_or_else(|| SecretString::from(PRACTICE_API_KEY)),
        webhook_secret: config
            .kombo_webhook_secrets
            .first()
            .cloned()
            .unwrap_or_else(|| SecretString::from(PRACTICE_WEBHOOK_SECRET)),
        clock: Clock::System,
    }
}

/// Runs the sandbox until `shutdown` is ready; `ready` hears its address once it listens.
pub async fn run(
    config: &Config,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> Result<(), sandbox::Error> {
    sandbox::serve(settings(config), ready, shutdown).await
}
