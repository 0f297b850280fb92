//! Customers are created, changed and archived; integrations that wait find them.

use crate::support::customers::{customer, input, unknown_integration};
use assessdesk::actions::{Error, assign_integration, change_customer, create_customer};
use assessdesk::domain::ids::StaffId;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::store::{self, audit, customers, integrations, vault};

fn fields(error: Error) -> Vec<&'static str> {
    match error {
        Error::Fields(faults) => faults.into_iter().map(|(field, _)| field).collect(),
        other => panic!("not about fields: {other}"),
    }
}

crate::both!(a_new_customer_has_a_key_of_its_own_and_an_origin_id, |t| {
    let row = customer(&t, "Northwind Bank", "").await;
    assert_eq!(row.origin_id, row.id.to_string());
    let mut work = t.app.begin_system().await.expect("a transaction");
    let place = vault::Place::new("results", "content", [1]);
    t.app
        .vault
        .seal(&mut work.conn, Some(row.id), &place, b"secret")
        .await
        .expect("sealed under the customer's key");
    let line = audit::newest_of_subject(&mut work.conn, row.id.0, "customer.created")
        .await
        .expect("read")
        .expect("a line");
    assert_eq!(line.customer_id, Some(row.id));
    assert_eq!(line.detail.0["name"], "Northwind Bank");
});

crate::both!(no_two_customers_share_an_origin_id, |t| {
    customer(&t, "Northwind Bank", "nw").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let error = create_customer::create(&mut work, input("Halden Logistics", "nw"))
        .await
        .expect_err("taken");
    assert_eq!(fields(error), ["origin_id"]);
});

crate::both!(what_makes_no_sense_is_refused_at_its_field, |t| {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let error = create_customer::create(&mut work, input("  ", "nw"))
        .await
        .expect_err("refused");
    assert_eq!(fields(error), ["name"]);
});

crate::both!(a_change_that_comes_second_is_told_of_the_first, |t| {
    let row = customer(&t, "Northwind Bank", "nw").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let changed = change_customer::change(&mut work, row.id, row.version, input("Northwind", "nw"))
        .await
        .expect("changed");
    assert_eq!(changed.version, row.version + 1);
    let error = change_customer::change(&mut work, row.id, row.version, input("Norwind", "nw"))
        .await
        .expect_err("too late");
    assert!(error.is_changed());
    let line = audit::newest_of_subject(&mut work.conn, row.id.0, "customer.changed")
        .await
        .expect("read")
        .expect("a line");
    assert_eq!(
        line.detail.0,
        serde_json::json!({"name": ["Northwind Bank", "Northwind"]})
    );
    work.commit().await.expect("committed");
});

crate::both!(the_audit_trail_does_not_hold_the_contacts_address, |t| {
    let row = customer(&t, "Northwind Bank", "nw").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let mut other = input("Northwind Bank", "nw");
    other.contact_email = "somebody@northwind.example".into();
    change_customer::change(&mut work, row.id, row.version, other)
        .await
        .expect("changed");
    let line = audit::newest_of_subject(&mut work.conn, row.id.0, "customer.changed")
        .await
        .expect("read")
        .expect("a line");
    assert!(line.detail.0["contact_email"].is_array());
    assert!(!line.detail.0.to_string().contains("somebody"));
});

crate::both!(an_archived_customer_leaves_the_list_and_comes_back, |t| {
    let row = customer(&t, "Northwind Bank", "nw").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = change_customer::archive(&mut work, row.id, row.version, true)
        .await
        .expect("archived");
    let system = Viewer::system();
    let live = customers::CustomerFilter::default();
    let archived = customers::CustomerFilter {
        archived: true,
        ..live.clone()
    };
    let list = customers::list(&mut work.conn, &system, &live, None, 10)
        .await
        .expect("read");
    assert!(list.is_empty());
    let list = customers::list(&mut work.conn, &system, &archived, None, 10)
        .await
        .expect("read");
    assert_eq!(list.len(), 1);
    change_customer::archive(&mut work, row.id, row.version, false)
        .await
        .expect("back");
});

