//! Who is there and what they may do: passwords, sessions, roles, throttling.
//!
//! A screen declares its routes as [`Route`]s, each with its [`Access`]; [`mount`] puts the guard around every one of
//! them, so that no handler can forget it. A handler takes [`Staff`] as an argument to know who is asking.

pub mod address;
mod guard;
pub mod password;
mod route;
pub mod session;
pub mod session_rows;
pub mod throttle;

pub use route::{Access, Route, mount};
pub use session::Staff;
