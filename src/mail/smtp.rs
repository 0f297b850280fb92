//! The conversation with a mail server, step by step, over connections that are kept for the next mail.

use super::{Fate, Sent};
use crate::config::mail::{Security, Server};
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long an unused connection is kept: servers close theirs after some minutes.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// How many unused connections are kept.
const KEPT: usize = 4;

/// How much of a server's words is kept.
const LONGEST_SAID: usize = 1_000;

/// The certificates of this machine cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the mail server's name or this machine's certificates cannot be used: {0}")]
pub struct Unusable(#[from] Error);

/// A mail server, with the connections that rest. Cheap to clone.
#[derive(Clone)]
pub struct Smtp {
    server: Arc<Known>,
    resting: Arc<Mutex<Vec<(AsyncSmtpConnection, Instant)>>>,
}

struct Known {
    host: String,
    port: u16,
    security: Security,
    tls: Option<TlsParameters>,
    account: Option<Credentials>,
    hello: ClientId,
    patience: Duration,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{})", self.server.host, self.server.port)
    }
}

/// A step that did not succeed.
enum Failed {
    /// The server said no, or something that is no answer, or the connection broke.
    Said(Error),
    /// No answer came in time.
    Silence,
}

impl Failed {
    /// The three digits of the server's answer, where there was one.
    fn code(&self) -> Option<u16> {
        match self {
            Self::Said(error) => error.status().map(u16::from),
            Self::Silence => None,
        }
    }

    fn is_for_good(&self) -> bool {
        matches!(self, Self::Said(error) if error.is_permanent())
    }

    /// What the server or the system said, cut to a length that can be kept.
    fn said(&self) -> String {
        let Self::Said(error) = self else {
            return String::new();
        };
        let mut innermost: &dyn std::error::Error = error;
        while let Some(cause) = innermost.source() {
            innermost = cause;
        }
        innermost.to_string().chars().take(LONGEST_SAID).collect()
    }

    /// The answer in brackets, for a sentence.
    fn in_brackets(&self) -> String {
        self.code().map_or_else(String::new, |code| format!(" ({code})"))
    }
}

impl Smtp {
    /// The server that the settings name; nothing is connected yet.
    pub(super) fn new(server: &Server) -> Result<Self, Unusable> {
        let tls = match server.security {
            Security::Nothing => None,
            _ => Some(TlsParameters::new(server.host.clone())?),
        };
        let account = server
            .account
            .as_ref()
            .map(|(user, password)| Credentials::new(user.clone(), password.expose_secret().to_owned()));
        Ok(Self {
            server: Arc::new(Known {
                host: server.host.clone(),
                port: server.port,
                security: server.security,
                tls,
                account,
                hello: server.hello.clone().map_or_else(ClientId::default, ClientId::Domain),
                patience: server.patience,
            }),
            resting: Arc::default(),
        })
    }

