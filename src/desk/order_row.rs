//! An order as one row of a list: in words, with what colour and shape its stage has. Lists and *Today* share it.

use crate::domain::delivery::DeliveryState;
use crate::domain::ids::OrderId;
use crate::domain::order::{DecidedBy, FinalStatus, Stage};
use crate::domain::role::Permission;
use crate::domain::text::{initials, tool_label};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::candidates::Candidate;
use crate::store::order_lists::ListRow;
use crate::web::held::Left;
use std::time::Duration;

/// From when on an order is due 'soon'.
pub(super) const SOON: Duration = Duration::from_hours(4);

/// A stage as it is drawn: the class that gives colour and shape, and the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pill {
    pub(super) class: &'static str,
    pub(super) label: &'static str,
}

impl Pill {
    /// The pill of an order whose webhook waits for a person.
    pub(super) const HELD: Self = Self {
        class: Stage::Received.as_str(),
        label: "Held",
    };

    /// The pill of an order: a final word shows whether it waits, is leaving, or is stuck.
    pub(super) fn of(stage: Stage, stuck: bool, state: Option<DeliveryState>) -> Self {
        let (class, label) = match (stage, state) {
            (Stage::Closing, _) if stuck => ("stuck", "Stuck"),
            (Stage::Closing, Some(DeliveryState::Parked)) => ("closing", "Parked"),
            (Stage::Closing, Some(DeliveryState::Ambiguous)) => ("leaving", "Checking"),
            (Stage::Closing, Some(DeliveryState::Sending)) => ("leaving", "Leaving now"),
            (Stage::Closing, _) => ("leaving", "Leaving"),
            (stage, _) => (stage.as_str(), stage.label()),
        };
        Self { class, label }
    }
}

/// When an order is due, or how it ended: a text and how loud it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) class: &'static str,
    pub(super) text: String,
}

impl Due {
    /// The due time of a live order.
    pub(super) fn of(due_at: Timestamp, now: Timestamp) -> Self {
        if due_at <= now {
            return Self::new("late", format!("{} late", short(now.since(due_at))));
        }
        let left = due_at.since(now);
        let class = if left <= SOON { "soon" } else { "" };
        Self::new(class, format!("{} left", short(left)))
    }

    fn new(class: &'static str, text: impl Into<String>) -> Self {
        Self {
            class,
            text: text.into(),
        }
    }

    fn of_row(row: &ListRow, now: Timestamp) -> Self {
        match row.stage {
            Stage::Closing if row.stuck => Self::new("late", "needs you"),
            Stage::Closing => Self::new(
                "",
                row.final_status.map_or("final word", |word| match word {
                    FinalStatus::Completed => "result",
                    FinalStatus::Cancelled => "cancellation",
                }),
            ),
            Stage::Completed => Self::new(
                "",
                row.closed_at
                    .map_or_else(String::new, |at| format!("in {}", long(at.since(row.received_at)))),
            ),
            Stage::Rejected => Self::new(
                "",
                match row.decided_by {
                    Some(DecidedBy::Staff) => "by a person",
                    Some(DecidedBy::Kombo) => "before it came",
                    _ => "by the settings",
                },
            ),
            Stage::Cancelled if row.final_status == Some(FinalStatus::Cancelled) => Self::new("", "by us"),
            Stage::Cancelled => Self::new("", "in the ATS"),
            _ => Self::of(row.due_at, now),
        }
    }
}

/// A length of time as one number and unit.
pub(super) fn short(length: Duration) -> String {
    let minutes = length.as_secs() / 60;
    match minutes {
        0 => "under 1 min".to_owned(),
        1..60 => format!("{minutes} min"),
        60..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

/// A length of time as two numbers and units.
fn long(length: Duration) -> String {
    let minutes = length.as_secs() / 60;
    match minutes {
        0..60 => short(length),
        60..1440 if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        60..1440 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ if minutes % 1440 < 60 => format!("{} d", minutes / 1440),
        _ => format!("{} d {} h", minutes / 1440, minutes % 1440 / 60),
    }
}

/// A staff member as a face: letters and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) letters: String,
    pub(super) name: String,
}

impl Face {
    pub(super) fn of(name: &str) -> Self {
        Self {
            letters: initials(name),
            name: name.to_owned(),
        }
    }
}

/// One row.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "one for each thing that can be done with the row"
)]
pub(super) struct Row {
    pub(super) id: OrderId,
    pub(super) version: i64,
    /// It stands on the screen, but no longer belongs to its list.
    pub(super) left: bool,
    pub(super) pill: Pill,
    /// The time that is left while its webhook waits for a person.
    pub(super) held: Option<Left>,
    pub(super) paused: Option<String>,
    pub(super) flags: Vec<(&'static str, &'static str)>,
    pub(super) name: String,
    pub(super) under_name: String,
    pub(super) package: String,
    pub(super) job: String,
    pub(super) customer: String,
    pub(super) ats: String,
    pub(super) face: Option<Face>,
    pub(super) due: Due,
    pub(super) received_at: Timestamp,
    pub(super) may_accept: bool,
    /// Its final word waits, and this person may take it back.
    pub(super) may_undo: bool,
    pub(super) may_enter: bool,
    /// Rejected while its webhook waits, cancelled afterwards.
    pub(super) may_refuse: bool,
}

