//! Large bodies sealed in pieces, so that none is ever whole in memory.
//!
//! Such a body is `version (2) ‖ key id (16) ‖ nonce (19) ‖ pieces`; each piece holds [`PIECE`] bytes and its tag, the last
//! one what is left. The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) binds the number of each piece and
//! which is the last one, so that none can be left out, moved or cut off without notice.

use super::{Error, Place, Vault, cipher};
use crate::domain::ids::{CustomerId, KeyId};
use crate::domain::key::Key;
use crate::store::Conn;
use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::XChaCha20Poly1305;
use uuid::Uuid;

/// How many bytes a piece holds in clear.
pub const PIECE: usize = 64 * 1024;
/// How many bytes it holds sealed.
pub const SEALED_PIECE: usize = PIECE + 16;
/// How many bytes stand before the first piece.
pub const HEAD: usize = 17 + NONCE;
const NONCE: usize = 19;
const VERSION: u8 = 2;

/// Seals a body piece by piece.
#[derive(Debug)]
pub struct PieceSealer {
    stream: EncryptorBE32<XChaCha20Poly1305>,
    bound: Vec<u8>,
}

/// Opens a body piece by piece.
#[derive(Debug)]
pub struct PieceOpener {
    stream: DecryptorBE32<XChaCha20Poly1305>,
    bound: Vec<u8>,
}

/// Whether a sealed body that begins so was sealed in pieces, and not in one.
pub fn is_in_pieces(head: &[u8]) -> bool {
    head.len() >= HEAD && head[0] == VERSION
}

impl Vault {
    /// For sealing a large body under the customer's key (nobody's: `None`), bound to `place`; with the head that belongs
    /// before its pieces.
    pub async fn piece_sealer(
        &self,
        conn: &mut Conn,
        customer: Option<CustomerId>,
        place: &Place,
    ) -> Result<(PieceSealer, [u8; HEAD]), crate::store::Error> {
        let (id, wrapped) = self.find_key(conn, customer).await?.ok_or(Error::NoKey)?;
        Ok(sealer_with(&self.unwrap_key(id, &wrapped)?, id, place)?)
    }

    /// For opening what was sealed in pieces for the same place and begins with `head`.
    pub async fn piece_opener(
        &self,
        conn: &mut Conn,
        place: &Place,
        head: &[u8],
    ) -> Result<PieceOpener, crate::store::Error> {
        let id = key_of(head)?;
        Ok(opener_with(&self.key(conn, id).await?, place, head)?)
    }
}

impl PieceSealer {
    /// Seals a piece that others follow; it must be full.
    pub fn seal(&mut self, piece: &mut Vec<u8>) -> Result<(), Error> {
        debug_assert_eq!(piece.len(), PIECE, "only the last piece may be short");
        let sealed = self.stream.encrypt_next_in_place(&self.bound, piece);
        sealed.map_err(|_| Error::Broken)
    }

    /// Seals the last piece, which may be short or empty.
    pub fn seal_last(self, piece: &mut Vec<u8>) -> Result<(), Error> {
        let sealed = self.stream.encrypt_last_in_place(&self.bound, piece);
        sealed.map_err(|_| Error::Broken)
    }
}

impl PieceOpener {
    /// Opens the next piece, which others follow.
    pub fn open(&mut self, piece: &mut Vec<u8>) -> Result<(), Error> {
        let opened = self.stream.decrypt_next_in_place(&self.bound, piece);
        opened.map_err(|_| Error::Broken)
    }

    /// Opens the last piece.
    pub fn open_last(self, piece: &mut Vec<u8>) -> Result<(), Error> {
        let opened = self.stream.decrypt_last_in_place(&self.bound, piece);
        opened.map_err(|_| Error::Broken)
    }
}

fn key_of(head: &[u8]) -> Result<KeyId, Error> {
    if !is_in_pieces(head) {
        return Err(Error::Broken);
    }
    Uuid::from_slice(&head[1..17]).map(KeyId).map_err(|_| Error::Broken)
}

