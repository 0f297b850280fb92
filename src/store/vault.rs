//! Sealing of personal bodies: XChaCha20-Poly1305 under a data key per customer, wrapped by `SECRET_KEY`.
//!
//! A sealed body is `version (1) ‖ key id (16) ‖ nonce (24) ‖ ciphertext`. Table, column and row are bound in as
//! associated data, so that a body cannot be moved to another place. Who loses `SECRET_KEY` loses what is sealed. Files
//! are sealed in [`pieces`].

pub mod pieces;

use crate::clock::Clock;
use crate::domain::ids::{CustomerId, KeyId};
use crate::domain::key::Key;
use crate::domain::time::Timestamp;
use crate::store::Conn;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, RwLock};
use uuid::Uuid;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const HEADER: usize = 1 + 16 + NONCE;
const CANARY: &str = "the key fits";
const CANARY_NAME: &str = "canary";

/// What can go wrong with sealed bodies.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body was cut short, moved to another place, or sealed under another key.
    #[error("a sealed body cannot be opened: was it changed, or SECRET_KEY?")]
    Broken,
    /// The data key that sealed it is not there.
    #[error("the data key of a sealed body is missing")]
    NoKey,
    /// The database was sealed under another `SECRET_KEY`.
    #[error(
        "SECRET_KEY does not fit this database: set the key that it was made with (or name that one in SECRET_KEY_PREVIOUS)"
    )]
    WrongSecret,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandom,
}

/// Where a sealed body stands; it opens nowhere else.
#[derive(Clone, Debug)]
pub struct Place {
    table: &'static str,
    column: &'static str,
    row: Vec<u8>,
}

impl Place {
    /// The body in `column` of the row `row` of `table`.
    pub fn new(table: &'static str, column: &'static str, row: impl AsRef<[u8]>) -> Self {
        Self {
            table,
            column,
            row: row.as_ref().to_vec(),
        }
    }

    fn bound(&self) -> Vec<u8> {
        let mut bound = format!("{}\0{}\0", self.table, self.column).into_bytes();
        bound.extend_from_slice(&self.row);
        bound
    }
}

/// A new random key.
fn random_key() -> Result<Key, Error> {
    random().map(Key::new)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

/// `N` random bytes of the system.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::NoRandom)?;
    Ok(bytes)
}

/// Seals and opens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Vault {
    masters: Arc<Vec<Key>>,
    opened: Arc<RwLock<HashMap<KeyId, Key>>>,
}

impl Vault {
    /// A vault that wraps data keys under `secret`, and can still unwrap those wrapped under the `previous` ones.
    pub fn new(secret: Key, previous: Vec<Key>) -> Self {
        let mut masters = vec![secret];
        masters.extend(previous);
        Self {
            masters: Arc::new(masters),
            opened: Arc::default(),
        }
    }

    /// Writes the canary on a new database; on an old one, checks that it opens.
    pub async fn check_canary(&self, conn: &mut Conn) -> Result<(), crate::store::Error> {
        let place = Place::new("meta", "value", CANARY_NAME);
        if let Some(kept) = scalar!(conn, String, "SELECT value FROM meta WHERE name = $1", CANARY_NAME)? {
            let sealed = decode_hex(&kept).ok_or(Error::Broken)?;
            self.masters
                .iter()
                .find_map(|key| open_with(key, &place, &sealed).ok())
                .ok_or(Error::WrongSecret)?;
            return Ok(());
        }
        let sealed = seal_with(&self.masters[0], KeyId(Uuid::nil()), &place, CANARY.as_bytes())?;
        execute!(
            conn,
            "INSERT INTO meta (name, value) VALUES ($1, $2)",
            CANARY_NAME,
            encode_hex(&sealed)
        )?;
        Ok(())
    }

