//! SIGKILL at random moments while webhooks come in.

use crate::checker;
use crate::sizes::{self, Dice};
use crate::support::Engine;
use crate::trial::Trial;
use crate::webhooks::{Sending, plan};
use std::time::Duration;

/// The longest that the program lives on after the webhook at which it is to be killed.
const MICROS: usize = 20_000;

pub async fn run(engine: Engine) {
    let (webhooks, kills) = (sizes::webhooks(), sizes::kills());
    let mut trial = Trial::new("kills", engine).await;
    trial.start(&[]).await;
    let sending = Sending::new(&trial.history, trial.url());
    let senders = sending.all(plan("o", webhooks));
    let mut dice = Dice::of(&["kills"]);
    let mut moments: Vec<usize> = (0..kills).map(|_| dice.below(webhooks * 95 / 100)).collect();
    moments.sort_unstable();
    for moment in moments {
        sending.until_done(moment).await;
        tokio::time::sleep(Duration::from_micros(dice.below(MICROS) as u64)).await;
        trial.kill().await;
        trial.start(&[]).await;
    }
    senders.join_all().await;
    checker::hold(&trial.end().await);
}
