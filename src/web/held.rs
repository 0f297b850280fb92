//! Orders whose webhook waits for a person, as every page of the desk shows them.

use crate::domain::ids::OrderId;
use crate::domain::intake::HoldElse;
use crate::domain::order::{DecidedBy, Decision, Stage};
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::store::candidates::Candidate;
use crate::store::holds::HeldRow;
use std::time::Duration;

/// How many orders the bar shows at once; of the others it tells how many they are.
const SHOWN: usize = 3;

/// For how long the bar tells how a hold ended.
const TOLD_FOR: Duration = Duration::from_secs(8);

/// No hold began longer ago than this, and none that ended after it is told of any more.
const LOOK_BACK: Duration = Duration::from_secs(30);

/// The bar: the oldest first.
#[derive(Clone, Debug, Default)]
pub struct HeldBar {
    /// The orders.
    pub orders: Vec<Held>,
    /// How many more wait.
    pub more: usize,
    /// The order whose own page shows it, so that the bar need not.
    pub but: Option<OrderId>,
}

/// An order that is held, or was until a moment ago.
#[derive(Clone, Debug)]
pub struct Held {
    /// Our id.
    pub id: OrderId,
    /// Rises with every change.
    pub version: i64,
    /// The candidate's name, or what stands for it.
    pub name: String,
    /// The package's name.
    pub package: String,
    /// The customer's name.
    pub customer: String,
    /// The ATS.
    pub ats: String,
    /// The time that is left; `None`: it is decided.
    pub left: Option<Left>,
    /// What happens when the time is up.
    pub then: &'static str,
    /// How it ended.
    pub ended: String,
    /// What went wrong when this person tried to decide, and what they had written.
    pub refused: Option<Refused>,
}

/// The time that is left for a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Seconds with their tenths, for the clock that runs in the page.
    pub exact: String,
    /// Whole seconds, as they are shown.
    pub seconds: u128,
}

impl Left {
    /// The time from `now` to `until`.
    pub fn of(until: Timestamp, now: Timestamp) -> Self {
        let left = until.since(now);
        Self {
            exact: format!("{:.1}", left.as_secs_f64()),
            seconds: left.as_millis().div_ceil(1_000),
        }
    }
}

/// Why a decision was not taken.
#[derive(Clone, Debug)]
pub struct Refused {
    /// In plain words.
    pub why: String,
    /// What was written for the recruiter.
    pub reason: String,
    /// Whether this person may still cancel the order with these words.
    pub may_cancel: bool,
}

impl HeldBar {
    /// Since when holds may have begun that the bar of `now` shows.
    pub fn from(now: Timestamp) -> Timestamp {
        now.minus(LOOK_BACK)
    }

    /// The bar of these rows at `now`.
    pub fn of(rows: Vec<HeldRow>, but: Option<OrderId>, now: Timestamp) -> Self {
        let is_told = |row: &HeldRow| row.hold_until.is_some() || now.since(row.changed_at) <= TOLD_FOR;
        let rows = rows.into_iter().filter(|row| Some(row.id) != but && is_told(row));
        let (waiting, ended): (Vec<_>, Vec<_>) = rows.partition(|row| row.hold_until.is_some());
        let more = waiting.len().saturating_sub(SHOWN);
        let shown = waiting.into_iter().take(SHOWN);
        let room = SHOWN.saturating_sub(shown.len());
        let orders = shown.chain(ended.into_iter().rev().take(room));
        Self {
            orders: orders.map(|row| Held::of(row, now)).collect(),
            more,
            but,
        }
    }

    /// What the bar's addresses end with.
    pub fn query(&self) -> String {
        self.but.map_or_else(String::new, |id| format!("?but={id}"))
    }
}

impl Held {
    /// One order at `now`.
    pub fn of(row: HeldRow, now: Timestamp) -> Self {
        let ended = if row.hold_until.is_some() {
            String::new()
        } else {
            ended(&row)
        };
        let left = row.hold_until.map(|until| Left::of(until, now));
        let candidate = Candidate {
            order_id: row.id,
            customer_id: None,
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email.unwrap_or_default(),
            phone: None,
        };
        let name = candidate.full_name();
        Self {
            id: row.id,
            version: row.version,
            name: if name.is_empty() {
                "Candidate (erased)".to_owned()
            } else {
                name
            },
            package: row.package_name,
            customer: row.customer_name.unwrap_or_else(|| "Unassigned".to_owned()),
            ats: tool_label(&row.tool),
            left,
            then: then(row.hold_else),
            ended,
            refused: None,
        }
    }
}

