//! The three forms of the webhook endpoint that are measured against one another: this program, started by itself as a
//! child, serves one of them.

use assessdesk::app::App;
use assessdesk::clock::Clock;
use assessdesk::config::Settings;
use assessdesk::intake::{Intake, LARGEST};
use assessdesk::kombo::{signature, wire};
use assessdesk::server;
use assessdesk::web::{Site, layers};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::post;
use axum::{Router, serve};
use clap::{Parser, ValueEnum};
use http_body_util::{BodyExt, Limited};
use tokio::net::TcpListener;

/// How the endpoint keeps what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// As the program does: whatever waits goes into one transaction.
    Together,
    /// A transaction for each webhook.
    OneByOne,
    /// Not at all: verified, read, answered.
    Hollow,
}

impl Form {
    /// As the child's command line says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Together => "together",
            Self::OneByOne => "one-by-one",
            Self::Hollow => "hollow",
        }
    }

    /// As the report says it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Together => "together, as the program does",
            Self::OneByOne => "one commit each",
            Self::Hollow => "without the store",
        }
    }
}

#[derive(Parser)]
struct Child {
    #[command(flatten)]
    settings: Settings,
    form: Form,
}

/// Whether this process was started to serve one of the forms.
pub fn is_child() -> bool {
    let last = std::env::args().next_back().unwrap_or_default();
    Form::from_str(&last, false).is_ok()
}

/// Serves the form that the command line names, until it is killed.
pub async fn serve_as_told() {
    let child = Child::parse();
    let config = child.settings.check().expect("good settings");
    let app = App::open(config, Clock::System).await.expect("an app");
    let listener = TcpListener::bind(app.config.listen).await.expect("a free address");
    let served = match child.form {
        Form::Together => server::answer(&app, listener).await,
        Form::OneByOne => server::answer_with(&app, listener, Intake::in_batches_of(app.clone(), 1)).await,
        Form::Hollow => serve(listener, hollow(app)).await,
    };
    served.expect("served");
}

fn hollow(app: App) -> Router {
    let site = Site::new(&app.config.base_url);
    layers(
        Router::new().route("/webhooks/kombo", post(take)).with_state(app),
        &site,
    )
}

async fn take(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let body = Limited::new(body, LARGEST).collect().await.expect("a body").to_bytes();
    let given = headers.get("x-kombo-signature").map(HeaderValue::as_bytes);
    let signed = signature::verify(&app.config.kombo_webhook_secrets, given, &body);
    let read = wire::Envelope::read(&body).and_then(|envelope| envelope.event());
    let mut response = Response::new(Body::from(r#"{"status":"success"}"#));
    if signed.is_err() || read.is_err() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}
