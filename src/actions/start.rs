//! The candidate's way in: what a start link leads to as things stand, and 'Start' itself.

use super::Error;
use super::order_steps::{self, Said};
use super::work::Work;
use crate::domain::language::Language;
use crate::domain::order::{Event, FinalStatus, Stage};
use crate::domain::start_address::{self, Facts};
use crate::domain::viewer::Viewer;
use crate::store::candidates::{self, Candidate};
use crate::store::customers::{self, CustomerRow};
use crate::store::links::{self, LinkRow, Purpose};
use crate::store::orders::{self, OrderRow};
use crate::store::packages::{self, PackageRow};
use crate::store::{self, Conn, integrations};
use url::Url;

/// What stands behind a start link.
#[derive(Debug)]
pub struct Behind {
    /// The order.
    pub order: OrderRow,
    /// Whose it is, where that is known.
    pub customer: Option<CustomerRow>,
    /// What that organisation is called.
    pub organisation: String,
    /// The candidate, unless erased.
    pub candidate: Option<Candidate>,
    /// The package, where we know it.
    pub package: Option<PackageRow>,
    /// How it stands.
    pub door: Door,
}

/// How it stands with a start link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// The candidate can start, or go on.
    Open {
        /// Where the assessment is.
        address: Url,
        /// They have started before.
        started: bool,
    },
    /// There is no address to start at: the provider gets in touch.
    NoAddress,
    /// Nobody has taken the order in yet.
    NotYet,
    /// Work on the order rests.
    Paused,
    /// The candidate has done their part.
    Finished,
    /// The order was ended.
    Ended,
    /// A member of staff turned the link off.
    Revoked,
}

impl Behind {
    /// The language in which the candidate is spoken to.
    pub fn language(&self) -> Language {
        language(self.customer.as_ref())
    }
}

fn language(customer: Option<&CustomerRow>) -> Language {
    customer.map_or(Language::En, |customer| customer.language)
}

/// What the link with this token leads to; `None` where there never was such a link.
///
/// # Errors
/// What the store tells.
pub async fn look(conn: &mut Conn, token: &str) -> Result<Option<Behind>, store::Error> {
    let viewer = Viewer::system();
    let Some(link) = links::find(conn, Purpose::Start, token).await? else {
        return Ok(None);
    };
    let Some(order) = orders::find(conn, &viewer, link.order_id).await? else {
        return Ok(None);
    };
    let customer = match order.customer_id {
        Some(id) => customers::find(conn, &viewer, id).await?,
        None => None,
    };
    let organisation = match &customer {
        Some(customer) => customer.name.clone(),
        None => integrations::find(conn, &viewer, order.integration_id)
            .await?
            .map_or_else(String::new, |integration| integration.organization_name),
    };
    let candidate = candidates::find(conn, order.id).await?;
    let package = match order.package_id {
        Some(id) => packages::find(conn, id).await?,
        None => None,
    };
    let address = package.as_ref().and_then(|package| {
        start_address::fill(
            &package.start_url,
            &facts(&order, customer.as_ref(), candidate.as_ref()),
        )
    });
    Ok(Some(Behind {
        door: door(&link, &order, address),
        order,
        customer,
        organisation,
        candidate,
        package,
    }))
}

/// The candidate presses 'Start'. Pressed again, or where there is nothing to start, nothing changes.
///
/// # Errors
/// [`store::Error::Changed`] where the order changed in the same moment: to be done again from the beginning.
pub async fn press(work: &mut Work, token: &str) -> Result<Option<Behind>, Error> {
    let Some(mut behind) = look(&mut work.conn, token).await? else {
        return Ok(None);
    };
    if let Door::Open { started, .. } = &mut behind.door
        && !*started
    {
        order_steps::apply(work, &mut behind.order, &Event::CandidateStarted, Said::default()).await?;
        *started = true;
    }
    Ok(Some(behind))
}

fn door(link: &LinkRow, order: &OrderRow, address: Option<Url>) -> Door {
    // An order's end turns its link off in the same moment; before that, a person did.
    let by_hand = |revoked| order.closed_at.is_none_or(|closed| revoked < closed);
    if link.revoked_at.is_some_and(by_hand) {
        return Door::Revoked;
    }
    match order.stage {
        Stage::Completed | Stage::InReview => Door::Finished,
        Stage::Closing if order.final_status == Some(FinalStatus::Completed) => Door::Finished,
        Stage::Closing | Stage::Cancelled | Stage::Rejected => Door::Ended,
        Stage::Received => Door::NotYet,
        _ if order.paused_at.is_some() => Door::Paused,
        Stage::Accepted | Stage::Invited | Stage::Started => match address {
            Some(address) => Door::Open {
                address,
                started: order.stage == Stage::Started,
            },
            None => Door::NoAddress,
        },
    }
}

/// What an order's start address can be made of.
fn facts(order: &OrderRow, customer: Option<&CustomerRow>, candidate: Option<&Candidate>) -> Facts {
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    Facts {
        order: order.id.to_string(),
        package: order.package_key.clone(),
        customer: text(customer.map(|customer| &customer.origin_id)),
        job: text(order.job_code.as_ref().or(order.job_remote_id.as_ref())),
        language: language(customer).as_str().to_owned(),
        first_name: text(candidate.and_then(|candidate| candidate.first_name.as_ref())),
        last_name: text(candidate.and_then(|candidate| candidate.last_name.as_ref())),
        email: text(candidate.map(|candidate| &candidate.email)),
    }
}
