//! The catalogue as a file, by the list's filter. What is exported can be imported again.

use crate::actions::import_catalogue::shown;
use crate::app::App;
use crate::auth::Staff;
use crate::desk::packages::Asked;
use crate::domain::catalogue::{Column, guarded};
use crate::store::packages::{self, After, PackageRow};
use crate::web::download;
use crate::web::{Error, sheet};
use axum::extract::{Query, State};
use axum::response::Response;
use std::borrow::Cow;

/// How many are read at once.
const PIECE: i64 = 500;

/// The template's line: an example that could be imported.
const EXAMPLE: [&str; 23] = [
    "example-1",
    "An example",
    "What recruiters read beside the name. Replace this line by packages of your own.",
    "Skills test",
    "English, Graduates",
    "DACH, Nordics",
    "https://tests.example.com/start?order={order}",
    "40",
    "100",
    "48",
    "Reading: 60; Writing: 40; Impression",
    "85: Strong; 60: Solid; 0: Below",
    "no",
    "",
    "",
    "Ein Beispiel",
    "Was im deutschsprachigen ATS neben dem Namen steht.",
    "",
    "",
    "",
    "",
    "",
    "",
];

pub(super) async fn csv(State(app): State<App>, _: Staff, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let rows = all(&app, &asked).await?;
    let lines = rows.iter().map(|row| {
        let cells = Column::ALL.iter().map(|column| shown(row, *column));
        cells.map(|cell| Cow::from(guarded(&cell).into_owned())).collect()
    });
    download::sheet("packages.csv", std::iter::once(headings()).chain(lines))
}

pub(super) async fn template() -> Result<Response, Error> {
    let example = EXAMPLE.map(Cow::from).to_vec();
    download::sheet("packages-template.csv", [headings(), example])
}

pub(super) async fn xlsx(State(app): State<App>, _: Staff, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let rows = all(&app, &asked).await?;
    let bytes = tokio::task::spawn_blocking(move || {
        let headings = Column::ALL.iter().map(|column| (column.label(), width(*column)));
        let lines = rows.iter().map(|row| {
            let cells = Column::ALL.iter().map(|column| shown(row, *column));
            cells.map(|cell| guarded(&cell).into_owned()).collect()
        });
        sheet::written("Packages", &headings.collect::<Vec<_>>(), lines)
    });
    let bytes = bytes.await.map_err(Error::internal)?.map_err(Error::internal)?;
    download::file("packages.xlsx", sheet::WORKBOOK, bytes)
}

fn headings() -> Vec<Cow<'static, str>> {
    Column::ALL.iter().map(|column| column.label().into()).collect()
}

/// How wide a column is, in letters.
const fn width(column: Column) -> u16 {
    match column {
        Column::Description | Column::StartAddress => 48,
        Column::ResultParts | Column::ScoreBands | Column::Key | Column::Name | Column::Tags | Column::Regions => 24,
        _ => 16,
    }
}

/// Every package of the list, page by page.
async fn all(app: &App, asked: &Asked) -> Result<Vec<PackageRow>, Error> {
    let (filter, mut all) = (asked.filter(), Vec::<PackageRow>::new());
    let mut conn = app.read().await?;
    loop {
        let after = all.last().map(|row| After {
            name_folded: row.name_folded.clone(),
            id: row.id,
        });
        let page = packages::list(&mut conn, &filter, after.as_ref(), PIECE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
