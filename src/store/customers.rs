//! Customers and their settings.

mod glances;

use crate::domain::hours::BusinessHours;
use crate::domain::ids::CustomerId;
use crate::domain::intake::{CustomerSettings, HoldElse, HoldSetting, TakeOrders, UnknownPackage, WithdrawnPackage};
use crate::domain::language::Language;
use crate::domain::text;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, Error};

#[cfg(test)]
pub(in crate::store) use glances::LIST;
pub use glances::{After, CustomerFilter, CustomerGlance, Health, list};

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CustomerRow {
    /// Our id.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// What Kombo echoes to say whose an integration is; unique.
    pub origin_id: String,
    /// Whom connection links are made for.
    pub contact_email: String,
    /// How its orders are taken in.
    pub take_orders: TakeOrders,
    /// What happens to orders for packages that were never offered.
    pub unknown_package: UnknownPackage,
    /// What the recruiter reads then; empty: the default text.
    pub unknown_message: String,
    /// What happens to orders for packages that are no longer offered.
    pub withdrawn_package: WithdrawnPackage,
    /// What the recruiter reads then; empty: the default text.
    pub withdrawn_message: String,
    /// Whether its candidates are invited from here.
    pub invite: bool,
    /// Hours from arrival within which a result is due (1 to 8,760): business hours where they are known.
    pub due_hours: i64,
    /// For how many seconds a webhook waits for a person; `None`: it does not.
    pub hold_seconds: Option<i64>,
    /// What happens when that time is up.
    pub hold_else: HoldElse,
    /// What the recruiter reads where that is a rejection; empty: the default text.
    pub hold_message: String,
    /// The language in which its recruiters and candidates are written to.
    pub language: Language,
    /// The zone of its people's clocks (`Europe/Oslo`).
    pub time_zone: String,
    /// When they are at work, as [`BusinessHours`] writes it; `None`: not known.
    pub business_hours: Option<String>,
    /// How many orders it has left; `None`: they are not counted. Orders change it without a new version.
    pub credits: Option<i64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Since when it is archived.
    pub archived_at: Option<Timestamp>,
    /// Rises with every change.
    pub version: i64,
}

impl CustomerRow {
    /// Takes over the settings for new orders.
    pub fn set(&mut self, settings: CustomerSettings) {
        self.take_orders = settings.take_orders;
        self.unknown_package = settings.unknown_package;
        self.unknown_message = settings.unknown_message;
        self.withdrawn_package = settings.withdrawn_package;
        self.withdrawn_message = settings.withdrawn_message;
        self.invite = settings.invite;
        self.language = settings.language;
        self.due_hours = settings.due_hours;
        self.hold_seconds = settings.hold.as_ref().map(|hold| hold.seconds);
        if let Some(hold) = settings.hold {
            self.hold_else = hold.otherwise;
            self.hold_message = hold.message;
        }
    }

    /// When its people are at work; `None`: not known.
    pub fn hours(&self) -> Option<BusinessHours> {
        BusinessHours::parse(self.business_hours.as_deref()?)
    }

    /// The settings for new orders.
    pub fn settings(&self) -> CustomerSettings {
        CustomerSettings {
            take_orders: self.take_orders,
            hold: self.hold_seconds.map(|seconds| HoldSetting {
                seconds,
                otherwise: self.hold_else,
                message: self.hold_message.clone(),
            }),
            unknown_package: self.unknown_package,
            unknown_message: self.unknown_message.clone(),
            withdrawn_package: self.withdrawn_package,
            withdrawn_message: self.withdrawn_message.clone(),
            invite: self.invite,
            language: self.language,
            due_hours: self.due_hours,
        }
    }
}

/// The customer, if the viewer may see it.
pub async fn find(conn: &mut Conn, viewer: &Viewer, id: CustomerId) -> Result<Option<CustomerRow>, Error> {
    fetch_optional!(
        conn,
        CustomerRow,
        "SELECT * FROM customers
         WHERE id = $1 AND ($2 OR id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $3))",
        id,
        viewer.sees_all(),
        viewer.staff_id()
    )
}

/// The customer that Kombo echoes as `origin_id`.
pub async fn find_by_origin(conn: &mut Conn, origin_id: &str) -> Result<Option<CustomerRow>, Error> {
    fetch_optional!(
        conn,
        CustomerRow,
        "SELECT * FROM customers WHERE origin_id = $1",
        origin_id
    )
}

/// The customer's settings for new orders.
pub async fn settings_of(conn: &mut Conn, id: CustomerId) -> Result<Option<CustomerSettings>, Error> {
    let row = find(conn, &Viewer::system(), id).await?;
    Ok(row.map(|row| row.settings()))
}

