//! What is counted for every page: kept until something changes, for those who see every customer.

use super::App;
use crate::domain::ids::CustomerId;
use crate::domain::order::Stage;
use crate::domain::viewer::Viewer;
use crate::store::order_lists;
use crate::store::rail::{self, Numbers};
use crate::store::{Conn, Error};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// For how long it holds good where nobody tells of a change: another process may have made one.
const HOLD: Duration = Duration::from_secs(2);

/// How many customers [`busiest_customers`] tells: as many as a menu holds, and one that says that there are more.
pub const BUSIEST: usize = 13;

/// What those who see every customer were told last: to add up the counters of thousands of customers for each page would
/// make every page slower with the house. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    rail: Kept<Numbers>,
    stages: Kept<Vec<(Stage, i64)>>,
    busiest: Kept<Vec<(CustomerId, String)>>,
}

/// One count of them.
#[derive(Clone, Debug, Default)]
struct Kept<T>(Arc<Mutex<Option<Last<T>>>>);

#[derive(Debug)]
struct Last<T> {
    told: T,
    /// How many changes had been told of before it was counted.
    changes: u64,
    at: Instant,
}

impl<T: Clone> Kept<T> {
    /// What was told last, where it `is_everybodys` and nothing changed since; else what `count` tells.
    async fn or(
        &self,
        app: &App,
        is_everybodys: bool,
        count: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if !is_everybodys {
            return count.await;
        }
        let changes = app.live.changes();
        if let Some(last) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
            && last.changes == changes
            && last.at.elapsed() < HOLD
        {
            return Ok(last.told.clone());
        }
        let at = Instant::now();
        let told = count.await?;
        let last = Last {
            told: told.clone(),
            changes,
            at,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        Ok(told)
    }
}

/// The rail's numbers, of the customers that `viewer` may see.
///
/// # Errors
/// What the store tells.
pub async fn rail(app: &App, conn: &mut Conn, viewer: &Viewer) -> Result<Numbers, Error> {
    let count = rail::numbers(conn, viewer);
    app.counted.rail.or(app, viewer.sees_all(), count).await
}

/// How many of the viewer's orders stand at each stage, of one customer where one is named.
///
/// # Errors
/// What the store tells.
pub async fn stages(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    customer: Option<CustomerId>,
) -> Result<Vec<(Stage, i64)>, Error> {
    let count = order_lists::counts(conn, viewer, customer);
    let is_everybodys = viewer.sees_all() && customer.is_none();
    app.counted.stages.or(app, is_everybodys, count).await
}

/// The [`BUSIEST`] customers that the viewer may see: those with the most orders that are not over.
///
/// # Errors
/// What the store tells.
pub async fn busiest_customers(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
) -> Result<Vec<(CustomerId, String)>, Error> {
    let most = i64::try_from(BUSIEST).unwrap_or(i64::MAX);
    let count = order_lists::busiest_customers(conn, viewer, most);
    app.counted.busiest.or(app, viewer.sees_all(), count).await
}
