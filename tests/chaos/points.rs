//! The program dies at each numbered point, again and again, a little later each time; each time the promise holds.

use crate::checker;
use crate::history::Line;
use crate::people;
use crate::results::haste;
use crate::sizes::{self, Dice};
use crate::support::Engine;
use crate::support::fixtures::INTEGRATION;
use crate::trial::{Trial, patiently};
use crate::webhooks::{Sending, Webhook, plan};
use assessdesk::points::Point;
use futures_util::StreamExt;
use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

/// How many points are tried side by side.
const SIDE_BY_SIDE: usize = 3;

/// Webhooks of one turn.
const WEBHOOKS: usize = 24;

/// How many of them are under way at once: few, so that they make several batches.
const AT_ONCE: usize = 4;

/// Results of one turn.
const RESULTS: usize = 8;

/// How long a turn may wait for anything.
const LIMIT: Duration = Duration::from_mins(1);

/// The signal with which a process ends that aborted itself.
const ABORTED: i32 = 6;

pub async fn run(engine: Engine) {
    futures_util::stream::iter(Point::ALL)
        .map(|point| Box::pin(one(engine, point)))
        .buffer_unordered(SIDE_BY_SIDE)
        .collect::<Vec<()>>()
        .await;
}

async fn one(engine: Engine, point: Point) {
    let name = format!("point-{}-{}", point.number(), point.name().replace("::", "-"));
    let mut trial = Trial::with_kombo(&name, engine, 0, haste()).await;
    trial.connect(1).await;
    for turn in 0..sizes::point_turns() {
        let passings = passings(point, turn);
        if point.number() <= Point::Answered.number() {
            webhooks(&mut trial, point, turn, passings).await;
        } else {
            results(&mut trial, point, turn, passings).await;
        }
    }
    trial.start(&[]).await;
    checker::hold(&trial.end().await);
}

/// How often the point is passed in peace before the death.
fn passings(point: Point, turn: usize) -> usize {
    let mut dice = Dice::of(&["passings", point.name(), &turn.to_string()]);
    match point {
        Point::Received | Point::Verified => dice.below(WEBHOOKS / 2),
        Point::Written | Point::Committed | Point::Answered => dice.below(3),
        // All of a turn are claimed at once.
        Point::Claimed => 0,
        Point::Sent | Point::Heard | Point::Recorded => dice.below(RESULTS - 1),
    }
}

/// Webhooks come in, the program dies, is started anew, and they go on until all are answered.
async fn webhooks(trial: &mut Trial, point: Point, turn: usize, passings: usize) {
    trial.start(&[("FAILPOINTS", &deed(point, passings))]).await;
    let sending = Sending::new(&trial.history, trial.url());
    let senders = sending.a_few_at_once(AT_ONCE, plan(&format!("t{turn}"), WEBHOOKS));
    die(trial, point).await;
    trial.start(&[]).await;
    senders.join_all().await;
    trial.kill().await;
}

/// Results are released, the program dies on their way, is started anew, and all arrive.
async fn results(trial: &mut Trial, point: Point, turn: usize, passings: usize) {
    let mut told = VecDeque::new();
    for number in 0..RESULTS {
        let order = format!("p{turn}-{number}");
        let data = trial.place(&order, INTEGRATION).await;
        told.push_back(Webhook::telling(&order, data));
    }
    trial.start(&[]).await;
    let sending = Sending::new(&trial.history, trial.url());
    sending.all(told).join_all().await;
    trial.kill().await;
    let staff = trial.staff();
    people::release_all(&staff, RESULTS).await;
    // What waits leaves at once, so that it may die before it listens.
    trial.spawn(&[("FAILPOINTS", &deed(point, passings))]);
    die(trial, point).await;
    trial.start(&[]).await;
    patiently(LIMIT, "all results to arrive", async || {
        people::completed(&staff.app).await == (turn + 1) * RESULTS
    })
    .await;
    trial.kill().await;
}

/// What makes the program die at the point.
fn deed(point: Point, passings: usize) -> String {
    match passings {
        0 => format!("{}=return", point.name()),
        _ => format!("{}={passings}*off->return", point.name()),
    }
}

/// Waits until it has died there.
async fn die(trial: &mut Trial, point: Point) {
    let ended = tokio::time::timeout(LIMIT, trial.program().ended()).await;
    let ended = ended.unwrap_or_else(|_| panic!("{} was not reached", point.name()));
    assert_eq!(ended.signal(), Some(ABORTED), "it ended otherwise: {ended}");
    trial.history.write(&Line::Died {
        at: trial.history.now(),
        point: point.name().to_owned(),
    });
}
