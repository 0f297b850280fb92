//! The reconciler against the sandbox: what webhooks did not tell is found, and nothing is mistaken.

use crate::support::fixtures::{INTEGRATION, PACKAGE, line, order_event, publish, send, timeline};
use crate::support::practice::{Practice, client};
use crate::support::{Engine, TestApp};
use assessdesk::actions::integration_news;
use assessdesk::actions::order_steps::Said;
use assessdesk::domain::intake::{TakeOrders, UnknownPackage};
use assessdesk::domain::order::{Conflict, Event, KomboStatus, Source, Stage};
use assessdesk::domain::reconcile::Pass;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::{Intake, reconciler};
use assessdesk::kombo::wire::{self, OrderStatus};
use assessdesk::store::order_lists::{self, Filter, Place, Sort};
use assessdesk::store::reconciler_runs;
use assessdesk::store::{Db, inbox};
use serde_json::json;
use std::time::Duration;

crate::both!(an_open_order_that_is_known_is_not_written_again, |t| {
    let p = Practice::new(t).await;
    let before = p.order("o-1").await;
    let tally = p.open_after(180).await;
    assert_eq!((tally.seen, tally.healed, tally.failed, tally.error), (1, 0, 0, None));
    assert_eq!(p.order("o-1").await.version, before.version);
    let mut conn = p.t.app.read().await.unwrap();
    let run = reconciler_runs::last(&mut conn, Pass::Open).await.unwrap().unwrap();
    assert_eq!((run.seen, run.healed, run.finished_at.is_some()), (1, 0, true));
    assert!(reconciler_runs::last(&mut conn, Pass::Missing).await.unwrap().is_some());
});

crate::both!(a_missed_webhook_is_made_up_for_and_still_decides_when_it_comes, |t| {
    let p = Practice::new(t).await;
    p.customer_wants(|row| {
        row.unknown_package = UnknownPackage::Reject;
        row.unknown_message = "Please choose from the list.".into();
    })
    .await;
    p.kombo
        .sandbox
        .place(
            &serde_json::from_value(json!({
                "integration": INTEGRATION, "package": "no-such", "id": "o-2", "webhook": false
            }))
            .unwrap(),
        )
        .await
        .unwrap();
    assert_eq!(p.open_after(0).await.healed, 1);
    let order = p.order("o-2").await;
    assert_eq!((order.stage, order.source), (Stage::Received, Source::List));
    assert!(order.undecided_until.is_some());
    assert_eq!(reconciler::decide_undecided(&p.t.app).await.unwrap(), 0);
    p.t.advance(Duration::from_secs(20));
    let intake = Intake::start(p.t.app.clone());
    let mut event = order_event("e-2", "o-2");
    event["data"]["package_id"] = json!("no-such");
    let (status, answer) = send(&intake, &event).await;
    assert_eq!(
        (status, &answer["message"]),
        (422, &json!("Please choose from the list."))
    );
    assert_eq!(p.order("o-2").await.stage, Stage::Rejected);
});

crate::both!(without_its_webhook_the_settings_decide_after_a_while, |t| {
    let p = Practice::new(t).await;
    p.place("o-2").await;
    p.open_after(0).await;
    p.t.advance(Duration::from_secs(119));
    assert_eq!(reconciler::decide_undecided(&p.t.app).await.unwrap(), 0);
    p.t.advance(Duration::from_secs(1));
    assert_eq!(reconciler::decide_undecided(&p.t.app).await.unwrap(), 1);
    assert_eq!(p.order("o-2").await.stage, Stage::Accepted);
    assert_eq!(reconciler::decide_undecided(&p.t.app).await.unwrap(), 0);
});

crate::both!(
    a_rule_that_rejects_only_proposes_a_cancellation_once_no_answer_can_leave,
    |t| {
        let p = Practice::new(t).await;
        p.customer_wants(|row| {
            row.unknown_package = UnknownPackage::Reject;
            row.unknown_message = "Please choose from the list.".into();
        })
        .await;
        p.place("o-2").await;
        let mut work = p.t.app.begin_system().await.unwrap();
        publish(&p.t, &mut work, p.customer.integration, 2, &[line("other", "Other")]).await;
        work.commit().await.unwrap();
        p.customer_wants(|row| {
            row.withdrawn_package = assessdesk::domain::intake::WithdrawnPackage::Reject;
            row.withdrawn_message = "Not offered any more.".into();
        })
        .await;
        p.open_after(0).await;
        p.t.advance(Duration::from_mins(2));
        assert_eq!(reconciler::decide_undecided(&p.t.app).await.unwrap(), 1);
        let order = p.order("o-2").await;
        assert_eq!(
            (order.stage, order.reason_text.as_deref()),
            (Stage::Received, Some("Not offered any more."))
        );
    }
);

