//! Everything that can happen, one file each: check, change, audit line, deliveries, live hint in one transaction.
//!
//! An action takes `&mut Work` ([`work`]) and never begins or commits; whoever called [`work::Tools::begin`] does.

pub mod assign_integration;
pub mod change_customer;
pub mod change_customer_card;
pub mod change_invitation_text;
pub mod change_offer;
pub mod change_package;
pub mod change_reason;
pub mod change_rules;
pub mod compare_offer;
pub mod connection_link;
pub mod copy_offer;
pub mod create_customer;
mod error;
pub mod final_body;
pub mod final_word;
pub mod go_live;
pub mod hold;
pub mod import_catalogue;
pub mod integration_news;
pub mod invite;
pub mod look_up_integration;
pub mod make_connection_link;
pub mod observe_order;
pub mod offer_sets;
pub mod order_steps;
pub mod order_work;
pub mod publication_outcome;
pub mod publish_offer;
pub mod receive_order;
pub mod record_attempt;
pub mod replay_webhook;
pub mod result_draft;
pub mod retry_delivery;
mod reword_offers;
pub mod roll_out;
pub mod rule_cache;
pub mod schedule_publication;
pub mod set_progress;
pub mod staff_account;
pub mod staff_add;
pub mod staff_change;
pub mod staff_link;
pub mod staff_password;
pub mod staff_session;
pub mod start;
pub mod start_link;
pub mod steer_integration;
pub mod take_tools;
pub mod take_webhook;
pub mod turn_offer;
pub mod wake_integration;
pub mod work;

pub use error::{Error, kombo_in_words};
