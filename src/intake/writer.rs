//! Group commit: one task writes; whatever waits goes into one transaction; nobody is answered before it is on disk.

use super::holds::{self, Keeper};
use crate::actions::Error;
use crate::actions::take_webhook::{self, Answer, Taken, Webhook};
use crate::actions::work::Work;
use crate::app::App;
use crate::app::health::{Part, Waiting};
use crate::app::holds::Waiter;
use crate::domain::ids::OrderId;
use crate::domain::viewer::Viewer;
use crate::points::Point;
use crate::store::{self, orders};
use crate::telemetry;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// How many webhooks one transaction takes.
pub(super) const BATCH: usize = 128;

/// How long it may take until it is written that answers left, where no webhook comes in whose transaction could do so.
const NOTED_WITHIN: Duration = Duration::from_millis(20);

/// How long answers wait at the most for the next transaction to begin.
const BEGUN_WITHIN: Duration = Duration::from_millis(1);

/// How many webhooks may wait; one more is asked to come again.
const WAITING: usize = 4_096;

/// A verified webhook that waits to be written.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) webhook: Webhook,
    /// It counts as waiting as long as this is there.
    pub(super) waiting: Waiting,
    pub(super) reply: oneshot::Sender<Result<Written, Unwritten>>,
}

/// A webhook that is on disk.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) taken: Taken,
    /// Its place in the hold, where it waits for a person. With this its connection is counted as waiting: it goes with it.
    pub(super) waiter: Option<Waiter>,
}

/// The transaction of a batch, begun before it was known what comes into it; or why it could not be.
type Begun = Result<Work, store::Error>;

/// Nothing of the webhook was kept: the database is busy, full or away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unwritten;

/// The writer's two inlets.
#[derive(Clone, Debug)]
pub(super) struct Inlet {
    pub(super) items: mpsc::Sender<Item>,
    pub(super) answered: mpsc::UnboundedSender<OrderId>,
}

/// Starts the writer, whose transactions take `most` webhooks each; it ends when every inlet is gone or `closing` is
/// cancelled, after it wrote what waits.
pub(super) fn start(
    app: App,
    keeper: Keeper,
    closing: CancellationToken,
    most: usize,
) -> (Inlet, tokio::task::JoinHandle<()>) {
    let (items, items_rx) = mpsc::channel(WAITING);
    let (answered, answered_rx) = mpsc::unbounded_channel();
    let (ended, end) = oneshot::channel();
    let (own, runtime) = (app.clone(), Handle::current());
    // On a thread of its own: among the runtime's tasks, whatever the database says would wait behind the connections that
    // were just answered.
    let writing = std::thread::Builder::new().name("intake".into()).spawn(move || {
        runtime.block_on(run(own, keeper, closing, most, items_rx, answered_rx));
        let _ = ended.send(());
    });
    let task = tokio::spawn(async move {
        if writing.is_err() || end.await.is_err() {
            app.break_down("intake");
        }
    });
    (Inlet { items, answered }, task)
}

async fn run(
    app: App,
    keeper: Keeper,
    closing: CancellationToken,
    most: usize,
    mut items: mpsc::Receiver<Item>,
    mut answered: mpsc::UnboundedReceiver<OrderId>,
) {
    let mut batch = Vec::with_capacity(most);
    let mut left = Vec::new();
    let mut begun = None;
    let mut note_at = Instant::now();
    if let Err(error) = holds::tidy(&app).await {
        tracing::warn!(%error, "held orders that were left behind have to wait");
    }
    loop {
        tokio::select! {
            biased;
            count = items.recv_many(&mut batch, most) => if count == 0 { break },
            Some(order) = answered.recv() => {
                if left.is_empty() {
                    note_at = Instant::now() + NOTED_WITHIN;
                }
                left.push(order);
                continue;
            }
            () = tokio::time::sleep_until(note_at), if !left.is_empty() => {}
            () = closing.cancelled() => {
                items.close();
                while let Ok(item) = items.try_recv() {
                    batch.push(item);
                    if batch.len() == most {
                        begun = write(&app, &keeper, &items, &mut batch, &mut left, begun).await;
                    }
                }
            }
        }
        while let Ok(order) = answered.try_recv() {
            left.push(order);
        }
        begun = write(&app, &keeper, &items, &mut batch, &mut left, begun).await;
        note_at = Instant::now() + NOTED_WITHIN;
        if items.is_closed() && items.is_empty() {
            break;
        }
    }
    // What the last answers reported before the connections were closed.
    answered.close();
    while let Some(order) = answered.recv().await {
        left.push(order);
    }
    write(&app, &keeper, &items, &mut batch, &mut left, begun).await;
}

