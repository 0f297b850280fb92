//! The webhooks whose answer waits for a person: who waits for which order, and how they hear of the answer.
//!
//! The truth stands in the orders' rows; this only joins the connections that wait to the task that keeps the hold.

use crate::actions::receive_order::Reply;
use crate::domain::ids::OrderId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OnceCell, watch};

/// Where an order's answer is given out.
type Answers = watch::Sender<Option<Reply>>;

/// The open holds of this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    open: Arc<Mutex<HashMap<OrderId, Arc<Answers>>>>,
    /// What an earlier process left behind has been seen to.
    pub tidied: Arc<OnceCell<()>>,
}

/// One webhook that waits. Dropped, it waits no more: its connection is gone.
#[derive(Debug)]
pub struct Waiter(watch::Receiver<Option<Reply>>);

impl Waiter {
    /// The answer; `None` where whoever was to give it is gone.
    pub async fn answer(mut self) -> Option<Reply> {
        let reply = self.0.wait_for(Option::is_some).await;
        reply.ok().and_then(|reply| reply.clone())
    }
}

/// An open hold, in the hands of the task that keeps it.
#[derive(Debug)]
pub struct Open {
    holds: Holds,
    order: OrderId,
    answers: Arc<Answers>,
}

impl Holds {
    /// Waits for an order's answer. The first one that does so is also given the hold to keep.
    pub fn wait(&self, order: OrderId) -> (Waiter, Option<Open>) {
        let mut open = self.lock();
        if let Some(answers) = open.get(&order) {
            return (Waiter(answers.subscribe()), None);
        }
        let (answers, waiter) = watch::channel(None);
        let answers = Arc::new(answers);
        open.insert(order, answers.clone());
        let holds = self.clone();
        (Waiter(waiter), Some(Open { holds, order, answers }))
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OrderId, Arc<Answers>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// The order that is held.
    pub const fn order(&self) -> OrderId {
        self.order
    }

    /// Waits until nobody waits for the answer any more.
    pub async fn deserted(&self) {
        self.answers.closed().await;
    }

    /// Whether nobody waits for the answer.
    pub fn is_deserted(&self) -> bool {
        let _nobody_joins_meanwhile = self.holds.lock();
        self.answers.receiver_count() == 0
    }

    /// Gives the answer to all who wait; who comes later finds no hold.
    pub fn answer(&self, reply: Reply) {
        self.holds.lock().remove(&self.order);
        self.answers.send_replace(Some(reply));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = self.holds.lock();
        if open.get(&self.order).is_some_and(|own| Arc::ptr_eq(own, &self.answers)) {
            open.remove(&self.order);
        }
    }
}
