//! On whose behalf something is read or done, and which customers they may see.

use super::ids::StaffId;
use super::role::{Permission, Role};

/// Who does something, as the audit trail names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person who signed in.
    Staff(StaffId),
    /// The program by itself.
    System,
    /// A customer's settings or rules.
    Rule,
    /// Kombo, by a webhook or a list.
    Kombo,
    /// A candidate, by their link.
    Candidate,
    /// Somebody at the server's command line.
    Command,
}

impl Actor {
    /// The word in the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff(_) => "staff",
            Self::System => "system",
            Self::Rule => "rule",
            Self::Kombo => "kombo",
            Self::Candidate => "candidate",
            Self::Command => "command",
        }
    }

    /// The person, where it is one of ours.
    pub const fn staff_id(self) -> Option<StaffId> {
        match self {
            Self::Staff(id) => Some(id),
            _ => None,
        }
    }
}

/// Which customers somebody may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Customers {
    /// All of them, and what belongs to none yet.
    All,
    /// Those that stand beside the staff member in `staff_customers`.
    Only(StaffId),
}

/// On whose behalf a store read or an action happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Viewer {
    /// Who it is.
    pub who: Actor,
    /// What they may do.
    pub role: Role,
    /// Which customers they may see.
    pub customers: Customers,
}

impl Viewer {
    /// A staff member.
    pub const fn staff(id: StaffId, role: Role, all_customers: bool) -> Self {
        Self {
            who: Actor::Staff(id),
            role,
            customers: if all_customers {
                Customers::All
            } else {
                Customers::Only(id)
            },
        }
    }

    /// The program's own workers.
    pub const fn system() -> Self {
        Self::unlimited(Actor::System)
    }

    /// A customer's settings or rules, applied while an order is taken in.
    pub const fn rule() -> Self {
        Self::unlimited(Actor::Rule)
    }

    /// Kombo's news.
    pub const fn kombo() -> Self {
        Self::unlimited(Actor::Kombo)
    }

    /// A candidate, whose link was checked before.
    pub const fn candidate() -> Self {
        Self::unlimited(Actor::Candidate)
    }

    /// Somebody at the server's command line.
    pub const fn command() -> Self {
        Self::unlimited(Actor::Command)
    }

    const fn unlimited(who: Actor) -> Self {
        Self {
            who,
            role: Role::Admin,
            customers: Customers::All,
        }
    }

    /// Whether they may do this.
    pub fn can(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// Whether they may see every customer.
    pub const fn sees_all(&self) -> bool {
        matches!(self.customers, Customers::All)
    }

    /// The person, where it is one of ours.
    pub const fn staff_id(&self) -> Option<StaffId> {
        self.who.staff_id()
    }

    /// The staff member whose customers are the only ones to be seen; `None` where all may be seen.
    pub const fn limited_to(&self) -> Option<StaffId> {
        match self.customers {
            Customers::All => None,
            Customers::Only(id) => Some(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limited_staff_member_sees_only_their_customers() {
        let id = StaffId(uuid::Uuid::from_u128(7));
        let viewer = Viewer::staff(id, Role::Operator, false);
        assert!(!viewer.sees_all());
        assert_eq!(viewer.limited_to(), Some(id));
        assert_eq!(viewer.staff_id(), Some(id));
        assert!(viewer.can(Permission::CancelOrders));
        assert!(!viewer.can(Permission::ManageStaff));
    }

    #[test]
    fn the_program_itself_is_not_limited() {
        assert!(Viewer::system().sees_all());
        assert_eq!(Viewer::system().staff_id(), None);
        assert_eq!(Viewer::command().who.as_str(), "command");
    }
}
