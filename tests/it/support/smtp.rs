//! A small mail server that keeps what it is sent, and misbehaves when told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How it treats the next mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trick {
    /// It answers the recipient's address with this code.
    Recipient(u16),
    /// It answers the sender's address with this code.
    Sender(u16),
    /// It answers the whole mail with this code.
    Content(u16),
    /// It takes the mail and hangs up without a word.
    HangUpAfterData,
    /// It hangs up as soon as the mail is announced.
    HangUp,
}

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The envelope's recipient.
    pub to: String,
    /// Headers and body, as they came.
    pub text: String,
    /// Whether the sender was told that it was taken.
    pub told: bool,
}

impl Arrived {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        let prefix = format!("{}:", name.to_lowercase());
        head.split("\r\n")
            .find(|line| line.to_lowercase().starts_with(&prefix))
            .map(|line| line[prefix.len()..].trim().to_owned())
    }

    /// The plain part, decoded.
    pub fn plain(&self) -> String {
        self.part("text/plain")
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> String {
        let start = self.text.find(&format!("Content-Type: {kind}")).expect("the part");
        let (head, rest) = self.text[start..].split_once("\r\n\r\n").expect("a body");
        let body = rest.split("\r\n--").next().expect("an end");
        let head = head.to_lowercase();
        if head.contains("quoted-printable") {
            quoted_printable(body)
        } else if head.contains("base64") {
            use base64::Engine as _;
            let joined = body.replace("\r\n", "");
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(joined)
                .expect("base64");
            String::from_utf8(bytes).expect("text").replace("\r\n", "\n")
        } else {
            body.replace("\r\n", "\n")
        }
    }
}

fn quoted_printable(body: &str) -> String {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' && after.len() >= 2 {
            let hex = std::str::from_utf8(&after[..2]).expect("hex");
            bytes.push(u8::from_str_radix(hex, 16).expect("hex"));
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).expect("text").replace("\r\n", "\n")
}

#[derive(Default)]
struct Kept {
    arrived: Vec<Arrived>,
    tricks: VecDeque<Trick>,
    connections: usize,
}

/// The server; gone when it is dropped.
pub struct SmtpServer {
    pub address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    task: Option<JoinHandle<()>>,
}

impl SmtpServer {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let mut server = Self {
            address: ([127, 0, 0, 1], 0).into(),
            kept: Arc::default(),
            task: None,
        };
        server.rise().await;
        server
    }

    /// Listens (again), on the port that it had.
    pub async fn rise(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("a port");
        self.address = listener.local_addr().expect("an address");
        let kept = self.kept.clone();
        self.task = Some(tokio::spawn(async move {
            let mut conversations = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                kept.lock().unwrap().connections += 1;
                let kept = kept.clone();
                conversations.spawn(async move { drop(converse(stream, kept).await) });
            }
        }));
    }

    /// Hangs up on everybody and listens no more.
    pub async fn die(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
    }

    /// The setting that names it.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// What it does with the next mails, one after the other; then it behaves.
    pub fn play(&self, tricks: &[Trick]) {
        self.kept.lock().unwrap().tricks.extend(tricks);
    }

    /// Every mail that came so far.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.kept.lock().unwrap().arrived.clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.kept.lock().unwrap().connections
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn converse(stream: TcpStream, kept: Arc<Mutex<Kept>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let mut to = String::new();
    let mut trick = None;
    write.write_all(b"220 mail.example ready\r\n").await?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.split([' ', '\r']).next().unwrap_or_default().to_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-mail.example\r\n250 8BITMIME".to_owned(),
            "MAIL" => {
                trick = kept.lock().unwrap().tricks.pop_front();
                match trick {
                    Some(Trick::HangUp) => return Ok(()),
                    Some(Trick::Sender(code)) => format!("{code} not from you"),
                    _ => "250 ok".to_owned(),
                }
            }
            "RCPT" => {
                line.trim().clone_into(&mut to);
                match trick {
                    Some(Trick::Recipient(code)) => format!("{code} <{to}> no such mailbox"),
                    _ => "250 ok".to_owned(),
                }
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let text = data(&mut lines).await?;
                let told = !matches!(trick, Some(Trick::HangUpAfterData | Trick::Content(_)));
                let to = to.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
                kept.lock().unwrap().arrived.push(Arrived { to, text, told });
                match trick {
                    Some(Trick::HangUpAfterData) => return Ok(()),
                    Some(Trick::Content(code)) => format!("{code} no"),
                    _ => "250 taken".to_owned(),
                }
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

async fn data(lines: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(line.strip_prefix("..").map_or(line.as_str(), |_| &line[1..]));
    }
}
