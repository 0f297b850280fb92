//! A letter: to whom, what about, and its text. The mail is made from it, plain and as HTML, always in the same way.

use crate::config::mail::Sender;
use crate::domain::ids::DeliveryId;
use crate::domain::invitation::start_label;
use crate::domain::language::Language;
use crate::domain::time::Timestamp;
use askama::Template;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// The look of a mail: the same file that the desk's preview links.
const STYLE: &str = include_str!("../../static/letter.css");

/// What is kept, sealed, until it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// Whose it is; empty: not known.
    pub name: String,
    /// Where answers go; empty: to the sender.
    #[serde(default)]
    pub reply_to: String,
    /// The subject.
    pub subject: String,
    /// The text: an empty line begins a new paragraph.
    pub text: String,
    /// The address in the text that is drawn as a button.
    pub link: String,
    /// What that button says; empty: the words that open an assessment.
    #[serde(default)]
    pub button: String,
    /// The text's language.
    pub language: Language,
}

/// Why no mail can be made of a letter. The sentence is for staff and holds nothing personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// The address cannot be one.
    #[error("The address cannot be one that mail reaches.")]
    Address,
    /// The parts do not make a mail.
    #[error("No mail can be made of this text.")]
    Text,
}

/// A part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block<'a> {
    /// The link, alone.
    Link,
    /// A paragraph, line by line.
    Lines(Vec<Vec<Piece<'a>>>),
}

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text.
    Text(&'a str),
    /// The link.
    Link,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    letter: &'a Letter,
    style: &'static str,
}

impl Letter {
    /// Reads what [`Letter::write`] wrote; `None` where it is something else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// As it is sealed.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether mail can be addressed to it at all.
    pub fn can_reach(address: &str) -> bool {
        crate::domain::text::is_email(address) && address.parse::<Address>().is_ok()
    }

    /// The text cut into paragraphs.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let paragraphs = self.text.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
        let block = |text| {
            if text == self.link && !self.link.is_empty() {
                Block::Link
            } else {
                Block::Lines(str::lines(text).map(|line| self.pieces(line)).collect())
            }
        };
        paragraphs.map(block).collect()
    }

    fn pieces<'a>(&self, line: &'a str) -> Vec<Piece<'a>> {
        if self.link.is_empty() {
            return vec![Piece::Text(line)];
        }
        let mut pieces = Vec::new();
        for (number, text) in line.split(self.link.as_str()).enumerate() {
            if number > 0 {
                pieces.push(Piece::Link);
            }
            if !text.is_empty() {
                pieces.push(Piece::Text(text));
            }
        }
        pieces
    }

    /// What the link is called where it is drawn as a button.
    pub fn link_label(&self) -> &str {
        if self.button.is_empty() {
            start_label(self.language)
        } else {
            &self.button
        }
    }

    /// The mail. `Message-ID` and `Date` are the delivery's, so that a second try makes the same mail.
    ///
    /// # Errors
    /// [`Unsendable`] where the address or the text is of no use.
    pub fn message(&self, from: &Sender, id: DeliveryId, at: Timestamp) -> Result<Message, Unsendable> {
        let html = Html {
            letter: self,
            style: STYLE,
        };
        let html = html.render().map_err(|_| Unsendable::Text)?;
        let alternatives = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, self.text.clone()))
            .singlepart(part(ContentType::TEXT_HTML, html));
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        let mut builder = Message::builder();
        if let Ok(reply_to) = mailbox("", &self.reply_to) {
            builder = builder.reply_to(reply_to);
        }
        builder
            .from(mailbox(&from.name, &from.address)?)
            .to(mailbox(&self.name, &self.to)?)
            .subject(one_line(&self.subject))
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at.unix_seconds()).unwrap_or_default()))
            .message_id(Some(format!("<{id}@{}>", from.domain())))
            .raw_header(HeaderValue::new(name, "auto-generated".to_owned()))
            .multipart(alternatives)
            .map_err(|_| Unsendable::Text)
    }
}

fn part(kind: ContentType, text: String) -> SinglePart {
    SinglePart::builder().header(kind).body(text)
}

