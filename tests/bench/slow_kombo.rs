//! A Kombo that takes every result after a while, and counts. A thread for each connection, which reads, sleeps and answers:
//! the least work that such a Kombo can be, as it runs on the same processors as the program that is measured.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

const TAKEN: &str = r#"{"status":"success","data":{},"warnings":[]}"#;

/// It serves until this is dropped.
pub struct SlowKombo {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen of the calls that write.
#[derive(Default)]
pub struct Seen {
    /// When the first was read.
    pub first: Option<Instant>,
    /// How many there were.
    pub calls: usize,
    /// How long all took together, from when each was read until its answer was to be written.
    pub took: Duration,
    /// How many of one integration were in flight at most.
    pub most_in_flight: usize,
    in_flight: HashMap<String, usize>,
}

/// What matters of a call.
#[derive(Default)]
struct Call {
    writes: bool,
    integration: String,
}

impl SlowKombo {
    /// Takes so long for each call that writes, and no time for others: those that the reconciler makes are no deliveries.
    pub fn that_takes(while_of: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let kombo = Self {
            address: listener.local_addr().expect("an address"),
            stopped: Arc::default(),
            seen: Arc::default(),
        };
        let (stopped, seen) = (kombo.stopped.clone(), kombo.seen.clone());
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (connection, seen) = (connection.expect("a connection"), seen.clone());
                std::thread::spawn(move || serve(&connection, while_of, &seen));
            }
        });
        kombo
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What it saw until now.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("what was seen")
    }
}

impl Drop for SlowKombo {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Whoever waits for a connection looks up.
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers one call after the other until the program hangs up.
fn serve(connection: &TcpStream, while_of: Duration, seen: &Mutex<Seen>) {
    connection.set_nodelay(true).expect("no delay");
    let mut reader = BufReader::new(connection);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{TAKEN}",
        TAKEN.len()
    );
    while let Some(call) = read(&mut reader) {
        if call.writes {
            let until = Instant::now() + while_of;
            let began = Seen::begins(seen, &call.integration);
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
            Seen::ends(seen, &call.integration, began);
        }
        if (&*connection).write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Reads a whole call; `None` once there is no other.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<Call> {
    let mut line = String::new();
    let (mut call, mut length) = (Call::default(), 0);
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            call.writes = !line.starts_with("GET ");
            continue;
        };
        match &*name.to_ascii_lowercase() {
            "x-integration-id" => value.clone_into(&mut call.integration),
            "content-length" => length = value.parse().expect("a length"),
            _ => {}
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
    Some(call)
}

impl Seen {
    fn begins(seen: &Mutex<Self>, integration: &str) -> Instant {
        let mut seen = seen.lock().expect("what was seen");
        let now = Instant::now();
        seen.first.get_or_insert(now);
        seen.calls += 1;
        let count = match seen.in_flight.get_mut(integration) {
            Some(count) => count,
            None => seen.in_flight.entry(integration.to_owned()).or_default(),
        };
        *count += 1;
        let count = *count;
        seen.most_in_flight = seen.most_in_flight.max(count);
        now
    }

    fn ends(seen: &Mutex<Self>, integration: &str, began: Instant) {
        let mut seen = seen.lock().expect("what was seen");
        seen.took += began.elapsed();
        if let Some(count) = seen.in_flight.get_mut(integration) {
            *count -= 1;
        }
    }
}
