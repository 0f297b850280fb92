//! The ledger of connection links: made by Kombo, opened by the customer, kept sealed, since whoever has one can connect
//! in their name.

use crate::domain::connecting::{Fate, LinkKind, LinkState, link_state};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{ConnectionLinkId, CustomerId, DeliveryId, IntegrationId, StaffId};
use crate::domain::time::Timestamp;
use crate::store::vault::{Place, Vault};
use crate::store::{Conn, Error, token};

/// A connection link, sealed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LinkRow {
    /// Our id.
    pub id: ConnectionLinkId,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// What it is for.
    pub kind: LinkKind,
    /// The integration that it connects again or sets up; else the one that came of it.
    pub integration_id: Option<IntegrationId>,
    /// The ATS, where it was chosen beforehand.
    pub tool: Option<String>,
    /// The page's language (`en`).
    pub language: String,
    /// `MAGIC_LINK` or `EMBEDDED`.
    pub link_type: String,
    /// Kombo's address, sealed; an empty text where one is made each time that somebody goes on (`EMBEDDED`).
    pub link: Vec<u8>,
    /// SHA-256 of the token of our own page; `None`: one of the time before there was such a page.
    pub token_digest: Option<Vec<u8>>,
    /// The token, sealed.
    pub token: Option<Vec<u8>>,
    /// The last mail that carried it.
    pub mail_id: Option<DeliveryId>,
    /// Who had it made.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When somebody last went on from our page to Kombo's.
    pub opened_at: Option<Timestamp>,
    /// When an ATS was connected.
    pub used_at: Option<Timestamp>,
    /// When Kombo last said that connecting failed.
    pub failed_at: Option<Timestamp>,
    /// The ATS that could not be connected.
    pub failed_tool: Option<String>,
    /// Kombo's page that tells what went wrong.
    pub failed_log: Option<String>,
    /// Since when our page leads on no more.
    pub withdrawn_at: Option<Timestamp>,
}

impl LinkRow {
    /// How it stands with it.
    pub fn state(&self, now: Timestamp) -> LinkState {
        let fate = Fate {
            opened: self.opened_at,
            failed: self.failed_at,
            used: self.used_at,
            withdrawn: self.withdrawn_at,
        };
        link_state(fate, self.expires_at, now)
    }

    /// Whether one is made each time that somebody goes on, for the flow in our own page.
    pub fn is_embedded(&self) -> bool {
        self.link_type == "EMBEDDED"
    }
}

/// A connection link in the list, with who had it made and how it stands with its mail.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedLink {
    /// The link.
    #[sqlx(flatten)]
    pub row: LinkRow,
    /// The staff member's name.
    pub staff_name: Option<String>,
    /// How it stands with its last mail.
    pub mail_state: Option<DeliveryState>,
    /// When that mail was written.
    pub mailed_at: Option<Timestamp>,
}

/// What is sealed of a link.
#[derive(Debug)]
pub struct Secrets<'a> {
    /// Kombo's address.
    pub address: &'a str,
    /// What opens our own page.
    pub token: &'a str,
}

fn place(id: ConnectionLinkId) -> Place {
    Place::new("connection_links", "link", id.0.as_bytes())
}

fn token_place(id: ConnectionLinkId) -> Place {
    Place::new("connection_links", "token", id.0.as_bytes())
}

/// Writes a link; what it seals is filled into `row`.
pub async fn insert(conn: &mut Conn, vault: &Vault, row: &mut LinkRow, secrets: Secrets<'_>) -> Result<(), Error> {
    let customer = Some(row.customer_id);
    let (link, token) = (place(row.id), token_place(row.id));
    row.link = vault.seal(conn, customer, &link, secrets.address.as_bytes()).await?;
    row.token = Some(vault.seal(conn, customer, &token, secrets.token.as_bytes()).await?);
    row.token_digest = Some(token::digest(secrets.token));
    execute!(
        conn,
        "INSERT INTO connection_links (id, customer_id, tool, language, link_type, link, created_by, created_at, expires_at,
            kind, integration_id, token_digest, token)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        row.id,
        row.customer_id,
        &row.tool,
        &row.language,
        &row.link_type,
        &row.link,
        row.created_by,
        row.created_at,
        row.expires_at,
        row.kind,
        row.integration_id,
        &row.token_digest,
        &row.token
    )
    .map(drop)
}

/// Writes that somebody went on from our page; whether the link still leads on.
pub async fn note_opened(conn: &mut Conn, id: ConnectionLinkId, at: Timestamp) -> Result<bool, Error> {
    let noted = execute!(
        conn,
        "UPDATE connection_links SET opened_at = $2
         WHERE id = $1 AND used_at IS NULL AND withdrawn_at IS NULL AND expires_at > $2",
        id,
        at
    )?;
    Ok(noted > 0)
}

