//! Rules: their numbered versions, kept for good, and the draft of the next one.

use crate::domain::ids::{CustomerId, RuleSetId, StaffId};
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};
use uuid::Uuid;

/// A version of the rules of a customer, or of those for all.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RuleSetRow {
    /// Our id.
    pub id: RuleSetId,
    /// Whose; `None`: those for all customers.
    pub customer_id: Option<CustomerId>,
    /// 1, 2, 3 …
    pub number: i64,
    /// The rules, as JSON.
    pub rules: String,
    /// How many they are.
    pub rule_count: i64,
    /// What its author said of it.
    pub note: String,
    /// The number of the version that it brings back.
    pub restores: Option<i64>,
    /// Who put it in force.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
}

/// A version in the history, without its rules.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VersionRow {
    /// Our id.
    pub id: RuleSetId,
    /// Whose; `None`: those for all customers.
    pub customer_id: Option<CustomerId>,
    /// 1, 2, 3 …
    pub number: i64,
    /// How many rules it has.
    pub rule_count: i64,
    /// What its author said of it.
    pub note: String,
    /// The number of the version that it brings back.
    pub restores: Option<i64>,
    /// Who put it in force, by name.
    pub staff_name: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What is being written and not in force.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DraftRow {
    /// Our id.
    pub id: Uuid,
    /// Whose; `None`: those for all customers.
    pub customer_id: Option<CustomerId>,
    /// The rules, as JSON.
    pub rules: String,
    /// The number of the version that it began from; 0: there was none.
    pub based_on: i64,
    /// The number of the version that it brings back.
    pub restores: Option<i64>,
    /// Who changed it last.
    pub changed_by: Option<StaffId>,
    /// When.
    pub changed_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
}

/// The versions in force that decide about a customer's orders: its own, and the one for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct InForce {
    /// The customer's own.
    pub own: Option<RuleSetId>,
    /// The one for all.
    pub house: Option<RuleSetId>,
}

/// The versions in force that decide about this customer's orders.
pub async fn in_force(conn: &mut Conn, customer: CustomerId) -> Result<InForce, Error> {
    fetch_one!(
        conn,
        InForce,
        "SELECT (SELECT id FROM rule_sets WHERE customer_id = $1 ORDER BY number DESC LIMIT 1) AS own,
            (SELECT id FROM rule_sets WHERE customer_id IS NULL ORDER BY number DESC LIMIT 1) AS house",
        customer
    )
}

/// A version, whoever asks.
pub async fn find(conn: &mut Conn, id: RuleSetId) -> Result<Option<RuleSetRow>, Error> {
    fetch_optional!(conn, RuleSetRow, "SELECT * FROM rule_sets WHERE id = $1", id)
}

/// A version of a customer's rules (those for all: `None`) by its number.
pub async fn numbered(conn: &mut Conn, of: Option<CustomerId>, number: i64) -> Result<Option<RuleSetRow>, Error> {
    fetch_optional!(
        conn,
        RuleSetRow,
        "SELECT * FROM rule_sets WHERE customer_id IS NOT DISTINCT FROM $1 AND number = $2",
        of,
        number
    )
}

/// The version in force of a customer's own rules (those for all: `None`).
pub async fn newest(conn: &mut Conn, of: Option<CustomerId>) -> Result<Option<RuleSetRow>, Error> {
    fetch_optional!(
        conn,
        RuleSetRow,
        "SELECT * FROM rule_sets WHERE customer_id IS NOT DISTINCT FROM $1 ORDER BY number DESC LIMIT 1",
        of
    )
}

/// The versions before the one with this number, the newest first.
pub async fn history(
    conn: &mut Conn,
    of: Option<CustomerId>,
    before: i64,
    limit: i64,
) -> Result<Vec<VersionRow>, Error> {
    fetch_all!(
        conn,
        VersionRow,
        "SELECT r.id, r.customer_id, r.number, r.rule_count, r.note, r.restores, s.name AS staff_name, r.created_at
         FROM rule_sets r LEFT JOIN staff s ON s.id = r.created_by
         WHERE r.customer_id IS NOT DISTINCT FROM $1 AND r.number < $2
         ORDER BY r.number DESC LIMIT $3",
        of,
        before,
        limit
    )
}

/// Writes a new version.
///
/// # Errors
/// [`Error::Exists`] where somebody else wrote one with this number.
pub async fn insert(conn: &mut Conn, row: &RuleSetRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO rule_sets (id, customer_id, number, rules, rule_count, note, restores, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id,
        row.customer_id,
        row.number,
        &row.rules,
        row.rule_count,
        &row.note,
        row.restores,
        row.created_by,
        row.created_at
    )
    .map(drop)
}

/// The draft of a customer's rules (those for all: `None`).
pub async fn draft(conn: &mut Conn, of: Option<CustomerId>) -> Result<Option<DraftRow>, Error> {
    fetch_optional!(
        conn,
        DraftRow,
        "SELECT * FROM rule_drafts WHERE customer_id IS NOT DISTINCT FROM $1",
        of
    )
}

/// Writes a new draft.
///
/// # Errors
/// [`Error::Exists`] where somebody else began one.
pub async fn insert_draft(conn: &mut Conn, row: &DraftRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO rule_drafts (id, customer_id, rules, based_on, restores, changed_by, changed_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.id,
        row.customer_id,
        &row.rules,
        row.based_on,
        row.restores,
        row.changed_by,
        row.changed_at,
        row.version
    )
    .map(drop)
}

/// Writes what a draft holds, if nobody else changed it since it was read.
///
/// # Errors
/// [`Error::Changed`] where somebody did.
pub async fn save_draft(conn: &mut Conn, row: &mut DraftRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE rule_drafts SET rules = $3, based_on = $4, restores = $5, changed_by = $6, changed_at = $7,
            version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        &row.rules,
        row.based_on,
        row.restores,
        row.changed_by,
        row.changed_at
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

/// Removes a draft, if nobody else changed it since it was read.
///
/// # Errors
/// [`Error::Changed`] where somebody did.
pub async fn remove_draft(conn: &mut Conn, row: &DraftRow) -> Result<(), Error> {
    let gone = execute!(
        conn,
        "DELETE FROM rule_drafts WHERE id = $1 AND version = $2",
        row.id,
        row.version
    )?;
    if gone == 0 { Err(Error::Changed) } else { Ok(()) }
}
