//! Offer sets: packages of the catalogue by what they have in common, which the offers of several ATSs follow.

use super::customer::FieldError;
use super::labels;
use super::package::PackageType;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 80;

/// A set as a person describes it: all packages that have everything of this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetInput {
    /// What people call it.
    pub name: String,
    /// Only packages of this type; `None`: of any.
    pub kind: Option<PackageType>,
    /// Only packages with this tag; empty: whatever tags they have.
    pub tag: String,
    /// Only packages for this region; empty: for any.
    pub region: String,
}

impl SetInput {
    /// The same without blanks around what was typed.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let trim = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            name: trim(self.name),
            kind: self.kind,
            tag: trim(self.tag),
            region: trim(self.region),
        }
    }

    /// What is wrong with it, by field.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if self.name.is_empty() {
            faults.push(("name", "Please give it a name.".to_owned()));
        } else if self.name.chars().count() > LONGEST_NAME || self.name.chars().any(char::is_control) {
            faults.push(("name", format!("{LONGEST_NAME} characters at most, in one line.")));
        }
        for (field, word) in [("tag", &self.tag), ("region", &self.region)] {
            match labels::read(word) {
                Ok(words) if words.len() > 1 => faults.push((field, "One word at most.".to_owned())),
                Ok(_) => {}
                Err(why) => faults.push((field, why)),
            }
        }
        if self.kind.is_none() && self.tag.is_empty() && self.region.is_empty() {
            let why = "Say what its packages have in common: a type, a tag or a region.";
            faults.push(("type", why.to_owned()));
        }
        faults
    }
}

/// What the packages of a set have in common, in a few words.
pub fn in_words(kind: Option<PackageType>, tag: &str, region: &str) -> String {
    let named = |what: &str, word: &str| (!word.is_empty()).then(|| format!("{what} {word}"));
    let parts = [
        kind.map(|kind| kind.label().to_owned()),
        named("tag", tag),
        named("region", region),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_needs_a_name_and_something_in_common() {
        let fields =
            |input: SetInput| -> Vec<_> { input.trimmed().faults().into_iter().map(|(field, _)| field).collect() };
        assert_eq!(fields(SetInput::default()), ["name", "type"]);
        let input = SetInput {
            name: " All  English ".into(),
            tag: "English".into(),
            ..SetInput::default()
        };
        assert_eq!(input.clone().trimmed().name, "All English");
        assert!(fields(input.clone()).is_empty());
        let two = SetInput {
            tag: "English, German".into(),
            region: "x".repeat(41),
            ..input
        };
        assert_eq!(fields(two), ["tag", "region"]);
    }

    #[test]
    fn what_its_packages_share_is_told_in_a_line() {
        let words = in_words(Some(PackageType::SkillsTest), "English", "");
        assert_eq!(words, format!("{} · tag English", PackageType::SkillsTest.label()));
    }
}
