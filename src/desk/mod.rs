//! The staff's screens, one file per screen: read the request, call an action or a store read, render.
//!
//! Each screen's file says in its own `routes()` which addresses it has and who may use them; here they come together.

mod account;
mod audit;
mod catalogue;
mod copy_offer;
mod customer;
mod customer_card;
mod customer_form;
mod customer_terms;
mod customers;
mod find;
mod go_live;
mod held;
mod inbox;
mod integration;
mod invitation;
mod letter_view;
mod links;
mod live;
mod looking;
mod mail;
mod offer_difference;
mod offer_sets;
mod on_screen;
mod order;
mod order_row;
mod orders;
mod outbox;
mod packages;
mod publication;
mod publish;
mod rail;
mod reason_field;
mod reasons;
mod reconciler;
mod refused;
mod result;
mod rollout;
mod rules;
mod seen;
mod settings;
mod sign_in;
mod staff;
mod today;
mod traffic;
mod unassigned;
mod unpublished;
mod welcome;

use crate::auth::Route;

/// Every route of the desk.
pub fn routes() -> Vec<Route> {
    [
        account::routes(),
        audit::routes(),
        copy_offer::routes(),
        customer::routes(),
        customer_card::routes(),
        customers::routes(),
        find::routes(),
        go_live::routes(),
        held::routes(),
        inbox::routes(),
        integration::routes(),
        invitation::routes(),
        links::routes(),
        live::routes(),
        looking::routes(),
        mail::routes(),
        offer_sets::routes(),
        order::routes(),
        orders::routes(),
        outbox::routes(),
        packages::routes(),
        catalogue::routes(),
        publication::routes(),
        publish::routes(),
        reasons::routes(),
        rail::routes(),
        reconciler::routes(),
        result::routes(),
        rollout::routes(),
        rules::routes(),
        settings::routes(),
        sign_in::routes(),
        staff::routes(),
        today::routes(),
        unassigned::routes(),
        unpublished::routes(),
        welcome::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
