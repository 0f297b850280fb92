//! What must reach somebody else: its kinds, its states, and how long to wait between attempts.

use super::words::words;

words! {
    /// What kind of thing is delivered.
    pub enum DeliveryKind {
        /// A result, a cancellation or a progress update of an order.
        Result = "result", "Result";
        /// The packages of an integration.
        Publication = "publication", "Publication";
        /// A mail.
        Mail = "mail", "Mail";
        /// An event for the provider's own systems.
        Event = "event", "Event";
    }
}

words! {
    /// How it stands with a delivery.
    pub enum DeliveryState {
        /// It waits for its time.
        Waiting = "waiting", "Waiting";
        /// A sender holds it.
        Sending = "sending", "Sending";
        /// It was sent and nobody knows whether it arrived: it is read back before it is sent again.
        Ambiguous = "ambiguous", "Fate unknown";
        /// It waits until its integration works again.
        Parked = "parked", "Parked";
        /// It arrived.
        Delivered = "delivered", "Delivered";
        /// It was refused, or tried too often.
        GivenUp = "given_up", "Given up";
        /// A newer one took its place.
        Superseded = "superseded", "Replaced by a newer one";
        /// It was taken back before it left.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

impl DeliveryState {
    /// Nothing will be sent any more unless a person asks for it.
    pub const fn is_over(self) -> bool {
        matches!(
            self,
            Self::Delivered | Self::GivenUp | Self::Superseded | Self::Withdrawn
        )
    }
}

words! {
    /// How one attempt ended.
    pub enum Outcome {
        /// The other side took it.
        Delivered = "delivered", "Delivered";
        /// It failed in a way that may pass.
        Retry = "retry", "To be tried again";
        /// It was refused: a person must look.
        Refused = "refused", "Refused";
        /// The integration does not work at present.
        Parked = "parked", "Integration not working";
        /// No answer: it may or may not have arrived.
        Unknown = "unknown", "No answer";
        /// The order or the packages were read back to learn its fate.
        ReadBack = "read_back", "Read back";
        /// The sender took too long and another one had taken over.
        LostLease = "lost_lease", "Overtaken by another sender";
    }
}
