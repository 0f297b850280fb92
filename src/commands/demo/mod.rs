//! `assessdesk demo`: the desk, the sandbox and a believable data set, all in one process.
//!
//! The data set is not written into tables: sixty days are lived through with the real webhooks, actions and deliveries
//! against the sandbox, under a clock that starts sixty days ago. So everything on the screens has the history it shows.

mod data;
mod days;
mod plan;
mod setup;

use super::{Outcome, say};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::domain::viewer::Viewer;
use crate::sandbox;
use crate::server;
use crate::store::customers;
use crate::store::vault;
use anyhow::Context;
use secrecy::SecretString;
use std::path::Path;

/// The key with which the desk and the sandbox of a demo speak; it opens nothing else.
const API_KEY: &str = "demo-api-key";

/// The secret of a demo's webhooks; it opens nothing else.
const WEBHOOK_SECRET: &str = "demo-webhook-secret";

/// What every demo staff member signs in with.
const PASSWORD: &str = "practice-makes-calm";

pub(super) async fn run(settings: &Settings) -> Outcome {
    let settings = with_demo_defaults(settings)?;
    let config = settings.check()?;
    let sandbox_settings = sandbox_settings(&config, Clock::System);
    if is_empty(&config).await? {
        say("Living through sixty days of orders; this takes a moment …")?;
        days::live_through(&config, &sandbox_settings).await.context("the practice data could not be made")?;
    }
    let app = App::open(config, Clock::System).await?;
    let sandbox = sandbox::start(sandbox_settings).await?;
    greet(&app.config, &sandbox)?;
    let served = server::serve(app).await;
    sandbox.stop().await;
    Ok(served?)
}

/// The settings of a demo: its own keys, and the sandbox in Kombo's place.
fn with_demo_defaults(settings: &Settings) -> anyhow::Result<Settings> {
    let mut settings = settings.clone();
    if settings.secret_key.is_none() {
        settings.secret_key = Some(demo_key(&settings.data_dir)?);
    }
    settings.kombo_api_key = Some(API_KEY.into());
    settings.kombo_webhook_secret = Some(WEBHOOK_SECRET.into());
    settings.kombo_api_url = format!("http://{}/v1", settings.sandbox_listen);
    Ok(settings)
}

/// The key that seals a demo's data, made once and kept beside the data: a demo has nothing to protect.
fn demo_key(data_dir: &Path) -> anyhow::Result<SecretString> {
    let path = data_dir.join("demo.key");
    if let Ok(kept) = std::fs::read_to_string(&path) {
        return Ok(kept.trim().to_owned().into());
    }
    std::fs::create_dir_all(data_dir).with_context(|| format!("{} cannot be made", data_dir.display()))?;
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, vault::random::<32>()?);
    std::fs::write(&path, &key).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(key.into())
}

fn sandbox_settings(config: &Config, clock: Clock) -> sandbox::Settings {
    sandbox::Settings {
        listen: config.sandbox_listen,
        database_url: config.sandbox_database_url.clone(),
        target_url: config.sandbox_target_url.clone(),
        public_url: None,
        api_key: API_KEY.into(),
        webhook_secret: WEBHOOK_SECRET.into(),
        clock,
    }
}

async fn is_empty(config: &Config) -> anyhow::Result<bool> {
    let app = App::open(config.clone(), Clock::System).await?;
    let mut conn = app.read().await?;
    let empty = customers::names(&mut conn, &Viewer::system()).await?.is_empty();
    drop(conn);
    app.db.close().await;
    Ok(empty)
}

fn greet(config: &Config, sandbox: &sandbox::Running) -> Outcome {
    let (_, admin, _) = data::STAFF[0];
    say("")?;
    say(&format!("  The desk            {}", config.link("/")))?;
    say(&format!("  The practice ATS    {}", sandbox.url("/ats")))?;
    say(&format!("  Sign in with        {admin}  /  {PASSWORD}"))?;
    say("")?;
    say("  Try first: order an assessment in the practice ATS, find it on the desk, accept it, enter a result and release")?;
    say("  it; a minute later the practice ATS shows it. The other roles sign in as manager@, operator@, reviewer@ and")?;
    say("  viewer@assessdesk.example with the same password. Ctrl-C stops; what you did is kept.")?;
    say("")
}
