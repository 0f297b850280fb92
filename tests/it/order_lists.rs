//! Lists of orders: filtered, searched and paged the same way on both engines.

use crate::support::TestApp;
use crate::support::fixtures::{Customer, customer, order_event, send};
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::intake::TakeOrders;
use assessdesk::domain::order::Stage;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::store::order_lists::{self, Assignee, Filter, Page, Place, Sort};
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
    let mut conn = t.app.read().await.expect("a connection");
    order_lists::page(&mut conn, &Viewer::system(), filter, sort, place, limit)
        .await
        .expect("a page")
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