    /// Makes the data key of `customer` (of nobody: `None`) unless it has one.
    pub async fn ensure_key(
        &self,
        conn: &mut Conn,
        clock: &Clock,
        customer: Option<CustomerId>,
    ) -> Result<(), crate::store::Error> {
        if self.find_key(conn, customer).await?.is_some() {
            return Ok(());
        }
        let id: KeyId = clock.new_id();
        let key = random_key()?;
        let wrapped = seal_with(&self.masters[0], id, &wrapping_place(id), key.bytes())?;
        let now: Timestamp = clock.now();
        execute!(
            conn,
            "INSERT INTO data_keys (id, customer_id, wrapped, created_at) VALUES ($1, $2, $3, $4)",
            id,
            customer,
            wrapped,
            now
        )?;
        Ok(())
    }

    /// Seals `plain` under the customer's key (nobody's: `None`), bound to `place`.
    pub async fn seal(
        &self,
        conn: &mut Conn,
        customer: Option<CustomerId>,
        place: &Place,
        plain: &[u8],
    ) -> Result<Vec<u8>, crate::store::Error> {
        let mut sealers = self.sealers();
        sealers.make_ready(conn, std::iter::once(customer)).await?;
        Ok(sealers.seal(customer, place, plain)?)
    }

    /// For sealing many things in one transaction.
    pub fn sealers(&self) -> Sealers {
        Sealers {
            vault: self.clone(),
            keys: HashMap::new(),
        }
    }

    /// Opens what [`Vault::seal`] sealed for the same place.
    pub async fn open(&self, conn: &mut Conn, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, crate::store::Error> {
        let key = self.key(conn, key_of(sealed)?).await?;
        Ok(open_with(&key, place, sealed)?)
    }

    /// As [`Vault::open`], where the key was unwrapped before; else `None`.
    ///
    /// # Errors
    /// [`Error::Broken`].
    pub fn open_now(&self, place: &Place, sealed: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let known = self.known(key_of(sealed)?);
        known.map(|key| open_with(&key, place, sealed)).transpose()
    }

    /// A key that was unwrapped before.
    fn known(&self, id: KeyId) -> Option<Key> {
        self.opened.read().ok().and_then(|keys| keys.get(&id).cloned())
    }

    async fn key(&self, conn: &mut Conn, id: KeyId) -> Result<Key, crate::store::Error> {
        if let Some(key) = self.known(id) {
            return Ok(key);
        }
        let wrapped = scalar!(conn, Vec<u8>, "SELECT wrapped FROM data_keys WHERE id = $1", id)?;
        Ok(self.unwrap_key(id, &wrapped.ok_or(Error::NoKey)?)?)
    }

    /// A keyed digest of something personal, for comparing without keeping it (audit lines, throttling).
    pub fn digest(&self, purpose: &str, value: &[u8]) -> [u8; 32] {
        let mut mac =
            <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.masters[0].bytes()).unwrap_or_else(|_| unreachable!());
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        mac.finalize().into_bytes().into()
    }

    async fn find_key(
        &self,
        conn: &mut Conn,
        customer: Option<CustomerId>,
    ) -> Result<Option<(KeyId, Vec<u8>)>, crate::store::Error> {
        match customer {
            Some(id) => {
                fetch_optional!(
                    conn,
                    (KeyId, Vec<u8>),
                    "SELECT id, wrapped FROM data_keys WHERE customer_id = $1",
                    id
                )
            }
            None => fetch_optional!(
                conn,
                (KeyId, Vec<u8>),
                "SELECT id, wrapped FROM data_keys WHERE customer_id IS NULL"
            ),
        }
    }

    fn unwrap_key(&self, id: KeyId, wrapped: &[u8]) -> Result<Key, Error> {
        if let Some(key) = self.opened.read().ok().and_then(|keys| keys.get(&id).cloned()) {
            return Ok(key);
        }
        let place = wrapping_place(id);
        let plain = self
            .masters
            .iter()
            .find_map(|master| open_with(master, &place, wrapped).ok())
            .ok_or(Error::WrongSecret)?;
        let key = Key::new(plain.try_into().map_err(|_| Error::Broken)?);
        if let Ok(mut keys) = self.opened.write() {
            keys.insert(id, key.clone());
        }
        Ok(key)
    }
}