/// Rejects the order `o-2` by its webhook, whose answer Kombo never hears.
async fn rejected_unheard(p: &Practice) {
    p.customer_wants(|row| {
        row.unknown_package = UnknownPackage::Reject;
        row.unknown_message = "Please choose from the list.".into();
    })
    .await;
    p.kombo
        .sandbox
        .place(
            &serde_json::from_value(json!({
                "integration": INTEGRATION, "package": "no-such", "id": "o-2", "webhook": false
            }))
            .unwrap(),
        )
        .await
        .unwrap();
    p.take("o-2", Source::Webhook).await;
    assert_eq!(p.order("o-2").await.stage, Stage::Rejected);
}

crate::both!(
    a_rejection_that_never_arrived_becomes_a_cancellation_with_the_same_text,
    |t| {
        let p = Practice::new(t).await;
        rejected_unheard(&p).await;
        p.open_after(60).await;
        assert_eq!(p.order("o-2").await.stage, Stage::Rejected, "too early");
        p.open_after(60).await;
        assert_eq!(p.order("o-2").await.stage, Stage::Rejected, "seen once");
        assert_eq!(p.open_after(180).await.healed, 1);
        assert_eq!(p.order("o-2").await.stage, Stage::Closing);
        assert_eq!(p.round().await, 1);
        assert_eq!(p.order("o-2").await.stage, Stage::Cancelled);
        let applied = p.applied("o-2").await;
        assert_eq!(applied[0].status, "CANCELLED");
        assert!(applied[0].body.contains("Please choose from the list."));
        assert_eq!(p.kombo.sandbox.store.order("o-2").await.unwrap().status, "CANCELLED");
    }
);

crate::both!(a_rejection_that_arrived_is_confirmed_by_the_daily_comparison, |t| {
    let p = Practice::new(t).await;
    rejected_unheard(&p).await;
    p.kombo_shows("o-2", OrderStatus::Rejected).await;
    p.compare_after(3_600, Pass::Daily).await;
    let order = p.order("o-2").await;
    assert_eq!(
        (order.stage, order.kombo_status),
        (Stage::Rejected, Some(KomboStatus::Rejected))
    );
    assert_eq!(order.conflict, None);
});

crate::both!(a_silent_cancellation_in_the_ats_is_found, |t| {
    let p = Practice::new(t).await;
    p.kombo.sandbox.cancel("o-1").await.unwrap();
    let tally = p.open_after(180).await;
    assert_eq!((tally.seen, tally.healed), (1, 1));
    let order = p.order("o-1").await;
    assert_eq!((order.stage, order.conflict), (Stage::Cancelled, None));
    assert_eq!(timeline(&p.t, order.id).await.last().unwrap(), "order.observed");
});

crate::both!(an_end_that_is_not_ours_is_a_conflict, |t| {
    let p = Practice::new(t).await;
    p.kombo_shows("o-1", OrderStatus::Completed).await;
    p.open_after(180).await;
    let order = p.order("o-1").await;
    assert_eq!(
        (order.stage, order.conflict),
        (Stage::Completed, Some(Conflict::NotByUs))
    );
});

crate::both!(
    a_closed_order_that_stays_open_is_a_conflict_and_can_be_sent_again,
    |t| {
        let p = Practice::new(t).await;
        p.cancel("o-1").await;
        p.delay_passes();
        p.round().await;
        assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
        p.kombo_shows("o-1", OrderStatus::Open).await;
        for _ in 0..2 {
            p.open_after(480).await;
            assert_eq!(p.order("o-1").await.conflict, None);
        }
        p.open_after(480).await;
        let order = p.order("o-1").await;
        assert_eq!(
            (order.stage, order.conflict),
            (Stage::Cancelled, Some(Conflict::StillOpen))
        );
        p.step("o-1", Event::FinalSentAgain).await;
        assert_eq!(p.round().await, 1);
        let order = p.order("o-1").await;
        assert_eq!((order.stage, order.conflict), (Stage::Cancelled, None));
        assert_eq!(p.applied("o-1").await.len(), 2);
    }
);

crate::both!(
    an_order_that_kombo_does_not_have_is_flagged_after_ten_minutes_and_never_closed,
    |t| {
        let p = Practice::new(t).await;
        p.kombo.sandbox.store.delete_order("o-1").await.unwrap();
        p.open_after(180).await;
        p.open_after(180).await;
        assert!(!p.order("o-1").await.not_in_kombo);
        p.open_after(600).await;
        let order = p.order("o-1").await;
        assert!(order.not_in_kombo);
        assert_eq!(order.stage, Stage::Accepted);
        let version = order.version;
        p.open_after(600).await;
        assert_eq!(p.order("o-1").await.version, version);
        p.place("o-1").await;
        p.open_after(180).await;
        assert!(!p.order("o-1").await.not_in_kombo);
    }
);

