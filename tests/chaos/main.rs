//! Days of trouble in minutes: the real program is killed, starved and lied to, and what it promised must hold.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests ask the environment for their servers, and name things as they like"
)]

#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "shared with the other tests, of which this uses a part"
)]
#[path = "../it/support/mod.rs"]
mod support;
