//! Where a form leads afterwards, as the page's address says it: only to pages of ours.

/// `next` where it is a path of ours; the start page otherwise (another site's address, a script, nothing).
///
/// Browsers read `//host` and `/\host` as another site, and drop tabs and line breaks before they decide.
pub fn local_path(next: &str) -> &str {
    let rest = next.strip_prefix('/');
    let local = rest.is_some_and(|rest| !rest.starts_with(['/', '\\']))
        && !next.chars().any(|c| c.is_control() || c == '\\')
        && next.len() <= 2_000
        && !next.starts_with("/sign-in")
        && !next.starts_with("/sign-out");
    if local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_followed() {
        for next in ["/orders", "/orders?stage=received&q=a%20b", "/"] {
            assert_eq!(local_path(next), next);
        }
        for next in [
            "",
            "orders",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/a\\b",
            "/sign-in?next=/",
            "/sign-out",
        ] {
            assert_eq!(local_path(next), "/", "{next:?}");
        }
    }
}
