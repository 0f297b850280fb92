//! Secret words: what a cookie or a one-time link holds. 256 random bits; only their digest is kept.

use super::vault;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A new one, as text that stands in a URL or a cookie.
pub fn fresh() -> Result<String, vault::Error> {
    vault::random::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of it, and what it is looked up by.
pub fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tokens_differ_and_fit_into_a_url() {
        let (one, two) = (fresh().expect("random"), fresh().expect("random"));
        assert_ne!(one, two);
        assert_eq!(one.len(), 43);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
        assert_ne!(digest(&one), digest(&two));
    }
}
