//! How an invitation would read: on the newest real order that the person may see, or on a made-up one.

use super::{Desk, LetterView};
use crate::actions::invite::{self, About};
use crate::actions::work::Work;
use crate::actions::{self};
use crate::domain::ids::CustomerId;
use crate::domain::invitation::{Values, Words};
use crate::domain::language::Language;
use crate::store::order_lists::{self, Filter, Place, Sort};
use crate::store::{Conn, candidates, customers, orders, packages};
use crate::web::Error;

/// What is shown beside the form.
pub(super) struct Preview {
    /// The mail; `None` while the words make none.
    pub(super) view: Option<LetterView>,
    /// Whose order it is shown on; `None`: a made-up one.
    pub(super) shown_on: Option<String>,
}

impl Preview {
    /// Draws the words as they are typed.
    pub(super) async fn of(desk: &Desk, words: &Words, language: Language) -> Result<Self, Error> {
        let mut conn = desk.app.read().await?;
        let real = newest(&mut conn, desk, language).await?;
        let shown_on = real.as_ref().map(|(values, _)| values.candidate_name.clone());
        let (values, to) = real.unwrap_or_else(|| (example(desk, language), "alex@example.com".to_owned()));
        let letter = words
            .faults()
            .is_empty()
            .then(|| invite::letter(words, &values, language, &to));
        Ok(Self {
            view: letter.map(LetterView::of).transpose()?,
            shown_on,
        })
    }
}

fn example(desk: &Desk, language: Language) -> Values {
    let customer = desk.customer.as_ref().map_or("Example Ltd", |row| row.name.as_str());
    invite::example(desk.app.tools(), customer, language, desk.app.clock.now())
}

/// The newest order's values and its candidate's address. Its link stays out: a preview starts nobody.
async fn newest(conn: &mut Conn, desk: &Desk, language: Language) -> Result<Option<(Values, String)>, Error> {
    let viewer = &desk.staff.viewer;
    let filter = Filter {
        customer: desk.customer.as_ref().map(|customer| customer.id),
        ..Filter::default()
    };
    let page = order_lists::page(conn, viewer, &filter, Sort::Received, Place::Start, 1).await?;
    let Some(row) = page.rows.first() else {
        return Ok(None);
    };
    let order = orders::find(conn, viewer, row.id).await?;
    let candidate = candidates::find(conn, row.id).await?;
    let (Some(order), Some(candidate)) = (order, candidate) else {
        return Ok(None);
    };
    let customer = match order.customer_id {
        Some(id) => name(conn, id).await?,
        None => String::new(),
    };
    let package = match order.package_id {
        Some(id) => packages::find(conn, id).await?,
        None => None,
    };
    let tools = desk.app.tools();
    let about = About {
        order: &order,
        candidate: &candidate,
        customer: &customer,
        description: package.as_ref().map_or("", |package| package.description.as_str()),
        link: &invite::example_link(tools),
    };
    Ok(Some((invite::values(tools, &about, language), candidate.email.clone())))
}

async fn name(conn: &mut Conn, id: CustomerId) -> Result<String, Error> {
    Ok(customers::name_of(conn, id).await?.unwrap_or_default())
}

/// Sends the words, on a made-up order, to the person who typed them: no candidate's data leaves by a test.
pub(super) async fn send_test(
    work: &mut Work,
    desk: &Desk,
    words: &Words,
    language: Language,
) -> Result<(), actions::Error> {
    let faults = words.faults();
    if !faults.is_empty() {
        return Err(actions::Error::Fields(faults));
    }
    let letter = invite::letter(words, &example(desk, language), language, &desk.staff.email);
    let customer = desk.customer.as_ref().map(|customer| customer.id);
    invite::queue_test(work, customer, &letter).await.map(drop)
}
