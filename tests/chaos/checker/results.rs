//! Every released result arrives, once in effect; nothing comes before its `Retry-After`; never too much at once.

use super::Report;
use crate::history::Line;
use std::collections::HashMap;

/// The most calls that may be under way for one integration.
const MOST: usize = 20;

pub(super) fn check(lines: &[Line], report: &mut Report) {
    let mut released: HashMap<&str, &str> = HashMap::new();
    for line in lines {
        if let Line::Released { order, score, .. } = line
            && released.insert(order, score).is_some()
        {
            report.fault(format!("{order} was released twice"));
        }
    }
    held(lines, &released, report);
    ended(lines, &released, report);
    waits(lines, report);
    in_flight(lines, report);
    report.figure("results released", released.len());
}

/// What Kombo holds is what was released.
fn held(lines: &[Line], released: &HashMap<&str, &str>, report: &mut Report) {
    let mut found = HashMap::new();
    for line in lines {
        if let Line::Held { order, status, scores } = line {
            found.insert(order.as_str(), (status.as_str(), scores));
        }
    }
    for (order, score) in released {
        match found.get(order) {
            None => report.fault(format!("Kombo does not have {order}, which was released")),
            Some((status, _)) if *status != "COMPLETED" => {
                report.fault(format!("{order} was released and is {status} at Kombo"));
            }
            Some((_, scores)) if scores.len() != 1 => {
                report.fault(format!("{order} was applied {} times at Kombo", scores.len()));
            }
            Some((_, scores)) if !same_score(&scores[0], score) => {
                report.fault(format!(
                    "{order} was released with {score} and is {} at Kombo",
                    scores[0]
                ));
            }
            Some(_) => {}
        }
    }
    for (order, (status, _)) in found {
        if status != "OPEN" && !released.contains_key(order) {
            report.fault(format!("{order} is {status} at Kombo and was never released"));
        }
    }
}

fn same_score(held: &str, released: &str) -> bool {
    matches!((held.parse::<f64>(), released.parse::<f64>()), (Ok(held), Ok(released)) if (held - released).abs() < 1e-9)
}

/// Our own books say the same.
fn ended(lines: &[Line], released: &HashMap<&str, &str>, report: &mut Report) {
    for line in lines {
        match line {
            Line::Order { order, stage, .. } if released.contains_key(order.as_str()) && stage != "completed" => {
                report.fault(format!("{order} was released and is {stage} here"));
            }
            Line::Delivery { order, state, .. } if state != "delivered" => {
                report.fault(format!("the delivery of {order} is {state}"));
            }
            _ => {}
        }
    }
}

/// After an answer that asked for patience nothing is heard of that order until then.
fn waits(lines: &[Line], report: &mut Report) {
    let mut calls: HashMap<&str, Vec<(u64, Option<u64>)>> = HashMap::new();
    let (mut count, mut misdeeds, mut asked) = (0, 0, 0);
    for line in lines {
        if let Line::Call {
            began,
            answered,
            order,
            misdeed,
            retry_after,
            ..
        } = line
        {
            count += 1;
            misdeeds += usize::from(misdeed.is_some());
            asked += usize::from(retry_after.is_some());
            if let Some(order) = order {
                let until = retry_after.map(|seconds| answered.unwrap_or(*began) + seconds * 1_000_000);
                calls.entry(order).or_default().push((*began, until));
            }
        }
    }
    for (order, mut calls) in calls {
        calls.sort_unstable();
        for pair in calls.windows(2) {
            if let Some(until) = pair[0].1
                && pair[1].0 < until
            {
                let early = (until - pair[1].0) / 1_000;
                report.fault(format!("{order} came {early} ms before its Retry-After"));
            }
        }
    }
    if count > 0 {
        report.figure("calls", count);
        report.figure("of them failed on purpose", misdeeds);
        report.figure("with Retry-After", asked);
    }
}

/// The most calls at once, by integration.
fn in_flight(lines: &[Line], report: &mut Report) {
    let mut changes: HashMap<&str, Vec<(u64, bool)>> = HashMap::new();
    for line in lines {
        if let Line::Call {
            began,
            ended,
            integration: Some(integration),
            ..
        } = line
        {
            let changes = changes.entry(integration).or_default();
            changes.push((*began, true));
            changes.push((*ended, false));
        }
    }
    let mut most_of_all = 0;
    for (integration, mut changes) in changes {
        // At one moment what ends makes room for what begins.
        changes.sort_unstable();
        let (mut now, mut most) = (0_usize, 0);
        for (_, begins) in changes {
            now = if begins { now + 1 } else { now.saturating_sub(1) };
            most = most.max(now);
        }
        if most > MOST {
            report.fault(format!("{most} calls were under way at once for {integration}"));
        }
        most_of_all = most_of_all.max(most);
    }
    if most_of_all > 0 {
        report.figure("calls at once at most", most_of_all);
    }
}
