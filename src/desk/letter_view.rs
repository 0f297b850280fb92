//! A mail as people look at it before or after it is sent: plain, and as a mail program draws it, in a frame of its own.

use crate::mail::Letter;
use crate::web::Error;
use askama::Template;

/// The page inside the frame: the mail's own body with the mail's own style.
#[derive(Template)]
#[template(path = "desk/_letter_page.html")]
struct LetterPage<'a> {
    letter: &'a Letter,
}

/// A letter with its HTML as a page for a sandboxed frame.
pub(super) struct LetterView {
    pub(super) letter: Letter,
    pub(super) page: String,
}

impl LetterView {
    /// Draws a letter.
    pub(super) fn of(letter: Letter) -> Result<Self, Error> {
        let page = LetterPage { letter: &letter }.render().map_err(Error::internal)?;
        Ok(Self { letter, page })
    }
}
