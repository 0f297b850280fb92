//! Kombo as a bad week makes it: the sandbox over real HTTP, behind a door that writes down every call and, by the dice,
//! does something else than answer. What happens to the nth call about an order is the seed's alone.

use crate::history::{History, Line};
use crate::sizes::Dice;
use crate::support::{API_KEY, WEBHOOK_SECRET};
use crate::trial::patiently;
use assessdesk::clock::Clock;
use assessdesk::kombo::INTEGRATION_HEADER;
use assessdesk::sandbox::mischief::CallKind;
use assessdesk::sandbox::{self, Sandbox, Settings};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Longer than anybody waits.
const NEVER: Duration = Duration::from_mins(10);

/// Kombo, running until this is dropped.
#[derive(Debug)]
pub struct Kombo {
    pub sandbox: Sandbox,
    pub address: SocketAddr,
    door: Arc<Door>,
    server: JoinHandle<()>,
    _dir: TempDir,
}

impl Drop for Kombo {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Kombo {
    /// One that fails `percent` of all calls.
    pub async fn start(history: &History, percent: usize) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let dir = tempfile::tempdir().expect("a temporary folder");
        let public_url: url::Url = format!("http://{address}").parse().expect("a URL");
        let settings = Settings {
            listen: address,
            // A file: what stands in memory is gone with its one connection, which a caller who hangs up can take along.
            database_url: format!("sqlite://{}", dir.path().join("kombo.db").display()),
            target_url: "http://127.0.0.1:9/webhooks/kombo".parse().expect("a URL"),
            public_url: None,
            api_key: API_KEY.into(),
            webhook_secret: WEBHOOK_SECRET.into(),
            clock: Clock::System,
        };
        let sandbox = Sandbox::open(&settings, public_url).await.expect("a sandbox");
        let door = Arc::new(Door {
            history: history.clone(),
            percent: AtomicUsize::new(percent),
            calls: Arc::default(),
            open: Arc::default(),
            counted: Mutex::default(),
        });
        let router = sandbox::router(sandbox.clone()).layer(from_fn_with_state(door.clone(), pass));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self {
            sandbox,
            address,
            door,
            server,
            _dir: dir,
        }
    }

    /// The address of its API.
    pub fn api_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Counts the calls that came so far.
    pub fn calls(&self) -> Arc<AtomicUsize> {
        self.door.calls.clone()
    }

    /// Writes down what it holds in the end: every order with each result that was applied to it.
    pub async fn write_held(&self, history: &History) {
        patiently(Duration::from_secs(30), "the last calls to end", async || {
            self.door.open.load(Ordering::SeqCst) == 0
        })
        .await;
        for (order, _, status) in self.sandbox.store.order_statuses().await.expect("read") {
            let held = self.sandbox.store.history(&order, 0).await.expect("read");
            let scores = held.results.iter().map(|row| score(&row.body)).collect();
            history.write(&Line::Held { order, status, scores });
        }
    }
}

/// The score that a result carried.
fn score(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    body["score"].to_string()
}

/// What stands before the sandbox.
#[derive(Debug)]
struct Door {
    history: History,
    percent: AtomicUsize,
    calls: Arc<AtomicUsize>,
    /// How many are under way.
    open: Arc<AtomicUsize>,
    /// How many calls came about each order, or each list.
    counted: Mutex<HashMap<String, usize>>,
}

/// What is done to a call instead of answering it as Kombo should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Misdeed {
    /// Not applied: 429 with `Retry-After`.
    ComeAgain(u64),
    /// Not applied: 429 without it.
    TooMany,
    /// Not applied: this status, in Kombo's envelope or as a proxy has it.
    Fails(u16),
    /// Not applied: 503 with `Retry-After`.
    Away(u64),
    /// Not applied: 200 with a page of somebody's proxy.
    Page,
    /// Not applied: the connection is cut.
    Cut,
    /// Not applied, never answered.
    Silent,
    /// Applied, then the connection is cut.
    AppliedThenCut,
    /// Applied, never answered.
    AppliedThenSilent,
    /// Applied, and the answer is half a JSON text.
    AppliedThenGarbled,
    /// Applied, and the answer trickles in for longer than anybody waits.
    AppliedThenTrickle,
    /// Applied and answered, but slowly, byte by byte.
    Slow,
}

impl Misdeed {
    const ALL: [Self; 16] = [
        Self::ComeAgain(1),
        Self::ComeAgain(2),
        Self::TooMany,
        Self::Fails(500),
        Self::Fails(502),
        Self::Fails(503),
        Self::Fails(504),
        Self::Away(1),
        Self::Page,
        Self::Cut,
        Self::Silent,
        Self::AppliedThenCut,
        Self::AppliedThenSilent,
        Self::AppliedThenGarbled,
        Self::AppliedThenTrickle,
        Self::Slow,
    ];
}

impl Door {
    /// What happens to the next call about this.
    fn misdeed(&self, about: &str) -> Option<Misdeed> {
        let number = {
            let mut counted = self.counted.lock().expect("the counters");
            let number = counted.entry(about.to_owned()).or_default();
            *number += 1;
            *number
        };
        let mut dice = Dice::of(&["misdeed", about, &number.to_string()]);
        dice.hits(self.percent.load(Ordering::SeqCst))
            .then(|| Misdeed::ALL[dice.below(Misdeed::ALL.len())])
    }
}

