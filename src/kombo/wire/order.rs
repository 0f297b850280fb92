//! Orders, as webhooks and the list of orders tell them.

use super::{TeamRole, null_as_default};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Kombo's status of an order. A value outside these four makes an order unreadable: nothing sensible could be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum OrderStatus {
    /// Waits for a result.
    Open,
    /// Has a result.
    Completed,
    /// Was cancelled, by us or in the ATS.
    Cancelled,
    /// Was rejected by our answer to its webhook.
    Rejected,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Completed, Self::Cancelled, Self::Rejected];

    /// The text on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Rejected => "REJECTED",
        }
    }

    /// Reads the text on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One candidate asked to take one package.
///
/// Its texts are a person's data: they belong in no log.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Kombo's id of the order: the order's own key, whatever event told it.
    pub id: String,
    /// The package's key, as we published it.
    pub package_id: String,
    /// What Kombo holds.
    pub status: OrderStatus,
    /// Kombo's id of the integration. Webhooks carry it; the list of orders, which is asked per integration, does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<String>,
    /// Who is to take the package.
    pub candidate: Candidate,
    /// The candidate's application.
    #[serde(default, deserialize_with = "null_as_default")]
    pub application: Application,
    /// The job applied for.
    #[serde(default, deserialize_with = "null_as_default")]
    pub job: Job,
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("id", &self.id)
            .field("package_id", &self.package_id)
            .field("status", &self.status)
            .field("integration_id", &self.integration_id)
            .finish_non_exhaustive()
    }
}

/// A candidate, as far as the ATS tells.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The ATS's id.
    #[serde(default)]
    pub remote_id: Option<String>,
    /// The address; always there.
    pub email: String,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// Telephone number, in no particular form.
    #[serde(default)]
    pub phone: Option<String>,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("remote_id", &self.remote_id)
            .finish_non_exhaustive()
    }
}

/// An application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Application {
    /// The ATS's id.
    #[serde(default)]
    pub remote_id: Option<String>,
}

/// A job.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The ATS's id.
    #[serde(default)]
    pub remote_id: Option<String>,
    /// The title.
    #[serde(default)]
    pub name: Option<String>,
    /// The customer's own number.
    #[serde(default)]
    pub job_code: Option<String>,
    /// The description: HTML from outside, never to be shown as it came.
    #[serde(default)]
    pub description: Option<String>,
    /// Where the work is done.
    #[serde(default)]
    pub location: Option<Location>,
    /// Who hires.
    #[serde(default, deserialize_with = "null_as_default")]
    pub hiring_team: Vec<TeamMember>,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("remote_id", &self.remote_id)
            .finish_non_exhaustive()
    }
}

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// First line of the street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street_1: Option<String>,
    /// Second line of the street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street_2: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// Country, mostly ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The whole as the ATS has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl Location {
    /// One line for people: the raw text, else city, state and country; `None` where nothing is known.
    pub fn line(&self) -> Option<String> {
        let said = |text: &Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        said(&self.raw).or_else(|| {
            let parts: Vec<String> = [&self.city, &self.state, &self.country]
                .into_iter()
                .filter_map(said)
                .collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        })
    }
}

/// A member of a hiring team.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TeamMember {
    /// The ATS's id.
    #[serde(default)]
    pub remote_id: Option<String>,
    /// The address.
    #[serde(default)]
    pub email: Option<String>,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// What they do.
    #[serde(default, deserialize_with = "null_as_default")]
    pub hiring_team_roles: Vec<TeamRole>,
}

impl fmt::Debug for TeamMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TeamMember")
            .field("roles", &self.hiring_team_roles)
            .finish_non_exhaustive()
    }
}

/// A page of the list of orders.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrdersPage {
    /// The cursor of the next page; `None` on the last.
    pub next: Option<String>,
    /// The orders.
    pub results: Vec<Order>,
    /// Entries that could not be read (their ids where even that is readable): one odd order must not hide the others.
    #[serde(skip)]
    pub unreadable: Vec<Option<String>>,
}

impl<'de> Deserialize<'de> for OrdersPage {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Loose {
            #[serde(default)]
            next: Option<String>,
            results: Vec<serde_json::Value>,
        }
        let loose = Loose::deserialize(deserializer)?;
        let mut page = Self {
            next: loose.next,
            results: Vec::with_capacity(loose.results.len()),
            unreadable: Vec::new(),
        };
        for entry in loose.results {
            match Order::deserialize(&entry) {
                Ok(order) => page.results.push(order),
                Err(_) => page
                    .unreadable
                    .push(entry.get("id").and_then(|id| id.as_str()).map(str::to_owned)),
            }
        }
        Ok(page)
    }
}
