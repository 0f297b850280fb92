//! A Kombo that gives the answers that a test wrote down, and remembers what it was asked.

use assessdesk::kombo::{Client, Timeouts};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use secrecy::SecretString;
use serde_json::Value;
use std::sync::{Arc, Mutex};

type Answers = Vec<(&'static str, u16, Value)>;

/// What a call was: method and path, and its body.
#[derive(Clone, Debug)]
pub struct Asked {
    pub call: String,
    pub body: Value,
}

/// The Kombo of one test.
#[derive(Clone)]
pub struct Answering {
    pub client: Client,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Answering {
    /// Starts one that answers `GET /path` with status and JSON; anything else with 404.
    pub async fn start(answers: Answers) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let client = Client::new(&url, &SecretString::from("key".to_owned()), Timeouts::default()).expect("a client");
        let kombo = Self {
            client,
            answers: Arc::new(Mutex::new(answers)),
            asked: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(kombo.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        kombo
    }

    /// Answers otherwise from now on.
    pub fn answers(&self, answers: Answers) {
        *self.answers.lock().expect("answers") = answers;
    }

    /// Everything that it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("asked").clone()
    }
}

async fn answer(State(kombo): State<Answering>, request: Request) -> Response {
    let call = format!(
        "{} {}",
        request.method(),
        request.uri().path().trim_start_matches("/v1")
    );
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    kombo.asked.lock().expect("asked").push(Asked {
        call: call.clone(),
        body,
    });
    let answers = kombo.answers.lock().expect("answers");
    let (status, body) = answers
        .iter()
        .find(|(own, ..)| *own == call.replace("%3A", ":"))
        .map_or((404, refusal("PLATFORM.INTEGRATION_NOT_FOUND")), |(_, status, body)| {
            (*status, body.clone())
        });
    (StatusCode::from_u16(status).expect("a status"), axum::Json(body)).into_response()
}

/// Kombo's envelope of success.
#[allow(clippy::needless_pass_by_value, reason = "reads better where it is called")]
pub fn success(data: Value) -> Value {
    serde_json::json!({"status": "success", "data": data, "warnings": []})
}

/// Kombo's envelope of refusal.
pub fn refusal(code: &str) -> Value {
    serde_json::json!({"status": "error", "error": {"code": code, "title": null, "message": "No.", "log_url": null}})
}
