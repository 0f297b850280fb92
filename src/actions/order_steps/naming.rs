//! What a step is called in the audit trail and in the order's timeline.

use crate::actions::work::Work;
use crate::domain::order::{Decision, Effect, Event, Note};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Actor;
use crate::store::orders::OrderRow;
use serde_json::{Value, json};

/// Who did what; `None` for what nobody would want to read (a repeat that changed nothing, a routine look at Kombo).
pub(super) fn name(
    work: &Work,
    before: &OrderRow,
    order: &OrderRow,
    event: &Event,
    effects: &[Effect],
) -> Option<(Actor, &'static str)> {
    let me = work.viewer.who;
    let moved = before.stage != order.stage;
    Some(match event {
        Event::Repeated(_) if before.hold_until.is_none() && order.hold_until.is_some() => (Actor::Rule, "order.held"),
        Event::Repeated(_) if moved && order.decided_at == Some(work.now) => (Actor::Rule, decision_name(order)),
        Event::Repeated(repeat) if moved || (repeat.differs && !before.differs) => (Actor::Kombo, "order.repeated"),
        Event::Repeated(_) | Event::AnswerLeft => return None,
        Event::Decided(_) => (me, decision_name(order)),
        Event::HoldEnded(_) | Event::UndecidedEnded(_) => (Actor::Rule, decision_name(order)),
        Event::HoldLost => (Actor::System, "order.hold_lost"),
        Event::InvitationTaken => (me, "order.invited"),
        Event::InvitationFailed => (me, "order.invitation_failed"),
        Event::InvitationResent => (me, "order.invitation_resent"),
        Event::AddressCorrected => (me, "order.address_corrected"),
        Event::CandidateStarted => (me, "order.started"),
        Event::SentToReview => (me, "order.sent_to_review"),
        Event::ReviewReturned => (me, "order.review_returned"),
        Event::Paused => (me, "order.paused"),
        Event::Resumed => (me, "order.resumed"),
        Event::Assigned => (me, "order.assigned"),
        Event::Released => (me, "order.released"),
        Event::Cancelled => (me, "order.cancelled"),
        Event::Undone => (me, "order.undone"),
        Event::Delivered => (Actor::Kombo, "order.delivered"),
        Event::FateUnknown => (Actor::System, "order.fate_unknown"),
        Event::FinalRefused => (Actor::Kombo, "order.final_refused"),
        Event::ReadBack { .. } => (Actor::System, "order.read_back"),
        Event::GaveUp => (Actor::System, "order.gave_up"),
        Event::Parked => (Actor::System, "order.parked"),
        Event::Woken => (me, "order.woken"),
        Event::ReleasedAgain => (me, "order.released_again"),
        Event::TakenBack => (me, "order.taken_back"),
        Event::FinalSentAgain => (me, "order.sent_again"),
        Event::Observed { .. } | Event::Absent { .. } => {
            let told = effects
                .iter()
                .any(|effect| matches!(effect, Effect::Note(_) | Effect::MarkConflict(_)));
            let flagged = before.not_in_kombo != order.not_in_kombo;
            if !moved && !told && !flagged {
                return None;
            }
            (
                Actor::Kombo,
                if order.not_in_kombo && flagged {
                    "order.not_in_kombo"
                } else {
                    "order.observed"
                },
            )
        }
        Event::IntegrationDeleted => (Actor::Kombo, "order.unreachable"),
        Event::ClosedHere => (me, "order.closed_here"),
    })
}

/// What was decided, as an action's name.
pub(in crate::actions) fn decision_name(order: &OrderRow) -> &'static str {
    match order.decision {
        Some(Decision::Accept) => "order.accepted",
        Some(Decision::Reject) => "order.rejected",
        None => "order.left_undecided",
    }
}

fn note_name(note: Note) -> &'static str {
    match note {
        Note::CancelledInAts => "cancelled_in_ats",
        Note::OverOnArrival => "over_on_arrival",
        Note::Confirmed => "confirmed",
        Note::ConfirmedByReadBack => "confirmed_by_read_back",
        Note::RejectionDidNotArrive => "rejection_did_not_arrive",
        Note::HoldLost => "hold_lost",
        Note::ClosedHere => "closed_here",
    }
}

/// For how long the webhook of a held order has waited at `now`, in microseconds.
pub(in crate::actions) fn held_micros(order: &OrderRow, now: Timestamp) -> Option<i64> {
    let waited = now.since(order.held_at?);
    order
        .hold_until
        .map(|_| i64::try_from(waited.as_micros()).unwrap_or(i64::MAX))
}

/// What the line tells: the stages, the notes, the conflict, and what the actor said.
pub(in crate::actions) fn detail(before: &OrderRow, order: &OrderRow, effects: &[Effect], more: Value) -> Value {
    let mut detail = match more {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    };
    if before.stage != order.stage {
        detail.insert("from".into(), json!(before.stage.as_str()));
        detail.insert("to".into(), json!(order.stage.as_str()));
    }
    let notes = effects.iter().filter_map(|effect| match effect {
        Effect::Note(note) => Some(note_name(*note)),
        _ => None,
    });
    let notes = notes.collect::<Vec<_>>();
    if !notes.is_empty() {
        detail.insert("notes".into(), json!(notes));
    }
    if let Some(conflict) = order.conflict.filter(|_| before.conflict != order.conflict) {
        detail.insert("conflict".into(), json!(conflict.as_str()));
    }
    if let Some(status) = order.kombo_status.filter(|_| before.kombo_status != order.kombo_status) {
        detail.insert("kombo".into(), json!(status.as_str()));
    }
    match (before.hold_until, order.hold_until) {
        (None, Some(until)) => {
            let micros = until.since(order.held_at.unwrap_or(until)).as_micros();
            detail.insert("hold_micros".into(), json!(i64::try_from(micros).unwrap_or(i64::MAX)));
        }
        (Some(_), None) => {
            detail.insert("held_micros".into(), json!(held_micros(before, order.changed_at)));
        }
        _ => {}
    }
    if let Some(problem) = order
        .invite_problem
        .filter(|_| before.invite_problem != order.invite_problem)
    {
        detail.insert("problem".into(), json!(problem.as_str()));
    }
    if order.decided_at.is_some() && before.decided_at != order.decided_at {
        detail.insert("why".into(), json!(order.decision_why));
        detail.insert("micros".into(), json!(order.decided_micros));
    }
    let asked = order.held_at != before.held_at || order.decided_at != before.decided_at;
    if let Some(rule) = order.rule_name.as_ref().filter(|_| asked) {
        detail.insert("rule".into(), json!(rule));
    }
    Value::Object(detail)
}
