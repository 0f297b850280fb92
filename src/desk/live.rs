//! `/live`: hints that something changed, as server-sent events, to whoever may see the thing.
//!
//! An event says what changed and never how: the page fetches again what it shows. There are these events:
//!
//! - `live`: `{"order": ["<id>", …], "inbox": null}`, by kind ([`sight::word`]) the ids of what changed; `null` where so
//!   many did that they are not listed;
//! - `again`: the stream fell behind, so that everything is to be fetched again;
//! - `over` with `{"why": "stopping" | "signed-out" | "changed" | "replaced"}`: the stream ends now. It begins anew by
//!   itself unless the person was signed out, or a newer stream of theirs took its place;
//! - `beat` every `LIVE_HEARTBEAT`, so that nobody on the way takes the line for dead, and a page notices when it is.

mod gather;
mod sight;
mod stream;

use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::web::Error;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/live", Access::SignedIn, live).quiet()]
}

async fn live(State(app): State<App>, staff: Staff) -> Result<Response, Error> {
    let body = Body::from_stream(stream::open(app, staff).await?);
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, "text/event-stream");
    set(header::CACHE_CONTROL, "no-store, no-transform");
    // nginx, and what learned it from nginx, would gather the events and pass on none.
    set(HeaderName::from_static("x-accel-buffering"), "no");
    Ok(response)
}
