//! What a browser uploads: fields and files of one form, each file with its kind found from its content.
//!
//! A file is sealed while it arrives, so that it is never whole in memory nor in clear on disk. It is known only at its
//! end whether it is taken: one that is not, and all of a form that is refused, vanish with [`Uploaded`].

use super::content::Content;
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

/// An uploaded file.
pub(super) struct Uploaded {
    name: String,
    kind: ContentType,
    sealed: blobs::Arrived,
}

/// What arrived: fields, files, and what is wrong with files that were not taken.
#[derive(Default)]
pub(super) struct Arrived {
    pub(super) fields: Fields,
    pub(super) files: Vec<Uploaded>,
    pub(super) faults: Vec<String>,
}

/// Reads the whole form; its files are sealed for this customer (for nobody: `None`).
pub(super) async fn read(app: &App, customer: Option<CustomerId>, mut form: Multipart) -> Result<Arrived, Error> {
    let broken = |_| Error::Invalid("The form did not arrive in one piece, or is larger than 26 MB.".into());
    let mut arrived = Arrived::default();
    let mut text = 0;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "files" {
            read_file(app, customer, field, &mut arrived).await?;
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

async fn read_file(
    app: &App,
    customer: Option<CustomerId>,
    mut field: Field<'_>,
    arrived: &mut Arrived,
) -> Result<(), Error> {
    let broken =
        |_| Error::Invalid("A file did not arrive in one piece, or all are larger than 26 MB together.".into());
    let name = field.file_name().unwrap_or_default().to_owned();
    let is_one_too_many = arrived.files.len() >= MAX_ATTACHMENTS;
    let mut content = Content::default();
    let mut sealing = None;
    let mut size = 0;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        size += chunk.len() as u64;
        if is_one_too_many || size > MAX_ATTACHMENT_BYTES {
            // The form is read to its end all the same, so that the browser hears what was wrong with it.
            sealing = None;
            continue;
        }
        content.see(&chunk);
        let mut taking = match sealing {
            Some(taking) => taking,
            None => begin(app, customer).await?,
        };
        taking.take(&chunk).await.map_err(Error::internal)?;
        sealing = Some(taking);
    }
    // A browser sends an empty field where no file was chosen.
    if name.is_empty() && size == 0 {
        return Ok(());
    }
    let shown = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match (content.kind(&name), sealing) {
        _ if size > MAX_ATTACHMENT_BYTES => arrived.faults.push(format!("‘{shown}’ is larger than 10 MB.")),
        _ if size == 0 => arrived.faults.push(format!("‘{shown}’ is empty.")),
        _ if is_one_too_many => arrived.faults.push(format!(
            "‘{shown}’ is one too many: a result carries {MAX_ATTACHMENTS} files."
        )),
        (Some(kind), Some(sealing)) => {
            let sealed = sealing.finish().await.map_err(Error::internal)?;
            arrived.files.push(Uploaded { name, kind, sealed });
        }
        _ => arrived.faults.push(format!(
            "‘{shown}’ is of a kind that is not taken. PDF, pictures, Office files, CSV, plain text, sound and video are."
        )),
    }
    Ok(())
}

/// A file to be filled. The connection is given back at once: how long a file takes to arrive, its sender decides.
async fn begin(app: &App, customer: Option<CustomerId>) -> Result<blobs::Arriving, Error> {
    let mut conn = app.read().await?;
    let (vault, folder) = (&app.vault, &app.config.data_dir);
    let begun = blobs::Arriving::begin(&mut conn, vault, folder, customer, app.clock.new_id()).await;
    begun.map_err(Error::internal)
}

/// Keeps the files' bytes before any row refers to them.
pub(super) async fn keep(app: &App, files: Vec<Uploaded>) -> Result<Vec<NewFile>, Error> {
    let mut kept = Vec::new();
    for file in files {
        let new = NewFile::new(&file.name, file.kind, &file.sealed);
        file.sealed.keep(&app.config.data_dir).await.map_err(Error::internal)?;
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
