//! Pages for people without an account: whoever has the secret address may open them, and opening changes nothing.

mod report;
mod start;

use crate::auth::Route;

/// Every route for people without an account.
pub fn routes() -> Vec<Route> {
    [report::routes(), start::routes()].concat()
}
