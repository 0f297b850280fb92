//! Start and stop.

use super::{Error, Sandbox, api, ats, control};
use crate::clock::Clock;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Redirect;
use axum::routing::get;
use secrecy::SecretString;
use std::future::Future;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use url::Url;

/// What the sandbox needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Its database: `sqlite://path/to/file.db`, or `sqlite::memory:`.
    pub database_url: String,
    /// Where its webhooks go.
    pub target_url: Url,
    /// Where people reach it; by default where it listens.
    pub public_url: Option<Url>,
    /// The key that calls must carry.
    pub api_key: SecretString,
    /// The secret that signs its webhooks.
    pub webhook_secret: SecretString,
    /// Its clock.
    pub clock: Clock,
}

/// A sandbox that runs in the background; it stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its inside, for tests.
    pub sandbox: Sandbox,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// The address of its API, for [`crate::kombo::Client::new`].
    pub fn api_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The full address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Stops it; calls in flight are given up.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.server.abort();
        let _ = (&mut self.server).await;
        self.sandbox.store.close().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Starts the sandbox in the background.
pub async fn start(settings: Settings) -> Result<Running, Error> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| Error::Listen(settings.listen, error))?;
    let address = listener
        .local_addr()
        .map_err(|error| Error::Listen(settings.listen, error))?;
    let sandbox = Sandbox::open(&settings, public_url(&settings, address)?).await?;
    let (stop, stopped) = oneshot::channel();
    let app = router(sandbox.clone());
    let server = tokio::spawn(async move {
        axum::serve(listener, app)
            .with_graceful_shutdown(async {
                let _ = stopped.await;
            })
            .await
    });
    Ok(Running {
        address,
        sandbox,
        stop: Some(stop),
        server,
    })
}

/// Runs the sandbox until `shutdown` is ready, calling `ready` with its address once it listens.
pub async fn serve(
    settings: Settings,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let mut running = start(settings).await?;
    ready(running.address);
    tokio::select! {
        () = shutdown => running.stop().await,
        stopped = &mut running.server => stopped.map_err(std::io::Error::other).and_then(|result| result).map_err(Error::Serve)?,
    }
    Ok(())
}

/// The address for people: as set, else where it listens (the loopback, where it listens everywhere).
fn public_url(settings: &Settings, address: SocketAddr) -> Result<Url, Error> {
    if let Some(url) = &settings.public_url {
        return Ok(url.clone());
    }
    let host = if address.ip().is_unspecified() {
        "127.0.0.1".to_owned()
    } else {
        host(address)
    };
    Url::parse(&format!("http://{host}:{}", address.port()))
        .map_err(|_| Error::Asked("the sandbox's address makes no URL".into()))
}

/// The address without its port, as it stands in a URL.
fn host(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    }
}

/// What the pages may load and do: one style sheet and forms, nothing else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Everything that the sandbox answers. A browser's write from a foreign page is refused, on the API as well.
pub fn router(sandbox: Sandbox) -> Router {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    Router::new()
        .route("/", get(async || Redirect::temporary("/ats")))
        .nest("/v1", api::router(sandbox.clone()))
        .route("/ats/", get(async || Redirect::permanent("/ats")))
        .nest("/ats", ats::router())
        .nest("/control", control::router())
        .route("/static/sandbox.css", get(ats::style))
        .route("/static/sandbox-window.js", get(ats::window))
        .with_state(sandbox)
        .layer(CsrfLayer::new())
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::CACHE_CONTROL, "no-store"))
}
