//! The library of reasons: what a recruiter reads where an order is rejected or cancelled, written once per language.

mod starter;

use super::customer::FieldError;
use super::language::Language;
use super::placeholders::{self, Unknown};
use super::result::MAX_SUMMARY;
use super::words::words;

pub use starter::{STARTER, Starter};

/// The longest name of a reason, in characters.
pub const MAX_NAME: usize = 80;

/// The most reasons that the library holds, retired ones included: it is read whole wherever one is chosen.
pub const MAX_REASONS: usize = 200;

/// What a text may leave open, and what is filled in there.
///
/// The candidate is not among them: a recruiter reads the text beside the candidate, and a name that stood in it would be
/// a copy outside the one table that holds names.
pub const PLACEHOLDERS: [(&str, &str); 4] = [
    ("package", "the package’s name, as the customer was offered it"),
    ("customer", "the customer’s name"),
    ("job", "the job’s name"),
    ("order", "the order’s id, so that it can be found again"),
];

/// What stands in a filled text for something that the order does not have.
const MISSING: &str = "–";

words! {
    /// What a reason is chosen for.
    pub enum ReasonUse {
        /// The answer to a webhook that waits.
        Rejection = "rejection", "Rejection";
        /// The end of an order that was taken in.
        Cancellation = "cancellation", "Cancellation";
    }
}

/// A reason as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasonInput {
    /// What staff choose by; never sent.
    pub name: String,
    /// Whether it is offered where an order is rejected.
    pub for_rejection: bool,
    /// Whether it is offered where an order is cancelled.
    pub for_cancellation: bool,
    /// What the recruiter reads, at most once for each language; an empty one counts as not there.
    pub texts: Vec<(Language, String)>,
}

impl ReasonInput {
    /// The same without spaces around its texts, line ends of one kind, and without empty ones.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let texts = self
            .texts
            .into_iter()
            .map(|(language, text)| (language, text.replace("\r\n", "\n").trim().to_owned()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        Self {
            name: self.name.trim().to_owned(),
            texts,
            ..self
        }
    }

    /// What is wrong with it, each at its field.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let length = self.name.chars().count();
        if self.name.is_empty() {
            faults.push(("name", "Give it a name that your colleagues choose it by.".to_owned()));
        } else if length > MAX_NAME {
            faults.push((
                "name",
                format!("At most {MAX_NAME} characters, please; this has {length}."),
            ));
        } else if self.name.contains('\0') {
            faults.push(("name", "This holds a character that cannot be kept.".to_owned()));
        }
        if !self.for_rejection && !self.for_cancellation {
            faults.push(("for", "Tick at least one, or nobody is ever offered it.".to_owned()));
        }
        if self.texts.is_empty() {
            faults.push((
                text_field(Language::En),
                "Write it in one language at least.".to_owned(),
            ));
        }
        let texts = self.texts.iter();
        faults.extend(texts.filter_map(|(language, text)| Some((text_field(*language), text_fault(text)?))));
        faults
    }
}

/// What is wrong with a reason's text.
pub fn text_fault(text: &str) -> Option<String> {
    let length = text.chars().count();
    if length > MAX_SUMMARY {
        return Some(format!("At most {MAX_SUMMARY} characters, please; this has {length}."));
    }
    if text.contains('\0') {
        return Some("This holds a character that cannot be kept.".to_owned());
    }
    let known = PLACEHOLDERS.map(|(name, _)| name);
    placeholders::first_unknown(text, &known).map(|unknown| unknown_in_words(&unknown))
}

/// What a person reads who typed a placeholder that nobody knows.
pub fn unknown_in_words(Unknown(name): &Unknown) -> String {
    if name.starts_with("candidate") {
        return format!(
            "{{{name}}} cannot be filled in: names stay out of reasons. The recruiter reads this beside the candidate, so write ‘the candidate’."
        );
    }
    let known = PLACEHOLDERS.map(|(name, _)| format!("{{{name}}}"));
    format!("There is no placeholder {{{name}}}. There are {}.", known.join(", "))
}

/// The form field that holds the text in this language.
pub const fn text_field(language: Language) -> &'static str {
    match language {
        Language::En => "text_en",
        Language::De => "text_de",
        Language::Fr => "text_fr",
        Language::It => "text_it",
        Language::Es => "text_es",
    }
}