fn mailbox(name: &str, address: &str) -> Result<Mailbox, Unsendable> {
    if !Letter::can_reach(address) {
        return Err(Unsendable::Address);
    }
    let address = address.parse().map_err(|_| Unsendable::Address)?;
    Ok(Mailbox::new(
        Some(one_line(name)).filter(|name| !name.is_empty()),
        address,
    ))
}

/// The last line of defence of the headers: what breaks a line becomes a blank, whoever wrote it.
fn one_line(text: &str) -> String {
    let spaced = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    spaced.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DeliveryId;
    use proptest::prelude::*;

    fn letter() -> Letter {
        Letter {
            to: "li.wei@example.com".into(),
            name: "Li Wei".into(),
            reply_to: String::new(),
            subject: "Halden invites you".into(),
            text: "Hello Li,\nplease start.\n\nhttps://desk.example/start/a\n\nOr here: https://desk.example/start/a."
                .into(),
            link: "https://desk.example/start/a".into(),
            button: String::new(),
            language: Language::En,
        }
    }

    fn sender() -> Sender {
        Sender {
            name: "Assessments".into(),
            address: "assess@provider.example".into(),
        }
    }

    fn written(letter: &Letter) -> String {
        let id = DeliveryId(uuid::Uuid::from_u128(7));
        let at = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
        let message = letter.message(&sender(), id, at).expect("a mail");
        String::from_utf8(message.formatted()).expect("text")
    }

    /// The headers, unfolded.
    fn headers(mail: &str) -> Vec<String> {
        let head = mail.split("\r\n\r\n").next().expect("headers").replace("\r\n ", " ");
        head.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_mail_is_the_same_however_often_it_is_made() {
        let heads = headers(&written(&letter()));
        for told in [
            "Message-ID: <00000000-0000-0000-0000-000000000007@provider.example>",
            "Date: Tue, 24 Nov 2026 09:00:00 +0000",
            "Auto-Submitted: auto-generated",
            "From: Assessments <assess@provider.example>",
            "To: \"Li Wei\" <li.wei@example.com>",
        ] {
            assert!(heads.iter().any(|head| head == told), "{told}: {heads:?}");
        }
        assert_eq!(headers(&written(&letter()))[..6], heads[..6]);
    }

    #[test]
    fn the_link_stands_alone_as_a_button_and_in_lines_as_a_link() {
        let letter = letter();
        let blocks = letter.blocks();
        assert_eq!(blocks.len(), 3);
        assert_eq!(blocks[1], Block::Link);
        let Block::Lines(lines) = &blocks[2] else {
            panic!("a paragraph was meant")
        };
        assert_eq!(lines[0], [Piece::Text("Or here: "), Piece::Link, Piece::Text(".")]);
    }

    #[test]
    fn markup_in_a_text_stays_text() {
        let evil = Letter {
            text: "Hello <img src=x onerror=alert(1)> & \"Li\"".into(),
            ..letter()
        };
        let html = Html {
            letter: &evil,
            style: "",
        };
        let html = html.render().expect("HTML");
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains("&#60;img"), "{html}");
    }

    #[test]
    fn an_address_that_is_none_makes_no_mail() {
        for to in [
            "",
            "li",
            "li@example.com\r\nBcc: x@y.example",
            "a@b.example, c@d.example",
            "<a@b.example>",
        ] {
            let bad = Letter {
                to: to.into(),
                ..letter()
            };
            let made = bad.message(&sender(), DeliveryId(uuid::Uuid::nil()), Timestamp::EPOCH);
            assert_eq!(made.expect_err(to), Unsendable::Address);
        }
    }

    proptest! {
        #[test]
        fn no_name_and_no_subject_adds_a_header(name in any::<String>(), subject in any::<String>()) {
            let evil = Letter {
                name: format!("{name}\r\nBcc: all@example.com"),
                subject: format!("{subject}\r\n\r\nBcc: all@example.com"),
                ..letter()
            };
            let heads = headers(&written(&evil));
            prop_assert!(!heads.iter().any(|head| head.to_lowercase().starts_with("bcc")), "{heads:?}");
            prop_assert_eq!(heads.len(), headers(&written(&letter())).len());
        }
    }
}
