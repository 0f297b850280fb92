//! Lists of orders: filtered, searched and paged the same way on both engines.

use crate::support::TestApp;
use crate::support::fixtures::{Customer, INTEGRATION, customer, customer_row, order_event, send};
use assessdesk::actions::assign_integration;
use assessdesk::domain::ids::{CustomerId, IntegrationId, OrderId};
use assessdesk::domain::intake::TakeOrders;
use assessdesk::domain::order::Stage;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::store::integrations::{self, IntegrationRow};
use assessdesk::store::order_lists::search::{self, Way};
use assessdesk::store::order_lists::{self, Assignee, Filter, Page, Place, Sort};
use assessdesk::store::{Db, candidates, customers, staff};
use serde_json::json;
use std::time::Duration;

/// Seven orders, a minute apart, the first with its own name and job.
async fn seven(t: &TestApp) -> Customer {
    let customer = customer(t, |row| row.take_orders = TakeOrders::Later).await;
    let intake = Intake::start(t.app.clone());
    for number in 1..=7 {
        let mut event = order_event(&format!("e-{number}"), &format!("o-{number}"));
        if number == 1 {
            event["data"]["candidate"]["first_name"] = json!("Zoë");
            event["data"]["job"]["name"] = json!("Gärtnerin");
        }
        assert_eq!(send(&intake, &event).await.0, 200);
        t.advance(Duration::from_mins(1));
    }
    intake.finish().await;
    customer
}

async fn page(t: &TestApp, filter: &Filter, sort: Sort, place: Place, limit: i64) -> Page {
    page_for(t, &Viewer::system(), filter, sort, place, limit).await
}

async fn page_for(t: &TestApp, viewer: &Viewer, filter: &Filter, sort: Sort, place: Place, limit: i64) -> Page {
    let mut conn = t.app.read().await.expect("a connection");
    let page = order_lists::page(&mut conn, viewer, filter, sort, place, limit).await;
    page.expect("a page")
}

/// An integration, of a new customer or of nobody.
async fn connected(t: &TestApp, kombo_id: &str, owned: bool) -> (Option<CustomerId>, IntegrationId) {
    let (customer, id) = (t.app.clock.new_id(), t.app.clock.new_id());
    let mut work = t.app.begin_system().await.expect("a transaction");
    let customer = owned.then_some(customer);
    if let Some(customer) = customer {
        let keys = t
            .app
            .vault
            .ensure_key(&mut work.conn, &t.app.clock, Some(customer))
            .await;
        keys.expect("a data key");
        let row = customer_row(t, customer);
        customers::insert(&mut work.conn, &row).await.expect("a customer");
    }
    let row = IntegrationRow {
        customer_id: customer,
        ..IntegrationRow::unknown(id, kombo_id, work.now)
    };
    integrations::insert(&mut work.conn, &row)
        .await
        .expect("an integration");
    work.commit().await.expect("committed");
    (customer, id)
}

fn ids(page: &Page) -> Vec<OrderId> {
    page.rows.iter().map(|row| row.id).collect()
}

crate::both!(pages_lead_forth_and_back_without_gap_or_repeat, |t| {
    seven(&t).await;
    let search = Filter {
        search: "wei".into(),
        ..Filter::default()
    };
    for (filter, sort, all) in [
        (Filter::default(), Sort::Received, 7),
        (Filter::default(), Sort::Due, 7),
        (search, Sort::Received, 7),
    ] {
        let whole = ids(&page(&t, &filter, sort, Place::Start, 50).await);
        assert_eq!(whole.len(), all);
        let first = page(&t, &filter, sort, Place::Start, 3).await;
        assert!(first.has_after && !first.has_before);
        let second = page(&t, &filter, sort, Place::After(first.rows[2].key(sort)), 3).await;
        assert!(second.has_after && second.has_before);
        let third = page(&t, &filter, sort, Place::After(second.rows[2].key(sort)), 3).await;
        assert!(!third.has_after && third.has_before);
        let joined = [ids(&first), ids(&second), ids(&third)].concat();
        assert_eq!(joined, whole);
        let back = page(&t, &filter, sort, Place::Before(third.rows[0].key(sort)), 3).await;
        assert_eq!(ids(&back), ids(&second));
        let back = page(&t, &filter, sort, Place::Before(second.rows[0].key(sort)), 3).await;
        assert!(!back.has_before && back.has_after);
        assert_eq!(ids(&back), ids(&first));
    }
});