/// A call that is under way. Dropped, it is over (answered to its last byte, or hung up) and is written down.
struct Call {
    history: History,
    open: Arc<AtomicUsize>,
    began: u64,
    answered: Option<u64>,
    kind: CallKind,
    integration: Option<String>,
    order: Option<String>,
    misdeed: Option<Misdeed>,
    status: Option<u16>,
    retry_after: Option<u64>,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.history.write(&Line::Call {
            began: self.began,
            answered: self.answered,
            ended: self.history.now(),
            call: self.kind.name().to_owned(),
            integration: self.integration.take(),
            order: self.order.take(),
            misdeed: self.misdeed.map(|misdeed| format!("{misdeed:?}")),
            status: self.status,
            retry_after: self.retry_after,
        });
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Call {
    fn begin(door: &Door, request: &Request) -> Self {
        door.calls.fetch_add(1, Ordering::SeqCst);
        door.open.fetch_add(1, Ordering::SeqCst);
        let path = request.uri().path().trim_start_matches("/v1");
        let mut call = Self {
            history: door.history.clone(),
            open: door.open.clone(),
            began: door.history.now(),
            answered: None,
            kind: CallKind::of(request.method().as_str(), path),
            integration: request
                .headers()
                .get(INTEGRATION_HEADER)
                .and_then(|id| id.to_str().ok())
                .map(str::to_owned),
            order: order_of(path, request.uri().query().unwrap_or_default()),
            misdeed: None,
            status: None,
            retry_after: None,
        };
        let about = call.order.as_ref().or(call.integration.as_ref());
        call.misdeed = door.misdeed(about.map_or(path, String::as_str));
        call
    }

    /// The call goes on until this answer's body is read to its end, or nobody reads it any more.
    fn answer(mut self, response: Response) -> Response {
        self.answered = Some(self.history.now());
        self.status = Some(response.status().as_u16());
        let asked = response.headers().get(header::RETRY_AFTER);
        self.retry_after = asked.and_then(|asked| asked.to_str().ok()?.parse().ok());
        response.map(|body| Body::new(Watched { body, _call: self }))
    }
}

/// The order that a call is about: in its path, or the one that is read back. The reconciler's lists (with a page's size)
/// are about no single order, however few they name.
fn order_of(path: &str, query: &str) -> Option<String> {
    let in_path = path
        .strip_prefix("/assessment/orders/")
        .and_then(|rest| rest.strip_suffix("/result"));
    let in_query = || url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "ids");
    match in_path {
        Some(order) => Some(order.to_owned()),
        None => in_query()
            .map(|(_, ids)| ids.into_owned())
            .filter(|_| !query.contains("page_size=")),
    }
}

async fn pass(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let call = Call::begin(&door, &request);
    match call.misdeed {
        None => call.answer(next.run(request).await),
        Some(misdeed) => mistreat(call, misdeed, request, next).await,
    }
}

async fn mistreat(call: Call, misdeed: Misdeed, request: Request, next: Next) -> Response {
    match misdeed {
        Misdeed::Cut => cut(),
        Misdeed::Silent => silent(call).await,
        Misdeed::AppliedThenCut => {
            drop(next.run(request).await);
            cut()
        }
        Misdeed::AppliedThenSilent => {
            drop(next.run(request).await);
            silent(call).await
        }
        Misdeed::AppliedThenGarbled => {
            drop(next.run(request).await);
            call.answer((StatusCode::OK, "{\"status\":\"succ").into_response())
        }
        Misdeed::AppliedThenTrickle => {
            let response = next.run(request).await;
            call.answer(trickle(response, Duration::from_millis(400)).await)
        }
        Misdeed::Slow => {
            let response = next.run(request).await;
            call.answer(trickle(response, Duration::from_micros(500)).await)
        }
        refusal => {
            // Read to its end, as a server does that means to go on with the connection.
            let _ = request.into_body().collect().await;
            call.answer(refuse(refusal))
        }
    }
}

fn refuse(misdeed: Misdeed) -> Response {
    match misdeed {
        Misdeed::ComeAgain(seconds) => (
            [(header::RETRY_AFTER, seconds.to_string())],
            refused(429, "PLATFORM.RATE_LIMIT_EXCEEDED"),
        )
            .into_response(),
        Misdeed::TooMany => refused(429, "PLATFORM.RATE_LIMIT_EXCEEDED"),
        Misdeed::Away(seconds) => (
            [(header::RETRY_AFTER, seconds.to_string())],
            refused(503, "REMOTE.SERVICE_UNAVAILABLE"),
        )
            .into_response(),
        Misdeed::Fails(500) => refused(500, "PLATFORM.UNKNOWN_ERROR"),
        Misdeed::Fails(503) => refused(503, "REMOTE.SERVICE_UNAVAILABLE"),
        Misdeed::Fails(status) => (StatusCode::from_u16(status).expect("a status"), "Bad gateway").into_response(),
        _ => axum::response::Html("<h1>Please sign in to the guest network</h1>").into_response(),
    }
}

fn refused(status: u16, code: &str) -> Response {
    let body = serde_json::json!({
        "status": "error", "error": {"code": code, "title": null, "message": "Not now.", "log_url": null}
    });
    (StatusCode::from_u16(status).expect("a status"), axum::Json(body)).into_response()
}

/// An answer whose body breaks before its first byte: the server then closes the connection.
fn cut() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut on purpose")) });
    ([(header::CONTENT_LENGTH, "100")], Body::from_stream(broken)).into_response()
}

/// Never answers; the caller hangs up.
async fn silent(call: Call) -> Response {
    tokio::time::sleep(NEVER).await;
    drop(call);
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

/// The same answer, byte by byte.
async fn trickle(response: Response, pause: Duration) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("an answer").to_bytes();
    let drops = stream::unfold(bytes, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        Some((Ok::<_, std::io::Error>(left.split_to(1)), left))
    });
    Response::from_parts(parts, Body::from_stream(drops))
}

/// A body with which its call ends.
struct Watched {
    body: Body,
    _call: Call,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
