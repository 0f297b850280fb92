//! How much memory the program takes while everything happens at once: sign-ins, webhooks, pages, streams, uploads.

use crate::house::Kept;
use crate::load::Sender;
use crate::report::Section;
use crate::support::fixtures::PACKAGE;
use assessdesk::auth::password;
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::order::Stage;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::store::order_lists::{self, Filter, Place, Sort};
use assessdesk::store::staff;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const SIGN_INS: usize = 8;
const SENDERS: usize = 64;
const READERS: usize = 8;
const STREAMS: usize = 50;
const UPLOADS: usize = 2;
const UPLOAD: usize = 10_000_000;
const TIME: Duration = Duration::from_secs(20);
const WORD: &str = "a long and simple password";

/// The floor in MB (of 2^20 bytes).
const FLOOR: f64 = 96.0;

/// How much was done meanwhile.
#[derive(Debug, Default)]
struct Done {
    sign_ins: AtomicU64,
    webhooks: AtomicU64,
    pages: AtomicU64,
    uploads: AtomicU64,
    events: AtomicU64,
}

/// Measures.
pub async fn measure() -> Section {
    let kept = Kept::copied(10_000).await;
    let emails = people(&kept).await;
    let orders = Arc::new(Mutex::new(waiting(&kept).await));
    let cookie = kept.operator().await;
    let served = kept.serve().await;
    sleep(Duration::from_secs(1)).await;
    let id = served.program.id();
    let idle = memory(id, "VmRSS:");
    let done = Arc::new(Done::default());
    let mut crowd = JoinSet::new();
    for email in emails {
        crowd.spawn(sign_in(served.port, email, done.clone()));
    }
    for _ in 0..SENDERS {
        crowd.spawn(send(served.port, done.clone()));
    }
    for _ in 0..READERS {
        crowd.spawn(read(served.port, cookie.clone(), done.clone()));
    }
    for _ in 0..STREAMS / 5 {
        let own = kept.operator().await;
        for _ in 0..5 {
            crowd.spawn(listen(served.port, own.clone(), done.clone()));
        }
    }
    for _ in 0..UPLOADS {
        crowd.spawn(upload(served.port, cookie.clone(), orders.clone(), done.clone()));
    }
    let began = Instant::now();
    let mut seen = Vec::new();
    while began.elapsed() < TIME {
        sleep(Duration::from_millis(100)).await;
        seen.push(memory(id, "VmRSS:"));
    }
    drop(crowd);
    let peak = memory(id, "VmHWM:");
    sleep(Duration::from_secs(5)).await;
    let after = memory(id, "VmRSS:");
    seen.sort_by(f64::total_cmp);
    section(&done, idle, seen[seen.len() / 2], peak, after)
}

/// A line of the process's `/proc/…/status`, in MB.
fn memory(id: u32, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let told = status.lines().find_map(|own| own.strip_prefix(line)).expect("the line");
    let kilobytes: f64 = told.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes / 1_024.0
}

/// People with passwords; their addresses.
async fn people(kept: &Kept) -> Vec<String> {
    let hash = password::hash(WORD).await.expect("a hash");
    let mut emails = Vec::new();
    for _ in 0..SIGN_INS {
        let id = kept.app.add_staff(Role::Operator, true).await;
        let mut conn = kept.app.app.db.begin().await.expect("a transaction");
        staff::set_password(&mut conn, id, &hash).await.expect("a password");
        conn.commit().await.expect("committed");
        emails.push(format!("operator-{}@example.com", id.0.simple()));
    }
    emails
}

/// Orders that wait for a result.
async fn waiting(kept: &Kept) -> VecDeque<OrderId> {
    let mut conn = kept.app.app.read().await.expect("a connection");
    let filter = Filter {
        stages: vec![Stage::Accepted, Stage::Invited, Stage::Started],
        ..Filter::default()
    };
    let viewer = Viewer::system();
    let page = order_lists::page(&mut conn, &viewer, &filter, Sort::Received, Place::Start, 2_000).await;
    page.expect("read").rows.into_iter().map(|row| row.id).collect()
}

fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client.build().expect("a client")
}

