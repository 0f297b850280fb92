//! Packages: their types, their keys, and the difference between two offers.

use super::customer::FieldError;
use super::labels;
use super::package_texts::PackageTexts;
use super::result_template;
use super::start_address;
use super::words::words;
use std::collections::HashMap;

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

/// The longest key, in characters (the shortest limit among the ATSs: Paylocity's).
pub const MAX_KEY: usize = 36;

/// The id of a package that Kombo and the ATSs see: 1 to 36 of `A-Z a-z 0-9 . _ -`. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct PackageKey(String);

impl PackageKey {
    /// Checks a key; the fault is a sentence for the person who typed it.
    pub fn check(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Write a key, such as 'logic-2'.");
        }
        if text.len() > MAX_KEY {
            return Err("At most 36 characters, please: some ATSs take no more.");
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if !text.bytes().all(plain) {
            return Err("Use letters from A to Z, digits, points, dashes and underscores only.");
        }
        Ok(Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<PackageKey> for String {
    fn from(key: PackageKey) -> Self {
        key.0
    }
}

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 120;

/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 1_000;

/// The longest time that a package can take a candidate, in minutes: a hundred hours.
pub const LONGEST_DURATION: i64 = 6_000;

/// The longest time until a result is due, in hours: a year.
pub const LONGEST_DUE_HOURS: i64 = 8_760;

/// Reads how many minutes a package takes a candidate; empty: not known.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn read_duration(text: &str) -> Result<Option<i64>, &'static str> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(minutes) if (1..=LONGEST_DURATION).contains(&minutes) => Ok(Some(minutes)),
        _ => Err("Please give whole minutes from 1 to 6,000, like 40, or leave it empty."),
    }
}

/// Reads in how many hours a package's results are due; empty: as the customer has it.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn read_due_hours(text: &str) -> Result<Option<i64>, &'static str> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(hours) if (1..=LONGEST_DUE_HOURS).contains(&hours) => Ok(Some(hours)),
        _ => Err("Please give whole hours from 1 to 8,760, like 48, or leave it empty."),
    }
}

/// Checks the maximum score that the result form proposes; empty: none.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check_max_score(text: &str) -> Result<(), &'static str> {
    let number = text.parse::<f64>();
    if text.is_empty() || number.is_ok_and(|number| number.is_finite() && number > 0.0) {
        Ok(())
    } else {
        Err("Please give a number above 0, like 100, or leave it empty.")
    }
}

/// What a person says about a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageInput {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// What kind of package it is.
    pub kind: PackageType,
    /// Where a candidate starts; empty: no such address.
    pub start_url: String,
    /// The maximum score that the result form proposes; empty: none.
    pub max_score: String,
    /// How many minutes it takes a candidate; empty: not known.
    pub duration: String,
    /// Words by which it is found, between commas.
    pub tags: String,
    /// Where it can be taken, between commas.
    pub regions: String,
    /// In how many hours its results are due; empty: as the customer has it.
    pub due_hours: String,
    /// The parts that its results are expected to have ([`result_template`]).
    pub result_parts: String,
    /// What its scores mean in words.
    pub score_bands: String,
    /// What it is called in other languages.
    pub texts: PackageTexts,
}

impl PackageInput {
    /// The same without blanks around what was typed.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        Self {
            name: trim(self.name),
            description: trim(self.description),
            kind: self.kind,
            start_url: trim(self.start_url),
            max_score: trim(self.max_score),
            duration: trim(self.duration),
            tags: trim(self.tags),
            regions: trim(self.regions),
            due_hours: trim(self.due_hours),
            result_parts: trim(self.result_parts),
            score_bands: trim(self.score_bands),
            texts: self.texts,
        }
    }

    /// Everything that is wrong with it.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if self.name.is_empty() {
            faults.push(("name", "Please give the package a name.".to_owned()));
        }
        faults.extend(wording_faults(&self.name, &self.description));
        if let Err(why) = start_address::check(&self.start_url) {
            faults.push(("start_url", why));
        }
        if let Err(why) = check_max_score(&self.max_score) {
            faults.push(("max_score", why.to_owned()));
        }
        if let Err(why) = read_duration(&self.duration) {
            faults.push(("duration", why.to_owned()));
        }
        for (field, words) in [("tags", &self.tags), ("regions", &self.regions)] {
            if let Err(why) = labels::read(words) {
                faults.push((field, why));
            }
        }
        if let Err(why) = read_due_hours(&self.due_hours) {
            faults.push(("due_hours", why.to_owned()));
        }
        if let Err(why) = result_template::check_parts(&self.result_parts) {
            faults.push(("result_parts", why));
        }
        if let Err(why) = result_template::check_bands(&self.score_bands) {
            faults.push(("score_bands", why));
        }
        faults.extend(self.texts.faults());
        faults
    }
}

/// A text by which an offer calls a package, as it is kept: empty where it is the catalogue's own, so that it follows that.
pub fn own_words(told: &str, catalogue: &str) -> String {
    if told == catalogue {
        String::new()
    } else {
        told.to_owned()
    }
}

/// What is wrong with the words by which an ATS is to show a package; both may be empty.
pub fn wording_faults(name: &str, description: &str) -> Vec<FieldError> {
    let mut faults = Vec::new();
    for (field, text, most) in [
        ("name", name, LONGEST_NAME),
        ("description", description, LONGEST_DESCRIPTION),
    ] {
        let length = text.chars().count();
        if length > most {
            faults.push((field, format!("{length} characters are too many: {most} at most.")));
        } else if text
            .chars()
            .any(|c| c.is_control() && (field == "name" || !matches!(c, '\n' | '\t')))
        {
            faults.push((field, "This holds a character that cannot be kept.".to_owned()));
        }
    }
    faults
}

