//! One integration's orders, page by page.

use crate::actions::observe_order::{self, Looked, tells_nothing};
use crate::actions::receive_order::kombo_status;
use crate::actions::record_attempt::LOCKED_OUT;
use crate::actions::{Error, work::Work};
use crate::app::App;
use crate::domain::ids::OrderId;
use crate::domain::reconcile::Pass;
use crate::domain::time::Timestamp;
use crate::kombo::wire::{Order, OrderStatus, OrdersPage};
use crate::kombo::{self, Client, Fate, OrdersQuery, Reply};
use crate::store;
use crate::store::integrations::IntegrationRow;
use crate::store::orders::{self, OrderRow};
use crate::store::reconciler_runs::Tally;
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::Instant;

/// How many ids one call asks for.
const IDS_AT_ONCE: usize = 100;

/// How many of our orders are read at once.
const OURS_AT_ONCE: i64 = 500;

/// More pages than this are no list that ends.
const MOST_PAGES: usize = 4_000;

/// How often one page is asked for while Kombo fails in ways that pass.
const TRIES: u32 = 6;

/// The pause before the second try; each one after it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// No page is asked for again once this time is over: the next round comes soon enough.
const PATIENCE: Duration = Duration::from_secs(10);

/// One walk through Kombo's lists.
pub(super) struct Comparison<'a> {
    app: &'a App,
    kombo: Client,
    since: Timestamp,
    tally: Tally,
    missed: Tally,
}

/// A list as it was read: the ids on it, or nothing where it could not be read to its end.
type Seen = Option<HashSet<String>>;

impl<'a> Comparison<'a> {
    pub(super) fn new(app: &'a App, kombo: Client, since: Timestamp) -> Self {
        Self {
            app,
            kombo,
            since,
            tally: Tally::default(),
            missed: Tally::default(),
        }
    }

    /// What came of it: of the pass itself, and of our own orders that were asked for after it.
    pub(super) fn tallies(self) -> (Tally, Tally) {
        (self.tally, self.missed)
    }

    /// It ends before all integrations were compared.
    pub(super) fn stopped(&mut self, why: &str) {
        self.tally.error = Some(why.to_owned());
    }

    /// Compares one integration's orders.
    pub(super) async fn integration(&mut self, row: &IntegrationRow, pass: Pass) -> Result<(), Error> {
        let began = self.app.clock.now();
        let query = OrdersQuery {
            page_size: Some(OrdersQuery::LARGEST_PAGE),
            ..OrdersQuery::default()
        };
        match pass {
            Pass::Open => {
                let query = OrdersQuery {
                    statuses: vec![OrderStatus::Open],
                    ..query
                };
                if let Some(seen) = self.list(row, query).await? {
                    self.missing(row, &seen, began, true).await?;
                }
            }
            Pass::Daily => {
                let query = OrdersQuery {
                    created_after: Some(self.since),
                    ..query
                };
                self.list(row, query).await?;
            }
            Pass::Missing => self.missing(row, &HashSet::new(), began, false).await?,
        }
        Ok(())
    }

    /// Reads a list to its end and takes in every order on it.
    async fn list(&mut self, row: &IntegrationRow, mut query: OrdersQuery) -> Result<Seen, Error> {
        let mut seen = HashSet::new();
        for _ in 0..MOST_PAGES {
            let at = self.app.clock.now();
            let page = match page(self.app, &self.kombo, row, &query).await {
                Ok(page) => page,
                Err(error) => {
                    unreadable(self.app, &mut self.tally, row, &error);
                    return Ok(None);
                }
            };
            self.app.gate.open();
            odd_ones(&mut self.tally, &page.unreadable);
            seen.extend(page.unreadable.into_iter().flatten());
            for order in page.results {
                observe(self.app, &mut self.tally, row, &order, at).await?;
                seen.insert(order.id);
            }
            match page.next {
                Some(next) if query.cursor.as_ref() != Some(&next) => query.cursor = Some(next),
                _ => return Ok(Some(seen)),
            }
        }
        self.tally.error = Some(format!("{}: the list of orders does not end.", row.kombo_id));
        Ok(None)
    }

