//! Kombo tells of an integration: it came, it went, it fares differently, or it was looked up.

use super::Error;
use super::assign_integration::join;
use super::connection_link;
use super::order_steps::{self, Said};
use super::wake_integration;
use super::work::{Subject, Work};
use crate::domain::ids::{CustomerId, IntegrationId};
use crate::domain::integration::{IntegrationState, QaStatus, SetupStatus, news_is_newer};
use crate::domain::order;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Actor;
use crate::kombo::wire::{self, Category, EndUser, Event};
use crate::live::Kind;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::{self, customers, deliveries};
use serde_json::{Value, json};
use std::time::Duration;

/// How many orders of a deleted integration are flagged in one transaction.
const FLAGGED_AT_ONCE: i64 = 50;

/// By how much Kombo's clock and ours may differ before a look-up is taken as newer than Kombo's own news.
const CLOCKS_DIFFER: Duration = Duration::from_mins(1);

/// What became of the news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Whether it was taken in.
    pub acted: bool,
    /// Why it was not, in plain words.
    pub why: Option<String>,
    /// The integration that it concerns, where it is one of ours.
    pub integration_id: Option<IntegrationId>,
    /// Whose that is.
    pub customer_id: Option<CustomerId>,
}

impl Heard {
    fn of(row: &IntegrationRow) -> Self {
        Self {
            acted: true,
            why: None,
            integration_id: Some(row.id),
            customer_id: row.customer_id,
        }
    }

    fn ignored(row: Option<&IntegrationRow>, why: &str) -> Self {
        Self {
            acted: false,
            why: Some(why.to_owned()),
            integration_id: row.map(|row| row.id),
            customer_id: row.and_then(|row| row.customer_id),
        }
    }
}

/// What Kombo said about how an integration fares.
#[derive(Clone, Debug, Default)]
struct Condition {
    state: Option<IntegrationState>,
    qa: Option<QaStatus>,
    setup: Option<SetupStatus>,
}

/// Takes in an event about an integration; any other event is ignored.
pub async fn hear(work: &mut Work, event: &Event) -> Result<Heard, Error> {
    match event {
        Event::IntegrationCreated(news) => {
            if news.category != Category::Assessment {
                return Ok(other_area());
            }
            let mut row = known(work, &news.id, &news.tool).await?;
            settle(work, &mut row, &news.end_user, Value::Null).await
        }
        Event::IntegrationStateChanged(news) => {
            if news.integration_category != Category::Assessment {
                return Ok(other_area());
            }
            state_changed(work, news).await
        }
        Event::IntegrationDeleted(news) => {
            if news.category != Category::Assessment {
                return Ok(other_area());
            }
            deleted(work, news).await
        }
        _ => Ok(Heard::ignored(None, "It tells nothing of an integration.")),
    }
}

