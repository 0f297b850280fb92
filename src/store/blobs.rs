//! The bytes of uploaded files: sealed, one file each under `DATA_DIR/files/<id>`.
//!
//! A file is at most 10 MB, so it is sealed and opened in one piece; in clear it never touches the disk.

use crate::domain::ids::{CustomerId, FileId};
use crate::store::files::{self, FileRow};
use crate::store::vault::Vault;
use crate::store::{self, Conn};
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs;
use tokio::io::AsyncWriteExt;

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

fn path(data_dir: &Path, id: FileId) -> PathBuf {
    data_dir.join("files").join(id.0.simple().to_string())
}

/// Seals `bytes` and keeps them on disk, flushed, before anything refers to them.
pub async fn write(
    conn: &mut Conn,
    vault: &Vault,
    data_dir: &Path,
    customer: Option<CustomerId>,
    id: FileId,
    mut bytes: Vec<u8>,
) -> Result<(), Error> {
    let head = vault
        .seal_in_place(conn, customer, &files::place(id), &mut bytes)
        .await?;
    let path = path(data_dir, id);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).await?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&path).await?;
    file.write_all(&head).await?;
    file.write_all(&bytes).await?;
    file.sync_all().await?;
    Ok(())
}

/// The bytes of a file as they were uploaded.
pub async fn read(conn: &mut Conn, vault: &Vault, data_dir: &Path, file: &FileRow) -> Result<Vec<u8>, Error> {
    let sealed = fs::read(path(data_dir, file.id)).await?;
    let bytes = vault.open(conn, &files::place(file.id), &sealed).await?;
    if Sha256::digest(&bytes).as_slice() != file.sha256 {
        return Err(Error::Changed);
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
