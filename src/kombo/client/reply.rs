//! Reading Kombo's answers.

use super::error::{Answered, Error};
use crate::kombo::Code;
use crate::kombo::wire::{Failure, Success, Warning};
use bytes::Bytes;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// How much of an answer is kept, in bytes.
pub const RAW_KEPT: usize = 64 * 1024;

/// The longest answer that is read, in bytes: 250 orders with long job descriptions stay far below it.
const LONGEST: usize = 32 * 1024 * 1024;

/// The beginning of an answer as it came: at most [`RAW_KEPT`] bytes. May hold personal data, so it is never logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Raw(Bytes);

impl Raw {
    /// Keeps the beginning of `body`.
    fn beginning(body: &Bytes) -> Self {
        // A copy, so that a long body is not held for the sake of its beginning.
        Self(Bytes::copy_from_slice(&body[..body.len().min(RAW_KEPT)]))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.0.len())
    }
}

/// A success.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    /// What was asked for.
    pub data: T,
    /// What the ATS could not take as it was meant: to be shown and kept.
    pub warnings: Vec<Warning>,
    /// The HTTP status.
    pub http_status: u16,
    /// The beginning of the answer.
    pub raw: Raw,
}

/// What a success without data looks like.
#[derive(Deserialize)]
struct Written {
    status: String,
    #[serde(default)]
    warnings: Option<Vec<Warning>>,
}

/// Reads an answer that has data.
pub(super) async fn read<T: DeserializeOwned>(response: reqwest::Response) -> Result<Reply<T>, Error> {
    let (http_status, body) = success(response).await?;
    let raw = Raw::beginning(&body);
    match serde_json::from_slice::<Success<T>>(&body) {
        Ok(success) if success.status == "success" => Ok(Reply {
            data: success.data,
            warnings: success.warnings.unwrap_or_default(),
            http_status,
            raw,
        }),
        _ => Err(Error::UnreadableAnswer { http_status, raw }),
    }
}

/// Reads an answer whose data says nothing.
pub(super) async fn read_written(response: reqwest::Response) -> Result<Reply<()>, Error> {
    let (http_status, body) = success(response).await?;
    let raw = Raw::beginning(&body);
    match serde_json::from_slice::<Written>(&body) {
        Ok(written) if written.status == "success" => Ok(Reply {
            data: (),
            warnings: written.warnings.unwrap_or_default(),
            http_status,
            raw,
        }),
        _ => Err(Error::UnreadableAnswer { http_status, raw }),
    }
}

/// Takes an answer's body, or the refusal that it is.
async fn success(mut response: reqwest::Response) -> Result<(u16, Bytes), Error> {
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let body = match body(&mut response).await {
        Ok(body) => body,
        // The status alone tells enough of a refusal whose body broke; of a success it does not.
        Err(_) if !status.is_success() => Bytes::new(),
        Err(error) => return Err(error.into()),
    };
    let failure = serde_json::from_slice::<Failure>(&body)
        .ok()
        .filter(|failure| failure.status == "error");
    if status.is_success() && failure.is_none() {
        return Ok((status.as_u16(), body));
    }
    let detail = failure.map(|failure| failure.error);
    Err(Error::Answered(Box::new(Answered {
        http_status: status.as_u16(),
        code: detail
            .as_ref()
            .and_then(|detail| detail.code.as_deref())
            .map(Code::from),
        message: detail.as_ref().map(|detail| detail.message.clone()).unwrap_or_default(),
        title: detail.as_ref().and_then(|detail| detail.title.clone()),
        log_url: detail.and_then(|detail| detail.log_url),
        retry_after,
        raw: Raw::beginning(&body),
    })))
}

/// Reads a body up to the longest that makes sense; a longer one is cut and will not be readable.
async fn body(response: &mut reqwest::Response) -> Result<Bytes, reqwest::Error> {
    let mut body = bytes::BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            break;
        }
    }
    Ok(body.freeze())
}

/// Reads `Retry-After`: seconds, or a date. A date is measured against the answer's own `Date`, so that a clock that is
/// off on either side does no harm.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    let now = OffsetDateTime::parse(headers.get(DATE)?.to_str().ok()?, &Rfc2822).ok()?;
    Some(Duration::try_from(at - now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn after(retry_after_text: &'static str, date: Option<&'static str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after_text));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        retry_after(&headers)
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let noon = Some("Wed, 21 Oct 2015 12:00:00 GMT");
        assert_eq!(after("120", None), Some(Duration::from_mins(2)));
        assert_eq!(
            after("Wed, 21 Oct 2015 12:01:30 GMT", noon),
            Some(Duration::from_secs(90))
        );
        assert_eq!(after("Wed, 21 Oct 2015 11:00:00 GMT", noon), Some(Duration::ZERO));
        assert_eq!(after("soon", noon), None);
    }

    #[test]
    fn only_the_beginning_of_an_answer_is_kept() {
        let long = Bytes::from(vec![b'x'; RAW_KEPT + 1]);
        assert_eq!(Raw::beginning(&long).as_bytes().len(), RAW_KEPT);
    }
}
