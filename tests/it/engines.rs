//! Both engines keep what they promise.

use assessdesk::actions::work::Subject;
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::viewer::Viewer;
use assessdesk::store::{audit, vault};

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