crate::both!(a_row_that_changed_since_the_read_began_is_passed_over, |t| {
    let p = Practice::new(t).await;
    let row = p.kombo.sandbox.store.order("o-1").await.unwrap();
    let mut told = row.order().unwrap();
    told.status = OrderStatus::Cancelled;
    let at = p.t.app.clock.now();
    p.t.advance(Duration::from_secs(1));
    p.step("o-1", Event::Paused).await;
    let mut work = p.t.app.begin_system().await.unwrap();
    let integration = assessdesk::store::integrations::find_by_kombo_id(&mut work.conn, INTEGRATION)
        .await
        .unwrap()
        .unwrap();
    let looked = assessdesk::actions::observe_order::observe(&mut work, &integration, &told, at)
        .await
        .unwrap();
    assert_eq!(looked, assessdesk::actions::observe_order::Looked::Overtaken);
});

crate::both!(every_page_of_a_long_list_is_read, |t| {
    let p = Practice::new(t).await;
    for number in 2..=260 {
        p.place(&format!("o-{number}")).await;
    }
    let tally = p.open_after(0).await;
    assert_eq!((tally.seen, tally.healed), (260, 259));
    assert_eq!(p.kombo.sandbox.traffic().calls["orders"], 2);
});

crate::both!(our_own_orders_are_asked_for_a_hundred_at_a_time, |t| {
    let p = Practice::new(t).await;
    for number in 2..=205 {
        p.place(&format!("o-{number}")).await;
        p.take(&format!("o-{number}"), Source::Webhook).await;
        p.kombo.sandbox.cancel(&format!("o-{number}")).await.unwrap();
    }
    let tally = p.open_after(1).await;
    assert_eq!((tally.seen, tally.healed), (205, 204));
    assert_eq!(p.kombo.sandbox.traffic().calls["orders"], 1 + 3);
});

crate::both!(the_daily_comparison_finds_what_began_and_ended_unseen, |t| {
    let p = Practice::new(t).await;
    p.place("o-2").await;
    p.kombo.sandbox.cancel("o-2").await.unwrap();
    let tally = reconciler::run_once(&p.t.app).await.unwrap();
    assert_eq!(tally.healed, 1);
    assert_eq!(p.order("o-2").await.stage, Stage::Cancelled);
    p.place("o-3").await;
    p.kombo.sandbox.cancel("o-3").await.unwrap();
    assert_eq!(
        reconciler::run_once(&p.t.app).await.unwrap().healed,
        0,
        "once a day is enough"
    );
    p.t.advance(Duration::from_hours(24));
    assert_eq!(reconciler::run_once(&p.t.app).await.unwrap().healed, 1);
});

crate::both!(
    a_deleted_integration_makes_its_orders_unreachable_and_is_asked_no_more,
    |t| {
        let p = Practice::new(t).await;
        p.cancel("o-1").await;
        let news: wire::IntegrationDeleted = serde_json::from_value(json!({
            "id": INTEGRATION, "tool": "greenhouse", "category": "ASSESSMENT", "deleted_at": "2026-11-24T09:00:00.000Z",
            "end_user": {"organization_name": "Halden Logistics", "creator_email": null, "origin_id": null}
        }))
        .unwrap();
        let mut work = p.t.app.begin_system().await.unwrap();
        integration_news::hear(&mut work, &wire::Event::IntegrationDeleted(news))
            .await
            .unwrap();
        work.commit().await.unwrap();
        let order = p.order("o-1").await;
        assert_eq!((order.stage, order.unreachable), (Stage::Closing, true));
        assert_eq!(p.round_after(3_600).await, 0);
        assert_eq!(p.open_after(180).await.seen, 0);
        p.try_step("o-1", Event::ClosedHere, Said::default()).await.unwrap();
        assert_eq!(p.order("o-1").await.stage, Stage::Cancelled);
    }
);

crate::both!(a_kombo_that_does_not_answer_is_said_and_nothing_is_flagged, |t| {
    let mut p = Practice::new(t).await;
    p.mischief(
        assessdesk::sandbox::mischief::CallKind::Orders,
        assessdesk::sandbox::mischief::CallMischief::ServerError { status: 502 },
        6,
    );
    let tally = p.open_after(180).await;
    assert_eq!((tally.seen, tally.failed), (0, 1));
    assert!(tally.error.unwrap().contains("502"));
    assert_eq!(p.order("o-1").await.absent_first, None);
    p.t.app.kombo = Some(client(&p.kombo, "a-wrong-key"));
    p.open_after(180).await;
    assert!(p.t.app.gate.last().unwrap().why.contains("API key"));
});

