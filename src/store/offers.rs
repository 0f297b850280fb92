//! Draft offers: the packages that an integration is to show in its ATS.

use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::offer_window::OfferWindow;
use crate::domain::package::{OfferLine, PackageType};
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::like::contains;
use crate::store::package_texts::{in_its_language, own_words};
use crate::store::{Conn, Error, id_list};
use std::collections::HashMap;

/// The columns of a [`DraftLine`], of a line `l` and its package `p` with [`in_its_language`].
macro_rules! columns {
    () => {
        concat!(
            "l.package_id, p.key, p.type, l.name, l.description, ",
            own_words!(),
            ", p.retired_at, l.valid_from, l.valid_until, l.from_set"
        )
    };
}

/// A line of a draft offer, beside the catalogue's words: those in the customer's language where it has any.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DraftLine {
    /// The package.
    pub package_id: PackageId,
    /// Its key.
    pub key: String,
    /// What kind of package it is.
    #[sqlx(rename = "type")]
    pub kind: PackageType,
    /// The name in this offer; empty: the catalogue's.
    pub name: String,
    /// The description in this offer; empty: the catalogue's.
    pub description: String,
    /// The catalogue's name.
    pub own_name: String,
    /// The catalogue's description.
    pub own_description: String,
    /// Since when the catalogue has it as retired.
    pub retired_at: Option<Timestamp>,
    /// From when it is offered; `None`: from the next publication on.
    pub valid_from: Option<Timestamp>,
    /// Until when, exclusive; `None`: for good.
    pub valid_until: Option<Timestamp>,
    /// It came with an offer set, and goes with it.
    pub from_set: bool,
}

impl DraftLine {
    /// From when to when it is offered.
    pub const fn window(&self) -> OfferWindow {
        OfferWindow {
            from: self.valid_from,
            until: self.valid_until,
        }
    }

    /// Whether a publication at `now` lists it.
    pub fn is_offered(&self, now: Timestamp) -> bool {
        self.retired_at.is_none() && self.window().is_open(now)
    }

    /// As the ATS is to show it.
    pub fn offered(&self) -> OfferLine {
        let or = |own: &String, catalogue: &String| if own.is_empty() { catalogue } else { own }.clone();
        OfferLine {
            key: self.key.clone(),
            name: or(&self.name, &self.own_name),
            description: or(&self.description, &self.own_description),
            kind: self.kind,
        }
    }

    /// Whether this offer calls it other than the catalogue does.
    pub fn is_renamed(&self) -> bool {
        !self.name.is_empty() || !self.description.is_empty()
    }
}

/// A line to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// The package.
    pub package_id: PackageId,
    /// The name in this offer; empty: the catalogue's.
    pub name: String,
    /// The description in this offer; empty: the catalogue's.
    pub description: String,
    /// From when to when it is offered.
    pub window: OfferWindow,
    /// It came with an offer set, and goes with it.
    pub from_set: bool,
}

impl NewLine {
    /// The package as the catalogue has it.
    pub const fn plain(package_id: PackageId) -> Self {
        Self {
            package_id,
            name: String::new(),
            description: String::new(),
            window: OfferWindow {
                from: None,
                until: None,
            },
            from_set: false,
        }
    }
}

impl From<DraftLine> for NewLine {
    fn from(line: DraftLine) -> Self {
        Self {
            window: line.window(),
            package_id: line.package_id,
            name: line.name,
            description: line.description,
            from_set: line.from_set,
        }
    }
}

/// The draft offer of an integration, in order.
pub async fn draft(conn: &mut Conn, integration: IntegrationId) -> Result<Vec<DraftLine>, Error> {
    let mut drafts = drafts(conn, &[integration]).await?;
    Ok(drafts.remove(&integration).unwrap_or_default())
}

/// A line with the offer that it stands in.
#[derive(sqlx::FromRow)]
struct LineOf {
    integration_id: IntegrationId,
    #[sqlx(flatten)]
    line: DraftLine,
}

/// The draft offers of these integrations, each in order.
pub async fn drafts(
    conn: &mut Conn,
    integrations: &[IntegrationId],
) -> Result<HashMap<IntegrationId, Vec<DraftLine>>, Error> {
    // PostgreSQL takes any list for a hundred ids, and looks through all lines for them; asked for each by itself, it goes
    // to the lines of each.
    let sql = conn.pick(
        concat!(
            "SELECT l.integration_id, ",
            columns!(),
            "
         FROM offer_lines l JOIN packages p ON p.id = l.package_id",
            in_its_language!("l.integration_id"),
            "WHERE l.integration_id IN (SELECT unhex(value, '-') FROM json_each($1))
         ORDER BY l.integration_id, l.position, p.key"
        ),
        concat!(
            "SELECT line.* FROM (SELECT CAST(value AS UUID) AS id FROM jsonb_array_elements_text(CAST($1 AS JSONB))) asked
         CROSS JOIN LATERAL (
            SELECT l.integration_id, ",
            columns!(),
            ", l.position
            FROM offer_lines l JOIN packages p ON p.id = l.package_id",
            in_its_language!("asked.id"),
            "WHERE l.integration_id = asked.id OFFSET 0) line
         ORDER BY line.integration_id, line.position, line.key"
        ),
    );
    let rows = fetch_all!(conn, LineOf, sql, id_list(integrations))?;
    let mut drafts = HashMap::<_, Vec<_>>::new();
    for row in rows {
        drafts.entry(row.integration_id).or_default().push(row.line);
    }
    Ok(drafts)
}

/// The draft offer of an integration in order, as it would be shown where another one's customer reads it.
pub async fn draft_for(
    conn: &mut Conn,
    integration: IntegrationId,
    reader: IntegrationId,
) -> Result<Vec<DraftLine>, Error> {
    fetch_all!(
        conn,
        DraftLine,
        concat!(
            "SELECT ",
            columns!(),
            "
         FROM offer_lines l JOIN packages p ON p.id = l.package_id",
            in_its_language!("$2"),
            "WHERE l.integration_id = $1 ORDER BY l.position, p.key"
        ),
        integration,
        reader
    )
}

/// An integration that offers something in its draft.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OfferingRow {
    /// The integration.
    pub id: IntegrationId,
    /// The ATS.
    pub tool: String,
    /// The organisation's name as Kombo has it.
    pub organization_name: String,
    /// The customer's name.
    pub customer_name: String,
    /// How many packages its draft has.
    pub lines: i64,
}

