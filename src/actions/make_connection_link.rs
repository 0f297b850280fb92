//! A connection link is made: Kombo is asked outside any transaction, the link is kept sealed.

use super::error::{Error, kombo_in_words};
use super::work::{Subject, Tools};
use crate::domain::connecting::{EMBEDDED_DAYS, LinkKind, MAGIC_DAYS};
use crate::domain::ids::{CustomerId, IntegrationId};
use crate::domain::language;
use crate::domain::text::fold;
use crate::domain::viewer::Viewer;
use crate::kombo::wire::{Category, CreateLink, Language, LinkType, Relink, SetupLink};
use crate::kombo::{self, Client};
use crate::live::Kind;
use crate::store::connection_links::{self, LinkRow, Secrets};
use crate::store::customers::CustomerRow;
use crate::store::integrations::IntegrationRow;
use crate::store::{connectable_tools, customers, integrations, token};
use serde_json::json;
use std::time::Duration;

/// What is said where no API key is set.
pub const NO_KEY: &str =
    "Kombo's API key is not set here, so no link can be made. An administrator sets ASSESSDESK_KOMBO_API_KEY.";

/// What a person says about a link.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The ATS (`greenhouse`, or its name for people); empty: the customer chooses.
    pub tool: String,
    /// The page's language (`en`).
    pub language: String,
    /// Whether the customer connects in our own page instead of Kombo's.
    pub embedded: bool,
}

/// A link that Kombo made, or that is made each time that somebody goes on.
struct Made {
    kind: LinkKind,
    customer: CustomerId,
    integration: Option<IntegrationId>,
    tool: Option<String>,
    language: String,
    link_type: LinkType,
    address: String,
}

/// Has Kombo make a link for the customer and keeps it. For the flow in our own page nothing is made yet: such a link is
/// good for an hour only, so one is made when the customer presses the button.
///
/// # Errors
/// [`Error::Refused`] where Kombo is not configured or did not make one, in a sentence for staff.
pub async fn make(
    tools: &Tools,
    kombo: Option<&Client>,
    viewer: &Viewer,
    customer: CustomerId,
    wanted: Wanted,
) -> Result<LinkRow, Error> {
    let tool = read_tool(tools, &wanted.tool).await?;
    check_language(&wanted.language)?;
    let mut conn = tools.read().await?;
    let row = customers::find(&mut conn, viewer, customer)
        .await?
        .ok_or(Error::NotFound)?;
    drop(conn);
    let kombo = kombo.ok_or_else(|| Error::refused(NO_KEY))?;
    let (link_type, address) = if wanted.embedded {
        (LinkType::Embedded, String::new())
    } else {
        let made = ask(kombo, &row, tool.as_deref(), &wanted.language, LinkType::MagicLink).await;
        (
            LinkType::MagicLink,
            made.map_err(|error| Error::Refused(kombo_in_words(&error)))?,
        )
    };
    let made = Made {
        kind: LinkKind::Connect,
        integration: None,
        language: wanted.language,
        customer,
        tool,
        link_type,
        address,
    };
    keep(tools, viewer, made).await
}

