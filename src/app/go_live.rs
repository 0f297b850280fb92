//! Asks Kombo whether the result that we sent stands there, and writes down what that proves.

use super::App;
use crate::actions::receive_order::kombo_status;
use crate::actions::{Error, go_live, kombo_in_words};
use crate::domain::order::KomboStatus;
use crate::kombo::client::OrdersQuery;
use crate::kombo::{self, Client};
use crate::store::integrations::IntegrationRow;
use crate::store::orders::OrderRow;

/// Reads the order back that is to prove an integration, where that is still to be done, and marks the integration as live
/// where all is proven; says whether it is.
///
/// # Errors
/// What the store tells. That Kombo does not answer is no error: it is noted, and tried again later.
pub async fn prove(app: &App, kombo: &Client, row: &IntegrationRow) -> Result<bool, Error> {
    let mut conn = app.read().await?;
    let standing = go_live::look(&mut conn, row).await?;
    drop(conn);
    if standing.is_live() {
        return Ok(true);
    }
    match standing.to_read_back() {
        Some(order) => {
            let answer = ask(app, kombo, row, order).await;
            let answer = answer.map_err(|error| kombo_in_words(&error));
            let mut work = app.begin_system().await?;
            go_live::note_read(&mut work, row, order.id, answer).await?;
            work.commit().await?;
        }
        None if !standing.is_proven() => return Ok(false),
        None => {}
    }
    let mut work = app.begin_system().await?;
    let live = go_live::settle(&mut work, row.id).await?;
    work.commit().await?;
    Ok(live)
}

/// What Kombo shows of an order, in the integration's lane; `None`: it does not list it.
async fn ask(
    app: &App,
    kombo: &Client,
    row: &IntegrationRow,
    order: &OrderRow,
) -> Result<Option<KomboStatus>, kombo::Error> {
    let query = OrdersQuery {
        ids: vec![order.kombo_id.clone()],
        ..OrdersQuery::default()
    };
    let pass = app.lanes.enter(row.id).await;
    let page = kombo.orders(&row.kombo_id, &query).await;
    pass.give_back(page.as_ref().is_err_and(kombo::Error::is_unheard));
    let page = page?.data;
    let found = page.results.iter().find(|told| told.id == order.kombo_id);
    Ok(found.map(|told| kombo_status(told.status)))
}
