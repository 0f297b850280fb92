//! Every route keeps the house's promises: who may use it, no foreign writes, safe headers.

use crate::support::{ORIGIN, TestApp};
use assessdesk::auth::{Access, Route};
use assessdesk::domain::role::Role;
use assessdesk::domain::time::Timestamp;
use assessdesk::server;
use assessdesk::store::{sessions, staff};
use axum::http::{Method, StatusCode};
use std::time::Duration;

/// The route's path with something in each of its places.
fn filled(route: &Route) -> String {
    let parts = route.path.split('/').map(|part| {
        if part.starts_with('{') {
            "00000000-0000-7000-8000-000000000000"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn only_these_routes_are_open_to_everybody() {
    let open: Vec<_> = server::routes()
        .into_iter()
        .filter(|route| route.access == Access::Public)
        .map(|route| route.path)
        .collect();
    for path in open {
        let known = [
            "/healthz",
            "/readyz",
            "/metrics",
            "/sign-in",
            "/welcome/{token}",
            "/webhooks/kombo",
            "/r/{token}",
            "/r/{token}/files/{file}",
            "/start/{token}",
            "/start/{token}/go",
            "/connect/{token}",
            "/connect/{token}/done",
        ];
        assert!(known.contains(&path), "{path} is public");
    }
}

#[test]
fn a_public_route_knows_of_sessions_only_where_one_begins() {
    let with_session: Vec<_> = server::routes()
        .into_iter()
        .filter(|route| route.access == Access::Public && route.has_session)
        .map(|route| (route.method, route.path))
        .collect();
    let begin = [
        (Method::GET, "/sign-in"),
        (Method::POST, "/sign-in"),
        (Method::POST, "/welcome/{token}"),
    ];
    assert_eq!(with_session, begin);
}

crate::both!(public_routes_and_assets_look_up_no_session, |t| {
    let mut member = t.sign_in_as(Role::Admin).await;
    member.get("/account").await;
    t.advance(Duration::from_mins(5));
    let page = member.get("/sign-in").await;
    let noted = seen_at(&t).await;
    assert_eq!(
        (page.status, noted),
        (StatusCode::SEE_OTHER, t.app.clock.now()),
        "sign-in does"
    );
    t.advance(Duration::from_mins(5));
    let asset = assessdesk::web::asset("app.css");
    let public = server::routes();
    let public = public.iter().filter(|route| !route.has_session);
    let public = public.map(|route| (route.method.clone(), filled(route)));
    let others = [asset, "/nowhere"].map(|path| (Method::GET, path.to_owned()));
    for (method, path) in public.chain(others) {
        for mut client in [t.client().with("cookie", "assessdesk=planted"), member.same()] {
            let answer = client.send_from(method.clone(), &path, ORIGIN).await;
            assert_eq!(answer.header("set-cookie"), "", "{method} {path}");
        }
        assert_eq!(seen_at(&t).await, noted, "{method} {path}");
    }
});

/// When the one session of the database was last used.
async fn seen_at(t: &TestApp) -> Timestamp {
    let mut conn = t.app.read().await.expect("a connection");
    let member = staff::list(&mut conn).await.expect("read").remove(0);
    let listed = sessions::of_staff(&mut conn, member.id, t.app.clock.now()).await;
    listed.expect("read").remove(0).seen_at
}

/// What the browser's tests read: each of these routes is visited, or pressed, by them. `ASSESSDESK_WRITE_ROUTES=1` writes
/// it anew.
const LISTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/routes.txt");

#[test]
fn the_browser_tests_know_every_route() {
    let mut lines: Vec<_> = server::routes()
        .into_iter()
        .map(|route| format!("{} {}\n", route.method, route.path))
        .collect();
    lines.sort();
    let routes = lines.concat();
    if std::env::var_os("ASSESSDESK_WRITE_ROUTES").is_some() {
        std::fs::write(LISTED, &routes).expect("written");
    }
    let listed = std::fs::read_to_string(LISTED).expect("tests/browser/routes.txt");
    assert_eq!(
        listed, routes,
        "run this test with ASSESSDESK_WRITE_ROUTES=1, and let tests/browser/access_pages.mjs know of the new routes"
    );
}

#[test]
fn no_route_is_declared_twice() {
    let mut all: Vec<_> = server::routes()
        .into_iter()
        .map(|route| (route.path, route.method.to_string()))
        .collect();
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
}

crate::both!(a_visitor_is_sent_to_sign_in, |t| {
    let mut client = t.client();
    for route in server::routes().iter().filter(|route| route.access != Access::Public) {
        let path = filled(route);
        let answer = if route.writes() {
            client.post(&path, &[]).await
        } else {
            client.get(&path).await
        };
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{} {path}", route.method);
        assert!(answer.location().starts_with("/sign-in"), "{} {path}", route.method);
    }
});

crate::both!(a_role_too_low_is_refused, |t| {
    for role in Role::ALL {
        let mut client = t.sign_in_as(*role).await;
        for route in server::routes() {
            let Access::Needs(permission) = route.access else {
                continue;
            };
            if role.may(permission) {
                continue;
            }
            let path = filled(&route);
            let answer = if route.writes() {
                client.post(&path, &[]).await
            } else {
                client.get(&path).await
            };
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role} {} {path}", route.method);
            assert!(answer.text.contains(permission.label()), "{path} says what it takes");
        }
    }
});

crate::both!(a_foreign_page_cannot_write, |t| {
    let mut client = t.sign_in_as(Role::Admin).await;
    for route in server::routes()
        .iter()
        .filter(|route| route.writes() && route.path != "/webhooks/kombo")
    {
        let answer = client
            .send_from(Method::POST, &filled(route), "https://evil.example")
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", route.path);
    }
});

crate::both!(every_answer_carries_safe_headers, |t| {
    let mut client = t.sign_in_as(Role::Admin).await;
    for route in server::routes().iter().filter(|route| !route.writes()) {
        let path = filled(route);
        if path == "/live" {
            continue; // an event stream does not end by itself
        }
        let answer = client.get(&path).await;
        assert!(
            answer.status.as_u16() < 500,
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        assert!(
            answer.header("content-security-policy").contains("default-src 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        if answer.header("content-type").starts_with("text/html") {
            assert!(!answer.text.contains("<style"), "{path} has an inline style sheet");
            assert!(!answer.text.contains(" style=\""), "{path} has an inline style");
            assert!(!answer.text.contains("<script>"), "{path} has an inline script");
        }
    }
});

crate::both!(the_rail_leads_only_where_the_role_may_go, |t| {
    for role in Role::ALL {
        let mut client = t.sign_in_as(*role).await;
        let page = client.get("/account").await.text;
        let page = scraper::Html::parse_document(&page);
        let links = scraper::Selector::parse(".rail nav a").expect("a selector");
        let hrefs: Vec<_> = page
            .select(&links)
            .filter_map(|link| link.attr("href"))
            .map(str::to_owned)
            .collect();
        assert!(!hrefs.is_empty(), "{role}");
        for href in hrefs {
            assert_ne!(client.get(&href).await.status, StatusCode::FORBIDDEN, "{role} {href}");
        }
    }
});
