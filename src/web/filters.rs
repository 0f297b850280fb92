//! Filters for templates (`{{ bytes|size }}`); a screen's module says `use crate::web::filters;`.

#![allow(
    missing_docs,
    clippy::inline_always,
    reason = "of what the macro generates; the functions below have docs"
)]

use std::borrow::Borrow;
use std::fmt::Display;

/// A size in bytes as people read it: `412 kB`, `1.2 MB`.
#[askama::filter_fn]
pub fn size(bytes: impl Borrow<i64>, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(file_size(*bytes.borrow()))
}

/// `1 order`, `2 orders`: the number with the word's right form.
#[askama::filter_fn]
pub fn counted(number: impl Display, _: &dyn askama::Values, one: &str, many: &str) -> askama::Result<String> {
    let number = number.to_string();
    Ok(if number == "1" {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    })
}

/// A size in bytes as people read it; below 1 kB in bytes, above it with at most one decimal.
pub fn file_size(bytes: i64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", (bytes + 500) / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
