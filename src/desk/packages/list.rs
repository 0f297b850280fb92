//! The list of packages, with its filter.

use crate::app::App;
use crate::auth::Staff;
use crate::desk::unpublished;
use crate::domain::ids::PackageId;
use crate::domain::package::PackageType;
use crate::domain::role::Permission;
use crate::store::packages::{self, After, PackageFilter, PackageRow};
use crate::web::{Error, Frame, Hx, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// How many packages stand on a page.
const PAGE: u8 = 60;

/// Which packages are asked for, as the address has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::desk) struct Asked {
    q: String,
    #[serde(rename = "type")]
    kind: String,
    tag: String,
    region: String,
    retired: String,
    after: Option<PackageId>,
}

impl Asked {
    pub(in crate::desk) fn filter(&self) -> PackageFilter {
        PackageFilter {
            text: self.q.clone(),
            kind: PackageType::parse(&self.kind),
            tag: self.tag.clone(),
            region: self.region.clone(),
            retired: self.retired == "on",
        }
    }

    /// The same list, but after this package; `None`: from its beginning.
    fn url(&self, after: Option<PackageId>) -> String {
        self.at("/packages", after)
    }

    /// The same packages as a file.
    fn file(&self, kind: &str) -> String {
        self.at(&format!("/packages/export.{kind}"), None)
    }

    fn at(&self, path: &str, after: Option<PackageId>) -> String {
        let after = after.map(|id| id.to_string());
        let pairs = [
            ("q", self.q.as_str()),
            ("type", &self.kind),
            ("tag", &self.tag),
            ("region", &self.region),
            ("retired", &self.retired),
            ("after", after.as_deref().unwrap_or_default()),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        if query.is_empty() {
            path.into()
        } else {
            format!("{path}?{query}")
        }
    }
}

#[derive(Template)]
#[template(path = "desk/packages.html", blocks = ["list"])]
struct PackagesPage {
    frame: Frame,
    asked: Asked,
    kinds: &'static [PackageType],
    tags: Vec<String>,
    regions: Vec<String>,
    rows: Vec<PackageRow>,
    first: Option<String>,
    next: Option<String>,
    may_manage: bool,
    /// Offers that wait to be published.
    unpublished: i64,
    is_filtered: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let after = match asked.after {
        Some(id) => packages::find(&mut conn, id).await?.map(|row| After {
            name_folded: row.name_folded,
            id,
        }),
        None => None,
    };
    let mut rows = packages::list(&mut conn, &asked.filter(), after.as_ref(), i64::from(PAGE) + 1).await?;
    let unpublished = unpublished::count(&mut conn, &staff, None).await?;
    let (tags, regions) = packages::words(&mut conn).await?;
    drop(conn);
    let more = rows.len() > usize::from(PAGE);
    rows.truncate(PAGE.into());
    let page = PackagesPage {
        unpublished,
        tags,
        regions,
        frame: staff.frame(&app, "Packages", Section::Packages).await?,
        kinds: PackageType::ALL,
        first: after.map(|_| asked.url(None)),
        next: rows.last().filter(|_| more).map(|row| asked.url(Some(row.id))),
        may_manage: staff.viewer.can(Permission::ManagePackages),
        is_filtered: [&asked.q, &asked.kind, &asked.tag, &asked.region]
            .iter()
            .any(|word| !word.is_empty()),
        asked,
        rows,
    };
    Ok(hx.answer(&page, &page.as_list()))
}
