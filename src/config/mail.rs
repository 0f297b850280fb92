//! How mails leave: by an SMTP server, or not at all (`desk:` keeps them in the desk's own mail box).

use super::{Error, wrong};
use crate::domain::text::is_email;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use url::Url;

/// The value of `SMTP_URL` that keeps mails here.
pub const DESK: &str = "desk:";

/// The sender of mails that never leave the desk, where none is named.
const DESK_SENDER: &str = "Assessdesk <assessdesk@desk.invalid>";

/// How mails leave, and in whose name.
#[derive(Clone, Debug)]
pub struct Mail {
    /// By which way.
    pub way: Way,
    /// In whose name.
    pub from: Sender,
}

/// By which way mails leave.
#[derive(Clone, Debug)]
pub enum Way {
    /// They are kept in the desk's own mail box: nobody outside gets one.
    Desk,
    /// Through a mail server.
    Smtp(Server),
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: Security,
    /// Who we are there.
    pub account: Option<(String, SecretString)>,
    /// What we call ourselves in EHLO; `None`: this machine's name.
    pub hello: Option<String>,
    /// How long one step of the conversation may take.
    pub patience: Duration,
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// From the first byte on (`smtps://`).
    Tls,
    /// From STARTTLS on, or not at all (`?tls=required`).
    StartTls,
    /// From STARTTLS on where the server offers it (`?tls=opportunistic`).
    IfOffered,
    /// Not at all (`smtp://` alone).
    Nothing,
}

/// In whose name mails are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The name that is shown; empty: none.
    pub name: String,
    /// The address.
    pub address: String,
}

impl Sender {
    /// The name that candidates know us by: that of the sender, else the domain of its address.
    pub fn known_as(&self) -> &str {
        if self.name.is_empty() {
            self.domain()
        } else {
            &self.name
        }
    }

    /// The domain of the address.
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain)
    }
}

impl std::fmt::Display for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.is_empty() {
            f.write_str(&self.address)
        } else {
            write!(f, "{} <{}>", self.name, self.address)
        }
    }
}

/// Reads `SMTP_URL` and `MAIL_FROM`; `None` where no mail is set up.
pub(super) fn read(url: Option<&SecretString>, from: &str, patience: Duration) -> Result<Option<Mail>, Error> {
    let url = url.map(|url| url.expose_secret().trim()).unwrap_or_default();
    if url.is_empty() {
        return Ok(None);
    }
    if url == DESK {
        let from = if from.trim().is_empty() { DESK_SENDER } else { from };
        return Ok(Some(Mail {
            way: Way::Desk,
            from: sender(from)?,
        }));
    }
    if from.trim().is_empty() {
        return Err(wrong(
            "MAIL_FROM",
            "is missing; with ASSESSDESK_SMTP_URL it says in whose name mails are sent, like Assessments <assess@example.com>",
        ));
    }
    Ok(Some(Mail {
        way: Way::Smtp(server(url, patience)?),
        from: sender(from)?,
    }))
}

fn sender(text: &str) -> Result<Sender, Error> {
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"'), address.trim()),
        None => ("", text),
    };
    if !is_email(address) || name.chars().any(|c| c.is_control() || matches!(c, '<' | '>')) {
        return Err(wrong(
            "MAIL_FROM",
            format!("‘{text}’ is not a sender; write it like Assessments <assess@example.com>"),
        ));
    }
    Ok(Sender {
        name: name.to_owned(),
        address: address.to_owned(),
    })
}

/// The address can hold a password, so it is not repeated.
fn server(text: &str, patience: Duration) -> Result<Server, Error> {
    let mend = "must be desk: or a mail server's address, like smtp://user:password@mail.example.com:587?tls=required or smtps://user:password@mail.example.com";
    let url = Url::parse(text).map_err(|_| wrong("SMTP_URL", mend))?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| wrong("SMTP_URL", mend))?;
    let tls = url
        .query_pairs()
        .find(|(name, _)| name == "tls")
        .map(|(_, value)| value);
    let (security, port) = match (url.scheme(), tls.as_deref()) {
        ("smtps", _) => (Security::Tls, 465),
        ("smtp", Some("required")) => (Security::StartTls, 587),
        ("smtp", Some("opportunistic")) => (Security::IfOffered, 587),
        ("smtp", None) => (Security::Nothing, 25),
        ("smtp", Some(_)) => return Err(wrong("SMTP_URL", "knows tls=required and tls=opportunistic alone")),
        _ => return Err(wrong("SMTP_URL", mend)),
    };
    let hello = url.path().trim_matches('/');
    Ok(Server {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(port),
        security,
        account: account(&url)?,
        hello: Some(hello.to_owned()).filter(|name| !name.is_empty()),
        patience,
    })
}

