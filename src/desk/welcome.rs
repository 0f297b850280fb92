//! `/welcome/{token}`: a one-time link with which a person sets their password. Opening it changes nothing.

use super::sign_in::hashing;
use crate::actions::{staff_password, staff_session};
use crate::app::App;
use crate::auth::{Access, Route, password, session};
use crate::domain::viewer::Viewer;
use crate::store::{staff, token};
use crate::web::{Error, FormState, Frame, Hx, Page, Path};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tower_sessions::Session;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/welcome/{token}", Access::Public, show),
        Route::post("/welcome/{token}", Access::Public, submit).with_session(),
    ]
}

#[derive(Template)]
#[template(path = "desk/welcome.html")]
struct WelcomePage {
    frame: Frame,
    form: FormState,
    link: Option<staff::Link>,
    action: String,
}

async fn show(State(app): State<App>, Path(token): Path<String>) -> Result<Response, Error> {
    let link = find(&app, &token).await?;
    Ok(page(&app, link, FormState::default(), &token))
}

async fn submit(
    State(app): State<App>,
    Path(token): Path<String>,
    hx: Hx,
    session: Session,
    headers: HeaderMap,
    mut form: FormState,
) -> Result<Response, Error> {
    let Some(link) = find(&app, &token).await? else {
        return Ok(page(&app, None, form, &token));
    };
    let Some(new) = new_password(&mut form, &[&link.email, &link.name]) else {
        return Ok(page(&app, Some(link), form, &token));
    };
    let hash = password::hash(&new).await.map_err(hashing)?;
    let member = {
        let mut conn = app.read().await?;
        staff::find(&mut conn, link.staff_id).await?.ok_or(Error::NotFound)?
    };
    let viewer = Viewer::staff(member.id, member.role, member.all_customers);
    let mut work = app.begin(&viewer).await?;
    let id = match staff_password::set_by_link(&mut work, &token::digest(&token), &hash).await {
        Err(crate::actions::Error::NotFound) => return Ok(page(&app, None, form, &token)),
        done => done?,
    };
    staff_session::signed_in(&mut work, id, None).await?;
    work.commit().await?;
    session::open(&session, id, &headers).await?;
    Ok(hx.go("/"))
}

/// Reads the fields `password` and `again`, and empties them; what is wrong is noted in the form. `about` are words
/// that one would guess first.
pub(super) fn new_password(form: &mut FormState, about: &[&str]) -> Option<String> {
    let new = form.value("password").to_owned();
    let again = form.value("again").to_owned();
    form.forget("password");
    form.forget("again");
    if let Some(why) = password::objection(&new, about) {
        form.refuse("password", why);
    } else if new != again {
        form.refuse("again", "The two do not match. Type the same password once more.");
    }
    form.is_valid().then_some(new)
}

async fn find(app: &App, token: &str) -> Result<Option<staff::Link>, Error> {
    let mut conn = app.read().await?;
    Ok(staff::find_link(&mut conn, &token::digest(token), app.clock.now()).await?)
}

fn page(app: &App, link: Option<staff::Link>, form: FormState, token: &str) -> Response {
    let status = match (&link, form.is_valid()) {
        (None, _) => StatusCode::GONE,
        (Some(_), true) => StatusCode::OK,
        (Some(_), false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let title = if link.is_some() {
        "Set your password"
    } else {
        "This link no longer opens"
    };
    let frame = Frame::bare(title, app.clock.now());
    let action = format!("/welcome/{token}");
    (
        status,
        Page(WelcomePage {
            frame,
            form,
            link,
            action,
        }),
    )
        .into_response()
}
