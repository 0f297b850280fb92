//! `POST /webhooks/kombo`: limit, signature, then the writer; the answer as Kombo reads it.

use super::answered::ReportingBody;
use super::holds::{self, Keeper};
use super::writer::{self, Inlet, Item, Unwritten, Written};
use crate::actions::take_webhook::{Answer, Taken, Webhook};
use crate::app::App;
use crate::app::trace::{Refusal, Trace, Why};
use crate::auth::address::Caller;
use crate::auth::{Access, Route};
use crate::kombo::signature::{self, Unverified};
use crate::kombo::wire::{InlineAnswer, Rejection};
use crate::points::Point;
use crate::telemetry;
use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The largest webhook that is read.
pub const LARGEST: usize = 1024 * 1024;

/// The header that carries Kombo's signature.
const SIGNATURE: &str = "x-kombo-signature";

/// After how many seconds a webhook that found no room should come again.
const COME_AGAIN: u32 = 2;

/// The intake: takes webhooks and answers them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    app: App,
    inlet: Inlet,
    keeper: Keeper,
    /// What could not be verified.
    pub trace: Trace,
    closing: CancellationToken,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Intake {
    /// Starts the writer.
    pub fn start(app: App) -> Self {
        Self::in_batches_of(app, writer::BATCH)
    }

    /// Starts a writer whose transactions take at most so many webhooks each: for measuring what gathering them brings.
    pub fn in_batches_of(app: App, most: usize) -> Self {
        let trace = app.trace.clone();
        let closing = CancellationToken::new();
        let keeper = Keeper::new(app.clone());
        let (inlet, task) = writer::start(app.clone(), keeper.clone(), closing.clone(), most);
        Self {
            app,
            inlet,
            keeper,
            trace,
            closing,
            task: Arc::new(Mutex::new(Some(task))),
        }
    }

    /// Takes nothing more and waits until everything that was taken is written. To be called once no connection is left,
    /// so that every answer could report that it left.
    pub async fn finish(self) {
        self.closing.cancel();
        let task = self.task.lock().await.take();
        if let Some(task) = task {
            let _ = task.await;
        }
        self.keeper.finish().await;
    }

    fn refuse(&self, why: Why, size: usize, address: Option<IpAddr>) -> Response {
        telemetry::WEBHOOKS.more(why.as_str());
        self.trace.add(Refusal {
            at: self.app.clock.now(),
            address,
            size,
            why,
        });
        let status = match why {
            Why::Unsigned | Why::WrongSignature => StatusCode::UNAUTHORIZED,
            Why::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Why::NoSecret => StatusCode::SERVICE_UNAVAILABLE,
            Why::BrokenOff => StatusCode::BAD_REQUEST,
        };
        problem(status, why.label())
    }

    async fn write(&self, body: Bytes, arrived: Instant) -> Result<Written, Unwritten> {
        let (reply, answer) = oneshot::channel();
        self.inlet
            .items
            .try_send(Item {
                webhook: Webhook::read(body, arrived),
                waiting: self.app.health.webhook_waits(),
                reply,
            })
            .map_err(|_| Unwritten)?;
        answer.await.map_err(|_| Unwritten)?
    }
}

/// The one route of this room: the signature proves who may use it.
pub fn routes() -> Vec<Route> {
    vec![Route::post("/webhooks/kombo", Access::Public, handle)]
}

async fn handle(
    Extension(intake): Extension<Intake>,
    Caller(address): Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    receive(&intake, &headers, body, Some(address)).await
}

/// Takes one webhook: `address` is the caller's, for the trace of what cannot be verified.
pub async fn receive(intake: &Intake, headers: &HeaderMap, body: Body, address: Option<IpAddr>) -> Response {
    let body = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return intake.refuse(Why::TooLarge, LARGEST, address);
        }
        Err(_) => return intake.refuse(Why::BrokenOff, 0, address),
    };
    Point::Received.pass();
    let (arrived, arrived_at) = (Instant::now(), intake.app.clock.now());
    let secrets = &intake.app.config.kombo_webhook_secrets;
    let given = headers.get(SIGNATURE).map(HeaderValue::as_bytes);
    if let Err(unverified) = signature::verify(secrets, given, &body) {
        let why = match unverified {
            Unverified::NoSecret => Why::NoSecret,
            Unverified::Missing => Why::Unsigned,
            Unverified::Malformed | Unverified::Mismatch => Why::WrongSignature,
        };
        return intake.refuse(why, body.len(), address);
    }
    Point::Verified.pass();
    // Where the database hangs, the sender is not kept hanging: what is written later after all meets a repeat.
    let written = tokio::time::timeout(holds::LATEST, intake.write(body, arrived)).await;
    let Ok(Ok(written)) = written else {
        telemetry::WEBHOOKS.more("unwritten");
        return come_again("Too much waits to be written. Please come again.");
    };
    let mut taken = written.taken;
    telemetry::WEBHOOKS.more(taken.verdict.as_str());
    if let Some(waiter) = written.waiter {
        let reply = tokio::select! {
            reply = waiter.answer() => reply,
            () = intake.app.clock.reaches(arrived_at.plus(holds::LATEST)) => None,
        };
        match reply {
            Some(reply) => taken.answer = reply.into(),
            None => return come_again("It is kept, but could not be decided in time."),
        }
    }
    answer(&taken, &intake.inlet.answered)
}

fn come_again(why: &str) -> Response {
    let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, why);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(COME_AGAIN));
    response
}

fn answer(taken: &Taken, answered: &mpsc::UnboundedSender<crate::domain::ids::OrderId>) -> Response {
    let body = match &taken.answer {
        Answer::Taken => json!({"status": "success"}),
        Answer::Start(url) => to_value(&InlineAnswer { url: url.clone() }),
        Answer::Rejected(text) => to_value(&Rejection::new(text.clone())),
        Answer::Unreadable(why) => {
            return problem(
                StatusCode::BAD_REQUEST,
                &format!("It is signed, but cannot be read: {why}."),
            );
        }
        Answer::Held(_) => return come_again("It is kept, and waits for a person."),
        Answer::Failed => {
            return problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "It is kept, but could not be worked on.",
            );
        }
    };
    let report = taken.order_id.map(|order| (order, answered.clone()));
    let body = ReportingBody::new(Bytes::from(body.to_string()), report);
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = StatusCode::from_u16(taken.answer.status()).unwrap_or(StatusCode::OK);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn to_value(body: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(body).unwrap_or_default()
}

/// A problem document (RFC 9457).
fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}