/// The text in the wanted language; else in English; else in whichever there is.
pub fn best_text(texts: &[(Language, String)], wanted: Language) -> Option<(Language, &str)> {
    let find = |language: Language| texts.iter().find(|(own, _)| *own == language);
    let found = find(wanted).or_else(|| find(Language::En)).or_else(|| texts.first());
    found.map(|(language, text)| (*language, text.as_str()))
}

/// What an order fills into a reason's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filling {
    /// The package's name.
    pub package: String,
    /// The customer's name.
    pub customer: Option<String>,
    /// The job's name.
    pub job: Option<String>,
    /// Our id of the order.
    pub order: String,
}

impl Filling {
    /// What stands in the form while there is no order to show.
    pub fn example() -> Self {
        Self {
            package: "Video interview".to_owned(),
            customer: Some("Northwind Bank".to_owned()),
            job: Some("Data engineer".to_owned()),
            order: "0199f3a1-…".to_owned(),
        }
    }

    /// The text with everything filled in.
    ///
    /// # Errors
    /// A placeholder that is none of [`PLACEHOLDERS`].
    pub fn fill(&self, text: &str) -> Result<String, Unknown> {
        let told = |value: &Option<String>| value.clone().unwrap_or_else(|| MISSING.to_owned());
        placeholders::fill(text, |name| match name {
            "package" => Some(self.package.clone()),
            "customer" => Some(told(&self.customer)),
            "job" => Some(told(&self.job)),
            "order" => Some(self.order.clone()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(texts: &[(Language, &str)]) -> ReasonInput {
        ReasonInput {
            name: "Ordered twice".into(),
            for_rejection: true,
            for_cancellation: false,
            texts: texts
                .iter()
                .map(|(language, text)| (*language, (*text).into()))
                .collect(),
        }
    }

    fn fields(input: ReasonInput) -> Vec<&'static str> {
        input.trimmed().faults().into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn a_reason_needs_a_name_a_use_and_a_text() {
        assert_eq!(fields(input(&[(Language::De, "Doppelt.")])), Vec::<&str>::new());
        assert_eq!(fields(ReasonInput::default()), ["name", "for", "text_en"]);
        assert_eq!(fields(input(&[(Language::De, "  \r\n ")])), ["text_en"]);
        let long = "x".repeat(MAX_SUMMARY + 1);
        assert_eq!(
            fields(input(&[(Language::En, "Twice."), (Language::It, &long)])),
            ["text_it"]
        );
    }

    #[test]
    fn an_unknown_placeholder_is_told_at_its_field() {
        let faults = input(&[(Language::En, "{package}"), (Language::Fr, "{paquet}")]).faults();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].0, "text_fr");
        assert!(faults[0].1.contains("{paquet}"), "{}", faults[0].1);
        let name = text_fault("Dear {candidate_first_name}").expect("refused");
        assert!(name.contains("names stay out of reasons"), "{name}");
    }

    #[test]
    fn the_customers_language_is_chosen_then_english_then_any() {
        let texts = |languages: &[Language]| {
            let texts = languages
                .iter()
                .map(|language| (*language, language.as_str().to_owned()));
            texts.collect::<Vec<_>>()
        };
        for (there, wanted, chosen) in [
            (&[Language::En, Language::De][..], Language::De, Some(Language::De)),
            (&[Language::De, Language::En], Language::Fr, Some(Language::En)),
            (&[Language::It, Language::Es], Language::Fr, Some(Language::It)),
            (&[], Language::Fr, None),
        ] {
            let texts = texts(there);
            assert_eq!(best_text(&texts, wanted).map(|(language, _)| language), chosen);
        }
    }

    #[test]
    fn what_an_order_lacks_is_a_dash() {
        let filling = Filling {
            package: "{job}".into(),
            order: "7".into(),
            ..Filling::default()
        };
        assert_eq!(
            filling.fill("{package}, {job}, {customer}, {order}").as_deref(),
            Ok("{job}, –, –, 7")
        );
    }

    #[test]
    fn every_placeholder_that_is_offered_is_filled() {
        for (name, _) in PLACEHOLDERS {
            assert!(Filling::example().fill(&format!("{{{name}}}")).is_ok(), "{name}");
        }
    }

    #[test]
    fn the_starter_reasons_pass_their_own_checks_in_every_language() {
        for starter in STARTER {
            let input = starter.input();
            assert_eq!(input.texts.len(), Language::ALL.len(), "{}", starter.name);
            assert_eq!(input.clone().trimmed(), input, "{}", starter.name);
            assert_eq!(input.faults(), Vec::new(), "{}", starter.name);
        }
    }
}
