//! `/start/{token}`: the page on which a candidate reads what awaits them and presses 'Start'.
//!
//! Opening it changes nothing, so that mail scanners and previews may. 'Start' is a form's POST to this page's own
//! address. It must not answer with a redirect to the assessment: `form-action 'self'` forbids a form to end on another
//! site, and Chromium counts redirects (and those of the other site, too). So the POST leads to `/start/{token}/go`, a page
//! of ours that sends the browser on with the `Refresh` header: a navigation of its own, which works without scripts,
//! leaves no trap behind the 'back' button, and shows the address as a link to whoever is not taken there.

mod words;

use crate::actions::start::{self, Behind, Door};
use crate::app::App;
use crate::auth::{Access, Route};
use crate::domain::viewer::Viewer;
use crate::web::{Error, Page, Path};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use url::Url;
use words::Words;

/// How often 'Start' is tried while somebody else changes the order.
const TRIES: usize = 5;

/// The routes of the start page.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/start/{token}", Access::Public, show),
        Route::post("/start/{token}", Access::Public, press),
        Route::get("/start/{token}/go", Access::Public, go),
    ]
}

#[derive(Template)]
#[template(path = "public/start.html")]
struct StartPage {
    words: &'static Words,
    content: Content,
}

/// What the page has to say.
enum Content {
    /// A sentence or two, and nothing to do.
    Said {
        title: &'static str,
        text: String,
        from: String,
        contact: Option<String>,
    },
    /// Start, or go on.
    Open(Box<Open>),
    /// The browser is being taken to the assessment.
    Leading { address: Url, package: String },
}

/// An assessment that can be started.
struct Open {
    token: String,
    started: bool,
    inline: bool,
    organisation: String,
    package: String,
    description: String,
    greeting: String,
    asks: String,
    kind: Option<&'static str>,
    job: Option<String>,
    length: Option<String>,
    until: Option<String>,
    opens_at: String,
    contact: Option<String>,
    data: String,
}

async fn show(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    Ok(match start::look(&mut conn, &token).await? {
        Some(behind) => page(&app, behind, token),
        None => unknown(&headers),
    })
}

/// 'Start': notes it and leads on. Pressed again it just leads on.
async fn press(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let Some(behind) = pressed(&app, &token).await? else {
        return Ok(unknown(&headers));
    };
    if matches!(behind.door, Door::Open { started: true, .. }) {
        return Ok(Redirect::to(&format!("/start/{token}/go")).into_response());
    }
    Ok(page(&app, behind, token))
}

async fn pressed(app: &App, token: &str) -> Result<Option<Behind>, Error> {
    let mut conn = app.read().await?;
    let before = start::look(&mut conn, token).await?;
    drop(conn);
    if !before
        .as_ref()
        .is_some_and(|behind| matches!(behind.door, Door::Open { started: false, .. }))
    {
        return Ok(before);
    }
    for _ in 1..TRIES {
        match press_once(app, token).await {
            Err(error) if error.is_changed() => {}
            pressed => return Ok(pressed?),
        }
    }
    Ok(press_once(app, token).await?)
}

async fn press_once(app: &App, token: &str) -> Result<Option<Behind>, crate::actions::Error> {
    let mut work = app.begin(&Viewer::candidate()).await?;
    let behind = start::press(&mut work, token).await?;
    work.commit().await?;
    app.outbox_bell.notify_one();
    Ok(behind)
}

/// Takes the browser to the assessment, if the candidate has started; else back to the page that says how it stands.
async fn go(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let Some(behind) = start::look(&mut conn, &token).await? else {
        return Ok(unknown(&headers));
    };
    let words = words::of(behind.language());
    let Door::Open { address, started: true } = behind.door else {
        return Ok(Redirect::to(&format!("/start/{token}")).into_response());
    };
    let refresh = HeaderValue::from_str(&format!("0; url={address}")).map_err(Error::internal)?;
    let content = Content::Leading {
        address,
        package: behind.order.package_name,
    };
    let refresh = [(HeaderName::from_static("refresh"), refresh)];
    Ok((refresh, Page(StartPage { words, content })).into_response())
}

