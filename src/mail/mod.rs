//! Composing and sending mail: a [`Letter`] is what is kept (sealed) and sent, a [`Mailer`] the way by which it leaves.
//!
//! A mail server is spoken to by hand, step by step, because the step at which a mail fails says whose fault it is: the
//! candidate's address, ours, or nobody's; and whether it may have been taken all the same.

mod letter;
mod smtp;

pub use letter::{Block, Letter, Piece, Unsendable};
pub use smtp::{Smtp, Unusable};

use crate::config::mail::{Mail, Way};
use crate::domain::ids::DeliveryId;
use crate::domain::time::Timestamp;

/// The way by which mails leave. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// They stay in the desk's own mail box.
    Desk,
    /// They go to a mail server.
    Smtp(Smtp),
}

/// How the try to send a mail ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What became of it.
    pub fate: Fate,
    /// What happened, in plain words; nothing personal.
    pub message: String,
    /// What the server said in its own words, which can quote the address.
    pub said: String,
    /// SHA-256 of what was sent, once it began to be.
    pub digest: Option<Vec<u8>>,
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// The server took it.
    Taken,
    /// The server refused its address or the mail itself, for good.
    Refused,
    /// The server refuses us: our account, our sender, or the way we speak.
    Locked,
    /// The server could not be reached or spoken to; nothing was sent.
    Unreached,
    /// The server says 'not now'.
    NotNow,
    /// It was sent, and no answer came: it may have been taken.
    Unknown,
}

impl Sent {
    /// A try of which nothing is known but its fate.
    pub(super) fn new(fate: Fate, message: impl Into<String>) -> Self {
        Self {
            fate,
            message: message.into(),
            said: String::new(),
            digest: None,
        }
    }
}

impl Mailer {
    /// The way that the settings name.
    ///
    /// # Errors
    /// [`Unusable`] where this machine has no certificates to check a server's with.
    pub fn new(mail: &Mail) -> Result<Self, Unusable> {
        match &mail.way {
            Way::Desk => Ok(Self::Desk),
            Way::Smtp(server) => Smtp::new(server).map(Self::Smtp),
        }
    }

    /// Sends a letter as the mail of a delivery. The same delivery always makes the same mail: should one arrive twice,
    /// its `Message-ID` tells.
    pub async fn send(&self, mail: &Mail, letter: &Letter, id: DeliveryId, at: Timestamp) -> Sent {
        let message = match letter.message(&mail.from, id, at) {
            Ok(message) => message,
            Err(why) => return Sent::new(Fate::Refused, why.to_string()),
        };
        match self {
            Self::Desk => Sent::new(Fate::Taken, "Kept in the desk’s own mail box."),
            Self::Smtp(smtp) => smtp.send(&message).await,
        }
    }
}
