//! The reconciler's runs: what was compared when, and what came of it.

use crate::domain::ids::{OrderId, RunId};
use crate::domain::order::{Conflict, KomboStatus, Stage};
use crate::domain::reconcile::Pass;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error};

/// One pass of the reconciler.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RunRow {
    /// Our id.
    pub id: RunId,
    /// Which pass.
    pub pass: Pass,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over; none while it runs.
    pub finished_at: Option<Timestamp>,
    /// How many orders Kombo showed.
    pub seen: i64,
    /// How many of ours were put right, or were new to us.
    pub healed: i64,
    /// How many orders or integrations could not be compared.
    pub failed: i64,
    /// Why not, in plain words.
    pub error: Option<String>,
}

/// What came of a pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many orders Kombo showed.
    pub seen: i64,
    /// How many of ours were put right, or were new to us.
    pub healed: i64,
    /// How many orders or integrations could not be compared.
    pub failed: i64,
    /// Why not, in plain words: the last reason.
    pub error: Option<String>,
}

/// Writes that a pass begins.
pub async fn begin(conn: &mut Conn, id: RunId, pass: Pass, at: Timestamp) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO reconciler_runs (id, pass, started_at, seen, healed, failed) VALUES ($1, $2, $3, 0, 0, 0)",
        id,
        pass,
        at
    )
    .map(drop)
}

/// Writes what came of it.
pub async fn finish(conn: &mut Conn, id: RunId, at: Timestamp, tally: &Tally) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE reconciler_runs SET finished_at = $2, seen = $3, healed = $4, failed = $5, error = $6 WHERE id = $1",
        id,
        at,
        tally.seen,
        tally.healed,
        tally.failed,
        &tally.error
    )
    .map(drop)
}

/// Ends the runs that a program which stopped left behind.
pub async fn end_left_behind(conn: &mut Conn, at: Timestamp) -> Result<u64, Error> {
    execute!(
        conn,
        "UPDATE reconciler_runs SET finished_at = $1, error = 'The program stopped meanwhile.' WHERE finished_at IS NULL",
        at
    )
}

/// The last finished run of a pass.
pub async fn last(conn: &mut Conn, pass: Pass) -> Result<Option<RunRow>, Error> {
    fetch_optional!(
        conn,
        RunRow,
        "SELECT * FROM reconciler_runs WHERE pass = $1 AND finished_at IS NOT NULL ORDER BY started_at DESC, id DESC LIMIT 1",
        pass
    )
}

/// When the last run of a pass began that could compare everything.
pub async fn last_whole(conn: &mut Conn, pass: Pass) -> Result<Option<Timestamp>, Error> {
    scalar!(
        conn,
        Timestamp,
        "SELECT started_at FROM reconciler_runs
         WHERE pass = $1 AND finished_at IS NOT NULL AND error IS NULL ORDER BY started_at DESC, id DESC LIMIT 1",
        pass
    )
}

/// The newest runs, newest first.
pub async fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<RunRow>, Error> {
    fetch_all!(
        conn,
        RunRow,
        "SELECT * FROM reconciler_runs ORDER BY started_at DESC, id DESC LIMIT $1",
        limit
    )
}

/// Removes runs that began before `before`, at most `limit`; says how many.
pub async fn drop_old(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64, Error> {
    execute!(
        conn,
        "DELETE FROM reconciler_runs WHERE id IN
            (SELECT id FROM reconciler_runs WHERE started_at < $1 ORDER BY started_at LIMIT $2)",
        before,
        limit
    )
}

/// An order about which Kombo and we do not agree, or do not know yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Problem {
    /// The order.
    pub id: OrderId,
    /// Its package.
    pub package_name: String,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// Where it stands here.
    pub stage: Stage,
    /// What Kombo was last seen to hold.
    pub kombo_status: Option<KomboStatus>,
    /// How Kombo and we disagree.
    pub conflict: Option<Conflict>,
    /// Kombo's list does not have it.
    pub not_in_kombo: bool,
    /// Found in Kombo's list: until then its webhook may still come and decide.
    pub undecided_until: Option<Timestamp>,
    /// When it reached us.
    pub received_at: Timestamp,
}

/// The newest orders with such a problem, of the customers that the viewer may see.
pub async fn problems(conn: &mut Conn, viewer: &Viewer, limit: i64) -> Result<Vec<Problem>, Error> {
    fetch_all!(
        conn,
        Problem,
        "SELECT o.id, o.package_name, c.name AS customer_name, o.stage, o.kombo_status, o.conflict, o.not_in_kombo,
            o.undecided_until, o.received_at
         FROM orders o LEFT JOIN customers c ON c.id = o.customer_id
         WHERE (o.conflict IS NOT NULL OR o.not_in_kombo OR o.undecided_until IS NOT NULL)
           AND ($1 OR o.customer_id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY o.received_at DESC, o.id DESC LIMIT $3",
        viewer.sees_all(),
        viewer.staff_id(),
        limit
    )
}
