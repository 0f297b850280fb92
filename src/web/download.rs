//! A kept file as a file to be saved: never shown inside a page of ours, whatever it is.

use super::Error;
use crate::store::blobs::{self, Leaving};
use crate::store::files::FileRow;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{StreamExt, iter, try_unfold};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The answer that makes a browser save `file` under its name.
///
/// Its bytes are opened as they leave. The first are opened before the answer begins, so that a file that is missing or
/// broken has an error page; what breaks later cuts the answer off, so that nobody takes it for whole.
pub async fn attachment(file: &FileRow, mut leaving: Leaving) -> Result<Response, Error> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let head = [
        (header::CONTENT_TYPE, value(&file.content_type)?),
        (header::CONTENT_LENGTH, HeaderValue::from(file.size)),
        (header::CONTENT_DISPOSITION, value(&disposition(&file.name))?),
        (header::CACHE_CONTROL, value("no-store")?),
        (
            HeaderName::from_static("content-security-policy"),
            value("default-src 'none'; sandbox")?,
        ),
    ];
    let first = leaving.next().await.map_err(Error::internal)?;
    let rest = try_unfold(leaving, |mut leaving| async {
        let piece = leaving.next().await?;
        Ok::<_, blobs::Error>(piece.map(|piece| (piece, leaving)))
    });
    let pieces = iter(first.map(Ok)).chain(rest);
    Ok((head, Body::from_stream(pieces)).into_response())
}

/// The answer that makes a browser save a table as a CSV file (RFC 4180, UTF-8 with the mark by which spreadsheets know it).
/// Cells stand there as they are: [`crate::domain::catalogue::guarded`] makes them safe that people wrote.
///
/// # Errors
/// Where the rows are not of one length.
pub fn sheet<'a>(name: &str, rows: impl IntoIterator<Item = Vec<Cow<'a, str>>>) -> Result<Response, Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    for row in rows {
        let cells = row.iter().map(|cell| cell.as_bytes());
        writer.write_record(cells).map_err(Error::internal)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Error::internal(error.to_string()))?;
    file(name, "text/csv; charset=utf-8", bytes)
}

/// The answer that makes a browser save these bytes under this name.
///
/// # Errors
/// Where the name or the type can stand in no header.
pub fn file(name: &str, kind: &str, bytes: Vec<u8>) -> Result<Response, Error> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let head = [
        (header::CONTENT_TYPE, value(kind)?),
        (header::CONTENT_DISPOSITION, value(&disposition(name))?),
        (header::CACHE_CONTROL, value("no-store")?),
    ];
    Ok((head, bytes).into_response())
}

/// The name twice, as RFC 6266 wants it: in ASCII for old browsers, whole for the others.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '%') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_arrives_whole() {
        assert_eq!(
            disposition("Zoë \"x\".pdf"),
            "attachment; filename=\"Zo_ _x_.pdf\"; filename*=UTF-8''Zo%C3%AB%20%22x%22.pdf"
        );
    }
}
