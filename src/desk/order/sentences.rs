//! What happened to an order, as a sentence with an icon. The words are the audit trail's own.

use crate::desk::audit::sentences::{actor, describe};
use crate::domain::intake::Why;
use crate::domain::order::InviteProblem;
use crate::store::audit::Line;
use serde_json::Value;

/// An entry's icon in the sprite and its tone (`good`, `bad`, or nothing).
type Look = (&'static str, &'static str);

/// How each action is drawn; what stands here without a tone is neither good nor bad news.
const LOOKS: &[(&str, Look)] = &[
    ("order.accepted", ("tick", "good")),
    ("order.address_corrected", ("edit", "")),
    ("order.assigned", ("person", "")),
    ("order.cancelled", ("s-cancelled", "")),
    ("order.closed_here", ("s-cancelled", "")),
    ("order.delivered", ("tick", "good")),
    ("order.fate_unknown", ("question", "bad")),
    ("order.file_attached", ("clip", "")),
    ("order.file_removed", ("clip", "")),
    ("order.final_refused", ("warn", "bad")),
    ("order.gave_up", ("warn", "bad")),
    ("order.held", ("person", "")),
    ("order.hold_lost", ("warn", "bad")),
    ("order.invitation_failed", ("mail", "bad")),
    ("order.invitation_queued", ("mail", "")),
    ("order.invitation_resent", ("mail", "")),
    ("order.invited", ("mail", "")),
    ("order.left_undecided", ("person", "")),
    ("order.not_in_kombo", ("question", "bad")),
    ("order.parked", ("plug", "bad")),
    ("order.paused", ("s-paused", "")),
    ("order.received", ("in", "")),
    ("order.rejected", ("s-rejected", "")),
    ("order.released", ("send", "")),
    ("order.released_again", ("send", "")),
    ("order.repeated", ("in", "bad")),
    ("order.report_renewed", ("link", "")),
    ("order.report_revoked", ("link", "")),
    ("order.result_saved", ("edit", "")),
    ("order.resumed", ("s-paused", "")),
    ("order.review_returned", ("undo", "")),
    ("order.sent_again", ("send", "")),
    ("order.sent_to_review", ("eye", "")),
    ("order.start_renewed", ("link", "")),
    ("order.start_revoked", ("link", "")),
    ("order.started", ("s-started", "")),
    ("order.taken_back", ("undo", "")),
    ("order.undone", ("undo", "")),
    ("order.unreachable", ("plug", "bad")),
    ("order.woken", ("plug", "")),
];

/// What happened to an order, and how it is drawn: the audit trail's words, and more of the details where a timeline
/// has room for them.
pub(in crate::desk) fn of_order(line: &Line) -> (Look, String) {
    let detail = &line.detail.0;
    let who = match text(detail, "rule") {
        rule if line.actor == "rule" && !rule.is_empty() => format!("The rule ‘{rule}’"),
        _ => actor(&line.actor, line.staff_name.as_deref()),
    };
    let look = LOOKS.iter().find(|(action, _)| *action == line.action);
    let look = look.map_or(("audit", ""), |(_, look)| *look);
    let plain = || format!("{who} {}", describe(&line.action));
    let sentence = match line.action.as_str() {
        "order.received" => received(detail),
        "order.accepted" | "order.rejected" => format!("{}{}{}.", plain(), while_held(line), reason(line)),
        "order.held" => held(detail),
        "order.hold_lost" => hold_lost(detail),
        "order.invited" if line.actor == "system" => {
            return (("mail", "good"), "The mail server took the invitation.".to_owned());
        }
        "order.invitation_queued" => "The invitation was written and leaves now.".to_owned(),
        "order.invitation_resent" if detail.get("first") == Some(&Value::Bool(true)) => {
            format!("{who} had the candidate invited.")
        }
        "order.invitation_failed" => invitation_failed(detail),
        "order.assigned" => assigned(detail, &who),
        "order.started" if line.actor == "candidate" => "The candidate started.".to_owned(),
        "order.delivered" => "Kombo took the final word.".to_owned(),
        "order.file_attached" => format!("{} ({}).", plain(), text(detail, "type")),
        "order.final_refused" => "Kombo refused the final word.".to_owned(),
        "order.unreachable" => "The customer’s integration was deleted: nothing can reach the ATS any more.".to_owned(),
        "order.read_back" => return read_back(detail),
        "order.observed" => return observed(detail),
        _ => format!("{}.", plain()),
    };
    (look, sentence)
}

fn text<'a>(detail: &'a Value, name: &str) -> &'a str {
    detail.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn notes(detail: &Value, note: &str) -> bool {
    detail
        .get("notes")
        .and_then(Value::as_array)
        .is_some_and(|notes| notes.iter().any(|own| own == note))
}

fn received(detail: &Value) -> String {
    let how = if text(detail, "source") == "list" {
        "Found in Kombo’s list; its webhook had not reached us"
    } else if detail.get("inline") == Some(&Value::Bool(true)) {
        "Ordered by a candidate in the career page"
    } else {
        "Ordered in the ATS"
    };
    let unknown = if detail.get("unknown_package") == Some(&Value::Bool(true)) {
        ", with a package that we do not know"
    } else {
        ""
    };
    format!("{how}{unknown}.")
}