/// What happens when the time is up, in words that follow 'then'.
pub const fn then(otherwise: Option<HoldElse>) -> &'static str {
    match otherwise {
        Some(HoldElse::Accept) => "it is accepted",
        Some(HoldElse::Reject) => "it is rejected",
        Some(HoldElse::Later) | None => "it stays received",
    }
}

/// How a hold ended, and who or what ended it.
fn ended(row: &HeldRow) -> String {
    let after = seconds(row.changed_at.since(row.held_at));
    let name = row.decided_name.as_deref().unwrap_or("Somebody");
    match (row.decision, row.decided_by, row.stage) {
        (Some(Decision::Accept), Some(DecidedBy::Staff), _) => format!("{name} accepted it after {after}."),
        (Some(Decision::Reject), Some(DecidedBy::Staff), _) => format!("{name} rejected it after {after}."),
        (Some(Decision::Accept), _, _) => "Time was up: the customer’s setting accepted it.".to_owned(),
        (Some(Decision::Reject), _, _) => "Time was up: the customer’s setting rejected it.".to_owned(),
        (None, _, Stage::Received) if row.decision_why.is_some() => {
            "Time was up: the ATS was told that it is taken, and you can decide later.".to_owned()
        }
        (None, _, Stage::Received) => {
            format!("Kombo hung up after {after}. It stays received; from now on it can only be accepted or cancelled.")
        }
        (None, _, _) => "It ended in the ATS meanwhile.".to_owned(),
    }
}

/// A short length of time: `3.2 s`.
pub fn seconds(length: Duration) -> String {
    format!("{:.1} s", length.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u128, ended: Option<u64>) -> HeldRow {
        HeldRow {
            id: OrderId(uuid::Uuid::from_u128(number)),
            version: 1,
            stage: Stage::Received,
            hold_until: ended.is_none().then(|| Timestamp::EPOCH.plus(Duration::from_secs(8))),
            held_at: Timestamp::EPOCH,
            changed_at: Timestamp::EPOCH.plus(Duration::from_millis(ended.unwrap_or(0))),
            decision: None,
            decided_by: None,
            decided_at: None,
            decided_name: None,
            decision_why: None,
            package_name: "Logic".into(),
            customer_name: None,
            hold_else: Some(HoldElse::Reject),
            tool: "greenhouse".into(),
            first_name: None,
            last_name: None,
            email: None,
        }
    }

    #[test]
    fn the_bar_shows_three_and_counts_the_others() {
        let now = Timestamp::EPOCH.plus(Duration::from_millis(600));
        let rows = (1..=5).map(|number| row(number, None)).collect();
        let bar = HeldBar::of(rows, Some(OrderId(uuid::Uuid::from_u128(2))), now);
        assert_eq!((bar.orders.len(), bar.more), (3, 1));
        let first = &bar.orders[0];
        let left = first.left.as_ref().map(|left| (left.exact.as_str(), left.seconds));
        assert_eq!(left, Some(("7.4", 8)));
        assert_eq!(first.then, "it is rejected");
    }

    #[test]
    fn how_a_hold_ended_is_told_for_a_while_and_never_in_the_place_of_one_that_waits() {
        let now = Timestamp::EPOCH.plus(Duration::from_secs(4));
        let bar = HeldBar::of(vec![row(1, Some(3_200)), row(2, None)], None, now);
        let ended: Vec<_> = bar.orders.iter().map(|held| held.ended.as_str()).collect();
        assert_eq!(ended[0], "");
        assert!(ended[1].starts_with("Kombo hung up after 3.2 s."), "{ended:?}");
        let later = HeldBar::of(vec![row(1, Some(3_200))], None, now.plus(TOLD_FOR));
        assert!(later.orders.is_empty());
        let mut by_person = row(1, Some(3_200));
        by_person.decision = Some(Decision::Accept);
        by_person.decided_by = Some(DecidedBy::Staff);
        by_person.decided_name = Some("Mira".into());
        by_person.stage = Stage::Accepted;
        assert_eq!(super::ended(&by_person), "Mira accepted it after 3.2 s.");
    }
}
