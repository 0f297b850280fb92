//! A browser for tests: it talks to the real router, keeps its cookie, and says where its requests come from.

use super::TestApp;
use assessdesk::auth::session;
use assessdesk::auth::session_rows::SessionRows;
use assessdesk::domain::ids::{CustomerId, StaffId};
use assessdesk::domain::role::Role;
use assessdesk::store::staff;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use scraper::{Html, Selector};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;
use tower_sessions::Session;

/// The address under which tests reach the desk (the default `BASE_URL`).
pub const ORIGIN: &str = "http://127.0.0.1:8080";

/// A browser.
pub struct Client {
    router: Router,
    cookie: Option<String>,
    address: SocketAddr,
    headers: Vec<(String, String)>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The header's text; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }
}

/// What the elements of a page say that fit the selector, with single blanks.
pub fn texts(answer: &Answer, selector: &str) -> Vec<String> {
    let page = Html::parse_document(&answer.text);
    let selector = Selector::parse(selector).expect("a selector");
    let squeezed = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    page.select(&selector)
        .map(|it| squeezed(it.text().collect::<String>()))
        .collect()
}

/// An event stream that stands open.
pub struct Stream {
    pub status: StatusCode,
    headers: HeaderMap,
    body: Body,
    rest: String,
}

impl Stream {
    /// The header's text; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a readable header"))
    }

    /// The next piece as it was written, heartbeats included; `None` after the end.
    pub async fn piece(&mut self) -> Option<String> {
        let frame = tokio::time::timeout(Duration::from_secs(20), self.body.frame());
        let frame = frame.await.expect("a piece of the stream in time")?;
        let data = frame.expect("a good frame").into_data().expect("data");
        Some(String::from_utf8(data.to_vec()).expect("text"))
    }

    /// Reads the first words, after which everything that changes is heard.
    pub async fn hello(&mut self) {
        let first = self.piece().await.expect("a first piece");
        assert!(first.contains(": hello"), "{first}");
    }

    /// The next event with its data; `None` after the end.
    pub async fn event(&mut self) -> Option<(String, Value)> {
        let next = tokio::time::timeout(Duration::from_secs(20), self.next_event());
        next.await.expect("an event in time")
    }

    async fn next_event(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((one, rest)) = self.rest.clone().split_once("\n\n") {
                rest.clone_into(&mut self.rest);
                let field = |name: &str| one.lines().find_map(|line| line.strip_prefix(name));
                if let Some(name) = field("event: ").filter(|name| *name != "beat") {
                    let data = serde_json::from_str(field("data: ").expect("data")).expect("JSON");
                    return Some((name.to_owned(), data));
                }
            }
            let piece = self.piece().await?;
            self.rest += &piece;
        }
    }
}

impl TestApp {
    /// A browser in which nobody is signed in.
    pub fn client(&self) -> Client {
        Client {
            router: assessdesk::server::router(self.app.clone()),
            cookie: None,
            address: SocketAddr::from(([198, 51, 100, 7], 50_000)),
            headers: Vec::new(),
        }
    }

    /// A browser in which a new person with this role, who sees every customer, is signed in.
    pub async fn sign_in_as(&self, role: Role) -> Client {
        self.sign_in(self.add_staff(role, true).await).await
    }

    /// A browser in which a new person with this role, who sees only these customers, is signed in.
    pub async fn sign_in_limited(&self, role: Role, customers: &[CustomerId]) -> Client {
        let id = self.add_staff(role, false).await;
        let mut conn = self.app.db.begin().await.expect("a transaction");
        staff::set_limits(&mut conn, id, customers).await.expect("limits");
        conn.commit().await.expect("committed");
        self.sign_in(id).await
    }

    /// Adds a person.
    pub async fn add_staff(&self, role: Role, all_customers: bool) -> StaffId {
        let id: StaffId = self.app.clock.new_id();
        let email = format!("{role}-{}@example.com", id.0.simple());
        let new = staff::NewStaff {
            id,
            email: &email,
            email_folded: &email,
            name: "Mira Kovač",
            role,
            all_customers,
            time_zone: "Europe/Berlin",
            created_at: self.app.clock.now(),
        };
        let mut conn = self.app.db.begin().await.expect("a transaction");
        staff::insert(&mut conn, &new).await.expect("a person");
        conn.commit().await.expect("committed");
        id
    }

    /// A browser in which this person is signed in.
    pub async fn sign_in(&self, id: StaffId) -> Client {
        let rows = Arc::new(SessionRows::new(&self.app));
        let session = Session::new(None, rows, None);
        session::open(&session, id, &HeaderMap::new()).await.expect("a session");
        let token = session.id().expect("its id");
        Client {
            cookie: Some(format!("assessdesk={token}")),
            ..self.client()
        }
    }
}

impl Client {
    /// Another window of the same browser.
    pub fn same(&self) -> Self {
        Self {
            router: self.router.clone(),
            cookie: self.cookie.clone(),
            headers: self.headers.clone(),
            ..*self
        }
    }

    /// The same browser at another address.
    #[must_use]
    pub fn at(self, address: &str) -> Self {
        Self {
            address: format!("{address}:50000").parse().expect("an address"),
            ..self
        }
    }

    /// Sends this header with every request, too.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The session cookie (`name=value`).
    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// The bytes of a file.
    pub async fn bytes(&mut self, path: &str) -> Vec<u8> {
        let cookie = self.cookie.clone().unwrap_or_default();
        let request = Request::get(path).header(header::COOKIE, cookie);
        let mut request = request.body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        let body = response.into_body().collect().await.expect("a whole body");
        body.to_bytes().to_vec()
    }

    /// Opens an event stream.
    pub async fn open(&mut self, path: &str) -> Stream {
        let cookie = self.cookie.clone().unwrap_or_default();
        let request = Request::get(path)
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT_ENCODING, "gzip, br");
        let mut request = request.body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        Stream {
            status: parts.status,
            headers: parts.headers,
            body,
            rest: String::new(),
        }
    }

    /// Sends a form from a page of ours.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    /// Sends an empty request with this method, as a page of `origin` would.
    pub async fn send_from(&mut self, method: Method, path: &str, origin: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ORIGIN, origin);
        self.send(request, Body::empty()).await
    }

    /// Sends any request.
    pub async fn send(&mut self, mut request: axum::http::request::Builder, body: Body) -> Answer {
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(body).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        self.keep_cookie(&parts.headers);
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    fn keep_cookie(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let pair = line
                .to_str()
                .expect("a readable cookie")
                .split(';')
                .next()
                .expect("a pair");
            self.cookie = pair
                .split_once('=')
                .is_some_and(|(_, value)| !value.is_empty())
                .then(|| pair.to_owned());
        }
    }
}
