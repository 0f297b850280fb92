//! The numbers of the rail, which stand on every page, kept until something changes.

use super::App;
use crate::domain::viewer::Viewer;
use crate::store::rail::{self, Numbers};
use crate::store::{Conn, Error};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// For how long they hold good where nobody tells of a change: another process may have made one.
const HOLD: Duration = Duration::from_secs(2);

/// The numbers of those who see every customer, as they were counted last: to add up the counters of thousands of customers
/// for each page would make every page slower with the house. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct KeptNumbers(Arc<Mutex<Option<Kept>>>);

#[derive(Clone, Copy, Debug)]
struct Kept {
    numbers: Numbers,
    /// How many changes had been told of before they were counted.
    changes: u64,
    at: Instant,
}

/// What waits where, of the customers that `viewer` may see.
///
/// # Errors
/// What the store tells.
pub async fn numbers(app: &App, conn: &mut Conn, viewer: &Viewer) -> Result<Numbers, Error> {
    if !viewer.sees_all() {
        return rail::numbers(conn, viewer).await;
    }
    let changes = app.live.changes();
    let kept = *app.rail.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = kept.filter(|kept| kept.changes == changes && kept.at.elapsed() < HOLD) {
        return Ok(kept.numbers);
    }
    let at = Instant::now();
    let numbers = rail::numbers(conn, viewer).await?;
    *app.rail.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { numbers, changes, at });
    Ok(numbers)
}
