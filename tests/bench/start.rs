//! Cold start: from starting the process until `/healthz` answers 200.

use crate::report::Section;
use crate::stats::Turns;
use crate::support::program::{Program, free_port};
use std::path::Path;
use std::time::{Duration, Instant};

const TURNS: usize = 20;

/// The floor in milliseconds.
const FLOOR: f64 = 100.0;

/// Measures.
pub async fn measure() -> Section {
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let dir = tempfile::tempdir().expect("a temporary folder");
        first.push(start(dir.path()).await);
        again.push(start(dir.path()).await);
    }
    let (first, again) = (Turns::of(first), Turns::of(again));
    Section {
        name: "start",
        reached: again.median() < FLOOR,
        text: format!(
            "## Cold start\n\n\
             From starting the process until `/healthz` answers 200, {TURNS} turns, SQLite. Milliseconds; the middle turn, \
             and all between.\n\n\
             | | ms |\n| --- | --- |\n\
             | on a database that is there | **{}** |\n\
             | the very first start, which makes the database | {} |\n\n\
             The floor is {FLOOR:.0} ms.",
            again.shown(),
            first.shown()
        ),
    }
}

/// Starts the program, waits until it says that it is well, and lets it end.
async fn start(dir: &Path) -> f64 {
    let port = free_port();
    let began = Instant::now();
    let mut program = Program::spawn(dir, port, &[], &[]);
    while !is_well(port).await {
        assert!(began.elapsed() < Duration::from_secs(30), "it does not get ready");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = began.elapsed().as_secs_f64() * 1_000.0;
    program.terminate().await;
    program.ended().await;
    took
}

async fn is_well(port: u16) -> bool {
    if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        return false;
    }
    crate::browser::get(port, "/healthz", "", &[]).await.status == 200
}