/// Writes one batch in the transaction that is `begun`, or in a new one; commits, then answers. Where the batch fails for
/// what one webhook brought, each is written by itself, so that it alone is turned away. Gives the transaction of the next
/// batch, where some of the `items` wait already.
async fn write(
    app: &App,
    keeper: &Keeper,
    items: &mpsc::Receiver<Item>,
    batch: &mut Vec<Item>,
    left: &mut Vec<OrderId>,
    begun: Option<Begun>,
) -> Option<Begun> {
    if batch.is_empty() && left.is_empty() {
        return begun;
    }
    match take_patiently(app, batch, left, begun).await {
        Ok(taken) => {
            left.clear();
            let answer = || answer_all(keeper, batch.drain(..), taken);
            if !items.is_empty() {
                return Some(begin_and_answer(app, answer).await);
            }
            answer();
        }
        Err(error) if batch.len() > 1 && !error.is_passing() => {
            tracing::error!(webhooks = batch.len(), "webhooks are written one by one: {error}");
            for item in batch.drain(..) {
                let item = [item];
                match take_patiently(app, &item, left, None).await {
                    Ok(taken) => {
                        answer_all(keeper, item, taken);
                        left.clear();
                    }
                    Err(error) => turn_away(app, item, &error),
                }
            }
        }
        Err(error) => turn_away(app, batch.drain(..), &error),
    }
    None
}

/// Begins the next transaction, then answers: the way to the database is free now, and full once those who are answered
/// stir. Where somebody else is to write first, the answers wait no longer for that.
async fn begin_and_answer(app: &App, answer: impl FnOnce()) -> Begun {
    let begins = app.begin_system();
    tokio::pin!(begins);
    let early = timeout(BEGUN_WITHIN, &mut begins).await;
    answer();
    match early {
        Ok(begun) => begun,
        Err(_) => begins.await,
    }
}

fn answer_all(keeper: &Keeper, items: impl IntoIterator<Item = Item>, taken: Vec<Taken>) {
    for (item, taken) in items.into_iter().zip(taken) {
        drop(item.waiting);
        let waiter = match (&taken.answer, taken.order_id) {
            (Answer::Held(until), Some(order)) => Some(keeper.wait(order, *until)),
            _ => None,
        };
        let _ = item.reply.send(Ok(Written { taken, waiter }));
    }
}

fn turn_away(app: &App, items: impl IntoIterator<Item = Item>, error: &store::Error) {
    let mut turned = 0;
    for item in items {
        turned += 1;
        let _ = item.reply.send(Err(Unwritten));
    }
    tracing::error!(webhooks = turned, "webhooks could not be kept: {error}");
    app.health.fails(Part::Intake, app.clock.now(), &error.to_string());
}

/// How a batch is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// What is alike with the same statements: any fault undoes all of it.
    Together,
    /// Each by itself, in a savepoint of its own.
    Singly,
}

/// Takes all of it together; where that fails for what it brought, or because somebody else was at the same rows at the
/// same moment, each by itself, and once more so.
async fn take_patiently(
    app: &App,
    batch: &[Item],
    left: &[OrderId],
    begun: Option<Begun>,
) -> Result<Vec<Taken>, store::Error> {
    let again = |error: &store::Error| error.is_contention();
    match take_all(app, batch, left, begun, Way::Together).await {
        Err(error) if again(&error) || !error.is_passing() => {}
        done => return done,
    }
    match take_all(app, batch, left, None, Way::Singly).await {
        Err(error) if again(&error) => take_all(app, batch, left, None, Way::Singly).await,
        done => done,
    }
}

async fn take_all(
    app: &App,
    batch: &[Item],
    left: &[OrderId],
    begun: Option<Begun>,
    way: Way,
) -> Result<Vec<Taken>, store::Error> {
    let desks = app.presence.open_desks(app.clock.now());
    let mut work = match begun {
        Some(begun) => begun?,
        None => {
            holds::tidy(app).await?;
            app.begin_system().await?
        }
    };
    mark_answered(&mut work, left).await?;
    let webhooks = batch.iter().map(|item| &item.webhook);
    let taken = match way {
        Way::Together => take_together(&mut work, &webhooks.collect::<Vec<_>>(), &desks).await?,
        Way::Singly => {
            let mut taken = Vec::with_capacity(batch.len());
            for webhook in webhooks {
                taken.push(take_webhook::take_webhook(&mut work, webhook, &desks).await?);
            }
            taken
        }
    };
    if !batch.is_empty() {
        Point::Written.pass();
    }
    work.commit().await?;
    if !batch.is_empty() {
        Point::Committed.pass();
    }
    telemetry::BATCHES.more("");
    if taken.iter().any(|taken| matches!(taken.answer, Answer::Taken)) {
        app.reconciler_bell.notify_one();
    }
    app.health.works(Part::Intake, app.clock.now());
    Ok(taken)
}

/// Every fault that is not the database's own tells the caller to take them singly.
async fn take_together(work: &mut Work, webhooks: &[&Webhook], desks: &[Viewer]) -> Result<Vec<Taken>, store::Error> {
    let taken = take_webhook::take_webhooks(work, webhooks, desks).await;
    taken.map_err(|error| match error {
        Error::Store(error) => error,
        _ => store::Error::Changed,
    })
}

async fn mark_answered(work: &mut Work, left: &[OrderId]) -> Result<(), store::Error> {
    if left.is_empty() {
        return Ok(());
    }
    Point::Answered.pass();
    orders::mark_answered(&mut work.conn, left, work.now).await
}
