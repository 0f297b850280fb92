//! Ids: `UUIDv7`, one type for each thing that has one, so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A person who signs in.
    StaffId
    /// An organisation that orders from us.
    CustomerId
    /// A customer's connection of one ATS (ours; Kombo's is the text `tool:…`).
    IntegrationId
    /// A package of the catalogue.
    PackageId
    /// A file with packages that waits to be imported.
    CatalogueUploadId
    /// A numbered, kept list of packages that was sent, or is to be sent, to Kombo.
    PublicationId
    /// Packages of the catalogue that several offers follow.
    OfferSetId
    /// Publications for many integrations at once.
    RolloutId
    /// A connection link.
    ConnectionLinkId
    /// An order.
    OrderId
    /// A webhook that reached us.
    InboxId
    /// Something that must reach somebody else.
    DeliveryId
    /// One try of a delivery.
    AttemptId
    /// An uploaded file.
    FileId
    /// A line of the audit trail.
    AuditId
    /// A data key that seals personal bodies.
    KeyId
    /// A reason of the library.
    ReasonId
    /// A text of the invitation.
    InvitationTextId
    /// One run of the reconciler.
    RunId
    /// A version of rules.
    RuleSetId
    /// A rule; the same from version to version.
    RuleId
}
