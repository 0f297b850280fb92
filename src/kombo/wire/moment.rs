//! Moments in Kombo's form: written with three digits of a second, read in every form that Kombo's own pattern allows
//! (`^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?)?Z?$`) and in RFC 3339.

use crate::domain::time::Timestamp;

/// Reads a moment; a bare date is its midnight in UTC.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{text}Z")))
        .or_else(|| Timestamp::parse(&format!("{}T00:00:00Z", text.trim_end_matches('Z'))))
}

/// A moment that may be missing or null.
pub(super) mod option {
    use super::{Timestamp, read};
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes Kombo's form.
    #[allow(clippy::ref_option, reason = "serde's `with` dictates the argument's type")]
    pub(in crate::kombo::wire) fn serialize<S: Serializer>(at: &Option<Timestamp>, s: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => s.serialize_str(&at.to_millis()),
            None => s.serialize_none(),
        }
    }

    /// Reads any form; an unreadable text is an error.
    pub(in crate::kombo::wire) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Timestamp>, D::Error> {
        match Option::<String>::deserialize(d)? {
            None => Ok(None),
            Some(text) => read(&text)
                .map(Some)
                .ok_or_else(|| serde::de::Error::custom("not a moment")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, read};

    #[test]
    fn every_form_that_kombos_pattern_allows_is_read() {
        for text in [
            "2023-04-04",
            "2023-04-04Z",
            "2023-04-04T00:00:00",
            "2023-04-04T00:00:00Z",
            "2023-04-04T00:00:00.000Z",
        ] {
            assert_eq!(
                read(text).map(Timestamp::to_millis).as_deref(),
                Some("2023-04-04T00:00:00.000Z"),
                "{text}"
            );
        }
        assert_eq!(read("yesterday"), None);
    }
}
