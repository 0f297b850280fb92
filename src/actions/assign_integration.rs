//! An integration that belongs to nobody finds its customer: by `origin_id`, or by a person's word.

use super::work::{Subject, Work};
use super::{Error, reword_offers};
use crate::domain::ids::{CustomerId, IntegrationId};
use crate::live::Kind;
use crate::store;
use crate::store::candidates;
use crate::store::customers::{self, CustomerRow};
use crate::store::integrations::{self, IntegrationRow};
use serde_json::json;

/// A person gives an unassigned integration to a customer.
///
/// # Errors
/// [`Error::Refused`] where it has a customer already.
pub async fn assign(work: &mut Work, id: IntegrationId, customer: CustomerId) -> Result<IntegrationRow, Error> {
    let viewer = work.viewer;
    let mut row = integrations::find(&mut work.conn, &viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    if row.customer_id.is_some() {
        let why = "This integration has been assigned already.";
        return Err(Error::Refused(why.into()));
    }
    let customer = customers::find(&mut work.conn, &viewer, customer)
        .await?
        .ok_or_else(|| Error::field("customer", "Please choose a customer."))?;
    join(work, &mut row, &customer, "person").await?;
    Ok(row)
}

/// Joins everything that waits under the customer's `origin_id`.
pub(super) async fn join_waiting(work: &mut Work, customer: &CustomerRow) -> Result<(), store::Error> {
    let waiting = integrations::unassigned_with_origin(&mut work.conn, &customer.origin_id).await?;
    for mut row in waiting {
        join(work, &mut row, customer, "origin_id").await?;
    }
    Ok(())
}

/// Joins an integration, and all that came through it, to a customer; `how`: `origin_id` or `person`.
pub(super) async fn join(
    work: &mut Work,
    row: &mut IntegrationRow,
    customer: &CustomerRow,
    how: &'static str,
) -> Result<(), store::Error> {
    row.customer_id = Some(customer.id);
    row.lookup_failed = None;
    integrations::save(&mut work.conn, row).await?;
    integrations::assign_rows(&mut work.conn, row, customer.id).await?;
    let words = format!("{} {}", customer.name, candidates::customer_word(customer.id));
    candidates::add_words(&mut work.conn, row.id, &words).await?;
    reword_offers::reword(work, customer.id, &[row.id], [customer.language; 2]).await?;
    let subject = Subject::new("integration", row.id.0, Some(customer.id));
    let detail = json!({"integration": row.kombo_id, "customer": customer.name, "by": how});
    work.audit("integration.assigned", subject, detail).await?;
    work.hint(Kind::Integration, row.id.0, Some(customer.id));
    work.hint(Kind::Customer, customer.id.0, Some(customer.id));
    Ok(())
}
