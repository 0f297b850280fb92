//! What Kombo would refuse in a body, said in one sentence that names the field.

use super::Refusal;
use base64::Engine as _;
use serde_json::Value;
use std::collections::HashSet;
use url::Url;

/// The longest key that every ATS can carry (Paylocity's limit).
const LONGEST_KEY: usize = 36;

const PACKAGE_TYPES: &[&str] = &[
    "BEHAVIORAL",
    "VIDEO_INTERVIEW",
    "SKILLS_TEST",
    "BACKGROUND_CHECK",
    "REFERENCE_CHECK",
];

/// Reads a body that must be a JSON object.
pub(super) fn body(bytes: &[u8]) -> Result<Value, Refusal> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Refusal::input("The body is not JSON."))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Refusal::input("The body must be an object."))
    }
}

/// A text that may be missing or null.
pub(super) fn text(value: &Value, field: &str) -> Result<Option<String>, Refusal> {
    match value.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::input(format!("{field} must be a string"))),
    }
}

/// A text that must be there.
fn required(value: &Value, field: &str, at: &str) -> Result<String, Refusal> {
    match value.get(field) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(Refusal::input(format!("{at}{field} must be a string"))),
        None => Err(Refusal::input(format!("{at}{field} is required"))),
    }
}

/// A text out of a closed list, which may be missing.
pub(super) fn enumerated(value: &Value, field: &str, allowed: &[&str]) -> Result<Option<String>, Refusal> {
    let text = text(value, field)?;
    match &text {
        Some(text) if !allowed.contains(&text.as_str()) => Err(one_of(field, allowed)),
        _ => Ok(text),
    }
}

fn one_of(field: &str, allowed: &[&str]) -> Refusal {
    Refusal::input(format!("{field} must be one of {}", allowed.join(", ")))
}

/// A list that may be missing.
fn list<'a>(value: &'a Value, field: &str) -> Result<&'a [Value], Refusal> {
    match value.get(field) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(Refusal::input(format!("{field} must be a list"))),
    }
}

/// Checks the body that sets an integration's packages.
pub(super) fn packages(body: &Value) -> Result<(), Refusal> {
    if body.get("packages").is_none() {
        return Err(Refusal::input("packages is required"));
    }
    let mut seen = HashSet::new();
    for (index, package) in list(body, "packages")?.iter().enumerate() {
        let at = format!("packages[{index}].");
        let id = required(package, "id", &at)?;
        let sort = required(package, "type", &at)?;
        let name = required(package, "name", &at)?;
        required(package, "description", &at)?;
        if id.is_empty() || name.trim().is_empty() {
            return Err(Refusal::input(format!("{at}id and name must not be empty")));
        }
        if id.chars().count() > LONGEST_KEY {
            return Err(Refusal::input(format!(
                "{at}id must have at most {LONGEST_KEY} characters"
            )));
        }
        if !PACKAGE_TYPES.contains(&sort.as_str()) {
            return Err(one_of(&format!("{at}type"), PACKAGE_TYPES));
        }
        if !seen.insert(id) {
            return Err(Refusal::input(format!("{at}id is there twice")));
        }
    }
    Ok(())
}

/// Checks the body of a result; attachments are checked by [`attachment`], one by one.
pub(super) fn result(body: &Value) -> Result<(), Refusal> {
    let status = required(body, "status", "")?;
    if !["COMPLETED", "CANCELLED", "OPEN"].contains(&status.as_str()) {
        return Err(one_of("status", &["COMPLETED", "CANCELLED", "OPEN"]));
    }
    if !is_uri(&required(body, "result_url", "")?) {
        return Err(Refusal::input("result_url must be a URI"));
    }
    let completed_at = text(body, "completed_at")?;
    if body.get("completed_at").is_some() && !completed_at.as_deref().is_some_and(is_moment) {
        return Err(Refusal::input("completed_at must look like YYYY-MM-DDTHH:mm:ss.sssZ"));
    }
    if completed_at.is_none() && status != "OPEN" {
        return Err(Refusal::input(format!(
            "completed_at is required when the status is {status}"
        )));
    }
    number(body, "score", "")?;
    number(body, "max_score", "")?;
    for (index, attribute) in list(body, "attributes")?.iter().enumerate() {
        self::attribute(attribute, &format!("attributes[{index}]."))?;
    }
    if list(body, "attachments")?.len() > crate::kombo::wire::MAX_ATTACHMENTS {
        return Err(Refusal::input("attachments must have at most 5 entries"));
    }
    match body.get("remote_fields") {
        None | Some(Value::Object(_)) => Ok(()),
        Some(_) => Err(Refusal::input("remote_fields must be an object")),
    }
}

/// A finite number that may be missing.
fn number(value: &Value, field: &str, at: &str) -> Result<Option<f64>, Refusal> {
    match value.get(field) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(_) => Err(Refusal::input(format!("{at}{field} must be a number"))),
    }
}

