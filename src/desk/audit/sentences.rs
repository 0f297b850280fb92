//! Actions in plain words: one table from an audit line's action to what follows the doer's name.

use serde_json::Value;

/// What somebody did. An action of a screen stands here once it writes audit lines.
const TABLE: &[(&str, &str)] = &[
    ("connection_link.failed", "told that the customer could not connect"),
    ("connection_link.made", "made a connection link"),
    ("connection_link.mailed", "sent a connection link by mail"),
    ("connection_link.opened", "noted that a connection link was opened"),
    ("connection_link.withdrawn", "turned a connection link off"),
    ("customer.archived", "archived the customer"),
    ("customer.card_changed", "changed what is known of the customer"),
    ("customer.changed", "changed the customer’s settings"),
    ("customer.created", "created the customer"),
    ("customer.unarchived", "brought the customer back"),
    ("delivery.retried", "had a delivery tried at once"),
    ("inbox.replayed", "had a webhook read again"),
    ("integration.assigned", "joined an integration to the customer"),
    ("integration.deleted", "told that the integration was deleted"),
    ("integration.deleted_here", "deleted the integration at Kombo"),
    (
        "integration.deliveries_parked",
        "parked the integration’s deliveries, because it does not work",
    ),
    (
        "integration.deliveries_woken",
        "let deliveries go on that waited for the integration",
    ),
    ("integration.heard_of", "told of a new integration"),
    ("integration.live", "found the integration proven from end to end"),
    ("integration.progress_set", "changed whether progress updates are sent"),
    ("integration.state_changed", "told that the integration’s state changed"),
    ("integration.switched_off", "switched the integration off"),
    ("integration.switched_on", "switched the integration on"),
    (
        "invitation.default_restored",
        "went back to the invitation’s default words",
    ),
    ("invitation.text_changed", "changed the invitation’s words"),
    ("mail.test_sent", "had a test mail sent to their own address"),
    ("offer.agrees_again", "found that Kombo holds what was published again"),
    ("offer.changed", "changed the draft offer"),
    ("offer.copied", "took another offer over into the draft"),
    (
        "offer.drifted",
        "found that Kombo holds another offer than was published",
    ),
    (
        "offer.followed",
        "brought the draft offer into line with the sets that it follows",
    ),
    ("offer.not_published", "could not publish the offer when it was due"),
    ("offer.published", "published the offer"),
    ("offer.scheduled", "had the offer published later"),
    ("offer.set_followed", "let the draft offer follow a set"),
    ("offer.set_left", "let the draft offer follow a set no longer"),
    ("offer.unscheduled", "called off that the offer is published later"),
    ("offer_set.changed", "changed an offer set"),
    ("offer_set.created", "made an offer set"),
    ("offer_set.deleted", "deleted an offer set"),
    ("order.accepted", "accepted the order"),
    ("order.address_corrected", "corrected the candidate’s address"),
    ("order.assigned", "gave the order to somebody"),
    ("order.cancelled", "cancelled the order with a reason"),
    ("order.closed_here", "closed the order here alone"),
    ("order.delivered", "delivered the final word to Kombo"),
    (
        "order.fate_unknown",
        "got no answer from Kombo and reads the order back",
    ),
    ("order.file_attached", "attached a file to the result"),
    ("order.file_removed", "removed a file from the result"),
    ("order.final_refused", "was refused the final word by Kombo"),
    ("order.gave_up", "gave the delivery up"),
    ("order.held", "let the ATS wait for a person’s decision"),
    ("order.hold_lost", "found nobody listening for the answer any more"),
    ("order.invitation_failed", "could not deliver the invitation"),
    ("order.invitation_queued", "wrote the invitation, which leaves now"),
    ("order.invitation_resent", "had the invitation sent again"),
    ("order.invited", "noted that the candidate is invited"),
    ("order.left_undecided", "left the decision to a person"),
    ("order.not_in_kombo", "did not find the order in Kombo’s list"),
    ("order.observed", "showed how the order stands"),
    ("order.parked", "parked the delivery until the integration works again"),
    ("order.paused", "paused the order"),
    ("order.read_back", "read the order back from Kombo"),
    ("order.received", "received the order"),
    ("order.rejected", "rejected the order in the answer to the webhook"),
    ("order.released", "released the result"),
    ("order.released_again", "released the result again"),
    ("order.repeated", "was told of the order again, with other data"),
    ("order.report_renewed", "gave the report a new address"),
    ("order.report_revoked", "withdrew the report’s address"),
    ("order.result_saved", "worked on the result"),
    ("order.resumed", "resumed the order"),
    ("order.review_returned", "returned the result to be changed"),
    ("order.sent_again", "sent the final word again"),
    ("order.sent_to_review", "sent the result to review"),
    ("order.start_renewed", "gave the candidate a new start link"),
    ("order.start_revoked", "turned the candidate’s start link off"),
    ("order.started", "noted that the candidate started"),
    ("order.taken_back", "took the final word back"),
    ("order.undone", "took the final word back before it left"),
    ("order.unreachable", "found the order’s integration gone"),
    ("order.woken", "let the delivery go on"),
    ("package.changed", "changed the package"),
    ("package.created", "created the package"),
    ("package.file_imported", "imported a file into the catalogue"),
    ("package.retired", "retired the package"),
    ("package.unretired", "brought the package back"),
    ("publication.confirmed", "saw the publication confirmed by Kombo"),
    ("publication.given_up", "gave the publication up"),
    (
        "publication.superseded",
        "left the publication out, since a newer one replaces it",
    ),
    ("reason.changed", "changed the reason"),
    ("reason.created", "created the reason"),
    ("reason.library_begun", "began the library of reasons"),
    ("reason.moved", "moved the reason"),
    ("reason.retired", "retired the reason"),
    ("reason.unretired", "brought the reason back"),
    ("rollout.begun", "published to several ATSs at once"),
    (
        "rules.brought_back",
        "put an earlier version of the rules into the draft",
    ),
    ("rules.draft_discarded", "threw the draft of the rules away"),
    ("rules.drafted", "changed the draft of the rules"),
    ("rules.put_in_force", "put rules in force"),
    ("staff.account_changed", "changed their own settings"),
    ("staff.added", "added a person"),
    ("staff.changed", "changed what a person may do"),
    ("staff.disabled", "lets a person sign in no longer"),
    ("staff.enabled", "lets a person sign in again"),
    ("staff.link_made", "made a one-time link"),
    ("staff.password_changed", "changed their own password"),
    ("staff.password_set", "set their password by a one-time link"),
    ("staff.signed_in", "signed in"),
    ("staff.signed_out", "signed out"),
    ("staff.signed_out_elsewhere", "signed out everywhere else"),
];

