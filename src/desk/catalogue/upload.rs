//! The file as it arrives: never more of it in memory than is taken.

use crate::domain::catalogue::Fault;
use crate::web::Error;
use crate::web::filters::file_size;
use crate::web::sheet::LARGEST;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;

/// The longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 120;

/// A file that arrived whole.
pub(super) struct Arrived {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The form's file; or its name, and why it is not taken.
pub(super) async fn read(mut form: Multipart) -> Result<Result<Arrived, (String, Fault)>, Error> {
    let mut found = Err((String::new(), Fault::of_file("Choose a file first.")));
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.file_name().is_some() {
            found = file(field).await?;
        }
    }
    Ok(found)
}

/// Reads a field to its end, also where it is too large, so that the browser hears what was wrong with it.
async fn file(mut field: Field<'_>) -> Result<Result<Arrived, (String, Fault)>, Error> {
    let name = field.file_name().unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect::<String>();
    let (mut bytes, mut size) = (Vec::new(), 0);
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        size += piece.len();
        if size > LARGEST {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&piece);
        }
    }
    if name.is_empty() && size == 0 {
        return Ok(Err((name, Fault::of_file("Choose a file first."))));
    }
    if size > LARGEST {
        let why = format!(
            "The file has {}; at most 4 MB are taken. 5,000 packages are less than that: send it in parts, or without \
             pictures and other sheets.",
            file_size(i64::try_from(size).unwrap_or(i64::MAX))
        );
        return Ok(Err((name, Fault::of_file(why))));
    }
    Ok(Ok(Arrived { name, bytes }))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn broken(error: MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Error::TooLarge("The file is larger than 64 MB; at most 4 MB are taken.".into());
    }
    Error::Invalid("The file did not arrive in one piece.".into())
}
