//! What handlers and workers share.
//!
//! `App` stands below the rooms that use it (desk, public, intake, outbox); `server` above them starts and stops it all.

pub mod counted;
pub mod dry_runs;
pub mod gate;
pub mod go_live;
pub mod health;
pub mod holds;
pub mod lanes;
pub mod looking;
pub mod offer_check;
pub mod outgoing;
pub mod presence;
pub mod recording;
pub mod streams;
pub mod timetable;
pub mod trace;

use crate::actions::change_reason;
use crate::actions::receive_order::Remembered;
use crate::actions::rule_cache::RuleCache;
use crate::actions::work::Tools;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::viewer::Viewer;
use crate::kombo;
use crate::live::Live;
use crate::mail::{self, Mailer};
use crate::store::vault::Vault;
use crate::store::{self, Db};
use secrecy::ExposeSecret;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many times longer than other calls a result may take: it can carry 35 MB, and an ATS behind Kombo takes it.
pub const RESULT_PATIENCE: u32 = 4;

/// Why the app could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The API key or the address of Kombo cannot be used.
    #[error("Kombo cannot be spoken to: {0}")]
    Kombo(#[from] kombo::client::Unsendable),
    /// The mail server cannot be spoken to securely.
    #[error(transparent)]
    Mail(#[from] mail::Unusable),
}

/// What handlers and workers share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    tools: Tools,
    /// Speaks to Kombo; `None` without an API key.
    pub kombo: Option<kombo::Client>,
    /// The way by which mails leave; `None` where no mail is set up.
    pub mail: Option<Mailer>,
    /// How the parts that run by themselves fare.
    pub health: health::Health,
    /// Webhooks that could not be verified.
    pub trace: trace::Trace,
    /// What is counted for every page.
    pub counted: counted::Counted,
    /// Whose desk is open.
    pub presence: presence::Presence,
    /// Open event streams.
    pub streams: streams::Streams,
    /// Who looks at which order.
    pub looking: looking::Looking,
    /// Whose answer waits for a person.
    pub holds: holds::Holds,
    /// Dry runs of drafted rules.
    pub dry_runs: dry_runs::DryRuns,
    /// Outcomes of deliveries that wait to be written down.
    pub recording: recording::Recording,
    /// How many calls are under way for each integration.
    pub lanes: lanes::Lanes,
    /// Whether Kombo lets us in at all.
    pub gate: gate::Gate,
    /// Whether the mail server lets us send at all.
    pub mail_gate: gate::Gate,
    /// What the outbox knows beside its rows.
    pub outgoing: outgoing::Outgoing,
    /// Wakes the outbox before its next look at the clock.
    pub outbox_bell: Arc<Notify>,
    /// Wakes the reconciler to look up what is new (an unknown integration came).
    pub reconciler_bell: Arc<Notify>,
    /// Asks the reconciler for a whole comparison now (a person wants to know).
    pub compare_bell: Arc<Notify>,
    /// Asks everything that runs to stop.
    pub stop: CancellationToken,
    /// Which part broke down, where one did.
    pub broken: Arc<OnceLock<&'static str>>,
}

impl Deref for App {
    type Target = Tools;
    fn deref(&self) -> &Tools {
        &self.tools
    }
}

impl App {
    /// Opens the database, checks the key's canary and makes everything ready; starts no worker.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, OpenError> {
        let kombo = kombo_client(&config)?;
        let mail = config.mail.as_ref().map(Mailer::new).transpose()?;
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
            rules: RuleCache::default(),
            remembered: Remembered::default(),
        };
        let mut work = tools.begin(&Viewer::system()).await?;
        change_reason::begin_library(&mut work).await?;
        work.commit().await?;
        Ok(Self {
            tools,
            kombo,
            mail,
            health: health::Health::default(),
            trace: trace::Trace::default(),
            counted: counted::Counted::default(),
            presence: presence::Presence::default(),
            streams: streams::Streams::default(),
            looking: looking::Looking::default(),
            holds: holds::Holds::default(),
            dry_runs: dry_runs::DryRuns::default(),
            recording: recording::Recording::default(),
            lanes: lanes::Lanes::default(),
            gate: gate::Gate::default(),
            mail_gate: gate::Gate::default(),
            outgoing: outgoing::Outgoing::default(),
            outbox_bell: Arc::default(),
            reconciler_bell: Arc::default(),
            compare_bell: Arc::default(),
            stop: CancellationToken::new(),
            broken: Arc::default(),
        })
    }

    /// A part that must always run has broken down: the program stops, so that it is started anew. A program that lives on
    /// without one of its parts would promise what it cannot keep.
    pub fn break_down(&self, part: &'static str) {
        tracing::error!(part, "a part of the program broke down: stopping");
        let _ = self.broken.set(part);
        self.stop.cancel();
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

fn kombo_client(config: &Config) -> Result<Option<kombo::Client>, OpenError> {
    let Some(key) = &config.kombo_api_key else {
        return Ok(None);
    };
    let timeouts = kombo::client::Timeouts {
        call: config.kombo_timeout,
        result: config.kombo_timeout * RESULT_PATIENCE,
        ..kombo::client::Timeouts::default()
    };
    Ok(Some(kombo::Client::new(config.kombo_api_url.as_str(), key, timeouts)?))
}
