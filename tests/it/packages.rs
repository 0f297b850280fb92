//! The catalogue, what integrations offer of it, and how that is published.

use crate::support::TestApp;
use crate::support::customers::{customer, integration};
use assessdesk::actions::change_offer::{self, OfferChange};
use assessdesk::actions::publication_outcome::{self, Ended};
use assessdesk::actions::publish_offer::{self, Confirmed};
use assessdesk::actions::{Error, change_package};
use assessdesk::domain::ids::{IntegrationId, PackageId};
use assessdesk::domain::offer_window::OfferWindow;
use assessdesk::domain::package::{PackageInput, PackageType};
use assessdesk::domain::package_texts::PackageTexts;
use assessdesk::domain::publication::PublicationState;
use assessdesk::domain::viewer::Viewer;
use assessdesk::store::publications::PublicationRow;
use assessdesk::store::{integrations, offers, packages, publications};

fn input(name: &str) -> PackageInput {
    PackageInput {
        name: name.to_owned(),
        description: "A test.".to_owned(),
        kind: PackageType::SkillsTest,
        start_url: String::new(),
        max_score: "100".to_owned(),
        duration: String::new(),
        tags: String::new(),
        regions: String::new(),
        due_hours: String::new(),
        result_parts: String::new(),
        score_bands: String::new(),
        texts: PackageTexts::default(),
    }
}

async fn package(t: &TestApp, key: &str) -> PackageId {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = change_package::create(&mut work, key, input(&format!("The {key}")))
        .await
        .expect("a package");
    work.commit().await.expect("committed");
    row.id
}

async fn connected(t: &TestApp) -> IntegrationId {
    let customer = customer(t, "Northwind Bank", "nw").await;
    integration(t, "greenhouse:abc", &customer).await
}

async fn version(t: &TestApp, id: IntegrationId) -> i64 {
    let mut conn = t.app.read().await.expect("a connection");
    let row = integrations::find(&mut conn, &Viewer::system(), id)
        .await
        .expect("read");
    row.expect("there").offer_version
}

async fn change(t: &TestApp, id: IntegrationId, change: OfferChange) -> Result<i64, Error> {
    let version = version(t, id).await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    let version = change_offer::change(&mut work, id, version, change).await?;
    work.commit().await.expect("committed");
    Ok(version)
}

async fn publish(t: &TestApp, id: IntegrationId, confirmed: Confirmed) -> Result<PublicationRow, Error> {
    let mut conn = t.app.read().await.expect("a connection");
    let proposal = publish_offer::propose(&mut conn, id, t.app.clock.now())
        .await
        .expect("read");
    drop(conn);
    let confirmed = Confirmed {
        based_on: proposal.base.map(|base| base.id),
        offer_version: version(t, id).await,
        ..confirmed
    };
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = publish_offer::publish(&mut work, id, confirmed).await?;
    work.commit().await.expect("committed");
    Ok(row)
}

async fn end(t: &TestApp, row: &PublicationRow, ended: Ended) -> bool {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let changed = publication_outcome::settle(&mut work, row.id, ended)
        .await
        .expect("settled");
    work.commit().await.expect("committed");
    changed
}

async fn state(t: &TestApp, row: &PublicationRow) -> PublicationState {
    let mut conn = t.app.read().await.expect("a connection");
    publications::find(&mut conn, row.id)
        .await
        .expect("read")
        .expect("there")
        .state
}

async fn keys(t: &TestApp, id: IntegrationId) -> Vec<String> {
    let mut conn = t.app.read().await.expect("a connection");
    let draft = offers::draft(&mut conn, id).await.expect("read");
    draft.into_iter().map(|line| line.key).collect()
}

crate::both!(a_package_keeps_its_key_and_shares_it_with_none, |t| {
    package(&t, "ts-senior").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    for (key, why) in [("ts-senior", "key"), ("has space", "key"), (&"k".repeat(37), "key")] {
        let error = change_package::create(&mut work, key, input("Other"))
            .await
            .expect_err("refused");
        assert!(
            matches!(&error, Error::Fields(faults) if faults[0].0 == why),
            "{error:?}"
        );
        drop(work);
        work = t.app.begin_system().await.expect("a transaction");
    }
});

crate::both!(the_catalogue_is_searched_by_name_key_type_and_retirement, |t| {
    let a = package(&t, "ts-senior").await;
    package(&t, "video").await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    change_package::retire(&mut work, a, 1, true).await.expect("retired");
    let error = change_package::change(&mut work, a, 1, input("Late"))
        .await
        .expect_err("late");
    assert!(error.is_changed());
    for (text, kind, retired, found) in [
        ("", None, false, vec!["video"]),
        ("TS", None, true, vec!["ts-senior"]),
        ("", Some(PackageType::Behavioral), false, vec![]),
        ("", Some(PackageType::SkillsTest), false, vec!["video"]),
    ] {
        let filter = packages::PackageFilter {
            text: text.into(),
            kind,
            retired,
            ..packages::PackageFilter::default()
        };
        let list = packages::list(&mut work.conn, &filter, None, 10).await.expect("read");
        assert_eq!(list.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), found);
    }
});

