//! The candidate's way: the start page, inline orders, and the word that goes to Kombo when they start.

use crate::support::desk::{another, happen, now, press, start_link, waiting};
use crate::support::fixtures::{customer, order, order_event, send, timeline};
use crate::support::practice::Practice;
use crate::support::smtp::SmtpServer;
use crate::support::{Answer, Client, Engine, ORIGIN, TestApp};
use assessdesk::actions::record_attempt::{self, Ended, Tried};
use assessdesk::domain::delivery::{DeliveryKind, DeliveryState};
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::language::Language;
use assessdesk::domain::order::{Decision, Event, FinalStatus, InviteProblem, KomboStatus, Source, Stage};
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::kombo::Fate;
use assessdesk::kombo::wire::OrderStatus;
use assessdesk::sandbox::mischief::{CallKind, CallMischief};
use assessdesk::store::deliveries::{self, DeliveryFilter, DeliveryRow};
use assessdesk::store::orders::OrderRow;
use assessdesk::store::{customers, integrations, packages};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

/// The path of an order's start page.
async fn path(t: &TestApp, id: OrderId) -> String {
    let link = start_link(t, id).await;
    let path = link.strip_prefix(ORIGIN).expect("an address of ours");
    assert!(path.starts_with("/start/") && path.len() > 40, "{path}");
    path.to_owned()
}

/// An order that was accepted by the customer's setting.
async fn accepted(t: &TestApp) -> (OrderRow, String) {
    let customer = customer(t, |_| {}).await;
    let order = another(t, &customer, "o-1").await;
    let path = path(t, order.id).await;
    (order, path)
}

/// The candidate presses 'Start', as their browser would.
async fn start(client: &mut Client, path: &str) -> Answer {
    client.post(path, &[]).await
}

/// Changes the one package of the catalogue.
async fn package(t: &TestApp, change: impl FnOnce(&mut packages::PackageRow)) {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = packages::find_by_key(&mut work.conn, "typescript-senior")
        .await
        .expect("read");
    let mut row = row.expect("the package");
    change(&mut row);
    packages::save(&mut work.conn, &mut row).await.expect("saved");
    work.commit().await.expect("committed");
}

crate::both!(opening_the_link_changes_nothing_and_start_starts, |t| {
    let (before, path) = accepted(&t).await;
    let mut client = t.client();
    let page = client.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for said in [
        "Halden Logistics",
        "Hello Li Wei,",
        "TypeScript, senior",
        "Ninety minutes of TypeScript.",
        "Data engineer",
        "Skills test",
        "about 40 minutes",
        "27 November 2026",
        "tests.example",
        "ats@halden.example",
    ] {
        assert!(page.text.contains(said), "the page does not say ‘{said}’");
    }
    assert!(!page.text.contains("li.wei@example.com"));
    for request in [
        Request::head(&path),
        Request::get(&path).header("sec-purpose", "prefetch"),
        Request::get(format!("{path}/go")),
        Request::head(format!("{path}/go")),
        Request::builder().method("OPTIONS").uri(&path),
    ] {
        client.send(request, Body::empty()).await;
    }
    assert_eq!(now(&t, before.id).await.version, before.version);

    let answer = start(&mut client, &path).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, format!("{path}/go").as_str())
    );
    assert_eq!(client.cookie(), None);
    let order = now(&t, before.id).await;
    assert_eq!(order.stage, Stage::Started);
    assert_eq!(
        timeline(&t, order.id).await.last().map(String::as_str),
        Some("order.started")
    );
    let to = format!("https://tests.example/start?order={}", order.id);
    let leading = client.get(answer.location()).await;
    assert_eq!(leading.header("refresh"), format!("0; url={to}"));
    assert!(leading.text.contains(&format!("href=\"{}\"", to.replace('=', "&#61;"))) || leading.text.contains(&to));

    for _ in 0..2 {
        let again = start(&mut client, &path).await;
        assert_eq!(
            (again.status, again.location()),
            (StatusCode::SEE_OTHER, format!("{path}/go").as_str())
        );
    }
    assert_eq!(
        now(&t, order.id).await.version,
        order.version,
        "pressing again changes nothing"
    );
    assert!(client.get(&path).await.text.contains("You have started."));
});

