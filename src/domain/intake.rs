//! What is decided about an order when its webhook arrives.

use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// How a customer's orders are taken in.
    pub enum TakeOrders {
        /// At once, by this setting.
        Accept = "accept", "Take every order at once";
        /// They are received, and a person decides.
        Later = "later", "A person decides later";
    }
}

words! {
    /// What happens to an order for a package that was never offered.
    pub enum UnknownPackage {
        /// It is taken in and flagged.
        Take = "take", "Take it in and flag it";
        /// It is rejected, once a publication was confirmed.
        Reject = "reject", "Reject it";
    }
}

words! {
    /// What happens to an order for a package that is no longer offered.
    pub enum WithdrawnPackage {
        /// It is served like any other.
        Serve = "serve", "Serve it";
        /// It is rejected.
        Reject = "reject", "Reject it";
    }
}

words! {
    /// How the ordered package stands to what the integration was offered.
    pub enum PackageStanding {
        /// It is in the newest confirmed publication.
        Offered = "offered", "Offered";
        /// It was in an earlier publication.
        Withdrawn = "withdrawn", "No longer offered";
        /// It was in none.
        Unknown = "unknown", "Never offered";
    }
}

/// A customer's settings for new orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerSettings {
    /// How orders are taken in.
    pub take_orders: TakeOrders,
    /// What happens to orders for packages that were never offered.
    pub unknown_package: UnknownPackage,
    /// What the recruiter reads when such an order is rejected; empty: [`UNKNOWN_MESSAGE`].
    pub unknown_message: String,
    /// What happens to orders for packages that are no longer offered.
    pub withdrawn_package: WithdrawnPackage,
    /// What the recruiter reads when such an order is rejected; empty: [`WITHDRAWN_MESSAGE`].
    pub withdrawn_message: String,
    /// Whether candidates are invited from here.
    pub invite: bool,
    /// Hours from arrival within which a result is due (1 to 8,760).
    pub due_hours: i64,
}

/// What a recruiter reads by default when they ordered a package that was never offered.
pub const UNKNOWN_MESSAGE: &str = "We don't offer this assessment. Please choose another one from the list, or write to us if you think that it should be there.";

/// What a recruiter reads by default when they ordered a package that is no longer offered.
pub const WITHDRAWN_MESSAGE: &str = "This assessment is no longer available. Please choose another one from the list; orders that you placed before are still being worked on.";

words! {
    /// Why an order was decided as it was.
    pub enum Why {
        /// The customer's orders are taken at once.
        TakesOrders = "takes_orders", "This customer's orders are taken at once.";
        /// The customer's orders wait for a person.
        PersonDecides = "person_decides", "This customer's orders wait for a person.";
        /// The candidate is waiting, so nobody can be asked first.
        Inline = "inline", "The candidate was waiting in the career page, so it was taken at once.";
        /// The integration belongs to no customer yet.
        Unassigned = "unassigned", "The integration belongs to no customer yet.";
        /// The package was never offered to this integration.
        UnknownPackage = "unknown_package", "This package was never offered to this integration.";
        /// The package is no longer offered.
        WithdrawnPackage = "withdrawn_package", "This package is no longer offered.";
    }
}

/// What the settings decide about a new order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Take it.
    Accept {
        /// Why.
        why: Why,
    },
    /// Refuse it in the answer.
    Reject {
        /// Why.
        why: Why,
        /// What the recruiter reads.
        message: String,
    },
    /// Receive it; a person decides later.
    Later {
        /// Why.
        why: Why,
        /// Whether somebody should look at it because something is wrong.
        flagged: bool,
    },
}
