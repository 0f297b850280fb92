//! The map of the house.
//!
//! Assessdesk carries an order from a customer's ATS (through Kombo) to the provider's staff, and the result back.
//! Each room below is a folder that can be understood alone; `docs/architecture.md` tells how they fit together and
//! which may know which (`tests/it/house.rs` guards it).

pub mod actions;
pub mod app;
pub mod auth;
pub mod clock;
pub mod commands;
pub mod config;
pub mod desk;
pub mod domain;
pub mod health;
pub mod intake;
pub mod kombo;
pub mod live;
pub mod mail;
pub mod outbox;
pub mod points;
pub mod public;
pub mod sandbox;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod web;
