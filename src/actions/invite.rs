//! The candidate's invitation: composed, queued, sent again; the address corrected.

mod letter;

pub(super) use letter::provider;
pub use letter::{About, example, example_link, letter, values, words_for};

use crate::actions::Error;
use crate::actions::order_steps::{self, Said};
use crate::actions::order_work::seen;
use crate::actions::receive_order;
use crate::actions::start_link;
use crate::actions::work::{Subject, Work};
use crate::domain::delivery::{DeliveryKind, DeliveryState, MailPurpose};
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::order::{Event, InviteProblem, Stage};
use crate::live::Kind;
use crate::mail::Letter;
use crate::store::candidates;
use crate::store::customers::{self, CustomerRow};
use crate::store::deliveries::{self, DeliveryRow, mails};
use crate::store::orders::{self, OrderRow};
use crate::store::packages::{self, PackageRow};
use crate::store::{self, Conn};
use serde_json::json;

/// Why a mail gives way.
const REPLACED: &str = "A newer invitation replaces it.";

/// Queues the invitation, where this order's candidate is invited from here and mail is set up; else names what stands in
/// the way. What waits for the candidate already is replaced.
pub(super) async fn queue(work: &mut Work, order: &mut OrderRow) -> Result<(), Error> {
    let Some(customer) = invited_by_mail(work, order).await? else {
        return Ok(());
    };
    let candidate = candidates::find(&mut work.conn, order.id).await?;
    let package = package_of(&mut work.conn, order).await?;
    let candidate = candidate.filter(|candidate| Letter::can_reach(&candidate.email));
    let starts = package.filter(PackageRow::has_start);
    let (candidate, package) = match (candidate, starts) {
        (Some(candidate), Some(package)) => (candidate, package),
        (None, _) => return stands_in_the_way(work, order, InviteProblem::NoAddress).await,
        (_, None) => return stands_in_the_way(work, order, InviteProblem::NoStart).await,
    };
    let link = start_link::ensure(work, order).await?;
    let about = About {
        order,
        candidate: &candidate,
        customer: &customer.name,
        description: &package.description,
        link: &link,
    };
    let letter = letter::compose(work, &about, &customer).await?;
    mails::supersede(&mut work.conn, order.id, REPLACED, work.now).await?;
    if order.invite_problem.is_some() {
        orders::set_invite_problem(&mut work.conn, order, None).await?;
    }
    let row = mail_row(work, MailPurpose::Invitation, order.customer_id, Some(order.id));
    insert(work, &row, &letter).await?;
    let subject = Subject::order(order.id, order.customer_id);
    let actor = crate::domain::viewer::Actor::System;
    work.audit_as(actor, "order.invitation_queued", subject, json!({}))
        .await?;
    Ok(())
}

/// Queues a mail that shows the signed-in person how an invitation reads.
pub async fn queue_test(work: &mut Work, customer: Option<CustomerId>, letter: &Letter) -> Result<DeliveryRow, Error> {
    if work.tools.config.mail.is_none() {
        return Err(Error::refused(NO_MAIL));
    }
    let row = mail_row(work, MailPurpose::Test, customer, None);
    insert(work, &row, letter).await?;
    let subject = Subject::new("delivery", row.id.0, customer);
    work.audit("mail.test_sent", subject, json!({})).await?;
    Ok(row)
}

/// What is said where no mail is set up.
pub const NO_MAIL: &str =
    "No mail is set up here, so nobody can be written to. An administrator can set ASSESSDESK_SMTP_URL.";

/// A mail that is to leave now.
pub(super) fn mail_row(
    work: &Work,
    purpose: MailPurpose,
    customer: Option<CustomerId>,
    order: Option<OrderId>,
) -> DeliveryRow {
    DeliveryRow {
        id: work.new_id(),
        kind: DeliveryKind::Mail,
        state: DeliveryState::Waiting,
        integration_id: None,
        customer_id: customer,
        order_id: order,
        publication_id: None,
        final_status: None,
        purpose: Some(purpose),
        body: None,
        attempts: 0,
        due_at: work.now,
        lease_until: None,
        fence: 0,
        doubt: None,
        last_code: None,
        last_message: None,
        why: None,
        replaces: None,
        created_by: work.viewer.staff_id(),
        created_at: work.now,
        finished_at: None,
        version: 1,
    }
}

/// Writes a mail, and hints at it.
pub(super) async fn insert(work: &mut Work, row: &DeliveryRow, letter: &Letter) -> Result<(), Error> {
    let vault = work.tools.vault.clone();
    deliveries::insert(&mut work.conn, &vault, row, Some(&letter.write())).await?;
    work.hint(Kind::Delivery, row.id.0, row.customer_id);
    Ok(())
}

