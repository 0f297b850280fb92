//! Whether the program lives, and whether it can do its work.

use crate::auth::{Access, Route};

/// The addresses that a machine watches.
pub fn routes() -> Vec<Route> {
    vec![Route::get("/healthz", Access::Public, alive)]
}

/// The process is up and answers; nothing else is looked at.
async fn alive() -> &'static str {
    "ok\n"
}
