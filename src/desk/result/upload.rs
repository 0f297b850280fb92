//! What a browser uploads: fields and files of one form, each file with its kind found from its content.
//!
//! A file is held in memory while it is read (10 MB at most), so that it never touches the disk in clear.

use super::form::Fields;
use crate::actions::result_draft::NewFile;
use crate::app::App;
use crate::domain::file_name::ContentType;
use crate::domain::ids::CustomerId;
use crate::domain::result::{MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS};
use crate::store::blobs;
use crate::web::Error;
use axum::extract::multipart::{Field, Multipart};

/// The most bytes that all text fields together may have.
const MAX_TEXT: usize = 600_000;

/// More than a seal adds to a file.
const SEAL: usize = 64;

/// An uploaded file.
pub(super) struct Uploaded {
    name: String,
    kind: ContentType,
    bytes: Vec<u8>,
}

/// What arrived: fields, files, and what is wrong with files that were not taken.
#[derive(Default)]
pub(super) struct Arrived {
    pub(super) fields: Fields,
    pub(super) files: Vec<Uploaded>,
    pub(super) faults: Vec<String>,
}

/// Reads the whole form.
pub(super) async fn read(mut form: Multipart) -> Result<Arrived, Error> {
    let broken = |_| Error::Invalid("The form did not arrive in one piece, or is larger than 26 MB.".into());
    let mut arrived = Arrived::default();
    let mut text = 0;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "files" {
            read_file(field, &mut arrived).await?;
            continue;
        }
        let value = field.text().await.map_err(broken)?;
        text += value.len();
        if text > MAX_TEXT {
            return Err(Error::TooLarge("More was typed than a result can hold.".into()));
        }
        arrived.fields.0.push((name, value));
    }
    Ok(arrived)
}

async fn read_file(mut field: Field<'_>, arrived: &mut Arrived) -> Result<(), Error> {
    let name = field.file_name().unwrap_or_default().to_owned();
    // Room for the largest at once, which the system gives page by page as it is filled: growing would copy it again and
    // again, and the seal that comes behind it would once more.
    let mut bytes = Vec::with_capacity(usize::try_from(MAX_ATTACHMENT_BYTES).unwrap_or_default() + SEAL);
    let mut too_large = false;
    let broken =
        |_| Error::Invalid("A file did not arrive in one piece, or all are larger than 26 MB together.".into());
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        too_large |= bytes.len() + chunk.len() > usize::try_from(MAX_ATTACHMENT_BYTES).unwrap_or(usize::MAX);
        if !too_large {
            bytes.extend_from_slice(&chunk);
        }
    }
    // A browser sends an empty field where no file was chosen.
    if name.is_empty() && bytes.is_empty() {
        return Ok(());
    }
    let shown = name.rsplit(['/', '\\']).next().unwrap_or_default();
    if too_large {
        arrived.faults.push(format!("‘{shown}’ is larger than 10 MB."));
    } else if bytes.is_empty() {
        arrived.faults.push(format!("‘{shown}’ is empty."));
    } else if let Some(kind) = kind_of(&bytes, &name) {
        if arrived.files.len() < MAX_ATTACHMENTS {
            arrived.files.push(Uploaded { name, kind, bytes });
        } else {
            arrived.faults.push(format!(
                "‘{shown}’ is one too many: a result carries {MAX_ATTACHMENTS} files."
            ));
        }
    } else {
        arrived.faults.push(format!(
            "‘{shown}’ is of a kind that is not taken. PDF, pictures, Office files, CSV, plain text, sound and video are."
        ));
    }
    Ok(())
}

/// What a file is, by its content; its name only tells kinds of plain text apart.
fn kind_of(bytes: &[u8], name: &str) -> Option<ContentType> {
    if let Some(found) = infer::get(bytes) {
        return ContentType::parse(match found.mime_type() {
            "audio/x-wav" => "audio/wav",
            "audio/m4a" => "audio/mp4",
            other => other,
        });
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{FEFF}' | '\u{C}');
    if text.chars().any(control) || looks_like_markup(text) {
        return None;
    }
    let by_name = name
        .rsplit_once('.')
        .and_then(|(_, extension)| ContentType::by_extension(extension));
    by_name
        .filter(|kind| matches!(kind, ContentType::Csv | ContentType::Txt))
        .or(Some(ContentType::Txt).filter(|_| by_name.is_none() && !name.contains('.')))
}

/// Text that a browser or a shell would run.
fn looks_like_markup(text: &str) -> bool {
    let start = text.trim_start_matches('\u{FEFF}').trim_start();
    start.starts_with(['<', '{']) || start.starts_with("#!")
}

/// Keeps the files' bytes, sealed, before any row refers to them.
pub(super) async fn keep(app: &App, customer: Option<CustomerId>, files: Vec<Uploaded>) -> Result<Vec<NewFile>, Error> {
    let mut kept = Vec::new();
    let mut conn = app.read().await?;
    for file in files {
        let new = NewFile::new(app.clock.new_id(), &file.name, file.kind, &file.bytes);
        blobs::write(
            &mut conn,
            &app.vault,
            &app.config.data_dir,
            customer,
            new.id,
            file.bytes,
        )
        .await
        .map_err(Error::internal)?;
        kept.push(new);
    }
    Ok(kept)
}

/// Removes bytes that no row came to refer to.
pub(super) async fn forget(app: &App, files: &[NewFile]) {
    for file in files {
        if let Err(error) = blobs::remove(&app.config.data_dir, file.id).await {
            tracing::warn!(%error, "a file that was not attached could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_content() {
        let pdf = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj";
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(kind_of(pdf, "report.exe"), Some(ContentType::Pdf));
        assert_eq!(kind_of(png, "x.pdf"), Some(ContentType::Png));
        assert_eq!(kind_of(b"a;b\n1;2\n", "table.csv"), Some(ContentType::Csv));
        assert_eq!(kind_of("Grüße".as_bytes(), "note.txt"), Some(ContentType::Txt));
    }

    #[test]
    fn what_could_run_is_not_taken() {
        for (bytes, name) in [
            (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF".as_slice(), "setup.pdf"),
            (b"<html><script>alert(1)</script>", "page.txt"),
            (b"\xEF\xBB\xBF <svg onload='x'>", "picture.csv"),
            (b"#!/bin/sh\nrm", "script.txt"),
            (b"var a = 1", "code.js"),
            (b"a\0b", "bytes.txt"),
        ] {
            assert_eq!(kind_of(bytes, name), None, "{name}");
        }
    }
}
