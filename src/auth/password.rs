//! Passwords: argon2id, and the rules for a new one.

use crate::store::vault::random;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zxcvbn::Score;

/// Fewest characters of a password.
pub const LEAST: usize = 12;
/// Most characters of a password.
pub const MOST: usize = 256;

/// Memory in KiB and passes, as OWASP's password storage cheat sheet recommends for argon2id with one lane.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// How many hashes are computed at a time: each takes 19 MiB and a core.
static TURNS: Semaphore = Semaphore::const_new(2);
/// How long one waits for a turn before the caller is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A hash of nobody's password, so that an unknown e-mail takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody’s password").unwrap_or_default());

/// What can go wrong with hashing; a wrong password is none of these.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too many are waiting for their turn.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// The hash could not be computed or read.
    #[error("a password could not be hashed: {0}")]
    Hash(String),
}

/// A password fits; where its hash was made with older parameters, here is a new one.
#[derive(Debug)]
pub struct Fits {
    /// The hash to keep instead of the old one.
    pub rehashed: Option<String>,
}

/// Hashes a new password.
pub async fn hash(password: &str) -> Result<String, Error> {
    let password = password.to_owned();
    in_turn(move || hash_now(&password)).await
}

/// Checks `password` against `hash`; without one (unknown, disabled, never set) it takes as long and never fits.
pub async fn verify(password: &str, hash: Option<String>) -> Result<Option<Fits>, Error> {
    let password = password.to_owned();
    in_turn(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let parsed = PasswordHash::new(&hash).map_err(|error| Error::Hash(error.to_string()))?;
        let fits = Argon2::default()
            .verify_password(normal(&password).as_bytes(), &parsed)
            .is_ok();
        if !(fits && known) {
            return Ok(None);
        }
        let rehashed = if is_current(&parsed) {
            None
        } else {
            Some(hash_now(&password)?)
        };
        Ok(Some(Fits { rehashed }))
    })
    .await
}

/// What is wrong with a new password; `about` are words that one would guess first (e-mail, name).
pub fn objection(password: &str, about: &[&str]) -> Option<String> {
    let length = password.chars().count();
    if length < LEAST {
        return Some(format!(
            "{length} characters are too few: {LEAST} at least. Four or five random words are easy to remember."
        ));
    }
    if length > MOST {
        return Some(format!("{length} characters are too many: {MOST} at most."));
    }
    let folded = password.to_lowercase();
    let told = about
        .iter()
        .flat_map(|words| [Some(*words), words.split('@').next()])
        .flatten()
        .map(str::to_lowercase)
        .any(|word| word.chars().count() >= 4 && folded.contains(&word));
    if told {
        return Some("Do not put your e-mail address or name into it: they are guessed first.".into());
    }
    let strength = zxcvbn::zxcvbn(password, about);
    if strength.score() >= Score::Three {
        return None;
    }
    let why = strength
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning)
        .map(|warning| warning.to_string());
    Some(format!(
        "{} Take something longer or less usual, like four or five random words.",
        why.unwrap_or_else(|| "This is easy to guess.".into())
    ))
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let turn = tokio::time::timeout(PATIENCE, TURNS.acquire()).await;
    let _turn = turn.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Hash(error.to_string()))?
}

fn hash_now(password: &str) -> Result<String, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Hash(error.to_string());
    let salt = random::<16>().map_err(|error| failed(&error))?;
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(|error| failed(&error))?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon
        .hash_password_with_salt(normal(password).as_bytes(), &salt)
        .map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

/// The same characters typed on another keyboard or system are the same password.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

fn is_current(hash: &PasswordHash) -> bool {
    let current = |params: Params| params.m_cost() == MEMORY && params.t_cost() == PASSES && params.p_cost() == 1;
    hash.algorithm == Algorithm::Argon2id.ident() && Params::try_from(hash).is_ok_and(current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let hash = hash("correct horse battery").await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            verify("correct horse battery", Some(hash.clone()))
                .await
                .expect("checked")
                .is_some_and(|fits| fits.rehashed.is_none())
        );
        assert!(
            verify("correct horse battery!", Some(hash))
                .await
                .expect("checked")
                .is_none()
        );
        assert!(verify("nobody’s password", None).await.expect("checked").is_none());
    }

    #[tokio::test]
    async fn an_older_hash_is_made_new() {
        let params = Params::new(8 * 1024, 1, 1, None).expect("parameters");
        let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash = old
            .hash_password_with_salt(b"correct horse battery", &[7; 16])
            .expect("a hash")
            .to_string();
        let fits = verify("correct horse battery", Some(hash))
            .await
            .expect("checked")
            .expect("it fits");
        assert!(fits.rehashed.is_some_and(|new| new.contains("m=19456,t=2")));
    }

    #[test]
    fn rules_for_a_new_password() {
        let about = ["mira@example.com", "Mira"];
        assert!(objection("short", &about).is_some_and(|why| why.contains("12")));
        assert!(objection("aaaaaaaaaaaaaaaa", &about).is_some());
        assert!(objection("passwordpassword", &about).is_some());
        assert!(objection("mira@example.com plum tin roof", &about).is_some_and(|why| why.contains("e-mail")));
        assert_eq!(objection("plum tin roof gravel seven", &about), None);
    }
}
