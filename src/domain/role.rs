//! The five roles as data: what each may do stands in one table.

use super::words::words;

words! {
    /// What a staff member is here for.
    pub enum Role {
        /// Everything, the house itself included.
        Admin = "admin", "Administrator";
        /// Customers, packages and everything about orders.
        Manager = "manager", "Manager";
        /// The daily work on orders.
        Operator = "operator", "Operator";
        /// Checks results and lets them go.
        Reviewer = "reviewer", "Reviewer";
        /// Looks and changes nothing.
        Viewer = "viewer", "Viewer";
    }
}

words! {
    /// One thing that a person may be allowed to do.
    pub enum Permission {
        /// See orders, candidates and results.
        ViewOrders = "view_orders", "See orders";
        /// Accept orders, pause and assign them, invite candidates again.
        DecideOrders = "decide_orders", "Accept and steer orders";
        /// Write drafts of results and ask for a review.
        EnterResults = "enter_results", "Enter results";
        /// Return a draft or approve it.
        ReviewResults = "review_results", "Review results";
        /// Let a result go to Kombo, and undo that.
        ReleaseResults = "release_results", "Release results";
        /// Cancel orders with a reason.
        CancelOrders = "cancel_orders", "Cancel orders";
        /// See customers, integrations, packages and publications.
        ViewCustomers = "view_customers", "See customers and packages";
        /// Create customers, change their settings, make connection links.
        ManageCustomers = "manage_customers", "Manage customers";
        /// Join an unassigned integration to a customer.
        AssignIntegrations = "assign_integrations", "Assign integrations";
        /// Change the catalogue and what integrations offer.
        ManagePackages = "manage_packages", "Manage packages";
        /// Change the library of reasons.
        ManageReasons = "manage_reasons", "Manage reasons";
        /// Send an offer to Kombo.
        Publish = "publish", "Publish offers";
        /// See inbox, outbox, mail and reconciler.
        ViewTraffic = "view_traffic", "See inbox and outbox";
        /// Retry deliveries and replay webhooks.
        RetryTraffic = "retry_traffic", "Retry and replay";
        /// Add staff, change their roles, disable them.
        ManageStaff = "manage_staff", "Manage staff";
        /// See the audit trail.
        ViewAudit = "view_audit", "See the audit trail";
        /// See how the house is set up.
        ViewSettings = "view_settings", "See settings";
    }
}

/// Who may do what. A role has exactly what stands here.
const TABLE: [(Role, &[Permission]); 5] = {
    use Permission as P;
    [
        (Role::Admin, Permission::ALL),
        (
            Role::Manager,
            &[
                P::ViewOrders,
                P::DecideOrders,
                P::EnterResults,
                P::ReviewResults,
                P::ReleaseResults,
                P::CancelOrders,
                P::ViewCustomers,
                P::ManageCustomers,
                P::AssignIntegrations,
                P::ManagePackages,
                P::Publish,
                P::ViewTraffic,
                P::RetryTraffic,
                P::ViewAudit,
            ],
        ),
        (
            Role::Operator,
            &[
                P::ViewOrders,
                P::DecideOrders,
                P::EnterResults,
                P::ReleaseResults,
                P::CancelOrders,
                P::ViewCustomers,
                P::ViewTraffic,
                P::RetryTraffic,
            ],
        ),
        (
            Role::Reviewer,
            &[
                P::ViewOrders,
                P::EnterResults,
                P::ReviewResults,
                P::ReleaseResults,
                P::ViewCustomers,
            ],
        ),
        (Role::Viewer, &[P::ViewOrders, P::ViewCustomers]),
    ]
};

impl Role {
    /// Everything that the role may do.
    pub fn permissions(self) -> &'static [Permission] {
        TABLE
            .iter()
            .find(|(role, _)| *role == self)
            .map_or(&[], |(_, permissions)| permissions)
    }

    /// Whether the role may do this.
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }

    /// The role in a sentence, for the person who gives it to somebody.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Admin => "May do everything, including staff and settings.",
            Self::Manager => "Looks after customers, packages and publications, and may do everything with orders.",
            Self::Operator => {
                "Does the daily work: accepts orders, enters and releases results, cancels, sends again what failed."
            }
            Self::Reviewer => "Checks results, returns them or releases them.",
            Self::Viewer => "Sees orders, customers and packages, and changes nothing.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_stands_in_the_table_once() {
        for role in Role::ALL {
            assert_eq!(TABLE.iter().filter(|(r, _)| r == role).count(), 1, "{role}");
            assert!(role.may(Permission::ViewOrders), "{role}");
        }
    }

    #[test]
    fn a_viewer_changes_nothing() {
        assert_eq!(
            Role::Viewer.permissions(),
            [Permission::ViewOrders, Permission::ViewCustomers]
        );
    }

    #[test]
    fn only_an_administrator_manages_staff() {
        for role in Role::ALL {
            assert_eq!(role.may(Permission::ManageStaff), *role == Role::Admin);
        }
    }

    #[test]
    fn no_permission_is_given_twice() {
        for (role, permissions) in TABLE {
            let mut once = permissions.to_vec();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), permissions.len(), "{role}");
        }
    }
}
