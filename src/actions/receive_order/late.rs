//! What is decided about an order that is here already and whose webhook never came.

use super::facts::decided;
use super::ruling::{Asked, Ruled, Ruling};
use crate::actions::Error;
use crate::actions::work::Work;
use crate::domain::intake::Verdict;
use crate::domain::rules::Told;
use crate::domain::viewer::Viewer;
use crate::store::customers::{self, CustomerRow};
use crate::store::orders::OrderRow;
use crate::store::publications::{self, Standing};
use crate::store::{candidates, integrations};

/// What rules, or the settings, decide about the order without asking anybody, and which rule it was.
pub(super) async fn decided_late(work: &mut Work, order: &OrderRow) -> Result<(Verdict, Option<Ruled>), Error> {
    let standing = publications::standing(&mut work.conn, order.integration_id, &order.package_key).await?;
    let customer = match order.customer_id {
        Some(id) => customers::find(&mut work.conn, &Viewer::system(), id).await?,
        None => None,
    };
    let ruled = match &customer {
        Some(customer) => rule(work, order, customer, &standing).await?,
        None => None,
    };
    let settings = customer.as_ref().map(CustomerRow::settings);
    let (verdict, _) = decided(ruled.as_ref(), settings.as_ref(), &standing, order.inline);
    Ok((verdict, ruled))
}

async fn rule(
    work: &mut Work,
    order: &OrderRow,
    customer: &CustomerRow,
    standing: &Standing,
) -> Result<Option<Ruled>, Error> {
    let integration = integrations::find(&mut work.conn, &Viewer::system(), order.integration_id).await?;
    let tool = integration.map(|row| row.tool).unwrap_or_default();
    let Some(candidate) = candidates::find(&mut work.conn, order.id).await? else {
        return Ok(None);
    };
    let vault = work.tools.vault.clone();
    let description = candidates::find_description(&mut work.conn, &vault, order.id).await?;
    let told = Told {
        package: &order.package_key,
        kind: standing.kind,
        tool: &tool,
        country: order.job_country.as_deref(),
        region: order.job_region.as_deref(),
        line: order.job_location.as_deref(),
        job_code: order.job_code.as_deref(),
        job_name: order.job_name.as_deref(),
        description: description.as_deref(),
        first_name: candidate.first_name.as_deref(),
        last_name: candidate.last_name.as_deref(),
        email: &candidate.email,
        phone: candidate.phone.as_deref(),
    };
    let asked = Asked {
        customer,
        told,
        standing,
        inline: order.inline,
        order: Some((order.id, order.received_at)),
    };
    Ruling::default().ask(work, &asked).await
}
