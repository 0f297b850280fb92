//! What the house knows of a customer beside its settings.

use crate::domain::customer_card::Contact;
use crate::domain::ids::{CustomerId, StaffId};
use crate::domain::labels;
use crate::store::{Conn, Error};

/// A customer's card.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CardRow {
    /// The customer.
    pub customer_id: CustomerId,
    /// Who looks after it.
    pub owner: Option<StaffId>,
    /// People there, as JSON; see [`CardRow::people`].
    pub contacts: String,
    /// Tags, one a line; see [`crate::domain::labels`].
    pub tags: String,
    /// How to work on its orders.
    pub instructions: String,
    /// Anything else.
    pub notes: String,
    /// Rises with every change; 0: nothing was written yet.
    pub version: i64,
}

impl CardRow {
    /// An empty one.
    pub fn blank(customer: CustomerId) -> Self {
        Self {
            customer_id: customer,
            owner: None,
            contacts: "[]".to_owned(),
            tags: String::new(),
            instructions: String::new(),
            notes: String::new(),
            version: 0,
        }
    }

    /// People at the customer.
    pub fn people(&self) -> Vec<Contact> {
        serde_json::from_str(&self.contacts).unwrap_or_default()
    }
}

/// The card of a customer that the viewer was already found to see; a blank one where nothing was written yet.
pub async fn find(conn: &mut Conn, customer: CustomerId) -> Result<CardRow, Error> {
    let found = fetch_optional!(
        conn,
        CardRow,
        "SELECT customer_id, owner, contacts, tags, instructions, notes, version
         FROM customer_cards WHERE customer_id = $1",
        customer
    )?;
    Ok(found.unwrap_or_else(|| CardRow::blank(customer)))
}

/// How to work on a customer's orders; `None`: nothing special.
pub async fn instructions(conn: &mut Conn, customer: CustomerId) -> Result<Option<String>, Error> {
    scalar!(
        conn,
        String,
        "SELECT instructions FROM customer_cards WHERE customer_id = $1 AND instructions <> ''",
        customer
    )
}

/// Writes a card that was read at `row.version`.
///
/// # Errors
/// [`Error::Changed`] where somebody else changed it since.
pub async fn save(conn: &mut Conn, row: &mut CardRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "INSERT INTO customer_cards (customer_id, owner, contacts, tags, tags_folded, instructions, notes, version)
         SELECT $1, $2, $3, $4, $5, $6, $7, 1
         WHERE $8 = 0 OR EXISTS (SELECT 1 FROM customer_cards WHERE customer_id = $1)
         ON CONFLICT (customer_id) DO UPDATE SET owner = excluded.owner, contacts = excluded.contacts, tags = excluded.tags,
            tags_folded = excluded.tags_folded, instructions = excluded.instructions, notes = excluded.notes,
            version = customer_cards.version + 1
         WHERE customer_cards.version = $8",
        row.customer_id,
        row.owner,
        &row.contacts,
        &row.tags,
        labels::folded(&row.tags),
        &row.instructions,
        &row.notes,
        row.version
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}
