//! The words of a job's name and description, made so that many rules can ask for some of them.

use crate::domain::text;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How much of a description is looked at, in bytes: more than any that people read.
const MOST: usize = 50_000;

/// The words of a text.
#[derive(Clone, Debug, Default)]
pub(super) struct JobWords {
    /// All of them in a row, a space around each.
    row: String,
    /// Their digests, so that a word that is not there costs next to nothing.
    digests: HashSet<u64>,
}

/// A word, or some in a row, that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    /// As [`JobWords::row`] would hold it.
    row: String,
    digests: Vec<u64>,
}

impl JobWords {
    /// The words of a name and of a description, which may be HTML.
    pub(super) fn of(name: &str, description: &str) -> Self {
        let mut words = Self {
            row: String::with_capacity(name.len() + description.len().min(MOST) + 2),
            digests: HashSet::new(),
        };
        words.row.push(' ');
        words.add(name);
        let mut end = description.len().min(MOST);
        while !description.is_char_boundary(end) {
            end -= 1;
        }
        let plain;
        let description = &description[..end];
        words.add(if description.contains(['<', '&']) {
            plain = without_tags(description);
            &plain
        } else {
            description
        });
        words
    }

    fn add(&mut self, text: &str) {
        each_word(text, |word| {
            self.digests.insert(digest(word));
            self.row.push_str(word);
            self.row.push(' ');
        });
    }

    /// Whether these words stand there, one after the other.
    pub(super) fn have(&self, phrase: &Phrase) -> bool {
        phrase.digests.iter().all(|digest| self.digests.contains(digest)) && self.row.contains(&phrase.row)
    }
}

impl Phrase {
    /// What was typed; `None` where it has no word.
    pub(super) fn of(typed: &str) -> Option<Self> {
        let mut phrase = Self {
            row: " ".to_owned(),
            digests: Vec::new(),
        };
        each_word(typed, |word| {
            phrase.digests.push(digest(word));
            phrase.row.push_str(word);
            phrase.row.push(' ');
        });
        (!phrase.digests.is_empty()).then_some(phrase)
    }
}

fn digest(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// Gives each word as searches compare it: lower case, without accents.
fn each_word(text: &str, mut give: impl FnMut(&str)) {
    let mut lower = String::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric() && !text::is_mark(letter)) {
        if word.is_empty() {
            continue;
        }
        if word.is_ascii() {
            lower.clear();
            lower.push_str(word);
            lower.make_ascii_lowercase();
            give(&lower);
        } else {
            // What folding takes apart (a ligature, a letter in a circle) may be more than one word.
            let folded = text::fold(word);
            let words = folded.split(|letter: char| !letter.is_alphanumeric());
            words.filter(|word| !word.is_empty()).for_each(&mut give);
        }
    }
}

/// HTML as plain words: tags are gaps, and of a named letter with an accent the letter stays.
fn without_tags(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        plain.push_str(&rest[..at]);
        let special = &rest[at..];
        let end = if special.starts_with('<') {
            plain.push(' ');
            special.find('>').map_or(special.len(), |end| end + 1)
        } else {
            entity(special, &mut plain)
        };
        rest = &special[end..];
    }
    plain.push_str(rest);
    plain
}

/// Writes what `&…;` at the beginning stands for; how many bytes it is.
fn entity(text: &str, plain: &mut String) -> usize {
    let name = text[1..]
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '#')
        .next();
    let name = name.unwrap_or_default();
    let is_whole = text[1 + name.len()..].starts_with(';') && (2..=8).contains(&name.len());
    if !is_whole {
        plain.push('&');
        return 1;
    }
    let number = match name.strip_prefix('#') {
        Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16).ok(),
        Some(decimal) => decimal.parse().ok(),
        None => None,
    };
    let accents = ["uml", "acute", "grave", "circ", "tilde", "cedil", "ring", "slash"];
    let letter = accents
        .iter()
        .find_map(|accent| name.strip_suffix(accent))
        .filter(|it| it.len() == 1);
    match (number.and_then(char::from_u32), letter, name) {
        (Some(letter), ..) => plain.push(letter),
        (_, Some(letter), _) => plain.push_str(letter),
        (.., "szlig") => plain.push_str("ss"),
        _ => plain.push(' '),
    }
    name.len() + 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn has(name: &str, description: &str, phrase: &str) -> bool {
        JobWords::of(name, description).have(&Phrase::of(phrase).expect("words"))
    }

    #[test]
    fn whole_words_are_found_whatever_their_case_and_accents() {
        assert!(has("Senior Développeur", "", "developpeur"));
        assert!(has("Data engineer (Intern)", "", "INTERN"));
        assert!(!has("International sales", "", "intern"), "only whole words");
        assert!(has("", "<p>As a <b>working</b>&nbsp;student</p>", "working student"));
        assert!(
            !has("", "working as a student", "working student"),
            "one after the other"
        );
        assert!(has("", "B&uuml;ro in K&#246;ln, Stra&szlig;e", "büro"));
        assert!(has("", "B&uuml;ro in K&#246;ln, Stra&szlig;e", "koln"));
        assert!(has("", "R&D and AT&amp;T", "r d"));
        assert!(has("Buchhalter:in", "", "buchhalter"));
        assert_eq!(Phrase::of(" – "), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(html in any::<String>(), typed in any::<String>()) {
            let words = JobWords::of(&html, &html);
            if let Some(phrase) = Phrase::of(&typed) {
                let _ = words.have(&phrase);
                prop_assert!(JobWords::of(&typed, "").have(&phrase), "what was typed stands in itself");
            }
        }
    }
}