/// Has Kombo make a link by which a customer connects an integration again, or finishes its set-up.
///
/// # Errors
/// As for [`make`].
pub async fn make_for(
    tools: &Tools,
    kombo: Option<&Client>,
    viewer: &Viewer,
    id: IntegrationId,
    kind: LinkKind,
    language: String,
) -> Result<LinkRow, Error> {
    check_language(&language)?;
    let mut conn = tools.read().await?;
    let row = integrations::find(&mut conn, viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    drop(conn);
    let customer = row
        .customer_id
        .ok_or_else(|| Error::refused("It belongs to no customer yet. Assign it first."))?;
    let kombo = kombo.ok_or_else(|| Error::refused(NO_KEY))?;
    let made = ask_again(kombo, &row, kind, &language).await;
    let address = made.map_err(|error| Error::Refused(kombo_in_words(&error)))?;
    let made = Made {
        integration: Some(id),
        tool: Some(row.tool),
        link_type: LinkType::MagicLink,
        kind,
        customer,
        language,
        address,
    };
    keep(tools, viewer, made).await
}

/// A link for the flow in our own page, good for an hour.
///
/// # Errors
/// What Kombo answers.
pub async fn ask_embedded(kombo: &Client, customer: &CustomerRow, row: &LinkRow) -> Result<String, kombo::Error> {
    ask(kombo, customer, row.tool.as_deref(), &row.language, LinkType::Embedded).await
}

async fn ask(
    kombo: &Client,
    customer: &CustomerRow,
    tool: Option<&str>,
    language: &str,
    link_type: LinkType,
) -> Result<String, kombo::Error> {
    let ask = CreateLink {
        end_user_email: customer.contact_email.clone(),
        end_user_organization_name: customer.name.clone(),
        end_user_origin_id: Some(customer.origin_id.clone()),
        integration_category: Category::Assessment,
        integration_tool: tool.map(str::to_owned),
        language: Some(Language::from(language)),
        link_type: Some(link_type),
    };
    Ok(kombo.create_link(&ask).await?.data.link)
}

async fn ask_again(
    kombo: &Client,
    row: &IntegrationRow,
    kind: LinkKind,
    language: &str,
) -> Result<String, kombo::Error> {
    let language = Some(Language::from(language));
    let link_type = LinkType::MagicLink;
    let reply = if kind == LinkKind::SetUp {
        kombo
            .setup_link(&row.kombo_id, &SetupLink { language, link_type })
            .await?
    } else {
        let relink = Relink {
            language,
            link_type: Some(link_type),
        };
        kombo.relink(&row.kombo_id, &relink).await?
    };
    Ok(reply.data.link)
}

async fn keep(tools: &Tools, viewer: &Viewer, made: Made) -> Result<LinkRow, Error> {
    let mut work = tools.begin(viewer).await?;
    let (id, token) = token::fresh_with_id(work.now)?;
    let days = if made.link_type == LinkType::Embedded {
        EMBEDDED_DAYS
    } else {
        MAGIC_DAYS
    };
    let mut link = LinkRow {
        id: id.into(),
        customer_id: made.customer,
        kind: made.kind,
        integration_id: made.integration,
        tool: made.tool,
        language: made.language,
        link_type: made.link_type.as_str().to_owned(),
        link: Vec::new(),
        token_digest: None,
        token: None,
        mail_id: None,
        created_by: viewer.staff_id(),
        created_at: work.now,
        expires_at: work.now.plus(Duration::from_hours(days * 24)),
        opened_at: None,
        used_at: None,
        failed_at: None,
        failed_tool: None,
        failed_log: None,
        withdrawn_at: None,
    };
    let secrets = Secrets {
        address: &made.address,
        token: &token,
    };
    connection_links::insert(&mut work.conn, &tools.vault, &mut link, secrets).await?;
    let detail = json!({
        "kind": link.kind, "tool": link.tool, "language": link.language, "embedded": link.is_embedded(),
        "expires_at": link.expires_at,
    });
    let subject = Subject::new("customer", made.customer.0, Some(made.customer));
    work.audit("connection_link.made", subject, detail).await?;
    work.hint(Kind::Customer, made.customer.0, Some(made.customer));
    work.commit().await?;
    Ok(link)
}

/// The ATS that a person means, as Kombo calls it; `None`: the customer chooses.
async fn read_tool(tools: &Tools, typed: &str) -> Result<Option<String>, Error> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let mut conn = tools.read().await?;
    let listed = connectable_tools::all(&mut conn).await?;
    drop(conn);
    let folded = fold(typed);
    let named = listed
        .iter()
        .find(|row| row.tool == folded || fold(&row.label) == folded);
    if let Some(row) = named {
        return Ok(Some(row.tool.clone()));
    }
    let is_id = folded.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && folded.len() <= 60;
    if !listed.is_empty() || !is_id {
        let why = if listed.is_empty() {
            "Please give the ATS as Kombo calls it, like 'greenhouse', or leave it open."
        } else {
            "Kombo's list has no such ATS. Please choose one of the list, or leave it open."
        };
        return Err(Error::field("tool", why));
    }
    Ok(Some(folded))
}

fn check_language(code: &str) -> Result<(), Error> {
    match language::Language::parse(code) {
        Some(_) => Ok(()),
        None => Err(Error::field("language", "Please choose one of the languages.")),
    }
}
