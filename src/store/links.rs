//! Secret links for people without an account: 256 random bits, looked up by digest, kept sealed to be shown again.

use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::time::Timestamp;
use crate::store::vault::{self, Place, Sealers, Vault};
use crate::store::{Conn, Error, token};

/// What a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Purpose {
    /// The report that a recruiter reads.
    Report,
    /// The page on which a candidate starts.
    Start,
}

/// A link, without its token.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LinkRow {
    /// SHA-256 of the token.
    pub digest: Vec<u8>,
    /// What it opens.
    pub purpose: Purpose,
    /// The order it belongs to.
    pub order_id: OrderId,
    /// Whose it is.
    pub customer_id: Option<CustomerId>,
    /// The token, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Timestamp>,
}

fn place(digest: &[u8]) -> Place {
    Place::new("links", "sealed", digest)
}

/// Makes a link for an order; gives its token.
pub async fn create(
    conn: &mut Conn,
    vault: &Vault,
    purpose: Purpose,
    order: OrderId,
    customer: Option<CustomerId>,
    now: Timestamp,
) -> Result<String, Error> {
    let tokens = create_many(conn, &mut vault.sealers(), purpose, &[(order, customer)], now).await?;
    Ok(tokens.into_iter().next().unwrap_or_default())
}

/// Makes a link for each of these orders, named with whose they are; gives their tokens.
pub async fn create_many(
    conn: &mut Conn,
    sealers: &mut Sealers,
    purpose: Purpose,
    orders: &[(OrderId, Option<CustomerId>)],
    now: Timestamp,
) -> Result<Vec<String>, Error> {
    sealers
        .make_ready(conn, orders.iter().map(|(_, customer)| *customer))
        .await?;
    let (mut tokens, mut rows) = (Vec::with_capacity(orders.len()), Vec::with_capacity(orders.len()));
    for (order, customer) in orders {
        let token = token::fresh()?;
        let digest = token::digest(&token);
        let sealed = sealers.seal(*customer, &place(&digest), token.as_bytes())?;
        rows.push((digest, *order, *customer, sealed));
        tokens.push(token);
    }
    insert_many!(
        conn,
        "INSERT INTO links (digest, purpose, order_id, customer_id, sealed, created_at) ",
        rows.into_iter(),
        |b, row| {
            let (digest, order, customer, sealed) = row;
            b.push_bind(digest)
                .push_bind(purpose)
                .push_bind(order)
                .push_bind(customer)
                .push_bind(sealed)
                .push_bind(now);
        },
        ""
    )?;
    Ok(tokens)
}

/// The newest link of an order that was not revoked.
pub async fn current(conn: &mut Conn, order: OrderId, purpose: Purpose) -> Result<Option<LinkRow>, Error> {
    fetch_optional!(
        conn,
        LinkRow,
        "SELECT * FROM links WHERE order_id = $1 AND purpose = $2 AND revoked_at IS NULL
         ORDER BY created_at DESC, digest LIMIT 1",
        order,
        purpose
    )
}

/// The token of a link, opened.
pub async fn token(conn: &mut Conn, vault: &Vault, link: &LinkRow) -> Result<String, Error> {
    let plain = vault.open(conn, &place(&link.digest), &link.sealed).await?;
    String::from_utf8(plain).map_err(|_| Error::Vault(vault::Error::Broken))
}

/// The link with this token, revoked or not.
pub async fn find(conn: &mut Conn, purpose: Purpose, token: &str) -> Result<Option<LinkRow>, Error> {
    fetch_optional!(
        conn,
        LinkRow,
        "SELECT * FROM links WHERE digest = $1 AND purpose = $2",
        token::digest(token),
        purpose
    )
}

/// Revokes the links of an order; says how many.
pub async fn revoke(conn: &mut Conn, order: OrderId, purpose: Purpose, now: Timestamp) -> Result<u64, Error> {
    execute!(
        conn,
        "UPDATE links SET revoked_at = $3 WHERE order_id = $1 AND purpose = $2 AND revoked_at IS NULL",
        order,
        purpose,
        now
    )
}
