//! `/account`: what a person sets for themselves, their password, and where they are signed in.

use super::sign_in::hashing;
use super::welcome::new_password;
use crate::actions::{staff_account, staff_password, staff_session};
use crate::app::App;
use crate::auth::address::Caller;
use crate::auth::throttle::{self, Verdict};
use crate::auth::{Access, Route, Staff, password};
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::store::{sessions, staff};
use crate::web::frame::Section;
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/account", Access::SignedIn, show),
        Route::post("/account", Access::SignedIn, change),
        Route::post("/account/password", Access::SignedIn, change_password),
        Route::post("/account/sessions/{session}/end", Access::SignedIn, end_session),
        Route::post("/account/sessions/end-others", Access::SignedIn, end_others),
    ]
}

#[derive(Template)]
#[template(path = "desk/account.html")]
struct AccountPage {
    frame: Frame,
    email: String,
    role: &'static str,
    role_says: &'static str,
    form: FormState,
    secret: FormState,
    zones: Vec<String>,
    themes: [(&'static str, &'static str); 3],
    sessions: Vec<SessionView>,
}

struct SessionView {
    id: String,
    device: String,
    current: bool,
    created_at: Timestamp,
    seen_at: Timestamp,
}

async fn show(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    page(&app, &staff, own_settings(&staff), FormState::default()).await
}

async fn change(State(app): State<App>, staff: Staff, hx: Hx, mut form: FormState) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let own = staff::OwnSettings {
        name: form.value("name"),
        time_zone: form.value("zone").trim(),
        theme: form.value("theme"),
        single_keys: form.is_on("single_keys"),
    };
    match staff_account::change(&mut work, staff.id, own).await {
        Ok(()) => {
            work.commit().await?;
            staff.tell(&app, Notice::good("Your settings are saved.")).await?;
            Ok(hx.go("/account"))
        }
        Err(crate::actions::Error::Fields(faults)) => {
            drop(work);
            for (field, why) in faults {
                form.refuse(field, why);
            }
            page(&app, &staff, form, FormState::default()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn change_password(
    State(app): State<App>,
    staff: Staff,
    caller: Caller,
    hx: Hx,
    mut form: FormState,
) -> Result<Response, Error> {
    let old = form.value("old").to_owned();
    form.forget("old");
    let Some(new) = new_password(&mut form, &[&staff.email, &staff.name]) else {
        return page(&app, &staff, own_settings(&staff), form).await;
    };
    let Verdict::Go(attempt) = throttle::begin(&app, &fold(&staff.email), caller).await? else {
        form.refuse("old", "Too many attempts failed. Try again in some minutes.");
        return page(&app, &staff, own_settings(&staff), form).await;
    };
    let hash = {
        let mut conn = app.read().await?;
        staff::password_hash(&mut conn, staff.id).await?
    };
    if password::verify(&old, hash).await.map_err(hashing)?.is_none() {
        form.refuse("old", "This is not your present password.");
        return page(&app, &staff, own_settings(&staff), form).await;
    }
    let hash = password::hash(&new).await.map_err(hashing)?;
    let mut work = app.begin(&staff.viewer).await?;
    attempt.succeeded(&mut work.conn, work.now).await?;
    staff_password::change_own(&mut work, staff.id, &hash, &staff.session).await?;
    work.commit().await?;
    let done = Notice::good("Your password is changed. Everywhere else you are signed out.");
    staff.tell(&app, done).await?;
    Ok(hx.go("/account"))
}

async fn end_session(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(session): Path<String>,
) -> Result<Response, Error> {
    let digest = URL_SAFE_NO_PAD.decode(session).map_err(|_| Error::NotFound)?;
    let mut work = app.begin(&staff.viewer).await?;
    staff_session::sign_out(&mut work, staff.id, &digest).await?;
    work.commit().await?;
    if digest != staff.session {
        staff.tell(&app, Notice::good("That device is signed out.")).await?;
    }
    Ok(hx.go("/account"))
}

async fn end_others(State(app): State<App>, staff: Staff, hx: Hx) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    let ended = staff_session::sign_out_elsewhere(&mut work, staff.id, &staff.session).await?;
    work.commit().await?;
    let text = match ended {
        0 => "You were signed in nowhere else.".to_owned(),
        1 => "You are signed out on the other device.".to_owned(),
        ended => format!("You are signed out on {ended} other devices."),
    };
    staff.tell(&app, Notice::good(text)).await?;
    Ok(hx.go("/account"))
}

fn own_settings(staff: &Staff) -> FormState {
    let mut form = FormState::filled([("name", &staff.name), ("zone", &staff.zone), ("theme", &staff.theme)]);
    if staff.single_keys {
        form.set("single_keys", "on");
    }
    form
}

async fn page(app: &App, staff: &Staff, form: FormState, secret: FormState) -> Result<Response, Error> {
    let refused = !(form.is_valid() && secret.is_valid());
    let status = if refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let listed = {
        let mut conn = app.read().await?;
        sessions::of_staff(&mut conn, staff.id, app.clock.now()).await?
    };
    let view = |session: sessions::Listed| SessionView {
        id: URL_SAFE_NO_PAD.encode(&session.digest),
        device: device(&session.agent),
        current: session.digest == staff.session,
        created_at: session.created_at,
        seen_at: session.seen_at,
    };
    let page = AccountPage {
        frame: staff.frame(app, "Your account", Section::Elsewhere).await?,
        email: staff.email.clone(),
        role: staff.viewer.role.label(),
        role_says: staff.viewer.role.describe(),
        form,
        secret,
        zones: jiff::tz::db().available().map(|zone| zone.to_string()).collect(),
        themes: staff_account::THEMES,
        sessions: listed.into_iter().map(view).collect(),
    };
    Ok((status, Page(page)).into_response())
}

/// What a browser calls itself, in words: `Firefox on Linux`. The order matters: most name others beside themselves.
fn device(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Chromium/", "Chromium"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let pick = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (pick(&BROWSERS), pick(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn browsers_are_known_by_their_names() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0";
        assert_eq!(device(edge), "Edge on Windows");
        assert_eq!(
            device("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"),
            "Firefox on Linux"
        );
        assert_eq!(device("curl/8"), "Unknown browser");
    }
}
