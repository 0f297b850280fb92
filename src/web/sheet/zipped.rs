//! What a workbook is made of, looked at before anybody reads it: a workbook is a ZIP file, and of a ZIP file one knows how
//! much it unpacks to only once it was unpacked. So each part is unpacked into nothing, up to a budget.

use crate::domain::catalogue::Fault;
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

/// What all parts together may unpack to, in bytes: forty bytes for each cell of the largest list, and its texts.
const BUDGET: u64 = 24_000_000;

/// What the styles may unpack to: a reader makes much of few bytes there.
const STYLES: u64 = 1_000_000;

/// How many parts there may be; a plain workbook has a dozen.
const MOST_PARTS: usize = 200;

/// How many elements all parts together may have: twice what the largest list has, read into memory.
const MOST_ELEMENTS: u64 = 2_000_000;

/// Whether these bytes are a workbook that can be read without harm.
///
/// # Errors
/// What is wrong with them.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if archive.len() > MOST_PARTS {
        let why = format!(
            "The file has {} parts; a workbook has a dozen. {NOTHING}",
            archive.len()
        );
        return Err(Fault::of_file(why));
    }
    let mut left = Left {
        bytes: BUDGET,
        elements: MOST_ELEMENTS,
    };
    let mut kinds = None;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                Fault::of_file("The file is protected with a password. Save it without one and send it again.")
            }
            _ => broken(),
        })?;
        let name = part.name().map_err(|_| broken())?.into_owned();
        if name.to_lowercase().contains("vbaproject") {
            return Err(macros());
        }
        let begins = look_through(&mut part, &name, &mut left)?;
        match name.as_str() {
            "[Content_Types].xml" => kinds = Some(String::from_utf8_lossy(&begins).into_owned()),
            "mimetype" if begins.starts_with(b"application/vnd.oasis") => {
                return Err(Fault::of_file(format!(
                    "This is an OpenDocument file. {}",
                    super::WANTED
                )));
            }
            _ => {}
        }
    }
    is_workbook(kinds.as_deref())
}

/// What ends a message about a file that is no list of packages.
const NOTHING: &str = "That is no list of packages; nothing of it was read.";

fn broken() -> Fault {
    Fault::of_file("The file cannot be opened: it is broken, or did not arrive whole.")
}

fn macros() -> Fault {
    Fault::of_file("The workbook holds macros (.xlsm). Save it as a workbook without macros (.xlsx) and send that.")
}

fn is_workbook(kinds: Option<&str>) -> Result<(), Fault> {
    let Some(kinds) = kinds else {
        return Err(Fault::of_file(format!(
            "This is a ZIP file, but no workbook. {}",
            super::WANTED
        )));
    };
    if kinds.contains("spreadsheetml.sheet.main+xml") {
        return Ok(());
    }
    if kinds.contains("sheet.macroEnabled") || kinds.contains("template.macroEnabled") {
        return Err(macros());
    }
    let what = if kinds.contains("ms-excel.sheet.binary") {
        "a binary workbook (.xlsb), which is not read"
    } else if kinds.contains("wordprocessingml") {
        "a text document"
    } else {
        "no workbook"
    };
    Err(Fault::of_file(format!("This is {what}. {}", super::WANTED)))
}

/// What may still come.
struct Left {
    bytes: u64,
    elements: u64,
}

/// How much of each part is kept to be looked at.
const KEPT: usize = 64_000;

/// Unpacks a part into nothing and gives its beginning.
fn look_through(part: &mut ZipFile<'_, Cursor<&[u8]>>, name: &str, left: &mut Left) -> Result<Vec<u8>, Fault> {
    let name = name.chars().take(80).collect::<String>();
    let own = if name == "xl/styles.xml" { STYLES } else { BUDGET };
    let too_large = || {
        let why = format!("The file unpacks to far more than it may (in ‘{name}’). {NOTHING}");
        Fault::of_file(why)
    };
    if part.size() > left.bytes.min(own) {
        return Err(too_large());
    }
    let (mut begins, mut buffer, mut size) = (Vec::new(), vec![0; 16_384], 0_u64);
    let mut tail = Vec::new();
    loop {
        let length = part.read(&mut buffer).map_err(|_| broken())?;
        if length == 0 {
            return Ok(begins);
        }
        let piece = &buffer[..length];
        let counted = length as u64;
        size += counted;
        left.bytes = left.bytes.checked_sub(counted).ok_or_else(too_large)?;
        if size > own {
            return Err(too_large());
        }
        let elements = piece.iter().map(|byte| u64::from(*byte == b'<')).sum();
        left.elements = left.elements.checked_sub(elements).ok_or_else(too_large)?;
        begins.extend_from_slice(&piece[..length.min(KEPT - begins.len())]);
        tail.extend_from_slice(piece);
        if holds(&tail, b"<!DOCTYPE") || holds(&tail, b"<!ENTITY") {
            let why = format!("‘{name}’ defines entities of its own, which no spreadsheet writes. {NOTHING}");
            return Err(Fault::of_file(why));
        }
        tail.drain(..tail.len().saturating_sub(8));
    }
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|part| part == mark)
}
