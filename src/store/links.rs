//! Secret links for people without an account: found by the id that the token names, opened where its digest fits, kept
//! sealed to be shown again.

use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::time::Timestamp;
use crate::store::vault::{self, Place, Sealers, Vault};
use crate::store::{Conn, Error, Writes, token};
use uuid::Uuid;

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

/// A link that is to be written.
#[derive(Debug)]
pub struct NewLink {
    id: Uuid,
    digest: Vec<u8>,
    order: OrderId,
    customer: Option<CustomerId>,
    sealed: Vec<u8>,
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
    let mut sealers = vault.sealers();
    sealers.make_ready(conn, std::iter::once(customer)).await?;
    let (link, token) = new(&sealers, order, customer, now)?;
    let mut writes = Writes::new(conn, 1);
    push_many(&mut writes, purpose, vec![link], now);
    writes.run(conn).await?;
    Ok(token)
}

/// A new link of this order, and its token.
///
/// # Errors
/// Where `sealers` are not ready for the customer.
pub fn new(
    sealers: &Sealers,
    order: OrderId,
    customer: Option<CustomerId>,
    now: Timestamp,
) -> Result<(NewLink, String), Error> {
    let (id, token) = token::fresh_with_id(now)?;
    let digest = token::digest(&token);
    let sealed = sealers.seal(customer, &place(&digest), token.as_bytes())?;
    let link = NewLink {
        id,
        digest,
        order,
        customer,
        sealed,
    };
    Ok((link, token))
}

/// Adds new links.
pub fn push_many(writes: &mut Writes, purpose: Purpose, mut links: Vec<NewLink>, now: Timestamp) {
    // Each comes to stand behind the one before it.
    links.sort_unstable_by_key(|link| link.id);
    push_rows!(
        writes,
        "INSERT INTO links (id, digest, purpose, order_id, customer_id, sealed, created_at) ",
        links.into_iter(),
        |b, link| {
            b.push_bind(link.id)
                .push_bind(link.digest)
                .push_bind(purpose)
                .push_bind(link.order)
                .push_bind(link.customer)
                .push_bind(link.sealed)
                .push_bind(now);
        },
        ""
    );
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
    let Some(named) = token::named_id(token) else {
        return Ok(None);
    };
    let found = fetch_all!(
        conn,
        LinkRow,
        "SELECT * FROM links WHERE id IN ($1, $2) AND purpose = $3",
        named,
        id_by_digest(&token::digest(token)),
        purpose
    )?;
    Ok(found.into_iter().find(|link| token::fits(token, &link.digest)))
}

/// The id of a link that was made when tokens named none.
fn id_by_digest(digest: &[u8]) -> Option<Uuid> {
    digest.get(..16).and_then(|half| Uuid::from_slice(half).ok())
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

/// Adds that the links of these orders are revoked.
pub fn push_revocations(writes: &mut Writes, orders: &[OrderId], purpose: Purpose, now: Timestamp) {
    push_updates!(
        writes,
        "UPDATE links SET revoked_at = column3 FROM",
        orders.iter(),
        |order| (*order, purpose, now),
        // Otherwise SQLite goes through all links, and looks for the order of each among these.
        "WHERE links.order_id IN (column1) AND purpose = column2 AND revoked_at IS NULL"
    );
}