/// Takes in what Kombo answered to `GET /integrations/{id}`, asked at `began`; or why the look-up led to nothing.
pub async fn looked_up(
    work: &mut Work,
    id: IntegrationId,
    began: Timestamp,
    answer: Result<&wire::IntegrationDetails, String>,
) -> Result<Heard, Error> {
    let viewer = work.viewer;
    let mut row = integrations::find(&mut work.conn, &viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    row.looked_up_at = Some(began);
    let details = match answer {
        Ok(details) if details.category == Category::Assessment => details,
        Ok(details) => {
            let why = format!(
                "Kombo says that it is no assessment integration, but {}.",
                details.category
            );
            return failed(work, row, why).await;
        }
        Err(why) => return failed(work, row, why).await,
    };
    row.lookup_failed = None;
    row.tool.clone_from(&details.tool.id);
    let condition = Condition {
        state: IntegrationState::parse(details.status.as_str()),
        qa: None,
        setup: parsed(
            details.setup_status.as_ref().map(wire::SetupStatus::as_str),
            SetupStatus::parse,
        ),
    };
    let seen_at = began.minus(CLOCKS_DIFFER);
    let mut detail = Value::Null;
    if news_is_newer(row.news_at, seen_at) {
        detail = take_condition(&mut row, &condition, seen_at);
    }
    let end_user = &details.end_user;
    let heard = settle(work, &mut row, end_user, detail).await?;
    if heard.customer_id.is_none() {
        let why = match end_user.origin_id.as_deref().filter(|origin| !origin.is_empty()) {
            Some(origin) => format!("Kombo knows it under the id '{origin}', which no customer here has."),
            None => "It was connected without an id of ours, so Kombo can't say whose it is.".to_owned(),
        };
        let mut row = known(work, &row.kombo_id, &row.tool).await?;
        row.lookup_failed = Some(why);
        integrations::save(&mut work.conn, &mut row).await?;
    }
    Ok(heard)
}

/// Flags orders of deleted integrations as unreachable, a batch at a time; says whether more may be left.
pub async fn flag_unreachable(work: &mut Work) -> Result<bool, Error> {
    let orders = integrations::orders_left_behind(&mut work.conn, FLAGGED_AT_ONCE).await?;
    let full = i64::try_from(orders.len()).unwrap_or(i64::MAX) == FLAGGED_AT_ONCE;
    for mut order in orders {
        order_steps::apply(work, &mut order, &order::Event::IntegrationDeleted, Said::default()).await?;
    }
    Ok(full)
}

async fn state_changed(work: &mut Work, news: &wire::IntegrationStateChanged) -> Result<Heard, Error> {
    let mut row = known(work, &news.integration_id, &news.integration_tool).await?;
    let at = news.updated_at.unwrap_or(work.now);
    if !news_is_newer(row.news_at, at) {
        return Ok(Heard::ignored(
            Some(&row),
            "Newer news about this integration came before.",
        ));
    }
    let condition = Condition {
        state: IntegrationState::parse(news.state.as_str()),
        qa: parsed(news.qa_status.as_ref().map(wire::QaStatus::as_str), QaStatus::parse),
        setup: parsed(
            news.setup_status.as_ref().map(wire::SetupStatus::as_str),
            SetupStatus::parse,
        ),
    };
    let detail = take_condition(&mut row, &condition, at);
    settle(work, &mut row, &news.end_user, detail).await
}

async fn deleted(work: &mut Work, news: &wire::IntegrationDeleted) -> Result<Heard, Error> {
    let mut row = known(work, &news.id, &news.tool).await?;
    let first = row.deleted_at.is_none();
    let at = news.deleted_at.unwrap_or(work.now);
    row.deleted_at = row.deleted_at.or(Some(at));
    row.news_at = row.news_at.max(at);
    let heard = settle(work, &mut row, &news.end_user, Value::Null).await?;
    if first {
        let why = "The integration was deleted at Kombo.";
        deliveries::park_integration(&mut work.conn, row.id, why).await?;
        tell(work, "integration.deleted", &row, json!({"integration": row.kombo_id})).await?;
        flag_unreachable(work).await?;
    }
    Ok(heard)
}

/// The row of Kombo's integration; a new one where it was never heard of.
async fn known(work: &mut Work, kombo_id: &str, tool: &str) -> Result<IntegrationRow, store::Error> {
    if let Some(row) = integrations::find_by_kombo_id(&mut work.conn, kombo_id).await? {
        return Ok(row);
    }
    let mut row = IntegrationRow::unknown(work.new_id(), kombo_id, work.now);
    if !tool.is_empty() {
        tool.clone_into(&mut row.tool);
    }
    integrations::insert(&mut work.conn, &row).await?;
    tell(work, "integration.heard_of", &row, json!({"integration": row.kombo_id})).await?;
    Ok(row)
}

/// Writes what was learned, finds the customer where there is none yet, and wakes deliveries if it works again.
/// `detail` tells what changed in how it fares; null where that was not told.
async fn settle(work: &mut Work, row: &mut IntegrationRow, end_user: &EndUser, detail: Value) -> Result<Heard, Error> {
    if !end_user.organization_name.is_empty() {
        row.organization_name.clone_from(&end_user.organization_name);
    }
    let origin = end_user
        .origin_id
        .as_deref()
        .map(str::trim)
        .filter(|origin| !origin.is_empty());
    if let Some(origin) = origin {
        row.origin_id = Some(origin.to_owned());
    }
    let customer = match (row.customer_id, origin) {
        (None, Some(origin)) => customers::find_by_origin(&mut work.conn, origin).await?,
        _ => None,
    };
    if let Some(customer) = &customer {
        join(work, row, customer, "origin_id").await?;
    } else {
        integrations::save(&mut work.conn, row).await?;
    }
    let changed = detail.as_object().is_some_and(|changes| !changes.is_empty());
    let told = detail.is_object();
    if changed {
        tell(work, "integration.state_changed", row, detail).await?;
    }
    // News that it works counts even where we never heard that it did not.
    let parked = row.parked_at.is_some();
    if row.state == IntegrationState::Active && row.deleted_at.is_none() && (changed || (told && parked)) {
        wake_integration::wake(work, row.id).await?;
    }
    if row.deleted_at.is_none() {
        connection_link::connected(work, row).await?;
    }
    work.hint(Kind::Integration, row.id.0, row.customer_id);
    Ok(Heard::of(row))
}

/// Takes over how it fares, as of `at`; gives what changed, for the audit line.
fn take_condition(row: &mut IntegrationRow, condition: &Condition, at: Timestamp) -> Value {
    let before = (row.state, row.qa_status, row.setup_status);
    row.state = condition.state.unwrap_or(row.state);
    row.qa_status = condition.qa.or(row.qa_status);
    row.setup_status = condition.setup.or(row.setup_status);
    row.news_at = row.news_at.max(at);
    let pairs = [
        ("state", json!(before.0), json!(row.state)),
        ("qa_status", json!(before.1), json!(row.qa_status)),
        ("setup_status", json!(before.2), json!(row.setup_status)),
    ];
    let changed = pairs.into_iter().filter(|(_, was, is)| was != is);
    changed
        .map(|(field, was, is)| (field.to_owned(), json!([was, is])))
        .collect()
}

async fn failed(work: &mut Work, mut row: IntegrationRow, why: String) -> Result<Heard, Error> {
    row.lookup_failed = Some(why);
    integrations::save(&mut work.conn, &mut row).await?;
    work.hint(Kind::Integration, row.id.0, row.customer_id);
    Ok(Heard::of(&row))
}

async fn tell(work: &mut Work, action: &'static str, row: &IntegrationRow, detail: Value) -> Result<(), store::Error> {
    let subject = Subject::new("integration", row.id.0, row.customer_id);
    work.audit_as(Actor::Kombo, action, subject, detail).await
}

fn other_area() -> Heard {
    Heard::ignored(None, "It concerns another area of Kombo than assessments.")
}

fn parsed<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    text.and_then(read)
}
