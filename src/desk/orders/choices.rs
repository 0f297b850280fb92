//! The filters of the list as chips, and the page with all that one of them can be set to.
//!
//! A chip's menu holds a few choices only: it stands on every page, and a house may have thousands of customers.

use super::asked::Asked;
use crate::app::{App, counted};
use crate::auth::Staff;
use crate::store::order_lists::{self, PackageChoice};
use crate::store::{self, Conn, customers};
use crate::web::{Error, Frame, Page, Section};
use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

/// How many choices a menu holds.
const FEW: usize = counted::BUSIEST - 1;

/// A value of a filter and the words for it.
type Choice = (String, String);

/// A filter as a chip: set, with the way to take it off, or with what can be chosen.
pub(super) struct Chip {
    pub(super) label: &'static str,
    pub(super) set: Option<(String, String)>,
    pub(super) choices: Vec<(String, String)>,
    /// The page with all choices, where these are not all.
    pub(super) all: Option<String>,
}

pub(super) async fn chips(app: &App, conn: &mut Conn, staff: &Staff, asked: &Asked) -> Result<Vec<Chip>, store::Error> {
    let busiest = counted::busiest_customers(app, conn, &staff.viewer).await?;
    let mut customers: Vec<Choice> = busiest.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    if let Ok(chosen) = asked.customer.parse()
        && let Some(name) = customers::find(conn, &staff.viewer, chosen).await?.map(|row| row.name)
    {
        customers.push((asked.customer.clone(), name));
    }
    let only = [("flagged", "Needs a look"), ("paused", "Paused")];
    let only = only.map(|(value, words)| (value.to_owned(), words.to_owned()));
    Ok(vec![
        chip(asked, "Customer", "customer", &asked.customer, customers),
        chip(asked, "Package", "package", &asked.package, packages(conn).await?),
        chip(asked, "Assignee", "who", &asked.who, people(conn, staff).await?),
        chip(asked, "Only", "only", &asked.only, only.to_vec()),
    ])
}

async fn packages(conn: &mut Conn) -> Result<Vec<Choice>, store::Error> {
    let all = order_lists::package_choices(conn).await?;
    Ok(all.into_iter().map(|PackageChoice { key, name }| (key, name)).collect())
}

async fn people(conn: &mut Conn, staff: &Staff) -> Result<Vec<Choice>, store::Error> {
    let mut who = vec![
        ("me".to_owned(), "Me".to_owned()),
        ("nobody".to_owned(), "Nobody yet".to_owned()),
    ];
    let all = order_lists::staff_choices(conn).await?;
    let others = all.into_iter().filter(|(id, _)| *id != staff.id);
    who.extend(others.map(|(id, name)| (id.to_string(), name)));
    Ok(who)
}

fn chip(asked: &Asked, label: &'static str, name: &str, value: &str, mut choices: Vec<Choice>) -> Chip {
    let set = (!value.is_empty()).then(|| {
        let chosen = choices.iter().find(|(own, _)| own == value);
        let words = chosen.map_or_else(|| value.to_owned(), |(_, words)| words.clone());
        (words, asked.with(name, ""))
    });
    let are_all = choices.len() <= FEW;
    choices.truncate(FEW);
    Chip {
        label,
        set,
        choices: choices
            .into_iter()
            .map(|(value, words)| (asked.with(name, &value), words))
            .collect(),
        all: (!are_all).then(|| asked.choose(name)),
    }
}

#[derive(Template)]
#[template(path = "desk/orders_choose.html")]
pub(super) struct ChoosePage {
    frame: Frame,
    back: String,
    choices: Vec<(String, String)>,
}

/// Which filter is to be set.
#[derive(Deserialize)]
pub(super) struct By {
    by: String,
}

/// Everything that one filter can be set to.
pub(super) async fn all(
    State(app): State<App>,
    staff: Staff,
    Query(By { by }): Query<By>,
    Query(asked): Query<Asked>,
) -> Result<Page<ChoosePage>, Error> {
    let mut conn = app.read().await?;
    let (title, choices) = match by.as_str() {
        "customer" => {
            let all = customers::names(&mut conn, &staff.viewer).await?;
            let all = all.into_iter().map(|(id, name)| (id.to_string(), name));
            ("Orders of which customer?", all.collect())
        }
        "package" => ("Orders for which package?", packages(&mut conn).await?),
        "who" => ("Orders that who works on?", people(&mut conn, &staff).await?),
        _ => return Err(Error::NotFound),
    };
    drop(conn);
    Ok(Page(ChoosePage {
        frame: staff.frame(&app, title, Section::Orders).await?,
        back: asked.url(),
        choices: choices
            .into_iter()
            .map(|(value, words)| (asked.with(&by, &value), words))
            .collect(),
    }))
}