/// The one answer to every address that never was a start link.
fn unknown(headers: &HeaderMap) -> Response {
    let words = words::of(super::preferred(headers));
    let (title, text) = words.unknown;
    let content = Content::Said {
        title,
        text: text.to_owned(),
        from: String::new(),
        contact: None,
    };
    (StatusCode::NOT_FOUND, Page(StartPage { words, content })).into_response()
}

fn page(app: &App, behind: Behind, token: String) -> Response {
    let words = words::of(behind.language());
    let (status, content) = match behind.door.clone() {
        Door::Open { address, started } => {
            let open = Open::of(app, words, behind, &address, started, token);
            (StatusCode::OK, Content::Open(Box::new(open)))
        }
        Door::NoAddress => (StatusCode::OK, said(words.no_address, behind)),
        Door::NotYet => (StatusCode::OK, said(words.not_yet, behind)),
        Door::Paused => (StatusCode::OK, said(words.paused, behind)),
        Door::Finished => (StatusCode::OK, said(words.finished, behind)),
        Door::Ended => (StatusCode::GONE, said(words.ended, behind)),
        Door::Revoked => (StatusCode::GONE, revoked(words)),
    };
    (status, Page(StartPage { words, content })).into_response()
}

fn said((title, text): (&'static str, &'static str), behind: Behind) -> Content {
    let organisation = words::organisation(words::of(behind.language()), &behind.organisation);
    Content::Said {
        title,
        text: words::fill(
            text,
            &[("customer", &organisation), ("package", &behind.order.package_name)],
        ),
        contact: contact(&behind),
        from: behind.organisation,
    }
}

/// Whoever has a link that was turned off may not be whom it was meant for: nobody is named.
fn revoked(words: &'static Words) -> Content {
    let (title, text) = words.revoked;
    Content::Said {
        title,
        text: text.to_owned(),
        from: String::new(),
        contact: None,
    }
}

/// Whom the candidate can ask.
fn contact(behind: &Behind) -> Option<String> {
    let customer = behind.customer.as_ref()?;
    Some(customer.contact_email.clone()).filter(|address| !address.is_empty())
}

impl Open {
    fn of(app: &App, words: &Words, behind: Behind, address: &Url, started: bool, token: String) -> Self {
        let organisation = words::organisation(words, &behind.organisation);
        let filled = |text: &str| words::fill(text, &[("customer", &organisation)]);
        let order = &behind.order;
        let package = behind.package.as_ref();
        Self {
            token,
            started,
            inline: order.inline,
            greeting: greeting(words, &behind),
            asks: filled(if order.inline { words.asks_inline } else { words.asks }),
            kind: package.map(|package| words.kind(package.kind)),
            description: package.map_or_else(String::new, |package| package.description.clone()),
            length: package
                .and_then(|package| package.duration_minutes)
                .map(|minutes| words.length(minutes)),
            until: (order.due_at > app.clock.now()).then(|| words.date(order.due_at)),
            job: order.job_name.clone().filter(|name| !name.trim().is_empty()),
            opens_at: words::fill(words.opens_at, &[("host", &host(address))]),
            contact: contact(&behind),
            data: filled(words.data),
            package: behind.order.package_name,
            organisation: behind.organisation,
        }
    }
}

fn host(address: &Url) -> String {
    address.host_str().unwrap_or_default().to_owned()
}

fn greeting(words: &Words, behind: &Behind) -> String {
    let candidate = behind.candidate.as_ref();
    let parts = candidate.map(|it| [it.first_name.as_deref(), it.last_name.as_deref()]);
    let parts = parts.into_iter().flatten().flatten().map(str::trim);
    let name = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        words.hello_nobody.to_owned()
    } else {
        words::fill(words.hello, &[("name", &name)])
    }
}
