//! The caller's address: the connection's, or what a trusted proxy says.

use crate::app::App;
use crate::config::Config;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where a request comes from; an extractor that never fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller(pub IpAddr);

impl Caller {
    /// The address by which callers are told apart: an IPv6 network of 64 bits is one household, not 2^64 callers.
    pub fn network(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        Ok(Self(caller(peer, &parts.headers, &app.config)))
    }
}

/// The last address in `X-Forwarded-For` that is not a trusted proxy's own; what stands before it anybody can write.
fn caller(peer: IpAddr, headers: &HeaderMap, config: &Config) -> IpAddr {
    let peer = peer.to_canonical();
    if !config.trusts(peer) {
        return peer;
    }
    let mut nearest = peer;
    let lines = headers.get_all("x-forwarded-for").into_iter().rev();
    for part in lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')) {
        let Some(address) = parse(part.trim()) else {
            return nearest;
        };
        nearest = address;
        if !config.trusts(address) {
            return address;
        }
    }
    nearest
}

/// Some proxies add the port.
fn parse(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()
        .map(|address| address.to_canonical())
}
