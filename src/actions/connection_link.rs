//! What becomes of a connection link: it is sent, opened, used, fails, or is turned off.

use super::error::Error;
use super::invite::{self, NO_MAIL};
use super::make_connection_link;
use super::work::{Subject, Tools, Work};
use crate::domain::connecting::{LinkKind, LinkState, words};
use crate::domain::delivery::MailPurpose;
use crate::domain::ids::{ConnectionLinkId, CustomerId};
use crate::domain::integration::{IntegrationState, SetupStatus};
use crate::domain::invitation::due_in_words;
use crate::domain::language::Language;
use crate::domain::placeholders;
use crate::domain::text::tool_label;
use crate::domain::viewer::{Actor, Viewer};
use crate::kombo::{Client, wire};
use crate::live::Kind;
use crate::mail::Letter;
use crate::store::connection_links::{self, LinkRow};
use crate::store::customers::{self, CustomerRow};
use crate::store::integrations::IntegrationRow;
use crate::store::{self, Conn};
use serde_json::json;

/// What stands behind the address of our own page.
#[derive(Clone, Debug)]
pub struct Behind {
    /// The link.
    pub row: LinkRow,
    /// How it stands with it.
    pub state: LinkState,
    /// Whose it is.
    pub customer: CustomerRow,
}

impl Behind {
    /// The language in which the customer is spoken to.
    pub fn language(&self) -> Language {
        language_of(&self.row)
    }

    /// What is asked of the customer, in the link's language.
    pub fn says(&self, provider: &str) -> Says {
        Says::of(&self.row, &self.customer, provider)
    }
}

/// The words of a link, filled in.
#[derive(Clone, Debug)]
pub struct Says {
    /// The headline.
    pub title: String,
    /// What is asked for.
    pub asks: String,
    /// Until when, and who should have it.
    pub until: String,
}

impl Says {
    fn of(row: &LinkRow, customer: &CustomerRow, provider: &str) -> Self {
        let language = language_of(row);
        let words = words::of(language);
        let ats = row
            .tool
            .as_deref()
            .map_or_else(|| words.your_ats.to_owned(), tool_label);
        let date = due_in_words(row.expires_at, language);
        let fill = |text: &str| {
            let filled = placeholders::fill(text, |name| match name {
                "ats" => Some(ats.clone()),
                "customer" => Some(customer.name.clone()),
                "provider" => Some(provider.to_owned()),
                "date" => Some(date.clone()),
                _ => None,
            });
            filled.unwrap_or_else(|_| text.to_owned())
        };
        Self {
            title: fill(words.title(row.kind)),
            asks: fill(words.asks(row.kind)),
            until: fill(words.until),
        }
    }
}

fn language_of(row: &LinkRow) -> Language {
    Language::parse(&row.language).unwrap_or(Language::En)
}

/// The path of our own page that a token opens.
pub fn path(token: &str) -> String {
    format!("/connect/{token}")
}

/// What the provider is called in mails and on its own pages.
pub fn provider(tools: &Tools) -> String {
    invite::provider(tools)
}

/// What stands behind a token, without changing anything; `None`: nothing does.
pub async fn look(conn: &mut Conn, tools: &Tools, token: &str) -> Result<Option<Behind>, store::Error> {
    let Some(row) = connection_links::by_token(conn, token).await? else {
        return Ok(None);
    };
    let customer = customers::find(conn, &Viewer::system(), row.customer_id).await?;
    Ok(customer.map(|customer| Behind {
        state: row.state(tools.clock.now()),
        customer,
        row,
    }))
}

/// Where the customer goes on, who has pressed the button; it is noted that the link was opened. `None`: it was used or
/// turned off in this very moment.
///
/// # Errors
/// [`Error::Refused`] where Kombo did not make the link that the flow in our own page needs.
pub async fn go_on(tools: &Tools, kombo: Option<&Client>, behind: &Behind) -> Result<Option<String>, Error> {
    let address = if behind.row.is_embedded() {
        let kombo = kombo.ok_or_else(|| Error::refused(make_connection_link::NO_KEY))?;
        let made = make_connection_link::ask_embedded(kombo, &behind.customer, &behind.row).await;
        made.map_err(|error| Error::Refused(super::kombo_in_words(&error)))?
    } else {
        let mut conn = tools.read().await?;
        connection_links::open(&mut conn, &tools.vault, &behind.row).await?
    };
    let mut work = tools.begin(&Viewer::system()).await?;
    let (row, now) = (&behind.row, work.now);
    if !connection_links::note_opened(&mut work.conn, row.id, now).await? {
        return Ok(None);
    }
    if row.opened_at.is_none() {
        tell(&mut work, Actor::System, "connection_link.opened", row, json!({})).await?;
    }
    hint(&mut work, row);
    work.commit().await?;
    Ok(Some(address))
}

/// The mail that carries a link, as it would be written now.
pub async fn letter(conn: &mut Conn, tools: &Tools, row: &LinkRow, customer: &CustomerRow) -> Result<Letter, Error> {
    let address = address(conn, tools, row).await?;
    let words = words::of(language_of(row));
    let says = Says::of(row, customer, &provider(tools));
    let text = [words.greeting, &says.asks, &address, words.what, &says.until].join("\n\n");
    Ok(Letter {
        to: customer.contact_email.clone(),
        name: String::new(),
        reply_to: String::new(),
        subject: says.title,
        button: words.go_on.to_owned(),
        link: address,
        language: language_of(row),
        text,
    })
}

/// What a person copies: the address of our own page, or Kombo's for links of the time before there was such a page.
pub async fn address(conn: &mut Conn, tools: &Tools, row: &LinkRow) -> Result<String, Error> {
    Ok(match connection_links::open_token(conn, &tools.vault, row).await? {
        Some(token) => tools.config.link(&path(&token)),
        None => connection_links::open(conn, &tools.vault, row).await?,
    })
}