crate::both!(every_filter_finds_its_orders, |t| {
    let customer = seven(&t).await;
    let person = t.add_staff(assessdesk::domain::role::Role::Operator, true).await;
    let base = Filter::default;
    let cases = [
        (
            Filter {
                stages: vec![Stage::Received],
                ..base()
            },
            7,
        ),
        (
            Filter {
                stages: vec![Stage::Accepted],
                ..base()
            },
            0,
        ),
        (
            Filter {
                stages: vec![Stage::Received, Stage::Closing],
                ..base()
            },
            7,
        ),
        (
            Filter {
                stages: vec![Stage::Completed],
                ..base()
            },
            0,
        ),
        (
            Filter {
                stages: vec![Stage::Completed, Stage::Rejected],
                ..base()
            },
            0,
        ),
        (
            Filter {
                customer: Some(customer.id),
                ..base()
            },
            7,
        ),
        (
            Filter {
                customer: Some(t.app.clock.new_id()),
                ..base()
            },
            0,
        ),
        (
            Filter {
                package: Some("typescript-senior".into()),
                ..base()
            },
            7,
        ),
        (
            Filter {
                package: Some("other".into()),
                ..base()
            },
            0,
        ),
        (
            Filter {
                assignee: Assignee::Nobody,
                ..base()
            },
            7,
        ),
        (
            Filter {
                assignee: Assignee::Person(person),
                ..base()
            },
            0,
        ),
        (
            Filter {
                flagged: true,
                ..base()
            },
            0,
        ),
        (Filter { paused: true, ..base() }, 0),
        (
            Filter {
                to_invite: true,
                ..base()
            },
            0,
        ),
        (
            Filter {
                search: "zoe".into(),
                ..base()
            },
            1,
        ),
        (
            Filter {
                search: "GARTN wei".into(),
                ..base()
            },
            1,
        ),
        (
            Filter {
                search: "halden".into(),
                ..base()
            },
            7,
        ),
        (
            Filter {
                search: "nobody".into(),
                ..base()
            },
            0,
        ),
        (
            Filter {
                search: "\" OR * NEAR(".into(),
                ..base()
            },
            0,
        ),
    ];
    for (filter, found) in cases {
        let page = page(&t, &filter, Sort::Received, Place::Start, 50).await;
        assert_eq!(page.rows.len(), found, "{filter:?}");
    }
});

crate::both!(who_sees_few_customers_reads_their_orders_as_one_list, |t| {
    let first = customer(&t, |_| {}).await;
    let (second, _) = connected(&t, "lever:second", true).await;
    connected(&t, "lever:third", true).await;
    let (_, nobodys) = connected(&t, "lever:nobodys", false).await;
    let intake = Intake::start(t.app.clone());
    for number in 0..12 {
        let mut event = order_event(&format!("e-{number}"), &format!("o-{number}"));
        let all = [INTEGRATION, "lever:second", "lever:third", "lever:nobodys"];
        event["data"]["integration_id"] = json!(all[number % all.len()]);
        assert_eq!(send(&intake, &event).await.0, 200);
        t.advance(Duration::from_mins(1));
    }
    intake.finish().await;
    let person = t.add_staff(Role::Operator, false).await;
    let second = second.expect("a customer");
    let mut conn = t.app.db.begin().await.expect("a transaction");
    let limits = staff::set_limits(&mut conn, person, &[first.id, second]).await;
    limits.expect("limits");
    conn.commit().await.expect("committed");
    let viewer = Viewer::staff(person, Role::Operator, false);

    let search = Filter {
        search: "wei".into(),
        ..Filter::default()
    };
    let open = Filter {
        stages: vec![Stage::Received, Stage::Accepted],
        ..Filter::default()
    };
    // Nothing was published to the second customer, so its orders wait for a person.
    for stage in [Stage::Received, Stage::Accepted] {
        let filter = Filter {
            stages: vec![stage],
            ..Filter::default()
        };
        let page = page_for(&t, &viewer, &filter, Sort::Received, Place::Start, 50).await;
        assert_eq!(page.rows.len(), 3, "{stage}");
    }
    t.say("UPDATE orders SET differs = TRUE, paused_at = received_at;")
        .await;
    let flagged = Filter {
        flagged: true,
        ..Filter::default()
    };
    let paused = Filter {
        paused: true,
        ..Filter::default()
    };
    for (filter, sort) in [
        (Filter::default(), Sort::Received),
        (Filter::default(), Sort::Due),
        (open, Sort::Received),
        (flagged, Sort::Received),
        (paused, Sort::Received),
        (search.clone(), Sort::Received),
    ] {
        let everybodys = page(&t, &filter, sort, Place::Start, 50).await.rows;
        let theirs = everybodys
            .iter()
            .filter(|row| row.tool == "greenhouse" || row.customer_name.is_some());
        let whole = page_for(&t, &viewer, &filter, sort, Place::Start, 50).await;
        assert_eq!(whole.rows.len(), 6, "{filter:?}");
        let kept: Vec<_> = theirs.map(|row| row.id).filter(|id| ids(&whole).contains(id)).collect();
        assert_eq!(ids(&whole), kept, "in the order of everybody's list");
        let one = page_for(&t, &viewer, &filter, sort, Place::Start, 4).await;
        let two = page_for(&t, &viewer, &filter, sort, Place::After(one.rows[3].key(sort)), 4).await;
        assert!(one.has_after && !two.has_after);
        assert_eq!([ids(&one), ids(&two)].concat(), ids(&whole));
        let back = page_for(&t, &viewer, &filter, sort, Place::Before(two.rows[0].key(sort)), 4).await;
        assert_eq!(ids(&back), ids(&one));
    }

    let mut work = t.app.begin_system().await.expect("a transaction");
    let joined = assign_integration::assign(&mut work, nobodys, first.id).await;
    joined.expect("joined");
    work.commit().await.expect("committed");
    let found = page_for(&t, &viewer, &search, Sort::Received, Place::Start, 50).await;
    assert_eq!(found.rows.len(), 9, "what was nobody's is found as theirs from now on");
});