/// The order's customer, where its candidates are invited from here and mail is set up.
async fn invited_by_mail(work: &mut Work, order: &OrderRow) -> Result<Option<CustomerRow>, Error> {
    let (Some(id), Some(_)) = (order.customer_id, &work.tools.config.mail) else {
        return Ok(None);
    };
    let viewer = crate::domain::viewer::Viewer::system();
    let customer = customers::find(&mut work.conn, &viewer, id).await?;
    Ok(customer.filter(|customer| customer.invite))
}

async fn package_of(conn: &mut Conn, order: &OrderRow) -> Result<Option<PackageRow>, store::Error> {
    match order.package_id {
        Some(id) => packages::find(conn, id).await,
        None => Ok(None),
    }
}

/// Names the problem. What waits would lead nowhere, so it does not leave.
async fn stands_in_the_way(work: &mut Work, order: &mut OrderRow, problem: InviteProblem) -> Result<(), Error> {
    mails::withdraw(&mut work.conn, order.id, problem.label(), work.now).await?;
    orders::set_invite_problem(&mut work.conn, order, Some(problem)).await?;
    let subject = Subject::order(order.id, order.customer_id);
    let detail = json!({ "problem": problem.as_str() });
    let actor = crate::domain::viewer::Actor::System;
    work.audit_as(actor, "order.invitation_failed", subject, detail).await?;
    work.hint(Kind::Order, order.id.0, order.customer_id);
    Ok(())
}

/// The invitation once more: to be sent now, or (where it never could be) for the first time. Should something stand in
/// the way, the order that comes back names it.
///
/// # Errors
/// [`Error::Refused`] where this order's candidate is not invited by mail; what [`order_steps::apply`] tells.
pub async fn resend(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    if work.tools.config.mail.is_none() {
        return Err(Error::refused(NO_MAIL));
    }
    if invited_by_mail(work, &order).await?.is_none() {
        return Err(Error::refused(
            "This customer's candidates are not invited from here. The customer's settings can change that.",
        ));
    }
    let first = mails::newest_of_order(&mut work.conn, id).await?.is_none();
    let said = Said {
        detail: json!({ "first": first }),
        ..Said::default()
    };
    order_steps::apply(work, &mut order, &Event::InvitationResent, said).await?;
    Ok(order)
}

/// What stood in the way is mended: the invitation is sent now.
///
/// # Errors
/// As [`resend`]; also where the candidate is invited already.
pub async fn invite_now(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let order = seen(work, id, version).await?;
    if order.stage != Stage::Accepted {
        return Err(Error::refused(
            "This order's candidate does not wait for an invitation. Send it again instead.",
        ));
    }
    resend(work, id, version).await
}

/// Writes the candidate's right address. Nothing that waits goes to the old one; the invitation is queued for the new
/// one where the candidate was not invited yet.
///
/// # Errors
/// [`Error::Fields`] (`email`) where it cannot be an address, [`Error::Refused`] where the order is over.
pub async fn correct_address(work: &mut Work, id: OrderId, version: i64, email: &str) -> Result<OrderRow, Error> {
    let mut order = seen(work, id, version).await?;
    let email = email.trim();
    if !Letter::can_reach(email) {
        return Err(Error::field(
            "email",
            "Please give an e-mail address, like name@example.com.",
        ));
    }
    let candidate = candidates::find(&mut work.conn, id).await?;
    let Some(mut candidate) = candidate else {
        return Err(Error::refused(
            "The candidate's data was erased, so nobody can be written to.",
        ));
    };
    if candidate.email == email {
        return Ok(order);
    }
    let change = [work.digest(&candidate.email), work.digest(email)];
    email.clone_into(&mut candidate.email);
    candidates::set_email(&mut work.conn, id, email).await?;
    receive_order::index(work, &order, &candidate).await?;
    order.invite_problem = order
        .invite_problem
        .filter(|problem| *problem == InviteProblem::NoStart);
    let said = Said {
        detail: json!({ "email": change }),
        ..Said::default()
    };
    order_steps::apply(work, &mut order, &Event::AddressCorrected, said).await?;
    let why = "The address was corrected.";
    let waited = mails::supersede(&mut work.conn, id, why, work.now).await? > 0;
    if order.stage == Stage::Accepted || waited {
        queue(work, &mut order).await?;
    }
    Ok(order)
}