fn account(url: &Url) -> Result<Option<(String, SecretString)>, Error> {
    let plain = |text: &str| {
        let decoded = percent_decode(text);
        decoded.ok_or_else(|| wrong("SMTP_URL", "has a user or password that is not text; write % as %25"))
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (_, None) => Err(wrong(
            "SMTP_URL",
            "names a user without a password; write it like smtp://user:password@mail.example.com:587?tls=required",
        )),
        (user, Some(password)) => Ok(Some((plain(user)?, plain(password)?.into()))),
    }
}

/// A form's decoding also undoes `%40` and the like; its `+` stands for itself here.
fn percent_decode(text: &str) -> Option<String> {
    let text = text.replace('+', "%2B");
    let pair = format!("v={text}");
    let value = url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned());
    value.filter(|value| !value.contains(char::REPLACEMENT_CHARACTER))
}

/// The way as people are shown it, without the password.
pub(super) fn shown(mail: Option<&Mail>) -> String {
    let Some(mail) = mail else {
        return "none".to_owned();
    };
    let Way::Smtp(server) = &mail.way else {
        return DESK.to_owned();
    };
    let account = server.account.as_ref().map(|(user, _)| format!("{user}:hidden@"));
    let (scheme, tls) = match server.security {
        Security::Tls => ("smtps", ""),
        Security::StartTls => ("smtp", "?tls=required"),
        Security::IfOffered => ("smtp", "?tls=opportunistic"),
        Security::Nothing => ("smtp", ""),
    };
    let account = account.unwrap_or_default();
    format!("{scheme}://{account}{}:{}{tls}", server.host, server.port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str, from: &str) -> Result<Option<Mail>, Error> {
        read(Some(&url.into()), from, Duration::from_secs(30))
    }

    fn smtp(url: &str) -> Server {
        match of(url, "a@b.example").expect("good").expect("set").way {
            Way::Smtp(server) => server,
            Way::Desk => panic!("a server was meant"),
        }
    }

    #[test]
    fn an_address_says_host_port_security_and_account() {
        let server = smtp("smtp://ada%40example.com:p%2Bw+1@mail.example.com?tls=required");
        assert_eq!((server.host.as_str(), server.port), ("mail.example.com", 587));
        assert_eq!(server.security, Security::StartTls);
        let (user, password) = server.account.expect("an account");
        assert_eq!((user.as_str(), password.expose_secret()), ("ada@example.com", "p+w+1"));
        assert_eq!(smtp("smtps://mail.example.com").port, 465);
        assert_eq!(smtp("smtp://[::1]:2525").host, "::1");
        assert_eq!(
            smtp("smtp://mail.example.com:25/desk.example.com").hello.as_deref(),
            Some("desk.example.com")
        );
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (url, from, name) in [
            ("mail.example.com", "a@b.example", "SMTP_URL"),
            ("http://mail.example.com", "a@b.example", "SMTP_URL"),
            ("smtp://u:letmein@mail.example.com?tls=maybe", "a@b.example", "SMTP_URL"),
            ("smtp://u@mail.example.com", "a@b.example", "SMTP_URL"),
            ("smtp://u:letmein@mail.example.com", "", "MAIL_FROM"),
            ("smtp://u:letmein@mail.example.com", "Assessments", "MAIL_FROM"),
            ("smtp://mail.example.com", "A\nB <a@b.example>", "MAIL_FROM"),
        ] {
            let error = of(url, from).expect_err(url);
            assert_eq!(error.name, name, "{url} {from}");
            assert!(!error.to_string().contains("letmein"));
        }
    }

    #[test]
    fn a_sender_has_a_name_or_only_an_address() {
        let sender = |text: &str| of("desk:", text).expect("good").expect("set").from;
        assert_eq!(sender("Ada's <a@b.example>").to_string(), "Ada's <a@b.example>");
        assert_eq!(sender("a@b.example").known_as(), "b.example");
        assert_eq!(sender("").known_as(), "Assessdesk");
        assert!(of("", "a@b.example").expect("good").is_none());
    }

    #[test]
    fn the_way_is_shown_without_its_password() {
        let mail = of("smtp://u:letmein@mail.example.com?tls=required", "a@b.example").expect("good");
        assert_eq!(
            shown(mail.as_ref()),
            "smtp://u:hidden@mail.example.com:587?tls=required"
        );
        assert_eq!(shown(None), "none");
    }
}