/// All pages of a search, from the first to the last; each is full but the last, and every way to them finds the same.
async fn all_pages(t: &TestApp, viewer: &Viewer, search: &str) -> Vec<OrderId> {
    let found = all_pages_by(t, viewer, search, Way::Fastest).await;
    for way in [Way::Orders, Way::Index] {
        let same = all_pages_by(t, viewer, search, way).await;
        assert_eq!(same, found, "{search}: {way:?}");
    }
    found
}

async fn all_pages_by(t: &TestApp, viewer: &Viewer, search: &str, way: Way) -> Vec<OrderId> {
    let filter = Filter {
        search: search.into(),
        ..Filter::default()
    };
    let mut all = Vec::new();
    let mut place = Place::Start;
    loop {
        let mut conn = t.app.read().await.expect("a connection");
        let page = search::page(&mut conn, viewer, &filter, place, 50, way).await;
        let page = page.expect("a page");
        drop(conn);
        all.extend(ids(&page));
        if !page.has_after {
            return all;
        }
        assert_eq!(page.rows.len(), 50, "{search}");
        place = Place::After(page.rows[49].key(Sort::Received));
    }
}

crate::both!(a_search_finds_what_only_old_orders_have_and_what_many_have, |t| {
    customer(&t, |_| {}).await;
    let (second, _) = connected(&t, "lever:second", true).await;
    let intake = Intake::start(t.app.clone());
    for number in 0..1_100 {
        if number == 900 && matches!(t.app.db, Db::Postgres(_)) {
            // Those that follow are of two other ages, and so many that some pages are full of them and others are not.
            t.say("ALTER TABLE orders ALTER COLUMN seq RESTART WITH 196508").await;
        }
        let mut event = order_event(&format!("e-{number}"), &format!("o-{number}"));
        let candidate = &mut event["data"]["candidate"];
        candidate["email"] = json!(format!("person.nr{number}@mail.example"));
        if number < 5 {
            candidate["first_name"] = json!("Zoë");
        }
        if number % 3 == 0 {
            event["data"]["job"]["name"] = json!("Gärtnerin");
        }
        if number % 100 == 1 {
            event["data"]["integration_id"] = json!("lever:second");
        }
        assert_eq!(send(&intake, &event).await.0, 200);
    }
    intake.finish().await;
    let everybody = Viewer::system();
    let whole = all_pages(&t, &everybody, "wei").await;
    assert_eq!(whole.len(), 1_100);
    for (search, found) in [
        ("zoe", 5),
        ("gartn", 367),
        ("gartn wei", 367),
        ("zoe gartnerin", 2),
        ("gartnerin zoe", 2),
        ("zoe gartnerin wei mail", 2),
        ("zoe gartnerin wei mail person exampl", 2),
        ("nobody wei", 0),
        ("person.nr7@mail.example", 1),
        ("person.nr41@mail.exam", 1),
        ("perso.nr41@mail.example", 0),
        ("person.nr4", 111),
        ("nobody", 0),
    ] {
        let all = all_pages(&t, &everybody, search).await;
        assert_eq!(all.len(), found, "{search}");
        let in_order: Vec<_> = whole.iter().filter(|id| all.contains(id)).copied().collect();
        assert_eq!(all, in_order, "{search}: the newest first, each once");
    }
    for (stage, found) in [(Stage::Accepted, 2), (Stage::Received, 0)] {
        let filter = Filter {
            search: "zoe gartnerin".into(),
            stages: vec![stage],
            ..Filter::default()
        };
        let rows = page(&t, &filter, Sort::Received, Place::Start, 50).await.rows;
        assert_eq!(rows.len(), found, "{stage:?}");
    }
    let person = t.add_staff(Role::Operator, false).await;
    let mut conn = t.app.db.begin().await.expect("a transaction");
    let second = second.expect("a customer");
    let limits = staff::set_limits(&mut conn, person, &[second]).await;
    limits.expect("limits");
    conn.commit().await.expect("committed");
    let few = Viewer::staff(person, Role::Operator, false);
    for (search, found) in [("wei", 11), ("gartn", 3), ("zoe", 1), ("zoe wei", 1), ("nobody", 0)] {
        assert_eq!(all_pages(&t, &few, search).await.len(), found, "{search}");
    }
});