crate::both!(one_failure_among_the_pages_does_not_hide_what_stands_behind_it, |t| {
    let p = Practice::new(t).await;
    for number in 0..300 {
        p.place(&format!("missed-{number}")).await;
    }
    for (status, times) in [(502, 2), (503, 1)] {
        p.mischief(
            assessdesk::sandbox::mischief::CallKind::Orders,
            assessdesk::sandbox::mischief::CallMischief::ServerError { status },
            times,
        );
    }
    let tally = p.open_after(180).await;
    assert_eq!((tally.seen, tally.healed, tally.failed), (301, 300, 0));
    assert_eq!(tally.error, None);
});

/// In how many parts SQLite's search index is.
async fn parts(t: &TestApp) -> i64 {
    let Db::Sqlite { read, .. } = &t.app.db else {
        panic!("SQLite was asked for")
    };
    let parts = sqlx::query_scalar("SELECT COUNT(DISTINCT segid) FROM order_search_idx");
    parts.fetch_one(read).await.expect("counted")
}

#[tokio::test]
async fn a_round_puts_the_search_index_of_sqlite_together_and_it_finds_the_same() {
    let p = Practice::new(TestApp::new(Engine::Sqlite).await).await;
    let intake = Intake::start(p.t.app.clone());
    for number in 0..6 {
        send(&intake, &order_event(&format!("e-{number}"), &format!("o-{number}"))).await;
    }
    let found = async || {
        let filter = Filter {
            search: "o-3".into(),
            ..Filter::default()
        };
        let mut conn = p.t.app.read().await.unwrap();
        let sort = Sort::Received;
        let page = order_lists::page(&mut conn, &Viewer::system(), &filter, sort, Place::Start, 10).await;
        page.unwrap().rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let before = found().await;
    assert!(!before.is_empty());
    assert!(parts(&p.t).await > 3);
    let worker = reconciler::spawn(p.t.app.clone());
    for _ in 0..200 {
        if parts(&p.t).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(parts(&p.t).await, 1, "after a round");
    p.t.app.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(9), worker).await;
    ended.unwrap().unwrap();
    assert_eq!(found().await, before);
}

crate::both!(bodies_whose_time_is_over_are_removed, |t| {
    let p = Practice::new(t).await;
    let intake = Intake::start(p.t.app.clone());
    send(&intake, &order_event("e-1", "o-1")).await;
    assert_eq!(reconciler::tidy(&p.t.app).await.unwrap(), 0);
    p.t.advance(Duration::from_hours(31 * 24));
    assert_eq!(reconciler::tidy(&p.t.app).await.unwrap(), 1);
    let digest = {
        use sha2::Digest;
        sha2::Sha256::digest(order_event("e-1", "o-1").to_string().as_bytes()).to_vec()
    };
    let mut conn = p.t.app.read().await.unwrap();
    let row = inbox::find_same(&mut conn, "e-1", &digest).await.unwrap().unwrap();
    let body = inbox::find_body(&mut conn, &p.t.app.vault, &row).await.unwrap();
    assert!(body.is_none());
});

crate::both!(a_person_decides_what_was_found_where_the_customer_wants_that, |t| {
    let p = Practice::new(t).await;
    p.customer_wants(|row| row.take_orders = TakeOrders::Later).await;
    p.place("o-2").await;
    p.open_after(0).await;
    p.t.advance(Duration::from_mins(2));
    reconciler::decide_undecided(&p.t.app).await.unwrap();
    let order = p.order("o-2").await;
    assert_eq!(
        (order.stage, order.undecided_until, order.package_key.as_str()),
        (Stage::Received, None, PACKAGE)
    );
});

crate::both!(the_loop_compares_when_a_person_asks, |t| {
    let p = Practice::new(t).await;
    let worker = reconciler::spawn(p.t.app.clone());
    let runs = async |wanted: usize| {
        for _ in 0..200 {
            let mut conn = p.t.app.read().await.unwrap();
            let runs = reconciler_runs::newest(&mut conn, 20).await.unwrap();
            if runs
                .iter()
                .filter(|run| run.pass == Pass::Open && run.finished_at.is_some())
                .count()
                >= wanted
            {
                return;
            }
            drop(conn);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no run");
    };
    runs(1).await;
    p.t.app.compare_bell.notify_one();
    runs(2).await;
    p.t.app.stop.cancel();
    tokio::time::timeout(Duration::from_secs(9), worker)
        .await
        .unwrap()
        .unwrap();
});
