//! `/orders/{id}/here`: who else looks at an order. A page says that it is open and is told who is there; nothing of it
//! is stored.

use super::order_row::Face;
use crate::app::App;
use crate::app::looking::Look;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::OrderId;
use crate::domain::role::Permission;
use crate::live::{Hint, Kind};
use crate::store::orders::{self, OrderRow};
use crate::web::{Error, FormState, Page, Path};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewOrders);
    vec![
        Route::post("/orders/{id}/here", see, here).quiet(),
        Route::post("/orders/{id}/gone", see, gone).quiet(),
    ]
}

#[derive(Template)]
#[template(path = "desk/_looking.html")]
struct Others {
    faces: Vec<Face>,
    sentence: String,
}

/// The page of this order is open (`writes`: its result is being typed); answers who else is there.
async fn here(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<OrderId>,
    form: FormState,
) -> Result<Page<Others>, Error> {
    let order = seen(&app, &staff, id).await?;
    let writes = form.value("writes") == "1";
    let now = app.clock.now();
    if app.looking.here(id, staff.id, &staff.name, writes, now) {
        tell(&app, &order);
    }
    let others = app.looking.others(id, staff.id, now);
    Ok(Page(Others {
        faces: others.iter().map(|look| Face::of(&look.name)).collect(),
        sentence: sentence(&others),
    }))
}

/// The page of this order was left.
async fn gone(State(app): State<App>, staff: Staff, Path(id): Path<OrderId>) -> Result<StatusCode, Error> {
    let order = seen(&app, &staff, id).await?;
    if app.looking.gone(id, staff.id) {
        tell(&app, &order);
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn seen(app: &App, staff: &Staff, id: OrderId) -> Result<OrderRow, Error> {
    let mut conn = app.read().await?;
    let order = orders::find(&mut conn, &staff.viewer, id).await?;
    order.ok_or(Error::NotFound)
}

fn tell(app: &App, order: &OrderRow) {
    app.live.send(Hint {
        kind: Kind::Looking,
        id: order.id.0,
        customer: order.customer_id,
    });
}

/// The same in words: who looks, and who writes.
fn sentence(others: &[Look]) -> String {
    let names = |writes: bool| -> Vec<&str> {
        let those = others.iter().filter(|look| look.writes == writes);
        those.map(|look| look.name.as_str()).collect()
    };
    let mut parts = Vec::new();
    let (write, look) = (names(true), names(false));
    if !write.is_empty() {
        let verb = if write.len() == 1 { "is" } else { "are" };
        parts.push(format!("{} {verb} writing its result.", listed(&write)));
    }
    if !look.is_empty() {
        let verb = if look.len() == 1 { "is" } else { "are" };
        parts.push(format!("{} {verb} looking at this, too.", listed(&look)));
    }
    parts.join(" ")
}

/// Names as people say them; many of them as a few and a number.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} others", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_people_say_them() {
        assert_eq!(listed(&["Mira"]), "Mira");
        assert_eq!(listed(&["Ken", "Mira"]), "Ken and Mira");
        assert_eq!(listed(&["Ken", "Li", "Mira"]), "Ken, Li and Mira");
        assert_eq!(listed(&["Ana", "Ken", "Li", "Mira"]), "Ana, Ken and 2 others");
    }
}
