//! One transaction: what an action reads and writes with, and the hints that go out after the commit.

use crate::actions::receive_order::Remembered;
use crate::actions::rule_cache::RuleCache;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::time::Timestamp;
use crate::domain::viewer::{Actor, Viewer};
use crate::live::{Hint, Kind, Live};
use crate::store::vault::{Sealers, Vault};
use crate::store::{self, Conn, Db, audit};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// What every action needs: cheap to clone, shared by handlers and workers.
#[derive(Clone, Debug)]
pub struct Tools {
    /// The settings.
    pub config: Arc<Config>,
    /// The database.
    pub db: Db,
    /// Seals and opens personal bodies.
    pub vault: Vault,
    /// Time and new ids.
    pub clock: Clock,
    /// Hints for open pages.
    pub live: Live,
    /// Rules, made ready.
    pub rules: RuleCache,
    /// What the last transaction that took new orders looked up.
    pub remembered: Remembered,
}

impl Tools {
    /// Begins a transaction in which `viewer` acts. An action never begins or commits one itself.
    pub async fn begin(&self, viewer: &Viewer) -> Result<Work, store::Error> {
        Ok(Work {
            conn: self.db.begin().await?,
            viewer: *viewer,
            now: self.clock.now(),
            sealers: self.vault.sealers(),
            tools: self.clone(),
            hints: Vec::new(),
        })
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Conn, store::Error> {
        self.db.read().await
    }
}

/// A transaction in progress. Dropped without [`Work::commit`], nothing of it happened.
#[derive(Debug)]
pub struct Work {
    /// The transaction's connection.
    pub conn: Conn,
    /// Who acts.
    pub viewer: Viewer,
    /// The moment at which the transaction began; every row that it writes carries it.
    pub now: Timestamp,
    /// What the action needs beside the connection.
    pub tools: Tools,
    /// Seals what many rows of this transaction hold.
    pub sealers: Sealers,
    hints: Vec<Hint>,
}

/// What an audit line is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    kind: &'static str,
    id: Option<Uuid>,
    customer: Option<CustomerId>,
    order: Option<OrderId>,
}

impl Subject {
    /// Something that belongs to no order.
    pub fn new(kind: &'static str, id: impl Into<Option<Uuid>>, customer: Option<CustomerId>) -> Self {
        Self {
            kind,
            id: id.into(),
            customer,
            order: None,
        }
    }

    /// An order: the line also stands in its timeline.
    pub fn order(id: OrderId, customer: Option<CustomerId>) -> Self {
        Self {
            kind: "order",
            id: Some(id.0),
            customer,
            order: Some(id),
        }
    }

    /// Puts the line into an order's timeline, too.
    #[must_use]
    pub fn in_order(self, order: OrderId) -> Self {
        Self {
            order: Some(order),
            ..self
        }
    }
}

impl Work {
    /// A new id.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        self.tools.clock.new_id()
    }

    /// Writes an audit line in the name of the viewer.
    pub async fn audit(&mut self, action: &'static str, subject: Subject, detail: Value) -> Result<(), store::Error> {
        let actor = self.viewer.who;
        self.audit_as(actor, action, subject, detail).await
    }

    /// Writes an audit line in the name of `actor` (a rule, Kombo) while the viewer's transaction runs.
    pub async fn audit_as(
        &mut self,
        actor: Actor,
        action: &'static str,
        subject: Subject,
        detail: Value,
    ) -> Result<(), store::Error> {
        let line = self.line_as(actor, action, subject, detail);
        audit::insert_many(&mut self.conn, &[line]).await
    }

    /// An audit line in the name of `actor`, to be written with others.
    pub fn line_as(&self, actor: Actor, action: &'static str, subject: Subject, detail: Value) -> audit::NewLine {
        audit::NewLine {
            id: self.new_id(),
            at: self.now,
            actor: actor.as_str(),
            staff_id: actor.staff_id(),
            action,
            subject: subject.kind,
            subject_id: subject.id,
            customer_id: subject.customer,
            order_id: subject.order,
            detail,
        }
    }

    /// A keyed digest in hexadecimal, so that the audit trail tells that something personal changed, and not what it was.
    pub fn digest(&self, personal: &str) -> String {
        use std::fmt::Write as _;
        let digest = self.tools.vault.digest("audit", personal.as_bytes());
        digest[..8].iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Remembers a hint that goes out after the commit.
    pub fn hint(&mut self, kind: Kind, id: Uuid, customer: Option<CustomerId>) {
        let hint = Hint { kind, id, customer };
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }

    /// Forgets the hints since `mark` (see [`Work::mark`]), and every key that was looked up: what they are of may have
    /// been undone.
    pub fn forget_since(&mut self, mark: usize) {
        self.hints.truncate(mark);
        self.sealers = self.tools.vault.sealers();
    }

    /// How many hints are remembered so far.
    pub fn mark(&self) -> usize {
        self.hints.len()
    }

    /// Commits, then sends the hints.
    pub async fn commit(self) -> Result<(), store::Error> {
        self.conn.commit().await?;
        self.tools.db.notice_commit();
        for hint in self.hints {
            self.tools.live.send(hint);
        }
        Ok(())
    }
}