/// Integrations beside this one whose draft offers something, by customer: those that the viewer may see.
pub async fn offering(
    conn: &mut Conn,
    viewer: &Viewer,
    customer: &str,
    beside: IntegrationId,
    limit: i64,
) -> Result<Vec<OfferingRow>, Error> {
    fetch_all!(
        conn,
        OfferingRow,
        "SELECT i.id, i.tool, i.organization_name, c.name AS customer_name,
            (SELECT COUNT(*) FROM offer_lines l WHERE l.integration_id = i.id) AS lines
         FROM customers c JOIN integrations i ON i.customer_id = c.id
         WHERE ($1 OR c.id IN (SELECT customer_id FROM staff_customers WHERE staff_id = $2))
           AND c.name_folded LIKE $3 ESCAPE '\\' AND c.archived_at IS NULL AND i.deleted_at IS NULL AND i.id <> $4
           AND EXISTS (SELECT 1 FROM offer_lines l WHERE l.integration_id = i.id)
         ORDER BY c.name_folded, c.id, i.id LIMIT $5",
        viewer.sees_all(),
        viewer.staff_id(),
        contains(customer),
        beside,
        limit
    )
}

/// The line of this package in the draft offer of an integration.
pub async fn line(conn: &mut Conn, integration: IntegrationId, package: PackageId) -> Result<Option<DraftLine>, Error> {
    fetch_optional!(
        conn,
        DraftLine,
        concat!(
            "SELECT ",
            columns!(),
            "
         FROM offer_lines l JOIN packages p ON p.id = l.package_id",
            in_its_language!("$1"),
            "WHERE l.integration_id = $1 AND l.package_id = $2"
        ),
        integration,
        package
    )
}

/// The draft gets another version, if nobody changed it since `version`; says which.
///
/// # Errors
/// [`Error::Changed`] where somebody did.
pub async fn advance(conn: &mut Conn, integration: IntegrationId, version: i64) -> Result<i64, Error> {
    let changed = execute!(
        conn,
        "UPDATE integrations SET offer_version = offer_version + 1 WHERE id = $1 AND offer_version = $2",
        integration,
        version
    )?;
    if changed == 0 {
        return Err(Error::Changed);
    }
    Ok(version + 1)
}

/// Writes the whole draft anew, if nobody changed it since `version`; says its new version.
///
/// # Errors
/// [`Error::Changed`] where somebody did.
pub async fn replace(
    conn: &mut Conn,
    integration: IntegrationId,
    version: i64,
    lines: &[NewLine],
    now: Timestamp,
) -> Result<i64, Error> {
    let version = advance(conn, integration, version).await?;
    execute!(conn, "DELETE FROM offer_lines WHERE integration_id = $1", integration)?;
    let numbered = (0_i64..).zip(lines).collect::<Vec<_>>();
    insert_many!(
        conn,
        "INSERT INTO offer_lines (integration_id, package_id, position, name, description, valid_from, valid_until, from_set) ",
        numbered.iter(),
        |b, numbered| {
            let (position, line) = numbered;
            b.push_bind(integration)
                .push_bind(line.package_id)
                .push_bind(*position)
                .push_bind(&line.name)
                .push_bind(&line.description)
                .push_bind(line.window.from)
                .push_bind(line.window.until)
                .push_bind(line.from_set);
        },
        ""
    )?;
    let turns_at = lines.iter().filter_map(|line| line.window.next_turn(now)).min();
    set_turn(conn, integration, turns_at).await?;
    Ok(version)
}

/// Keeps when the next line of the draft begins or ends to be offered.
pub async fn set_turn(conn: &mut Conn, integration: IntegrationId, at: Option<Timestamp>) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE integrations SET offer_turns_at = $2
         WHERE id = $1 AND (offer_turns_at IS NOT NULL OR $2 IS NOT NULL)",
        integration,
        at
    )
    .map(drop)
}

/// Integrations with lines that began or ended by `now` and were not looked at since, and when the first of them did.
pub async fn turning(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<(IntegrationId, Timestamp)>, Error> {
    fetch_all!(
        conn,
        (IntegrationId, Timestamp),
        "SELECT id, offer_turns_at FROM integrations WHERE offer_turns_at <= $1 ORDER BY offer_turns_at, id LIMIT $2",
        now,
        limit
    )
}
