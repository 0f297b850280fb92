//! What an uploaded file is, found from its content while it passes by.

use crate::domain::file_name::ContentType;

/// How many bytes from its beginning tell what a file is.
const TELLING: usize = 64 * 1024;

/// What was seen of a file so far.
#[derive(Default)]
pub(super) struct Content {
    head: Vec<u8>,
    text: Text,
}

impl Content {
    /// Looks at what comes next.
    pub(super) fn see(&mut self, bytes: &[u8]) {
        let more = bytes.len().min(TELLING - self.head.len());
        self.head.extend_from_slice(&bytes[..more]);
        self.text.see(bytes);
    }

    /// What the file is now that it was seen whole; its name only tells kinds of plain text apart.
    pub(super) fn kind(&self, name: &str) -> Option<ContentType> {
        if let Some(found) = infer::get(&self.head) {
            return ContentType::parse(match found.mime_type() {
                "audio/x-wav" => "audio/wav",
                "audio/m4a" => "audio/mp4",
                other => other,
            });
        }
        if !self.text.is_harmless() {
            return None;
        }
        let by_name = name
            .rsplit_once('.')
            .and_then(|(_, extension)| ContentType::by_extension(extension));
        by_name
            .filter(|kind| matches!(kind, ContentType::Csv | ContentType::Txt))
            .or(Some(ContentType::Txt).filter(|_| by_name.is_none() && !name.contains('.')))
    }
}

/// Whether a file is plain text.
#[derive(Default)]
struct Text {
    /// Something in it is no text.
    broken: bool,
    /// A letter of which the rest is still to come.
    cut: Vec<u8>,
    /// Its first two letters that are not blank.
    start: String,
}

impl Text {
    fn see(&mut self, bytes: &[u8]) {
        if self.broken {
            return;
        }
        let joined = [self.cut.as_slice(), bytes].concat();
        let whole = match std::str::from_utf8(&joined) {
            Ok(_) => joined.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => {
                self.broken = true;
                return;
            }
        };
        let (whole, cut) = joined.split_at(whole);
        self.cut = cut.to_vec();
        self.look(std::str::from_utf8(whole).unwrap_or_default());
    }

    fn look(&mut self, text: &str) {
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{FEFF}' | '\u{C}');
        self.broken = text.chars().any(control);
        let blank = |c: char| c.is_whitespace() || c == '\u{FEFF}';
        let rest = if self.start.is_empty() {
            text.trim_start_matches(blank)
        } else {
            text
        };
        let missing = 2_usize.saturating_sub(self.start.chars().count());
        self.start.extend(rest.chars().take(missing));
    }

    /// Text to its end, and nothing that a browser or a shell would run.
    fn is_harmless(&self) -> bool {
        !self.broken && self.cut.is_empty() && !self.start.starts_with(['<', '{']) && self.start != "#!"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file is that comes in pieces of this size.
    fn kind_in(size: usize, bytes: &[u8], name: &str) -> Option<ContentType> {
        let mut content = Content::default();
        bytes.chunks(size).for_each(|piece| content.see(piece));
        content.kind(name)
    }

    /// The same however it comes.
    fn kind_of(bytes: &[u8], name: &str) -> Option<ContentType> {
        let whole = kind_in(bytes.len().max(1), bytes, name);
        for size in [1, 2, 3, 7] {
            assert_eq!(kind_in(size, bytes, name), whole, "{name} in pieces of {size}");
        }
        whole
    }

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
            ("Grüß".as_bytes().split_last().expect("letters").1, "cut.txt"),
            (b"Gr\xFC\xDFe", "latin.txt"),
        ] {
            assert_eq!(kind_of(bytes, name), None, "{name}");
        }
    }
}
