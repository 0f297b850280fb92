//! Requests that were made ready beforehand, sent over plain connections that stay open: as little work as possible for
//! the sender, which shares the processors with the program.

use crate::stats::Times;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A request as it goes over the wire.
#[derive(Debug)]
pub struct Prepared(Vec<u8>);

impl Prepared {
    /// A POST of `body` to `path` at this port.
    pub fn post(path: &str, port: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        Self([head.as_bytes(), body].concat())
    }
}

/// Sends all of them over so many connections, each its next as soon as the last was answered; how long each took.
pub async fn send_all(port: u16, connections: usize, requests: Vec<Prepared>) -> Times {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let mut senders = JoinSet::new();
    for _ in 0..connections {
        senders.spawn(send_some(port, requests.clone(), next.clone()));
    }
    Times::of(senders.join_all().await.concat())
}

async fn send_some(port: u16, requests: Arc<Vec<Prepared>>, next: Arc<AtomicUsize>) -> Vec<Duration> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let (mut times, mut answer) = (Vec::new(), Vec::new());
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let began = Instant::now();
        stream.write_all(&request.0).await.expect("sent");
        read_answer(&mut stream, &mut answer).await;
        times.push(began.elapsed());
        let status = answer.get(..12).unwrap_or_default();
        assert_eq!(
            String::from_utf8_lossy(status),
            "HTTP/1.1 200",
            "a webhook was not taken"
        );
    }
    times
}

/// Reads one answer, whose head names its length.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    while whole_length(answer).is_none_or(|length| answer.len() < length) {
        let read = stream.read_buf(answer).await.expect("an answer");
        assert!(read > 0, "the connection ended in the middle of an answer");
    }
}

/// How long the answer is in all, once its head is there.
fn whole_length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&answer[..head]).expect("a head of text");
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>())
    });
    let length = length.expect("a length").expect("a number");
    Some(head + 4 + length)
}
