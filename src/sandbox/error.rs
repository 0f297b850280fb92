//! How the sandbox itself can fail.

use std::net::SocketAddr;

/// What went wrong in the sandbox.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or the address is not this machine's.
    #[error("the sandbox cannot listen on {0}: {1}. Stop what listens there, or set ASSESSDESK_SANDBOX_LISTEN")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The server stopped by itself.
    #[error("the sandbox's server stopped: {0}")]
    Serve(#[source] std::io::Error),
    /// Its database could not be opened or used.
    #[error("the sandbox's database: {0}")]
    Database(#[from] sqlx::Error),
    /// The client that sends webhooks could not be made.
    #[error("the sandbox's HTTP client could not be made: {0}")]
    Http(#[from] reqwest::Error),
    /// Something that it kept could not be read back.
    #[error("the sandbox kept something that it cannot read: {0}")]
    Json(#[from] serde_json::Error),
    /// A page could not be rendered.
    #[error("a page of the sandbox could not be rendered: {0}")]
    Page(#[from] askama::Error),
    /// There is no such thing.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Asked(String),
}
