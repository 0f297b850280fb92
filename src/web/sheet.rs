//! Tables as files. Uploaded ones: what kind of file it is, and its cells. Whatever is wrong is said in words, with
//! row and column.
//!
//! Reading works on bytes that are whole in memory (a few megabytes at most) and takes its time: call it where
//! blocking is allowed.

mod separated;
mod text;
mod workbook;
mod written;
mod zipped;

use crate::domain::catalogue::{Fault, Sheet};

pub use written::{WORKBOOK, written};

/// The largest file that is taken, in bytes.
pub const LARGEST: usize = 4_000_000;

/// What old workbooks and locked ones begin with (a compound file).
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Reads a CSV file or a workbook, by what stands in it and not by its name.
///
/// # Errors
/// What is wrong with it.
pub fn read(bytes: &[u8]) -> Result<Sheet, Fault> {
    if bytes.is_empty() {
        return Err(Fault::of_file("The file is empty."));
    }
    if bytes.starts_with(COMPOUND) {
        return Err(Fault::of_file(compound(bytes)));
    }
    if bytes.starts_with(b"PK") {
        zipped::check(bytes)?;
        return workbook::read(bytes);
    }
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Fault::of_file(format!("This is {name}. {WANTED}")));
    }
    separated::read(&text::utf8(bytes)?)
}

/// What a person should send.
const WANTED: &str = "Save the table as ‘CSV UTF-8’ or as a workbook (.xlsx) and send that.";

/// Files that people send by mistake.
const OTHERS: [(&[u8], &str); 5] = [
    (b"%PDF", "a PDF file"),
    (b"{\\rtf", "a text document"),
    (b"\x1f\x8b", "a packed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
];

fn compound(bytes: &[u8]) -> String {
    let locked: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(locked.len()).any(|part| part == locked) {
        "This workbook is protected with a password. Save it without one and send it again.".to_owned()
    } else {
        format!("This is a workbook of the old kind (.xls), which is not read. {WANTED}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_of_other_kinds_are_told_by_what_they_are() {
        let told = |bytes: &[u8]| read(bytes).expect_err("refused").to_string();
        assert_eq!(told(b""), "The file is empty.");
        assert!(told(b"%PDF-1.7").starts_with("This is a PDF file."));
        assert!(told(COMPOUND).contains("(.xls)"));
        let locked = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes);
        let locked: Vec<u8> = COMPOUND.iter().copied().chain(locked).collect();
        assert!(told(&locked).contains("password"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
            let zipped = [b"PK\x03\x04".as_slice(), &bytes].concat();
            let _ = read(&zipped);
        }
    }
}