crate::both!(the_list_is_paged_by_name_and_searched_without_case, |t| {
    for (name, origin) in [
        ("Ärzte Nord", "a"),
        ("brightside", "b"),
        ("Cedar & Co", "c"),
        ("100% Fit", "d"),
    ] {
        customer(&t, name, origin).await;
    }
    let mut conn = t.app.read().await.expect("a connection");
    let system = Viewer::system();
    let all = customers::CustomerFilter::default();
    let first = customers::list(&mut conn, &system, &all, None, 2).await.expect("read");
    let last = first.last().expect("a row");
    let after = customers::After {
        name_folded: last.name_folded.clone(),
        id: last.id,
    };
    let second = customers::list(&mut conn, &system, &all, Some(&after), 10)
        .await
        .expect("read");
    assert_eq!((first.len(), second.len()), (2, 2));
    for (typed, found) in [("ÄRZTE", 1), ("%", 1), ("_", 0), ("ced", 1), ("", 4)] {
        let filter = customers::CustomerFilter {
            name: typed.into(),
            archived: false,
        };
        let list = customers::list(&mut conn, &system, &filter, None, 10)
            .await
            .expect("read");
        assert_eq!(list.len(), found, "{typed}");
    }
});

crate::both!(a_limited_viewer_sees_no_other_customer, |t| {
    let row = customer(&t, "Northwind Bank", "nw").await;
    let stranger = Viewer::staff(StaffId(uuid::Uuid::from_u128(7)), Role::Operator, false);
    let mut conn = t.app.read().await.expect("a connection");
    assert!(
        customers::find(&mut conn, &stranger, row.id)
            .await
            .expect("read")
            .is_none()
    );
    let all = customers::CustomerFilter::default();
    assert!(
        customers::list(&mut conn, &stranger, &all, None, 10)
            .await
            .expect("read")
            .is_empty()
    );
    let mut work = t.app.begin(&stranger).await.expect("a transaction");
    let error = change_customer::change(&mut work, row.id, row.version, input("Mine", "nw"))
        .await
        .expect_err("not theirs");
    assert!(matches!(error, Error::NotFound));
});

crate::both!(an_integration_is_assigned_once, |t| {
    let row = customer(&t, "Northwind Bank", "nw").await;
    let id = unknown_integration(&t, "greenhouse:abc").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let assigned = assign_integration::assign(&mut work, id, row.id)
        .await
        .expect("assigned");
    assert_eq!(assigned.customer_id, Some(row.id));
    let error = assign_integration::assign(&mut work, id, row.id)
        .await
        .expect_err("already");
    assert!(matches!(error, Error::Refused(_)));
    assert_eq!(
        integrations::count_unassigned(&mut work.conn, &Viewer::system())
            .await
            .expect("read"),
        0
    );
});

crate::both!(what_waits_under_an_origin_id_joins_the_new_customer, |t| {
    let id = unknown_integration(&t, "greenhouse:abc").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let mut row = integrations::find(&mut work.conn, &Viewer::system(), id)
        .await
        .expect("read")
        .expect("there");
    row.origin_id = Some("nw".into());
    integrations::save(&mut work.conn, &mut row).await.expect("saved");
    let stale = store::integrations::IntegrationRow {
        version: 1,
        ..row.clone()
    };
    let error = integrations::save(&mut work.conn, &mut stale.clone())
        .await
        .expect_err("stale");
    assert!(matches!(error, store::Error::Changed));
    work.commit().await.expect("committed");
    let customer = customer(&t, "Northwind Bank", "nw").await;
    let mut conn = t.app.read().await.expect("a connection");
    let joined = integrations::of_customer(&mut conn, customer.id).await.expect("read");
    assert_eq!(joined.len(), 1);
});
