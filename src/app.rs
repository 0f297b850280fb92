//! What handlers and workers share.
//!
//! `App` stands below the rooms that use it (desk, public, intake, outbox); `server` above them starts and stops it all.

use crate::actions::work::Tools;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::viewer::Viewer;
use crate::live::Live;
use crate::store::vault::Vault;
use crate::store::{self, Db};
use secrecy::ExposeSecret;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What handlers and workers share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    tools: Tools,
    /// Wakes the outbox before its next look at the clock.
    pub outbox_bell: Arc<Notify>,
    /// Wakes the reconciler (a person asked, or an unknown integration came).
    pub reconciler_bell: Arc<Notify>,
    /// Asks everything that runs to stop.
    pub stop: CancellationToken,
}

impl Deref for App {
    type Target = Tools;
    fn deref(&self) -> &Tools {
        &self.tools
    }
}

impl App {
    /// Opens the database, checks the key's canary and makes everything ready; starts no worker.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, store::Error> {
        let db = Db::open(config.database_url.expose_secret()).await?;
        let vault = Vault::new(config.secret_key.clone(), config.secret_key_previous.clone());
        let mut conn = db.begin().await?;
        vault.check_canary(&mut conn).await?;
        vault.ensure_key(&mut conn, &clock, None).await?;
        conn.commit().await?;
        let tools = Tools {
            config: Arc::new(config),
            db,
            vault,
            clock,
            live: Live::default(),
        };
        Ok(Self {
            tools,
            outbox_bell: Arc::default(),
            reconciler_bell: Arc::default(),
            stop: CancellationToken::new(),
        })
    }

    /// The tools that actions work with.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Begins a transaction of the program itself.
    pub async fn begin_system(&self) -> Result<crate::actions::work::Work, store::Error> {
        self.tools.begin(&Viewer::system()).await
    }
}
