//! How far a dry run is, and what it found so far.

use crate::domain::ids::OrderId;
use crate::domain::rules::Fate;
use crate::domain::time::Timestamp;
use crate::store::rule_facts::PastOrder;

/// How many of the orders that would fare otherwise are kept.
pub const MOST_LISTED: usize = 5_000;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It looked at all of them.
    Done,
    /// Somebody, or the end of the program, stopped it.
    Stopped,
    /// The database failed.
    Failed,
}

/// What would decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The draft's rule of this number, counted from 1.
    Draft(usize),
    /// Other rules: the customer's own before a draft for all, those for all behind a customer's draft.
    Others,
    /// The customer's settings.
    Settings,
}

/// What became of an order in a dry run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nobody decided about it when it came, or it has been erased since.
    Aside,
    /// How it fared and how it would have.
    Judged {
        /// How it fared.
        was: Fate,
        /// How it would have.
        would: Fate,
        /// By what.
        by: By,
    },
}

/// An order that would have fared otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Differing {
    /// Which.
    pub order: OrderId,
    /// How it fared.
    pub was: Fate,
    /// How it would have.
    pub would: Fate,
    /// By what.
    pub by: By,
}

/// How far it is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Up to which moment it has looked.
    pub at: Timestamp,
    /// Whether it waits for its turn.
    pub waits: bool,
    /// How it ended; `None`: it goes on.
    pub ended: Option<Ended>,
    /// How many orders it looked at.
    pub seen: u64,
    /// How many of them it could say nothing about.
    pub aside: u64,
    /// How many each of the draft's rules would have decided.
    pub by_rule: Vec<u64>,
    /// How many other rules would have.
    pub by_others: u64,
    /// How many the settings would have.
    pub by_settings: u64,
    /// How many fared so.
    pub was: [u64; 3],
    /// How many would have.
    pub would: [u64; 3],
    /// How many would have fared otherwise.
    pub differing: u64,
    /// The first ones of those.
    pub listed: Vec<Differing>,
}

impl Progress {
    pub(super) fn begin(at: Timestamp, rules: usize) -> Self {
        Self {
            at,
            waits: true,
            ended: None,
            seen: 0,
            aside: 0,
            by_rule: vec![0; rules],
            by_others: 0,
            by_settings: 0,
            was: [0; 3],
            would: [0; 3],
            differing: 0,
            listed: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, order: &PastOrder, mark: Mark) {
        self.at = order.received_at;
        self.seen += 1;
        let Mark::Judged { was, would, by } = mark else {
            self.aside += 1;
            return;
        };
        match by {
            By::Draft(number) => {
                if let Some(count) = self.by_rule.get_mut(number - 1) {
                    *count += 1;
                }
            }
            By::Others => self.by_others += 1,
            By::Settings => self.by_settings += 1,
        }
        self.was[place(was)] += 1;
        self.would[place(would)] += 1;
        if was == would {
            return;
        }
        self.differing += 1;
        if self.listed.len() < MOST_LISTED {
            self.listed.push(Differing {
                order: order.id,
                was,
                would,
                by,
            });
        }
    }
}

/// Where the counts of a fate stand.
fn place(fate: Fate) -> usize {
    Fate::ALL.iter().position(|own| *own == fate).unwrap_or_default()
}
