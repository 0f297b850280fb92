//! Signing in and out, guessing, one-time links.

use crate::support::{Answer, Client, Engine, ORIGIN, TestApp};
use assessdesk::actions::{staff_change, staff_link};
use assessdesk::auth::password;
use assessdesk::auth::session_rows::SessionRows;
use assessdesk::domain::ids::StaffId;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::store::{sessions, staff};
use axum::http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tower_sessions::Session;

const PASSWORD: &str = "plum tin roof gravel seven";

/// A person with a password; gives their id and e-mail.
async fn person(t: &TestApp, role: Role) -> (StaffId, String) {
    let id = t.add_staff(role, true).await;
    let hash = password::hash(PASSWORD).await.expect("a hash");
    let mut conn = t.app.db.begin().await.expect("a transaction");
    staff::set_password(&mut conn, id, &hash).await.expect("kept");
    let email = staff::find(&mut conn, id).await.expect("read").expect("a person").email;
    conn.commit().await.expect("committed");
    (id, email)
}

async fn sign_in(client: &mut Client, email: &str, password: &str) -> Answer {
    client
        .post(
            "/sign-in",
            &[("email", email), ("password", password), ("next", "/account")],
        )
        .await
}

/// Whether the browser's session opens pages.
async fn is_in(client: &mut Client) -> bool {
    client.get("/account").await.status == StatusCode::OK
}

async fn link(t: &TestApp, id: StaffId) -> String {
    let mut work = t.app.begin(&Viewer::command()).await.expect("a transaction");
    let link = staff_link::make(&mut work, id).await.expect("a link");
    work.commit().await.expect("committed");
    link
}

crate::both!(the_right_password_opens_a_session, |t| {
    let (_, email) = person(&t, Role::Operator).await;
    let mut client = t.client();
    let answer = sign_in(&mut client, &email.to_uppercase(), PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/account"));
    let cookie = answer.header("set-cookie");
    for part in ["assessdesk=", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(is_in(&mut client).await);
    assert_eq!(client.get("/sign-in?next=/orders").await.location(), "/orders");
});

crate::both!(a_wrong_password_and_an_unknown_person_look_alike, |t| {
    let (_, email) = person(&t, Role::Operator).await;
    let mut client = t.client();
    let wrong = sign_in(&mut client, &email, "not the password").await;
    let unknown = sign_in(&mut client, "nobody@example.com", "not the password").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        wrong.text.replace(&email, ""),
        unknown.text.replace("nobody@example.com", "")
    );
    assert!(wrong.text.contains(&email), "what was typed is kept");
    assert!(!wrong.text.contains("not the password"), "but never the password");
    assert!(client.cookie().is_none());
});

crate::both!(nobody_is_led_to_another_site, |t| {
    let (_, email) = person(&t, Role::Operator).await;
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let mut client = t.client();
        let form = [("email", email.as_str()), ("password", PASSWORD), ("next", next)];
        assert_eq!(client.post("/sign-in", &form).await.location(), "/", "{next}");
    }
});

crate::both!(a_session_id_does_not_outlive_a_sign_in, |t| {
    let (_, email) = person(&t, Role::Operator).await;
    let mut client = t.client();
    sign_in(&mut client, &email, PASSWORD).await;
    let first = client.cookie().expect("a cookie").to_owned();
    sign_in(&mut client, &email, PASSWORD).await;
    assert_ne!(client.cookie(), Some(first.as_str()));
    let mut old = t.client().with("cookie", &first);
    assert!(!is_in(&mut old).await, "the id from before opens nothing");
    let mut planted = t.client().with("cookie", "assessdesk=planted");
    sign_in(&mut planted, &email, PASSWORD).await;
    assert_ne!(planted.cookie(), Some("assessdesk=planted"));
});

crate::both!(signing_out_ends_the_session, |t| {
    let mut client = t.sign_in_as(Role::Viewer).await;
    let cookie = client.cookie().expect("a cookie").to_owned();
    let answer = client.post("/sign-out", &[]).await;
    assert_eq!(answer.location(), "/sign-in?signed_out");
    assert!(client.cookie().is_none());
    assert!(client.get(answer.location()).await.text.contains("You are signed out"));
    assert!(!is_in(&mut t.client().with("cookie", &cookie)).await);
});

crate::both!(a_session_ends_when_it_is_idle_or_old, |t| {
    let mut client = t.sign_in_as(Role::Viewer).await;
    t.advance(Duration::from_hours(13));
    assert!(!is_in(&mut client).await, "idle for 13 hours");
    let mut client = t.sign_in_as(Role::Viewer).await;
    for _ in 0..16 {
        t.advance(Duration::from_hours(10));
        assert!(is_in(&mut client).await, "in use");
    }
    t.advance(Duration::from_hours(9));
    assert!(!is_in(&mut client).await, "older than seven days");
});

