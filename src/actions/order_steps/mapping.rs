//! Between an order's row and the part of it that the table of steps looks at.

use super::Said;
use crate::actions::receive_order::Ruled;
use crate::actions::work::Work;
use crate::domain::intake::Verdict;
use crate::domain::order::{DecidedBy, Decision, Effect, Event, FinalDelivery, Stage, State};
use crate::store::deliveries::DeliveryRow;
use crate::store::orders::OrderRow;

/// What the table of steps sees of a row and of the order's final word.
pub fn state_of(order: &OrderRow, last: Option<&DeliveryRow>) -> State {
    State {
        stage: order.stage,
        stage_before: order.stage_before,
        review_before: order.review_before,
        source: order.source,
        inline: order.inline,
        hold_until: order.hold_until,
        undecided_until: order.undecided_until,
        kombo_status: order.kombo_status,
        kombo_seen_at: order.kombo_seen_at,
        open_seen: order.open_seen,
        open_seen_first: order.open_seen_first,
        absent_seen: order.absent_seen,
        absent_first: order.absent_first,
        answered_at: order.answered_at,
        decision: order.decision,
        decided_by: order.decided_by,
        decided_at: order.decided_at,
        final_status: order.final_status,
        final_delivery: FinalDelivery::of(last.map(|delivery| delivery.state)),
        final_tried: last.is_some_and(|delivery| delivery.attempts > 0),
        final_in_doubt: last.is_some_and(|delivery| delivery.doubt.is_some()),
        stuck: order.stuck,
        paused: order.paused_at.is_some(),
        unreachable: order.unreachable,
        differs: order.differs,
        conflict: order.conflict,
        not_in_kombo: order.not_in_kombo,
    }
}

/// Writes the table's new state into the row.
pub(in crate::actions) fn write_state(order: &mut OrderRow, state: &State, work: &Work) {
    let was_end = order.stage.is_end();
    order.stage = state.stage;
    order.stage_before = state.stage_before;
    order.review_before = state.review_before;
    order.inline = state.inline;
    if order.hold_until.is_none() && state.hold_until.is_some() {
        order.held_at = Some(work.now);
    }
    order.hold_until = state.hold_until;
    order.undecided_until = state.undecided_until;
    order.kombo_status = state.kombo_status;
    order.kombo_seen_at = state.kombo_seen_at;
    order.open_seen = state.open_seen;
    order.open_seen_first = state.open_seen_first;
    order.absent_seen = state.absent_seen;
    order.absent_first = state.absent_first;
    order.answered_at = state.answered_at;
    if order.decided_at != state.decided_at {
        order.decided_staff = match state.decided_by {
            Some(DecidedBy::Staff) => work.viewer.staff_id(),
            _ => None,
        };
    }
    order.decision = state.decision;
    order.decided_by = state.decided_by;
    order.decided_at = state.decided_at;
    order.final_status = state.final_status;
    order.stuck = state.stuck;
    order.unreachable = state.unreachable;
    order.differs = state.differs;
    order.conflict = state.conflict;
    order.not_in_kombo = state.not_in_kombo;
    match (state.paused, order.paused_at) {
        (true, None) => order.paused_at = Some(work.now),
        (false, Some(_)) => {
            order.paused_at = None;
            order.paused_reason = None;
        }
        _ => {}
    }
    match (was_end, state.stage.is_end()) {
        (false, true) => order.closed_at = Some(work.now),
        (true, false) => order.closed_at = None,
        _ => {}
    }
}

/// Writes what the actor said beside the event.
pub(in crate::actions) fn write_said(order: &mut OrderRow, event: &Event, said: &Said, work: &Work) {
    if said.reason.is_some() {
        order.reason_text.clone_from(&said.reason);
        order.reason_id = said.reason_id;
    }
    if let Some(to) = said.assign {
        order.assignee = to;
    }
    if matches!(event, Event::Paused) {
        order.paused_reason.clone_from(&said.why);
    } else if order.decided_at == Some(work.now) {
        if said.why.is_some() {
            order.decision_why.clone_from(&said.why);
        }
        order.decided_micros = said.micros.or(order.decided_micros);
    }
    let by_setting = order.decided_at == Some(work.now) || matches!(event, Event::HoldEnded(_));
    if let Some(verdict) = verdict_of(event).filter(|_| by_setting) {
        write_verdict(order, order.rule_set_id.is_some(), verdict);
    }
    match event {
        Event::InvitationFailed => order.invite_problem = said.problem,
        // Whoever has started needs no invitation.
        Event::InvitationTaken | Event::CandidateStarted => order.invite_problem = None,
        _ => {}
    }
    if matches!(event, Event::HoldLost) {
        order.decision_why = None;
    }
    // A cancellation that was taken back is no longer what the recruiter reads.
    if matches!(event, Event::Undone | Event::TakenBack) {
        order.reason_text = None;
        order.reason_id = None;
    }
}

/// The settings' verdict that an event carries.
fn verdict_of(event: &Event) -> Option<&Verdict> {
    match event {
        Event::Repeated(repeat) => Some(&repeat.verdict),
        Event::HoldEnded(verdict) | Event::UndecidedEnded(verdict) => Some(verdict),
        _ => None,
    }
}

/// Writes by which rule it was decided or held, as it is now; `None`: by none.
pub(in crate::actions) fn write_rule(order: &mut OrderRow, ruled: Option<&Ruled>) {
    order.rule_set_id = ruled.and_then(|ruled| ruled.set);
    order.rule_number = ruled.map(|ruled| ruled.number);
    order.rule_name = ruled.map(|ruled| ruled.name.clone());
    order.rule_micros = ruled.map(|ruled| ruled.micros);
    order.hold_else = ruled.and_then(Ruled::hold_else);
}

/// Whether rules were asked in this step: it is decided, or held, afresh.
pub(super) fn asks_rules(before: &OrderRow, order: &OrderRow, event: &Event) -> bool {
    match event {
        Event::UndecidedEnded(_) => true,
        Event::Repeated(_) => {
            let is_afresh = before.stage == Stage::Received && before.answered_at.is_none();
            is_afresh && before.hold_until.is_none() && order.decided_by != Some(DecidedBy::Kombo)
        }
        _ => false,
    }
}

/// Writes why the settings, or the rule, decided as they did, and what the recruiter reads of it.
pub(in crate::actions) fn write_verdict(order: &mut OrderRow, by_rule: bool, verdict: &Verdict) {
    let (Verdict::Accept { why } | Verdict::Reject { why, .. } | Verdict::Later { why, .. }) = verdict;
    order.decision_why = Some(if by_rule { why.by_rule() } else { why.label().to_owned() });
    if let (Some(Decision::Reject), Verdict::Reject { message, .. }) = (order.decision, verdict) {
        order.reason_text = Some(message.clone());
    }
}

/// Keeps the text of a cancellation that is proposed to a person.
pub(super) fn write_proposal(order: &mut OrderRow, effects: &[Effect]) {
    for effect in effects {
        if let Effect::ProposeCancellation(text) = effect {
            order.reason_text = Some(text.clone());
        }
    }
}

/// Whether the row has to be written.
pub(super) fn differs(before: &OrderRow, after: &OrderRow) -> bool {
    state_of(before, None) != state_of(after, None)
        || before.reason_text != after.reason_text
        || before.decision_why != after.decision_why
        || before.paused_reason != after.paused_reason
        || before.assignee != after.assignee
        || before.due_at != after.due_at
        || before.invite_problem != after.invite_problem
        || before.rule_set_id != after.rule_set_id
}
