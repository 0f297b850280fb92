//! Rules, made ready once for each version: a version never changes, so what is kept here is never old.

use crate::domain::ids::{CustomerId, RuleSetId};
use crate::domain::rules::{Prepared, RuleSet, Rules};
use crate::store::rule_sets::{self, RuleSetRow};
use crate::store::{Conn, Error};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many versions are kept: more than customers that order on one day.
const MOST: usize = 1_024;

/// Versions that are ready. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RuleCache(Arc<Mutex<HashMap<RuleSetId, Arc<Prepared>>>>);

impl RuleCache {
    /// The rules in force that are asked about this customer's orders.
    ///
    /// # Errors
    /// What the store tells.
    pub async fn in_force(&self, conn: &mut Conn, customer: CustomerId) -> Result<Rules, Error> {
        let ids = rule_sets::in_force(conn, customer).await?;
        Ok(Rules {
            own: self.get(conn, ids.own).await?,
            house: self.get(conn, ids.house).await?,
        })
    }

    /// A version, ready.
    ///
    /// # Errors
    /// What the store tells.
    pub async fn get(&self, conn: &mut Conn, id: Option<RuleSetId>) -> Result<Option<Arc<Prepared>>, Error> {
        let Some(id) = id else {
            return Ok(None);
        };
        if let Some(ready) = self.lock().get(&id) {
            return Ok(Some(ready.clone()));
        }
        let Some(row) = rule_sets::find(conn, id).await? else {
            return Ok(None);
        };
        let ready = Arc::new(Prepared::new(Some(id), row.customer_id, read(&row)));
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(id, ready.clone());
        Ok(Some(ready))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RuleSetId, Arc<Prepared>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rules of a version. What cannot be read decides nothing: then the settings do.
fn read(row: &RuleSetRow) -> RuleSet {
    RuleSet::parse(&row.rules).unwrap_or_else(|| {
        tracing::error!(rules = %row.id, "these rules cannot be read, so none of them is asked");
        RuleSet::default()
    })
}
