//! Reading a webhook as far as it can be read.

use crate::kombo::wire::{Envelope, Event};
use serde_json::Value;

/// Ids longer than this are no ids of Kombo's; an index could not hold them.
const LONGEST_ID: usize = 255;

/// What could be read of a webhook.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) event_id: String,
    pub(super) kind: String,
    pub(super) integration: Option<String>,
    pub(super) kombo_order_id: Option<String>,
    pub(super) event: Option<Event>,
    pub(super) fault: Option<String>,
}

/// Reads what can be read.
pub(super) fn read(body: &[u8]) -> Read {
    let cleaned = without_nul(body);
    let envelope = match Envelope::read(cleaned.as_deref().unwrap_or(body)) {
        Ok(envelope) => envelope,
        Err(fault) => {
            return Read {
                fault: Some(fault.to_string()),
                ..Read::default()
            };
        }
    };
    let mut read = Read {
        kind: envelope.event_type.chars().take(LONGEST_ID).collect(),
        ..Read::default()
    };
    if envelope.id.trim().is_empty() || envelope.id.len() > LONGEST_ID {
        read.fault = Some("the event's id is empty or too long".to_owned());
        return read;
    }
    read.event_id.clone_from(&envelope.id);
    match envelope.event() {
        Ok(event) => {
            read.integration = event.integration().map(str::to_owned);
            if let Event::OrderReceived { order, .. } = &event {
                read.kombo_order_id = Some(order.id.clone());
                let ids = [
                    &order.id,
                    &order.package_id,
                    read.integration.as_ref().unwrap_or(&order.id),
                ];
                if ids.iter().any(|id| id.len() > LONGEST_ID) {
                    read.fault = Some("an id of the order is longer than 255 characters".to_owned());
                }
            }
            if read.integration.as_ref().is_some_and(|id| id.len() > LONGEST_ID) {
                read.integration = None;
                read.fault = Some("the integration's id is longer than 255 characters".to_owned());
            }
            read.event = Some(event);
        }
        Err(fault) => read.fault = Some(fault.to_string()),
    }
    if read.fault.is_some() {
        read.kombo_order_id = read.kombo_order_id.filter(|id| id.len() <= LONGEST_ID);
    }
    read
}

/// The body without the character NUL, which PostgreSQL cannot hold in a text; `None` where there is none.
fn without_nul(body: &[u8]) -> Option<Vec<u8>> {
    const ESCAPED: &[u8] = b"\\u0000";
    if !body.windows(ESCAPED.len()).any(|window| window == ESCAPED) {
        return None;
    }
    let mut value: Value = serde_json::from_slice(body).ok()?;
    strip_nul(&mut value);
    serde_json::to_vec(&value).ok()
}

fn strip_nul(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|c| c != '\0'),
        Value::Array(items) => items.iter_mut().for_each(strip_nul),
        Value::Object(fields) => fields.values_mut().for_each(strip_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_left_out_and_an_escaped_backslash_is_kept() {
        let body = br#"{"id":"a\u0000b","note":"c\\u0000d"}"#;
        let cleaned: Value = serde_json::from_slice(&without_nul(body).expect("cleaned")).expect("JSON");
        assert_eq!(cleaned["id"], "ab");
        assert_eq!(cleaned["note"], "c\\u0000d");
        assert_eq!(without_nul(br#"{"id":"a"}"#), None);
    }

    #[test]
    fn an_overlong_id_is_unreadable_and_named() {
        let body = format!(r#"{{"id":"{}","type":"x","data":{{}}}}"#, "a".repeat(300));
        assert!(read(body.as_bytes()).fault.is_some());
    }
}
