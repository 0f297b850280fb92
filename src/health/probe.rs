//! Looks at an address from outside, as others see it.

use crate::domain::time::Timestamp;
use std::time::Duration;
use time::OffsetDateTime;
use time::macros::format_description;

/// How long is waited for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an address answered.
#[derive(Debug)]
pub(super) struct Seen {
    /// The HTTP status.
    pub(super) status: u16,
    /// The clock of whoever answered (`Date`).
    pub(super) date: Option<Timestamp>,
    /// The beginning of the answer.
    pub(super) text: String,
}

/// Fetches `url` and follows nothing; `Err` says in words why it could not be reached.
pub(super) async fn look_at(url: &str) -> Result<Seen, String> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| words(&error))?;
    let answer = client.get(url).send().await.map_err(|error| words(&error))?;
    let status = answer.status().as_u16();
    let date = answer.headers().get("date").and_then(|date| parse(date.to_str().ok()?));
    let text = answer.text().await.unwrap_or_default();
    Ok(Seen {
        status,
        date,
        text: text.chars().take(200).collect(),
    })
}

/// The innermost cause says most (`connection refused`); the address is left to the caller.
fn words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// RFC 9110's date (`Tue, 24 Nov 2026 05:31:52 GMT`).
fn parse(date: &str) -> Option<Timestamp> {
    let form =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let at = time::PrimitiveDateTime::parse(date, form).ok()?;
    let at: OffsetDateTime = at.assume_utc();
    Some(Timestamp::new(at))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_date_header_is_read() {
        let at = parse("Tue, 24 Nov 2026 05:31:52 GMT").expect("a moment");
        assert_eq!(at.to_millis(), "2026-11-24T05:31:52.000Z");
        assert_eq!(parse("yesterday"), None);
    }
}
