//! What `/metrics` tells besides its counters: how much of what there is at this moment.

use crate::app::App;
use crate::domain::order::Stage;
use crate::domain::viewer::Viewer;
use crate::store::{self, deliveries, order_lists};
use crate::telemetry::gauge;

/// Writes the gauges: webhooks that wait, due deliveries, orders by stage (kept counters: nothing large is counted).
pub(super) async fn expose(text: &mut String, app: &App) -> Result<(), store::Error> {
    let mut conn = app.read().await?;
    let due = deliveries::count_due(&mut conn, app.clock.now()).await?;
    let counts = order_lists::counts(&mut conn, &Viewer::system(), None).await?;
    drop(conn);
    let by_stage = Stage::ALL.iter().map(|stage| {
        let orders = counts
            .iter()
            .find(|(counted, _)| counted == stage)
            .map_or(0, |(_, orders)| *orders);
        (stage.as_str(), orders)
    });
    let webhooks = ("assessdesk_webhooks_waiting", "", "Webhooks that wait to be written");
    gauge(text, webhooks, [("", app.health.waiting_webhooks())]);
    gauge(
        text,
        ("assessdesk_deliveries_due", "", "Deliveries that are due"),
        [("", due)],
    );
    let streams = ("assessdesk_live_streams", "", "Event streams of open pages");
    gauge(text, streams, [("", app.streams.count())]);
    gauge(text, ("assessdesk_orders", "stage", "Orders by stage"), by_stage);
    Ok(())
}
