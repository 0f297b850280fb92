//! Where a candidate starts: a package's address, with what is known of the order filled in.
//!
//! `https://tests.example.com/start?order={order}&lang={language}` becomes the address of one order. Placeholders stand
//! behind the host only, so that nothing that comes with an order can lead a candidate to another one; each value is
//! percent-encoded.

use super::placeholders;
use std::fmt::Write as _;
use url::Url;

/// Every placeholder, in the order in which people are told of them.
pub const PLACEHOLDERS: [&str; 8] = [
    "order",
    "package",
    "customer",
    "job",
    "language",
    "first_name",
    "last_name",
    "email",
];

/// Those that are about a person: an address is kept in logs and histories of systems that are not ours.
const PERSONAL: [&str; 3] = ["first_name", "last_name", "email"];

/// The longest address of a package, in characters.
pub const LONGEST: usize = 2_000;

/// What is filled in for one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Our id of the order.
    pub order: String,
    /// The package's key.
    pub package: String,
    /// The customer's id for Kombo (its `origin_id`).
    pub customer: String,
    /// The job's code or, where there is none, its id in the ATS.
    pub job: String,
    /// The customer's language (`de`).
    pub language: String,
    /// The candidate's first name.
    pub first_name: String,
    /// The candidate's last name.
    pub last_name: String,
    /// The candidate's e-mail address.
    pub email: String,
}

impl Facts {
    fn of(&self, name: &str) -> Option<&str> {
        Some(match name {
            "order" => &self.order,
            "package" => &self.package,
            "customer" => &self.customer,
            "job" => &self.job,
            "language" => &self.language,
            "first_name" => &self.first_name,
            "last_name" => &self.last_name,
            "email" => &self.email,
            _ => return None,
        })
    }
}

/// Checks what a person wrote as a package's address; empty: there is none.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let length = text.chars().count();
    if length > LONGEST {
        return Err(format!("{length} characters are too many: {LONGEST} at most."));
    }
    if let Some(stranger) = placeholders::first_unknown(text, &PLACEHOLDERS) {
        return Err(format!("There is no {{{}}}. You can use {}.", stranger.0, list()));
    }
    if before_path(text).contains('{') {
        return Err("Placeholders can stand only behind the host, like https://tests.example.com/{order}.".to_owned());
    }
    let filled = placeholders::fill(text, |_| Some("x".to_owned())).unwrap_or_default();
    if filled.contains(['{', '}']) {
        return Err(format!(
            "A brace here belongs to no placeholder. You can use {}, or write %7B and %7D for braces.",
            list()
        ));
    }
    read(&filled).map(drop).ok_or_else(|| {
        "Please give a whole address with http or https, like https://tests.example.com/start.".to_owned()
    })
}

/// The address of one order; `None` where the package has none (or one that leads nowhere).
pub fn fill(template: &str, facts: &Facts) -> Option<Url> {
    let encoded = |name: &str| facts.of(name).map(encode);
    read(&placeholders::fill(template, encoded).ok()?)
}

/// Whether a candidate's name or e-mail address would stand in the address.
pub fn is_personal(template: &str) -> bool {
    let names = placeholders::names(template);
    names.iter().any(|name| PERSONAL.contains(name))
}

/// `{order}, {package} … and {email}`.
fn list() -> String {
    let names: Vec<_> = PLACEHOLDERS.iter().map(|name| format!("{{{name}}}")).collect();
    match names.split_last() {
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Scheme and host, up to where the path, the query or the fragment begins.
fn before_path(text: &str) -> &str {
    let host = text.find("://").map_or(0, |at| at + 3);
    let end = text[host..].find(['/', '?', '#', '\\']);
    end.map_or(text, |end| &text[..host + end])
}

fn read(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Everything but letters, digits and `-._~` as `%XX`. Dots alone would climb up the path, encoded or not.
fn encode(value: &str) -> String {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte == b'.') {
        return "-".to_owned();
    }
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            order: "0192".into(),
            package: "ts-senior".into(),
            customer: "northwind".into(),
            job: "SE 1".into(),
            language: "de".into(),
            first_name: "Zoë & {email}".into(),
            last_name: "..".into(),
            email: "zoe+x@example.com".into(),
        }
    }

    fn filled(template: &str) -> Option<String> {
        fill(template, &facts()).map(Into::into)
    }

    #[test]
    fn every_value_is_encoded_and_none_is_looked_through_again() {
        assert_eq!(
            filled("https://t.example/{package}?o={order}&j={job}&n={first_name}&m={email}").as_deref(),
            Some("https://t.example/ts-senior?o=0192&j=SE%201&n=Zo%C3%AB%20%26%20%7Bemail%7D&m=zoe%2Bx%40example.com")
        );
    }

    #[test]
    fn a_value_cannot_climb_up_the_path() {
        assert_eq!(
            filled("https://t.example/a/{last_name}/b").as_deref(),
            Some("https://t.example/a/-/b")
        );
    }

    #[test]
    fn what_people_write_is_checked() {
        for good in [
            "",
            "https://tests.example.com",
            "http://tests.example.com/a?b=c",
            "https://tests.example.com/{order}/{language}?c={customer}#{package}",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("tests.example.com", "whole address"),
            ("ftp://example.com/{order}", "whole address"),
            ("javascript:alert(1)", "whole address"),
            ("https://", "whole address"),
            ("https://example.com/{ordre}", "There is no {ordre}"),
            ("https://example.com/{Order}", "A brace"),
            ("https://example.com/{order", "A brace"),
            ("https://{customer}.example.com/", "behind the host"),
            ("https://example.com:{order}/", "behind the host"),
        ] {
            let said = check(bad).expect_err(bad);
            assert!(said.contains(why), "{bad}: {said}");
        }
    }

    #[test]
    fn no_address_gives_no_address() {
        assert_eq!(filled(""), None);
        assert_eq!(filled("https://t.example/{unknown}"), None);
    }

    #[test]
    fn names_and_addresses_are_personal() {
        assert!(is_personal("https://t.example/?m={email}"));
        assert!(!is_personal("https://t.example/{order}?c={customer}"));
    }
}
