//! What rules look at: an order as it was told, and what the house knows of it, in the form in which it is compared.

use super::condition::CandidateField;
use super::countries;
use super::job_words::JobWords;
use super::prepared::Needs;
use crate::domain::package::PackageType;
use crate::domain::text::{fold, is_email};
use crate::domain::time::Timestamp;

/// An order as its ATS told it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// The package's key.
    pub package: &'a str,
    /// The package's type; `None` where the catalogue does not know it.
    pub kind: Option<PackageType>,
    /// The ATS, as Kombo calls it.
    pub tool: &'a str,
    /// The job's country.
    pub country: Option<&'a str>,
    /// The job's region or state.
    pub region: Option<&'a str>,
    /// Where the job is, in one line; it is looked at where the ATS told no country.
    pub line: Option<&'a str>,
    /// The job's code.
    pub job_code: Option<&'a str>,
    /// The job's name.
    pub job_name: Option<&'a str>,
    /// The job's description.
    pub description: Option<&'a str>,
    /// The candidate's first name.
    pub first_name: Option<&'a str>,
    /// The candidate's last name.
    pub last_name: Option<&'a str>,
    /// The candidate's address.
    pub email: &'a str,
    /// The candidate's phone number.
    pub phone: Option<&'a str>,
}

/// When the same customer last ordered something for the same candidate, orders that were rejected or cancelled aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastOrdered {
    /// Anything.
    pub any: Option<Timestamp>,
    /// The same package.
    pub same_package: Option<Timestamp>,
}

/// An order as rules compare it.
#[derive(Clone, Debug)]
pub struct Subject {
    pub(super) package: String,
    pub(super) kind: Option<PackageType>,
    pub(super) tool: String,
    pub(super) country: Option<String>,
    pub(super) regions: Vec<String>,
    pub(super) job_code: Option<Vec<char>>,
    pub(super) missing: Vec<CandidateField>,
    pub(super) words: JobWords,
    /// When the order arrived.
    pub at: Timestamp,
    /// What was ordered before.
    pub ordered: LastOrdered,
    /// How many orders the customer has left; `None`: they are not counted, or nobody knows.
    pub credits: Option<i64>,
    /// Whether the customer's people are at work; `None`: it is not known when they are.
    pub is_open: Option<bool>,
}

impl Subject {
    /// The order that arrived at `at`, with the words of its job where a rule asks for them. What else the house knows is
    /// to be filled in.
    pub fn of(told: &Told<'_>, needs: Needs, at: Timestamp) -> Self {
        let (country, regions) = place(told);
        Self {
            package: told.package.to_owned(),
            kind: told.kind,
            tool: told.tool.to_owned(),
            country,
            regions,
            job_code: said(told.job_code).map(|code| fold(code).chars().collect()),
            missing: missing(told),
            words: if needs.words {
                JobWords::of(told.job_name.unwrap_or_default(), told.description.unwrap_or_default())
            } else {
                JobWords::default()
            },
            at,
            ordered: LastOrdered::default(),
            credits: None,
            is_open: None,
        }
    }
}

fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Country and regions. Where the ATS told only a line (`Oslo, Norway`), its last part may be the country and each of the
/// others a region.
fn place(told: &Told<'_>) -> (Option<String>, Vec<String>) {
    let country = said(told.country).map(countries::canonical);
    if let (Some(_), region) | (None, region @ Some(_)) = (&country, said(told.region)) {
        return (country, region.map(fold).into_iter().collect());
    }
    let parts = told.line.unwrap_or_default().split(',');
    let mut parts = parts.filter_map(|part| said(Some(part))).collect::<Vec<_>>();
    let country = parts.pop();
    let regions = parts.into_iter().chain(country).map(fold).collect();
    (country.map(countries::canonical), regions)
}

fn missing(told: &Told<'_>) -> Vec<CandidateField> {
    let is_there = |field: &CandidateField| match field {
        CandidateField::FirstName => said(told.first_name).is_some(),
        CandidateField::LastName => said(told.last_name).is_some(),
        CandidateField::Email => is_email(told.email.trim()),
        CandidateField::Phone => said(told.phone).is_some(),
    };
    let all = CandidateField::ALL.iter().copied();
    all.filter(|field| !is_there(field)).collect()
}
