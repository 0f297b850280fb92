//! One claimed delivery on its way: prepared, called, recorded.

use super::claim::Claimed;
use super::{publication, record, result, vanished};
use crate::actions::record_attempt::{Ended, LOCKED_OUT, Tried};
use crate::app::App;
use crate::app::health::Part;
use crate::app::lanes::Pass;
use crate::domain::delivery::DeliveryKind;
use crate::domain::time::Timestamp;
use crate::kombo::{self, Client, Fate};
use crate::points::Point;
use crate::store::attempts::{Opened, Said};
use crate::store::deliveries::{self, DeliveryRow};
use std::time::Duration;

/// How long a call may go on after the program was asked to stop.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// What is known before the integration has room.
pub(super) enum Prepared {
    /// A result's.
    Result(Box<result::Prepared>),
    /// A publication's.
    Publication(publication::Prepared),
}

/// The same, with what is large.
enum Ready {
    Result(result::Ready),
    Publication(publication::Prepared),
}

/// Why there is no call.
pub(super) enum NoCall {
    /// It ends without one.
    Ended(Ended),
    /// It may not be sent now: to be given back.
    Back,
    /// It could not be prepared now (the store is busy, the program stops): to be given back.
    NotNow(String),
}

impl<E: Into<crate::store::Error>> From<E> for NoCall {
    fn from(error: E) -> Self {
        Self::NotNow(error.into().to_string())
    }
}

/// Sends one claimed delivery and records how that ended. Unsent, it is given back.
pub(super) async fn send(app: &App, kombo: &Client, mut claimed: Box<Claimed>) {
    let taken_up = app.clock.now();
    let (ready, pass) = match ready(app, kombo, taken_up, &claimed).await {
        Ok(ready) => ready,
        Err(NoCall::Ended(ended)) => return conclude(app, claimed, without_call(ended, taken_up)).await,
        Err(NoCall::Back) => return Box::pin(give_back(app, &claimed.row)).await,
        Err(NoCall::NotNow(why)) => {
            tracing::warn!(delivery = %claimed.row.id, why, "a delivery could not be prepared");
            return Box::pin(give_back(app, &claimed.row)).await;
        }
    };
    // It is in the call's hands now.
    claimed.row.body = None;
    let began = app.clock.now();
    let tried = tokio::select! {
        tried = call(kombo, ready, began) => tried,
        () = out_of_time(app) => vanished(began),
    };
    Point::Heard.pass();
    tell_gate(app, &tried);
    if let (Ended::Failed(Fate::ParkIntegration), Some(integration)) = (&tried.ended, claimed.row.integration_id) {
        app.lanes.close(integration);
    }
    pass.give_back(tried.is_unheard());
    conclude(app, claimed, tried).await;
}

/// Prepares what is small, waits for room in the integration's lane, and reads what is large only then: what waits long
/// must not keep others from it.
async fn ready(app: &App, kombo: &Client, taken_up: Timestamp, claimed: &Claimed) -> Result<(Ready, Pass), NoCall> {
    let prepared = prepare(app, kombo, claimed).await?;
    let pass = enter(app, &claimed.row).await?;
    if !may_still_send(app, taken_up, &claimed.row) {
        return Err(NoCall::Back);
    }
    let ready = match prepared {
        Prepared::Result(prepared) => Ready::Result(prepared.with_files(app, kombo).await?),
        Prepared::Publication(prepared) => Ready::Publication(prepared),
    };
    if may_still_send(app, taken_up, &claimed.row) {
        Ok((ready, pass))
    } else {
        Err(NoCall::Back)
    }
}

/// Waits for room in the integration's lane, and until what ended is written down as fast as it ends; meanwhile nothing may
/// have said that nothing can be sent there.
async fn enter(app: &App, row: &DeliveryRow) -> Result<Pass, NoCall> {
    let integration = row.integration_id.ok_or(NoCall::Back)?;
    let room = async {
        let pass = app.lanes.enter(integration).await;
        app.recording.keeps_up().await;
        pass
    };
    let pass = tokio::select! {
        pass = room => pass,
        () = app.stop.cancelled() => return Err(NoCall::Back),
    };
    if app.gate.closed(app.clock.now()).is_some() || app.lanes.is_closed(integration) {
        return Err(NoCall::Back);
    }
    Ok(pass)
}

async fn conclude(app: &App, claimed: Box<Claimed>, tried: Tried) {
    let Claimed { row, to } = *claimed;
    record(app, row, to.map(|to| to.order), tried).await;
}

