//! The fixed words of an order.

use crate::domain::delivery::DeliveryState;
use crate::domain::words::words;

words! {
    /// Where an order stands with us. Kombo's status is another thing: [`KomboStatus`].
    pub enum Stage {
        /// It is here and nobody has decided yet.
        Received = "received", "Received";
        /// It is taken in.
        Accepted = "accepted", "Accepted";
        /// The mail server took the candidate's invitation.
        Invited = "invited", "Invited";
        /// The candidate pressed 'Start'.
        Started = "started", "Started";
        /// A drafted result waits for a second person.
        InReview = "in_review", "In review";
        /// A final word waits, is on its way, or is stuck.
        Closing = "closing", "Closing";
        /// End: the result is with Kombo.
        Completed = "completed", "Completed";
        /// End: refused in the answer to its webhook.
        Rejected = "rejected", "Rejected";
        /// End: cancelled, by us or in the ATS.
        Cancelled = "cancelled", "Cancelled";
    }
}

impl Stage {
    /// Work is still to be done on it.
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Self::Received | Self::Accepted | Self::Invited | Self::Started | Self::InReview
        )
    }

    /// Nothing more is to come.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::Rejected | Self::Cancelled)
    }
}

words! {
    /// What Kombo was last seen to hold.
    pub enum KomboStatus {
        /// A result can still be written.
        Open = "OPEN", "Open";
        /// A result was written.
        Completed = "COMPLETED", "Completed";
        /// Cancelled, by a result of ours or in the ATS.
        Cancelled = "CANCELLED", "Cancelled";
        /// Our answer to the webhook was a rejection.
        Rejected = "REJECTED", "Rejected";
    }
}

impl KomboStatus {
    /// The stage in which an order ends that Kombo shows like this; `None` while it is open.
    pub const fn end(self) -> Option<Stage> {
        match self {
            Self::Open => None,
            Self::Completed => Some(Stage::Completed),
            Self::Cancelled => Some(Stage::Cancelled),
            Self::Rejected => Some(Stage::Rejected),
        }
    }
}

words! {
    /// How an order first reached us.
    pub enum Source {
        /// Kombo's webhook told us.
        Webhook = "webhook", "Webhook";
        /// The reconciler found it in Kombo's list.
        List = "list", "Found in Kombo's list";
    }
}

words! {
    /// What was decided about an order.
    pub enum Decision {
        /// It was taken in.
        Accept = "accept", "Accepted";
        /// It was refused in the webhook's answer.
        Reject = "reject", "Rejected";
    }
}

words! {
    /// Who decided.
    pub enum DecidedBy {
        /// The customer's settings or rules.
        Rule = "rule", "The customer's settings";
        /// A person.
        Staff = "staff", "A person";
        /// It was over when we first saw it.
        Kombo = "kombo", "Decided before it reached us";
    }
}

words! {
    /// The final words that we can send.
    pub enum FinalStatus {
        /// A result.
        Completed = "COMPLETED", "Result";
        /// A cancellation with its reason.
        Cancelled = "CANCELLED", "Cancellation";
    }
}

impl FinalStatus {
    /// What Kombo shows once this has arrived.
    pub const fn kombo(self) -> KomboStatus {
        match self {
            Self::Completed => KomboStatus::Completed,
            Self::Cancelled => KomboStatus::Cancelled,
        }
    }

    /// The stage in which the order ends once this has arrived.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Completed => Stage::Completed,
            Self::Cancelled => Stage::Cancelled,
        }
    }
}

words! {
    /// How Kombo and we can disagree about an order.
    pub enum Conflict {
        /// Kombo shows a result that did not come from us.
        NotByUs = "not_by_us", "Kombo shows a result that did not come from us.";
        /// Kombo shows a rejection although the order was being worked on here.
        RejectionArrived = "rejection_arrived", "Our rejection did reach Kombo, although the order went on here.";
        /// Kombo ended the order in another way than we did.
        OtherEnd = "other_end", "Kombo ended this order in another way than we did.";
        /// Kombo keeps showing the order as open after we closed it.
        StillOpen = "still_open", "Kombo still shows this order as open although it is closed here.";
    }
}

words! {
    /// Why a candidate could not be invited.
    pub enum InviteProblem {
        /// The candidate's e-mail address is missing or cannot be one.
        NoAddress = "no_address", "The candidate's e-mail address is missing or cannot be one.";
        /// The package has no start address to lead the candidate to.
        NoStart = "no_start", "The package has no start address to lead the candidate to.";
        /// The mail server refused the address.
        Refused = "refused", "The mail server refused the candidate's address.";
        /// The mail was tried too often.
        Failed = "failed", "The mail could not be sent, however often it was tried.";
    }
}

words! {
    /// How it stands with the final word that an order waits for.
    pub enum FinalDelivery {
        /// There is none.
        Nothing = "nothing", "No final word";
        /// It waits and can be taken back.
        Waiting = "waiting", "Waiting to leave";
        /// A sender has claimed it: it is leaving now.
        Sending = "sending", "Leaving now";
        /// It was sent and nobody knows whether it arrived.
        Unknown = "unknown", "Sent, and not yet known to have arrived";
        /// It waits until the integration works again.
        Parked = "parked", "Waiting for the integration";
        /// It was refused, or tried too often.
        GivenUp = "given_up", "Given up";
    }
}

impl FinalDelivery {
    /// How it stands by the state of the newest final delivery of an order, where there is one.
    pub const fn of(newest: Option<DeliveryState>) -> Self {
        match newest {
            Some(DeliveryState::Waiting) => Self::Waiting,
            Some(DeliveryState::Sending) => Self::Sending,
            Some(DeliveryState::Ambiguous) => Self::Unknown,
            Some(DeliveryState::Parked) => Self::Parked,
            Some(DeliveryState::GivenUp) => Self::GivenUp,
            Some(DeliveryState::Delivered | DeliveryState::Superseded | DeliveryState::Withdrawn) | None => {
                Self::Nothing
            }
        }
    }

    /// No sender can be holding it.
    pub const fn rests(self) -> bool {
        !matches!(self, Self::Sending | Self::Unknown)
    }
}
