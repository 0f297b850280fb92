//! How many calls may be under way for one integration at once.
//!
//! Kombo refuses what exceeds its limit, so everything that is asked for an integration goes through its lane: results,
//! publications, and what the reconciler reads. One process works on a database, so what it knows is all there is, but
//! for what a process before it left behind: that may still be under way until its lease is over.

use crate::domain::delivery::MAX_IN_FLIGHT;
use crate::domain::ids::{DeliveryId, IntegrationId};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a call whose answer we did not hear keeps its room: Kombo learns a moment later that we hung up, and may be at
/// it until then. Twice as long for each round of calls in a row that went unheard, so that a Kombo which has too much to do
/// is not kept so by our asking again and again.
const UNHEARD: Duration = Duration::from_millis(250);

/// How often that doubles, at most: to four seconds.
const DOUBLED: usize = 4;

/// The lanes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Lanes(Arc<Mutex<HashMap<IntegrationId, Lane>>>);

#[derive(Debug)]
struct Lane {
    room: Arc<Semaphore>,
    left_behind: HashSet<DeliveryId>,
    closed: bool,
    /// How many calls in a row went unheard.
    unheard: usize,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
            left_behind: HashSet::new(),
            closed: false,
            unheard: 0,
        }
    }
}

impl Lane {
    /// A call ended; how long it keeps its room.
    fn ended(&mut self, unheard: bool) -> Duration {
        if !unheard {
            self.unheard = 0;
            return Duration::ZERO;
        }
        let rounds = (self.unheard / MAX_IN_FLIGHT).min(DOUBLED);
        self.unheard += 1;
        UNHEARD * (1 << rounds)
    }
}

/// Room for one call, until this is dropped.
#[derive(Debug)]
pub struct Pass {
    room: Option<OwnedSemaphorePermit>,
    lanes: Lanes,
    integration: IntegrationId,
}

impl Pass {
    /// Gives the room back after a call; where its answer was not heard (`unheard`), a moment later.
    pub fn give_back(self, unheard: bool) {
        let kept = self.lanes.known().entry(self.integration).or_default().ended(unheard);
        if !kept.is_zero() {
            tokio::spawn(async move {
                tokio::time::sleep(kept).await;
                drop(self.room);
            });
        }
    }
}

impl Lanes {
    /// Waits for room for one call; those who came first go first.
    pub async fn enter(&self, integration: IntegrationId) -> Pass {
        let room = self.known().entry(integration).or_default().room.clone();
        Pass {
            // Nobody closes a lane's semaphore.
            room: room.acquire_owned().await.ok(),
            lanes: self.clone(),
            integration,
        }
    }

    /// A process before this one left this delivery behind: it takes up room until [`Lanes::is_over`].
    pub fn was_left_behind(&self, integration: IntegrationId, delivery: DeliveryId) {
        let mut known = self.known();
        let lane = known.entry(integration).or_default();
        if lane.left_behind.insert(delivery) && lane.left_behind.len() <= MAX_IN_FLIGHT {
            lane.room.forget_permits(1);
        }
    }

    /// What was left behind is known to be under way no more.
    pub fn is_over(&self, integration: IntegrationId, delivery: DeliveryId) {
        let mut known = self.known();
        let lane = known.entry(integration).or_default();
        if lane.left_behind.remove(&delivery) && lane.left_behind.len() < MAX_IN_FLIGHT {
            lane.room.add_permits(1);
        }
    }

    /// Kombo says that the integration does not work: what was claimed for it and not sent goes back.
    pub fn close(&self, integration: IntegrationId) {
        self.known().entry(integration).or_default().closed = true;
    }

    /// Something was claimed for it anew.
    pub fn open(&self, integration: IntegrationId) {
        self.known().entry(integration).or_default().closed = false;
    }

    /// Whether it was closed and nothing was claimed for it since.
    pub fn is_closed(&self, integration: IntegrationId) -> bool {
        self.known().get(&integration).is_some_and(|lane| lane.closed)
    }

    /// Through how many integrations calls are under way.
    pub fn busy(&self) -> usize {
        let known = self.known();
        let busy = known
            .values()
            .filter(|lane| lane.room.available_permits() < MAX_IN_FLIGHT);
        busy.count()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<IntegrationId, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use uuid::Uuid;

    #[tokio::test]
    async fn what_was_left_behind_takes_up_room_until_it_is_over() {
        let lanes = Lanes::default();
        let (integration, other) = (IntegrationId(Uuid::from_u128(1)), IntegrationId(Uuid::from_u128(2)));
        for number in 0..64 {
            lanes.was_left_behind(integration, DeliveryId(Uuid::from_u128(number)));
        }
        assert!(lanes.enter(integration).now_or_never().is_none());
        assert!(lanes.enter(other).now_or_never().is_some());
        for number in 0..45 {
            assert!(lanes.enter(integration).now_or_never().is_none());
            lanes.is_over(integration, DeliveryId(Uuid::from_u128(number)));
        }
        lanes.is_over(integration, DeliveryId(Uuid::from_u128(44)));
        let passes = (0..20)
            .map_while(|_| lanes.enter(integration).now_or_never())
            .collect::<Vec<_>>();
        assert_eq!(passes.len(), 1);
        drop(passes);
        assert!(lanes.enter(integration).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_call_that_was_not_heard_keeps_its_room_for_a_moment() {
        let lanes = Lanes::default();
        let integration = IntegrationId(Uuid::from_u128(1));
        let mut passes = Vec::new();
        for _ in 0..MAX_IN_FLIGHT {
            passes.push(lanes.enter(integration).await);
        }
        passes.pop().expect("a pass").give_back(true);
        assert!(lanes.enter(integration).now_or_never().is_none());
        passes.push(lanes.enter(integration).await);
        passes.pop().expect("a pass").give_back(false);
        assert!(lanes.enter(integration).now_or_never().is_some());
    }

    #[test]
    fn room_comes_back_later_and_later_while_nothing_is_heard() {
        let mut lane = Lane::default();
        let mut kept = || (0..MAX_IN_FLIGHT).map(|_| lane.ended(true).as_millis()).max();
        let rounds = std::iter::repeat_with(&mut kept).take(6).flatten().collect::<Vec<_>>();
        assert_eq!(rounds, [250, 500, 1_000, 2_000, 4_000, 4_000]);
        assert!(lane.ended(false).is_zero());
        assert_eq!(lane.ended(true), UNHEARD);
    }
}
