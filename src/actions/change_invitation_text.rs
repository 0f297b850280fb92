//! The invitation's words change: the house's own, or a customer's.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::ids::CustomerId;
use crate::domain::invitation::Words;
use crate::domain::language::Language;
use crate::live::Kind;
use crate::store;
use crate::store::customers;
use crate::store::invitation_texts::{self, TextRow};
use serde_json::json;

/// Whose words, in which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The customer; `None`: the house.
    pub customer: Option<CustomerId>,
    /// The language.
    pub language: Language,
}

/// Writes words of one's own. `version` is that of the text which was seen; 0: there was none.
///
/// # Errors
/// [`Error::Fields`] (`subject`, `body`) where they make no invitation, [`store::Error::Changed`] where somebody else was
/// first.
pub async fn change(work: &mut Work, place: Place, version: i64, words: &Words) -> Result<TextRow, Error> {
    let words = words.trimmed();
    let faults = words.faults();
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let before = seen(work, place, version).await?;
    let fields = |row: Option<&TextRow>| {
        let pairs = [
            ("subject", row.is_none_or(|row| row.subject != words.subject)),
            ("body", row.is_none_or(|row| row.body != words.body)),
        ];
        let changed = pairs.into_iter().filter(|(_, changed)| *changed);
        changed.map(|(field, _)| field).collect::<Vec<_>>()
    };
    let changed = fields(before.as_ref());
    let row = if let Some(mut row) = before {
        if changed.is_empty() {
            return Ok(row);
        }
        row.subject = words.subject;
        row.body = words.body;
        row.updated_at = work.now;
        invitation_texts::save(&mut work.conn, &mut row).await?;
        row
    } else {
        let row = TextRow {
            id: work.new_id(),
            customer_id: place.customer,
            language: place.language,
            subject: words.subject,
            body: words.body,
            updated_at: work.now,
            version: 1,
        };
        let inserted = invitation_texts::insert(&mut work.conn, &row).await;
        inserted.map_err(|error| match error {
            // Somebody else wrote the first one in the same moment.
            store::Error::Exists => store::Error::Changed,
            other => other,
        })?;
        row
    };
    tell(work, &row, "invitation.text_changed", &changed).await?;
    Ok(row)
}

/// Removes words of one's own, so that the default ones count again.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else was first.
pub async fn restore_default(work: &mut Work, place: Place, version: i64) -> Result<(), Error> {
    if let Some(row) = seen(work, place, version).await? {
        invitation_texts::remove(&mut work.conn, &row).await?;
        tell(work, &row, "invitation.default_restored", &[]).await?;
    }
    Ok(())
}

async fn seen(work: &mut Work, place: Place, version: i64) -> Result<Option<TextRow>, Error> {
    if let Some(customer) = place.customer {
        let viewer = work.viewer;
        let customer = customers::find(&mut work.conn, &viewer, customer).await?;
        customer.ok_or(Error::NotFound)?;
    }
    let row = invitation_texts::own(&mut work.conn, place.customer, place.language).await?;
    if row.as_ref().map_or(0, |row| row.version) != version {
        return Err(store::Error::Changed.into());
    }
    Ok(row)
}

async fn tell(work: &mut Work, row: &TextRow, action: &'static str, fields: &[&str]) -> Result<(), store::Error> {
    let subject = Subject::new("invitation", row.id.0, row.customer_id);
    let language = row.language.label();
    work.audit(
        action,
        subject,
        json!({ "language": language, "changed": fields.join(", ") }),
    )
    .await?;
    if let Some(customer) = row.customer_id {
        work.hint(Kind::Customer, customer.0, Some(customer));
    }
    Ok(())
}
