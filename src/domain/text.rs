//! Texts: folding for search.

/// The text in lower case, for comparing and searching.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}
