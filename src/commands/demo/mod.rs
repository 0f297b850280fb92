//! `assessdesk demo`: the desk, the sandbox and a believable data set, all in one process.
//!
//! The data set is not written into tables: sixty days are lived through with the real webhooks, actions and deliveries
//! against the sandbox, under a clock that starts sixty days ago. So everything on the screens has the history it shows.

mod data;
mod days;
mod plan;
mod setup;

use super::sandbox::{PRACTICE_API_KEY, PRACTICE_WEBHOOK_SECRET};
use super::{Outcome, say};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, DEFAULT_DATA_DIR, DEFAULT_DATABASE_URL, DEFAULT_SANDBOX_DATABASE_URL, Settings, mail};
use crate::domain::viewer::Viewer;
use crate::sandbox;
use crate::server;
use crate::store::customers;
use anyhow::{Context, bail};
use secrecy::SecretString;
use std::path::{Path, PathBuf};

/// The folder of a demo's databases and files, where none was chosen.
const DEMO_DIR: &str = "demo-data";

/// The file beside a demo's databases that holds its key, and by which a demo's folder is known.
const KEY_FILE: &str = "demo.key";

/// What every demo staff member signs in with.
const PASSWORD: &str = "practice-makes-calm";

pub(super) async fn run(settings: &Settings, reset: bool) -> Outcome {
    let settings = with_demo_defaults(settings);
    if reset {
        forget(&settings.data_dir)?;
    }
    let settings = with_key(settings)?;
    let config = settings.check()?;
    let sandbox_settings = super::sandbox::settings(&config);
    if is_empty(&config).await? {
        say("Living through sixty days of orders; this takes a moment …")?;
        Box::pin(days::live_through(&config, &sandbox_settings))
            .await
            .context("the practice data could not be made")?;
    }
    let app = App::open(config, Clock::System).await?;
    let sandbox = sandbox::start(sandbox_settings).await?;
    greet(&app.config, &sandbox)?;
    let served = server::serve(app).await;
    sandbox.stop().await;
    Ok(served?)
}

/// The settings of a demo: a folder of its own where none was chosen, and the sandbox in Kombo's place.
fn with_demo_defaults(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    if settings.data_dir == Path::new(DEFAULT_DATA_DIR) {
        settings.data_dir = PathBuf::from(DEMO_DIR);
    }
    let dir = settings.data_dir.display().to_string();
    if settings.database_url == DEFAULT_DATABASE_URL {
        settings.database_url = format!("sqlite://{dir}/desk.db");
    }
    if settings.sandbox_database_url == DEFAULT_SANDBOX_DATABASE_URL {
        settings.sandbox_database_url = format!("sqlite://{dir}/sandbox.db");
    }
    // Nobody outside gets a mail from a demo, unless somebody names a mail server.
    settings.smtp_url.get_or_insert_with(|| mail::DESK.into());
    settings.kombo_api_key = Some(PRACTICE_API_KEY.into());
    settings.kombo_webhook_secret = Some(PRACTICE_WEBHOOK_SECRET.into());
    settings.kombo_api_url = format!("http://{}/v1", settings.sandbox_listen);
    settings
}

/// Removes what an earlier demo left in `dir`; a folder that no demo made is left alone.
fn forget(dir: &Path) -> Outcome {
    if !dir.exists() {
        return Ok(());
    }
    if !dir.join(KEY_FILE).exists() {
        bail!(
            "{} was not made by a demo, so it is left alone; name another folder with ASSESSDESK_DATA_DIR",
            dir.display()
        );
    }
    std::fs::remove_dir_all(dir).with_context(|| format!("{} cannot be removed", dir.display()))
}

fn with_key(mut settings: Settings) -> anyhow::Result<Settings> {
    if settings.secret_key.is_none() {
        settings.secret_key = Some(demo_key(&settings.data_dir)?);
    }
    Ok(settings)
}

/// The key that seals a demo's data, made once and kept beside the data: a demo has nothing to protect.
fn demo_key(data_dir: &Path) -> anyhow::Result<SecretString> {
    let path = data_dir.join(KEY_FILE);
    if let Ok(kept) = std::fs::read_to_string(&path) {
        return Ok(kept.trim().to_owned().into());
    }
    std::fs::create_dir_all(data_dir).with_context(|| format!("{} cannot be made", data_dir.display()))?;
    let key = super::secret::fresh()?;
    std::fs::write(&path, &key).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(key.into())
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
    say(&format!("  Sign in with        {admin}   password: {PASSWORD}"))?;
    say("")?;
    say(
        "  Try first: order an assessment in the practice ATS, find it on the desk, accept it, enter a result and release",
    )?;
    say(
        "  it; a minute later the practice ATS shows it. The other roles sign in as manager@, operator@, reviewer@ and",
    )?;
    say("  viewer@assessdesk.example with the same password. Ctrl-C stops; what you did is kept.")?;
    say("")
}
