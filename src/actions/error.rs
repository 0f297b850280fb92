//! Why an action did not happen.

use crate::domain::customer::FieldError;
use crate::domain::order::Refused;
use crate::kombo;
use crate::store;

/// Why an action did not happen. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the viewer may not see it.
    #[error("there is no such thing")]
    NotFound,
    /// It cannot be done as things stand; the sentence is for the person who tried.
    #[error("{0}")]
    Refused(String),
    /// Fields that need another look, each with a sentence for the person who filled them in.
    #[error("some fields need another look")]
    Fields(Vec<FieldError>),
    /// The store failed, or somebody else was faster ([`store::Error::Changed`]).
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// It cannot be done as things stand, and why.
    pub fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }

    /// One field needs another look.
    pub fn field(name: &'static str, why: impl Into<String>) -> Self {
        Self::Fields(vec![(name, why.into())])
    }

    /// What a store error means where the value of the field `name` must be unique.
    pub fn taken(error: store::Error, name: &'static str, why: &str) -> Self {
        match error {
            store::Error::Exists => Self::field(name, why),
            other => Self::Store(other),
        }
    }

    /// Whether somebody else was faster.
    pub fn is_changed(&self) -> bool {
        matches!(self, Self::Store(store::Error::Changed))
    }
}

impl From<store::vault::Error> for Error {
    fn from(error: store::vault::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::refused(refused.0)
    }
}

/// Why Kombo did not do what it was asked, in sentences for staff: what happened, what to do, where Kombo shows more.
pub fn kombo_in_words(error: &kombo::Error) -> String {
    let Some(answered) = error.answered() else {
        let mut letters = error.to_string().chars().collect::<Vec<_>>();
        if let Some(first) = letters.first_mut() {
            first.make_ascii_uppercase();
        }
        return format!("{}. Try again in a moment.", letters.iter().collect::<String>());
    };
    let log = answered.log_url.as_ref();
    let log = log
        .map(|url| format!(" Kombo shows the call at {url}"))
        .unwrap_or_default();
    match &answered.code {
        Some(code) => format!("{} ({code}). {}{log}", code.title(), code.next_step()),
        None => format!(
            "Kombo refused it without giving a code (HTTP status {}). Try again; if it goes on, ask Kombo's support.{log}",
            answered.http_status
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kombo::{Answered, Code, Raw};

    fn told(code: Option<Code>) -> String {
        kombo_in_words(&kombo::Error::Answered(Box::new(Answered {
            http_status: 400,
            code,
            title: Some("Kombo's own label".into()),
            message: "ada@example.com".into(),
            log_url: Some("https://app.kombo.dev/logs?id=1".into()),
            retry_after: None,
            raw: Raw::default(),
        })))
    }

    #[test]
    fn every_code_and_a_new_one_says_what_happened_what_to_do_and_where_kombo_shows_it() {
        let new = Code::from("ATS.BRAND_NEW");
        for code in Code::ALL.iter().chain([&new]) {
            assert_eq!(
                told(Some(code.clone())),
                format!(
                    "{} ({code}). {} Kombo shows the call at https://app.kombo.dev/logs?id=1",
                    code.title(),
                    code.next_step()
                )
            );
        }
        let silent = told(None);
        assert!(
            silent.contains("HTTP status 400") && silent.contains("Try again") && silent.contains("logs?id=1"),
            "{silent}"
        );
        assert!(!silent.contains('@'), "Kombo's message can quote what was sent");
    }
}
