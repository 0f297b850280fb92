//! `/rules` and `/customers/{id}/rules`: rules for all customers and those of one, as they are in force and as they are
//! drafted.

mod dry_run;
mod form;
mod list;
mod rule;
mod versions;

use crate::actions::change_rules::Of;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{CustomerId, RuleId};
use crate::domain::role::Permission;
use crate::domain::rules::{RuleSet, Sentence, sentence};
use crate::store::customers::{self, CustomerRow};
use crate::store::packages::{self, PackageRow};
use crate::store::rule_sets::{self, DraftRow, RuleSetRow};
use crate::store::{Conn, staff as people};
use crate::web::{Error, Frame, Section};
use serde::Deserialize;
use std::collections::HashMap;

/// A route for the rules of all, and the same for those of one customer.
macro_rules! twice {
    ($method:ident, $path:literal, $access:expr, $handler:expr) => {
        [
            Route::$method(concat!("/rules", $path), $access, $handler),
            Route::$method(concat!("/customers/{id}/rules", $path), $access, $handler),
        ]
    };
}

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewCustomers);
    let manage = Access::Needs(Permission::ManageCustomers);
    [
        twice!(get, "", see, list::show),
        twice!(get, "/new", manage, rule::new),
        twice!(post, "/new", manage, rule::add),
        twice!(get, "/{rule}", see, rule::show),
        twice!(post, "/{rule}", manage, rule::change),
        twice!(post, "/{rule}/move", manage, list::shift),
        twice!(post, "/{rule}/remove", manage, list::remove),
        twice!(post, "/discard", manage, list::discard),
        twice!(post, "/force", manage, list::put_in_force),
        twice!(get, "/versions/{number}", see, versions::show),
        twice!(post, "/versions/{number}/restore", manage, versions::bring_back),
        twice!(get, "/dry-run", manage, dry_run::show),
        twice!(post, "/dry-run", manage, dry_run::begin),
        twice!(post, "/dry-run/stop", manage, dry_run::stop),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Which rules an address means.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct At {
    id: Option<CustomerId>,
    rule: Option<RuleId>,
    number: Option<i64>,
}

/// Whose rules they are, and what this person may do with them.
struct Scope {
    customer: Option<CustomerRow>,
    may_change: bool,
}

impl Scope {
    async fn of(app: &App, staff: &Staff, at: At) -> Result<Self, Error> {
        let manages = staff.viewer.can(Permission::ManageCustomers);
        let Some(id) = at.id else {
            return Ok(Self {
                customer: None,
                may_change: manages && staff.viewer.sees_all(),
            });
        };
        let mut conn = app.read().await?;
        let customer = customers::find(&mut conn, &staff.viewer, id).await?;
        Ok(Self {
            customer: Some(customer.ok_or(Error::NotFound)?),
            may_change: manages,
        })
    }

    fn id(&self) -> Of {
        self.customer.as_ref().map(|row| row.id)
    }

    /// Where its pages are.
    fn base(&self) -> String {
        base(self.id())
    }

    fn title(&self) -> String {
        self.customer.as_ref().map_or_else(
            || "Rules for all customers".to_owned(),
            |row| format!("Rules of {}", row.name),
        )
    }

    /// The frame of a page about these rules, whose window says whose they are.
    async fn frame(&self, app: &App, staff: &Staff, title: &str) -> Result<Frame, Error> {
        let title = match &self.customer {
            Some(customer) => format!("{title} · {}", customer.name),
            None => title.to_owned(),
        };
        staff.frame(app, title, Section::Customers).await
    }
}

/// Where the pages of a customer's rules (those for all: `None`) are.
pub(in crate::desk) fn base(of: Of) -> String {
    of.map_or_else(|| "/rules".to_owned(), |id| format!("/customers/{id}/rules"))
}

/// A rule as a list shows it.
struct Shown {
    id: RuleId,
    number: usize,
    name: String,
    sentence: Sentence,
    /// `new` or `changed`, beside what is in force.
    mark: Option<&'static str>,
}

/// Rules as lists show them; beside `in_force`, what of them is new.
async fn shown(conn: &mut Conn, set: &RuleSet, in_force: Option<&RuleSet>) -> Result<Vec<Shown>, Error> {
    let names = package_names(conn, set).await?;
    let name = |key: &str| names.get(key).map(|row| row.name.clone());
    let mark = |rule: &crate::domain::rules::Rule| match in_force?.find(rule.id) {
        None => Some("new"),
        Some((_, own)) if own != rule => Some("changed"),
        Some(_) => None,
    };
    let shown = (1..).zip(&set.0).map(|(number, rule)| Shown {
        id: rule.id,
        number,
        name: rule.name.clone(),
        sentence: sentence(rule, name),
        mark: mark(rule),
    });
    Ok(shown.collect())
}

async fn package_names(conn: &mut Conn, set: &RuleSet) -> Result<HashMap<String, PackageRow>, Error> {
    let keys = set.0.iter().flat_map(|rule| &rule.when.packages).map(String::as_str);
    Ok(packages::by_keys(conn, keys).await?)
}

/// What is in force, and the draft, where there is one.
struct Stand {
    newest: Option<RuleSetRow>,
    in_force: RuleSet,
    draft: Option<(DraftRow, RuleSet)>,
    /// Who changed the draft last.
    drafted_by: Option<String>,
}

impl Stand {
    async fn read(conn: &mut Conn, of: Of) -> Result<Self, Error> {
        let newest = rule_sets::newest(conn, of).await?;
        let draft = rule_sets::draft(conn, of).await?;
        let drafted_by = match draft.as_ref().and_then(|row| row.changed_by) {
            Some(id) => people::find(conn, id).await?.map(|person| person.name),
            None => None,
        };
        let parse = |text: &str| RuleSet::parse(text).unwrap_or_default();
        Ok(Self {
            in_force: newest.as_ref().map(|row| parse(&row.rules)).unwrap_or_default(),
            newest,
            draft: draft.map(|row| {
                let set = parse(&row.rules);
                (row, set)
            }),
            drafted_by,
        })
    }

    /// What is changed next: the draft, or what is in force.
    fn current(&self) -> &RuleSet {
        self.draft.as_ref().map_or(&self.in_force, |(_, set)| set)
    }

    /// The draft's version; 0: there is none yet.
    fn version(&self) -> i64 {
        self.draft.as_ref().map_or(0, |(row, _)| row.version)
    }
}
