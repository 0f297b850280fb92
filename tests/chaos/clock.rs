//! The machine's clock jumps forwards by a day and backwards by an hour while results leave and Kombo fails.
//!
//! The program's own wall clock jumps, nobody else's: `clock.c` stands between it and the machine's. Whether something
//! came before its `Retry-After` is judged at Kombo's side, by a clock that never jumps.

use crate::checker;
use crate::history::Line;
use crate::people;
use crate::results::haste;
use crate::sizes::{self, Dice};
use crate::support::Engine;
use crate::trial::{Trial, patiently};
use crate::webhooks::{Sending, Webhook, plan};
use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// In a hundred calls, how many fail.
const FAILING: usize = 50;

/// How long nothing may move before the run is given up.
const STUCK: Duration = Duration::from_mins(2);

/// The jumps, in seconds: a day forwards, an hour backwards, and what else clocks do.
const JUMPS: [i64; 6] = [86_400, -3_600, 3_600, -86_400, 90, -90];

/// The clock that one program sees.
struct WallClock {
    library: PathBuf,
    path: PathBuf,
    file: File,
    ahead: i64,
}

impl WallClock {
    /// One that goes right as yet; `None` where no C compiler is installed.
    fn in_dir(dir: &Path) -> Option<Self> {
        let library = dir.join("clock.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/chaos/clock.c");
        let built = Command::new("cc")
            .args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source)
            .output();
        if !built.ok()?.status.success() {
            return None;
        }
        let path = dir.join("clock");
        let file = File::create(&path).expect("a clock");
        let clock = Self {
            library,
            path,
            file,
            ahead: 0,
        };
        clock.show();
        Some(clock)
    }

    fn show(&self) {
        self.file.write_all_at(&self.ahead.to_ne_bytes(), 0).expect("a moment");
    }

    fn jump(&mut self, seconds: i64) {
        self.ahead += seconds;
        self.show();
    }

    fn variables(&self) -> [(&str, &str); 2] {
        [
            ("LD_PRELOAD", self.library.to_str().expect("a path")),
            ("CHAOS_CLOCK", self.path.to_str().expect("a path")),
        ]
    }
}

pub async fn run(engine: Engine) {
    let count = sizes::results().div_ceil(10).max(20);
    let jumps = sizes::troubles() * JUMPS.len();
    let mut trial = Trial::with_kombo("clock", engine, FAILING, haste()).await;
    let Some(mut clock) = WallClock::in_dir(trial.app.dir.path()) else {
        println!("no C compiler is installed, skipped");
        return;
    };
    let integrations = trial.connect(2).await;
    let mut told = VecDeque::new();
    for number in 0..count {
        let order = format!("c-{number}");
        let data = trial.place(&order, &integrations[number % 2]).await;
        told.push_back(Webhook::telling(&order, data));
    }
    trial.start(&clock.variables()).await;
    Sending::new(&trial.history, trial.url()).all(told).join_all().await;
    trial.kill().await;
    let staff = trial.staff();
    people::release_all(&staff, count).await;
    trial.start(&clock.variables()).await;
    let sending = Sending::new(&trial.history, trial.url());
    let senders = sending.all(plan("while", count));
    let calls = trial.calls();
    let mut dice = Dice::of(&["clock"]);
    let mut moments: Vec<usize> = (0..jumps).map(|_| dice.below(count)).collect();
    moments.sort_unstable();
    let before = calls.load(Ordering::SeqCst);
    for (number, moment) in moments.into_iter().enumerate() {
        patiently(STUCK, "calls to Kombo", async || {
            calls.load(Ordering::SeqCst) - before >= moment
        })
        .await;
        let seconds = JUMPS[number % JUMPS.len()];
        clock.jump(seconds);
        trial.history.write(&Line::Trouble {
            at: trial.history.now(),
            kind: format!("the clock jumped by {seconds} s"),
        });
    }
    senders.join_all().await;
    people::all_arrived(&staff, count).await;
    checker::hold(&trial.end().await);
}
