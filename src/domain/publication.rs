//! Publications: the numbered, kept lists of packages of an integration.

use super::package::OfferDiff;
use super::words::words;

words! {
    /// How it stands with a publication.
    pub enum PublicationState {
        /// It is on its way to Kombo.
        Waiting = "waiting", "On its way";
        /// Kombo holds it.
        Confirmed = "confirmed", "Published";
        /// A newer one took its place before it arrived.
        Superseded = "superseded", "Replaced by a newer one";
        /// Kombo refused it, or it was tried too often.
        GivenUp = "given_up", "Given up";
    }
}

words! {
    /// What a person has to add before an offer can be published.
    pub enum Missing {
        /// Why packages are removed.
        Reason = "reason", "Say why packages are removed; it is kept with the publication.";
        /// That nothing is to be offered any more.
        EmptyConfirmed = "empty", "Confirm that this ATS is to offer nothing at all.";
    }
}

words! {
    /// What becomes of a draft that takes another offer over.
    pub enum Taking {
        /// It becomes the other list.
        Whole = "whole", "The draft becomes that list";
        /// Only what it lacks comes, at the end.
        Missing = "missing", "Only what is missing here comes, at the end";
    }
}

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// Checks why packages are removed.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check_reason(reason: &str) -> Result<(), String> {
    let length = reason.trim().chars().count();
    if length > LONGEST_REASON {
        Err(format!("{length} characters are too many: {LONGEST_REASON} at most."))
    } else {
        Ok(())
    }
}

/// What is still missing before this difference can be published; `empty`: nothing is offered afterwards.
pub fn missing(diff: &OfferDiff<'_>, empty: bool, reason: &str, empty_confirmed: bool) -> Vec<Missing> {
    let mut missing = Vec::new();
    if !diff.removed.is_empty() && reason.trim().is_empty() {
        missing.push(Missing::Reason);
    }
    if empty && !empty_confirmed {
        missing.push(Missing::EmptyConfirmed);
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::package::{OfferLine, PackageType, diff};

    #[test]
    fn removing_needs_a_reason_and_emptying_a_confirmation() {
        let line = OfferLine {
            key: "a".into(),
            name: "A".into(),
            description: String::new(),
            kind: PackageType::Behavioral,
        };
        let gone = diff(std::slice::from_ref(&line), &[]);
        assert_eq!(
            missing(&gone, true, " ", false),
            [Missing::Reason, Missing::EmptyConfirmed]
        );
        assert!(missing(&gone, true, "Contract ended", true).is_empty());
        assert!(check_reason(&"x".repeat(LONGEST_REASON)).is_ok());
        assert!(check_reason(&"x".repeat(LONGEST_REASON + 1)).is_err());
        let added = diff(&[], std::slice::from_ref(&line));
        assert!(missing(&added, false, "", false).is_empty());
    }
}
