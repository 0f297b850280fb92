//! Kombo fails half of all calls in every way, loses webhooks, and the program is killed meanwhile.

use crate::checker;
use crate::people;
use crate::sizes::{self, Dice};
use crate::support::Engine;
use crate::trial::{Trial, patiently};
use crate::webhooks::{Sending, Webhook};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How many integrations the orders come by.
const INTEGRATIONS: usize = 4;

/// In a hundred calls, how many fail.
const FAILING: usize = 50;

/// In a hundred webhooks, how many Kombo loses.
const LOST: usize = 15;

/// How long nothing may move before the run is given up.
const STUCK: Duration = Duration::from_mins(2);

/// How Kombo is waited for here: briefly, often, and with short leases, so that a day's troubles fit into minutes.
pub fn haste() -> Vec<String> {
    let waits = [&["50ms", "100ms", "200ms", "400ms"][..], &["1s"; 60]]
        .concat()
        .join(",");
    [
        "--kombo-timeout=400ms",
        "--release-delay=0s",
        "--lease=4s",
        "--reconcile-every=2s",
        &format!("--retry-waits={waits}"),
    ]
    .map(str::to_owned)
    .to_vec()
}

pub async fn run(engine: Engine) {
    let count = sizes::results();
    let mut trial = Trial::with_kombo("results", engine, FAILING, haste()).await;
    let integrations = trial.connect(INTEGRATIONS).await;
    let mut webhooks = VecDeque::new();
    let mut dice = Dice::of(&["lost"]);
    for number in 0..count {
        let order = format!("r-{number}");
        let data = trial.place(&order, &integrations[number % INTEGRATIONS]).await;
        if !dice.hits(LOST) {
            webhooks.push_back(Webhook::telling(&order, data));
        }
    }
    trial.start(&[]).await;
    let sending = Sending::new(&trial.history, trial.url());
    let sent = sending.each_once(webhooks);
    let kills = (count / 250).max(2);
    let mut moments: Vec<usize> = (0..kills).map(|_| dice.below(count * 3 / 2)).collect();
    moments.sort_unstable();
    // The staff's process lives on while the program is killed.
    let (people, calls) = (trial.staff(), trial.calls());
    tokio::join!(people::release_all(&people, count), async {
        for moment in moments {
            patiently(STUCK, "calls to Kombo", async || calls.load(Ordering::SeqCst) >= moment).await;
            trial.kill().await;
            trial.start(&[]).await;
        }
    });
    sent.join_all().await;
    people::all_arrived(&people, count).await;
    checker::hold(&trial.end().await);
}
