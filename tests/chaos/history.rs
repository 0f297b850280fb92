//! What happened, line by line: written by the driver and by what plays Kombo, read by the checker alone.

use crate::support::Engine;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// One line. Moments (`at`) are microseconds since the run began, by a clock that never jumps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Line {
    /// The run begins.
    Run {
        scenario: String,
        engine: String,
        seed: u64,
    },
    /// The program is up and answers.
    Started { at: u64 },
    /// It was killed with SIGKILL.
    Killed { at: u64 },
    /// It died by itself at the point that it was told to.
    Died { at: u64, point: String },
    /// Something else befell the program.
    Trouble { at: u64, kind: String },
    /// A webhook is sent; `signed`: as Kombo signs.
    Sent {
        at: u64,
        order: String,
        event: String,
        signed: bool,
    },
    /// It was answered; 0: no answer came.
    Answered {
        at: u64,
        order: String,
        event: String,
        status: u16,
    },
    /// An order is placed at Kombo: it must reach us, whether by its webhook or by Kombo's list.
    Placed { order: String },
    /// A person was told that a result is released.
    Released { at: u64, order: String, score: String },
    /// A call that reached Kombo: begun, answered (if it was), and over when its answer was read or the line was cut.
    Call {
        began: u64,
        answered: Option<u64>,
        ended: u64,
        call: String,
        integration: Option<String>,
        order: Option<String>,
        misdeed: Option<String>,
        status: Option<u16>,
        retry_after: Option<u64>,
    },
    /// What Kombo holds in the end: an order, and the score of each result that was applied to it.
    Held {
        order: String,
        status: String,
        scores: Vec<String>,
    },
    /// What stands in our outbox in the end.
    Delivery {
        order: String,
        state: String,
        attempts: i64,
    },
    /// What stands in our database in the end: an order, with how many lines say that it came, and how many candidates.
    Order {
        order: String,
        stage: String,
        came: i64,
        candidates: i64,
    },
    /// What stands in our inbox in the end: an event.
    Event {
        event: String,
        verdict: String,
        times_seen: i64,
    },
}

/// The file of one run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct History {
    began: Instant,
    path: PathBuf,
    file: Arc<Mutex<BufWriter<File>>>,
}

impl History {
    /// A fresh one: `target/chaos/SCENARIO-ENGINE/history.jsonl`.
    pub fn begin(scenario: &str, engine: Engine) -> Self {
        let engine = format!("{engine:?}").to_lowercase();
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("target/chaos")
            .join(format!("{scenario}-{engine}"));
        std::fs::create_dir_all(&dir).expect("a folder for the history");
        let path = dir.join("history.jsonl");
        let history = Self {
            began: Instant::now(),
            file: Arc::new(Mutex::new(BufWriter::new(File::create(&path).expect("a history")))),
            path,
        };
        history.write(&Line::Run {
            scenario: scenario.into(),
            engine,
            seed: crate::sizes::seed(),
        });
        history
    }

    /// The present moment.
    pub fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).expect("less than an age")
    }

    /// Writes a line.
    pub fn write(&self, line: &Line) {
        let mut file = self.file.lock().expect("the history");
        serde_json::to_writer(&mut *file, line).expect("written");
        file.write_all(b"\n").expect("written");
    }

    /// Everything as it stands in the file.
    pub fn read(&self) -> Vec<Line> {
        self.file.lock().expect("the history").flush().expect("written");
        let file = BufReader::new(File::open(&self.path).expect("the history"));
        file.lines()
            .map(|line| serde_json::from_str(&line.expect("a line")).expect("a line of a history"))
            .collect()
    }

    /// How often the program was started.
    pub fn starts(&self) -> usize {
        let lines = self.read();
        lines.iter().filter(|line| matches!(line, Line::Started { .. })).count()
    }

    /// Where it stands.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }
}
