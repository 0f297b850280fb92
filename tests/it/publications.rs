//! How an ordered package stands to what its integration was offered.

use assessdesk::domain::ids::{IntegrationId, PublicationId};
use assessdesk::domain::intake::PackageStanding;
use assessdesk::domain::package::{OfferLine, PackageType};
use assessdesk::domain::publication::PublicationState;
use assessdesk::store::{integrations, publications};

fn line(key: &str) -> OfferLine {
    OfferLine {
        key: key.to_owned(),
        name: format!("The {key}"),
        description: String::new(),
        kind: PackageType::SkillsTest,
    }
}

async fn publish(
    t: &crate::support::TestApp,
    integration: IntegrationId,
    number: i64,
    state: PublicationState,
    keys: &[&str],
) -> PublicationId {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = publications::PublicationRow {
        id: work.new_id(),
        integration_id: integration,
        number,
        state,
        based_on: None,
        reason: String::new(),
        created_by: None,
        created_at: work.now,
        confirmed_at: None,
        restores: None,
    };
    let lines = keys.iter().map(|key| line(key)).collect::<Vec<_>>();
    publications::insert(&mut work.conn, &row, &lines)
        .await
        .expect("written");
    work.commit().await.expect("committed");
    row.id
}

crate::both!(a_package_is_offered_while_the_newest_word_to_kombo_lists_it, |t| {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let id = work.new_id();
    let now = work.now;
    integrations::insert_unknown(&mut work.conn, id, "greenhouse:abc", now)
        .await
        .expect("written");
    work.commit().await.expect("committed");

    publish(&t, id, 1, PublicationState::Confirmed, &["a", "b"]).await;
    publish(&t, id, 2, PublicationState::Confirmed, &["b"]).await;
    publish(&t, id, 3, PublicationState::Superseded, &["x"]).await;
    publish(&t, id, 4, PublicationState::Waiting, &["c"]).await;

    let mut conn = t.app.read().await.expect("a connection");
    for (key, standing) in [
        ("a", PackageStanding::Withdrawn),
        ("b", PackageStanding::Offered),
        ("c", PackageStanding::Offered),
        ("x", PackageStanding::Unknown),
    ] {
        let found = publications::standing(&mut conn, id, key).await.expect("read");
        assert_eq!(found.standing, standing, "{key}");
    }
    assert!(
        publications::newest_confirmed(&mut conn, id)
            .await
            .expect("read")
            .is_some()
    );
    let found = integrations::find_by_kombo_id(&mut conn, "greenhouse:abc")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(found.tool, "greenhouse");
    assert_eq!(found.customer_id, None);
});
