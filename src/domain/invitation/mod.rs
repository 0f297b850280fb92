//! The candidate's invitation: its words with placeholders in braces, what may stand in them, and how they are filled.

mod defaults;

pub use defaults::{due_in_words, house_default, start_label};

use super::customer::FieldError;
use super::placeholders;

/// The longest subject, in characters, before and after it is filled.
pub const LONGEST_SUBJECT: usize = 200;

/// The longest body as it is typed, in characters.
pub const LONGEST_BODY: usize = 5_000;

/// The longest value that is filled in for a name, in characters; a description may be longer.
const LONGEST_VALUE: usize = 120;

/// The longest description that is filled in.
const LONGEST_DESCRIPTION: usize = 1_000;

/// The placeholder that the body must have.
pub const LINK: &str = "link";

/// Every placeholder with what it stands for.
pub const PLACEHOLDERS: [(&str, &str); 9] = [
    (
        "candidate_first_name",
        "the candidate's first name; the whole name where the ATS told no first name",
    ),
    ("candidate_name", "the candidate's name"),
    ("customer", "the customer's name"),
    ("package", "the package, as the customer was offered it"),
    ("package_description", "the package's description in the catalogue"),
    ("job", "the job that the candidate applied for"),
    (LINK, "the address where the candidate starts; needed in the body"),
    ("due", "the day on which the order is due"),
    ("provider", "the name in which mails are sent"),
];

/// An invitation's words: as they are typed, with placeholders, or filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// One line.
    pub subject: String,
    /// Plain text; an empty line begins a new paragraph.
    pub body: String,
}

/// What the placeholders stand for in one invitation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// First name, where there is one.
    pub candidate_first_name: String,
    /// Name, where there is one.
    pub candidate_name: String,
    /// The customer's name.
    pub customer: String,
    /// The package's name.
    pub package: String,
    /// The package's description.
    pub package_description: String,
    /// The job's name.
    pub job: String,
    /// Where the candidate starts.
    pub link: String,
    /// The day on which the order is due, in words.
    pub due: String,
    /// Our own name.
    pub provider: String,
}

impl Values {
    fn get(&self, name: &str) -> Option<String> {
        let short = |text: &str| clean(text, LONGEST_VALUE);
        Some(match name {
            "candidate_first_name" if self.candidate_first_name.trim().is_empty() => short(&self.candidate_name),
            "candidate_first_name" => short(&self.candidate_first_name),
            "candidate_name" => short(&self.candidate_name),
            "customer" => short(&self.customer),
            "package" => short(&self.package),
            "package_description" => clean(&self.package_description, LONGEST_DESCRIPTION),
            "job" => short(&self.job),
            LINK => self.link.clone(),
            "due" => short(&self.due),
            "provider" => short(&self.provider),
            _ => return None,
        })
    }
}

impl Words {
    /// The same without blanks at the ends, with plain line breaks.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let plain = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned();
        Self {
            subject: plain(&self.subject),
            body: plain(&self.body),
        }
    }

    /// Everything that is wrong with them, at the fields `subject` and `body`.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (field, text, most) in [
            ("subject", &self.subject, LONGEST_SUBJECT),
            ("body", &self.body, LONGEST_BODY),
        ] {
            if let Some(why) = fault(text, most) {
                faults.push((field, why));
            }
        }
        if self.subject.contains('\n') {
            faults.push(("subject", "A subject is one line.".to_owned()));
        }
        if placeholders::names(&self.subject).contains(&LINK) {
            faults.push((
                "subject",
                "The link belongs into the text, not into the subject.".to_owned(),
            ));
        }
        if !placeholders::names(&self.body).contains(&LINK) {
            faults.push(("body", "The text needs {link}: without it nobody can start.".to_owned()));
        }
        faults
    }

    /// The words as the candidate reads them. A line whose placeholders all have nothing to say is left out.
    #[must_use]
    pub fn filled(&self, values: &Values) -> Self {
        let lines = self.body.lines().filter_map(|line| fill(line, values));
        let body = lines.collect::<Vec<_>>().join("\n");
        let subject = fill(&self.subject, values).unwrap_or_default();
        Self {
            subject: clean(&subject, LONGEST_SUBJECT),
            body: without_gaps(&body),
        }
    }
}

fn fault(text: &str, most: usize) -> Option<String> {
    let length = text.chars().count();
    if text.is_empty() {
        return Some("Please fill this in.".to_owned());
    }
    if length > most {
        return Some(format!("{length} characters are too many: {most} at most."));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Some("This holds a character that cannot be sent.".to_owned());
    }
    let known = PLACEHOLDERS.map(|(name, _)| name);
    let unknown = placeholders::first_unknown(text, &known)?.0;
    let known = known.map(|name| format!("{{{name}}}"));
    Some(format!(
        "{{{unknown}}} is not known here. There are {}.",
        known.join(", ")
    ))
}

