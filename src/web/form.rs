//! The state of a form: what was typed and what is wrong with it, so that a refused form comes back whole.
//!
//! A handler takes [`FormState`] as its extractor, reads fields (each check notes its own error), and when
//! [`FormState::is_valid`] fails, renders the same form with status 422. `templates/_field.html` draws the fields.

use super::Error;
use axum::extract::{FromRequest, Request};
use axum_extra::extract::Form;

/// What was typed, in order, with the errors found so far.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    values: Vec<(String, String)>,
    errors: Vec<(String, String)>,
    message: Option<String>,
}

impl FormState {
    /// A form as it is first shown, with these values filled in.
    pub fn filled<N: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (N, V)>) -> Self {
        Self {
            values: values
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            ..Self::default()
        }
    }

    /// What stands in the field `name`; empty where nothing does.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(own, _)| own == name)
            .map_or("", |(_, value)| value)
    }

    /// Everything that stands in fields of this name, in the form's order (rows that are added and removed).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.values
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a checkbox is ticked, or the option `value` of a select or radio group is chosen.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|own| own == value)
    }

    /// Whether a checkbox of this name was sent at all.
    pub fn is_on(&self, name: &str) -> bool {
        self.values.iter().any(|(own, _)| own == name)
    }

    /// Puts `value` into the field `name`, instead of what stood there.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.retain(|(own, _)| own != name);
        self.values.push((name.to_owned(), value.into()));
    }

    /// Empties the field `name` (a password is never sent back).
    pub fn forget(&mut self, name: &str) {
        self.values.retain(|(own, _)| own != name);
    }

    /// Notes what is wrong with the field `name`; the first word about a field stays.
    pub fn refuse(&mut self, name: &str, why: impl Into<String>) {
        if self.error(name).is_none() {
            self.errors.push((name.to_owned(), why.into()));
        }
    }

    /// Notes what is wrong with the form as a whole.
    pub fn refuse_all(&mut self, why: impl Into<String>) {
        self.message = Some(why.into());
    }

    /// What is wrong with the field `name`.
    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, why)| why.as_str())
    }

    /// What is wrong with the form as a whole.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Every field's error, as name and text, for the summary above a long form.
    pub fn errors(&self) -> &[(String, String)] {
        &self.errors
    }

    /// Whether nothing was refused so far.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty() && self.message.is_none()
    }

    /// The trimmed text of a field that must be filled, of at most `most` characters.
    pub fn required(&mut self, name: &str, most: usize) -> Option<String> {
        let text = self.optional(name, most)?;
        if text.is_empty() {
            self.refuse(name, "Please fill this in.");
            return None;
        }
        Some(text)
    }

    /// The trimmed text of a field that may stay empty, of at most `most` characters.
    pub fn optional(&mut self, name: &str, most: usize) -> Option<String> {
        let text = self.value(name).trim().to_owned();
        let length = text.chars().count();
        if length > most {
            self.refuse(name, format!("{length} characters are too many: {most} at most."));
            return None;
        }
        if text.chars().any(|letter| letter == '\0') {
            self.refuse(name, "This holds a character that cannot be kept.");
            return None;
        }
        Some(text)
    }

    /// The field read as a `T`; what cannot be read is refused with `why`. An empty field is refused, too.
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &str, why: &str) -> Option<T> {
        let parsed = self.value(name).trim().parse().ok();
        if parsed.is_none() {
            self.refuse(name, why);
        }
        parsed
    }

    /// The row version that the form was made from; a form without one was not made by us.
    pub fn version(&self) -> Result<i64, Error> {
        self.value("version")
            .parse()
            .map_err(|_| Error::Invalid("The form lacks its version: open the page again.".into()))
    }
}

impl<S: Send + Sync> FromRequest<S> for FormState {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let Form(values) = Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map_err(|_| Error::Invalid("The form did not arrive in one piece.".into()))?;
        Ok(Self {
            values,
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_form_keeps_what_was_typed() {
        let mut form = FormState::filled([("name", "  Northwind  "), ("note", ""), ("seats", "many")]);
        assert_eq!(form.required("name", 80).as_deref(), Some("Northwind"));
        assert!(form.is_valid());
        assert_eq!(form.required("note", 80), None);
        assert_eq!(form.parsed::<u32>("seats", "Please give a number."), None);
        assert_eq!(form.error("seats"), Some("Please give a number."));
        assert_eq!(form.value("seats"), "many");
        assert!(!form.is_valid());
    }
}
