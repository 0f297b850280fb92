//! The result that we write back for an order.

use super::moment;
use crate::domain::time::Timestamp;
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Kombo takes at most this many attachments with a result.
pub const MAX_ATTACHMENTS: usize = 5;

/// What a result says about its order. `REJECTED` cannot be written: that is only ever an answer to the webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ResultStatus {
    /// The final word: done.
    Completed,
    /// The final word: it will not be done.
    Cancelled,
    /// A progress update; the order stays open.
    Open,
}

impl ResultStatus {
    /// The text on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Open => "OPEN",
        }
    }
}

/// The body of `PUT /assessment/orders/{id}/result`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultBody {
    /// What it says about the order.
    pub status: ResultStatus,
    /// The page that the recruiter opens: an absolute URI, required.
    pub result_url: String,
    /// When the order came to its end; belongs to both final statuses.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "moment::option")]
    pub completed_at: Option<Timestamp>,
    /// The score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The best score there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_score: Option<f64>,
    /// What else is to be said, in the order in which it is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Files; at most [`MAX_ATTACHMENTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What single ATSs take beyond that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_fields: Option<RemoteFields>,
}

impl fmt::Debug for ResultBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultBody")
            .field("status", &self.status)
            .field("attributes", &self.attributes.len())
            .field("attachments", &self.attachments.len())
            .finish_non_exhaustive()
    }
}

/// A line beside the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Attribute {
    /// A label and a text.
    #[serde(rename = "TEXT")]
    Text {
        /// What it is.
        label: String,
        /// What it says.
        value: String,
    },
    /// A score of its own. ATSs that take text only get it flattened to text by Kombo.
    #[serde(rename = "SUB_RESULT")]
    SubResult {
        /// Our id of the part.
        id: String,
        /// What it is.
        label: String,
        /// Its score.
        score: SubScore,
        /// Whether the part was done.
        status: SubResultStatus,
    },
}

/// A sub-result's score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubScore {
    /// What was reached.
    pub value: f64,
    /// The best there is; at least 1.
    pub max: f64,
}

/// Whether a part was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SubResultStatus {
    /// Done.
    Completed,
    /// Left out.
    Cancelled,
}

/// A file of a result: its bytes in base64, or an address from which Kombo fetches them at once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The name, with an extension.
    pub name: String,
    /// `type/subtype` without parameters; required with `data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// An address that needs no headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_url: Option<String>,
    /// The bytes in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

impl Attachment {
    /// An attachment that carries its bytes.
    pub fn with_bytes(name: impl Into<String>, content_type: impl Into<String>, bytes: &[u8]) -> Self {
        Self {
            name: name.into(),
            content_type: Some(content_type.into()),
            data_url: None,
            data: Some(base64::engine::general_purpose::STANDARD.encode(bytes)),
        }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// Fields that Kombo passes through to single ATSs. Unknown ones are kept when read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RemoteFields {
    /// For SmartRecruiters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smartrecruiters: Option<SmartRecruiters>,
    /// For Recruitee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recruitee: Option<Recruitee>,
    /// For Workday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workday: Option<Workday>,
    /// For tools that this program does not know.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// SmartRecruiters' field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmartRecruiters {
    /// Shown in place of the score.
    #[serde(rename = "scoreLabel", default, skip_serializing_if = "Option::is_none")]
    pub score_label: Option<String>,
}

/// Recruitee's field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recruitee {
    /// Shown under the report's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
}

/// Workday's field (in the SDKs from `kombo` 1.4.0 on): the customer's own id of an assessment status, deep inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workday {
    /// `Assessment_Status_ID`.
    pub assessment_status_id: String,
}

/// Where Workday keeps the id.
const WORKDAY_PATH: [&str; 5] = [
    "Assess_Candidate_Data",
    "Candidate_Assessment_Data",
    "Assess_Candidate_Test_Result_Data",
    "Assessment_Test_Status_Reference",
    "Assessment_Status_ID",
];

impl Serialize for Workday {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let leaf = serde_json::Value::from(self.assessment_status_id.as_str());
        WORKDAY_PATH
            .iter()
            .rev()
            .fold(leaf, |inner, key| serde_json::json!({ *key: inner }))
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Workday {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        WORKDAY_PATH
            .iter()
            .try_fold(&value, |inner, key| inner.get(key))
            .and_then(|id| id.as_str())
            .map(|id| Self {
                assessment_status_id: id.to_owned(),
            })
            .ok_or_else(|| serde::de::Error::custom("no Assessment_Status_ID"))
    }
}
