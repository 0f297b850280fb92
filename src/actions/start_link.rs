//! The secret link to a candidate's start page: made when the order is taken in, looked up, withdrawn, made anew.

use super::Error;
use super::order_work;
use super::work::{Subject, Tools, Work};
use crate::domain::ids::OrderId;
use crate::domain::order::{InviteProblem, Stage};
use crate::live::Kind;
use crate::store::deliveries::mails;
use crate::store::links::{self, Purpose};
use crate::store::orders::{self, OrderRow};
use crate::store::{self, Conn, packages};
use serde_json::json;

/// The address of the order's start page, where it has one that works.
pub async fn current(conn: &mut Conn, tools: &Tools, order: OrderId) -> Result<Option<String>, store::Error> {
    let Some(link) = links::current(conn, order, Purpose::Start).await? else {
        return Ok(None);
    };
    let token = links::token(conn, &tools.vault, &link).await?;
    Ok(Some(address(tools, &token)))
}

/// The address of the order's start page; its link is made when it is needed first.
pub async fn ensure(work: &mut Work, order: &OrderRow) -> Result<String, store::Error> {
    let tools = work.tools.clone();
    match current(&mut work.conn, &tools, order.id).await? {
        Some(address) => Ok(address),
        None => make(work, order).await,
    }
}

/// As [`ensure`], where the order's package has a start address to lead to.
pub async fn ensure_where_it_leads_somewhere(work: &mut Work, order: &OrderRow) -> Result<(), store::Error> {
    if leads_somewhere(&mut work.conn, order).await? {
        ensure(work, order).await?;
    }
    Ok(())
}

/// The start page for a candidate who waits in the career page. Without a start address it says that the provider gets in
/// touch, and the order is flagged with that, so that somebody does.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else changed the order meanwhile.
pub async fn for_waiting_candidate(work: &mut Work, order: &mut OrderRow) -> Result<String, store::Error> {
    let lacks_start = order.stage.is_live() && !leads_somewhere(&mut work.conn, order).await?;
    if lacks_start && order.invite_problem.is_none() {
        let before = order.clone();
        order.invite_problem = Some(InviteProblem::NoStart);
        orders::save(&mut work.conn, &before, order).await?;
    }
    ensure(work, order).await
}

/// Whether the order's package has a start address.
pub async fn leads_somewhere(conn: &mut Conn, order: &OrderRow) -> Result<bool, store::Error> {
    let Some(package) = order.package_id else {
        return Ok(false);
    };
    let package = packages::find(conn, package).await?;
    Ok(package.is_some_and(|package| package.has_start()))
}

/// The link stops working. Whoever opens it reads so; the candidate needs a new one.
///
/// # Errors
/// [`Error::Refused`] where there is none to withdraw.
pub async fn revoke(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let order = order_work::seen(work, id, version).await?;
    if links::revoke(&mut work.conn, id, Purpose::Start, work.now).await? == 0 {
        return Err(Error::refused("There is no start link that works."));
    }
    forget_mails(work, id).await?;
    tell(work, &order, "order.start_revoked").await?;
    Ok(order)
}

/// A new link takes the old one's place.
///
/// # Errors
/// [`Error::Refused`] where no candidate is to start any more, or nobody has taken the order in.
pub async fn renew(work: &mut Work, id: OrderId, version: i64) -> Result<OrderRow, Error> {
    let order = order_work::seen(work, id, version).await?;
    if !order.stage.is_live() {
        return Err(Error::refused("This order is over, so there is nothing to start."));
    }
    if order.stage == Stage::Received {
        return Err(Error::refused("Nobody has accepted this order yet. Accept it first."));
    }
    links::revoke(&mut work.conn, id, Purpose::Start, work.now).await?;
    forget_mails(work, id).await?;
    make(work, &order).await?;
    tell(work, &order, "order.start_renewed").await?;
    Ok(order)
}

/// What waits to be sent would lead to the old link.
async fn forget_mails(work: &mut Work, id: OrderId) -> Result<(), store::Error> {
    let why = "Its start link was withdrawn.";
    mails::withdraw(&mut work.conn, id, why, work.now).await.map(drop)
}

async fn make(work: &mut Work, order: &OrderRow) -> Result<String, store::Error> {
    let tools = work.tools.clone();
    let (id, customer, now) = (order.id, order.customer_id, work.now);
    let token = links::create(&mut work.conn, &tools.vault, Purpose::Start, id, customer, now).await?;
    Ok(address(&tools, &token))
}

fn address(tools: &Tools, token: &str) -> String {
    tools.config.link(&format!("/start/{token}"))
}

async fn tell(work: &mut Work, order: &OrderRow, action: &'static str) -> Result<(), store::Error> {
    work.hint(Kind::Order, order.id.0, order.customer_id);
    let subject = Subject::order(order.id, order.customer_id);
    work.audit(action, subject, json!({})).await
}