async fn prepare(app: &App, kombo: &Client, claimed: &Claimed) -> Result<Prepared, NoCall> {
    match claimed.row.kind {
        DeliveryKind::Result => result::prepare(app, kombo, claimed)
            .await
            .map(|prepared| Prepared::Result(Box::new(prepared))),
        DeliveryKind::Publication => Box::pin(publication::prepare(app, &claimed.row))
            .await
            .map(Prepared::Publication),
        // Mails leave by a way of their own.
        DeliveryKind::Mail | DeliveryKind::Event => Err(NoCall::Ended(Ended::Impossible(
            "Nothing here sends deliveries of this kind.".to_owned(),
        ))),
    }
}

/// Preparing can take long (files, a queue for large ones), and so can waiting for room: nothing is sent once the program
/// stops, or half the lease is over and another sender might take over before the answer.
pub(super) fn may_still_send(app: &App, began: Timestamp, claimed: &DeliveryRow) -> bool {
    let late = claimed
        .lease_until
        .is_some_and(|until| app.clock.now() > began && app.clock.now() > until.minus(app.config.lease / 2));
    !app.stop.is_cancelled() && !late
}

async fn call(kombo: &Client, ready: Ready, began: Timestamp) -> Tried {
    match ready {
        Ready::Result(ready) => result::call(kombo, ready, began).await,
        Ready::Publication(prepared) => Box::pin(publication::call(kombo, prepared, began)).await,
    }
}

pub(super) async fn out_of_time(app: &App) {
    app.stop.cancelled().await;
    tokio::time::sleep(LAST_CALLS).await;
}

pub(super) async fn give_back(app: &App, claimed: &DeliveryRow) {
    let given = async {
        let mut conn = app.db.begin().await?;
        deliveries::give_back(&mut conn, claimed.id, claimed.fence, app.clock.now()).await?;
        conn.commit().await
    };
    if let Err(error) = given.await {
        tracing::warn!(delivery = %claimed.id, %error, "a claim could not be given back; its lease will run out");
    }
}

/// Whether Kombo lets us in is learned from every call.
fn tell_gate(app: &App, tried: &Tried) {
    let now = app.clock.now();
    match tried.ended {
        Ended::Failed(Fate::ParkAll) => {
            app.gate.close(now.plus(LOCKED_OUT), &tried.message);
            app.health.fails(Part::Outbox, now, &tried.message);
        }
        Ended::Taken | Ended::Showed(_) | Ended::Held(_) => {
            app.gate.open();
            app.health.works(Part::Outbox, now);
        }
        _ => {}
    }
}

fn without_call(ended: Ended, began: Timestamp) -> Tried {
    let message = match &ended {
        Ended::Impossible(why) => why.clone(),
        _ => String::new(),
    };
    Tried::silent(ended, began, message)
}

/// What is recorded of a call that succeeded.
pub(super) fn succeeded<T>(ended: Ended, reply: kombo::Reply<T>, began: Timestamp) -> Tried {
    let warnings: Vec<String> = reply.warnings.into_iter().map(|warning| warning.message).collect();
    Tried {
        http_status: Some(reply.http_status),
        opened: Opened {
            said: Said {
                message: String::new(),
                warnings,
            },
            reply: reply.raw.as_bytes().to_vec(),
        },
        ..Tried::silent(ended, began, "")
    }
}

/// What is recorded of a call that failed.
pub(super) fn failed(error: &kombo::Error, began: Timestamp) -> Tried {
    let answered = error.answered();
    let message = match error.code() {
        Some(code) => format!("{}.", code.title()),
        None => format!("{}.", capital(&error.to_string())),
    };
    Tried {
        message,
        http_status: error.http_status(),
        code: error.code().cloned(),
        retry_after: error.retry_after(),
        log_url: answered.and_then(|answered| answered.log_url.clone()),
        opened: Opened {
            said: Said {
                message: answered.map(|answered| answered.message.clone()).unwrap_or_default(),
                warnings: Vec::new(),
            },
            reply: error.raw().map(|raw| raw.as_bytes().to_vec()).unwrap_or_default(),
        },
        ..Tried::silent(Ended::Failed(error.fate()), began, "")
    }
}

/// What is recorded where a read-back was answered, but not about this.
pub(super) fn unclear(mut tried: Tried) -> Tried {
    tried.ended = Ended::Failed(Fate::ReadBack);
    "Kombo's answer could not be read.".clone_into(&mut tried.message);
    tried
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
