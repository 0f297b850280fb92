//! What a rule asks of an order. Everything that is asked must hold; what is left empty asks nothing.

use crate::domain::customer::FieldError;
use crate::domain::package::PackageType;
use crate::domain::words::words;
use serde::{Deserialize, Serialize};

/// How many values one condition may name.
const MOST_VALUES: usize = 200;

/// The longest of these values, in characters.
const LONGEST_VALUE: usize = 100;

/// The longest time back in which an earlier order can count, in days.
pub const LONGEST_DAYS: i64 = 730;

words! {
    /// What an ATS may leave out about a candidate.
    pub enum CandidateField {
        /// The first name.
        FirstName = "first_name", "first name";
        /// The last name.
        LastName = "last_name", "last name";
        /// The address; also where it cannot be one.
        Email = "email", "e-mail address";
        /// The phone number.
        Phone = "phone", "phone number";
    }
}

/// That the same candidate was ordered something shortly before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedBefore {
    /// Within how many days (1 to [`LONGEST_DAYS`]).
    pub days: i64,
    /// Only the same package counts; else any.
    pub same_package: bool,
}

/// What a rule asks of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditions {
    /// The package is one of these, by key.
    pub packages: Vec<String>,
    /// It is of one of these types.
    pub types: Vec<PackageType>,
    /// It comes from one of these ATSs, as Kombo calls them.
    pub tools: Vec<String>,
    /// The job is in one of these countries (a name or a code of two letters).
    pub countries: Vec<String>,
    /// The job is in one of these regions or states.
    pub regions: Vec<String>,
    /// The job's code looks like one of these (`*`: anything, `?`: one letter).
    pub job_codes: Vec<String>,
    /// At least one of these is missing.
    pub missing: Vec<CandidateField>,
    /// The same candidate was ordered something shortly before.
    pub ordered_before: Option<OrderedBefore>,
    /// No orders are left of those that the customer has.
    pub credits_used_up: bool,
    /// It arrives when nobody of the customer's is at work.
    pub outside_hours: bool,
    /// The job's name or description has one of these words, or words in a row.
    pub words: Vec<String>,
}

impl Conditions {
    /// Whether nothing is asked, so that every order fits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The lists of texts, each with its field in the form.
    fn lists(&mut self) -> [(&'static str, &mut Vec<String>); 6] {
        [
            ("packages", &mut self.packages),
            ("tools", &mut self.tools),
            ("countries", &mut self.countries),
            ("regions", &mut self.regions),
            ("job_codes", &mut self.job_codes),
            ("words", &mut self.words),
        ]
    }

    /// The same without blanks and without what is said twice.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        for (_, list) in self.lists() {
            let mut once = Vec::with_capacity(list.len());
            for value in list.iter().map(|value| value.trim()) {
                if !value.is_empty() && !once.iter().any(|own| own == value) {
                    once.push(value.to_owned());
                }
            }
            *list = once;
        }
        self
    }

    /// Everything that is wrong with it.
    pub fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut own = self.clone();
        for (field, list) in own.lists() {
            if list.len() > MOST_VALUES {
                faults.push((field, format!("{} are too many: {MOST_VALUES} at most.", list.len())));
            }
            if let Some(long) = list.iter().find(|value| value.chars().count() > LONGEST_VALUE) {
                let begin = long.chars().take(20).collect::<String>();
                faults.push((
                    field,
                    format!("‘{begin}…’ is too long: {LONGEST_VALUE} characters at most."),
                ));
            }
            if list.iter().any(|value| value.contains('\0')) {
                faults.push((field, "This holds a character that cannot be kept.".to_owned()));
            }
        }
        if let Some(word) = self.words.iter().find(|word| !word.contains(char::is_alphanumeric)) {
            faults.push(("words", format!("‘{word}’ has no letter, so it can’t be found.")));
        }
        let days = self.ordered_before.map(|before| before.days);
        if days.is_some_and(|days| !(1..=LONGEST_DAYS).contains(&days)) {
            faults.push((
                "days",
                format!("Please give a number of days from 1 to {LONGEST_DAYS} (two years)."),
            ));
        }
        faults
    }
}
