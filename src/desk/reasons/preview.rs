//! How the texts of a reason look in an ATS, with the data of a real order where there is one.

use crate::auth::Staff;
use crate::domain::language::Language;
use crate::domain::reason::{Filling, text_fault, text_field};
use crate::domain::text::tool_label;
use crate::store::Conn;
use crate::store::order_lists::{self, Filter, Place, Sort};
use crate::web::{Error, FormState};
use askama::Template;

/// One text as a recruiter would read it.
struct Card {
    language: Language,
    text: Result<String, String>,
}

/// The texts of a reason as recruiters would read them.
#[derive(Template)]
#[template(path = "desk/_reason_cards.html")]
pub(super) struct Preview {
    cards: Vec<Card>,
    ats: String,
    package: String,
    outcome: &'static str,
    /// Whether the data are those of an order that came.
    is_real: bool,
}

impl Preview {
    /// The preview of what stands in the form, filled with the newest order that this person may see.
    pub(super) async fn of(conn: &mut Conn, staff: &Staff, form: &FormState) -> Result<Self, Error> {
        let (all, newest) = (Filter::default(), Sort::Received);
        let page = order_lists::page(conn, &staff.viewer, &all, newest, Place::Start, 1).await?;
        let order = page.rows.into_iter().next();
        let is_real = order.is_some();
        let (ats, filling) = order.map_or_else(
            || ("the ATS".to_owned(), Filling::example()),
            |row| {
                let filling = Filling {
                    package: row.package_name,
                    customer: row.customer_name,
                    job: row.job_name,
                    order: row.id.to_string(),
                };
                (tool_label(&row.tool), filling)
            },
        );
        let cards = Language::ALL.iter().filter_map(|language| {
            let text = form.value(text_field(*language)).trim();
            let filled =
                text_fault(text).map_or_else(|| filling.fill(text).map_err(|unknown| unknown.to_string()), Err);
            (!text.is_empty()).then_some(Card {
                language: *language,
                text: filled,
            })
        });
        Ok(Self {
            cards: cards.collect(),
            ats,
            package: filling.package.clone(),
            outcome: if form.is_on("for_cancellation") {
                "cancelled"
            } else {
                "rejected"
            },
            is_real,
        })
    }
}
