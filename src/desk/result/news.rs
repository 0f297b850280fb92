//! What somebody else did to the order while its result is being typed: told beside the form, which stays as it is.

use crate::app::App;
use crate::auth::Staff;
use crate::desk::order::sentences;
use crate::domain::ids::OrderId;
use crate::domain::time::Timestamp;
use crate::store::{audit, order_lists, orders, results};
use crate::web::{Error, Page, Path, TimeView};
use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

/// What is told, and since when it is looked for.
#[derive(Template)]
#[template(path = "desk/_result_news.html")]
pub(super) struct News {
    order: OrderId,
    since: i64,
    told: Option<String>,
}

impl News {
    /// As a page begins: whatever comes is news from now on.
    pub(super) fn none(order: OrderId, now: Timestamp) -> Self {
        Self {
            order,
            since: now.unix_micros(),
            told: None,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    /// When the form was made, in microseconds.
    #[serde(default)]
    since: i64,
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<OrderId>,
    Query(asked): Query<Asked>,
) -> Result<Page<News>, Error> {
    let since = Timestamp::from_unix_micros(asked.since).unwrap_or(Timestamp::EPOCH);
    Ok(Page(News {
        order: id,
        since: asked.since,
        told: told(&app, &staff, id, since).await?,
    }))
}

/// The last thing that somebody else did since then: another save, or anything that stands in the timeline.
async fn told(app: &App, staff: &Staff, id: OrderId, since: Timestamp) -> Result<Option<String>, Error> {
    let mut conn = app.read().await?;
    orders::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let time = TimeView::new(app.clock.now(), &staff.zone);
    let lines = audit::of_order(&mut conn, &staff.viewer, id).await?;
    let line = lines
        .iter()
        .rev()
        .take_while(|line| line.at > since)
        .find(|line| line.staff_id != Some(staff.id) && line.action != "order.result_saved");
    if let Some(line) = line {
        let (_, sentence) = sentences::of_order(line);
        return Ok(Some(format!("{sentence} ({})", time.ago(line.at))));
    }
    let saved = results::find(&mut conn, id).await?;
    let saved = saved.filter(|row| row.saved_at > since && row.saved_by != Some(staff.id));
    let Some(row) = saved else { return Ok(None) };
    let by = match row.saved_by {
        Some(by) => order_lists::staff_name(&mut conn, by).await?,
        None => None,
    };
    let by = by.as_deref().unwrap_or("Somebody else");
    Ok(Some(format!(
        "{by} saved a draft of this result {}.",
        time.ago(row.saved_at)
    )))
}
