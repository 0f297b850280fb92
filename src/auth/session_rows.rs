//! Where tower-sessions keeps its sessions: in our own table, by our own clock.
//!
//! A row is more than a bag of values: it belongs to a person, and what it tells is read together with them. Sessions
//! live by [`super::session`]'s rules; the dates that tower-sessions reckons with the machine's clock are not kept.

use super::session::{IDLE, MOST};
use crate::app::App;
use crate::clock::Clock;
use crate::domain::ids::StaffId;
use crate::store::sessions::{self, NewSession};
use crate::store::{self, Db, token};
use async_trait::async_trait;
use serde::de::DeserializeOwned;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Whose a new session is.
pub(super) const STAFF: &str = "staff_id";
/// What the browser of a new session calls itself.
pub(super) const AGENT: &str = "agent";
/// What is known of an open session and its person ([`sessions::InUse`]).
pub(super) const IN_USE: &str = "in_use";

/// The table of sessions, as tower-sessions wants it.
#[derive(Clone, Debug)]
pub struct SessionRows {
    db: Db,
    clock: Clock,
}

impl SessionRows {
    /// The sessions of this app.
    pub fn new(app: &App) -> Self {
        Self {
            db: app.db.clone(),
            clock: app.clock.clone(),
        }
    }

    async fn insert(&self, record: &Record) -> std::result::Result<(), Refused> {
        let staff_id: StaffId = value(record, STAFF)?;
        let agent: String = value(record, AGENT)?;
        let now = self.clock.now();
        let new = NewSession {
            digest: &digest(record.id),
            staff_id,
            created_at: now,
            expires_at: now.plus(IDLE),
            agent: &agent,
        };
        let mut conn = self.db.begin().await?;
        sessions::insert(&mut conn, &new).await?;
        Ok(conn.commit().await?)
    }

    async fn find(&self, id: Id) -> std::result::Result<Option<Record>, Refused> {
        let mut conn = self.db.read().await?;
        let found = sessions::find(&mut conn, &digest(id), self.clock.now()).await?;
        let record = |found: sessions::InUse| {
            let expiry_date = found.created_at.plus(MOST).to_offset();
            let data = [(IN_USE.to_owned(), serde_json::to_value(found)?)].into();
            Ok(Record { id, data, expiry_date })
        };
        found.map(record).transpose()
    }

    async fn remove(&self, id: Id) -> std::result::Result<(), Refused> {
        let mut conn = self.db.begin().await?;
        sessions::delete(&mut conn, &digest(id)).await?;
        Ok(conn.commit().await?)
    }
}

#[async_trait]
impl SessionStore for SessionRows {
    async fn create(&self, record: &mut Record) -> Result<()> {
        Ok(self.insert(record).await?)
    }

    /// What changes in an open session (its last use, its notices) is written by [`sessions`] where it changes, so that
    /// two pages that load at once do not overwrite each other's; and a session that has ended must not come back.
    async fn save(&self, _: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        Ok(self.find(*id).await?)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        Ok(self.remove(*id).await?)
    }
}

/// What a session is looked up by: SHA-256 of what its cookie holds.
pub(super) fn digest(id: Id) -> Vec<u8> {
    token::digest(&id.to_string())
}

/// A session without a person is no session: nothing is kept for visitors.
fn value<T: DeserializeOwned>(record: &Record, key: &str) -> std::result::Result<T, Refused> {
    let value = record.data.get(key).cloned().unwrap_or_default();
    Ok(serde_json::from_value(value)?)
}

/// Why a session could not be kept or read, before tower-sessions turns it into text.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("a session's values cannot be used: {0}")]
    Values(#[from] serde_json::Error),
}

impl From<Refused> for Error {
    /// `Backend` is kept for what passes by itself, so that a page can ask to come again.
    fn from(refused: Refused) -> Self {
        match &refused {
            Refused::Store(error) if error.is_passing() => Self::Backend(refused.to_string()),
            _ => Self::Decode(refused.to_string()),
        }
    }
}
