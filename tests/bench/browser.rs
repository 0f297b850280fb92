//! Asks as a browser does, over a connection of its own, and counts every byte of the answer.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer as it came.
#[derive(Debug)]
pub struct Wire {
    pub status: u16,
    pub head: String,
    /// Head and body, as they travelled.
    pub bytes: usize,
    /// The body; readable where it was not asked for packed.
    pub body: Vec<u8>,
}

impl Wire {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether a browser keeps it and does not ask again.
    pub fn is_kept(&self) -> bool {
        self.head
            .to_lowercase()
            .contains("cache-control: public, max-age=31536000, immutable")
    }
}

/// Opens `path`, with this cookie and what else a browser says.
pub async fn get(port: u16, path: &str, cookie: &str, more: &[&str]) -> Wire {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nCookie: {cookie}\r\n\
         User-Agent: Mozilla/5.0\r\nSec-Fetch-Site: same-origin\r\n"
    );
    for line in more {
        request += line;
        request += "\r\n";
    }
    request += "\r\n";
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.expect("an answer");
    let end = all.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Wire {
        status: status.expect("a status"),
        bytes: all.len(),
        body: all.split_off(end + 4),
        head,
    }
}
