//! The tests that drive the real thing through HTTP and through its store, a file per feature, on both engines.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests ask the environment for their servers, and name things as they like"
)]

mod support;

mod bad_days;
mod candidate;
mod catalogue;
mod connecting;
mod customer_card;
mod customers;
mod desk_customers;
mod due;
mod engines;
mod find;
mod hold;
mod house;
mod intake;
mod integrations;
mod life_of_an_order;
mod live;
mod live_pages;
mod mail;
mod mail_desk;
mod offer_sets;
mod offer_times;
mod offers;
mod order_lists;
mod orders;
mod outbox;
mod package_languages;
mod packages;
mod program;
mod publications;
mod reasons;
mod reconciler;
mod report;
mod results;
mod rollouts;
mod routes;
mod rules;
mod sandbox;
mod sign_in;
mod staff;
mod strangers;
mod today;
mod traffic;
