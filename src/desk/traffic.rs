//! What the screens of the traffic (inbox, outbox, reconciler) share: pages by key, and addresses that keep filters.

use crate::domain::delivery::DeliveryState;
use crate::domain::inbox::InboxVerdict;
use crate::domain::time::Timestamp;
use uuid::Uuid;

/// Rows on a page.
pub(super) const ROWS: usize = 60;

/// Where a page ended, as it stands in an address: `MICROSECONDS.ID`.
pub(super) fn cursor<T: From<Uuid>>(text: &str) -> Option<(Timestamp, T)> {
    let (micros, id) = text.split_once('.')?;
    let at = Timestamp::from_unix_micros(micros.parse().ok()?)?;
    Some((at, T::from(id.parse::<Uuid>().ok()?)))
}

/// The same as an address holds it.
pub(super) fn place(at: Timestamp, id: Uuid) -> String {
    format!("{}.{id}", at.unix_micros())
}

/// `path` with those of the pairs that say something.
pub(super) fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// The pill (colour and shape) of a delivery's state.
pub(super) fn state_pill(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Waiting => "accepted",
        DeliveryState::Sending => "leaving",
        DeliveryState::Ambiguous => "received",
        DeliveryState::Parked => "paused",
        DeliveryState::Delivered => "completed",
        DeliveryState::GivenUp => "stuck",
        DeliveryState::Superseded | DeliveryState::Withdrawn => "cancelled",
    }
}

/// The pill of what was made of a webhook.
pub(super) fn verdict_pill(verdict: InboxVerdict) -> &'static str {
    match verdict {
        InboxVerdict::NewOrder => "accepted",
        InboxVerdict::Integration => "started",
        InboxVerdict::Differs => "received",
        InboxVerdict::Repeat | InboxVerdict::Ignored => "cancelled",
        InboxVerdict::Unreadable | InboxVerdict::Failed => "stuck",
    }
}

/// An answer's HTTP status in words.
pub(super) fn answer_in_words(status: i64) -> &'static str {
    match status {
        0 => "none",
        200..300 => "taken",
        422 => "rejected",
        400 => "unreadable",
        500.. => "failed",
        _ => "refused",
    }
}

/// JSON with line breaks; what is no JSON stays as it is.
pub(super) fn pretty(bytes: &[u8]) -> String {
    serde_json::from_slice::<serde_json::Value>(bytes)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned())
}

/// The first bytes of a digest in hexadecimal.
pub(super) fn short_digest(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::InboxId;

    #[test]
    fn a_cursor_survives_the_address() {
        let (at, id) = (Timestamp::EPOCH, Uuid::from_u128(7));
        assert_eq!(cursor::<InboxId>(&place(at, id)), Some((at, InboxId(id))));
        assert_eq!(cursor::<InboxId>("x"), None);
        assert_eq!(
            address("/inbox", &[("verdict", ""), ("before", "1.a")]),
            "/inbox?before=1.a"
        );
    }
}
