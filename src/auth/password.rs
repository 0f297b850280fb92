//! Passwords: argon2id, and the rules for a new one.

use crate::store::vault::random;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::fmt::Display;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::Mutex;
use unicode_normalization::UnicodeNormalization;
use zxcvbn::Score;

/// Fewest characters of a password.
pub const LEAST: usize = 12;
/// Most characters of a password.
pub const MOST: usize = 256;

/// Memory in KiB and passes, as OWASP's password storage cheat sheet recommends for argon2id with one lane.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Where hashes are computed, one at a time: each takes 19 MiB and a core. That is some thirty sign-ins a second, and whoever
/// floods the sign-in takes one core and these 19 MiB from the people who work, not more. Turns come in the order of asking.
/// The memory is asked for once and stays: given back and asked for again by one thread after the other, it was held by each.
static ROOM: Mutex<Vec<Block>> = Mutex::const_new(Vec::new());
/// How long one waits for a turn before the caller is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A hash of nobody's password, so that an unknown e-mail takes as long as a known one.
static NOBODY: OnceLock<String> = OnceLock::new();

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
    in_turn(move |room| hash_now(&password, room)).await
}

/// Checks `password` against `hash`; without one (unknown, disabled, never set) it takes as long and never fits.
pub async fn verify(password: &str, hash: Option<String>) -> Result<Option<Fits>, Error> {
    let password = password.to_owned();
    in_turn(move |room| {
        let known = hash.is_some();
        let hash = hash.map_or_else(|| nobody(room), Ok)?;
        let parsed = PasswordHash::new(&hash).map_err(failed)?;
        if !(fits(&password, &parsed, room)? && known) {
            return Ok(None);
        }
        let rehashed = if is_current(&parsed) {
            None
        } else {
            Some(hash_now(&password, room)?)
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

/// Does the work when its turn comes. It is done to its end also where nobody waits for its outcome any more, and so it
/// keeps the turn itself.
async fn in_turn<T: Send + 'static>(
    work: impl FnOnce(&mut Vec<Block>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let room = tokio::time::timeout(PATIENCE, ROOM.lock()).await;
    let mut room = room.map_err(|_| Error::Busy)?;
    let work = move || {
        let done = work(&mut room);
        // By what is left in it, passwords could be tried out quickly.
        room.fill(Block::new());
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

fn failed(error: impl Display) -> Error {
    Error::Hash(error.to_string())
}

/// The hash that stands for an unknown person's.
fn nobody(room: &mut Vec<Block>) -> Result<String, Error> {
    if let Some(hash) = NOBODY.get() {
        return Ok(hash.clone());
    }
    let hash = hash_now("nobody’s password", room)?;
    Ok(NOBODY.get_or_init(|| hash).clone())
}

fn hash_now(password: &str, room: &mut Vec<Block>) -> Result<String, Error> {
    let salt = Salt::new(&random::<16>().map_err(failed)?).map_err(failed)?;
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(failed)?;
    let written = ParamsString::try_from(&params).map_err(failed)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: written,
        hash: Some(output(&argon, password, &salt, Params::DEFAULT_OUTPUT_LEN, room)?),
        salt: Some(salt),
    };
    Ok(hash.to_string())
}

/// Whether the password is the one of this hash, by whatever parameters that was made with. The comparison takes the same
/// time wherever the two differ.
fn fits(password: &str, hash: &PasswordHash, room: &mut Vec<Block>) -> Result<bool, Error> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
        return Err(failed("a hash without its salt or its end"));
    };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(failed)?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from);
    let params = Params::try_from(hash).map_err(failed)?;
    let argon = Argon2::new(algorithm, version.map_err(failed)?, params);
    Ok(output(&argon, password, salt, expected.len(), room)? == *expected)
}

fn output(
    argon: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    length: usize,
    room: &mut Vec<Block>,
) -> Result<Output, Error> {
    room.resize(argon.params().block_count(), Block::new());
    let mut bytes = vec![0; length];
    argon
        .hash_password_into_with_memory(normal(password).as_bytes(), salt, &mut bytes, room)
        .map_err(failed)?;
    Output::new(&bytes).map_err(failed)
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
    use argon2::password_hash::PasswordHasher;

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
        let hash = PasswordHasher::<PasswordHash>::hash_password_with_salt(&old, b"correct horse battery", &[7; 16])
            .expect("a hash")
            .to_string();
        let fits = verify("correct horse battery", Some(hash))
            .await
            .expect("checked")
            .expect("it fits");
        assert!(fits.rehashed.is_some_and(|new| new.contains("m=19456,t=2")));
    }

    #[tokio::test]
    async fn many_take_their_turns_in_one_room_and_leave_nothing_in_it() {
        let hash = hash("correct horse battery").await.expect("a hash");
        let mut crowd = tokio::task::JoinSet::new();
        for number in 0..6 {
            let hash = hash.clone();
            let typed = if number % 2 == 0 {
                "correct horse battery"
            } else {
                "wrong"
            };
            crowd
                .spawn(async move { verify(typed, Some(hash)).await.expect("checked").is_some() == (number % 2 == 0) });
        }
        assert!(crowd.join_all().await.into_iter().all(|as_it_should| as_it_should));
        let room = ROOM.lock().await;
        assert!(room.len() >= MEMORY as usize, "it stays for the next");
        assert!(room.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
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