crate::both!(a_scanner_that_opens_every_link_starts_nothing, |t| {
    let (before, path) = accepted(&t).await;
    let mut scanner = t.client();
    let page = scanner.get(&path).await;
    let links = page
        .text
        .split(['"', '\''])
        .filter(|part| part.starts_with('/') || part.starts_with(ORIGIN));
    let links: Vec<_> = links.map(|link| link.trim_start_matches(ORIGIN).to_owned()).collect();
    assert!(links.contains(&path), "the form's own address is among them");
    for link in links {
        for method in [Method::HEAD, Method::GET] {
            scanner
                .send(Request::builder().method(method).uri(&link), Body::empty())
                .await;
        }
    }
    assert_eq!(now(&t, before.id).await.version, before.version);
});

crate::both!(the_page_is_kept_by_nobody_and_framed_by_nobody, |t| {
    let (_, path) = accepted(&t).await;
    let mut client = t.client();
    start(&mut client, &path).await;
    for path in [path.clone(), format!("{path}/go"), "/start/nothing".to_owned()] {
        let page = client.get(&path).await;
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(page.header("x-robots-tag").contains("noindex"));
        assert_eq!(page.header("set-cookie"), "");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
        assert!(!page.text.contains("<script"));
    }
});

crate::both!(only_our_own_page_may_press_start, |t| {
    let (before, path) = accepted(&t).await;
    let mut client = t.client();
    for origin in ["https://evil.example", "http://127.0.0.1:9999"] {
        let answer = client.send_from(Method::POST, &path, origin).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin}");
    }
    let from_elsewhere = Request::post(&path)
        .header("sec-fetch-site", "cross-site")
        .header("origin", "null");
    assert_eq!(
        client.send(from_elsewhere, Body::empty()).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(now(&t, before.id).await.stage, Stage::Accepted);
    // The page sends no referrer, so the browser hides the origin of its form from us and vouches for it otherwise.
    let own = Request::post(&path)
        .header("sec-fetch-site", "same-origin")
        .header("origin", "null");
    assert_eq!(client.send(own, Body::empty()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(now(&t, before.id).await.stage, Stage::Started);
});

crate::both!(an_address_that_never_was_a_link_tells_nothing, |t| {
    let (_, path) = accepted(&t).await;
    let mut client = t.client();
    let changed = format!("{}x", &path[..path.len() - 1]);
    let malformed = client.get("/start/%20..%00").await;
    for path in [changed.as_str(), "/start/nothing", "/start/nothing/go"] {
        for answer in [client.get(path).await, start(&mut client, path).await] {
            if path.ends_with("/go") && answer.status == StatusCode::METHOD_NOT_ALLOWED {
                continue;
            }
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(answer.text, malformed.text, "{path}");
        }
    }
    let german = Request::get("/start/nothing").header("accept-language", "xx, de-AT;q=0.8, en");
    assert!(
        client
            .send(german, Body::empty())
            .await
            .text
            .contains("Unter dieser Adresse ist nichts")
    );
});

crate::both!(each_end_says_so_in_plain_words, |t| {
    let customer = customer(&t, |_| {}).await;
    let ways: [(&[Event], StatusCode, &str); 6] = [
        (&[Event::Paused], StatusCode::OK, "Paused for the moment"),
        (
            &[Event::CandidateStarted, Event::SentToReview],
            StatusCode::OK,
            "You are done here",
        ),
        (&[Event::Cancelled], StatusCode::GONE, "This assessment has ended"),
        (
            &[Event::Cancelled, Event::Delivered],
            StatusCode::GONE,
            "This assessment has ended",
        ),
        (
            &[seen(KomboStatus::Cancelled)],
            StatusCode::GONE,
            "This assessment has ended",
        ),
        (&[seen(KomboStatus::Completed)], StatusCode::OK, "You are done here"),
    ];
    for (number, (way, status, said)) in ways.into_iter().enumerate() {
        let order = another(&t, &customer, &format!("o-{number}")).await;
        let path = path(&t, order.id).await;
        for event in way {
            step(&t, order.id, event.clone()).await;
        }
        let before = now(&t, order.id).await;
        for answer in [t.client().get(&path).await, start(&mut t.client(), &path).await] {
            assert_eq!(answer.status, status, "{said}");
            assert!(answer.text.contains(said), "{said}: {}", answer.text);
            assert!(!answer.text.contains("<form") && !answer.text.contains("tests.example"));
        }
        let go = t.client().get(&format!("{path}/go")).await;
        assert_eq!((go.status, go.location()), (StatusCode::SEE_OTHER, path.as_str()));
        let after = now(&t, order.id).await;
        assert_eq!((after.stage, after.version), (before.stage, before.version));
    }
});

fn seen(status: KomboStatus) -> Event {
    Event::Observed {
        status,
        at: assessdesk::domain::time::Timestamp::FAR,
    }
}

/// Something that happens; a cancellation has its reason.
async fn step(t: &TestApp, id: OrderId, event: Event) {
    use assessdesk::actions::order_steps::{self, Said};
    let mut order = now(t, id).await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let said = Said {
        reason: matches!(event, Event::Cancelled).then(|| "The position was filled.".to_owned()),
        ..Said::default()
    };
    order_steps::apply(&mut work, &mut order, &event, said)
        .await
        .expect("a step");
    work.commit().await.expect("committed");
}

crate::both!(a_paused_order_goes_on_by_the_same_link, |t| {
    let (order, path) = accepted(&t).await;
    happen(&t, order.id, Event::Paused).await;
    start(&mut t.client(), &path).await;
    assert_eq!(now(&t, order.id).await.stage, Stage::Accepted);
    happen(&t, order.id, Event::Resumed).await;
    start(&mut t.client(), &path).await;
    assert_eq!(now(&t, order.id).await.stage, Stage::Started);
});

crate::both!(an_order_that_a_person_accepts_has_its_link_then, |t| {
    let (_, order) = waiting(&t).await;
    happen(&t, order.id, Event::Decided(Decision::Accept)).await;
    let page = t.client().get(&path(&t, order.id).await).await;
    assert!(page.text.contains("TypeScript, senior"));
});

crate::both!(the_page_speaks_the_customers_language, |t| {
    let customer = customer(&t, |_| {}).await;
    let order = another(&t, &customer, "o-1").await;
    let path = path(&t, order.id).await;
    for (language, said) in [
        (
            Language::De,
            ["lang=\"de\"", "Starten", "etwa 40 Minuten", "27. November 2026"],
        ),
        (
            Language::Fr,
            ["lang=\"fr\"", "Commencer", "environ 40 minutes", "27 novembre 2026"],
        ),
        (
            Language::It,
            ["lang=\"it\"", "Inizia", "circa 40 minuti", "27 novembre 2026"],
        ),
        (
            Language::Es,
            ["lang=\"es\"", "Empezar", "unos 40 minutos", "27 de noviembre de 2026"],
        ),
    ] {
        let mut work = t.app.begin_system().await.expect("a transaction");
        let viewer = work.viewer;
        let row = customers::find(&mut work.conn, &viewer, customer.id)
            .await
            .expect("read");
        let mut row = row.expect("the customer");
        row.language = language;
        customers::save(&mut work.conn, &mut row).await.expect("saved");
        work.commit().await.expect("committed");
        let page = t.client().get(&path).await;
        for said in said {
            assert!(page.text.contains(said), "{said}");
        }
    }
});

crate::both!(what_others_wrote_is_shown_as_text, |t| {
    let customer = customer(&t, |row| row.name = "A&B <b>".into()).await;
    package(&t, |row| {
        row.description = "<script>alert(1)</script>".into();
        row.start_url = "https://tests.example/{first_name}?m={email}&o={order}".into();
    })
    .await;
    let intake = Intake::start(t.app.clone());
    let mut event = order_event("e-1", "o-1");
    event["data"]["candidate"]["first_name"] = json!("<img src=x>\"; url=https://evil.example");
    event["data"]["job"]["name"] = json!("<i>Boss</i>");
    send(&intake, &event).await;
    let order = order(&t, customer.integration, "o-1").await;
    let path = path(&t, order.id).await;
    let mut client = t.client();
    let page = client.get(&path).await;
    for raw in ["<script", "<img", "<b>", "<i>"] {
        assert!(!page.text.contains(raw), "{raw}");
    }
    start(&mut client, &path).await;
    let leading = client.get(&format!("{path}/go")).await;
    assert_eq!(
        leading.header("refresh"),
        format!(
            "0; url=https://tests.example/%3Cimg%20src%3Dx%3E%22%3B%20url%3Dhttps%3A%2F%2Fevil.example?m=li.wei%40example.com&o={}",
            order.id
        )
    );
    assert!(!leading.text.contains("<img"));
});

crate::both!(an_inline_order_is_answered_with_the_same_page_each_time, |t| {
    let customer = customer(&t, |row| row.invite = true).await;
    let intake = Intake::start(t.app.clone());
    let mut event = order_event("e-1", "o-1");
    event["type"] = json!("inline-assessment:order-received");
    let (status, first) = send(&intake, &event).await;
    event["id"] = json!("e-2");
    let (_, second) = send(&intake, &event).await;
    assert_eq!((status, &first), (200, &second));
    let order = order(&t, customer.integration, "o-1").await;
    assert_eq!(first, json!({"url": start_link(&t, order.id).await}));
    let path = path(&t, order.id).await;
    let page = t.client().get(&path).await;
    assert!(
        page.text
            .contains("One more step of your application at Halden Logistics")
    );
    assert!(!page.text.contains("Hello"));
    start(&mut t.client(), &path).await;
    assert_eq!(now(&t, order.id).await.stage, Stage::Started);
    assert_eq!(
        send(&intake, &event).await.1,
        first,
        "a repeat after the start leads there, too"
    );
    assert_eq!(mails(&t).await, 0);
});

/// How many mails were ever queued.
async fn mails(t: &TestApp) -> usize {
    let filter = DeliveryFilter {
        kind: Some(DeliveryKind::Mail),
        ..DeliveryFilter::default()
    };
    let mut conn = t.app.read().await.expect("a connection");
    let all = deliveries::page(&mut conn, &Viewer::system(), &filter, None, 10).await;
    all.expect("read").len()
}

crate::both!(
    an_inline_order_without_a_start_address_says_that_somebody_will_write,
    |t| {
        let customer = customer(&t, |_| {}).await;
        package(&t, |row| row.start_url = String::new()).await;
        let intake = Intake::start(t.app.clone());
        let mut event = order_event("e-1", "o-1");
        event["type"] = json!("inline-assessment:order-received");
        let (status, first) = send(&intake, &event).await;
        assert_eq!(status, 200);
        let row = order(&t, customer.integration, "o-1").await;
        assert_eq!(
            (row.stage, row.invite_problem),
            (Stage::Accepted, Some(InviteProblem::NoStart))
        );
        assert_eq!(first, json!({"url": start_link(&t, row.id).await}));
        assert_eq!(send(&intake, &event).await.1, first);
        let path = path(&t, row.id).await;
        let page = start(&mut t.client(), &path).await;
        assert!(page.text.contains("You will hear from the assessment provider"));
        assert_eq!(now(&t, row.id).await.stage, Stage::Accepted);
        package(&t, |row| row.start_url = "https://tests.example/".into()).await;
        start(&mut t.client(), &path).await;
        let row = now(&t, row.id).await;
        assert_eq!((row.stage, row.invite_problem), (Stage::Started, None));
    }
);

crate::both!(a_link_that_staff_turned_off_names_nobody, |t| {
    let (order, path) = accepted(&t).await;
    let mut staff = t.sign_in_as(Role::Operator).await;
    press(&t, &mut staff, order.id, "start/revoke", &[]).await;
    for answer in [t.client().get(&path).await, start(&mut t.client(), &path).await] {
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(answer.text.contains("This link works no longer"));
        for hidden in ["Halden", "TypeScript", "Li Wei"] {
            assert!(!answer.text.contains(hidden), "{hidden}");
        }
    }
    assert_eq!(now(&t, order.id).await.stage, Stage::Accepted);
    press(&t, &mut staff, order.id, "start/renew", &[]).await;
    let newer = self::path(&t, order.id).await;
    assert_ne!(newer, path);
    assert_eq!(t.client().get(&path).await.status, StatusCode::GONE);
    start(&mut t.client(), &newer).await;
    assert_eq!(now(&t, order.id).await.stage, Stage::Started);
    t.advance(std::time::Duration::from_secs(1));
    step(&t, order.id, Event::Cancelled).await;
    happen(&t, order.id, Event::Delivered).await;
    assert!(t.client().get(&path).await.text.contains("This link works no longer"));
    assert!(t.client().get(&newer).await.text.contains("This assessment has ended"));
    assert_eq!(now(&t, order.id).await.final_status, Some(FinalStatus::Cancelled));
    let told = timeline(&t, order.id).await;
    assert!(told.contains(&"order.start_revoked".to_owned()) && told.contains(&"order.start_renewed".to_owned()));
});

/// A practice whose ATS takes progress updates, and whose provider wants them sent.
async fn telling(t: TestApp, tool_behind_kombo: &str) -> Practice {
    let p = Practice::with(t, tool_behind_kombo).await;
    wish(&p, "lever", Some(true)).await;
    p
}

/// What we know of the integration: its ATS, and whether progress updates are wanted.
async fn wish(p: &Practice, tool: &str, send: Option<bool>) {
    let mut work = p.t.app.begin_system().await.expect("a transaction");
    let viewer = work.viewer;
    let row = integrations::find(&mut work.conn, &viewer, p.customer.integration).await;
    let mut row = row.expect("read").expect("the integration");
    row.tool = tool.into();
    row.send_progress = send;
    integrations::save(&mut work.conn, &mut row).await.expect("saved");
    work.commit().await.expect("committed");
}

/// The progress updates that were ever queued, newest first.
async fn progress(p: &Practice) -> Vec<DeliveryRow> {
    let filter = DeliveryFilter {
        kind: Some(DeliveryKind::Result),
        ..DeliveryFilter::default()
    };
    let mut conn = p.t.app.read().await.expect("a connection");
    let listed = deliveries::page(&mut conn, &Viewer::system(), &filter, None, 50).await;
    let mut rows = Vec::new();
    for listed in listed.expect("read") {
        rows.extend(deliveries::find(&mut conn, listed.id).await.expect("read"));
    }
    rows.retain(DeliveryRow::is_progress);
    rows
}

/// The state of the only progress update.
async fn state(p: &Practice) -> DeliveryState {
    let rows = progress(p).await;
    assert_eq!(rows.len(), 1);
    rows[0].state
}

/// The candidate of `o-1` starts.
async fn starts(p: &Practice) {
    let path = path(&p.t, p.order("o-1").await.id).await;
    start(&mut p.t.client(), &path).await;
    assert_eq!(p.order("o-1").await.stage, Stage::Started);
}

/// What was applied to `o-1` at Kombo, as statuses.
async fn applied(p: &Practice) -> Vec<String> {
    p.applied("o-1").await.into_iter().map(|row| row.status).collect()
}

crate::both!(from_the_order_to_the_start_to_the_result, |t| {
    let p = telling(t, "lever").await;
    starts(&p).await;
    assert_eq!(p.round().await, 1);
    assert_eq!(state(&p).await, DeliveryState::Delivered);
    let told = p.applied("o-1").await;
    let body: Value = serde_json::from_str(&told[0].body).expect("JSON");
    let report = body["result_url"].as_str().expect("an address").to_owned();
    assert_eq!(body, json!({"status": "OPEN", "result_url": report}));
    let row = p.kombo.sandbox.store.order("o-1").await.expect("an order");
    assert_eq!(row.status, "OPEN");
    let page = p.t.client().get(report.strip_prefix(ORIGIN).expect("ours")).await;
    assert!(page.text.contains("In progress: the candidate has started."));
    assert!(!page.text.contains("mail.example"));
    assert!(
        !timeline(&p.t, p.order("o-1").await.id)
            .await
            .contains(&"order.delivered".to_owned())
    );

    p.release("o-1").await;
    p.delay_passes();
    assert_eq!(p.round().await, 1);
    assert_eq!(p.order("o-1").await.stage, Stage::Completed);
    assert_eq!(applied(&p).await, ["OPEN", "COMPLETED"]);
    assert_eq!(p.round_after(3_600).await, 0);
});

crate::both!(nothing_is_told_where_nobody_knows_that_the_ats_takes_it, |t| {
    let p = Practice::new(t).await;
    for (number, (tool, send)) in [("greenhouse", Some(true)), ("lever", None), ("lever", Some(false))]
        .into_iter()
        .enumerate()
    {
        wish(&p, tool, send).await;
        let id = format!("o-{}", number + 2);
        p.place(&id).await;
        p.take(&id, Source::Webhook).await;
        p.step(&id, Event::CandidateStarted).await;
    }
    assert!(progress(&p).await.is_empty());
    assert_eq!(p.round().await, 0);
});

crate::both!(refused_progress_is_given_up_quietly, |t| {
    let p = telling(t, "greenhouse").await;
    starts(&p).await;
    p.round().await;
    assert_eq!(state(&p).await, DeliveryState::GivenUp);
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.stuck), (Stage::Started, false));
    let told = timeline(&p.t, order.id).await;
    assert_eq!(told.last().map(String::as_str), Some("order.started"));
    let mut staff = p.t.sign_in_as(Role::Operator).await;
    let outbox = staff.get("/outbox").await;
    assert!(outbox.text.contains("Progress update"));
    let today = staff.get("/").await;
    assert!(!today.text.contains("REMOTE.INPUT_INVALID") && !today.text.contains("did not arrive"));
    let page = staff.get(&format!("/orders/{}", order.id)).await;
    assert!(
        !page.text.contains("REMOTE.INPUT_INVALID"),
        "it is no news of the order"
    );

    assert_eq!(p.round_after(86_400).await, 0);
    p.release("o-1").await;
    p.delay_passes();
    p.round().await;
    assert_eq!(applied(&p).await, ["COMPLETED"]);
});

