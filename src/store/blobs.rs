//! The bytes of uploaded files: sealed, one file each under `DATA_DIR/files/<id>`.
//!
//! They are sealed as they arrive and opened as they leave, piece by piece: in clear they never touch the disk, and in
//! memory there is one piece of each. What is still arriving lies in a folder of its own, `DATA_DIR/files/arriving`.

use crate::domain::ids::{CustomerId, FileId};
use crate::store::files::{self, FileRow};
use crate::store::vault::pieces::{self, PIECE, PieceOpener, PieceSealer, SEALED_PIECE};
use crate::store::vault::{self, Vault};
use crate::store::{self, Conn};
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What can go wrong with a file's bytes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk failed, or the file is not there.
    #[error("a file under DATA_DIR could not be read or written: {0}")]
    Io(#[from] io::Error),
    /// Its seal does not open, or its key is missing.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// What was opened is not what was kept.
    #[error("a file is not what was uploaded: its digest differs")]
    Changed,
}

impl From<vault::Error> for Error {
    fn from(error: vault::Error) -> Self {
        Self::Store(error.into())
    }
}

fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("files")
}

fn path(data_dir: &Path, id: FileId) -> PathBuf {
    folder(data_dir).join(id.0.simple().to_string())
}

/// Where files lie while they arrive: apart, so that what is left behind there is found without looking at all that is kept.
fn arriving(data_dir: &Path) -> PathBuf {
    folder(data_dir).join("arriving")
}

/// A file that is arriving. Where it is dropped, nothing of it stays.
#[derive(Debug)]
pub struct Arriving {
    part: Part,
    file: fs::File,
    sealer: PieceSealer,
    piece: Vec<u8>,
    size: u64,
    digest: Sha256,
}

/// A file that arrived whole and is sealed. Where it is not kept, nothing of it stays.
#[derive(Debug)]
pub struct Arrived {
    /// Its id.
    pub id: FileId,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    part: Part,
    file: fs::File,
}

/// Bytes on disk that nothing refers to yet: they go with it, unless they are kept.
#[derive(Debug)]
struct Part {
    id: FileId,
    path: Option<PathBuf>,
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Unlinking is one short call, and dropping cannot wait.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Arriving {
    /// A new file of a customer (nobody's: `None`).
    pub async fn begin(
        conn: &mut Conn,
        vault: &Vault,
        data_dir: &Path,
        customer: Option<CustomerId>,
        id: FileId,
    ) -> Result<Self, Error> {
        let (sealer, head) = vault.piece_sealer(conn, customer, &files::place(id)).await?;
        fs::create_dir_all(arriving(data_dir)).await?;
        let path = arriving(data_dir).join(id.0.simple().to_string());
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&path).await?;
        let part = Part { id, path: Some(path) };
        file.write_all(&head).await?;
        Ok(Self {
            part,
            file,
            sealer,
            piece: Vec::with_capacity(SEALED_PIECE),
            size: 0,
            digest: Sha256::new(),
        })
    }

    /// Takes in what comes next.
    pub async fn take(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            // A full piece waits for a byte behind it: only then it is not the last one.
            if self.piece.len() == PIECE {
                self.sealer.seal(&mut self.piece)?;
                self.file.write_all(&self.piece).await?;
                self.piece.clear();
            }
            let fits = bytes.len().min(PIECE - self.piece.len());
            self.piece.extend_from_slice(&bytes[..fits]);
            bytes = &bytes[fits..];
        }
        Ok(())
    }

    /// That was all of it.
    pub async fn finish(mut self) -> Result<Arrived, Error> {
        self.sealer.seal_last(&mut self.piece)?;
        self.file.write_all(&self.piece).await?;
        self.file.flush().await?;
        Ok(Arrived {
            id: self.part.id,
            size: self.size,
            sha256: self.digest.finalize().to_vec(),
            part: self.part,
            file: self.file,
        })
    }
}

