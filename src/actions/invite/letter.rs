//! The invitation's words for one order, as a letter.

use crate::actions::Error;
use crate::actions::work::{Tools, Work};
use crate::domain::ids::CustomerId;
use crate::domain::invitation::{Values, Words, due_in_words, house_default};
use crate::domain::language::Language;
use crate::domain::time::Timestamp;
use crate::mail::Letter;
use crate::store::candidates::Candidate;
use crate::store::customers::CustomerRow;
use crate::store::orders::OrderRow;
use crate::store::{self, Conn, invitation_texts};
use std::time::Duration;

/// The words for a customer's candidates: the customer's own in that language, else the house's, else the built-in ones.
pub async fn words_for(
    conn: &mut Conn,
    customer: Option<CustomerId>,
    language: Language,
) -> Result<Words, store::Error> {
    if customer.is_some()
        && let Some(own) = invitation_texts::own(conn, customer, language).await?
    {
        return Ok(of_row(own));
    }
    let house = invitation_texts::own(conn, None, language).await?;
    Ok(house.map_or_else(|| house_default(language), of_row))
}

fn of_row(row: invitation_texts::TextRow) -> Words {
    Words {
        subject: row.subject,
        body: row.body,
    }
}

/// What one order's invitation is made of.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The order.
    pub order: &'a OrderRow,
    /// Its candidate.
    pub candidate: &'a Candidate,
    /// Its customer's name.
    pub customer: &'a str,
    /// Its package's description in the catalogue.
    pub description: &'a str,
    /// Where the candidate starts.
    pub link: &'a str,
}

/// The invitation of one order's candidate, in the words that its customer has.
///
/// # Errors
/// What the store tells.
pub(super) async fn compose(work: &mut Work, about: &About<'_>, customer: &CustomerRow) -> Result<Letter, Error> {
    let words = words_for(&mut work.conn, Some(customer.id), customer.language).await?;
    let values = values(&work.tools, about, customer.language);
    Ok(Letter {
        // The start page names the same person for questions.
        reply_to: customer.contact_email.clone(),
        ..letter(&words, &values, customer.language, &about.candidate.email)
    })
}

/// What the placeholders stand for in one order's invitation.
pub fn values(tools: &Tools, about: &About<'_>, language: Language) -> Values {
    let name = about.candidate.full_name();
    Values {
        candidate_first_name: about.candidate.first_name.clone().unwrap_or_default(),
        // Where the ATS told no name, nobody is greeted by an address.
        candidate_name: if name == about.candidate.email {
            String::new()
        } else {
            name
        },
        customer: about.customer.to_owned(),
        package: about.order.package_name.clone(),
        package_description: about.description.to_owned(),
        job: about.order.job_name.clone().unwrap_or_default(),
        link: about.link.to_owned(),
        due: due_in_words(about.order.due_at, language),
        provider: provider(tools),
    }
}

/// What the provider is called in mails and on its own pages.
pub(in crate::actions) fn provider(tools: &Tools) -> String {
    let mail = tools.config.mail.as_ref();
    mail.map_or_else(|| "Assessdesk".to_owned(), |mail| mail.from.known_as().to_owned())
}

/// What the placeholders stand for where there is no order to show, and in test mails.
pub fn example(tools: &Tools, customer: &str, language: Language, now: Timestamp) -> Values {
    Values {
        candidate_first_name: "Alex".to_owned(),
        candidate_name: "Alex Example".to_owned(),
        customer: customer.to_owned(),
        package: "Numerical reasoning".to_owned(),
        package_description: "Forty minutes of tables and charts, with a calculator at hand.".to_owned(),
        job: "Data analyst".to_owned(),
        link: example_link(tools),
        due: due_in_words(now.plus(Duration::from_hours(120)), language),
        provider: provider(tools),
    }
}

/// An address that looks like a start link and opens nothing.
pub fn example_link(tools: &Tools) -> String {
    tools.config.link("/start/example")
}

/// The words, filled, as a letter.
pub fn letter(words: &Words, values: &Values, language: Language, to: &str) -> Letter {
    let filled = words.filled(values);
    Letter {
        to: to.to_owned(),
        name: values.candidate_name.clone(),
        reply_to: String::new(),
        subject: filled.subject,
        text: filled.body,
        link: values.link.clone(),
        button: String::new(),
        language,
    }
}
