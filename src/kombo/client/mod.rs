//! The client: one method for each call that we make.

mod calls;
mod error;
mod reply;

pub use calls::{OrdersQuery, ResultCall};
pub use error::{Answered, Error, Unsendable};
pub use reply::{RAW_KEPT, Raw, Reply};

use super::INTEGRATION_HEADER;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use url::Url;

/// How long the client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For a whole call.
    pub call: Duration,
    /// For sending a result, which can be 35 MB of attachments, and for the ATS behind Kombo to take it.
    pub result: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            call: Duration::from_secs(30),
            result: Duration::from_mins(2),
        }
    }
}

/// Speaks to Kombo. Cheap to clone: all clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    timeouts: Timeouts,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base.as_str())
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client for the API at `base_url` (`https://api.kombo.dev/v1`), which authenticates itself with `api_key`.
    ///
    /// Redirects are not followed: Kombo sends none, and a key must not travel to another place.
    pub fn new(base_url: &str, api_key: &SecretString, timeouts: Timeouts) -> Result<Self, Unsendable> {
        super::install_tls();
        let base = Url::parse(base_url.trim_end_matches('/')).map_err(|_| Unsendable::BaseUrl)?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(Unsendable::BaseUrl);
        }
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", api_key.expose_secret())).map_err(|_| Unsendable::ApiKey)?;
        bearer.set_sensitive(true);
        let http = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .user_agent(concat!("assessdesk/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.call)
            .build()
            .map_err(|_| Unsendable::Tls)?;
        Ok(Self { http, base, timeouts })
    }

    /// A request for the path made of `segments`, each of which is escaped.
    fn request(&self, method: Method, segments: &[&str]) -> Result<RequestBuilder, Unsendable> {
        // An id that is empty or made of dots would silently name another resource.
        if segments.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err(Unsendable::Id);
        }
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Unsendable::BaseUrl)?
            .pop_if_empty()
            .extend(segments);
        Ok(self.http.request(method, url))
    }

    /// The same, about one integration.
    fn request_for(&self, integration: &str, method: Method, segments: &[&str]) -> Result<RequestBuilder, Unsendable> {
        let integration = HeaderValue::from_str(integration).map_err(|_| Unsendable::Id)?;
        Ok(self.request(method, segments)?.header(INTEGRATION_HEADER, integration))
    }
}

#[cfg(test)]
mod tests;
