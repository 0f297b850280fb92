//! Which hints a person may see: by role, and by the customers that are theirs.

use crate::app::App;
use crate::domain::ids::CustomerId;
use crate::domain::role::Permission;
use crate::domain::viewer::Viewer;
use crate::live::{Hint, Kind};
use crate::store::{self, staff};
use std::collections::HashSet;

/// What a kind is called in an event.
pub(super) const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Order => "order",
        Kind::Held => "held",
        Kind::Looking => "looking",
        Kind::Inbox => "inbox",
        Kind::Delivery => "delivery",
        Kind::Integration => "integration",
        Kind::Customer => "customer",
        Kind::Reconciler => "reconciler",
        Kind::Staff => "staff",
    }
}

/// What it takes to see things of this kind.
const fn needed(kind: Kind) -> Permission {
    match kind {
        Kind::Order | Kind::Held | Kind::Looking => Permission::ViewOrders,
        Kind::Inbox | Kind::Delivery | Kind::Reconciler => Permission::ViewTraffic,
        Kind::Integration | Kind::Customer => Permission::ViewCustomers,
        Kind::Staff => Permission::ManageStaff,
    }
}

/// Whether things of this kind belong to a customer, or to whoever holds the permission.
const fn is_a_customers(kind: Kind) -> bool {
    !matches!(kind, Kind::Reconciler | Kind::Staff)
}

/// What one person may see. Whoever sees all customers costs no look at the database.
#[derive(Debug)]
pub(super) struct Sight {
    viewer: Viewer,
    only: Option<HashSet<CustomerId>>,
}

impl Sight {
    pub(super) async fn of(app: &App, viewer: Viewer) -> Result<Self, store::Error> {
        let only = match viewer.limited_to() {
            None => None,
            Some(id) => {
                let mut conn = app.read().await?;
                Some(staff::customers_of(&mut conn, id).await?.into_iter().collect())
            }
        };
        Ok(Self { viewer, only })
    }

    pub(super) fn sees(&self, hint: &Hint) -> bool {
        if !self.viewer.can(needed(hint.kind)) {
            return false;
        }
        match &self.only {
            Some(only) if is_a_customers(hint.kind) => hint.customer.is_some_and(|id| only.contains(&id)),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::StaffId;
    use crate::domain::role::Role;
    use uuid::Uuid;

    const KINDS: [Kind; 9] = [
        Kind::Order,
        Kind::Held,
        Kind::Looking,
        Kind::Inbox,
        Kind::Delivery,
        Kind::Integration,
        Kind::Customer,
        Kind::Reconciler,
        Kind::Staff,
    ];

    fn seen(role: Role, only: Option<u128>, customer: Option<u128>) -> Vec<&'static str> {
        let customer_id = |id| CustomerId(Uuid::from_u128(id));
        let viewer = Viewer::staff(StaffId(Uuid::nil()), role, only.is_none());
        let only = only.map(|id| HashSet::from([customer_id(id)]));
        let sight = Sight { viewer, only };
        let hint = |kind| Hint {
            kind,
            id: Uuid::nil(),
            customer: customer.map(customer_id),
        };
        let seen = KINDS.into_iter().filter(|kind| sight.sees(&hint(*kind)));
        seen.map(word).collect()
    }

    #[test]
    fn a_role_sees_the_kinds_that_it_may_open() {
        assert_eq!(
            seen(Role::Viewer, None, Some(1)),
            ["order", "held", "looking", "integration", "customer"]
        );
        assert_eq!(seen(Role::Operator, None, Some(1)).len(), 8);
        assert_eq!(seen(Role::Admin, None, Some(1)).len(), 9);
    }

    #[test]
    fn a_limited_person_sees_their_customers_and_what_is_nobodys_business_in_particular() {
        assert_eq!(seen(Role::Admin, Some(1), Some(1)).len(), 9);
        assert_eq!(seen(Role::Admin, Some(1), Some(2)), ["reconciler", "staff"]);
        assert_eq!(seen(Role::Operator, Some(1), None), ["reconciler"]);
    }
}