/// What two offers differ in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferDiff<'a> {
    /// Only in the new one, in its order.
    pub added: Vec<&'a OfferLine>,
    /// Only in the old one, in its order: Kombo takes these for deleted.
    pub removed: Vec<&'a OfferLine>,
    /// In both, with something different, in the new one's order.
    pub changed: Vec<Changed<'a>>,
    /// In both, the same.
    pub unchanged: Vec<&'a OfferLine>,
    /// The packages that are in both stand in another order.
    pub reordered: bool,
}

/// A package that both offers have and that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed<'a> {
    /// As it was.
    pub old: &'a OfferLine,
    /// As it is to be.
    pub new: &'a OfferLine,
    /// What is different.
    pub fields: Vec<OfferField>,
}

words! {
    /// What can be different about a package.
    pub enum OfferField {
        /// Its name.
        Name = "name", "Name";
        /// Its description.
        Description = "description", "Description";
        /// Its type.
        Kind = "type", "Type";
    }
}

impl OfferDiff<'_> {
    /// Nothing needs to be published.
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty() && !self.reordered
    }
}

/// Compares two offers by key, in time that grows with their length only. A key that stands twice counts once, the first.
pub fn diff<'a>(old: &'a [OfferLine], new: &'a [OfferLine]) -> OfferDiff<'a> {
    let before = by_key(old);
    let after = by_key(new);
    let mut diff = OfferDiff::default();
    let mut last_place = None;
    for (at, line) in new.iter().enumerate() {
        if after.get(line.key.as_str()) != Some(&at) {
            continue;
        }
        let Some(&place) = before.get(line.key.as_str()) else {
            diff.added.push(line);
            continue;
        };
        diff.reordered |= last_place.is_some_and(|last| place < last);
        last_place = Some(place);
        let was = &old[place];
        let fields = differing(was, line);
        if fields.is_empty() {
            diff.unchanged.push(line);
        } else {
            diff.changed.push(Changed {
                old: was,
                new: line,
                fields,
            });
        }
    }
    diff.removed = old
        .iter()
        .enumerate()
        .filter(|(at, line)| before.get(line.key.as_str()) == Some(at) && !after.contains_key(line.key.as_str()))
        .map(|(_, line)| line)
        .collect();
    diff
}

/// Where each key stands first.
fn by_key(lines: &[OfferLine]) -> HashMap<&str, usize> {
    let mut places = HashMap::with_capacity(lines.len());
    for (at, line) in lines.iter().enumerate() {
        places.entry(line.key.as_str()).or_insert(at);
    }
    places
}

fn differing(old: &OfferLine, new: &OfferLine) -> Vec<OfferField> {
    [
        (OfferField::Name, old.name != new.name),
        (OfferField::Description, old.description != new.description),
        (OfferField::Kind, old.kind != new.kind),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, name: &str) -> OfferLine {
        OfferLine {
            key: key.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            kind: PackageType::SkillsTest,
        }
    }

    fn keys(lines: &[&OfferLine]) -> Vec<String> {
        lines.iter().map(|line| line.key.clone()).collect()
    }

    #[test]
    fn a_key_is_short_and_plain() {
        assert_eq!(
            PackageKey::check(" logic-2.v_1 ").expect("a key").as_str(),
            "logic-2.v_1"
        );
        assert!(PackageKey::check(&"x".repeat(36)).is_ok());
        for bad in ["", "  ", "a b", "é", "a/b", &"x".repeat(37)] {
            assert!(PackageKey::check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_difference_names_what_was_added_removed_and_changed() {
        let old = [line("a", "A"), line("b", "B"), line("c", "C")];
        let mut renamed = line("c", "C 2");
        renamed.kind = PackageType::Behavioral;
        let new = [line("a", "A"), renamed, line("d", "D")];
        let diff = diff(&old, &new);
        assert_eq!(keys(&diff.added), ["d"]);
        assert_eq!(keys(&diff.removed), ["b"]);
        assert_eq!(keys(&diff.unchanged), ["a"]);
        assert_eq!(diff.changed[0].fields, [OfferField::Name, OfferField::Kind]);
        assert!(!diff.reordered && !diff.is_empty());
    }

    #[test]
    fn another_order_alone_is_a_difference() {
        let old = [line("a", "A"), line("b", "B")];
        let new = [line("b", "B"), line("a", "A")];
        let diff = diff(&old, &new);
        assert!(diff.reordered && !diff.is_empty());
        assert_eq!(diff.unchanged.len(), 2);
    }

    #[test]
    fn the_same_offer_twice_has_no_difference() {
        let offer = [line("a", "A"), line("b", "B")];
        assert!(diff(&offer, &offer).is_empty());
        assert!(diff(&[], &[]).is_empty());
    }

    #[test]
    fn a_key_that_stands_twice_counts_once() {
        let old = [line("a", "A"), line("a", "other"), line("b", "B"), line("b", "B")];
        let diff = diff(&old, &old[..2]);
        assert_eq!(keys(&diff.unchanged), ["a"]);
        assert_eq!(keys(&diff.removed), ["b"]);
        assert!(!diff.reordered);
    }

    #[test]
    fn a_duration_is_whole_minutes_or_absent() {
        assert_eq!(read_duration(""), Ok(None));
        assert_eq!(read_duration("40"), Ok(Some(40)));
        for bad in ["0", "-5", "6001", "4.5", "an hour"] {
            assert!(read_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_maximum_score_is_a_number_above_nothing_or_absent() {
        for good in ["", "100", "4.5"] {
            assert!(check_max_score(good).is_ok(), "{good}");
        }
        for bad in ["0", "-1", "NaN", "inf", "many"] {
            assert!(check_max_score(bad).is_err(), "{bad}");
        }
    }
}
