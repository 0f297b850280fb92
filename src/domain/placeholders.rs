//! Placeholders in texts that people write once and the program fills in for each order: `{package}`, `{customer}`.
//!
//! A placeholder is a brace, a word of lower-case letters, digits and underscores that begins with a letter, and a brace.
//! Other braces are plain text. What is filled in is never looked through again, so that nobody's name can smuggle a
//! placeholder in.

/// A placeholder that the text names and nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no placeholder {{{0}}}")]
pub struct Unknown(pub String);

/// A piece of a text.
enum Piece<'a> {
    Plain(&'a str),
    Name(&'a str),
}

/// Fills every placeholder with what `lookup` knows of its name.
///
/// # Errors
/// The first one that `lookup` does not know.
pub fn fill(text: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<String, Unknown> {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => filled.push_str(plain),
            Piece::Name(name) => filled.push_str(&lookup(name).ok_or_else(|| Unknown(name.to_owned()))?),
        }
    }
    Ok(filled)
}

/// The names of a text's placeholders, each once, in the order in which they come.
pub fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in pieces(text) {
        if let Piece::Name(name) = piece
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The first placeholder of `text` that is none of `known`.
pub fn first_unknown(text: &str, known: &[&str]) -> Option<Unknown> {
    let stranger = names(text).into_iter().find(|name| !known.contains(name));
    stranger.map(|name| Unknown(name.to_owned()))
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, behind)) = name_at_start(rest) {
            rest = behind;
            return Some(Piece::Name(name));
        }
        // The first letter is plain, whatever it is: a brace that opens no placeholder among others.
        let next = rest
            .char_indices()
            .skip(1)
            .find(|(at, letter)| *letter == '{' && name_at_start(&rest[*at..]).is_some());
        let (plain, behind) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
        rest = behind;
        Some(Piece::Plain(plain))
    })
}

/// The name of the placeholder with which `text` begins, and what follows it.
fn name_at_start(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix('{')?.split_once('}')?;
    let is_name = name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    is_name.then_some((name, behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(name: &str) -> Option<String> {
        match name {
            "package" => Some("Video interview".to_owned()),
            "candidate" => Some("{package}".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn placeholders_are_filled_and_all_else_stays() {
        for (text, filled) in [
            ("", ""),
            ("{package}", "Video interview"),
            ("‘{package}’ — {package}!", "‘Video interview’ — Video interview!"),
            ("{{package}}", "{Video interview}"),
            ("{ package } {Package} {} {1} {", "{ package } {Package} {} {1} {"),
            ("open { and {package}", "open { and Video interview"),
            ("zu {package} müssen", "zu Video interview müssen"),
        ] {
            assert_eq!(fill(text, known).as_deref(), Ok(filled), "{text}");
        }
    }

    #[test]
    fn what_is_filled_in_is_not_looked_through_again() {
        assert_eq!(fill("{candidate}", known).as_deref(), Ok("{package}"));
    }

    #[test]
    fn an_unknown_one_is_named() {
        assert_eq!(fill("{package} {pakage}", known), Err(Unknown("pakage".into())));
        assert_eq!(
            first_unknown("{package} {pakage}", &["package"]),
            Some(Unknown("pakage".into()))
        );
        assert_eq!(first_unknown("{package}", &["package"]), None);
        assert_eq!(Unknown("pakage".into()).to_string(), "there is no placeholder {pakage}");
    }

    #[test]
    fn names_are_told_once() {
        assert_eq!(names("{b} {a} {b} {} {C}"), ["b", "a"]);
    }

    proptest! {
        #[test]
        fn a_text_without_placeholders_stays_as_it_is(text in "[^{]*") {
            prop_assert_eq!(fill(&text, |_| None), Ok(text));
        }

        #[test]
        fn filling_each_with_itself_changes_nothing(text in "([a-z{} ]|\\{[a-z]{1,3}\\})*") {
            prop_assert_eq!(fill(&text, |name| Some(format!("{{{name}}}"))), Ok(text));
        }
    }
}