    /// Asks for our orders that are not over and were not on the list, 100 at a time.
    async fn missing(
        &mut self,
        row: &IntegrationRow,
        seen: &HashSet<String>,
        began: Timestamp,
        after_list: bool,
    ) -> Result<(), Error> {
        let mut after: Option<OrderId> = None;
        loop {
            let ours = {
                let mut conn = self.app.read().await?;
                orders::live_of_integration(&mut conn, row.id, after, OURS_AT_ONCE).await?
            };
            after = ours.last().map(|order| order.id);
            let unseen: Vec<OrderRow> = ours
                .into_iter()
                .filter(|order| !seen.contains(&order.kombo_id) && order.changed_at <= began)
                .collect();
            for asked in unseen.chunks(IDS_AT_ONCE) {
                if !self.ask_for(row, asked, after_list).await? {
                    return Ok(());
                }
            }
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Asks for some of our orders by id; says whether Kombo answered.
    async fn ask_for(&mut self, row: &IntegrationRow, ours: &[OrderRow], after_list: bool) -> Result<bool, Error> {
        let tally = if after_list { &mut self.missed } else { &mut self.tally };
        let at = self.app.clock.now();
        let mut query = OrdersQuery {
            ids: ours.iter().map(|order| order.kombo_id.clone()).collect(),
            page_size: Some(OrdersQuery::LARGEST_PAGE),
            ..OrdersQuery::default()
        };
        let mut there = HashSet::new();
        for _ in 0..IDS_AT_ONCE {
            let page = match page(self.app, &self.kombo, row, &query).await {
                Ok(page) => page,
                Err(error) => {
                    unreadable(self.app, tally, row, &error);
                    return Ok(false);
                }
            };
            odd_ones(tally, &page.unreadable);
            // An entry without a readable id could be any of them.
            if page.unreadable.contains(&None) {
                there.extend(ours.iter().map(|order| order.kombo_id.clone()));
            }
            there.extend(page.unreadable.into_iter().flatten());
            for order in page.results {
                observe(self.app, tally, row, &order, at).await?;
                there.insert(order.id);
            }
            let Some(next) = page.next else { break };
            query.cursor = Some(next);
        }
        for order in ours.iter().filter(|order| !there.contains(&order.kombo_id)) {
            let order = order.clone();
            let kombo_id = order.kombo_id.clone();
            let mut work = self.app.begin_system().await?;
            let looked = observe_order::absent(&mut work, order, at).await;
            settle(tally, work, looked, &kombo_id).await?;
        }
        Ok(true)
    }
}

/// Reads one page. It is asked for again where Kombo fails in a way that passes: one failure among many pages would
/// otherwise hide what stands on all pages behind it, round after round.
async fn page(
    app: &App,
    kombo: &Client,
    row: &IntegrationRow,
    query: &OrdersQuery,
) -> Result<OrdersPage, kombo::Error> {
    let began = Instant::now();
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        let error = match read(app, kombo, row, query).await {
            Ok(reply) => return Ok(reply.data),
            Err(error) => error,
        };
        let asked = error.retry_after().unwrap_or_default().max(pause);
        let passes = matches!(error.fate(), Fate::Retry | Fate::ReadBack);
        if !passes || began.elapsed() + asked > PATIENCE {
            return Err(error);
        }
        tokio::select! {
            () = tokio::time::sleep(asked) => {}
            () = app.stop.cancelled() => return Err(error),
        }
        pause *= 2;
    }
    read(app, kombo, row, query).await.map(|reply| reply.data)
}

/// One call, in the integration's lane.
async fn read(
    app: &App,
    kombo: &Client,
    row: &IntegrationRow,
    query: &OrdersQuery,
) -> Result<Reply<OrdersPage>, kombo::Error> {
    let pass = app.lanes.enter(row.id).await;
    let read = kombo.orders(&row.kombo_id, query).await;
    pass.give_back(read.as_ref().is_err_and(kombo::Error::is_unheard));
    read
}

/// Takes in one order that Kombo showed. What tells nothing new costs a read only.
async fn observe(app: &App, tally: &mut Tally, row: &IntegrationRow, told: &Order, at: Timestamp) -> Result<(), Error> {
    tally.seen += 1;
    let known = {
        let mut conn = app.read().await?;
        orders::find_by_kombo(&mut conn, row.id, &told.id).await?
    };
    let status = kombo_status(told.status);
    if known.is_some_and(|order| order.changed_at > at || tells_nothing(&order, status)) {
        return Ok(());
    }
    let mut work = app.begin_system().await?;
    let looked = observe_order::observe(&mut work, row, told, at).await;
    settle(tally, work, looked, &told.id).await
}

/// Commits what came of a look, and counts it. One order that cannot be taken in does not hold the others up.
async fn settle(tally: &mut Tally, work: Work, looked: Result<Looked, Error>, kombo_id: &str) -> Result<(), Error> {
    match looked {
        Ok(looked @ (Looked::Noted | Looked::Healed)) => {
            work.commit().await?;
            tally.healed += i64::from(looked == Looked::Healed);
        }
        // Where somebody was faster, the next pass sees what is left.
        Ok(Looked::AsKnown | Looked::Overtaken) | Err(Error::Store(store::Error::Changed | store::Error::Exists)) => {}
        Err(Error::Store(error)) if error.is_passing() => return Err(error.into()),
        Err(error) => {
            drop(work);
            tally.failed += 1;
            tally.error = Some("An order could not be taken in; the log says why.".to_owned());
            tracing::warn!(order = kombo_id, %error, "an order that Kombo shows could not be taken in");
        }
    }
    Ok(())
}

/// Notes entries of Kombo's list that cannot be read.
fn odd_ones(tally: &mut Tally, unreadable: &[Option<String>]) {
    if unreadable.is_empty() {
        return;
    }
    tally.failed += i64::try_from(unreadable.len()).unwrap_or(i64::MAX);
    tally.error = Some("Kombo shows orders that cannot be read.".to_owned());
    tracing::warn!(orders = ?unreadable, "Kombo shows orders that cannot be read");
}

/// Notes an integration whose orders cannot be read.
fn unreadable(app: &App, tally: &mut Tally, row: &IntegrationRow, error: &crate::kombo::Error) {
    tally.failed += 1;
    let why = error
        .code()
        .map_or_else(|| error.to_string(), |code| code.title().to_owned());
    tally.error = Some(format!("{}: {why}.", row.kombo_id));
    tracing::warn!(integration = row.kombo_id, %error, "an integration's orders could not be read");
    if error.fate() == Fate::ParkAll {
        app.gate.close(app.clock.now().plus(LOCKED_OUT), &format!("{why}."));
    }
}
