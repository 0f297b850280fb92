//! What happened to an order, as a sentence: one table from an audit line's action to words.

use crate::store::audit::Line;
use serde_json::Value;

/// An entry's icon in the sprite and its tone (`good`, `bad`, or nothing).
pub(in crate::desk) type Look = (&'static str, &'static str);

/// Who did it, as a sentence begins.
pub(in crate::desk) fn actor(line: &Line) -> String {
    match (line.actor.as_str(), &line.staff_name) {
        ("staff", Some(name)) => name.clone(),
        ("staff", None) => "Somebody".to_owned(),
        ("rule", _) => "The customer’s settings".to_owned(),
        ("kombo", _) => "Kombo".to_owned(),
        ("candidate", _) => "The candidate".to_owned(),
        ("command", _) => "Somebody at the command line".to_owned(),
        _ => "Assessdesk".to_owned(),
    }
}

/// What happened to an order, and how it is drawn; `None` for an action that this table does not have.
pub(in crate::desk) fn of_order(line: &Line) -> Option<(Look, String)> {
    let who = actor(line);
    let detail = &line.detail.0;
    Some(match line.action.as_str() {
        "order.received" => (("in", ""), received(detail)),
        "order.repeated" => (
            ("in", "bad"),
            "Kombo told of it again, with other data. The order stayed as it was.".to_owned(),
        ),
        "order.accepted" => (("tick", "good"), format!("{who} accepted it{}.", reason(detail))),
        "order.rejected" => (("s-rejected", ""), format!("{who} rejected it{}.", reason(detail))),
        "order.left_undecided" => (("person", ""), format!("{who} left the decision to a person.")),
        "order.hold_lost" => (
            ("warn", "bad"),
            "The answer to the webhook could not be given in time.".to_owned(),
        ),
        "order.invited" => (("mail", ""), format!("{who} noted that the candidate is invited.")),
        "order.invitation_failed" => (("mail", "bad"), "The invitation could not be delivered.".to_owned()),
        "order.invitation_resent" => (("mail", ""), format!("{who} had the invitation sent again.")),
        "order.address_corrected" => (("edit", ""), format!("{who} corrected the candidate’s address.")),
        "order.started" => (("s-started", ""), started(line, &who)),
        "order.result_saved" => (("edit", ""), format!("{who} worked on the result.")),
        "order.file_attached" => (
            ("clip", ""),
            format!("{who} attached a file ({}).", text(detail, "type")),
        ),
        "order.file_removed" => (("clip", ""), format!("{who} removed a file.")),
        "order.sent_to_review" => (("eye", ""), format!("{who} sent the result to review.")),
        "order.review_returned" => (("undo", ""), format!("{who} returned the result to be changed.")),
        "order.paused" => (("s-paused", ""), format!("{who} paused it.")),
        "order.resumed" => (("s-paused", ""), format!("{who} resumed it.")),
        "order.assigned" => (("person", ""), assigned(detail, &who)),
        "order.report_revoked" => (("link", ""), format!("{who} withdrew the report’s address.")),
        "order.report_renewed" => (("link", ""), format!("{who} gave the report a new address.")),
        _ => return of_final_word(line, &who),
    })
}

fn of_final_word(line: &Line, who: &str) -> Option<(Look, String)> {
    let detail = &line.detail.0;
    Some(match line.action.as_str() {
        "order.released" => (("send", ""), format!("{who} released the result.")),
        "order.cancelled" => (
            ("s-cancelled", ""),
            format!("{who} cancelled it with a reason for the recruiter."),
        ),
        "order.undone" => (("undo", ""), format!("{who} took it back before it left.")),
        "order.delivered" => (("tick", "good"), "Kombo took the final word.".to_owned()),
        "order.fate_unknown" => (
            ("question", "bad"),
            "Kombo gave no answer, so the order is read back to see whether it arrived.".to_owned(),
        ),
        "order.final_refused" => (("warn", "bad"), "Kombo refused the final word.".to_owned()),
        "order.read_back" => read_back(detail),
        "order.gave_up" => (
            ("warn", "bad"),
            "It was tried too often and is no longer sent by itself.".to_owned(),
        ),
        "order.parked" => (
            ("plug", "bad"),
            "It waits: the customer’s integration does not work at present.".to_owned(),
        ),
        "order.woken" => (
            ("plug", ""),
            format!("{who} let it go on: the integration works again."),
        ),
        "order.released_again" => (("send", ""), format!("{who} sent it again.")),
        "order.taken_back" => (("undo", ""), format!("{who} took back what was given up.")),
        "order.sent_again" => (("send", ""), format!("{who} sent the final word again.")),
        "order.observed" => observed(detail),
        "order.not_in_kombo" => (("question", "bad"), "Kombo no longer lists this order.".to_owned()),
        "order.unreachable" => (
            ("plug", "bad"),
            "The customer’s integration was deleted: nothing can reach the ATS any more.".to_owned(),
        ),
        "order.closed_here" => (
            ("s-cancelled", ""),
            format!("{who} closed it here, without a word to the ATS."),
        ),
        _ => return None,
    })
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

fn reason(detail: &Value) -> String {
    let why = text(detail, "why");
    if why.is_empty() {
        String::new()
    } else {
        format!(": {}", why.trim_end_matches('.'))
    }
}

fn started(line: &Line, who: &str) -> String {
    if line.actor == "candidate" {
        "The candidate started.".to_owned()
    } else {
        format!("{who} noted that the candidate has started.")
    }
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
                "The customer’s settings accepted it: Every order is accepted.",
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
            assert_eq!(of_order(&line).expect("known").1, sentence);
        }
        assert!(of_order(&line("system", None, "order.sung", json!({}))).is_none());
    }
}
