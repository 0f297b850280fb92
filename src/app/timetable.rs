//! What is to happen to offers at a certain time: drafts that are to be published then, packages whose time begins or ends.

use super::App;
use super::health::Part;
use crate::actions::{Error, schedule_publication, turn_offer};
use crate::domain::ids::IntegrationId;
use crate::domain::time::Timestamp;
use crate::store::publications::PublicationRow;
use crate::store::{offers, schedules};
use std::time::Duration;

/// How often the worker looks. Nobody is promised a moment nearer than a minute.
const EVERY: Duration = Duration::from_secs(20);

/// How many of each are looked at in one round.
const AT_ONCE: i64 = 200;

/// Looks again and again, until the program is asked to stop.
pub async fn keep(app: App) {
    while !app.stop.is_cancelled() {
        let now = app.clock.now();
        match keep_up(&app).await {
            Ok(_) => app.health.works(Part::Timetable, now),
            Err(error) => {
                tracing::error!(%error, "the timetable of offers could not be kept");
                app.health.fails(Part::Timetable, now, &error.to_string());
            }
        }
        tokio::select! {
            () = app.stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Does what is due by now; says how many publications came of it.
///
/// # Errors
/// What the store tells.
pub async fn keep_up(app: &App) -> Result<usize, Error> {
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let due = schedules::due(&mut conn, now, AT_ONCE).await?;
    let turning = offers::turning(&mut conn, now, AT_ONCE).await?;
    drop(conn);
    let mut done = Done::default();
    for row in due {
        done.count(publish(app, row.integration_id).await);
    }
    for (id, since) in turning {
        done.count(turn(app, id, since).await);
    }
    if done.published > 0 {
        app.outbox_bell.notify_one();
    }
    done.failed.map_or(Ok(done.published), Err)
}

/// What came of a round. What fails for one integration holds up none of the others.
#[derive(Default)]
struct Done {
    published: usize,
    failed: Option<Error>,
}

impl Done {
    fn count(&mut self, came: Result<Option<PublicationRow>, Error>) {
        match came {
            Ok(row) => self.published += usize::from(row.is_some()),
            Err(error) => self.failed = self.failed.take().or(Some(error)),
        }
    }
}

async fn publish(app: &App, id: IntegrationId) -> Result<Option<PublicationRow>, Error> {
    let mut work = app.begin_system().await?;
    match schedule_publication::publish_due(&mut work, id).await {
        Ok(row) => {
            work.commit().await?;
            Ok(row)
        }
        Err(Error::Store(error)) if error.is_passing() => Err(error.into()),
        Err(error) => {
            drop(work);
            let mut work = app.begin_system().await?;
            schedule_publication::note_failure(&mut work, id, &error).await?;
            work.commit().await?;
            Ok(None)
        }
    }
}

async fn turn(app: &App, id: IntegrationId, since: Timestamp) -> Result<Option<PublicationRow>, Error> {
    let mut work = app.begin_system().await?;
    let row = turn_offer::turn(&mut work, id, since).await?;
    work.commit().await?;
    Ok(row)
}
