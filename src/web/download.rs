//! Bytes as a file to be saved: never shown inside a page of ours, whatever they are.

use super::Error;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;

/// The answer that makes a browser save `bytes` under `name`.
pub fn attachment(name: &str, content_type: &str, bytes: Vec<u8>) -> Result<Response, Error> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let head = [
        (header::CONTENT_TYPE, value(content_type)?),
        (header::CONTENT_DISPOSITION, value(&disposition(name))?),
        (header::CACHE_CONTROL, value("no-store")?),
        (
            HeaderName::from_static("content-security-policy"),
            value("default-src 'none'; sandbox")?,
        ),
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
