//! Forged histories: each bad one is found out, and the good one is not blamed.

use super::check;
use crate::history::Line;

fn sent(order: &str, event: &str, signed: bool) -> Line {
    Line::Sent {
        at: 1,
        order: order.into(),
        event: event.into(),
        signed,
    }
}

fn answered(order: &str, event: &str, status: u16) -> Line {
    Line::Answered {
        at: 2,
        order: order.into(),
        event: event.into(),
        status,
    }
}

fn order(order: &str, stage: &str) -> Line {
    Line::Order {
        order: order.into(),
        stage: stage.into(),
        came: 1,
        candidates: 1,
    }
}

fn event(event: &str) -> Line {
    Line::Event {
        event: event.into(),
        verdict: "new_order".into(),
        times_seen: 1,
    }
}

/// One order taken, one rejected, one that was turned away at first, one that was forged.
fn good() -> Vec<Line> {
    vec![
        sent("o-1", "e-1", true),
        answered("o-1", "e-1", 200),
        sent("o-2", "e-2", true),
        answered("o-2", "e-2", 503),
        sent("o-2", "e-2", true),
        answered("o-2", "e-2", 422),
        sent("o-3", "e-3", true),
        answered("o-3", "e-3", 0),
        sent("o-4", "e-4", false),
        answered("o-4", "e-4", 401),
        order("o-1", "accepted"),
        order("o-2", "rejected"),
        order("o-3", "accepted"),
        event("e-1"),
        event("e-2"),
        event("e-3"),
    ]
}

/// The good one with one line more.
fn and(line: Line) -> Vec<Line> {
    let mut lines = good();
    lines.push(line);
    lines
}

/// The good one without the lines that `gone` names.
fn without(gone: impl Fn(&Line) -> bool) -> Vec<Line> {
    good().into_iter().filter(|line| !gone(line)).collect()
}

#[track_caller]
fn is_blamed(lines: &[Line], why: &str) {
    let faults = check(lines).faults;
    assert!(
        faults.iter().any(|fault| fault.contains(why)),
        "{faults:?} does not say {why:?}"
    );
}

#[test]
fn a_good_history_is_not_blamed() {
    assert_eq!(check(&good()).faults, Vec::<String>::new());
}

#[test]
fn a_lost_order_is_found_out() {
    is_blamed(
        &without(|line| *line == order("o-1", "accepted")),
        "o-1 was answered and is lost",
    );
}

#[test]
fn a_doubled_order_is_found_out() {
    is_blamed(&and(order("o-1", "accepted")), "o-1 stands there twice");
    let twice = Line::Order {
        order: "o-3".into(),
        stage: "accepted".into(),
        came: 2,
        candidates: 1,
    };
    let mut lines = without(|line| *line == order("o-3", "accepted"));
    lines.push(twice);
    is_blamed(&lines, "o-3 came 2 times");
}

#[test]
fn an_order_from_nowhere_is_found_out() {
    is_blamed(&and(order("o-9", "accepted")), "o-9 stands there and was never sent");
}

#[test]
fn a_forged_order_is_found_out() {
    is_blamed(&and(order("o-4", "accepted")), "o-4 was forged and stands there");
    is_blamed(&and(answered("o-4", "e-4", 200)), "o-4 was forged and answered");
}

#[test]
fn two_answers_to_one_order_are_found_out() {
    is_blamed(&and(answered("o-2", "e-2", 200)), "o-2 was answered 2xx and 422");
}

#[test]
fn an_answer_that_the_order_belies_is_found_out() {
    let mut lines = without(|line| *line == order("o-2", "rejected"));
    lines.push(order("o-2", "accepted"));
    is_blamed(&lines, "o-2 is accepted, and its answer said otherwise");
}

#[test]
fn an_answer_that_is_neither_yes_nor_come_again_is_found_out() {
    is_blamed(&and(answered("o-3", "e-3", 500)), "o-3 was answered 500");
}

#[test]
fn an_answered_event_that_is_not_kept_is_found_out() {
    is_blamed(
        &without(|line| *line == event("e-1")),
        "event e-1 was answered and is not in the inbox",
    );
    is_blamed(&and(event("e-1")), "event e-1 is kept twice");
}

fn call(began: u64, ended: u64, order: &str, retry_after: Option<u64>) -> Line {
    Line::Call {
        began,
        answered: Some(began),
        ended,
        call: "result".into(),
        integration: Some("i-1".into()),
        order: Some(order.into()),
        misdeed: None,
        status: Some(200),
        retry_after,
    }
}

fn held(order: &str, status: &str, scores: &[&str]) -> Line {
    Line::Held {
        order: order.into(),
        status: status.into(),
        scores: scores.iter().map(|&score| score.into()).collect(),
    }
}

/// One order that was placed, and whose result was released and arrived at the second try.
fn good_result() -> Vec<Line> {
    vec![
        Line::Placed { order: "r-1".into() },
        Line::Released {
            at: 1,
            order: "r-1".into(),
            score: "71".into(),
        },
        call(0, 10, "r-1", Some(1)),
        call(1_000_000, 1_000_010, "r-1", None),
        held("r-1", "COMPLETED", &["71.0"]),
        order("r-1", "completed"),
        Line::Delivery {
            order: "r-1".into(),
            state: "delivered".into(),
            attempts: 2,
        },
    ]
}

/// The good result with the line at `place` replaced.
fn but(place: usize, line: Line) -> Vec<Line> {
    let mut lines = good_result();
    lines[place] = line;
    lines
}

#[test]
fn a_good_result_is_not_blamed() {
    assert_eq!(check(&good_result()).faults, Vec::<String>::new());
}

#[test]
fn a_result_that_did_not_arrive_is_found_out() {
    is_blamed(
        &but(4, held("r-1", "OPEN", &[])),
        "r-1 was released and is OPEN at Kombo",
    );
    is_blamed(&but(4, held("r-2", "OPEN", &[])), "Kombo does not have r-1");
    is_blamed(&but(5, order("r-1", "closing")), "r-1 was released and is closing here");
    let stuck = Line::Delivery {
        order: "r-1".into(),
        state: "given_up".into(),
        attempts: 9,
    };
    is_blamed(&but(6, stuck), "the delivery of r-1 is given_up");
}

#[test]
fn a_result_that_arrived_twice_or_otherwise_is_found_out() {
    is_blamed(
        &but(4, held("r-1", "COMPLETED", &["71.0", "71.0"])),
        "r-1 was applied 2 times",
    );
    is_blamed(
        &but(4, held("r-1", "COMPLETED", &["17"])),
        "r-1 was released with 71 and is 17",
    );
    is_blamed(
        &but(1, sent("r-1", "e-1", true)),
        "r-1 is COMPLETED at Kombo and was never released",
    );
}

#[test]
fn a_lost_webhook_that_was_not_made_up_for_is_found_out() {
    is_blamed(
        &but(5, Line::Started { at: 0 }),
        "r-1 was placed at Kombo and never reached us",
    );
}

#[test]
fn a_call_before_its_time_is_found_out() {
    is_blamed(
        &but(3, call(990_000, 999_999, "r-1", None)),
        "r-1 came 10 ms before its Retry-After",
    );
}

#[test]
fn too_many_calls_at_once_are_found_out() {
    let mut lines = good_result();
    lines.extend((0..20).map(|number| call(2_000_000, 2_000_010, &format!("q-{number}"), None)));
    assert_eq!(check(&lines).faults, Vec::<String>::new());
    lines.push(call(2_000_009, 2_000_020, "q-20", None));
    is_blamed(&lines, "21 calls were under way at once for i-1");
}