/// The families of actions, for the filter.
pub(super) const FAMILIES: [(&str, &str); 16] = [
    ("order.", "Orders"),
    ("customer.", "Customers"),
    ("integration.", "Integrations"),
    ("connection_link.", "Connection links"),
    ("package.", "Packages"),
    ("offer.", "Offers"),
    ("offer_set.", "Offer sets"),
    ("publication.", "Publications"),
    ("rollout.", "Rollouts"),
    ("reason.", "Reasons"),
    ("rules.", "Rules"),
    ("inbox.", "Inbox"),
    ("delivery.", "Outbox"),
    ("invitation.", "Invitation’s words"),
    ("mail.", "Mail"),
    ("staff.", "Staff"),
];

/// What was done, as it follows the doer's name. An action that the table lacks is told by its own words.
pub(in crate::desk) fn describe(action: &str) -> String {
    let known = TABLE.iter().find(|(own, _)| *own == action);
    known.map_or_else(
        || format!("did: {}", action.replace(['.', '_'], " ")),
        |(_, words)| (*words).to_owned(),
    )
}

/// Who did it, as a sentence begins.
pub(in crate::desk) fn actor(actor: &str, staff_name: Option<&str>) -> String {
    match (actor, staff_name) {
        ("staff", Some(name)) => name.to_owned(),
        ("staff", None) => "Somebody".to_owned(),
        ("rule", _) => "The customer’s settings".to_owned(),
        ("kombo", _) => "Kombo".to_owned(),
        ("candidate", _) => "The candidate".to_owned(),
        ("command", _) => "Somebody at the command line".to_owned(),
        _ => "Assessdesk".to_owned(),
    }
}

