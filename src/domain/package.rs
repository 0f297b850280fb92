//! Packages: their types, their keys, and the difference between two offers.

use super::words::words;

words! {
    /// Kombo's five types of package.
    pub enum PackageType {
        /// How somebody behaves.
        Behavioral = "BEHAVIORAL", "Behaviour";
        /// Answers on video.
        VideoInterview = "VIDEO_INTERVIEW", "Video interview";
        /// What somebody can do.
        SkillsTest = "SKILLS_TEST", "Skills test";
        /// What records say.
        BackgroundCheck = "BACKGROUND_CHECK", "Background check";
        /// What former employers say.
        ReferenceCheck = "REFERENCE_CHECK", "Reference check";
    }
}

/// One package as an ATS shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct OfferLine {
    /// The id that Kombo sees ([`PackageKey`]).
    pub key: String,
    /// The name in the ATS.
    pub name: String,
    /// The description in the ATS.
    pub description: String,
    /// What kind of package it is.
    #[serde(rename = "type")]
    pub kind: PackageType,
}
