//! Patterns for `LIKE`, with `\` as their escape, on folded text.

use crate::domain::text;

/// The pattern of text that contains `typed`.
pub(super) fn contains(typed: &str) -> String {
    format!("%{}%", escaped(&text::fold(typed.trim())))
}

/// The pattern of text that holds this word between two line ends; empty: any.
pub(super) fn with_word(word: &str) -> String {
    match escaped(&text::fold(word)).as_str() {
        "" => String::new(),
        word => format!("%\n{word}\n%"),
    }
}

fn escaped(folded: &str) -> String {
    let mut escaped = String::with_capacity(folded.len());
    for letter in folded.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
