//! What travels between Kombo and us, as types that read and write the same JSON.
//!
//! Reading is as tolerant as the contract asks for (missing keys, nulls, unknown values); writing is exact, so that the
//! sandbox can speak with the same types.

mod answer;
mod integration;
mod moment;
mod order;
mod package;
mod result;
mod webhook;

pub use answer::{Failure, FailureDetail, InlineAnswer, Rejection, RejectionDetail, Success, Warning};
pub use integration::{
    CheckApiKey, ConnectionFlowFailed, CreateLink, EndUser, IntegrationByToken, IntegrationCreated, IntegrationDeleted,
    IntegrationDetails, IntegrationStateChanged, Link, Relink, ScopeConfig, SetEnabled, SetupLink, Tool, ToolAssets,
    ToolRef, Tools,
};
pub use order::{Application, Candidate, Job, Location, Order, OrderStatus, OrdersPage, TeamMember};
pub use package::{HeldPackage, HeldPackages, Package, Packages};
pub use result::{
    Attachment, Attribute, MAX_ATTACHMENTS, Recruitee, RemoteFields, ResultBody, ResultStatus, SmartRecruiters,
    SubResultStatus, SubScore, Workday,
};
pub use webhook::{Envelope, Event, Unreadable, event_type};

/// A closed list of texts on Kombo's side that may grow: unknown values are kept as they came.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A value that this program does not know yet.
            Other(String),
        }

        impl $name {
            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self { $(Self::$variant => $text,)* Self::Other(text) => text }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text { $($text => Self::$variant,)* other => Self::Other(other.to_owned()) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(text.as_ref()))
            }
        }
    };
}

open_enum! {
    /// What a product area of Kombo an integration belongs to; ours is [`Category::Assessment`].
    Category {
        /// Assessments and background checks: the only category that concerns us.
        Assessment = "ASSESSMENT",
        /// Applicant tracking.
        Ats = "ATS",
        /// Human resources.
        Hris = "HRIS",
        /// Learning.
        Lms = "LMS",
    }
}

open_enum! {
    /// How an integration fares.
    IntegrationState {
        /// It works.
        Active = "ACTIVE",
        /// Its credentials no longer work: the customer must reconnect.
        Invalid = "INVALID",
        /// Somebody switched it off.
        Inactive = "INACTIVE",
    }
}

open_enum! {
    /// Kombo's own check of a new integration.
    QaStatus {
        /// Not looked at yet.
        Pending = "PENDING",
        /// Something is wrong with it.
        Failed = "FAILED",
        /// Fine.
        Passed = "PASSED",
    }
}

open_enum! {
    /// How far the customer came in setting an integration up.
    SetupStatus {
        /// Steps are left.
        Incomplete = "INCOMPLETE",
        /// All steps are done; the last synchronisation runs.
        FinalSyncPending = "FINAL_SYNC_PENDING",
        /// Ready.
        Completed = "COMPLETED",
    }
}

open_enum! {
    /// What sort of package it is.
    PackageType {
        /// Personality and behaviour.
        Behavioral = "BEHAVIORAL",
        /// A recorded or live interview.
        VideoInterview = "VIDEO_INTERVIEW",
        /// A test of skills.
        SkillsTest = "SKILLS_TEST",
        /// A background check.
        BackgroundCheck = "BACKGROUND_CHECK",
        /// A check of references.
        ReferenceCheck = "REFERENCE_CHECK",
    }
}

open_enum! {
    /// What a member of a hiring team does.
    TeamRole {
        /// Runs the process.
        Recruiter = "RECRUITER",
        /// Decides whom to hire.
        HiringManager = "HIRING_MANAGER",
    }
}

open_enum! {
    /// The language of a connection page.
    Language {
        /// English.
        En = "en",
        /// German.
        De = "de",
        /// French.
        Fr = "fr",
        /// Italian.
        It = "it",
        /// Spanish.
        Es = "es",
    }
}

open_enum! {
    /// How a connection link is meant to be opened.
    LinkType {
        /// By Kombo's browser SDK; good for an hour.
        Embedded = "EMBEDDED",
        /// By itself, sent by mail; good for a year.
        MagicLink = "MAGIC_LINK",
    }
}

/// Reads a missing key or a null as the type's default.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de> + Default,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests;
