//! The words of the invitation that people wrote: the house's own, and a customer's.

use crate::domain::ids::{CustomerId, InvitationTextId};
use crate::domain::language::Language;
use crate::domain::time::Timestamp;
use crate::store::{Conn, Error};

/// One text.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TextRow {
    /// Our id.
    pub id: InvitationTextId,
    /// Whose it is; `None`: the house's own.
    pub customer_id: Option<CustomerId>,
    /// In which language.
    pub language: Language,
    /// The subject, with placeholders.
    pub subject: String,
    /// The body, with placeholders.
    pub body: String,
    /// When it was saved last.
    pub updated_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
}

/// The text that a customer (the house: `None`) has in a language of its own.
pub async fn own(conn: &mut Conn, customer: Option<CustomerId>, language: Language) -> Result<Option<TextRow>, Error> {
    match customer {
        Some(customer) => fetch_optional!(
            conn,
            TextRow,
            "SELECT * FROM invitation_texts WHERE customer_id = $1 AND language = $2",
            customer,
            language
        ),
        None => fetch_optional!(
            conn,
            TextRow,
            "SELECT * FROM invitation_texts WHERE customer_id IS NULL AND language = $1",
            language
        ),
    }
}

/// The languages in which a customer (the house: `None`) has a text of its own.
pub async fn languages(conn: &mut Conn, customer: Option<CustomerId>) -> Result<Vec<Language>, Error> {
    let rows = match customer {
        Some(customer) => fetch_all!(
            conn,
            (Language,),
            "SELECT language FROM invitation_texts WHERE customer_id = $1",
            customer
        ),
        None => fetch_all!(
            conn,
            (Language,),
            "SELECT language FROM invitation_texts WHERE customer_id IS NULL"
        ),
    }?;
    Ok(rows.into_iter().map(|(language,)| language).collect())
}

/// Writes a new text.
///
/// # Errors
/// [`Error::Exists`] where there is one for this customer and language.
pub async fn insert(conn: &mut Conn, row: &TextRow) -> Result<(), Error> {
    execute!(
        conn,
        "INSERT INTO invitation_texts (id, customer_id, language, subject, body, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        row.id,
        row.customer_id,
        row.language,
        &row.subject,
        &row.body,
        row.updated_at,
        row.version
    )
    .map(drop)
}

/// Writes subject and body, if nobody else changed them since they were read.
///
/// # Errors
/// [`Error::Changed`] where somebody did.
pub async fn save(conn: &mut Conn, row: &mut TextRow) -> Result<(), Error> {
    let saved = execute!(
        conn,
        "UPDATE invitation_texts SET subject = $3, body = $4, updated_at = $5, version = version + 1
         WHERE id = $1 AND version = $2",
        row.id,
        row.version,
        &row.subject,
        &row.body,
        row.updated_at
    )?;
    if saved == 0 {
        return Err(Error::Changed);
    }
    row.version += 1;
    Ok(())
}

/// Removes a text, if nobody else changed it since it was read.
///
/// # Errors
/// [`Error::Changed`] where somebody did.
pub async fn remove(conn: &mut Conn, row: &TextRow) -> Result<(), Error> {
    let gone = execute!(
        conn,
        "DELETE FROM invitation_texts WHERE id = $1 AND version = $2",
        row.id,
        row.version
    )?;
    if gone == 0 { Err(Error::Changed) } else { Ok(()) }
}
