//! Pages for people without an account: whoever has the secret address may open them, and opening changes nothing.

mod connect;
mod report;
mod start;

use crate::auth::Route;
use crate::domain::language::Language;
use axum::http::{HeaderMap, header};

/// Every route for people without an account.
pub fn routes() -> Vec<Route> {
    [connect::routes(), report::routes(), start::routes()].concat()
}

/// The first language of the browser that we speak.
fn preferred(headers: &HeaderMap) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE);
    let wanted = wanted.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut codes = wanted
        .split(',')
        .map(|one| one.trim().split(['-', ';']).next().unwrap_or_default());
    codes
        .find_map(|code| Language::parse(&code.to_ascii_lowercase()))
        .unwrap_or(Language::En)
}
