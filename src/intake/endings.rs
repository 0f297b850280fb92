//! Ends holds that no person decided, several in one transaction: the time of many is often up at the same moment, and
//! webhooks are not to wait for each of them.

use crate::actions::work::Work;
use crate::actions::{Error, hold};
use crate::app::App;
use crate::app::holds::Open;
use crate::domain::intake::Why;
use crate::store;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many holds one transaction ends: few, since the webhooks that come in between wait for it.
const AT_ONCE: usize = 8;

/// How a hold ends without a person.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The customer's setting decides.
    BySetting(Why),
    /// Nobody waits for the answer any more.
    Deserted,
}

#[derive(Debug)]
struct Ending {
    open: Arc<Open>,
    end: End,
    done: oneshot::Sender<bool>,
}

/// Where holds are brought to their end. Cheap to clone; its task ends with the last of them.
#[derive(Clone, Debug)]
pub(super) struct Endings(mpsc::UnboundedSender<Ending>);

impl Endings {
    pub(super) fn start(app: App) -> Self {
        let (sender, waiting) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            if tokio::spawn(run(app.clone(), waiting)).await.is_err() {
                app.break_down("holds");
            }
        });
        Self(sender)
    }

    /// Ends this hold, unless it is decided meanwhile, or somebody waits after all. Whether that could be written.
    pub(super) async fn end(&self, open: Arc<Open>, end: End) -> bool {
        let (done, heard) = oneshot::channel();
        self.0.send(Ending { open, end, done }).is_ok() && heard.await.unwrap_or_default()
    }
}

async fn run(app: App, mut waiting: mpsc::UnboundedReceiver<Ending>) {
    let mut endings = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut endings, AT_ONCE).await > 0 {
        let ended = end_all(&app, &endings).await.unwrap_or_else(|error| {
            tracing::warn!(holds = endings.len(), %error, "holds could not be ended");
            vec![false; endings.len()]
        });
        for (ending, ended) in endings.drain(..).zip(ended) {
            let _ = ending.done.send(ended);
        }
    }
}

/// Ends each in a savepoint of its own; whether it is done with.
async fn end_all(app: &App, endings: &[Ending]) -> Result<Vec<bool>, store::Error> {
    let mut work = app.begin_system().await?;
    let mut ended = Vec::with_capacity(endings.len());
    for ending in endings {
        // Everybody left while the database was busy, or somebody came back: what nobody hears is not decided.
        let stands = ending.open.is_deserted() == matches!(ending.end, End::Deserted);
        ended.push(!stands || end_one(&mut work, ending).await?);
    }
    work.commit().await?;
    Ok(ended)
}

async fn end_one(work: &mut Work, ending: &Ending) -> Result<bool, store::Error> {
    let (order, mark) = (ending.open.order(), work.mark());
    work.conn.savepoint().await?;
    let ended = match ending.end {
        End::BySetting(why) => hold::end(work, order, why).await,
        End::Deserted => hold::lose(work, order).await,
    };
    let error = match ended {
        Ok(()) => {
            work.conn.keep_savepoint().await?;
            return Ok(true);
        }
        Err(Error::Store(error)) if error.is_passing() => return Err(error),
        Err(error) => error,
    };
    work.conn.undo_to_savepoint().await?;
    work.forget_since(mark);
    // Decided at the same moment: the next look shows how.
    let decided = matches!(error, Error::Refused(_) | Error::Store(store::Error::Changed));
    if !decided {
        tracing::warn!(%error, "a hold could not be ended");
    }
    Ok(decided)
}