crate::both!(a_name_is_found_whether_or_not_another_one_begins_like_it, |t| {
    let customer = customer(&t, |_| {}).await;
    let intake = Intake::start(t.app.clone());
    let arrive = async |name: &str| {
        let mut event = order_event(&format!("e-{name}"), &format!("o-{name}"));
        event["data"]["candidate"]["first_name"] = json!(name);
        assert_eq!(send(&intake, &event).await.0, 200);
    };
    for name in ["Nadia", "Nadiane", "Nadianela7", "Łucja", "हिन", "हिन्दी"] {
        arrive(name).await;
    }
    let person = t.add_staff(Role::Operator, false).await;
    let mut conn = t.app.db.begin().await.expect("a transaction");
    let limits = staff::set_limits(&mut conn, person, &[customer.id]).await;
    limits.expect("limits");
    conn.commit().await.expect("committed");
    let limited = Viewer::staff(person, Role::Operator, false);
    let finds = async |search: &str, found: usize| {
        for viewer in [&Viewer::system(), &limited] {
            assert_eq!(all_pages(&t, viewer, search).await.len(), found, "{search}");
        }
    };
    for (search, found) in [
        ("nadia", 3),
        ("nadia wei", 3),
        ("nadian", 2),
        ("nadiane", 2),
        ("nadianela wei", 1),
        ("nadianela7 wei", 1),
        ("nadiane nadia", 2),
        ("lucja", 1),
        ("हिन", 2),
        ("nadianes", 0),
    ] {
        finds(search, found).await;
    }
    arrive("Nadianel").await;
    finds("nadiane", 3).await;
    finds("nadiane wei", 3).await;
    finds("nadia", 4).await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let named = candidates::add_customer_name(&mut work.conn, customer.id, "Weimar").await;
    named.expect("added");
    work.commit().await.expect("committed");
    finds("wei nadia", 4).await;
    finds("weim", 7).await;
    intake.finish().await;
});

crate::both!(the_words_of_an_older_house_are_known, |t| {
    seven(&t).await;
    let Db::Postgres(pool) = &t.app.db else {
        // SQLite's index tells them itself.
        return;
    };
    let words = async || {
        let words = sqlx::query_scalar::<_, String>("SELECT term FROM order_words ORDER BY term");
        words.fetch_all(pool).await.expect("read")
    };
    let kept = words().await;
    assert!(
        kept.contains(&"wei".to_owned()) && kept.contains(&"zq0".to_owned()),
        "{kept:?}"
    );
    t.say("DROP TABLE order_words; DROP FUNCTION keep_order_words() CASCADE; DROP FUNCTION order_word(TEXT);")
        .await;
    t.say(include_str!("../../migrations/postgres/0023_words_of_orders.sql"))
        .await;
    assert_eq!(words().await, kept);
});

crate::both!(the_index_of_an_older_house_learns_whose_its_orders_are, |t| {
    let customer = seven(&t).await;
    let word = candidates::customer_word(customer.id);
    let is_sqlite = matches!(t.app.db, Db::Sqlite { .. });
    let before = if is_sqlite {
        format!("UPDATE order_search SET words = replace(words, ' {word}', '');")
    } else {
        format!("UPDATE order_search SET words = ts_delete(words, '{word}');")
    };
    let drops = "DROP INDEX orders_open_of_customer; DROP INDEX orders_due_of_customer; DROP INDEX orders_stuck;";
    t.say(&format!("{before} {drops}")).await;
    let filter = Filter {
        search: "wei".into(),
        customer: Some(customer.id),
        ..Filter::default()
    };
    assert!(
        page(&t, &filter, Sort::Received, Place::Start, 50)
            .await
            .rows
            .is_empty()
    );
    let migration = if is_sqlite {
        include_str!("../../migrations/sqlite/0006_lists_of_customers.sql")
    } else {
        include_str!("../../migrations/postgres/0006_lists_of_customers.sql")
    };
    t.say(migration).await;
    assert_eq!(page(&t, &filter, Sort::Received, Place::Start, 50).await.rows.len(), 7);
});
