//! PostgreSQL crashes and comes back while webhooks come in; the program lives on.

use crate::checker;
use crate::history::{History, Line};
use crate::server::Server;
use crate::sizes::{self, Dice};
use crate::support::Engine;
use crate::trial::Trial;
use crate::webhooks::{Sending, plan};

pub async fn run() {
    if !Engine::Postgres.is_there() {
        return;
    }
    let Some(server) = Server::start() else {
        println!("PostgreSQL's programs are not installed, skipped");
        return;
    };
    let webhooks = sizes::webhooks() / 4;
    let dir = tempfile::tempdir().expect("a temporary folder");
    let history = History::begin("restarts", Engine::Postgres);
    let mut trial = Trial::at(history, dir, server.url(), Vec::new()).await;
    trial.start(&[]).await;
    let sending = Sending::new(&trial.history, trial.url());
    let senders = sending.all(plan("pg", webhooks));
    let mut dice = Dice::of(&["restarts"]);
    let mut moments: Vec<usize> = (0..sizes::troubles()).map(|_| dice.below(webhooks * 9 / 10)).collect();
    moments.sort_unstable();
    for moment in moments {
        sending.until_done(moment).await;
        tokio::task::block_in_place(|| server.crash());
        trial.history.write(&Line::Trouble {
            at: trial.history.now(),
            kind: "PostgreSQL crashed and is back".into(),
        });
    }
    senders.join_all().await;
    let history = trial.end().await;
    checker::hold(&history);
    assert_eq!(history.starts(), 1, "the program had to be started anew");
}
