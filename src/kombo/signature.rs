//! The signature of webhooks: base64url without padding of HMAC-SHA-256 over the exact raw body.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// Why a webhook was not taken as Kombo's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// No secret is configured, so nothing can be verified.
    #[error("no webhook secret is configured")]
    NoSecret,
    /// The header is not there.
    #[error("it carries no signature")]
    Missing,
    /// The header is not 43 characters of base64url.
    #[error("its signature is malformed")]
    Malformed,
    /// The signature is another one: wrong secret, or the body was changed.
    #[error("its signature does not match")]
    Mismatch,
}

/// The code over `body`; `None` cannot happen, since HMAC takes keys of any length.
fn mac(secret: &SecretString, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    mac.update(body);
    Some(mac)
}

/// Signs a webhook's raw body, as Kombo does.
pub fn sign(secret: &SecretString, body: &[u8]) -> String {
    mac(secret, body)
        .map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        .unwrap_or_default()
}

/// Verifies a webhook's raw body against each of `secrets` in constant time, and answers which of them signed it: while
/// a secret is being changed, both the new and the old one are good.
pub fn verify(secrets: &[SecretString], header: Option<&[u8]>, body: &[u8]) -> Result<usize, Unverified> {
    if secrets.is_empty() {
        return Err(Unverified::NoSecret);
    }
    let header = header.ok_or(Unverified::Missing)?;
    let given = URL_SAFE_NO_PAD.decode(header).map_err(|_| Unverified::Malformed)?;
    if given.len() != 32 {
        return Err(Unverified::Malformed);
    }
    let mut signer = Err(Unverified::Mismatch);
    for (index, secret) in secrets.iter().enumerate() {
        let good = mac(secret, body).is_some_and(|mac| mac.verify_slice(&given).is_ok());
        if good && signer.is_err() {
            signer = Ok(index);
        }
    }
    signer
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets(texts: &[&str]) -> Vec<SecretString> {
        texts.iter().map(|text| SecretString::from(*text)).collect()
    }

    #[test]
    fn the_signature_is_what_openssl_makes() {
        // printf '{"id":"1"}' | openssl dgst -sha256 -hmac 'whsec' -binary | basenc --base64url | tr -d =
        let [secret] = secrets(&["whsec"]).try_into().expect("one");
        assert_eq!(
            sign(&secret, br#"{"id":"1"}"#),
            "pY-ejUZC2R7orIFxMEGKeqMyEjbmxIuDmQLfonBLIKE"
        );
    }

    #[test]
    fn the_old_secret_is_good_while_it_is_listed() {
        let both = secrets(&["new", "old"]);
        let header = sign(&both[1], b"body");
        assert_eq!(verify(&both, Some(header.as_bytes()), b"body"), Ok(1));
        assert_eq!(
            verify(&both[..1], Some(header.as_bytes()), b"body"),
            Err(Unverified::Mismatch)
        );
    }

    #[test]
    fn absence_and_nonsense_are_told_apart() {
        let one = secrets(&["s"]);
        assert_eq!(verify(&[], Some(b"x"), b""), Err(Unverified::NoSecret));
        assert_eq!(verify(&one, None, b""), Err(Unverified::Missing));
        assert_eq!(verify(&one, Some(b"not base64!"), b""), Err(Unverified::Malformed));
        assert_eq!(verify(&one, Some(b"YQ"), b""), Err(Unverified::Malformed));
        let padded = format!("{}=", sign(&one[0], b""));
        assert_eq!(verify(&one, Some(padded.as_bytes()), b""), Err(Unverified::Malformed));
    }

    proptest! {
        #[test]
        fn what_was_signed_is_verified(secret in ".{1,40}", body in prop::collection::vec(any::<u8>(), 0..300)) {
            let one = secrets(&[&secret]);
            let header = sign(&one[0], &body);
            prop_assert_eq!(verify(&one, Some(header.as_bytes()), &body), Ok(0));
        }

        #[test]
        fn any_changed_byte_of_the_body_is_refused(body in prop::collection::vec(any::<u8>(), 1..300), at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let one = secrets(&["s"]);
            let header = sign(&one[0], &body);
            let mut changed = body.clone();
            changed[at.index(body.len())] ^= 1 << bit;
            prop_assert_eq!(verify(&one, Some(header.as_bytes()), &changed), Err(Unverified::Mismatch));
        }

        #[test]
        fn any_changed_byte_of_the_header_is_refused(body in prop::collection::vec(any::<u8>(), 0..50), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let one = secrets(&["s"]);
            let mut header = sign(&one[0], &body).into_bytes();
            let at = at.index(header.len());
            prop_assume!(header[at] != byte);
            header[at] = byte;
            prop_assert!(verify(&one, Some(&header), &body).is_err());
        }

        #[test]
        fn a_shortened_or_lengthened_body_is_refused(body in prop::collection::vec(any::<u8>(), 1..100), more in any::<u8>()) {
            let one = secrets(&["s"]);
            let header = sign(&one[0], &body);
            let longer = [body.as_slice(), &[more]].concat();
            prop_assert!(verify(&one, Some(header.as_bytes()), &longer).is_err());
            prop_assert!(verify(&one, Some(header.as_bytes()), &body[1..]).is_err());
        }
    }
}
