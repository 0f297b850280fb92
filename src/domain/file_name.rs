//! Uploaded files: which kinds are taken, and names that are safe to show, to store and to download.

use super::words::words;
use unicode_normalization::UnicodeNormalization;

/// The longest name, in characters, its extension included.
pub const MAX_NAME: usize = 120;

words! {
    /// The kinds of file that a result may carry. Nothing among them runs in a browser or on a computer by itself.
    pub enum ContentType {
        /// A document.
        Pdf = "application/pdf", "PDF";
        /// A picture.
        Png = "image/png", "PNG picture";
        /// A picture.
        Jpeg = "image/jpeg", "JPEG picture";
        /// A picture.
        Gif = "image/gif", "GIF picture";
        /// A picture.
        Webp = "image/webp", "WebP picture";
        /// A text document.
        Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word document";
        /// A table.
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel table";
        /// Slides.
        Pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint slides";
        /// A table as text.
        Csv = "text/csv", "CSV table";
        /// Plain text.
        Txt = "text/plain", "Text";
        /// Sound.
        Mp3 = "audio/mpeg", "MP3 sound";
        /// Sound.
        Wav = "audio/wav", "WAV sound";
        /// Sound.
        M4a = "audio/mp4", "M4A sound";
        /// A video.
        Mp4 = "video/mp4", "MP4 video";
        /// A video.
        Webm = "video/webm", "WebM video";
        /// A video.
        Mov = "video/quicktime", "QuickTime video";
    }
}

impl ContentType {
    /// Every extension (lower case, without a point) by which such a file may go; the first is the usual one.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Csv => &["csv"],
            Self::Txt => &["txt"],
            Self::Mp3 => &["mp3"],
            Self::Wav => &["wav"],
            Self::M4a => &["m4a"],
            Self::Mp4 => &["mp4"],
            Self::Webm => &["webm"],
            Self::Mov => &["mov"],
        }
    }

    /// The kind that has this extension, whatever its case.
    pub fn by_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_ascii_lowercase();
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.extensions().contains(&extension.as_str()))
    }
}

/// A name that is safe to show and to download: no path, no control characters, nothing that turns the reading
/// direction, at most [`MAX_NAME`] characters, and with an extension that belongs to `kind`.
pub fn safe_name(uploaded: &str, kind: ContentType) -> String {
    let last = uploaded.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.nfc().map(harmless).collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let (stem, extension) = split(&clean, kind);
    let stem = stem.trim_matches(|c: char| c == '.' || c == ' ' || c == '-');
    let room = MAX_NAME - extension.len() - 1;
    let stem: String = stem.chars().take(room).collect();
    let stem = stem.trim_end_matches([' ', '.']);
    let stem = if stem.is_empty() || is_device(stem) {
        "file"
    } else {
        stem
    };
    format!("{stem}.{extension}")
}

/// The name without its extension where that one fits, and the extension to use.
fn split(name: &str, kind: ContentType) -> (&str, &'static str) {
    let usual = kind.extensions()[0];
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return (name, usual);
    };
    let lower = extension.to_ascii_lowercase();
    if let Some(fitting) = kind.extensions().iter().find(|e| **e == lower) {
        return (stem, fitting);
    }
    let looks_like_one = (1..=5).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    if looks_like_one { (stem, usual) } else { (name, usual) }
}

/// The character, or a stand-in where it could mislead or break something.
fn harmless(c: char) -> char {
    match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' | '%' | ';' => '-',
        c if c.is_control() || is_invisible(c) => ' ',
        c => c,
    }
}

/// Characters that show nothing but change how others are read: bidirectional controls, joiners, tags, fillers.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Names that Windows keeps for devices.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(first.as_str(), "con" | "prn" | "aux" | "nul")
        || ((first.starts_with("com") || first.starts_with("lpt"))
            && first.len() == 4
            && first.ends_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_become_safe_and_stay_readable() {
        for (uploaded, safe) in [
            ("Report.pdf", "Report.pdf"),
            ("Müller, Übersicht – Teil 1.PDF", "Müller, Übersicht – Teil 1.pdf"),
            ("評価レポート.pdf", "評価レポート.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            (r"C:\Users\me\result.pdf", "result.pdf"),
            ("invoice\u{202E}fdp.exe", "invoice fdp.pdf"),
            ("a\r\nb\0.pdf", "a b.pdf"),
            ("page.html", "page.pdf"),
            ("v1.2 final", "v1.2 final.pdf"),
            (".pdf", "file.pdf"),
            ("...", "file.pdf"),
            ("", "file.pdf"),
            ("CON.pdf", "file.pdf"),
            ("lpt1.pdf", "file.pdf"),
            ("what?\".pdf", "what.pdf"),
        ] {
            assert_eq!(safe_name(uploaded, ContentType::Pdf), safe, "{uploaded}");
        }
        assert_eq!(safe_name("photo.JPEG", ContentType::Jpeg), "photo.jpeg");
        assert_eq!(safe_name("photo.png", ContentType::Jpeg), "photo.jpg");
    }

    #[test]
    fn pages_pictures_with_scripts_and_programs_are_not_taken() {
        for extension in ["html", "svg", "exe", "js", "xml", "zip", "docm"] {
            assert_eq!(ContentType::by_extension(extension), None);
        }
        assert_eq!(ContentType::parse("text/html"), None);
        assert_eq!(ContentType::by_extension("PDF"), Some(ContentType::Pdf));
    }

    proptest! {
        #[test]
        fn any_name_becomes_safe_and_a_safe_name_stays(
            uploaded in any::<String>(),
            kind in proptest::sample::select(ContentType::ALL),
        ) {
            let safe = safe_name(&uploaded, kind);
            prop_assert!(safe.chars().count() <= MAX_NAME);
            prop_assert!(!safe.contains(['/', '\\', '\0', '\r', '\n', '"', '<', '>']));
            prop_assert!(!safe.starts_with('.') && !safe.starts_with(' '));
            let (stem, extension) = safe.rsplit_once('.').expect("an extension");
            prop_assert!(!stem.is_empty());
            prop_assert!(kind.extensions().contains(&extension));
            prop_assert_eq!(safe_name(&safe, kind), safe);
        }
    }
}