crate::both!(guessing_is_slowed_down_and_forgiven, |t| {
    let (_, email) = person(&t, Role::Operator).await;
    let mut guesser = t.client().at("203.0.113.9");
    for _ in 0..5 {
        assert_eq!(
            sign_in(&mut guesser, &email, "guess").await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let blocked = sign_in(&mut guesser, &email, PASSWORD).await;
    assert_eq!(
        blocked.status,
        StatusCode::TOO_MANY_REQUESTS,
        "not even the right one is looked at"
    );
    assert_eq!(blocked.header("retry-after"), "1");
    t.advance(Duration::from_secs(2));
    assert_eq!(
        sign_in(&mut guesser, &email, PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
});

crate::both!(others_failures_do_not_lock_the_owner_out, |t| {
    let (_, email) = person(&t, Role::Operator).await;
    let mut owner = t.client().at("192.0.2.1");
    assert_eq!(
        sign_in(&mut owner, &email, PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    for guesser in 1..=8 {
        let mut guesser = t.client().at(&format!("203.0.113.{guesser}"));
        sign_in(&mut guesser, &email, "guess").await;
    }
    let mut stranger = t.client().at("203.0.113.99");
    assert_eq!(
        sign_in(&mut stranger, &email, PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    let mut owner = t.client().at("192.0.2.1");
    assert_eq!(
        sign_in(&mut owner, &email, PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
});

crate::both!(an_address_that_tries_many_accounts_is_slowed_down, |t| {
    let (_, email) = person(&t, Role::Operator).await;
    let mut guesser = t.client().at("203.0.113.9");
    for account in 0..20 {
        sign_in(&mut guesser, &format!("somebody{account}@example.com"), "guess").await;
    }
    assert_eq!(
        sign_in(&mut guesser, &email, PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    let mut elsewhere = t.client().at("192.0.2.1");
    assert_eq!(
        sign_in(&mut elsewhere, &email, PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
});

#[tokio::test]
async fn only_a_trusted_proxy_says_where_a_request_comes_from() {
    let t = TestApp::with(Engine::Sqlite, &["--trusted-proxies=10.0.0.0/8"]).await;
    for from in 0..20 {
        let mut client = t
            .client()
            .at("203.0.113.9")
            .with("x-forwarded-for", &format!("192.0.2.{from}"));
        sign_in(&mut client, &format!("somebody{from}@example.com"), "guess").await;
    }
    let mut client = t.client().at("203.0.113.9");
    assert_eq!(
        sign_in(&mut client, "another@example.com", "guess").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    let mut client = t
        .client()
        .at("10.0.0.1")
        .with("x-forwarded-for", "203.0.113.9, 192.0.2.77, 10.0.0.2");
    assert_eq!(
        sign_in(&mut client, "another@example.com", "guess").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let mut client = t
        .client()
        .at("10.0.0.1")
        .with("x-forwarded-for", "192.0.2.77, 203.0.113.9");
    assert_eq!(
        sign_in(&mut client, "third@example.com", "guess").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn over_https_the_cookie_belongs_to_this_host_alone() {
    let t = TestApp::with(Engine::Sqlite, &["--base-url=https://desk.example.com"]).await;
    let (_, email) = person(&t, Role::Operator).await;
    let body = format!("email={email}&password={}", PASSWORD.replace(' ', "+"));
    let request = axum::http::Request::post("/sign-in")
        .header("origin", "https://desk.example.com")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = t.client().send(request, body.into()).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-assessdesk="), "{cookie}");
    for part in [
        "; Secure",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Path=/",
        "; Max-Age=604800",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(answer.header("strict-transport-security").contains("max-age"));
    let pair = cookie.split(';').next().expect("a pair");
    let request = axum::http::Request::post("/sign-out")
        .header("origin", "https://desk.example.com")
        .header("cookie", pair);
    let answer = t.client().send(request, axum::body::Body::empty()).await;
    let removed = answer.headers.get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().expect("a readable cookie");
        cookie.starts_with("__Host-assessdesk=;") && cookie.contains("; Secure") && cookie.contains("; Max-Age=0")
    });
    assert!(
        removed,
        "a browser takes nothing about this cookie without Secure: {:?}",
        answer.headers
    );
}

crate::both!(a_visitor_leaves_no_trace, |t| {
    let (id, email) = person(&t, Role::Operator).await;
    let mut client = t.client();
    for path in ["/", "/sign-in", "/account", "/welcome/nothing"] {
        assert_eq!(client.get(path).await.header("set-cookie"), "", "{path}");
    }
    assert_eq!(sign_in(&mut client, &email, "guess").await.header("set-cookie"), "");
    let mut conn = t.app.read().await.expect("a connection");
    let open = sessions::of_staff(&mut conn, id, t.app.clock.now())
        .await
        .expect("read");
    assert!(open.is_empty(), "{open:?}");
});

crate::both!(a_session_without_a_person_is_not_kept, |t| {
    let session = Session::new(None, Arc::new(SessionRows::new(&t.app)), None);
    session.insert("cart", 3).await.expect("in memory");
    assert!(session.save().await.is_err());
    assert_eq!(session.id(), None);
});

crate::both!(the_last_use_is_noted_once_a_minute, |t| {
    let id = t.add_staff(Role::Viewer, true).await;
    let mut client = t.sign_in(id).await;
    let began = t.app.clock.now();
    for (seconds, noted) in [(59, 0), (1, 60), (30, 60), (30, 120)] {
        t.advance(Duration::from_secs(seconds));
        assert!(is_in(&mut client).await);
        let mut conn = t.app.read().await.expect("a connection");
        let open = sessions::of_staff(&mut conn, id, t.app.clock.now())
            .await
            .expect("read");
        assert_eq!(open[0].seen_at, began.plus(Duration::from_secs(noted)));
        let person = staff::find(&mut conn, id).await.expect("read").expect("a person");
        assert_eq!(person.seen_at, Some(open[0].seen_at), "when they were last here");
    }
});

crate::both!(whoever_is_disabled_is_out_at_once, |t| {
    let (id, email) = person(&t, Role::Operator).await;
    let mut client = t.client();
    sign_in(&mut client, &email, PASSWORD).await;
    assert!(is_in(&mut client).await);
    let mut work = t.app.begin(&Viewer::command()).await.expect("a transaction");
    staff_change::disable(&mut work, id, 1).await.expect("disabled");
    work.commit().await.expect("committed");
    assert!(!is_in(&mut client).await);
    assert_eq!(
        sign_in(&mut client, &email, PASSWORD).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
});

crate::both!(a_welcome_link_opens_once, |t| {
    let id = t.add_staff(Role::Operator, true).await;
    let link = link(&t, id).await;
    let mut client = t.client();
    for _ in 0..2 {
        let page = client.get(&link).await;
        assert_eq!(page.status, StatusCode::OK, "looking at it does not use it up");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let weak = client
        .post(
            &link,
            &[("password", "passwordpassword"), ("again", "passwordpassword")],
        )
        .await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unlike = client
        .post(&link, &[("password", PASSWORD), ("again", "something else")])
        .await;
    assert!(unlike.text.contains("do not match"));
    let set = client.post(&link, &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!((set.status, set.location()), (StatusCode::SEE_OTHER, "/"));
    assert!(is_in(&mut client).await, "and signs in");
    let mut other = t.client();
    assert_eq!(other.get(&link).await.status, StatusCode::GONE);
    let again = other.post(&link, &[("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(other.cookie().is_none());
});

crate::both!(a_link_ends_after_a_day_or_with_a_newer_one, |t| {
    let id = t.add_staff(Role::Operator, true).await;
    let first = link(&t, id).await;
    let second = link(&t, id).await;
    let mut client = t.client();
    assert_eq!(client.get(&first).await.status, StatusCode::GONE);
    assert_eq!(client.get(&second).await.status, StatusCode::OK);
    t.advance(Duration::from_hours(24));
    assert_eq!(client.get(&second).await.status, StatusCode::GONE);
    let late = client
        .post(&second, &[("password", PASSWORD), ("again", PASSWORD)])
        .await;
    assert_eq!(late.status, StatusCode::GONE);
});

crate::both!(a_new_password_by_link_ends_every_session, |t| {
    let (id, email) = person(&t, Role::Operator).await;
    let mut before = t.client();
    sign_in(&mut before, &email, PASSWORD).await;
    let link = link(&t, id).await;
    let new = "walnut ferry quiet lantern";
    t.client().post(&link, &[("password", new), ("again", new)]).await;
    assert!(!is_in(&mut before).await);
    let mut client = t.client();
    assert_eq!(
        sign_in(&mut client, &email, PASSWORD).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(sign_in(&mut client, &email, new).await.status, StatusCode::SEE_OTHER);
});

#[tokio::test]
async fn a_foreign_page_cannot_sign_anybody_in() {
    let t = TestApp::new(Engine::Sqlite).await;
    let request = axum::http::Request::post("/sign-in").header("origin", "https://evil.example");
    let answer = t.client().send(request, axum::body::Body::empty()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains(ORIGIN));
}
