//! The words of a job's name and description, made so that many rules can ask for some of them.

use crate::domain::text;
use std::sync::LazyLock;

/// How much of a description is looked at, in bytes: more than any that people read.
const MOST: usize = 50_000;

/// The words of a text.
#[derive(Clone, Debug, Default)]
pub(super) struct JobWords {
    /// All of them in a row, a space around each.
    row: String,
    /// A bit for each digest that one of them has, so that a word that is not there costs next to nothing, and no text can
    /// make it cost more.
    digests: Vec<u64>,
}

/// A word, or some in a row, that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    /// As [`JobWords::row`] would hold it.
    row: String,
    digests: Vec<u16>,
}

impl JobWords {
    /// The words of a name and of a description, which may be HTML.
    pub(super) fn of(name: &str, description: &str) -> Self {
        let mut words = Self {
            row: String::with_capacity(name.len() + description.len().min(MOST) + 2),
            digests: vec![0; 1 << 10],
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
        let digests = &mut self.digests;
        each_word(text, &mut self.row, |digest| {
            digests[usize::from(digest >> 6)] |= 1 << (digest & 63);
        });
    }

    /// Whether these words stand there, one after the other.
    pub(super) fn have(&self, phrase: &Phrase) -> bool {
        phrase.digests.iter().all(|digest| self.has_digest(*digest)) && self.row.contains(&phrase.row)
    }

    fn has_digest(&self, digest: u16) -> bool {
        let bits = self.digests.get(usize::from(digest >> 6));
        bits.is_some_and(|bits| bits >> (digest & 63) & 1 == 1)
    }
}

impl Phrase {
    /// What was typed; `None` where it has no word.
    pub(super) fn of(typed: &str) -> Option<Self> {
        let mut phrase = Self {
            row: " ".to_owned(),
            digests: Vec::new(),
        };
        each_word(typed, &mut phrase.row, |digest| phrase.digests.push(digest));
        (!phrase.digests.is_empty()).then_some(phrase)
    }
}

/// The digest of a word, byte by byte.
#[derive(Default)]
struct Digest(u64);

impl Digest {
    fn add(&mut self, byte: u8) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    /// What came to; the next word begins.
    fn take(&mut self) -> u16 {
        let digest = std::mem::take(&mut self.0);
        u16::try_from(digest >> 48).unwrap_or_default()
    }
}

/// Writes each word into the row as searches compare it (lower case, without accents, a space behind it) and gives its digest.
fn each_word(text: &str, row: &mut String, mut give: impl FnMut(u16)) {
    let mut digest = Digest::default();
    let mut began = row.len();
    let mut buffer = [0; 4];
    let mut end = |row: &mut String, digest: &mut Digest| {
        if row.len() > began {
            give(digest.take());
            row.push(' ');
            began = row.len();
        }
    };
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            let letter = letter.to_ascii_lowercase();
            digest.add(u8::try_from(letter).unwrap_or_default());
            row.push(letter);
        } else if let Some(folded) = of_latin(letter) {
            folded.bytes().for_each(|byte| digest.add(byte));
            row.push_str(folded);
        } else if letter.is_alphanumeric() || text::is_mark(letter) {
            // What folding takes apart (a ligature, a letter in a circle) may be more than one word.
            for letter in text::fold(letter.encode_utf8(&mut buffer)).chars() {
                if letter.is_alphanumeric() {
                    letter
                        .encode_utf8(&mut [0; 4])
                        .bytes()
                        .for_each(|byte| digest.add(byte));
                    row.push(letter);
                } else {
                    end(row, &mut digest);
                }
            }
        } else {
            end(row, &mut digest);
        }
    }
    end(row, &mut digest);
}

/// The first of the letters that are folded once and for all, and how many they are: those of Europe's languages.
const LATIN: (u32, usize) = (0xC0, 0x190);

/// Such a letter, folded; `None` for any other.
fn of_latin(letter: char) -> Option<&'static str> {
    static FOLDED: LazyLock<Vec<String>> = LazyLock::new(|| {
        let letters = (LATIN.0..).take(LATIN.1).filter_map(char::from_u32);
        letters
            .map(|letter| match text::fold(letter.encode_utf8(&mut [0; 4])) {
                folded if folded.chars().all(char::is_alphanumeric) && letter.is_alphanumeric() => folded,
                _ => String::new(),
            })
            .collect()
    });
    let at = usize::try_from(u32::from(letter).checked_sub(LATIN.0)?).ok()?;
    FOLDED.get(at).map(String::as_str).filter(|folded| !folded.is_empty())
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

    #[test]
    fn every_letter_is_read_as_folding_reads_it() {
        for letter in ('\0'..=char::MAX).filter(|letter| letter.is_alphanumeric()) {
            let folded = text::fold(&letter.to_string());
            let phrase = Phrase::of(&letter.to_string());
            let words = folded
                .split(|letter: char| !letter.is_alphanumeric())
                .collect::<Vec<_>>();
            let row = phrase.map_or_else(String::new, |phrase| phrase.row.trim().to_owned());
            assert_eq!(
                row,
                words.join(" ").split_whitespace().collect::<Vec<_>>().join(" "),
                "{letter}"
            );
        }
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
