//! What a final word or a progress update says on the wire: made once, when it is queued, and kept sealed with its delivery.

use crate::actions::Error;
use crate::actions::work::Work;
use crate::domain::ids::FileId;
use crate::domain::order::FinalStatus;
use crate::domain::result::{Attribute, OrderResult, ResultDraft, SubStatus};
use crate::domain::time::Timestamp;
use crate::kombo::wire::{self, ResultBody, ResultStatus};
use crate::store::links::{self, Purpose};
use crate::store::orders::OrderRow;
use crate::store::{files, results};
use serde::{Deserialize, Serialize};

/// The label under which a recruiter reads why an order was cancelled.
const REASON_LABEL: &str = "Reason";

/// The label of a result's summary.
const SUMMARY_LABEL: &str = "Summary";

/// A result as it is to be sent; its files are named and put in while it is being sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FinalBody {
    /// The body without attachments.
    pub body: ResultBody,
    /// The files to attach, in this order.
    pub files: Vec<FileId>,
}

impl FinalBody {
    /// Reads what [`build`] made.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Makes the final word of an order as it stands now, in the form that [`FinalBody::read`] reads.
///
/// # Errors
/// [`Error::Refused`] where there is no result, or what was entered cannot be released yet.
pub async fn build(work: &mut Work, order: &OrderRow, status: FinalStatus) -> Result<Vec<u8>, Error> {
    let report = report_link(work, order).await?;
    let (result, files) = match status {
        FinalStatus::Completed => (entered(work, order).await?, attached(work, order).await?),
        FinalStatus::Cancelled => {
            let reason = order.reason_text.as_deref().unwrap_or_default();
            if reason.trim().is_empty() {
                return Err(Error::refused(
                    "A cancellation needs a reason that the recruiter can read.",
                ));
            }
            (OrderResult::cancellation(reason), Vec::new())
        }
    };
    let body = wire_body(result, status, report, work.now);
    serde_json::to_vec(&FinalBody { body, files }).map_err(|_| Error::refused("The result cannot be written as JSON."))
}

/// Makes word of the order's progress: that it is open and where to look, nothing else.
pub async fn progress(work: &mut Work, order: &OrderRow) -> Result<Vec<u8>, Error> {
    let body = ResultBody {
        status: ResultStatus::Open,
        result_url: report_link(work, order).await?,
        completed_at: None,
        score: None,
        max_score: None,
        attributes: Vec::new(),
        attachments: Vec::new(),
        remote_fields: None,
    };
    let files = Vec::new();
    serde_json::to_vec(&FinalBody { body, files }).map_err(|_| Error::refused("The update cannot be written as JSON."))
}

/// The address of the order's report; its link is made when it is needed first.
pub async fn report_link(work: &mut Work, order: &OrderRow) -> Result<String, Error> {
    let vault = work.tools.vault.clone();
    let token = match links::current(&mut work.conn, order.id, Purpose::Report).await? {
        Some(link) => links::token(&mut work.conn, &vault, &link).await?,
        None => {
            let (id, customer, now) = (order.id, order.customer_id, work.now);
            links::create(&mut work.conn, &vault, Purpose::Report, id, customer, now).await?
        }
    };
    Ok(work.tools.config.link(&format!("/r/{token}")))
}

async fn entered(work: &mut Work, order: &OrderRow) -> Result<OrderResult, Error> {
    let row = results::find(&mut work.conn, order.id).await?;
    let row = row.ok_or_else(|| Error::refused("There is no result yet. Enter one first."))?;
    let vault = work.tools.vault.clone();
    let content = results::open(&mut work.conn, &vault, &row).await?;
    let draft: ResultDraft =
        serde_json::from_slice(&content).map_err(|_| Error::refused("The result that was kept cannot be read."))?;
    draft.check(work.now).map_err(|faults| {
        let first = faults.first().map_or("", |fault| fault.message.as_str());
        Error::refused(format!("The result is not ready to leave. {first}"))
    })
}

async fn attached(work: &mut Work, order: &OrderRow) -> Result<Vec<FileId>, Error> {
    let files = files::of_order(&mut work.conn, order.id).await?;
    Ok(files.into_iter().map(|file| file.id).collect())
}

fn wire_body(result: OrderResult, status: FinalStatus, report: String, now: Timestamp) -> ResultBody {
    let summary_label = match status {
        FinalStatus::Completed => SUMMARY_LABEL,
        FinalStatus::Cancelled => REASON_LABEL,
    };
    let summary = Some(result.summary)
        .filter(|text| !text.is_empty())
        .map(|value| wire::Attribute::Text {
            label: summary_label.to_owned(),
            value,
        });
    ResultBody {
        status: match status {
            FinalStatus::Completed => ResultStatus::Completed,
            FinalStatus::Cancelled => ResultStatus::Cancelled,
        },
        result_url: result.result_url.unwrap_or(report),
        completed_at: Some(result.completed_at.unwrap_or(now)),
        score: result.score.map(|score| score.to_f64()),
        max_score: result.max_score.map(|score| score.to_f64()),
        attributes: summary
            .into_iter()
            .chain(result.attributes.into_iter().map(wire_attribute))
            .collect(),
        attachments: Vec::new(),
        remote_fields: None,
    }
}

fn wire_attribute(attribute: Attribute) -> wire::Attribute {
    match attribute {
        Attribute::Text { label, value } => wire::Attribute::Text { label, value },
        Attribute::SubResult {
            id,
            label,
            score,
            max,
            status,
        } => wire::Attribute::SubResult {
            id,
            label,
            score: wire::SubScore {
                value: score.to_f64(),
                max: max.to_f64(),
            },
            status: match status {
                SubStatus::Completed => wire::SubResultStatus::Completed,
                SubStatus::Cancelled => wire::SubResultStatus::Cancelled,
            },
        },
    }
}