    /// Whether the password goes over the network unencrypted.
    pub fn sends_password_openly(&self) -> bool {
        let server = &self.server;
        let here = matches!(server.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        server.account.is_some() && server.security == Security::Nothing && !here
    }

    /// Connects, greets and signs in; `Err` says what is wrong in words.
    pub async fn check(&self) -> Result<(), String> {
        match self.connect().await {
            Ok(mut conn) => {
                conn.abort().await;
                Ok(())
            }
            Err(sent) if sent.said.is_empty() => Err(sent.message),
            Err(sent) => Err(format!("{} It says: {}", sent.message, sent.said)),
        }
    }

    /// Sends one mail.
    pub(super) async fn send(&self, message: &Message) -> Sent {
        let mut conn = match self.connection().await {
            Ok(conn) => conn,
            Err(sent) => return sent,
        };
        let bytes = message.formatted();
        let sent = match self.converse(&mut conn, message, &bytes).await {
            Ok(sent) | Err(sent) => sent,
        };
        // After a 'no' the server waits for the next command; a conversation that broke is over.
        if matches!(sent.fate, Fate::Taken) {
            self.rest(conn);
        } else {
            let _ = tokio::time::timeout(Duration::from_secs(1), conn.abort()).await;
        }
        sent
    }

    async fn converse(&self, conn: &mut AsyncSmtpConnection, message: &Message, bytes: &[u8]) -> Result<Sent, Sent> {
        let envelope = message.envelope();
        let mut parameters = Vec::new();
        if !(envelope.to().iter().chain(envelope.from())).all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
            if !conn.server_info().supports_feature(Extension::SmtpUtfEight) {
                let why = "The mail server takes no addresses with letters beyond a to z.";
                return Err(Sent::new(Fate::Refused, why));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let from = Mail::new(envelope.from().cloned(), parameters);
        self.step(conn.command(from))
            .await
            .map_err(|failed| refuses_us(&failed))?;
        for to in envelope.to() {
            let to = Rcpt::new(to.clone(), Vec::new());
            self.step(conn.command(to))
                .await
                .map_err(|failed| refuses_address(&failed))?;
        }
        self.step(conn.command(Data))
            .await
            .map_err(|failed| refuses_mail(&failed, false))?;
        let digest = Some(Sha256::digest(bytes).to_vec());
        match self.step(conn.message(bytes)).await {
            Ok(answer) => Ok(Sent {
                said: answer
                    .message()
                    .collect::<Vec<_>>()
                    .join(" ")
                    .chars()
                    .take(LONGEST_SAID)
                    .collect(),
                digest,
                ..Sent::new(Fate::Taken, "The mail server took it.")
            }),
            Err(failed) => Err(Sent {
                digest,
                ..refuses_mail(&failed, true)
            }),
        }
    }

    /// A connection that rested and still answers, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Sent> {
        while let Some((mut conn, since)) = self.rested() {
            let answers = async { conn.test_connected().await };
            if since.elapsed() < KEPT_FOR && tokio::time::timeout(Duration::from_secs(2), answers).await == Ok(true) {
                return Ok(conn);
            }
        }
        self.connect().await
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Sent> {
        let server = &self.server;
        let wrapped = server.tls.clone().filter(|_| server.security == Security::Tls);
        let address = (server.host.as_str(), server.port);
        let connected = AsyncSmtpConnection::connect_tokio1(address, None, &server.hello, wrapped, None);
        let mut conn = self.step(connected).await.map_err(|failed| self.unreached(&failed))?;
        let starts = match server.security {
            Security::StartTls => true,
            Security::IfOffered => conn.can_starttls(),
            Security::Tls | Security::Nothing => false,
        };
        if let Some(tls) = server.tls.clone().filter(|_| starts) {
            let begun = self.step(conn.starttls(tls, &server.hello)).await;
            begun.map_err(|failed| self.unreached(&failed))?;
        }
        if let Some(account) = &server.account {
            let signed_in = self.step(conn.auth(DEFAULT_MECHANISMS, account)).await;
            signed_in.map_err(|failed| refuses_us(&failed))?;
        }
        Ok(conn)
    }

    async fn step<T>(&self, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failed> {
        match tokio::time::timeout(self.server.patience, step).await {
            Ok(done) => done.map_err(Failed::Said),
            Err(_) => Err(Failed::Silence),
        }
    }

    fn unreached(&self, failed: &Failed) -> Sent {
        let why = match failed {
            Failed::Silence => "did not answer in time".to_owned(),
            Failed::Said(error) if error.is_tls() => "has no certificate that this machine trusts".to_owned(),
            Failed::Said(error) if error.status().is_some() => format!("does not greet us{}", failed.in_brackets()),
            Failed::Said(_) => "cannot be reached".to_owned(),
        };
        Sent {
            said: failed.said(),
            ..Sent::new(
                Fate::Unreached,
                format!("The mail server {}:{} {why}.", self.server.host, self.server.port),
            )
        }
    }

    fn rested(&self) -> Option<(AsyncSmtpConnection, Instant)> {
        self.resting.lock().ok().and_then(|mut resting| resting.pop())
    }

    fn rest(&self, conn: AsyncSmtpConnection) {
        if let Ok(mut resting) = self.resting.lock()
            && resting.len() < KEPT
        {
            resting.push((conn, Instant::now()));
        }
    }
}

/// Signing in or naming the sender failed.
fn refuses_us(failed: &Failed) -> Sent {
    let (fate, message) = match (failed, failed.code()) {
        (Failed::Silence, _) => (Fate::Unreached, "The mail server did not answer in time.".to_owned()),
        (_, Some(_)) if failed.is_for_good() => (
            Fate::Locked,
            format!(
                "The mail server does not let us send{}: see ASSESSDESK_SMTP_URL and ASSESSDESK_MAIL_FROM.",
                failed.in_brackets()
            ),
        ),
        (_, Some(_)) => (
            Fate::NotNow,
            format!("The mail server says ‘not now’{}.", failed.in_brackets()),
        ),
        (Failed::Said(error), None) if error.is_client() => (
            Fate::Locked,
            "The mail server knows no way to sign in that we know: see ASSESSDESK_SMTP_URL.".to_owned(),
        ),
        (_, None) => (Fate::Unreached, "The connection to the mail server broke.".to_owned()),
    };
    Sent {
        said: failed.said(),
        ..Sent::new(fate, message)
    }
}

/// The candidate's address was refused, for good or for now.
fn refuses_address(failed: &Failed) -> Sent {
    // 530 and 554 with 'authentication required' come here from servers that ask for it only now.
    if failed.code() == Some(530) {
        return refuses_us(failed);
    }
    let (fate, message) = match failed.code() {
        Some(_) if failed.is_for_good() => (
            Fate::Refused,
            format!("The mail server refused the address{}.", failed.in_brackets()),
        ),
        Some(_) => (
            Fate::NotNow,
            format!("The mail server says ‘not now’{}.", failed.in_brackets()),
        ),
        None => (Fate::Unreached, "The connection to the mail server broke.".to_owned()),
    };
    Sent {
        said: failed.said(),
        ..Sent::new(fate, message)
    }
}

/// The mail itself was refused; once it was sent, a silence may hide that it was taken.
fn refuses_mail(failed: &Failed, was_sent: bool) -> Sent {
    let (fate, message) = match failed.code() {
        Some(_) if failed.is_for_good() => (
            Fate::Refused,
            format!("The mail server refused the mail{}.", failed.in_brackets()),
        ),
        Some(_) => (
            Fate::NotNow,
            format!("The mail server says ‘not now’{}.", failed.in_brackets()),
        ),
        None if was_sent => (
            Fate::Unknown,
            "The connection broke before the mail server said whether it took the mail.".to_owned(),
        ),
        None => (Fate::Unreached, "The connection to the mail server broke.".to_owned()),
    };
    Sent {
        said: failed.said(),
        ..Sent::new(fate, message)
    }
}