/// The keys of some customers, each looked up once. Not to be kept beyond the transaction that looked, unless nobody wrote
/// since.
#[derive(Clone, Debug)]
pub struct Sealers {
    vault: Vault,
    keys: HashMap<Option<CustomerId>, (KeyId, Key)>,
}

impl Sealers {
    /// Makes ready to seal under the keys of these customers (nobody's: `None`).
    ///
    /// # Errors
    /// [`Error::NoKey`] where one has no key; others where the store failed.
    pub async fn make_ready(
        &mut self,
        conn: &mut Conn,
        customers: impl Iterator<Item = Option<CustomerId>>,
    ) -> Result<(), crate::store::Error> {
        for customer in customers {
            if let Entry::Vacant(place) = self.keys.entry(customer) {
                let (id, wrapped) = self.vault.find_key(conn, customer).await?.ok_or(Error::NoKey)?;
                place.insert((id, self.vault.unwrap_key(id, &wrapped)?));
            }
        }
        Ok(())
    }

    /// As [`Vault::seal`].
    ///
    /// # Errors
    /// [`Error::NoKey`] where it was not made ready for this customer.
    pub fn seal(&self, customer: Option<CustomerId>, place: &Place, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let (id, key) = self.keys.get(&customer).ok_or(Error::NoKey)?;
        seal_with(key, *id, place, plain)
    }
}

fn wrapping_place(id: KeyId) -> Place {
    Place::new("data_keys", "wrapped", id.0.as_bytes())
}

fn key_of(sealed: &[u8]) -> Result<KeyId, Error> {
    if sealed.len() < HEADER || sealed[0] != VERSION {
        return Err(Error::Broken);
    }
    Uuid::from_slice(&sealed[1..17]).map(KeyId).map_err(|_| Error::Broken)
}

fn seal_with(key: &Key, id: KeyId, place: &Place, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce: [u8; NONCE] = random()?;
    let bound = place.bound();
    let payload = Payload {
        msg: plain,
        aad: &bound,
    };
    let cipher = cipher(key)
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| Error::Broken)?;
    let mut sealed = Vec::with_capacity(HEADER + cipher.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(id.0.as_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&cipher);
    Ok(sealed)
}

fn open_with(key: &Key, place: &Place, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    key_of(sealed)?;
    let nonce: [u8; NONCE] = sealed[17..HEADER].try_into().map_err(|_| Error::Broken)?;
    let bound = place.bound();
    let payload = Payload {
        msg: &sealed[HEADER..],
        aad: &bound,
    };
    cipher(key)
        .decrypt(&XNonce::from(nonce), payload)
        .map_err(|_| Error::Broken)
}

fn encode_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len() / 2)
        .map(|at| {
            text.get(at * 2..at * 2 + 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_opens_only_where_it_was_sealed() {
        let key = random_key().expect("random");
        let here = Place::new("results", "content", [1]);
        let there = Place::new("results", "content", [2]);
        let sealed = seal_with(&key, KeyId(Uuid::nil()), &here, b"87 of 100").expect("sealed");
        assert_eq!(open_with(&key, &here, &sealed).expect("opened"), b"87 of 100");
        assert!(open_with(&key, &there, &sealed).is_err());
        assert!(open_with(&random_key().expect("random"), &here, &sealed).is_err());
    }

    #[test]
    fn a_changed_or_cut_body_is_refused() {
        let key = random_key().expect("random");
        let place = Place::new("inbox_bodies", "sealed", [7]);
        let sealed = seal_with(&key, KeyId(Uuid::nil()), &place, b"{}").expect("sealed");
        for at in 17..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open_with(&key, &place, &changed).is_err());
        }
        assert!(open_with(&key, &place, &sealed[..20]).is_err());
    }
}