crate::both!(progress_whose_fate_is_unknown_is_let_go, |t| {
    let p = telling(t, "lever").await;
    p.mischief(CallKind::Result, CallMischief::AppliedThenBroken, 1);
    starts(&p).await;
    p.round().await;
    assert_eq!(state(&p).await, DeliveryState::GivenUp);
    p.round_after(3_600).await;
    let calls = p.kombo.sandbox.traffic().calls.clone();
    assert_eq!(calls.get("result"), Some(&1));
    assert_eq!(calls.get("orders"), None, "it is not read back");
});

crate::both!(progress_parks_no_integration, |t| {
    let p = telling(t, "lever").await;
    p.fares("INACTIVE").await;
    starts(&p).await;
    p.round().await;
    assert_eq!(state(&p).await, DeliveryState::GivenUp);
    let mut conn = p.t.app.read().await.expect("a connection");
    assert!(
        !integrations::is_parked(&mut conn, p.customer.integration)
            .await
            .expect("read")
    );
});

crate::both!(progress_that_can_pass_is_tried_again, |t| {
    let p = telling(t, "lever").await;
    p.mischief(CallKind::Result, CallMischief::TooManyCalls { retry_after: Some(2) }, 1);
    starts(&p).await;
    p.round().await;
    assert_eq!(state(&p).await, DeliveryState::Waiting);
    p.round_after(60).await;
    assert_eq!(state(&p).await, DeliveryState::Delivered);
});