/// Checks an attribute.
fn attribute(attribute: &Value, at: &str) -> Result<(), Refusal> {
    required(attribute, "label", at)?;
    match required(attribute, "type", at)?.as_str() {
        "TEXT" => required(attribute, "value", at).map(drop),
        "SUB_RESULT" => {
            required(attribute, "id", at)?;
            if !["COMPLETED", "CANCELLED"].contains(&required(attribute, "status", at)?.as_str()) {
                return Err(one_of(&format!("{at}status"), &["COMPLETED", "CANCELLED"]));
            }
            let score = attribute
                .get("score")
                .ok_or_else(|| Refusal::input(format!("{at}score is required")))?;
            number(score, "value", at)?.ok_or_else(|| Refusal::input(format!("{at}score.value is required")))?;
            let max = number(score, "max", at)?.ok_or_else(|| Refusal::input(format!("{at}score.max is required")))?;
            if max < 1.0 {
                Err(Refusal::input(format!("{at}score.max must be at least 1")))
            } else {
                Ok(())
            }
        }
        _ => Err(one_of(&format!("{at}type"), &["TEXT", "SUB_RESULT"])),
    }
}

/// Where an attachment's bytes are.
pub(super) enum Source {
    /// In the body.
    Bytes(Vec<u8>),
    /// At this address.
    Fetch(String),
}

/// An attachment that Kombo would take.
pub(super) struct Checked {
    /// Its name.
    pub(super) name: String,
    /// `type/subtype`; missing only where the bytes must be fetched.
    pub(super) content_type: Option<String>,
    /// Where its bytes are.
    pub(super) source: Source,
}

/// Checks an attachment.
pub(super) fn attachment(attachment: &Value, index: usize) -> Result<Checked, Refusal> {
    let at = format!("attachments[{index}].");
    let name = required(attachment, "name", &at)?;
    if !has_extension(&name) {
        return Err(Refusal::input(format!("{at}name must have an extension")));
    }
    let content_type = text(attachment, "content_type")?;
    if content_type.as_deref().is_some_and(|text| !is_media_type(text)) {
        return Err(Refusal::input(format!(
            "{at}content_type must look like type/subtype, without parameters"
        )));
    }
    let source = match (text(attachment, "data")?, text(attachment, "data_url")?) {
        (Some(_), Some(_)) => return Err(Refusal::input(format!("{at}data and data_url must not both be given"))),
        (None, None) => return Err(Refusal::input(format!("{at}data or data_url is required"))),
        (None, Some(url)) if is_uri(&url) => Source::Fetch(url),
        (None, Some(_)) => return Err(Refusal::input(format!("{at}data_url must be a URI"))),
        (Some(_), None) if content_type.is_none() => {
            return Err(Refusal::input(format!("{at}content_type is required with data")));
        }
        (Some(data), None) => Source::Bytes(
            base64::engine::general_purpose::STANDARD
                .decode(data)
                .map_err(|_| Refusal::input(format!("{at}data is not base64")))?,
        ),
    };
    Ok(Checked {
        name,
        content_type,
        source,
    })
}

/// Whether a name ends in a dot and something.
fn has_extension(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty() && !extension.is_empty() && extension.chars().all(char::is_alphanumeric)
    })
}

/// Kombo's `^[\w.-]+\/[\w.-]+$`. Note that it has no `+`: `image/svg+xml` is refused.
fn is_media_type(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    text.split_once('/')
        .is_some_and(|(kind, subtype)| part(kind) && part(subtype))
}

/// Kombo's `^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?)?Z?$`.
pub(super) fn is_moment(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let shape = shape.strip_suffix('Z').unwrap_or(&shape);
    match shape.split_once('T') {
        None => shape == "0000-00-00",
        Some((date, time)) => {
            let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
            date == "0000-00-00" && whole == "00:00:00" && !fraction.is_empty() && fraction.chars().all(|c| c == '0')
        }
    }
}

/// Whether this is an absolute address.
fn is_uri(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kombos_patterns_are_kept() {
        assert!(is_media_type("application/pdf") && is_media_type("application/vnd.ms-excel"));
        assert!(
            !is_media_type("text/plain; charset=utf-8") && !is_media_type("image/svg+xml") && !is_media_type("pdf")
        );
        assert!(is_moment("2023-04-04T00:00:00.000Z") && is_moment("2023-04-04") && is_moment("2023-04-04T00:00:00Z"));
        assert!(
            !is_moment("2023-04-04T00:00:00+01:00") && !is_moment("04.04.2023") && !is_moment("2023-04-04T00:00:00.Z")
        );
        assert!(
            has_extension("Report of A. B.pdf")
                && !has_extension("Report")
                && !has_extension(".pdf")
                && !has_extension("a. b")
        );
        assert!(is_uri("https://example.com/r/1") && !is_uri("example.com") && !is_uri("/r/1"));
    }
}
