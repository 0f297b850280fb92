//! From an uploaded file's bytes to UTF-8, as far as its mark says how it is written.

use crate::domain::catalogue::Fault;
use std::borrow::Cow;

/// The text without its mark, as UTF-8 where the mark says that it was UTF-16. Without a mark the bytes stay as they are:
/// who takes the text apart names the cell that is not UTF-8.
pub(super) fn utf8(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return Ok(rest.into());
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(rest, u16::from_le_bytes).map(Cow::from);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(rest, u16::from_be_bytes).map(Cow::from);
    }
    if bytes[..bytes.len().min(4)].contains(&0) {
        let why = "The file looks like UTF-16 without its mark. Save it as ‘CSV UTF-8’ and send it again.";
        return Err(Fault::of_row(1, why));
    }
    Ok(bytes.into())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Vec<u8>, Fault> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for letter in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(letter.map_err(|_| broken(&text))?);
    }
    if rest.is_empty() {
        Ok(text.into_bytes())
    } else {
        Err(broken(&text))
    }
}

/// The text broke off after this.
fn broken(before: &str) -> Fault {
    let row = u32::try_from(before.matches('\n').count()).unwrap_or(u32::MAX - 1) + 1;
    let why = "The mark says UTF-16, but this line is not. Save the file as ‘CSV UTF-8’ and send it again.";
    Fault::of_row(row, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_how_a_text_is_written() {
        let text = "Zürich, 東京, 🎈";
        let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe".to_vec(), wide(u16::to_le_bytes)].concat(),
            [b"\xfe\xff".to_vec(), wide(u16::to_be_bytes)].concat(),
        ] {
            assert_eq!(utf8(&bytes).expect("text").as_ref(), text.as_bytes());
        }
    }

    #[test]
    fn text_that_breaks_off_is_named_by_its_line() {
        let mut bytes = b"\xff\xfe".to_vec();
        bytes.extend("a\nb".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend(0xd800_u16.to_le_bytes());
        assert!(utf8(&bytes).expect_err("refused").to_string().starts_with("Row 2: "));
        assert!(
            utf8(b"\xff\xfea")
                .expect_err("refused")
                .to_string()
                .starts_with("Row 1: ")
        );
        assert!(
            utf8(b"a\0b\0")
                .expect_err("refused")
                .to_string()
                .contains("UTF-16 without")
        );
    }
}
