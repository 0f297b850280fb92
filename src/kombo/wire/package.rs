//! Packages, as we publish them and as Kombo holds them.

use super::{PackageType, moment};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A package as we publish it; all four fields are required by Kombo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Our key: what orders name. At most 36 characters, so that every ATS can carry it.
    pub id: String,
    /// What sort it is.
    #[serde(rename = "type")]
    pub package_type: PackageType,
    /// What the recruiter chooses by.
    pub name: String,
    /// A sentence more.
    pub description: String,
}

/// The body of the call that sets an integration's packages: always the whole list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packages {
    /// The whole list; what is left out counts as deleted.
    pub packages: Vec<Package>,
}

/// A package as Kombo holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPackage {
    /// Our key.
    pub id: String,
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default, deserialize_with = "super::null_as_default")]
    pub description: String,
    /// When Kombo last changed it.
    #[serde(default, with = "moment::option")]
    pub updated_at: Option<Timestamp>,
    /// What sort it is; can be null for packages from before types existed.
    #[serde(rename = "type", default)]
    pub package_type: Option<PackageType>,
}

/// The list that Kombo holds for an integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPackages {
    /// In no promised order.
    pub packages: Vec<HeldPackage>,
}