/// The candidate's name, or the address where there is none.
pub(super) fn full_name(row: &ListRow) -> String {
    candidate(row).full_name()
}

fn candidate(row: &ListRow) -> Candidate {
    Candidate {
        order_id: row.id,
        customer_id: None,
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        email: row.email.clone().unwrap_or_default(),
        phone: None,
    }
}

impl Row {
    pub(super) fn of(row: ListRow, viewer: &Viewer, now: Timestamp) -> Self {
        let flags = flags(&row);
        let due = Due::of_row(&row, now);
        let may_undo = may_undo(&row, viewer);
        let candidate = candidate(&row);
        let name = candidate.full_name();
        Self {
            id: row.id,
            version: row.version,
            left: false,
            pill: if row.hold_until.is_some() {
                Pill::HELD
            } else {
                Pill::of(row.stage, row.stuck, row.final_state)
            },
            held: row.hold_until.map(|until| Left::of(until, now)),
            paused: row.paused_at.map(|_| row.paused_reason.unwrap_or_default()),
            flags,
            under_name: if name == candidate.email {
                String::new()
            } else {
                candidate.email
            },
            name: if name.is_empty() { "(erased)".to_owned() } else { name },
            package: row.package_name,
            job: row.job_name.unwrap_or_default(),
            customer: row.customer_name.unwrap_or_else(|| "Unassigned".to_owned()),
            ats: tool_label(&row.tool),
            face: row.assignee_name.as_deref().map(Face::of),
            due,
            received_at: row.received_at,
            may_accept: row.stage == Stage::Received && viewer.can(Permission::DecideOrders),
            may_undo,
            may_enter: row.stage.is_live() && row.stage != Stage::Received && viewer.can(Permission::EnterResults),
            may_refuse: row.stage.is_live() && !row.unreachable && viewer.can(Permission::CancelOrders),
        }
    }
}

/// Whether the final word can be taken back before it leaves, and by this person.
fn may_undo(row: &ListRow, viewer: &Viewer) -> bool {
    let waits = matches!(row.final_state, Some(DeliveryState::Waiting | DeliveryState::Parked));
    let permission = match row.final_status {
        Some(FinalStatus::Cancelled) => Permission::CancelOrders,
        _ => Permission::ReleaseResults,
    };
    row.stage == Stage::Closing
        && waits
        && !row.stuck
        && viewer.can(permission)
        && viewer.can(Permission::ReleaseResults)
}

/// What a person should look at, as word and tone.
fn flags(row: &ListRow) -> Vec<(&'static str, &'static str)> {
    let all = [
        (row.conflict.is_some(), ("Conflict", "red")),
        (row.unreachable && !row.stage.is_end(), ("Unreachable", "red")),
        (row.not_in_kombo, ("Not in Kombo", "amber")),
        (row.unknown_package && !row.stage.is_end(), ("Unknown package", "amber")),
        (row.differs, ("Differs", "amber")),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_and_exact_enough() {
        let minutes = |minutes: u64| Duration::from_mins(minutes);
        assert_eq!(short(minutes(0)), "under 1 min");
        assert_eq!(short(minutes(59)), "59 min");
        assert_eq!(short(minutes(26 * 60)), "26 h");
        assert_eq!(short(minutes(3 * 1440)), "3 d");
        assert_eq!(long(minutes(190)), "3 h 10 min");
        assert_eq!(long(minutes(1440 + 130)), "1 d 2 h");
    }

    #[test]
    fn a_final_word_shows_how_it_fares() {
        let pill = |stuck, state| Pill::of(Stage::Closing, stuck, Some(state)).label;
        assert_eq!(pill(false, DeliveryState::Waiting), "Leaving");
        assert_eq!(pill(false, DeliveryState::Sending), "Leaving now");
        assert_eq!(pill(true, DeliveryState::GivenUp), "Stuck");
        assert_eq!(Pill::of(Stage::Received, false, None).class, "received");
    }
}