/// Writes that an ATS was connected by it.
pub async fn note_used(
    conn: &mut Conn,
    id: ConnectionLinkId,
    integration: IntegrationId,
    at: Timestamp,
) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE connection_links SET used_at = $2, integration_id = $3 WHERE id = $1",
        id,
        at,
        integration
    )
    .map(drop)
}

/// Writes that an ATS could not be connected by it, and Kombo's page that tells why.
pub async fn note_failed(
    conn: &mut Conn,
    id: ConnectionLinkId,
    at: Timestamp,
    tool: &str,
    log: Option<&str>,
) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE connection_links SET failed_at = $2, failed_tool = $3, failed_log = $4 WHERE id = $1",
        id,
        at,
        tool,
        log
    )
    .map(drop)
}

/// Writes which mail carried it last.
pub async fn note_mailed(conn: &mut Conn, id: ConnectionLinkId, mail: DeliveryId) -> Result<(), Error> {
    execute!(conn, "UPDATE connection_links SET mail_id = $2 WHERE id = $1", id, mail).map(drop)
}

/// Turns it off; whether it still led on.
pub async fn withdraw(conn: &mut Conn, id: ConnectionLinkId, at: Timestamp) -> Result<bool, Error> {
    let withdrawn = execute!(
        conn,
        "UPDATE connection_links SET withdrawn_at = $2
         WHERE id = $1 AND used_at IS NULL AND withdrawn_at IS NULL AND expires_at > $2",
        id,
        at
    )?;
    Ok(withdrawn > 0)
}

macro_rules! listed {
    ($tail:literal) => {
        concat!(
            "SELECT l.*, s.name AS staff_name, d.state AS mail_state, d.created_at AS mailed_at
             FROM connection_links l LEFT JOIN staff s ON s.id = l.created_by LEFT JOIN deliveries d ON d.id = l.mail_id
             WHERE ",
            $tail
        )
    };
}

/// The links of a customer that the viewer was already found to see, the newest first.
pub async fn of_customer(conn: &mut Conn, customer: CustomerId, limit: i64) -> Result<Vec<ListedLink>, Error> {
    let sql = listed!("l.customer_id = $1 ORDER BY l.created_at DESC, l.id DESC LIMIT $2");
    fetch_all!(conn, ListedLink, sql, customer, limit)
}

/// One link of a customer that the viewer was already found to see.
pub async fn find(conn: &mut Conn, customer: CustomerId, id: ConnectionLinkId) -> Result<Option<ListedLink>, Error> {
    let sql = listed!("l.customer_id = $1 AND l.id = $2");
    fetch_optional!(conn, ListedLink, sql, customer, id)
}

/// The links by which an integration was connected, connected again or set up, the newest first.
pub async fn of_integration(conn: &mut Conn, id: IntegrationId, limit: i64) -> Result<Vec<ListedLink>, Error> {
    let sql = listed!("l.integration_id = $1 ORDER BY l.created_at DESC, l.id DESC LIMIT $2");
    fetch_all!(conn, ListedLink, sql, id, limit)
}

/// The link that this token opens.
pub async fn by_token(conn: &mut Conn, told: &str) -> Result<Option<LinkRow>, Error> {
    let Some(id) = token::named_id(told) else {
        return Ok(None);
    };
    let found = fetch_optional!(conn, LinkRow, "SELECT * FROM connection_links WHERE id = $1", id)?;
    Ok(found.filter(|row| row.token_digest.as_deref().is_some_and(|kept| token::fits(told, kept))))
}

/// The customer's links that are not used and were made before `at`, the newest first: one of them is what Kombo's news is
/// about.
pub async fn unused(conn: &mut Conn, customer: CustomerId, at: Timestamp) -> Result<Vec<LinkRow>, Error> {
    fetch_all!(
        conn,
        LinkRow,
        "SELECT * FROM connection_links
         WHERE customer_id = $1 AND used_at IS NULL AND created_at <= $2 AND expires_at > $2
         ORDER BY created_at DESC, id DESC LIMIT 50",
        customer,
        at
    )
}

/// Kombo's address; empty where one is made each time.
pub async fn open(conn: &mut Conn, vault: &Vault, row: &LinkRow) -> Result<String, Error> {
    let opened = vault.open(conn, &place(row.id), &row.link).await?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}

/// The token of our own page; `None`: a link of the time before there was such a page.
pub async fn open_token(conn: &mut Conn, vault: &Vault, row: &LinkRow) -> Result<Option<String>, Error> {
    let Some(sealed) = &row.token else { return Ok(None) };
    let opened = vault.open(conn, &token_place(row.id), sealed).await?;
    Ok(Some(String::from_utf8_lossy(&opened).into_owned()))
}