/// A form as a page of ours sends it.
fn post(client: &reqwest::Client, port: u16, path: &str) -> reqwest::RequestBuilder {
    client
        .post(format!("http://127.0.0.1:{port}{path}"))
        .header("origin", format!("http://127.0.0.1:{port}"))
        .header("sec-fetch-site", "same-origin")
}

async fn sign_in(port: u16, email: String, done: Arc<Done>) {
    let client = client();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", email.as_str()), ("password", WORD)])
        .finish();
    loop {
        let request = post(&client, port, "/sign-in").header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form.clone()).send().await.expect("an answer");
        assert_eq!(answer.status(), 303, "somebody was not let in");
        done.sign_ins.fetch_add(1, Ordering::Relaxed);
    }
}

async fn send(port: u16, done: Arc<Done>) {
    let sender = Sender::new(port);
    loop {
        assert_eq!(sender.order("greenhouse:bench0").await, 200, "a webhook was not taken");
        done.webhooks.fetch_add(1, Ordering::Relaxed);
    }
}

async fn read(port: u16, cookie: String, done: Arc<Done>) {
    let client = client();
    let search = format!("/orders?q={PACKAGE}");
    for path in ["/orders", "/", search.as_str(), "/orders?stage=done"].iter().cycle() {
        let request = client
            .get(format!("http://127.0.0.1:{port}{path}"))
            .header("cookie", &cookie);
        let answer = request.header("accept-encoding", "br").send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.expect("a whole page");
        done.pages.fetch_add(1, Ordering::Relaxed);
    }
}

async fn listen(port: u16, cookie: String, done: Arc<Done>) {
    let request = client()
        .get(format!("http://127.0.0.1:{port}/live"))
        .header("cookie", cookie);
    let mut stream = request.send().await.expect("a stream");
    assert_eq!(stream.status(), 200);
    while let Ok(Some(_)) = stream.chunk().await {
        done.events.fetch_add(1, Ordering::Relaxed);
    }
    panic!("a stream ended early");
}

async fn upload(port: u16, cookie: String, orders: Arc<Mutex<VecDeque<OrderId>>>, done: Arc<Done>) {
    let client = client();
    let mut file = b"%PDF-1.7\n".to_vec();
    file.resize(UPLOAD, b'x');
    loop {
        let id = orders
            .lock()
            .expect("orders")
            .pop_front()
            .expect("an order without a result");
        let mut body = Vec::with_capacity(UPLOAD + 1_000);
        for (name, value) in [("version", "0"), ("order_version", "4"), ("do", "save")] {
            let part = format!("--xyz\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        body.extend_from_slice(b"--xyz\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\r\n");
        body.extend_from_slice(&file);
        body.extend_from_slice(b"\r\n--xyz--\r\n");
        let request = post(&client, port, &format!("/orders/{id}/result"))
            .header("cookie", &cookie)
            .header("content-type", "multipart/form-data; boundary=xyz");
        let answer = request.body(body).send().await.expect("an answer");
        assert_eq!(answer.status(), 303, "an upload was not taken");
        done.uploads.fetch_add(1, Ordering::Relaxed);
    }
}

fn section(done: &Done, idle: f64, usual: f64, peak: f64, after: f64) -> Section {
    let count = |what: &AtomicU64| what.load(Ordering::Relaxed);
    Section {
        name: "memory",
        reached: peak < FLOOR,
        text: format!(
            "## Memory\n\n\
             SQLite, 10,000 orders, {} s of everything at once: {SIGN_INS} people who sign in again and again (argon2id, \
             19 MiB each, one at a time), {SENDERS} senders of webhooks, {READERS} readers of lists and searches, {STREAMS} event \
             streams, {UPLOADS} people who upload results with a file of 10 MB. Done meanwhile: {} sign-ins, {} new orders, {} \
             pages, {} uploads. MB resident (`VmRSS`, `VmHWM`).\n\n\
             | | MB |\n| --- | --- |\n\
             | started, nothing to do | {idle:.1} |\n\
             | the middle of what was seen under load | {usual:.1} |\n\
             | **the most ever** (the floor is {FLOOR:.0}) | **{peak:.1}** |\n\
             | five seconds later | {after:.1} |",
            TIME.as_secs(),
            count(&done.sign_ins),
            count(&done.webhooks),
            count(&done.pages),
            count(&done.uploads),
        ),
    }
}
