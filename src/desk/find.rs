//! `/find`: orders, customers, packages and pages by a few letters; the dialog behind Ctrl+K fetches the same as a part.

use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::role::Permission;
use crate::domain::text::fold;
use crate::store::candidates::{self, Candidate};
use crate::store::customers::{self, CustomerFilter};
use crate::store::order_lists::{self, Filter, ListRow, Place, Sort};
use crate::store::packages::{self, PackageFilter};
use crate::store::{Conn, orders};
use crate::web::{Error, Frame, Hx, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// How many of each kind are shown: what is not among them wants another letter.
const MOST: i64 = 6;
/// From how many letters on the store is asked.
const LEAST: usize = 2;
/// The longest that is looked for, in characters.
const LONGEST: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/find", Access::SignedIn, find)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    /// Addresses that this browser was at last, with commas between.
    recent: String,
}

struct Group {
    label: &'static str,
    hits: Vec<Hit>,
}

struct Hit {
    href: String,
    label: String,
    under: String,
    icon: &'static str,
}

#[derive(Template)]
#[template(path = "desk/find.html")]
struct FindPage<'a> {
    frame: Frame,
    q: &'a str,
    groups: &'a [Group],
}

#[derive(Template)]
#[template(path = "desk/_hits.html")]
struct Hits<'a> {
    q: &'a str,
    groups: &'a [Group],
}

async fn find(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let q: String = asked.q.trim().chars().take(LONGEST).collect();
    let mut conn = app.read().await?;
    let mut groups = Vec::new();
    if q.is_empty() {
        let hits = recent(&mut conn, &staff, &asked.recent).await?;
        groups.push(Group {
            label: "Looked at last",
            hits,
        });
    }
    groups.push(Group {
        label: "Pages",
        hits: pages(&app, &staff, &q),
    });
    if q.chars().count() >= LEAST {
        groups.extend(things(&mut conn, &staff, &q).await?);
    }
    drop(conn);
    groups.retain(|group| !group.hits.is_empty());
    let (q, groups) = (q.as_str(), groups.as_slice());
    let hits = Hits { q, groups };
    if hx.partial {
        // What is to be said once stays for a page: a part has no room for it.
        return Ok(hx.answer(&hits, &hits));
    }
    let frame = staff.frame(&app, "Find", Section::Elsewhere).await?;
    Ok(hx.answer(&FindPage { frame, q, groups }, &hits))
}

/// The places that this person may go to, by their names.
fn pages(app: &App, staff: &Staff, q: &str) -> Vec<Hit> {
    let wanted = fold(q);
    let places = staff.places(app).into_iter().map(|entry| Hit {
        href: entry.href.to_owned(),
        label: entry.label.to_owned(),
        under: String::new(),
        icon: entry.icon,
    });
    let account = Hit {
        href: "/account".to_owned(),
        label: "Your account".to_owned(),
        under: String::new(),
        icon: "person",
    };
    let all = places.chain([account]);
    all.filter(|hit| wanted.split(' ').all(|word| fold(&hit.label).contains(word)))
        .collect()
}

async fn things(conn: &mut Conn, staff: &Staff, q: &str) -> Result<Vec<Group>, Error> {
    let may = |permission| staff.viewer.can(permission);
    let mut groups = Vec::new();
    if may(Permission::ViewCustomers) {
        let filter = CustomerFilter {
            name: q.to_owned(),
            archived: false,
        };
        let rows = customers::list(conn, &staff.viewer, &filter, None, MOST).await?;
        let hits = rows.into_iter().map(|row| customer(&row.id.to_string(), row.name));
        groups.push(Group {
            label: "Customers",
            hits: hits.collect(),
        });
    }
    if may(Permission::ViewOrders) {
        let filter = Filter {
            search: q.to_owned(),
            ..Filter::default()
        };
        let page = order_lists::page(conn, &staff.viewer, &filter, Sort::Received, Place::Start, MOST).await?;
        groups.push(Group {
            label: "Orders",
            hits: page.rows.into_iter().map(order).collect(),
        });
    }
    if may(Permission::ViewCustomers) {
        let filter = PackageFilter {
            text: q.to_owned(),
            ..PackageFilter::default()
        };
        let rows = packages::list(conn, &filter, None, MOST).await?;
        let hits = rows
            .into_iter()
            .map(|row| package(&row.id.to_string(), row.name, row.key));
        groups.push(Group {
            label: "Packages",
            hits: hits.collect(),
        });
    }
    Ok(groups)
}

fn order(row: ListRow) -> Hit {
    let candidate = Candidate {
        order_id: row.id,
        customer_id: None,
        first_name: row.first_name,
        last_name: row.last_name,
        email: row.email.unwrap_or_default(),
        phone: None,
    };
    let under = [row.stage.label().to_owned(), row.package_name];
    let customer = row.customer_name.unwrap_or_else(|| "Unassigned".to_owned());
    order_hit(
        &row.id.to_string(),
        Some(candidate),
        under.into_iter().chain([customer]),
    )
}

fn order_hit(id: &str, candidate: Option<Candidate>, under: impl Iterator<Item = String>) -> Hit {
    let name = candidate.map(|candidate| candidate.full_name()).unwrap_or_default();
    Hit {
        href: format!("/orders/{id}"),
        label: if name.is_empty() {
            "Candidate (erased)".to_owned()
        } else {
            name
        },
        under: under.collect::<Vec<_>>().join(" · "),
        icon: "orders",
    }
}

fn customer(id: &str, name: String) -> Hit {
    Hit {
        href: format!("/customers/{id}"),
        label: name,
        under: "Customer".to_owned(),
        icon: "customers",
    }
}

fn package(id: &str, name: String, key: String) -> Hit {
    Hit {
        href: format!("/packages/{id}"),
        label: name,
        under: key,
        icon: "packages",
    }
}

/// What this browser was at last, as far as this person may still see it.
async fn recent(conn: &mut Conn, staff: &Staff, told: &str) -> Result<Vec<Hit>, Error> {
    let most = usize::try_from(MOST).unwrap_or_default();
    let mut hits = Vec::new();
    for path in told.split(',').take(most) {
        let mut parts = path.trim_start_matches('/').splitn(2, '/');
        let (Some(kind), Some(id)) = (parts.next(), parts.next()) else {
            continue;
        };
        hits.extend(one(conn, staff, kind, id).await?);
    }
    Ok(hits)
}

async fn one(conn: &mut Conn, staff: &Staff, kind: &str, id: &str) -> Result<Option<Hit>, Error> {
    let sees_customers = staff.viewer.can(Permission::ViewCustomers);
    Ok(match kind {
        "orders" => {
            let Ok(order) = id.parse() else { return Ok(None) };
            let Some(row) = orders::find(conn, &staff.viewer, order).await? else {
                return Ok(None);
            };
            let candidate = candidates::find(conn, order).await?;
            let under = [row.stage.label().to_owned(), row.package_name];
            Some(order_hit(id, candidate, under.into_iter()))
        }
        "customers" if sees_customers => {
            let Ok(wanted) = id.parse() else { return Ok(None) };
            let row = customers::find(conn, &staff.viewer, wanted).await?;
            row.map(|row| customer(id, row.name))
        }
        "packages" if sees_customers => {
            let Ok(wanted) = id.parse() else { return Ok(None) };
            let row = packages::find(conn, wanted).await?;
            row.map(|row| package(id, row.name, row.key))
        }
        _ => None,
    })
}
