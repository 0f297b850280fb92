//! The contract with Kombo: wire types, signature, client, error codes. Knows no store and no screen.
//!
//! Everything here follows Kombo's published OpenAPI document. What no public source states in full stands in one
//! named type each, so that it can be changed in one place: [`wire::Rejection`] and [`wire::InlineAnswer`].

pub mod ats;
pub mod client;
pub mod code;
pub mod progress;
pub mod signature;
pub mod wire;

pub use client::{Answered, Client, Error, OrdersQuery, Raw, Reply, ResultCall, Timeouts, Unsendable};
pub use code::{Code, Fate};

/// The header that carries a webhook's signature.
pub const SIGNATURE_HEADER: &str = "x-kombo-signature";

/// The header that names the integration a call is about.
pub const INTEGRATION_HEADER: &str = "x-integration-id";

/// Calls that we let be in flight for one integration at a time. Kombo refuses more than 30; staying below leaves
/// room for the reconciler and for people.
pub const IN_FLIGHT_PER_INTEGRATION: usize = 20;

/// Chooses ring as the process's TLS library. Safe to call again; the first choice stays.
pub fn install_tls() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error here means that another thread installed one between the two lines, which is what we wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
