//! The real program, killed at random while webhooks come in: what was answered 2xx is one order, none twice.

use crate::support::WEBHOOK_SECRET;
use crate::support::fixtures::order_event;
use crate::support::program::{Program, free_port};
use assessdesk::kombo::signature;
use assessdesk::store::Db;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// How many webhooks are sent; every fourth of them repeats an earlier order under another event.
const WEBHOOKS: usize = 2_000;

/// How often the program is killed on the way.
const KILLS: usize = 10;

/// How many senders send at once.
const SENDERS: usize = 16;

/// Kombo's order of the webhook with this number.
fn order_of(number: usize) -> String {
    let order = if number % 4 == 3 { number - 3 } else { number };
    format!("o-{order}")
}

/// Sends one webhook until it is answered 2xx, as often as that takes.
async fn insist(client: &reqwest::Client, url: &str, number: usize) {
    let body = order_event(&format!("e-{number}"), &order_of(number)).to_string();
    let signature = signature::sign(&WEBHOOK_SECRET.into(), body.as_bytes());
    loop {
        let sent = client
            .post(url)
            .header("x-kombo-signature", &signature)
            .body(body.clone())
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => return,
            // Not answered, or asked to come again: the program is dead or coming up.
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_webhook_that_was_answered_2xx_is_one_order_whenever_the_program_is_killed() {
    assessdesk::kombo::install_tls();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    let mut program = Program::start(dir.path(), port, &[]).await;
    let url = format!("http://127.0.0.1:{port}/webhooks/kombo");
    let (next, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let answered = Arc::new(Mutex::new(HashSet::new()));
    let senders = (0..SENDERS).map(|_| {
        let (url, next, done, answered) = (url.clone(), next.clone(), done.clone(), answered.clone());
        tokio::spawn(async move {
            let client = reqwest::Client::builder()
                .timeout(Duration::from_secs(10))
                .build()
                .expect("a client");
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= WEBHOOKS {
                    return;
                }
                insist(&client, &url, number).await;
                answered.lock().await.insert(order_of(number));
                done.fetch_add(1, Ordering::SeqCst);
            }
        })
    });
    let senders = senders.collect::<Vec<_>>();
    for kill in 1..=KILLS {
        while done.load(Ordering::SeqCst) < kill * WEBHOOKS / (KILLS + 1) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        program.kill().await;
        program = Program::start(dir.path(), port, &[]).await;
    }
    for sender in senders {
        sender.await.expect("a sender that finished");
    }
    program.kill().await;

    let db = Db::open(&Program::database_url(dir.path()))
        .await
        .expect("the database");
    let mut conn = db.read().await.expect("a connection");
    let orders = assessdesk::store::orders::all_kombo_ids(&mut conn).await.expect("read");
    let distinct = orders.iter().cloned().collect::<HashSet<_>>();
    assert_eq!(orders.len(), distinct.len(), "an order stands there twice");
    assert_eq!(distinct, *answered.lock().await, "orders and answers differ");
    assert_eq!(distinct.len(), WEBHOOKS - WEBHOOKS / 4);
}