impl Arrived {
    /// Keeps it, flushed, before anything refers to it.
    pub async fn keep(mut self, data_dir: &Path) -> Result<(), Error> {
        self.file.sync_all().await?;
        let kept = path(data_dir, self.id);
        if let Some(arrived) = &self.part.path {
            fs::rename(arrived, &kept).await?;
        }
        self.part.path = Some(kept);
        // Its name stands in the folder.
        fs::File::open(folder(data_dir)).await?.sync_all().await?;
        self.part.path = None;
        Ok(())
    }
}

/// A kept file, piece by piece. Only when the last one was given it is sure that the file is what was uploaded.
#[derive(Debug)]
pub struct Leaving {
    file: fs::File,
    /// How many sealed bytes are to come.
    left: u64,
    seal: Seal,
    digest: Sha256,
    sha256: Vec<u8>,
}

#[derive(Debug)]
enum Seal {
    Pieces(PieceOpener),
    /// As files were sealed at first: whole, and opened already.
    Whole(Vec<u8>),
    Over,
}

impl Leaving {
    /// Opens a file.
    pub async fn begin(conn: &mut Conn, vault: &Vault, data_dir: &Path, row: &FileRow) -> Result<Self, Error> {
        let mut file = fs::File::open(path(data_dir, row.id)).await?;
        let left = file.metadata().await?.len();
        let mut head = Vec::with_capacity(pieces::HEAD);
        (&mut file).take(pieces::HEAD as u64).read_to_end(&mut head).await?;
        let place = files::place(row.id);
        let seal = if pieces::is_in_pieces(&head) {
            Seal::Pieces(vault.piece_opener(conn, &place, &head).await?)
        } else {
            file.read_to_end(&mut head).await?;
            Seal::Whole(vault.open(conn, &place, &head).await?)
        };
        Ok(Self {
            file,
            left: left.saturating_sub(pieces::HEAD as u64),
            seal,
            digest: Sha256::new(),
            sha256: row.sha256.clone(),
        })
    }

    /// The next bytes; `None` where all were given.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let (piece, is_last) = match std::mem::replace(&mut self.seal, Seal::Over) {
            Seal::Over => return Ok(None),
            Seal::Whole(bytes) => (bytes, true),
            Seal::Pieces(opener) => self.open(opener).await?,
        };
        self.digest.update(&piece);
        if is_last && self.digest.finalize_reset().as_slice() != self.sha256 {
            return Err(Error::Changed);
        }
        Ok(Some(piece))
    }

    async fn open(&mut self, mut opener: PieceOpener) -> Result<(Vec<u8>, bool), Error> {
        let mut piece = Vec::with_capacity(SEALED_PIECE);
        let size = self.left.min(SEALED_PIECE as u64);
        (&mut self.file).take(size).read_to_end(&mut piece).await?;
        self.left -= size;
        let is_last = self.left == 0;
        if is_last {
            opener.open_last(&mut piece)?;
        } else {
            opener.open(&mut piece)?;
            self.seal = Seal::Pieces(opener);
        }
        Ok((piece, is_last))
    }
}

/// All bytes of a file as they were uploaded.
pub async fn read(conn: &mut Conn, vault: &Vault, data_dir: &Path, file: &FileRow) -> Result<Vec<u8>, Error> {
    let mut leaving = Leaving::begin(conn, vault, data_dir, file).await?;
    let mut bytes = Vec::with_capacity(usize::try_from(file.size).unwrap_or_default());
    while let Some(piece) = leaving.next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Removes a file's bytes; that they are gone already is fine.
pub async fn remove(data_dir: &Path, id: FileId) -> Result<(), Error> {
    match fs::remove_file(path(data_dir, id)).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Removes what was arriving when the program was killed. Only for who knows that nothing arrives now.
pub async fn sweep(data_dir: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(arriving(data_dir)).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