crate::both!(an_offer_is_put_together_renamed_and_reordered, |t| {
    let id = connected(&t).await;
    let (a, b, c) = (package(&t, "a").await, package(&t, "b").await, package(&t, "c").await);
    change(&t, id, OfferChange::Add(vec![a, b, c])).await.expect("added");
    change(
        &t,
        id,
        OfferChange::Step {
            packages: vec![c],
            up: true,
        },
    )
    .await
    .expect("moved");
    change(&t, id, OfferChange::Remove(vec![a])).await.expect("removed");
    assert_eq!(keys(&t, id).await, ["c", "b"]);
    let describe = OfferChange::Describe {
        window: OfferWindow::default(),
        package: b,
        name: " Bee ".into(),
        description: "A test.".into(),
    };
    change(&t, id, describe).await.expect("described");
    let mut conn = t.app.read().await.expect("a connection");
    let draft = offers::draft(&mut conn, id).await.expect("read");
    assert_eq!(draft[1].offered().name, "Bee");
    assert_eq!(
        draft[1].description, "",
        "the catalogue's own words are followed, not copied"
    );
    drop(conn);
    assert!(change(&t, id, OfferChange::Add(vec![b])).await.is_err());
    let mut work = t.app.begin_system().await.expect("a transaction");
    let error = change_offer::change(&mut work, id, 1, OfferChange::Remove(vec![b]))
        .await
        .expect_err("late");
    assert!(error.is_changed());
});

crate::both!(a_publication_is_numbered_and_published_only_when_confirmed, |t| {
    let id = connected(&t).await;
    let (a, b) = (package(&t, "a").await, package(&t, "b").await);
    change(&t, id, OfferChange::Add(vec![a, b])).await.expect("added");
    let first = publish(&t, id, Confirmed::default()).await.expect("published");
    assert_eq!((first.number, state(&t, &first).await), (1, PublicationState::Waiting));
    let mut conn = t.app.read().await.expect("a connection");
    assert!(
        publications::newest_confirmed(&mut conn, id)
            .await
            .expect("read")
            .is_none()
    );
    drop(conn);
    assert!(end(&t, &first, Ended::Confirmed).await);
    assert!(
        !end(&t, &first, Ended::GivenUp).await,
        "what Kombo confirmed stays confirmed"
    );
    let nothing = publish(&t, id, Confirmed::default())
        .await
        .expect_err("nothing to publish");
    assert!(matches!(nothing, Error::Refused(_)));
    let again = Confirmed {
        again: true,
        ..Confirmed::default()
    };
    assert_eq!(publish(&t, id, again).await.expect("sent again").number, 2);
});

crate::both!(a_newer_publication_replaces_one_that_has_not_left, |t| {
    let id = connected(&t).await;
    let (a, b) = (package(&t, "a").await, package(&t, "b").await);
    change(&t, id, OfferChange::Add(vec![a])).await.expect("added");
    let first = publish(&t, id, Confirmed::default()).await.expect("published");
    change(&t, id, OfferChange::Add(vec![b])).await.expect("added");
    let second = publish(&t, id, Confirmed::default()).await.expect("published");
    assert_eq!(second.based_on, Some(first.id));
    assert_eq!(state(&t, &first).await, PublicationState::Superseded);
    assert!(!end(&t, &first, Ended::Confirmed).await);
    assert_eq!(state(&t, &second).await, PublicationState::Waiting);
});

crate::both!(removing_needs_a_reason_and_emptying_a_confirmation, |t| {
    let id = connected(&t).await;
    let a = package(&t, "a").await;
    change(&t, id, OfferChange::Add(vec![a])).await.expect("added");
    let first = publish(&t, id, Confirmed::default()).await.expect("published");
    end(&t, &first, Ended::Confirmed).await;
    change(&t, id, OfferChange::Remove(vec![a])).await.expect("removed");
    let error = publish(&t, id, Confirmed::default()).await.expect_err("incomplete");
    let Error::Fields(faults) = error else {
        panic!("not about fields")
    };
    assert_eq!(faults.iter().map(|it| it.0).collect::<Vec<_>>(), ["reason", "empty"]);
    let whole = Confirmed {
        reason: "Contract ended".into(),
        empty_confirmed: true,
        ..Confirmed::default()
    };
    publish(&t, id, whole).await.expect("published");
});

crate::both!(a_difference_that_was_overtaken_is_not_published, |t| {
    let id = connected(&t).await;
    let a = package(&t, "a").await;
    change(&t, id, OfferChange::Add(vec![a])).await.expect("added");
    let seen = Confirmed {
        offer_version: version(&t, id).await,
        ..Confirmed::default()
    };
    publish(&t, id, Confirmed::default())
        .await
        .expect("somebody else was first");
    let mut work = t.app.begin_system().await.expect("a transaction");
    let error = publish_offer::publish(&mut work, id, seen)
        .await
        .expect_err("overtaken");
    assert!(error.is_changed());
});

crate::both!(a_retired_package_leaves_the_offer_with_the_next_publication, |t| {
    let id = connected(&t).await;
    let (a, b) = (package(&t, "a").await, package(&t, "b").await);
    change(&t, id, OfferChange::Add(vec![a, b])).await.expect("added");
    let mut work = t.app.begin_system().await.expect("a transaction");
    change_package::retire(&mut work, a, 1, true).await.expect("retired");
    work.commit().await.expect("committed");
    let row = publish(&t, id, Confirmed::default()).await.expect("published");
    let mut conn = t.app.read().await.expect("a connection");
    let lines = publications::lines(&mut conn, row.id).await.expect("read");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].key, "b");
});
