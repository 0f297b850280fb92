//! An order of a made-up house: all of it follows from its number.

use crate::people::{self, CUSTOMERS, Dice, TOOLS, Words};
use assessdesk::domain::order::{Conflict, Stage};
use assessdesk::domain::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// How many people work in the house.
pub const STAFF: usize = 20;

/// How long the house has been there.
const AGE: Duration = Duration::from_hours(2 * 365 * 24);

const DAY: u64 = 24 * 3600;

/// How many in ten thousand orders are live: much of the newest tenth, and a few that were forgotten.
const LIVE_NEW: u64 = 4_600;
const LIVE_OLD: u64 = 40;

/// An order with what hangs on it.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "the flags that an order has")]
pub struct Made {
    pub seq: i64,
    pub id: Uuid,
    pub kombo_id: String,
    pub customer: usize,
    pub integration: usize,
    pub package: usize,
    pub stage: Stage,
    pub assignee: Option<usize>,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub phone: String,
    pub job: &'static str,
    pub received_at: Timestamp,
    pub due_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub paused_at: Option<Timestamp>,
    pub conflict: Option<Conflict>,
    pub differs: bool,
    pub not_in_kombo: bool,
    pub stuck: bool,
    pub unknown_package: bool,
}

/// Which of a customer's integrations there are: every third customer has two.
pub fn integrations() -> Vec<(usize, &'static str)> {
    let all = (0..CUSTOMERS).flat_map(|customer| {
        let first = (customer, TOOLS[customer % TOOLS.len()]);
        let second = (customer.is_multiple_of(3)).then(|| (customer, TOOLS[(customer + 1) % TOOLS.len()]));
        [Some(first), second].into_iter().flatten()
    });
    all.collect()
}

/// Within how many hours a customer expects results.
pub const fn due_hours(customer: usize) -> i64 {
    [24, 48, 72, 120][customer % 4]
}

/// An id as the program makes them, of this moment.
pub fn id(at: Timestamp, random: u64) -> Uuid {
    let millis = u128::try_from(at.unix_micros() / 1_000).expect("after 1970");
    Uuid::from_u128((millis << 80) | (7 << 76) | (2 << 62) | u128::from(random >> 2))
}

impl Made {
    /// The order with this number (from 1) in a house of `total` at `now`.
    pub fn of(number: u32, total: u32, now: Timestamp, words: &Words, integrations: &[(usize, &str)]) -> Self {
        let mut dice = Dice::of(u64::from(number));
        let received_at = now.minus(AGE.mul_f64(f64::from(total - number) / f64::from(total)));
        let is_new = f64::from(number) > 0.9 * f64::from(total);
        let live = dice.in_ten_thousand(if is_new { LIVE_NEW } else { LIVE_OLD });
        let stage = if live { live_stage(&mut dice) } else { end(&mut dice) };
        // A few customers order much, many order little.
        let integration = dice.below(integrations.len()) * dice.below(integrations.len()) / integrations.len();
        let customer = integrations[integration].0;
        let (first_name, last_name) = words.name(&mut dice);
        let hours = u64::try_from(due_hours(customer)).expect("hours");
        let took = Duration::from_secs(600 + dice.any() % (9 * DAY));
        let worked_on = stage.is_end() || stage != Stage::Received;
        Self {
            seq: i64::from(number),
            id: id(received_at, dice.any()),
            kombo_id: format!("{:016x}", dice.any()),
            customer,
            integration,
            package: dice.below(people::OFFERED),
            stage,
            assignee: (worked_on && dice.in_ten_thousand(7_000)).then(|| dice.below(STAFF)),
            email: format!(
                "{}.{}{number}@{}.example",
                ascii(&first_name),
                ascii(&last_name),
                ["mail", "post", "inbox", "letters"][dice.below(4)]
            ),
            phone: format!("+49 {:03} {:07}", dice.below(1_000), dice.below(10_000_000)),
            first_name,
            last_name,
            job: words.job(&mut dice),
            due_at: received_at.plus(Duration::from_hours(hours)),
            closed_at: stage.is_end().then(|| received_at.plus(took).min(now)),
            paused_at: (live && dice.in_ten_thousand(100)).then_some(received_at),
            conflict: (dice.in_ten_thousand(5)).then_some(Conflict::ALL[0]),
            differs: dice.in_ten_thousand(10),
            not_in_kombo: live && dice.in_ten_thousand(30),
            stuck: stage == Stage::Closing && dice.in_ten_thousand(300),
            unknown_package: dice.in_ten_thousand(50),
            received_at,
        }
    }
}

fn live_stage(dice: &mut Dice) -> Stage {
    match dice.below(100) {
        0..10 => Stage::Received,
        10..30 => Stage::Accepted,
        30..65 => Stage::Invited,
        65..85 => Stage::Started,
        85..92 => Stage::InReview,
        _ => Stage::Closing,
    }
}

fn end(dice: &mut Dice) -> Stage {
    match dice.below(100) {
        0..4 => Stage::Rejected,
        4..12 => Stage::Cancelled,
        _ => Stage::Completed,
    }
}

fn ascii(name: &str) -> String {
    let folded = assessdesk::domain::text::fold(name);
    folded.chars().filter(char::is_ascii_alphanumeric).collect()
}
