//! Sends mails: by a way of its own, so that neither Kombo nor the mail server keeps the other waiting.

use super::sender::{NoCall, give_back, may_still_send, out_of_time};
use super::{record, vanished};
use crate::actions::record_attempt::{Ended, LOCKED_OUT, Tried};
use crate::app::App;
use crate::app::health::Part;
use crate::config::Mail;
use crate::domain::order::Stage;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::kombo;
use crate::mail::{Fate, Letter, Mailer, Sent};
use crate::store::attempts::{Opened, Said};
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::orders;
use serde_json::json;

/// The way by which mails leave, where there is one now.
pub(super) fn open_way(app: &App) -> Option<Way> {
    let (mailer, mail) = (app.mail.clone()?, app.config.mail.clone()?);
    if let Some(closed) = app.mail_gate.closed(app.clock.now()) {
        app.health.fails(Part::Mail, app.clock.now(), &closed.why);
        return None;
    }
    Some(Way { mailer, mail })
}

/// The way, and in whose name.
#[derive(Clone, Debug)]
pub(super) struct Way {
    mailer: Mailer,
    mail: Mail,
}

/// Sends one claimed mail and records how that ended. Unsent, it is given back.
pub(super) async fn send(app: &App, way: &Way, claimed: DeliveryRow) {
    let began = app.clock.now();
    let tried = match prepare(app, &claimed).await {
        Ok(letter) if may_still_send(app, began, &claimed) => {
            tokio::select! {
                sent = way.mailer.send(&way.mail, &letter, claimed.id, claimed.created_at) => {
                    tell_gate(app, &sent);
                    tried(sent, began)
                }
                () = out_of_time(app) => vanished(began),
            }
        }
        Ok(_) | Err(NoCall::Back) => return give_back(app, &claimed).await,
        Err(NoCall::Ended(ended)) => Tried::silent(ended, began, ""),
        Err(NoCall::NotNow(why)) => {
            tracing::warn!(delivery = %claimed.id, why, "a mail could not be prepared");
            return give_back(app, &claimed).await;
        }
    };
    record(app, claimed, None, tried).await;
}

/// Opens the letter. A candidate whose order is over, or not taken in, is not written to; one whose order was paused
/// since the claim waits.
async fn prepare(app: &App, claimed: &DeliveryRow) -> Result<Letter, NoCall> {
    let mut conn = app.read().await?;
    if let Some(id) = claimed.order_id {
        let order = orders::find(&mut conn, &Viewer::system(), id).await?;
        match order {
            Some(order) if order.paused_at.is_some() || order.stage == Stage::Closing => {
                return Err(NoCall::NotNow("its order rests".to_owned()));
            }
            Some(order) if order.stage.is_live() && order.stage != Stage::Received => {}
            _ => {
                let why = "The order is over, so nobody is invited any more.";
                return Err(NoCall::Ended(Ended::NotNeeded(why.to_owned())));
            }
        }
    }
    let opened = deliveries::open_body(&mut conn, &app.vault, claimed).await?;
    opened.as_deref().and_then(Letter::read).ok_or_else(|| {
        let why = "What was to be sent is not there any more.";
        NoCall::Ended(Ended::Impossible(why.to_owned()))
    })
}

/// Whether the mail server lets us send is learned from every mail.
fn tell_gate(app: &App, sent: &Sent) {
    let now = app.clock.now();
    match sent.fate {
        Fate::Taken => {
            app.mail_gate.open();
            app.health.works(Part::Mail, now);
        }
        Fate::Locked => {
            app.mail_gate.close(now.plus(LOCKED_OUT), &sent.message);
            app.health.fails(Part::Mail, now, &sent.message);
        }
        Fate::Unreached => app.health.fails(Part::Mail, now, &sent.message),
        // It answered, so it works.
        Fate::Refused | Fate::NotNow => app.health.works(Part::Mail, now),
        Fate::Unknown => {}
    }
}

/// What is recorded of a try: the mail's digest and that it was one, never whom it went to.
fn tried(sent: Sent, began: Timestamp) -> Tried {
    let ended = match sent.fate {
        Fate::Taken => Ended::Taken,
        Fate::Refused => Ended::Failed(kombo::Fate::Refused),
        Fate::Locked => Ended::Failed(kombo::Fate::ParkAll),
        Fate::Unreached | Fate::NotNow => Ended::Failed(kombo::Fate::Retry),
        Fate::Unknown => Ended::Failed(kombo::Fate::ReadBack),
    };
    Tried {
        sent: sent.digest.map(|digest| (digest, json!("mail"))),
        opened: Opened {
            said: Said {
                message: sent.said,
                warnings: Vec::new(),
            },
            reply: Vec::new(),
        },
        ..Tried::silent(ended, began, sent.message)
    }
}
