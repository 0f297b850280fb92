//! Offers are shown in another language from now on: their integration came to a customer, or the customer's language changed.

use super::publish_offer;
use super::work::Work;
use crate::domain::ids::{CustomerId, IntegrationId};
use crate::domain::language::Language;
use crate::live::Kind;
use crate::store;
use crate::store::package_texts;

/// Marks those of the customer's integrations that differ now from what is published. Where packages have words in the
/// language that was, or in the one that is, drafts get another version: nobody publishes what they have not seen.
pub(super) async fn reword(
    work: &mut Work,
    customer: CustomerId,
    integrations: &[IntegrationId],
    was_and_is: [Language; 2],
) -> Result<(), store::Error> {
    let reworded = package_texts::advance_drafts(&mut work.conn, integrations, was_and_is).await?;
    for id in reworded {
        publish_offer::mark(work, id).await?;
        work.hint(Kind::Integration, id.0, Some(customer));
    }
    Ok(())
}
