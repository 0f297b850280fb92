//! Who may sign in: added, changed, disabled; one's own account; the audit trail; readiness.

use crate::support::fixtures;
use crate::support::practice::Practice;
use crate::support::{Engine, TestApp};
use assessdesk::domain::ids::StaffId;
use assessdesk::domain::reconcile::Pass;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::{Intake, reconciler};
use assessdesk::store::{audit, staff};
use axum::http::StatusCode;
use std::time::Duration;

async fn member(t: &TestApp, id: StaffId) -> staff::Member {
    let mut conn = t.app.read().await.expect("a connection");
    staff::find(&mut conn, id).await.expect("read").expect("a person")
}

/// The one-time link on a page, as a path.
fn link_on(page: &str) -> String {
    let at = page.find("/welcome/").expect("a link on the page");
    page[at..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "/-_".contains(*c))
        .collect()
}

crate::both!(an_administrator_adds_a_person_who_then_signs_in, |t| {
    let mut admin = t.sign_in_as(Role::Admin).await;
    let form = [
        ("email", "Ines@Example.com"),
        ("name", "Ines Duarte"),
        ("role", "reviewer"),
        ("reach", "all"),
    ];
    let page = admin.post("/staff/new", &form).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let link = link_on(&page.text);
    assert!(admin.get("/staff").await.text.contains("No password yet"));
    let again = admin.post("/staff/new", &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("is there already") && again.text.contains("Ines Duarte"));
    let mut ines = t.client();
    let new = "plum tin roof gravel seven";
    assert_eq!(
        ines.post(&link, &[("password", new), ("again", new)]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(ines.get("/account").await.text.contains("Reviewer"));
    assert_eq!(ines.get("/staff").await.status, StatusCode::FORBIDDEN);
});

crate::both!(a_new_role_counts_from_the_next_request_on, |t| {
    let mut admin = t.sign_in_as(Role::Admin).await;
    let id = t.add_staff(Role::Viewer, true).await;
    let mut client = t.sign_in(id).await;
    assert_eq!(client.get("/audit").await.status, StatusCode::FORBIDDEN);
    let form = [("version", "1"), ("name", "Mira"), ("role", "admin"), ("reach", "all")];
    assert_eq!(admin.post(&format!("/staff/{id}"), &form).await.location(), "/staff");
    assert!(admin.get("/staff").await.text.contains("Mira is changed"), "said once");
    assert!(!admin.get("/staff").await.text.contains("Mira is changed"));
    assert_eq!(client.get("/audit").await.status, StatusCode::OK);
    let late = admin.post(&format!("/staff/{id}"), &form).await;
    assert_eq!(
        late.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "made from an older version"
    );
    assert!(late.text.contains("Somebody else changed"));
});

crate::both!(the_last_administrator_stays, |t| {
    let id = t.add_staff(Role::Admin, true).await;
    let mut admin = t.sign_in(id).await;
    let form = [("version", "1"), ("name", "Mira"), ("role", "viewer"), ("reach", "all")];
    let demoted = admin.post(&format!("/staff/{id}"), &form).await;
    assert_eq!(demoted.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(demoted.text.contains("last administrator"));
    let disabled = admin.post(&format!("/staff/{id}/disable"), &[("version", "1")]).await;
    assert_eq!(disabled.status, StatusCode::CONFLICT);
    assert_eq!(member(&t, id).await.role, Role::Admin);
    let other = t.add_staff(Role::Admin, true).await;
    assert_eq!(
        admin
            .post(&format!("/staff/{other}/disable"), &[("version", "1")])
            .await
            .location(),
        "/staff"
    );
    let still = admin.post(&format!("/staff/{id}/disable"), &[("version", "1")]).await;
    assert_eq!(still.status, StatusCode::CONFLICT, "a disabled administrator is none");
});

crate::both!(disabling_ends_sessions_and_links_at_once, |t| {
    let mut admin = t.sign_in_as(Role::Admin).await;
    let id = t.add_staff(Role::Operator, true).await;
    let mut client = t.sign_in(id).await;
    let link = link_on(&admin.post(&format!("/staff/{id}/link"), &[]).await.text);
    admin.post(&format!("/staff/{id}/disable"), &[("version", "1")]).await;
    assert_eq!(client.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(t.client().get(&link).await.status, StatusCode::GONE);
    admin.post(&format!("/staff/{id}/enable"), &[("version", "2")]).await;
    assert_eq!(member(&t, id).await.disabled_at, None);
    assert_eq!(
        client.get("/account").await.status,
        StatusCode::SEE_OTHER,
        "the old session stays ended"
    );
});

crate::both!(one_signs_out_of_other_devices, |t| {
    let id = t.add_staff(Role::Operator, true).await;
    let mut here = t.sign_in(id).await;
    let mut there = t.sign_in(id).await;
    let mut elsewhere = t.sign_in(id).await;
    let page = here.get("/account").await.text;
    let at = page.find("/account/sessions/").expect("another session");
    let end: String = page[at..].chars().take_while(|c| *c != '"').collect();
    if end.ends_with("/end-others") {
        here.post(&end, &[]).await;
    } else {
        here.post(&end, &[]).await;
        here.post("/account/sessions/end-others", &[]).await;
    }
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(elsewhere.get("/account").await.status, StatusCode::SEE_OTHER);
});

crate::both!(one_cannot_end_somebody_elses_session, |t| {
    let mut client = t.sign_in_as(Role::Operator).await;
    let mut other = t.sign_in_as(Role::Operator).await;
    let page = other.get("/account").await;
    assert_eq!(page.status, StatusCode::OK);
    let answer = client.post("/account/sessions/AAAA/end", &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get("/account").await.status, StatusCode::OK);
});

crate::both!(one_sets_name_zone_and_theme, |t| {
    let id = t.add_staff(Role::Operator, true).await;
    let mut client = t.sign_in(id).await;
    let wrong = client
        .post(
            "/account",
            &[("name", "Mira"), ("zone", "Mars/Olympus"), ("theme", "dark")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("Mars/Olympus"), "what was typed stays");
    client
        .post(
            "/account",
            &[("name", "Mira K."), ("zone", "Asia/Tokyo"), ("theme", "dark")],
        )
        .await;
    let page = client.get("/account").await.text;
    assert!(page.contains("data-theme=\"dark\"") && page.contains("Asia/Tokyo") && page.contains("Mira K."));
});

crate::both!(a_new_password_asks_for_the_old_one, |t| {
    let id = t.add_staff(Role::Operator, true).await;
    let old = "plum tin roof gravel seven";
    let hash = assessdesk::auth::password::hash(old).await.expect("a hash");
    let mut conn = t.app.db.begin().await.expect("a transaction");
    staff::set_password(&mut conn, id, &hash).await.expect("kept");
    conn.commit().await.expect("committed");
    let mut here = t.sign_in(id).await;
    let mut there = t.sign_in(id).await;
    let new = "walnut ferry quiet lantern";
    let wrong = here
        .post(
            "/account/password",
            &[("old", "guess"), ("password", new), ("again", new)],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = here
        .post("/account/password", &[("old", old), ("password", new), ("again", new)])
        .await;
    assert_eq!(done.location(), "/account");
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
});

crate::both!(the_audit_trail_is_filtered_and_paged, |t| {
    let id = t.add_staff(Role::Admin, true).await;
    let mut admin = t.sign_in(id).await;
    for number in 0..120 {
        let form = [
            ("name", format!("Mira {number}")),
            ("zone", "UTC".into()),
            ("theme", "auto".into()),
        ];
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(admin.post("/account", &form).await.status, StatusCode::SEE_OTHER);
    }
    let first = admin
        .get(&format!("/audit?who={id}&action=staff.&day=2026-11-24"))
        .await
        .text;
    assert_eq!(first.matches("changed their own settings").count(), 100);
    let at = first.find("/audit?").expect("a link to older lines");
    let older: String = first[at..].chars().take_while(|c| *c != '"').collect();
    let older = admin.get(&older.replace("&#38;", "&").replace("&amp;", "&")).await.text;
    assert_eq!(older.matches("changed their own settings").count(), 20);
    assert!(
        admin
            .get("/audit?action=order.")
            .await
            .text
            .contains("Nothing that fits")
    );
    assert!(
        admin
            .get("/audit?day=2026-11-23")
            .await
            .text
            .contains("Nothing that fits")
    );
});

crate::both!(a_limited_person_sees_only_their_customers_lines, |t| {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let subject = assessdesk::actions::work::Subject::new("customer", None, None);
    work.audit("customer.created", subject, serde_json::json!({}))
        .await
        .expect("written");
    work.commit().await.expect("committed");
    let id = t.add_staff(Role::Admin, false).await;
    let viewer = Viewer::staff(id, Role::Admin, false);
    let mut conn = t.app.read().await.expect("a connection");
    let lines = audit::page(&mut conn, &viewer, &audit::Filter::default(), None, 10)
        .await
        .expect("read");
    assert!(lines.is_empty());
    let customers = audit::Filter {
        action: Some("customer.".into()),
        ..audit::Filter::default()
    };
    let all = audit::page(&mut conn, &Viewer::system(), &customers, None, 10)
        .await
        .expect("read");
    assert_eq!(all.len(), 1);
});

crate::both!(readiness_says_what_is_missing, |t| {
    let mut client = t.client();
    let answer = client.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(client.get("/healthz").await.text, "ok\n");
    assert_eq!(
        client.get("/metrics").await.status,
        StatusCode::NOT_FOUND,
        "no token is set"
    );
    let dir = t.app.config.data_dir.clone();
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::write(&dir, "a file in the folder's place").expect("written");
    t.advance(Duration::from_millis(1_999));
    let answer = client.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::OK, "asked often, it looks every two seconds");
    t.advance(Duration::from_millis(1));
    let answer = client.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let told: serde_json::Value = serde_json::from_str(&answer.text).expect("JSON");
    assert_eq!(told["problems"][0]["part"], "Files");
});

#[tokio::test]
async fn metrics_are_for_the_token_alone() {
    let t = TestApp::with(Engine::Sqlite, &["--metrics-token=let-me-in"]).await;
    let mut right = t.client().with("authorization", "Bearer let-me-in");
    assert_eq!(right.get("/metrics").await.status, StatusCode::OK);
    let mut wrong = t.client().with("authorization", "Bearer let-me-out");
    assert_eq!(wrong.get("/metrics").await.status, StatusCode::NOT_FOUND);
}

/// The number of this series; 0 where it is not there yet.
fn metric(text: &str, series: &str) -> u64 {
    let mut values = text
        .lines()
        .filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    values.next().map_or(0, |value| value.parse().expect("a number"))
}

#[tokio::test]
async fn metrics_move() {
    let t = TestApp::with(Engine::Sqlite, &["--metrics-token=let-me-in"]).await;
    let p = Practice::new(t).await;
    let t = &p.t;
    p.release("o-1").await;
    p.delay_passes();
    let mut watcher = t.client().with("authorization", "Bearer let-me-in");
    let before = watcher.get("/metrics").await.text;
    assert_eq!(metric(&before, "assessdesk_deliveries_due"), 1, "{before}");
    p.round().await;
    p.place("o-2").await;
    reconciler::compare(&t.app, Pass::Open).await.expect("compared");
    let intake = Intake::start(t.app.clone());
    let event = fixtures::order_event("e-1", "o-3");
    fixtures::send(&intake, &event).await;
    fixtures::send(&intake, &event).await;
    fixtures::send_raw(&intake, b"{}".to_vec(), None).await;
    fixtures::send_raw(&intake, b"{}".to_vec(), Some("wrong")).await;
    t.client().get("/nowhere").await;
    let after = watcher.get("/metrics").await.text;
    // Other tests count in the same process.
    for (series, by) in [
        ("assessdesk_webhooks_total{verdict=\"new_order\"}", 1),
        ("assessdesk_webhooks_total{verdict=\"repeat\"}", 1),
        ("assessdesk_webhooks_total{verdict=\"unsigned\"}", 1),
        ("assessdesk_webhooks_total{verdict=\"wrong_signature\"}", 1),
        ("assessdesk_webhook_batches_total", 2),
        ("assessdesk_delivery_attempts_total{outcome=\"delivered\"}", 1),
        ("assessdesk_reconciler_healed_total", 1),
        ("assessdesk_requests_total{status=\"2xx\"}", 1),
        ("assessdesk_requests_total{status=\"4xx\"}", 1),
    ] {
        let (was, is) = (metric(&before, series), metric(&after, series));
        assert!(is >= was + by, "{series}: {was}, {is}");
    }
    assert_eq!(metric(&after, "assessdesk_orders{stage=\"completed\"}"), 1, "{after}");
    assert_eq!(metric(&after, "assessdesk_orders{stage=\"accepted\"}"), 1, "{after}");
    assert_eq!(metric(&after, "assessdesk_webhooks_waiting"), 0);
    for name in [
        "assessdesk_deliveries_due 0",
        "assessdesk_orders{stage=\"cancelled\"} 0",
    ] {
        assert!(after.contains(name), "{after}");
    }
}

crate::both!(settings_show_no_secret, |t| {
    let page = t.sign_in_as(Role::Admin).await.get("/settings").await;
    assert_eq!(page.status, StatusCode::OK);
    for secret in [crate::support::API_KEY, crate::support::WEBHOOK_SECRET, "AAECAwQFBgcI"] {
        assert!(!page.text.contains(secret), "{secret}");
    }
    assert!(page.text.contains("ASSESSDESK_SECRET_KEY") && page.text.contains("set"));
});
