//! Both engines keep what they promise.

use crate::support::TestApp;
use crate::support::fixtures::{customer, order_event, send};
use assessdesk::actions::work::Subject;
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::store::inbox::{self, InboxFilter};
use assessdesk::store::links::{self, Purpose};
use assessdesk::store::{Db, audit, vault};

crate::both!(a_line_of_the_audit_trail_comes_back_as_it_was_written, |t| {
    let order: OrderId = t.app.clock.new_id();
    let mut work = t.app.begin_system().await.expect("a transaction");
    work.audit(
        "order.received",
        Subject::order(order, None),
        serde_json::json!({"source": "webhook"}),
    )
    .await
    .expect("written");
    work.commit().await.expect("committed");
    let mut conn = t.app.read().await.expect("a connection");
    let lines = audit::of_order(&mut conn, &Viewer::system(), order)
        .await
        .expect("read");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].at, t.app.clock.now());
    assert_eq!(lines[0].detail.0["source"], "webhook");
});

crate::both!(what_was_not_committed_never_happened, |t| {
    let order: OrderId = t.app.clock.new_id();
    let mut work = t.app.begin_system().await.expect("a transaction");
    work.audit("order.received", Subject::order(order, None), serde_json::json!({}))
        .await
        .expect("written");
    drop(work);
    let mut conn = t.app.read().await.expect("a connection");
    assert!(
        audit::of_order(&mut conn, &Viewer::system(), order)
            .await
            .expect("read")
            .is_empty()
    );
});

crate::both!(a_sealed_body_opens_again, |t| {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let place = vault::Place::new("results", "content", [1]);
    let sealed = t
        .app
        .vault
        .seal(&mut work.conn, None, &place, b"secret")
        .await
        .expect("sealed");
    assert_eq!(
        t.app.vault.open(&mut work.conn, &place, &sealed).await.expect("opened"),
        b"secret"
    );
});

#[tokio::test]
async fn sqlite_is_new_enough_to_keep_what_it_committed() {
    let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect("sqlite::memory:")
        .await
        .expect("SQLite");
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut conn)
        .await
        .expect("a version");
    let parts = version
        .split('.')
        .map(|part| part.parse().expect("a number"))
        .collect::<Vec<u32>>();
    assert!(
        parts >= vec![3, 51, 3],
        "SQLite {version} can lose a committed write; 3.51.3 or newer is needed"
    );
}

/// The tables of links and webhook bodies as they were when both were keyed by digests.
async fn key_by_digest(t: &TestApp) {
    let tables = "CREATE TABLE bodies AS SELECT i.digest, b.sealed, b.created_at, b.expires_at
                      FROM inbox_bodies b JOIN inbox i ON i.id = b.inbox_id;
                  DROP TABLE inbox_bodies;
                  ALTER TABLE bodies RENAME TO inbox_bodies;
                  CREATE TABLE old_links AS
                      SELECT digest, purpose, order_id, customer_id, sealed, created_at, revoked_at FROM links;
                  DROP TABLE links;
                  ALTER TABLE old_links RENAME TO links;";
    t.say(tables).await;
    if matches!(t.app.db, Db::Postgres(_)) {
        t.say("ALTER TABLE links ADD CONSTRAINT links_pkey PRIMARY KEY (digest); CREATE INDEX links_by_order ON links (order_id, purpose);")
            .await;
    }
}

crate::both!(links_and_bodies_of_an_older_house_are_still_found, |t| {
    customer(&t, |_| {}).await;
    let event = order_event("e-1", "o-1");
    let intake = Intake::start(t.app.clone());
    assert_eq!(send(&intake, &event).await.0, 200);
    intake.finish().await;
    let mut conn = t.app.read().await.expect("a connection");
    let rows = inbox::page(&mut conn, &Viewer::system(), &InboxFilter::default(), None, 10).await;
    let row = rows.expect("read").remove(0);
    drop(conn);
    let mut work = t.app.begin_system().await.expect("a transaction");
    let (order, now) = (row.order_id.expect("an order"), work.now);
    let (conn, vault) = (&mut work.conn, &t.app.vault);
    let old = links::create(conn, vault, Purpose::Report, order, row.customer_id, now).await;
    let old = old.expect("a link");
    work.commit().await.expect("committed");

    key_by_digest(&t).await;
    t.say(if matches!(t.app.db, Db::Sqlite { .. }) {
        include_str!("../../migrations/sqlite/0007_keys_that_grow.sql")
    } else {
        include_str!("../../migrations/postgres/0007_keys_that_grow.sql")
    })
    .await;

    let mut work = t.app.begin_system().await.expect("a transaction");
    let conn = &mut work.conn;
    let new = links::create(conn, vault, Purpose::Report, order, row.customer_id, now).await;
    let new = new.expect("a link");
    for token in [&old, &new] {
        let link = links::find(conn, Purpose::Report, token).await.expect("read");
        let link = link.expect("its link");
        assert_eq!(links::token(conn, vault, &link).await.expect("opened"), *token);
        let other = links::find(conn, Purpose::Start, token).await.expect("read");
        assert!(other.is_none(), "it opens nothing else");
    }
    let forged = [&new[..22], &old[22..]].concat();
    let forged = links::find(conn, Purpose::Report, &forged).await.expect("read");
    assert!(forged.is_none(), "who knows an id does not know the secret");
    let body = inbox::find_body(conn, vault, &row).await.expect("read");
    assert_eq!(body.expect("kept"), event.to_string().into_bytes());
});
