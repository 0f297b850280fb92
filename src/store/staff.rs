//! The people who sign in, and their one-time links.

use crate::domain::ids::{CustomerId, StaffId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewStaff<'a> {
    /// Their id.
    pub id: StaffId,
    /// Their e-mail, as it was typed.
    pub email: &'a str,
    /// Their e-mail, folded: unique.
    pub email_folded: &'a str,
    /// Their name.
    pub name: &'a str,
    /// Their role.
    pub role: Role,
    /// Whether they see every customer.
    pub all_customers: bool,
    /// Their time zone.
    pub time_zone: &'a str,
    /// When they were added.
    pub created_at: Timestamp,
}

/// A person as the staff list and the account page show them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Member {
    /// Their id.
    pub id: StaffId,
    /// Their e-mail.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Whether they see every customer.
    pub all_customers: bool,
    /// Whether they have set a password yet.
    pub has_password: bool,
    /// Their time zone.
    pub time_zone: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// When they were added.
    pub created_at: Timestamp,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// When they were last here, to the minute.
    pub seen_at: Option<Timestamp>,
    /// Rises with every change.
    pub version: i64,
}

/// What a person sets for themselves.
#[derive(Clone, Copy, Debug)]
pub struct OwnSettings<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their time zone.
    pub time_zone: &'a str,
    /// `auto`, `light` or `dark`.
    pub theme: &'a str,
    /// Whether single letters are keys.
    pub single_keys: bool,
}

/// What signing in needs to know.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Credentials {
    /// Whose they are.
    pub id: StaffId,
    /// The password's hash, unless none was set yet.
    pub password_hash: Option<String>,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
}

/// A one-time link that still opens.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Link {
    /// Whose password it sets.
    pub staff_id: StaffId,
    /// Their name.
    pub name: String,
    /// Their e-mail.
    pub email: String,
    /// `welcome` or `reset`.
    pub purpose: String,
    /// Until when it opens.
    pub expires_at: Timestamp,
}

/// A customer that a staff member may see.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Limit {
    /// Who.
    pub staff_id: StaffId,
    /// Which customer.
    pub customer_id: CustomerId,
    /// Its name.
    pub name: String,
}

/// Adds a person; [`Error::Exists`] where the e-mail is taken.
pub async fn insert(conn: &mut Conn, new: &NewStaff<'_>) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO staff (id, email, email_folded, name, role, all_customers, time_zone, theme, created_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'auto', $8, 1)",
        new.id,
        new.email,
        new.email_folded,
        new.name,
        new.role.as_str(),
        new.all_customers,
        new.time_zone,
        new.created_at
    )
    .map(drop)
}

/// Everybody, by name; those who may not sign in come last.
pub async fn list(conn: &mut Conn) -> Result<Vec<Member>, Error> {
    fetch_all!(
        conn,
        Member,
        "SELECT id, email, name, role, all_customers, password_hash IS NOT NULL AS has_password, time_zone, theme,
                created_at, disabled_at, seen_at, version
         FROM staff ORDER BY disabled_at IS NOT NULL, name, id"
    )
}

/// One person.
pub async fn find(conn: &mut Conn, id: StaffId) -> Result<Option<Member>, Error> {
    fetch_optional!(
        conn,
        Member,
        "SELECT id, email, name, role, all_customers, password_hash IS NOT NULL AS has_password, time_zone, theme,
                created_at, disabled_at, seen_at, version
         FROM staff WHERE id = $1",
        id
    )
}

/// The person with this folded e-mail.
pub async fn find_by_email(conn: &mut Conn, email_folded: &str) -> Result<Option<StaffId>, Error> {
    scalar!(
        conn,
        StaffId,
        "SELECT id FROM staff WHERE email_folded = $1",
        email_folded
    )
}

/// What signing in with this folded e-mail needs to know.
pub async fn credentials(conn: &mut Conn, email_folded: &str) -> Result<Option<Credentials>, Error> {
    fetch_optional!(
        conn,
        Credentials,
        "SELECT id, password_hash, disabled_at FROM staff WHERE email_folded = $1",
        email_folded
    )
}

/// The hash of this person's password.
pub async fn password_hash(conn: &mut Conn, id: StaffId) -> Result<Option<String>, Error> {
    let hash = scalar!(
        conn,
        Option<String>,
        "SELECT password_hash FROM staff WHERE id = $1",
        id
    )?;
    Ok(hash.flatten())
}

/// Changes name, role and reach; [`Error::Changed`] where somebody was faster.
pub async fn update(
    conn: &mut Conn,
    id: StaffId,
    version: i64,
    name: &str,
    role: Role,
    all_customers: bool,
) -> Result<(), Error> {
    let rows = execute!(
        conn,
        "UPDATE staff SET name = $3, role = $4, all_customers = $5, version = version + 1
         WHERE id = $1 AND version = $2",
        id,
        version,
        name,
        role.as_str(),
        all_customers
    )?;
    changed(rows)
}

/// Changes what a person sets for themselves.
pub async fn update_own(conn: &mut Conn, id: StaffId, own: &OwnSettings<'_>) -> Result<(), Error> {
    let rows = execute!(
        conn,
        "UPDATE staff SET name = $2, time_zone = $3, theme = $4, single_keys = $5, version = version + 1 WHERE id = $1",
        id,
        own.name,
        own.time_zone,
        own.theme,
        own.single_keys
    )?;
    changed(rows)
}