/// That a person was asked while the webhook waited.
fn held(detail: &Value) -> String {
    format!(
        "A person was asked while the ATS waited, for up to {}.",
        seconds(detail, "hold_micros")
    )
}

fn hold_lost(detail: &Value) -> String {
    format!(
        "Kombo hung up after {}, before anybody had decided. For the ATS the order counts as taken.",
        seconds(detail, "held_micros")
    )
}

/// For how long the ATS had waited when a person decided; the settings' own reason tells that the time was up.
fn while_held(line: &Line) -> String {
    if line.actor != "staff" || line.detail.0.get("held_micros").is_none() {
        return String::new();
    }
    format!(
        " while the ATS waited, after {}",
        seconds(&line.detail.0, "held_micros")
    )
}

fn seconds(detail: &Value, name: &str) -> String {
    let micros = detail.get(name).and_then(Value::as_u64).unwrap_or_default();
    crate::web::held::seconds(std::time::Duration::from_micros(micros))
}

/// Why the settings decided so; a person's decision needs no reason.
fn reason(line: &Line) -> String {
    let why = text(&line.detail.0, "why");
    if why.is_empty() || line.actor == "staff" || why == Why::Rule.label() {
        String::new()
    } else {
        format!(": {}", why.trim_end_matches('.'))
    }
}

/// What stands in the way of the invitation.
fn invitation_failed(detail: &Value) -> String {
    let problem = InviteProblem::parse(text(detail, "problem"));
    let why = problem.map_or("", InviteProblem::label);
    format!("The candidate could not be invited. {why}")
        .trim_end()
        .to_owned()
}

fn assigned(detail: &Value, who: &str) -> String {
    match text(detail, "name") {
        "" => format!("{who} gave it to nobody in particular."),
        name if name == who => format!("{who} took it on."),
        name => format!("{who} gave it to {name}."),
    }
}

fn read_back(detail: &Value) -> (Look, String) {
    if notes(detail, "confirmed_by_read_back") {
        return (("tick", "good"), "Confirmed by read-back: it had arrived.".to_owned());
    }
    match text(detail, "kombo") {
        "OPEN" | "" => (
            ("compare", ""),
            "Read back: Kombo still shows the order as open.".to_owned(),
        ),
        status => (
            ("compare", "bad"),
            format!("Read back: Kombo shows the order as {}.", status.to_lowercase()),
        ),
    }
}

fn observed(detail: &Value) -> (Look, String) {
    if notes(detail, "rejection_did_not_arrive") {
        return (
            ("compare", "bad"),
            "Our rejection never reached the ATS, so a cancellation with the same text follows.".to_owned(),
        );
    }
    if notes(detail, "cancelled_in_ats") {
        return (("s-cancelled", ""), "It was cancelled in the ATS.".to_owned());
    }
    if notes(detail, "confirmed") {
        return (("tick", "good"), "Kombo shows what we decided.".to_owned());
    }
    let status = text(detail, "kombo").to_lowercase();
    match (text(detail, "conflict"), status.as_str()) {
        ("", "") => (("compare", ""), "Compared with Kombo.".to_owned()),
        ("", status) => (("compare", ""), format!("Kombo shows it as {status}.")),
        (_, "") => (("warn", "bad"), "Kombo and we disagree about this order.".to_owned()),
        (_, status) => (("warn", "bad"), format!("Kombo shows it as {status}, and we disagree.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use serde_json::json;
    use sqlx::types::Json;

    fn line(actor: &str, name: Option<&str>, action: &str, detail: Value) -> Line {
        Line {
            id: uuid::Uuid::nil().into(),
            at: Timestamp::EPOCH,
            actor: actor.into(),
            staff_id: None,
            staff_name: name.map(str::to_owned),
            action: action.into(),
            subject: "order".into(),
            subject_id: None,
            customer_id: None,
            order_id: None,
            detail: Json(detail),
        }
    }

    #[test]
    fn lines_read_as_people_speak() {
        let cases = [
            (
                line(
                    "rule",
                    None,
                    "order.accepted",
                    json!({"why": "Every order is accepted."}),
                ),
                "The customer’s settings accepted the order: Every order is accepted.",
            ),
            (
                line(
                    "staff",
                    Some("Mira"),
                    "order.rejected",
                    json!({"held_micros": 3_210_000}),
                ),
                "Mira rejected the order in the answer to the webhook while the ATS waited, after 3.2 s.",
            ),
            (
                line("rule", None, "order.held", json!({"hold_micros": 7_990_000})),
                "A person was asked while the ATS waited, for up to 8.0 s.",
            ),
            (
                line("system", None, "order.hold_lost", json!({"held_micros": 2_000_000})),
                "Kombo hung up after 2.0 s, before anybody had decided. For the ATS the order counts as taken.",
            ),
            (
                line("staff", Some("Mira"), "order.assigned", json!({"name": "Mira"})),
                "Mira took it on.",
            ),
            (
                line("staff", Some("Mira"), "order.assigned", json!({"name": null})),
                "Mira gave it to nobody in particular.",
            ),
            (
                line(
                    "system",
                    None,
                    "order.read_back",
                    json!({"notes": ["confirmed_by_read_back"]}),
                ),
                "Confirmed by read-back: it had arrived.",
            ),
        ];
        for (line, sentence) in cases {
            assert_eq!(of_order(&line).1, sentence);
        }
    }
}
