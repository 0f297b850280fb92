//! Whose desk is open: who was shown a page, or kept its event stream alive, within the last half minute.

use crate::domain::ids::StaffId;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a desk counts as open after its last sign of life.
pub const OPEN_FOR: Duration = Duration::from_secs(30);

/// Whose desk is open. Cheap to clone; forgotten when the program ends.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    desks: Arc<Mutex<HashMap<StaffId, (Viewer, Timestamp)>>>,
}

impl Presence {
    /// A sign of life of `viewer`'s desk: a page was shown, or its event stream is alive.
    pub fn seen(&self, viewer: &Viewer, now: Timestamp) {
        if let Some(id) = viewer.staff_id() {
            self.lock().insert(id, (*viewer, now));
        }
    }

    /// Nobody is at that desk any more: signed out, or disabled.
    pub fn gone(&self, id: StaffId) {
        self.lock().remove(&id);
    }

    /// Everybody whose desk was open within the last [`OPEN_FOR`].
    pub fn open_desks(&self, now: Timestamp) -> Vec<Viewer> {
        let mut desks = self.lock();
        desks.retain(|_, (_, seen)| now.since(*seen) <= OPEN_FOR);
        desks.values().map(|(viewer, _)| *viewer).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<StaffId, (Viewer, Timestamp)>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