/// The details of a line: in words where there are some, else as `field: value`; a change as `field: before → after`.
pub(in crate::desk) fn facts(detail: &Value) -> Vec<String> {
    let Some(fields) = detail.as_object() else {
        return Vec::new();
    };
    let facts = fields.iter().filter_map(|(name, value)| {
        match in_words(name, value, fields) {
            Words::Said(words) => return Some(words),
            Words::Nothing => return None,
            Words::Plain => {}
        }
        let name = name.replace('_', " ");
        let text = match value {
            Value::Null => return None,
            Value::Object(change) => match (change.get("before"), change.get("after")) {
                (Some(before), Some(after)) if before == after => return None,
                (Some(before), Some(after)) => format!("{} → {}", plain(before), plain(after)),
                _ => plain(value),
            },
            Value::Array(pair) if pair.len() == 2 && pair.iter().all(|one| !one.is_array()) => {
                format!("{} → {}", plain(&pair[0]), plain(&pair[1]))
            }
            other => plain(other),
        };
        Some(format!("{name}: {text}"))
    });
    facts.collect()
}

/// How one detail is told.
enum Words {
    /// So.
    Said(String),
    /// It says nothing to a reader, or another one tells it.
    Nothing,
    /// By its own name and value.
    Plain,
}

fn in_words(name: &str, value: &Value, all: &serde_json::Map<String, Value>) -> Words {
    let said = |words: &str| Words::Said(words.to_owned());
    let text = value.as_str().unwrap_or_default();
    match (name, value) {
        // How long a decision took stands in the order's timeline.
        ("micros" | "hold_micros" | "held_micros", _) | ("inline" | "unknown_package", Value::Bool(false)) => {
            Words::Nothing
        }
        ("inline", Value::Bool(true)) => said("from the career page"),
        ("unknown_package", Value::Bool(true)) => said("the package is unknown"),
        ("source", Value::String(_)) if text == "webhook" => said("by webhook"),
        ("source", Value::String(_)) if text == "list" => said("found in Kombo’s list"),
        ("from", Value::String(_)) => match all.get("to").and_then(Value::as_str) {
            Some(to) => Words::Said(format!("{} → {}", spoken(text), spoken(to))),
            None => Words::Plain,
        },
        ("to", Value::String(_)) if all.get("from").is_some_and(Value::is_string) => Words::Nothing,
        ("kombo" | "status", Value::String(_)) if text.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Words::Said(format!("{} at Kombo", text.to_lowercase()))
        }
        ("why", Value::String(_)) if !text.is_empty() => said(text),
        ("added" | "removed" | "changed" | "moved", Value::Array(keys)) if keys.is_empty() => Words::Nothing,
        ("added" | "removed" | "changed" | "moved", Value::Array(_)) => {
            Words::Said(format!("{name}: {}", plain(value)))
        }
        ("notes", Value::Array(notes)) => {
            let notes = notes.iter().filter_map(Value::as_str).map(spoken);
            Words::Said(notes.collect::<Vec<_>>().join(", "))
        }
        _ => Words::Plain,
    }
}

fn spoken(word: &str) -> String {
    word.replace('_', " ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if is_digest(text) => format!("(kept as digest {}…)", &text[..8]),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_table_is_in_order_and_every_action_has_a_family() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (action, _) in TABLE {
            assert!(
                FAMILIES.iter().any(|(family, _)| action.starts_with(family)),
                "{action}"
            );
        }
    }

    #[test]
    fn an_arrival_and_a_decision_are_told_in_words() {
        let came = json!({"inline": false, "package": "sql", "source": "webhook", "status": "OPEN",
            "unknown_package": true});
        assert_eq!(
            facts(&came),
            ["package: sql", "by webhook", "open at Kombo", "the package is unknown"]
        );
        let decided = json!({"from": "received", "to": "in_review", "micros": 255, "why": "As set up.",
            "notes": ["kombo_confirmed"]});
        assert_eq!(
            facts(&decided),
            ["received → in review", "kombo confirmed", "As set up."]
        );
    }

    #[test]
    fn changes_are_told_and_digests_are_not_spread_out() {
        let detail = json!({"name": ["Fjord", "Fjord Energy"], "role": {"before": "viewer", "after": "admin"},
            "same": {"before": 1, "after": 1}, "contact": "a".repeat(64), "none": null});
        assert_eq!(
            facts(&detail),
            [
                "contact: (kept as digest aaaaaaaa…)",
                "name: Fjord → Fjord Energy",
                "role: viewer → admin"
            ]
        );
    }
}