/// Sends a link to the customer's contact.
///
/// # Errors
/// [`Error::Refused`] where no mail is set up, or the link leads nowhere any more.
pub async fn mail(work: &mut Work, customer: CustomerId, id: ConnectionLinkId) -> Result<(), Error> {
    let (customer, link) = seen(work, customer, id).await?;
    if work.tools.config.mail.is_none() {
        return Err(Error::refused(NO_MAIL));
    }
    if !link.state(work.now).is_open() {
        return Err(Error::refused(
            "This link leads nowhere any more. Make a new one and send that.",
        ));
    }
    let tools = work.tools.clone();
    let letter = letter(&mut work.conn, &tools, &link, &customer).await?;
    let row = invite::mail_row(work, MailPurpose::Connection, Some(customer.id), None);
    invite::insert(work, &row, &letter).await?;
    connection_links::note_mailed(&mut work.conn, link.id, row.id).await?;
    let actor = work.viewer.who;
    tell(work, actor, "connection_link.mailed", &link, json!({})).await?;
    hint(work, &link);
    Ok(())
}

/// Turns a link off: our page leads on no more. Kombo's own address cannot be turned off; whoever went on before may
/// finish.
///
/// # Errors
/// [`Error::Refused`] where it leads nowhere already.
pub async fn withdraw(work: &mut Work, customer: CustomerId, id: ConnectionLinkId) -> Result<(), Error> {
    let (_, link) = seen(work, customer, id).await?;
    let now = work.now;
    if !connection_links::withdraw(&mut work.conn, link.id, now).await? {
        return Err(Error::refused("This link leads nowhere any more already."));
    }
    let actor = work.viewer.who;
    tell(work, actor, "connection_link.withdrawn", &link, json!({})).await?;
    hint(work, &link);
    Ok(())
}

async fn seen(work: &mut Work, customer: CustomerId, id: ConnectionLinkId) -> Result<(CustomerRow, LinkRow), Error> {
    let viewer = work.viewer;
    let customer = customers::find(&mut work.conn, &viewer, customer)
        .await?
        .ok_or(Error::NotFound)?;
    let link = connection_links::find(&mut work.conn, customer.id, id)
        .await?
        .ok_or(Error::NotFound)?;
    Ok((customer, link.row))
}

/// An integration of a customer is there and works: the link by which it came, or came back, has done its work.
///
/// Kombo does not say which link was used. It is taken to be the newest one that fits and was opened, else the newest one
/// that fits and was made before the integration was first heard of.
pub(super) async fn connected(work: &mut Work, integration: &IntegrationRow) -> Result<(), store::Error> {
    let Some(customer) = integration.customer_id else {
        return Ok(());
    };
    let known = connection_links::of_integration(&mut work.conn, integration.id, 50).await?;
    let mut done = Vec::new();
    for link in known.iter().map(|link| &link.row).filter(|row| row.used_at.is_none()) {
        let is_done = match link.kind {
            LinkKind::Connect => true,
            LinkKind::Reconnect => integration.state == IntegrationState::Active && link.opened_at.is_some(),
            LinkKind::SetUp => integration.setup_status == Some(SetupStatus::Completed),
        };
        if is_done {
            done.push(link.clone());
        }
    }
    if !known.iter().any(|link| link.row.kind == LinkKind::Connect) {
        let unused = connection_links::unused(&mut work.conn, customer, integration.created_at).await?;
        done.extend(likeliest(unused, &integration.tool));
    }
    let now = work.now;
    for row in done {
        connection_links::note_used(&mut work.conn, row.id, integration.id, now).await?;
        hint(work, &row);
    }
    Ok(())
}

/// Kombo says that a customer tried to connect an ATS and did not succeed; says whose attempt it was, where that is known.
pub(super) async fn failed(
    work: &mut Work,
    news: &wire::ConnectionFlowFailed,
) -> Result<Option<CustomerId>, store::Error> {
    let origin = news.end_user.origin_id.as_deref().map(str::trim);
    let Some(origin) = origin.filter(|origin| !origin.is_empty()) else {
        return Ok(None);
    };
    let Some(customer) = customers::find_by_origin(&mut work.conn, origin).await? else {
        return Ok(None);
    };
    let now = work.now;
    let unused = connection_links::unused(&mut work.conn, customer.id, now).await?;
    if let Some(row) = likeliest(unused, &news.integration_tool) {
        let (tool, log) = (news.integration_tool.as_str(), news.log_url.as_deref());
        connection_links::note_failed(&mut work.conn, row.id, now, tool, log).await?;
        let detail = json!({"tool": news.integration_tool});
        tell(work, Actor::Kombo, "connection_link.failed", &row, detail).await?;
        hint(work, &row);
    }
    Ok(Some(customer.id))
}

/// The link that is meant where Kombo names only the customer and the ATS.
fn likeliest(links: Vec<LinkRow>, tool: &str) -> Option<LinkRow> {
    let fits = |row: &LinkRow| row.tool.as_deref().is_none_or(|chosen| chosen == tool);
    let links = links.into_iter().filter(fits);
    links.max_by_key(|row| (row.withdrawn_at.is_none(), row.opened_at, row.created_at))
}

async fn tell(
    work: &mut Work,
    actor: Actor,
    action: &'static str,
    row: &LinkRow,
    detail: serde_json::Value,
) -> Result<(), store::Error> {
    let subject = Subject::new("customer", row.customer_id.0, Some(row.customer_id));
    work.audit_as(actor, action, subject, detail).await
}

fn hint(work: &mut Work, row: &LinkRow) {
    work.hint(Kind::Customer, row.customer_id.0, Some(row.customer_id));
}