/// One line, filled; `None` where its placeholders all have nothing to say. What is filled in is not looked at again.
fn fill(line: &str, values: &Values) -> Option<String> {
    let names = placeholders::names(line);
    let says_something = |name: &&str| values.get(name).is_some_and(|value| !value.is_empty());
    if !names.is_empty() && !names.iter().any(says_something) {
        return None;
    }
    // An unknown one was refused when the text was saved; should it stand there all the same, it stays as it is.
    let filled = placeholders::fill(line, |name| {
        Some(values.get(name).unwrap_or_else(|| format!("{{{name}}}")))
    });
    filled.ok()
}

/// One line of text: whatever breaks a line, hides or turns text around becomes a blank; cut at `most` characters.
fn clean(text: &str, most: usize) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c })
        .collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= most {
        return words;
    }
    let mut cut: String = words.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// Line and paragraph separators, and the marks that turn the direction of what follows.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// At most one empty line in a row: lines that were left out leave no holes.
fn without_gaps(text: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && kept.last().is_none_or(|last| last.is_empty())) {
            kept.push(line);
        }
    }
    kept.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;
    use proptest::prelude::*;

    fn words(subject: &str, body: &str) -> Words {
        Words {
            subject: subject.into(),
            body: body.into(),
        }
    }

    fn values() -> Values {
        Values {
            candidate_first_name: "Li".into(),
            candidate_name: "Li Wei".into(),
            customer: "Halden".into(),
            package: "TypeScript".into(),
            package_description: "Ninety minutes.".into(),
            job: String::new(),
            link: "https://desk.example/start/abc".into(),
            due: "4 December 2026".into(),
            provider: "Assessments".into(),
        }
    }

    #[test]
    fn every_built_in_text_is_right_and_reads_whole() {
        for language in Language::ALL {
            let text = house_default(*language);
            assert_eq!(text.faults(), [], "{language}");
            let full = Values {
                job: "Data engineer".into(),
                ..values()
            };
            let filled = text.filled(&full);
            assert!(
                !filled.subject.contains('{') && !filled.body.contains('{'),
                "{language}"
            );
            for told in ["Li", "Halden", "TypeScript", "Data engineer", &full.link, "Assessments"] {
                assert!(filled.body.contains(told), "{language}: {told}");
            }
            assert!(filled.subject.contains("Halden"), "{language}");
        }
    }

    #[test]
    fn an_unknown_placeholder_is_named_at_its_field() {
        let faults = words("Dear {nmae}", "Start here: {link}").faults();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].0, "subject");
        assert!(faults[0].1.starts_with("{nmae} is not known here."), "{}", faults[0].1);
        assert_eq!(words("A", "No link").faults()[0].0, "body");
        assert_eq!(words("A {link}", "{link}").faults()[0].0, "subject");
        assert_eq!(words("", "{link}").faults()[0].0, "subject");
        assert_eq!(words("A\nBcc: x@y.example", "{link}").faults()[0].0, "subject");
    }

    #[test]
    fn a_line_without_anything_to_say_is_left_out() {
        let text = words(
            "{package}",
            "Hello {candidate_first_name},\n\nJob: {job}\n\n{link}\n\nBye",
        );
        let filled = text.filled(&values());
        assert_eq!(filled.body, "Hello Li,\n\nhttps://desk.example/start/abc\n\nBye");
        let no_name = Values {
            candidate_first_name: " ".into(),
            candidate_name: String::new(),
            ..values()
        };
        assert_eq!(text.filled(&no_name).body, "https://desk.example/start/abc\n\nBye");
    }

    #[test]
    fn what_a_candidate_is_called_breaks_no_line_and_fills_nothing_in() {
        let evil = Values {
            candidate_name: "Li\r\nBcc: all@example.com\u{2028}{customer}\u{202e}".into(),
            package: "x".repeat(10_000),
            ..values()
        };
        let filled = words("{candidate_name}, {package}", "{candidate_name}\n{link}").filled(&evil);
        assert!(!filled.subject.contains(['\r', '\n']));
        assert!(filled.subject.chars().count() <= LONGEST_SUBJECT);
        assert_eq!(filled.body.lines().next(), Some("Li Bcc: all@example.com {customer}"));
        assert_eq!(filled.body.lines().count(), 2);
    }

    proptest! {
        #[test]
        fn no_text_and_no_value_breaks_the_filling(subject in any::<String>(), body in any::<String>(), value in any::<String>()) {
            let text = words(&subject, &body).trimmed();
            let _ = text.faults();
            let values = Values { candidate_name: value.clone(), job: value, ..values() };
            let filled = text.filled(&values);
            prop_assert!(filled.subject.chars().count() <= LONGEST_SUBJECT);
            prop_assert!(!filled.subject.contains(['\r', '\n']));
        }
    }
}