/// Writes a new customer.
///
/// # Errors
/// [`Error::Exists`] where another one has this `origin_id`.
pub async fn insert(conn: &mut Conn, row: &CustomerRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO customers (id, name, name_folded, origin_id, contact_email, take_orders, unknown_package,
            unknown_message, withdrawn_package, withdrawn_message, invite, due_hours, created_at, archived_at, version,
            hold_seconds, hold_else, hold_message, language, time_zone, business_hours, credits)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        row.id,
        &row.name,
        text::fold(&row.name),
        &row.origin_id,
        &row.contact_email,
        row.take_orders,
        row.unknown_package,
        &row.unknown_message,
        row.withdrawn_package,
        &row.withdrawn_message,
        row.invite,
        row.due_hours,
        row.created_at,
        row.archived_at,
        row.version,
        row.hold_seconds,
        row.hold_else,
        &row.hold_message,
        row.language,
        &row.time_zone,
        &row.business_hours,
        row.credits
    )
    .map(drop)
}

/// Writes everything about `row` that can change, but for the orders left (see [`set_credits`]).
///
/// # Errors
/// [`Error::Changed`] where somebody else changed it since it was read; [`Error::Exists`] where another customer has
/// this `origin_id`.
pub async fn save(conn: &mut Conn, row: &mut CustomerRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE customers SET name = $3, name_folded = $4, origin_id = $5, contact_email = $6, take_orders = $7,
            unknown_package = $8, unknown_message = $9, withdrawn_package = $10, withdrawn_message = $11, invite = $12,
            due_hours = $13, archived_at = $14, hold_seconds = $15, hold_else = $16, hold_message = $17, language = $18,
            time_zone = $19, business_hours = $20, version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        &row.name,
        text::fold(&row.name),
        &row.origin_id,
        &row.contact_email,
        row.take_orders,
        row.unknown_package,
        &row.unknown_message,
        row.withdrawn_package,
        &row.withdrawn_message,
        row.invite,
        row.due_hours,
        row.archived_at,
        row.hold_seconds,
        row.hold_else,
        &row.hold_message,
        row.language,
        &row.time_zone,
        &row.business_hours
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

/// How many orders the customer has left, held for this transaction, so that nobody else takes one meanwhile.
pub async fn hold_credits(conn: &mut Conn, id: CustomerId) -> Result<Option<i64>, Error> {
    let sql = conn.pick(
        "SELECT credits FROM customers WHERE id = $1",
        "SELECT credits FROM customers WHERE id = $1 FOR UPDATE",
    );
    Ok(scalar!(conn, Option<i64>, sql, id)?.flatten())
}

/// Takes `orders` off those that the customer has left, where they are counted; below none it never goes.
pub async fn take_credits(conn: &mut Conn, id: CustomerId, orders: i64) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE customers SET credits = CASE WHEN credits > $2 THEN credits - $2 ELSE 0 END
         WHERE id = $1 AND credits > 0",
        id,
        orders
    )
    .map(drop)
}

/// Sets how many orders the customer has left, to what a person said who saw `was`: what orders took meanwhile stays taken.
pub async fn set_credits(conn: &mut Conn, id: CustomerId, was: Option<i64>, to: Option<i64>) -> Result<(), Error> {
    let (Some(was), Some(to)) = (was, to) else {
        return execute!(conn, "UPDATE customers SET credits = $2 WHERE id = $1", id, to).map(drop);
    };
    execute!(
        conn,
        "UPDATE customers
         SET credits = CASE WHEN credits IS NULL THEN $3 WHEN credits + $2 < 0 THEN 0 ELSE credits + $2 END
         WHERE id = $1",
        id,
        to - was,
        to
    )
    .map(drop)
}

/// The customer's name.
pub async fn name_of(conn: &mut Conn, id: CustomerId) -> Result<Option<String>, Error> {
    scalar!(conn, String, "SELECT name FROM customers WHERE id = $1", id)
}

/// How many orders of the customer are not over.
pub async fn open_orders(conn: &mut Conn, id: CustomerId) -> Result<i64, Error> {
    let count = scalar!(
        conn,
        i64,
        "SELECT CAST(COALESCE(SUM(orders), 0) AS BIGINT) FROM order_counts
         WHERE customer_id = $1
           AND stage IN ('received', 'accepted', 'invited', 'started', 'in_review', 'closing')",
        id
    )?;
    Ok(count.unwrap_or_default())
}

/// Id and name of every customer that is not archived, by name: for choosing one.
pub async fn names(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<(CustomerId, String)>, Error> {
    fetch_all!(
        conn,
        (CustomerId, String),
        "SELECT id, name FROM customers
         WHERE archived_at IS NULL
           AND ($1 OR id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
         ORDER BY name_folded, id",
        viewer.sees_all(),
        viewer.staff_id()
    )
}