/// Lets a person sign in no longer (a moment), or again (`None`).
pub async fn set_disabled(conn: &mut Conn, id: StaffId, version: i64, at: Option<Timestamp>) -> Result<(), Error> {
    let rows = execute!(
        conn,
        "UPDATE staff SET disabled_at = $3, version = version + 1 WHERE id = $1 AND version = $2",
        id,
        version,
        at
    )?;
    changed(rows)
}

/// Keeps the hash of a password.
pub async fn set_password(conn: &mut Conn, id: StaffId, hash: &str) -> Result<(), Error> {
    let rows = execute!(conn, "UPDATE staff SET password_hash = $2 WHERE id = $1", id, hash)?;
    changed(rows)
}

/// How many administrators can sign in, or could once they have set a password, beside this person.
pub async fn other_admins(conn: &mut Conn, id: StaffId) -> Result<i64, Error> {
    // PostgreSQL: two transactions must not each take the other's administrator for the one who stays.
    let sql = conn.pick(
        "SELECT id FROM staff WHERE role = 'admin' AND disabled_at IS NULL",
        "SELECT id FROM staff WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id FOR UPDATE",
    );
    let admins = fetch_all!(conn, (StaffId,), sql)?;
    let others = admins.iter().filter(|(admin,)| *admin != id).count();
    Ok(i64::try_from(others).unwrap_or(i64::MAX))
}

/// Which customers each limited person may see.
pub async fn limits(conn: &mut Conn) -> Result<Vec<Limit>, Error> {
    fetch_all!(
        conn,
        Limit,
        "SELECT l.staff_id, l.customer_id, c.name FROM staff_customers l JOIN customers c ON c.id = l.customer_id
         ORDER BY c.name_folded, c.id"
    )
}

/// Which customers this limited person may see.
pub async fn customers_of(conn: &mut Conn, id: StaffId) -> Result<Vec<CustomerId>, Error> {
    let rows = fetch_all!(
        conn,
        (CustomerId,),
        "SELECT customer_id FROM staff_customers WHERE staff_id = $1",
        id
    )?;
    Ok(rows.into_iter().map(|(customer,)| customer).collect())
}

/// Whether a limited person may see this customer.
pub async fn sees(conn: &mut Conn, id: StaffId, customer: CustomerId) -> Result<bool, Error> {
    let seen = scalar!(
        conn,
        CustomerId,
        "SELECT customer_id FROM staff_customers WHERE staff_id = $1 AND customer_id = $2",
        id,
        customer
    )?;
    Ok(seen.is_some())
}

/// Lets a person see exactly these customers, where they do not see all of them.
pub async fn set_limits(conn: &mut Conn, id: StaffId, customers: &[CustomerId]) -> Result<(), Error> {
    execute!(conn, "DELETE FROM staff_customers WHERE staff_id = $1", id)?;
    for customer in customers {
        execute!(
            conn,
            "INSERT INTO staff_customers (staff_id, customer_id)
             SELECT $1, id FROM customers WHERE id = $2 ON CONFLICT DO NOTHING",
            id,
            customer
        )?;
    }
    Ok(())
}

/// Keeps the digest of a new one-time link, and makes earlier ones of the same person useless.
pub async fn replace_link(
    conn: &mut Conn,
    digest: &[u8],
    staff: StaffId,
    purpose: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Error> {
    execute!(conn, "DELETE FROM staff_links WHERE staff_id = $1", staff)?;
    execute!(
        conn,
        "INSERT INTO staff_links (digest, staff_id, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        digest,
        staff,
        purpose,
        now,
        expires_at
    )
    .map(drop)
}

/// The link with this digest, unless it was used, has ended, or its person may not sign in.
pub async fn find_link(conn: &mut Conn, digest: &[u8], now: Timestamp) -> Result<Option<Link>, Error> {
    fetch_optional!(
        conn,
        Link,
        "SELECT l.staff_id, s.name, s.email, l.purpose, l.expires_at
         FROM staff_links l JOIN staff s ON s.id = l.staff_id
         WHERE l.digest = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND s.disabled_at IS NULL",
        digest,
        now
    )
}

/// Uses the link up; [`Error::Changed`] where that happened before.
pub async fn use_link(conn: &mut Conn, digest: &[u8], now: Timestamp) -> Result<(), Error> {
    let rows = execute!(
        conn,
        "UPDATE staff_links SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND expires_at > $2",
        digest,
        now
    )?;
    changed(rows)
}

/// Makes every link of this person useless.
pub async fn remove_links(conn: &mut Conn, staff: StaffId) -> Result<(), Error> {
    execute!(conn, "DELETE FROM staff_links WHERE staff_id = $1", staff).map(drop)
}

/// Removes links that have ended.
pub async fn sweep_links(conn: &mut Conn, now: Timestamp) -> Result<u64, Error> {
    execute!(conn, "DELETE FROM staff_links WHERE expires_at <= $1", now)
}

fn changed(rows: u64) -> Result<(), Error> {
    if rows == 0 { Err(Error::Changed) } else { Ok(()) }
}