fn sealer_with(key: &Key, id: KeyId, place: &Place) -> Result<(PieceSealer, [u8; HEAD]), Error> {
    let nonce: [u8; NONCE] = super::random()?;
    let mut head = [VERSION; HEAD];
    head[1..17].copy_from_slice(id.0.as_bytes());
    head[17..].copy_from_slice(&nonce);
    let sealer = PieceSealer {
        stream: EncryptorBE32::from_aead(cipher(key), &nonce.into()),
        bound: place.bound(),
    };
    Ok((sealer, head))
}

fn opener_with(key: &Key, place: &Place, head: &[u8]) -> Result<PieceOpener, Error> {
    let nonce: [u8; NONCE] = head[17..HEAD].try_into().map_err(|_| Error::Broken)?;
    Ok(PieceOpener {
        stream: DecryptorBE32::from_aead(cipher(key), &nonce.into()),
        bound: place.bound(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place::new("files", "bytes", [7])
    }

    fn key() -> Key {
        super::super::random_key().expect("random")
    }

    /// Two full pieces and a short one, sealed.
    fn sealed(key: &Key) -> ([u8; HEAD], Vec<Vec<u8>>) {
        let (mut sealer, head) = sealer_with(key, KeyId(Uuid::nil()), &place()).expect("a sealer");
        let (mut one, mut two, mut last) = (vec![1; PIECE], vec![2; PIECE], vec![3; 9]);
        sealer.seal(&mut one).expect("sealed");
        sealer.seal(&mut two).expect("sealed");
        sealer.seal_last(&mut last).expect("sealed");
        assert_eq!(one.len(), SEALED_PIECE);
        (head, vec![one, two, last])
    }

    fn opened(key: &Key, place: &Place, head: &[u8], pieces: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
        let mut opener = opener_with(key, place, head)?;
        let mut whole = Vec::new();
        let (last, others) = pieces.split_last().expect("a piece");
        for piece in others {
            let mut piece = piece.clone();
            opener.open(&mut piece)?;
            whole.append(&mut piece);
        }
        let mut piece = last.clone();
        opener.open_last(&mut piece)?;
        whole.append(&mut piece);
        Ok(whole)
    }

    #[test]
    fn pieces_open_in_their_order_at_their_place_with_their_key() {
        let own = key();
        let (head, pieces) = sealed(&own);
        let whole = opened(&own, &place(), &head, &pieces).expect("opened");
        assert_eq!(whole.len(), 2 * PIECE + 9);
        assert!(whole.ends_with(&[2, 3, 3, 3, 3, 3, 3, 3, 3, 3]));
        assert!(opened(&key(), &place(), &head, &pieces).is_err());
        let elsewhere = Place::new("files", "bytes", [8]);
        assert!(opened(&own, &elsewhere, &head, &pieces).is_err());
    }

    #[test]
    fn no_piece_is_missing_moved_repeated_or_changed() {
        let own = key();
        let (head, pieces) = sealed(&own);
        let [one, two, last] = [0, 1, 2].map(|at: usize| pieces[at].clone());
        let mut changed = one.clone();
        changed[PIECE / 2] ^= 1;
        for wrong in [
            vec![one.clone(), two.clone()],
            vec![one.clone(), last.clone()],
            vec![two.clone(), one.clone(), last.clone()],
            vec![one.clone(), two.clone(), two.clone(), last.clone()],
            vec![changed, two.clone(), last.clone()],
            vec![one.clone()],
        ] {
            assert!(opened(&own, &place(), &head, &wrong).is_err());
        }
        let mut other = head;
        other[20] ^= 1;
        assert!(opened(&own, &place(), &other, &pieces).is_err());
    }

    #[test]
    fn a_body_that_was_sealed_in_one_is_told_apart() {
        let one = super::super::seal_with(&key(), KeyId(Uuid::nil()), &place(), &[0; 200]).expect("sealed");
        assert!(!is_in_pieces(&one));
        assert!(is_in_pieces(&sealed(&key()).0));
        assert!(!is_in_pieces(&[VERSION]));
    }
}
