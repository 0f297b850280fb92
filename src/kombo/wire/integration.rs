//! Integrations: events about them, their details, and the links that make them.

use super::{Category, IntegrationState, Language, LinkType, QaStatus, SetupStatus, moment};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The organisation behind an integration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndUser {
    /// Its name, as given with the connection link.
    #[serde(default, deserialize_with = "super::null_as_default")]
    pub organization_name: String,
    /// Who made the connection.
    #[serde(default)]
    pub creator_email: Option<String>,
    /// The id that we gave the customer.
    #[serde(default)]
    pub origin_id: Option<String>,
}

/// `integration-created`. Carries no time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationCreated {
    /// Kombo's id (`greenhouse:…`).
    pub id: String,
    /// The ATS (`greenhouse`).
    pub tool: String,
    /// The product area.
    pub category: Category,
    /// Whose it is.
    pub end_user: EndUser,
}

/// `integration-deleted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationDeleted {
    /// Kombo's id (`greenhouse:…`).
    pub id: String,
    /// The ATS (`greenhouse`).
    pub tool: String,
    /// The product area.
    pub category: Category,
    /// Whose it was.
    pub end_user: EndUser,
    /// When it was deleted.
    #[serde(default, with = "moment::option")]
    pub deleted_at: Option<Timestamp>,
}

/// `integration-state-changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationStateChanged {
    /// The ATS (`greenhouse`).
    pub integration_tool: String,
    /// Kombo's id (`greenhouse:…`).
    pub integration_id: String,
    /// The product area.
    pub integration_category: Category,
    /// Whose it is.
    pub end_user: EndUser,
    /// Kombo's own check.
    #[serde(default)]
    pub qa_status: Option<QaStatus>,
    /// How far the set-up is.
    #[serde(default)]
    pub setup_status: Option<SetupStatus>,
    /// How it fares.
    pub state: IntegrationState,
    /// When this became so: older news must not undo newer.
    #[serde(default, with = "moment::option")]
    pub updated_at: Option<Timestamp>,
}

/// `connection-flow-failed`: a customer tried to connect, and it failed. There is no integration yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionFlowFailed {
    /// The ATS (`greenhouse`).
    pub integration_tool: String,
    /// The product area.
    pub integration_category: Category,
    /// Whose it would have been.
    pub end_user: EndUser,
    /// The page at Kombo that shows what went wrong.
    #[serde(default)]
    pub log_url: Option<String>,
}

/// The answer to `GET /check-api-key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckApiKey {
    /// The environment that the key belongs to.
    pub environment_id: String,
    /// Its old name, deprecated: the document still has it, the SDKs do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
}

/// The body of `POST /connect/create-link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateLink {
    /// The customer's contact.
    pub end_user_email: String,
    /// The customer's name.
    pub end_user_organization_name: String,
    /// The id that we gave the customer; Kombo echoes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_user_origin_id: Option<String>,
    /// Always [`Category::Assessment`] from us; Kombo's default is HRIS.
    pub integration_category: Category,
    /// The ATS, where it is known beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_tool: Option<String>,
    /// The page's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How it is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_type: Option<LinkType>,
}

/// The body of `POST /integrations/{id}/relink`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relink {
    /// The page's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How it is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_type: Option<LinkType>,
}

/// The body of `POST /integrations/{id}/setup-link`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupLink {
    /// The page's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How it is opened; required here.
    pub link_type: LinkType,
}

/// A link that the customer opens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The address. Whoever has it can connect in the customer's name.
    pub link: String,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link(…)")
    }
}

/// The body of `PUT /integrations/{id}/enabled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetEnabled {
    /// On or off.
    pub value: bool,
}

/// The answer to `GET /connect/integration-by-token/{token}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationByToken {
    /// The ATS (`greenhouse`).
    pub tool: String,
    /// Kombo's id (`greenhouse:…`).
    pub id: String,
    /// The id that we gave the customer.
    #[serde(default)]
    pub end_user_origin_id: Option<String>,
    /// The customer's name.
    pub end_user_organization_name: String,
    /// Who made the connection.
    #[serde(default)]
    pub end_user_email: Option<String>,
    /// How far the set-up is.
    #[serde(default)]
    pub setup_status: Option<SetupStatus>,
}

/// The answer to `GET /integrations/{id}`, as far as we need it (the coverage of models is left out).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntegrationDetails {
    /// Kombo's id (`greenhouse:…`).
    pub id: String,
    /// The ATS.
    pub tool: ToolRef,
    /// The product area.
    pub category: Category,
    /// How it fares.
    pub status: IntegrationState,
    /// How far the set-up is.
    #[serde(default)]
    pub setup_status: Option<SetupStatus>,
    /// Whose it is.
    pub end_user: EndUser,
    /// Kombo's set of permissions.
    #[serde(default)]
    pub scope_config: Option<ScopeConfig>,
    /// When its configuration was changed, until the next synchronisation.
    #[serde(default, with = "moment::option")]
    pub data_expired_at: Option<Timestamp>,
    /// When it was made.
    #[serde(default, with = "moment::option")]
    pub created_at: Option<Timestamp>,
    /// Whether Kombo calls its support of this ATS a beta.
    #[serde(default)]
    pub beta: bool,
    /// What can be read (not used by us, kept so that the sandbox writes it).
    #[serde(default)]
    pub read_models: Vec<serde_json::Value>,
    /// What can be written (not used by us, kept so that the sandbox writes it).
    #[serde(default)]
    pub write_actions: Vec<serde_json::Value>,
}

/// An ATS, as an integration's details name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolRef {
    /// Its id (`greenhouse`).
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// A name for support only.
    #[serde(default)]
    pub internal_label: Option<String>,
    /// An SVG with the name.
    #[serde(default, deserialize_with = "super::null_as_default")]
    pub logo_url: String,
    /// A square SVG.
    #[serde(default, deserialize_with = "super::null_as_default")]
    pub icon_url: String,
}

/// A set of permissions at Kombo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeConfig {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
}

/// The answer to `GET /tools/assessment`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tools {
    /// The ATSs that can be connected.
    pub tools: Vec<Tool>,
}

/// An ATS that can be connected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Its id (`greenhouse`).
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// A name for support only.
    #[serde(default)]
    pub internal_label: Option<String>,
    /// Its pictures.
    #[serde(default)]
    pub assets: Option<ToolAssets>,
    /// What its maker charges, in Markdown.
    #[serde(default)]
    pub paid_api_details_markdown: Option<String>,
    /// How to be quicker, in Markdown.
    #[serde(default)]
    pub fast_track_details_markdown: Option<String>,
    /// Which partnership it needs, in Markdown.
    #[serde(default)]
    pub partner_only_details_markdown: Option<String>,
    /// How a customer connects it.
    #[serde(default)]
    pub connection_guide_url: Option<String>,
    /// What Kombo supports of it (not used by us, kept so that the sandbox writes it).
    #[serde(default)]
    pub coverage: serde_json::Value,
}

/// Pictures of an ATS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolAssets {
    /// With the name.
    pub logo_url: String,
    /// Square.
    pub icon_url: String,
    /// Square and black.
    #[serde(default, deserialize_with = "super::null_as_default")]
    pub icon_black_url: String,
}
