//! The staff's screens, one file per screen: read the request, call an action or a store read, render.
//!
//! Each screen's file says in its own `routes()` which addresses it has and who may use them; here they come together.

use crate::auth::Route;

/// Every route of the desk.
pub fn routes() -> Vec<Route> {
    Vec::new()
}