crate::both!(the_final_word_replaces_progress_that_waits, |t| {
    let p = telling(t, "lever").await;
    starts(&p).await;
    p.release("o-1").await;
    assert_eq!(state(&p).await, DeliveryState::Superseded);
    p.delay_passes();
    assert_eq!(p.round().await, 1);
    assert_eq!(applied(&p).await, ["COMPLETED"]);
});

crate::both!(an_end_in_the_ats_ends_progress_that_waits, |t| {
    let p = telling(t, "lever").await;
    starts(&p).await;
    p.kombo_shows("o-1", OrderStatus::Cancelled).await;
    p.open_after(1).await;
    assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
    assert_eq!(state(&p).await, DeliveryState::Superseded);
});

crate::both!(the_final_word_does_not_wait_for_progress_on_its_way, |t| {
    let p = telling(t, "lever").await;
    starts(&p).await;
    let update = progress(&p).await.remove(0);
    let mut work = p.t.app.begin_system().await.expect("a transaction");
    let until = work.now.plus(std::time::Duration::from_mins(30));
    let now = work.now;
    let claimed = deliveries::claim(&mut work.conn, update.id, now, until).await;
    let claimed = claimed.expect("claimed").expect("due");
    work.commit().await.expect("committed");

    p.release("o-1").await;
    p.delay_passes();
    assert_eq!(p.round().await, 1);
    assert_eq!(p.order("o-1").await.stage, Stage::Completed);

    let tried = Tried::silent(Ended::Failed(Fate::Retry), now, "Busy.");
    let mut work = p.t.app.begin_system().await.expect("a transaction");
    record_attempt::record(&mut work, claimed.id, claimed.fence, &tried)
        .await
        .expect("recorded");
    work.commit().await.expect("committed");
    assert_eq!(
        state(&p).await,
        DeliveryState::Superseded,
        "it does not follow the final word"
    );
    assert_eq!(p.round_after(3_600).await, 0);
    assert_eq!(applied(&p).await, ["COMPLETED"]);
});

