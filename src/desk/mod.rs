//! The staff's screens, one file per screen: read the request, call an action or a store read, render.
//!
//! Each screen's file says in its own `routes()` which addresses it has and who may use them; here they come together.

mod account;
mod sign_in;
mod welcome;
mod customer;
mod customer_form;
mod customers;
mod integration;
mod packages;
mod publish;
mod refused;
mod unassigned;

use crate::auth::Route;

/// Every route of the desk.
pub fn routes() -> Vec<Route> {
    [account::routes(), sign_in::routes(), welcome::routes()]
        .into_iter()
        .flatten()
        .collect()
    [
        customer::routes(),
        customers::routes(),
        integration::routes(),
        packages::routes(),
        publish::routes(),
        unassigned::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
