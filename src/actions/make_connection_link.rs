//! A connection link is made: Kombo is asked outside any transaction, the link is kept sealed.

use super::error::{Error, kombo_in_words};
use super::work::{Subject, Tools};
use crate::domain::ids::CustomerId;
use crate::domain::viewer::Viewer;
use crate::kombo::Client;
use crate::kombo::wire::{Category, CreateLink, Language, LinkType};
use crate::live::Kind;
use crate::store::connection_links::{self, LinkRow};
use crate::store::customers;
use serde_json::json;
use std::time::Duration;

/// How long a link that is sent by mail is good, as Kombo documents it.
const GOOD_FOR: Duration = Duration::from_hours(365 * 24);

/// The languages in which Kombo's connection page speaks.
pub const LANGUAGES: [(&str, &str); 5] = [
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("it", "Italian"),
    ("es", "Spanish"),
];

/// What a person says about a link.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The ATS (`greenhouse`); empty: the customer chooses.
    pub tool: String,
    /// The page's language (`en`).
    pub language: String,
}

/// Has Kombo make a link for the customer and keeps it.
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
    let tool = wanted.tool.trim().to_lowercase();
    if !tool.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || tool.len() > 60 {
        return Err(Error::field(
            "tool",
            "Please give the ATS as Kombo calls it, like 'greenhouse', or leave it open.",
        ));
    }
    if !LANGUAGES.iter().any(|(code, _)| *code == wanted.language) {
        return Err(Error::field("language", "Please choose one of the languages."));
    }
    let mut conn = tools.read().await?;
    let row = customers::find(&mut conn, viewer, customer)
        .await?
        .ok_or(Error::NotFound)?;
    drop(conn);
    let kombo = kombo.ok_or_else(|| {
        Error::refused(
            "Kombo's API key is not set here, so no link can be made. An administrator sets ASSESSDESK_KOMBO_API_KEY.",
        )
    })?;
    let ask = CreateLink {
        end_user_email: row.contact_email.clone(),
        end_user_organization_name: row.name.clone(),
        end_user_origin_id: Some(row.origin_id.clone()),
        integration_category: Category::Assessment,
        integration_tool: (!tool.is_empty()).then(|| tool.clone()),
        language: Some(Language::from(wanted.language.as_str())),
        link_type: Some(LinkType::MagicLink),
    };
    let reply = kombo
        .create_link(&ask)
        .await
        .map_err(|error| Error::Refused(kombo_in_words(&error)))?;
    let mut work = tools.begin(viewer).await?;
    let mut link = LinkRow {
        id: work.new_id(),
        customer_id: customer,
        tool: (!tool.is_empty()).then_some(tool),
        language: wanted.language,
        link_type: LinkType::MagicLink.as_str().to_owned(),
        link: Vec::new(),
        created_by: viewer.staff_id(),
        created_at: work.now,
        expires_at: work.now.plus(GOOD_FOR),
    };
    connection_links::insert(&mut work.conn, &tools.vault, &mut link, &reply.data.link).await?;
    let detail = json!({"tool": link.tool, "language": link.language, "expires_at": link.expires_at});
    let subject = Subject::new("customer", customer.0, Some(customer));
    work.audit("connection_link.made", subject, detail).await?;
    work.hint(Kind::Customer, customer.0, Some(customer));
    work.commit().await?;
    Ok(link)
}
