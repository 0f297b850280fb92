//! Secret words: what a cookie or a one-time link holds. At least 128 random bits; only their digest is kept.

use super::vault;
use crate::domain::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A new one, as text that stands in a URL or a cookie: 256 random bits.
pub fn fresh() -> Result<String, vault::Error> {
    vault::random::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// A new one that names the row in which it is kept: that row's id, which grows with time, and behind it 128 random bits.
pub fn fresh_with_id(now: Timestamp) -> Result<(Uuid, String), vault::Error> {
    let millis = u64::try_from(now.unix_micros() / 1_000).unwrap_or_default();
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &vault::random()?).into_uuid();
    let bytes = [*id.as_bytes(), vault::random()?].concat();
    Ok((id, URL_SAFE_NO_PAD.encode(bytes)))
}

/// The id that such a token names; of one that is 256 random bits, some id that no row has. `None`: it is no token at all.
pub fn named_id(token: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == 32)?;
    Uuid::from_slice(&bytes[..16]).ok()
}

/// What is kept of it, and what it is looked up by.
pub fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Whether `kept` is the token's digest, in a time that does not tell how much of it is right.
pub fn fits(token: &str, kept: &[u8]) -> bool {
    digest(token).ct_eq(kept).into()
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

    #[test]
    fn a_token_names_its_row_and_fits_its_own_digest_alone() {
        let now = Timestamp::from_unix_micros(1_700_000_000_000_000).expect("a moment");
        let later = Timestamp::from_unix_micros(1_700_000_000_001_000).expect("a moment");
        let ((id, one), (later_id, two)) = (
            fresh_with_id(now).expect("random"),
            fresh_with_id(later).expect("random"),
        );
        assert_eq!((named_id(&one), named_id(&two)), (Some(id), Some(later_id)));
        assert!(id < later_id, "what is written later stands later");
        assert_eq!(one.len(), fresh().expect("random").len());
        assert!(fits(&one, &digest(&one)));
        // The same row, another secret.
        let forged = [&one[..42], if one.ends_with('A') { "E" } else { "A" }].concat();
        assert_eq!(named_id(&forged), Some(id));
        assert!(!fits(&forged, &digest(&one)));
        assert_eq!(named_id("no token"), None);
        assert_eq!(named_id(&one[..40]), None);
    }
}