crate::both!(whoever_manages_customers_switches_progress_on, |t| {
    let p = Practice::with(t, "lever").await;
    wish(&p, "lever", None).await;
    let mut manager = p.t.sign_in_as(Role::Manager).await;
    let at = format!("/integrations/{}", p.customer.integration);
    assert!(manager.get(&at).await.text.contains("Switch on"));
    let mut conn = p.t.app.read().await.expect("a connection");
    let row = integrations::find(&mut conn, &Viewer::system(), p.customer.integration).await;
    let version = row.expect("read").expect("there").version.to_string();
    drop(conn);
    let form = [("version", version.as_str()), ("on", "on")];
    let answer = manager.post(&format!("{at}/progress"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(manager.get(&at).await.text.contains("Switch off"));
    let stale = manager.post(&format!("{at}/progress"), &form).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    starts(&p).await;
    assert_eq!(p.round().await, 1);
    assert_eq!(applied(&p).await, ["OPEN"]);
});

crate::both!(without_mail_the_panel_has_the_link_and_notes_the_invitation, |t| {
    let (order, _) = accepted(&t).await;
    let mut staff = t.sign_in_as(Role::Operator).await;
    let at = format!("/orders/{}", order.id);
    let page = staff.get(&at).await;
    assert!(page.text.contains(&start_link(&t, order.id).await));
    assert!(page.text.contains("I have invited the candidate") && !page.text.contains("Invite now"));
    press(&t, &mut staff, order.id, "invited", &[]).await;
    assert!(staff.get(&at).await.text.contains("Invited by hand."));
    start(&mut t.client(), &path(&t, order.id).await).await;
    let page = staff.get(&at).await;
    assert!(page.text.contains("The candidate has started.") && page.text.contains("The candidate started."));
    let mut viewer = t.sign_in_as(Role::Viewer).await;
    assert!(!viewer.get(&at).await.text.contains("New link"));
});

/// An address that cannot be one is named on the order's page, and mended there.
async fn an_address_is_mended(engine: Engine) {
    let smtp = SmtpServer::start().await;
    let url = format!("--smtp-url={}", smtp.url());
    let flags = [url.as_str(), "--mail-from=Assessments <assess@provider.example>"];
    let t = TestApp::with(engine, &flags).await;
    let customer = customer(&t, |row| row.invite = true).await;
    let intake = Intake::start(t.app.clone());
    let mut event = order_event("e-1", "o-1");
    event["data"]["candidate"]["email"] = json!("nowhere");
    send(&intake, &event).await;
    let row = order(&t, customer.integration, "o-1").await;
    assert_eq!(row.invite_problem, Some(InviteProblem::NoAddress));
    let mut staff = t.sign_in_as(Role::Operator).await;
    let at = format!("/orders/{}", row.id);
    let page = staff.get(&at).await;
    assert!(page.text.contains(InviteProblem::NoAddress.label()) || page.text.contains("Not invited"));
    assert!(page.text.contains("Correct and invite") && page.text.contains("I have invited the candidate"));
    let wrong = press(&t, &mut staff, row.id, "address", &[("email", "still nowhere")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("still nowhere") && wrong.text.contains("Please give an e-mail address"));
    press(&t, &mut staff, row.id, "address", &[("email", "li.wei@example.org")]).await;
    assert!(staff.get(&at).await.text.contains("The invitation is about to leave."));
    assessdesk::outbox::deliver_due(&t.app).await.expect("a round");
    assert_eq!(now(&t, row.id).await.stage, Stage::Invited);
    let page = staff.get(&at).await;
    assert!(page.text.contains("The mail server took the invitation") && page.text.contains("Send it again"));
    assert!(!page.text.contains("I have invited the candidate"));
    press(&t, &mut staff, row.id, "invite", &[]).await;
    assert!(staff.get(&at).await.text.contains("The invitation is about to leave."));
}

#[tokio::test]
async fn an_address_is_mended_sqlite() {
    an_address_is_mended(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_address_is_mended_postgres() {
    if Engine::Postgres.is_there() {
        an_address_is_mended(Engine::Postgres).await;
    }
}
