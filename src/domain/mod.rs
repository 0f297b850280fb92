//! The words of the house as types, and its rules as pure functions: no I/O, no async, no SQL, no HTML.

pub mod connecting;
pub mod customer;
pub mod customer_card;
pub mod delivery;
pub mod file_name;
pub mod go_live;
pub mod ids;
pub mod inbox;
pub mod intake;
pub mod integration;
pub mod invitation;
pub mod key;
pub mod language;
pub mod likeness;
pub mod order;
pub mod package;
pub mod placeholders;
pub mod publication;
pub mod reason;
pub mod reconcile;
pub mod result;
pub mod role;
pub mod start_address;
pub mod text;
pub mod time;
pub mod viewer;
mod words;
