//! Every webhook that was answered is one order, exactly once, with one answer.

use super::Report;
use crate::history::Line;
use std::collections::{HashMap, HashSet};

/// What was sent and answered.
#[derive(Default)]
struct Heard<'a> {
    /// Orders of signed webhooks, and those placed at Kombo.
    sent: HashSet<&'a str>,
    /// Orders that were placed at Kombo.
    placed: HashSet<&'a str>,
    /// Events that were answered 2xx or 422.
    events: HashSet<&'a str>,
    /// Orders that were answered 2xx.
    taken: HashSet<&'a str>,
    /// Orders that were answered 422.
    rejected: HashSet<&'a str>,
    /// Orders of forged webhooks.
    forged: HashSet<&'a str>,
    tries: usize,
    answers: usize,
    turned_away: usize,
    refused: usize,
    /// Answers that there should not be.
    odd: Vec<String>,
    unanswered: usize,
}

fn heard(lines: &[Line]) -> Heard<'_> {
    let mut heard = Heard::default();
    for line in lines {
        match line {
            Line::Sent { order, signed, .. } => {
                heard.tries += 1;
                let set = if *signed { &mut heard.sent } else { &mut heard.forged };
                set.insert(order);
            }
            Line::Answered {
                order, event, status, ..
            } => match status {
                200..=299 | 422 => {
                    heard.answers += 1;
                    heard.events.insert(event);
                    let set = if *status == 422 {
                        &mut heard.rejected
                    } else {
                        &mut heard.taken
                    };
                    set.insert(order);
                }
                0 => heard.unanswered += 1,
                401 => heard.refused += 1,
                503 => heard.turned_away += 1,
                _ => heard.odd.push(format!("{order} was answered {status}")),
            },
            Line::Placed { order } => {
                heard.sent.insert(order);
                heard.placed.insert(order);
            }
            _ => {}
        }
    }
    heard
}

pub(super) fn check(lines: &[Line], report: &mut Report) {
    let heard = heard(lines);
    let mut found: HashMap<&str, &str> = HashMap::new();
    for line in lines {
        let Line::Order {
            order,
            stage,
            came,
            candidates,
        } = line
        else {
            continue;
        };
        if found.insert(order, stage).is_some() {
            report.fault(format!("{order} stands there twice"));
        }
        if *came != 1 || *candidates != 1 {
            report.fault(format!("{order} came {came} times and has {candidates} candidates"));
        }
        if heard.forged.contains(order.as_str()) {
            report.fault(format!("{order} was forged and stands there"));
        } else if !heard.sent.contains(order.as_str()) {
            report.fault(format!("{order} stands there and was never sent"));
        }
    }
    for order in heard.taken.intersection(&heard.rejected) {
        report.fault(format!("{order} was answered 2xx and 422"));
    }
    for order in &heard.placed {
        if !found.contains_key(order) {
            report.fault(format!("{order} was placed at Kombo and never reached us"));
        }
    }
    for order in heard.taken.union(&heard.rejected) {
        match found.get(order) {
            None => report.fault(format!("{order} was answered and is lost")),
            Some(&stage) if (stage == "rejected") != heard.rejected.contains(order) => {
                report.fault(format!("{order} is {stage}, and its answer said otherwise"));
            }
            Some(_) => {}
        }
        if heard.forged.contains(order) {
            report.fault(format!("{order} was forged and answered as if it were real"));
        }
    }
    events(lines, &heard, report);
    report.faults.extend(heard.odd.iter().cloned());
    report.figure("tries", heard.tries);
    report.figure("answers 2xx or 422", heard.answers);
    report.figure("asked to come again", heard.turned_away);
    report.figure("forged and refused", heard.refused);
    report.figure("not answered", heard.unanswered);
    report.figure("orders", found.len());
    report.figure("of them rejected", heard.rejected.len());
}

/// The inbox has each event that was answered, once.
fn events(lines: &[Line], heard: &Heard<'_>, report: &mut Report) {
    let mut kept = HashSet::new();
    for line in lines {
        if let Line::Event { event, verdict, .. } = line {
            if !kept.insert(event.as_str()) {
                report.fault(format!("event {event} is kept twice"));
            }
            if matches!(verdict.as_str(), "failed" | "unreadable") {
                report.fault(format!("event {event} is {verdict}"));
            }
        }
    }
    for event in &heard.events {
        if !kept.contains(event) {
            report.fault(format!("event {event} was answered and is not in the inbox"));
        }
    }
}
