//! `/connect/{token}`: the page on which a customer reads what a connection link is for and goes on to Kombo.
//!
//! Opening it changes nothing, so that mail scanners may. The button is a form's POST; it leads to Kombo by the `Refresh`
//! header of a page of ours, as the candidate's start page does and for the same reason. Where the customer is to connect
//! in our own page, Kombo's window opens in it; without scripts the same link is followed like any other.

use crate::actions::connection_link::{self, Behind, Says};
use crate::actions::integration_news;
use crate::app::App;
use crate::auth::{Access, Route};
use crate::domain::connecting::LinkState;
use crate::domain::connecting::words::{self, Said, Words};
use crate::domain::language::Language;
use crate::domain::viewer::Viewer;
use crate::kombo::wire::{Category, EndUser, Event, IntegrationCreated};
use crate::web::headers::CONTENT_SECURITY_POLICY;
use crate::web::{Error, FormState, Page, Path};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use url::Url;

/// The routes of the connection page.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/connect/{token}", Access::Public, show),
        Route::post("/connect/{token}", Access::Public, press),
        Route::post("/connect/{token}/done", Access::Public, done),
    ]
}

#[derive(Template)]
#[template(path = "public/connect.html")]
struct ConnectPage {
    words: &'static Words,
    language: Language,
    content: Content,
}

/// What the page has to say.
enum Content {
    /// A sentence or two, and nothing to do.
    Said {
        told: Said,
        from: String,
        contact: Option<String>,
    },
    /// The customer can go on.
    Open {
        token: String,
        from: String,
        says: Says,
        contact: Option<String>,
    },
    /// The browser is taken to Kombo, or Kombo's window opens here.
    Leading {
        token: String,
        from: String,
        title: String,
        address: Url,
        embedded: bool,
    },
}

async fn show(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    Ok(match connection_link::look(&mut conn, app.tools(), &token).await? {
        Some(behind) => page(&app, &behind, token),
        None => unknown(&headers),
    })
}

fn page(app: &App, behind: &Behind, token: String) -> Response {
    let provider = connection_link::provider(app.tools());
    let words = words::of(behind.language());
    let (status, told) = match behind.state {
        LinkState::Unopened | LinkState::Opened | LinkState::Failed => {
            let content = Content::Open {
                says: behind.says(&provider),
                contact: contact(app),
                from: provider,
                token,
            };
            return answer(StatusCode::OK, behind.language(), content);
        }
        LinkState::Used => (StatusCode::OK, words.used),
        LinkState::Expired => (StatusCode::GONE, words.expired),
        LinkState::Withdrawn => (StatusCode::GONE, words.withdrawn),
    };
    said(app, status, behind.language(), told)
}

fn said(app: &App, status: StatusCode, language: Language, told: Said) -> Response {
    let content = Content::Said {
        from: connection_link::provider(app.tools()),
        contact: contact(app),
        told,
    };
    answer(status, language, content)
}

fn answer(status: StatusCode, language: Language, content: Content) -> Response {
    let words = words::of(language);
    (
        status,
        Page(ConnectPage {
            words,
            language,
            content,
        }),
    )
        .into_response()
}

/// Whom the customer can ask: the address from which the provider writes.
fn contact(app: &App) -> Option<String> {
    app.config.mail.as_ref().map(|mail| mail.from.address.clone())
}

/// The one answer to every address that never was a connection link.
fn unknown(headers: &HeaderMap) -> Response {
    let language = super::preferred(headers);
    let content = Content::Said {
        told: words::of(language).unknown,
        from: String::new(),
        contact: None,
    };
    answer(StatusCode::NOT_FOUND, language, content)
}

/// The button: notes that the link was opened, and leads on.
async fn press(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let Some(behind) = connection_link::look(&mut conn, app.tools(), &token).await? else {
        return Ok(unknown(&headers));
    };
    drop(conn);
    if !behind.state.is_open() {
        return Ok(page(&app, &behind, token));
    }
    let language = behind.language();
    let later = || {
        said(
            &app,
            StatusCode::SERVICE_UNAVAILABLE,
            language,
            words::of(language).later,
        )
    };
    let address = match connection_link::go_on(app.tools(), app.kombo.as_ref(), &behind).await {
        Ok(Some(address)) => address,
        // The page tells what became of it.
        Ok(None) => return Ok(Redirect::to(&connection_link::path(&token)).into_response()),
        Err(crate::actions::Error::Refused(why)) => {
            tracing::warn!(link = %behind.row.id, why, "a customer could not go on to Kombo");
            return Ok(later());
        }
        Err(error) => return Err(error.into()),
    };
    let Ok(address) = Url::parse(&address) else {
        tracing::warn!(link = %behind.row.id, "Kombo's link is no address");
        return Ok(later());
    };
    leading(&app, token, &behind, address)
}

fn leading(app: &App, token: String, behind: &Behind, address: Url) -> Result<Response, Error> {
    let embedded = behind.row.is_embedded();
    let from = connection_link::provider(app.tools());
    let policy = format!(
        "{}; frame-src {}",
        CONTENT_SECURITY_POLICY,
        address.origin().ascii_serialization()
    );
    let refresh = format!("0; url={address}");
    let content = Content::Leading {
        title: behind.says(&from).title,
        from,
        token,
        address,
        embedded,
    };
    let mut response = answer(StatusCode::OK, behind.language(), content);
    let headers = response.headers_mut();
    if embedded {
        let policy = HeaderValue::from_str(&policy).map_err(Error::internal)?;
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    } else {
        let refresh = HeaderValue::from_str(&refresh).map_err(Error::internal)?;
        headers.insert(HeaderName::from_static("refresh"), refresh);
    }
    Ok(response)
}

/// Kombo's window says that the customer connected: Kombo is asked what came of it, without waiting for its webhook.
async fn done(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: FormState,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let Some(behind) = connection_link::look(&mut conn, app.tools(), &token).await? else {
        return Ok(unknown(&headers));
    };
    drop(conn);
    if let (Some(kombo), true) = (&app.kombo, behind.state.is_open()) {
        match kombo.integration_by_token(form.value("activation_token")).await {
            Ok(reply) => take_in(&app, reply.data).await?,
            // The webhook tells the same, a little later.
            Err(error) => tracing::warn!(link = %behind.row.id, %error, "Kombo did not say what came of a connection"),
        }
    }
    Ok(Redirect::to(&connection_link::path(&token)).into_response())
}

async fn take_in(app: &App, told: crate::kombo::wire::IntegrationByToken) -> Result<(), Error> {
    let news = IntegrationCreated {
        id: told.id,
        tool: told.tool,
        category: Category::Assessment,
        end_user: EndUser {
            organization_name: told.end_user_organization_name,
            creator_email: told.end_user_email,
            origin_id: told.end_user_origin_id,
        },
    };
    let mut work = app.begin(&Viewer::kombo()).await?;
    integration_news::hear(&mut work, &Event::IntegrationCreated(news)).await?;
    work.commit().await?;
    app.reconciler_bell.notify_one();
    Ok(())
}
