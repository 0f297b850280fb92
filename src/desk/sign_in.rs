//! `/sign-in` and `/sign-out`.

use crate::actions::staff_session;
use crate::app::App;
use crate::auth::address::Caller;
use crate::auth::session::{self, MaybeStaff};
use crate::auth::throttle::{self, Verdict};
use crate::auth::{Access, Route, Staff, password};
use crate::domain::text::fold;
use crate::domain::viewer::Viewer;
use crate::store::staff;
use crate::telemetry;
use crate::web::next::local_path;
use crate::web::{Error, FormState, Frame, Hx, Notice, Page};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::time::Duration;
use tower_sessions::Session;

/// The one sentence for every kind of failure, so that nobody learns which addresses are known here.
const WRONG: &str = "E-mail and password do not fit together.";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", Access::Public, show).with_session(),
        Route::post("/sign-in", Access::Public, submit).with_session(),
        Route::post("/sign-out", Access::SignedIn, sign_out),
    ]
}

#[derive(Template)]
#[template(path = "desk/sign_in.html")]
struct SignInPage {
    frame: Frame,
    form: FormState,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
    signed_out: Option<String>,
}

async fn show(State(app): State<App>, staff: MaybeStaff, hx: Hx, Query(asked): Query<Asked>) -> Response {
    let next = local_path(&asked.next);
    if staff.0.is_some() {
        return hx.go(next);
    }
    let mut frame = frame(&app);
    if asked.signed_out.is_some() {
        frame.notices.push(Notice::good("You are signed out."));
    }
    let form = FormState::filled([("next", next)]);
    Page(SignInPage { frame, form }).into_response()
}

async fn submit(
    State(app): State<App>,
    caller: Caller,
    hx: Hx,
    session: Session,
    headers: HeaderMap,
    mut form: FormState,
) -> Result<Response, Error> {
    let password = form.value("password").to_owned();
    form.forget("password");
    let email = form.required("email", 254);
    if password.is_empty() {
        form.refuse("password", "Please fill this in.");
    }
    let Some(email) = email.filter(|_| form.is_valid()) else {
        return Ok(refused(&app, form, StatusCode::UNPROCESSABLE_ENTITY));
    };
    let attempt = match throttle::begin(&app, &fold(&email), caller).await? {
        Verdict::Go(attempt) => attempt,
        Verdict::Wait(wait) => {
            telemetry::SIGN_INS.more("blocked");
            return Ok(blocked(&app, form, wait));
        }
    };
    let Some((id, fits)) = check(&app, &fold(&email), &password).await? else {
        telemetry::SIGN_INS.more("wrong");
        form.refuse_all(WRONG);
        return Ok(refused(&app, form, StatusCode::UNPROCESSABLE_ENTITY));
    };
    let member = {
        let mut conn = app.read().await?;
        staff::find(&mut conn, id).await?.ok_or(Error::SignIn)?
    };
    let viewer = Viewer::staff(id, member.role, member.all_customers);
    let mut work = app.begin(&viewer).await?;
    attempt.succeeded(&mut work.conn, work.now).await?;
    staff_session::signed_in(&mut work, id, fits.rehashed.as_deref()).await?;
    work.commit().await?;
    session::open(&session, id, &headers).await?;
    telemetry::SIGN_INS.more("good");
    Ok(hx.go(local_path(form.value("next"))))
}

async fn sign_out(State(app): State<App>, staff: Staff, session: Session, hx: Hx) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    staff_session::sign_out(&mut work, staff.id, &staff.session).await?;
    work.commit().await?;
    let mut response = hx.go("/sign-in?signed_out");
    let headers = response.headers_mut();
    headers.insert(header::SET_COOKIE, session::close(&session, &app.config).await?);
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

/// The person whose e-mail and password these are; it takes as long where there is none.
async fn check(
    app: &App,
    email_folded: &str,
    typed: &str,
) -> Result<Option<(crate::domain::ids::StaffId, password::Fits)>, Error> {
    let mut conn = app.read().await?;
    let known = staff::credentials(&mut conn, email_folded).await?;
    drop(conn);
    let known = known.filter(|known| known.disabled_at.is_none());
    let hash = known.as_ref().and_then(|known| known.password_hash.clone());
    let fits = password::verify(typed, hash).await.map_err(hashing)?;
    Ok(known.map(|known| known.id).zip(fits))
}

/// Hashing that failed, as an answer.
pub(super) fn hashing(error: password::Error) -> Error {
    match error {
        password::Error::Busy => Error::Busy {
            retry_after: Duration::from_secs(5),
        },
        failed @ password::Error::Hash(_) => Error::internal(failed),
    }
}

fn blocked(app: &App, mut form: FormState, wait: Duration) -> Response {
    let seconds = wait.as_secs().max(1);
    let time = if seconds < 60 {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds.div_ceil(60))
    };
    form.refuse_all(format!(
        "Too many attempts failed, so this one was not looked at. Try again in {time}, or from a device on which you signed in before."
    ));
    let mut response = refused(app, form, StatusCode::TOO_MANY_REQUESTS);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn refused(app: &App, form: FormState, status: StatusCode) -> Response {
    (
        status,
        Page(SignInPage {
            frame: frame(app),
            form,
        }),
    )
        .into_response()
}

fn frame(app: &App) -> Frame {
    Frame::bare("Sign in", app.clock.now())
}
