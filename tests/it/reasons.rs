//! The library of reasons: who keeps it, how one is chosen for an order, and how its use is counted.

use crate::support::desk::{another, now, press, waiting};
use crate::support::fixtures::customer;
use crate::support::{Client, TestApp};
use assessdesk::actions::change_reason;
use assessdesk::domain::ids::{OrderId, ReasonId};
use assessdesk::domain::intake::TakeOrders;
use assessdesk::domain::language::Language;
use assessdesk::domain::order::Stage;
use assessdesk::domain::reason::{ReasonInput, ReasonUse, STARTER};
use assessdesk::domain::role::Role;
use assessdesk::store::reasons::{self, ReasonRow};
use axum::http::StatusCode;

/// A reason for cancellations with these texts.
async fn reason(t: &TestApp, name: &str, texts: &[(Language, &str)]) -> ReasonRow {
    let input = ReasonInput {
        name: name.into(),
        for_rejection: false,
        for_cancellation: true,
        texts: texts
            .iter()
            .map(|(language, text)| (*language, (*text).into()))
            .collect(),
    };
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = change_reason::create(&mut work, input).await.expect("a reason");
    work.commit().await.expect("committed");
    row
}

async fn all(t: &TestApp) -> Vec<ReasonRow> {
    let mut conn = t.app.read().await.expect("a connection");
    reasons::list(&mut conn).await.expect("read")
}

async fn found(t: &TestApp, id: ReasonId) -> ReasonRow {
    let mut conn = t.app.read().await.expect("a connection");
    reasons::find(&mut conn, id).await.expect("read").expect("there")
}

async fn texts(t: &TestApp, id: ReasonId) -> Vec<(Language, String)> {
    let mut conn = t.app.read().await.expect("a connection");
    reasons::texts_of(&mut conn, id).await.expect("read")
}

/// Presses a reason's button without JavaScript; gives what then stands in the field.
async fn pick(t: &TestApp, client: &mut Client, order: OrderId, reason: ReasonId) -> String {
    let id = reason.to_string();
    let page = press(t, client, order, "cancel/text", &[("reason_id", &id), ("reason", "")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let page = scraper::Html::parse_document(&page.text);
    let find = |selector: &str| {
        page.select(&scraper::Selector::parse(selector).expect("a selector"))
            .next()
    };
    let kept = find("details#cancel[open] input[type=hidden][name=reason_id]").expect("the form stands open");
    assert_eq!(kept.attr("value"), Some(id.as_str()));
    find("textarea[name=reason]")
        .expect("a field")
        .text()
        .collect::<String>()
}

crate::both!(a_new_library_begins_with_reasons_in_every_language_once, |t| {
    let begun = all(&t).await;
    let names: Vec<_> = begun.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, STARTER.map(|starter| starter.name));
    for row in &begun {
        assert_eq!(texts(&t, row.id).await.len(), Language::ALL.len(), "{}", row.name);
    }
    let mut work = t.app.begin_system().await.expect("a transaction");
    change_reason::retire(&mut work, begun[0].id, 1, true)
        .await
        .expect("retired");
    change_reason::begin_library(&mut work).await.expect("nothing to begin");
    work.commit().await.expect("committed");
    assert_eq!(all(&t).await.len(), STARTER.len());
    assert!(all(&t).await[0].retired_at.is_some());
});

crate::both!(an_administrator_keeps_the_library_and_others_read_it, |t| {
    let new = [
        ("name", "Ordered by mistake"),
        ("for_rejection", "on"),
        ("text_en", "‘{package}’ was ordered by mistake.\r\nNothing to do."),
        ("text_de", ""),
    ];
    let mut operator = t.sign_in_as(Role::Operator).await;
    assert_eq!(operator.post("/reasons", &new).await.status, StatusCode::FORBIDDEN);
    assert_eq!(operator.get("/reasons").await.status, StatusCode::OK);
    let mut viewer = t.sign_in_as(Role::Viewer).await;
    assert_eq!(viewer.get("/reasons").await.status, StatusCode::FORBIDDEN);

    let mut admin = t.sign_in_as(Role::Admin).await;
    let created = admin.post("/reasons", &new).await;
    assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.text);
    let row = all(&t).await.pop().expect("the last one");
    assert_eq!(created.location(), format!("/reasons#row-{}", row.id));
    assert!(row.for_rejection && !row.for_cancellation);
    let text = "‘{package}’ was ordered by mistake.\nNothing to do.";
    assert_eq!(texts(&t, row.id).await, [(Language::En, text.to_owned())]);

    let path = format!("/reasons/{}", row.id);
    assert!(operator.get(&path).await.text.contains("was ordered by mistake"));
    let changed = [
        ("version", "1"),
        ("name", "Ordered by mistake"),
        ("for_cancellation", "on"),
        ("text_it", "Ordinato per errore."),
    ];
    assert_eq!(admin.post(&path, &changed).await.status, StatusCode::SEE_OTHER);
    let late = admin
        .post(
            &path,
            &[
                ("version", "1"),
                ("name", "Mine"),
                ("for_rejection", "on"),
                ("text_en", "Mine."),
            ],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("while you were typing") && late.text.contains("Ordinato per errore."));
    assert_eq!(
        texts(&t, row.id).await,
        [(Language::It, "Ordinato per errore.".to_owned())]
    );

    let row = found(&t, row.id).await;
    assert!(row.for_cancellation && !row.for_rejection);
    admin
        .post(&format!("{path}/retire"), &[("version", "2"), ("retired", "on")])
        .await;
    assert!(found(&t, row.id).await.retired_at.is_some());
    assert!(!admin.get("/reasons").await.text.contains(&path));
    assert!(admin.get("/reasons?retired=on").await.text.contains(&path));
    admin.post(&format!("{path}/retire"), &[("version", "3")]).await;
    assert!(found(&t, row.id).await.retired_at.is_none());
});

crate::both!(a_reason_moves_past_its_neighbours_that_are_offered, |t| {
    let mut admin = t.sign_in_as(Role::Admin).await;
    let begun = all(&t).await;
    let (first, second, third) = (begun[0].id, begun[1].id, begun[2].id);
    admin
        .post(
            &format!("/reasons/{second}/retire"),
            &[("version", "1"), ("retired", "on")],
        )
        .await;
    let moved = admin.post(&format!("/reasons/{third}/move"), &[("to", "up")]).await;
    assert_eq!(moved.location(), format!("/reasons#row-{third}"));
    let offered = |rows: Vec<ReasonRow>| {
        let rows = rows.into_iter().filter(|row| row.retired_at.is_none());
        rows.map(|row| row.id).take(2).collect::<Vec<_>>()
    };
    assert_eq!(offered(all(&t).await), [third, first]);
    admin.post(&format!("/reasons/{third}/move"), &[("to", "up")]).await;
    assert_eq!(offered(all(&t).await), [third, first], "it is the first one");
    admin.post(&format!("/reasons/{third}/move"), &[("to", "down")]).await;
    assert_eq!(offered(all(&t).await), [first, third]);
});

crate::both!(a_text_that_cannot_be_filled_in_is_refused_at_its_field, |t| {
    let mut admin = t.sign_in_as(Role::Admin).await;
    let typed = [
        ("name", "Wrong"),
        ("for_cancellation", "on"),
        ("text_en", "{package}"),
        ("text_fr", "Cher {candidate_first_name}, {paquet}"),
    ];
    let refused = admin.post("/reasons", &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = scraper::Html::parse_document(&refused.text);
    let error = |id: &str| {
        let selector = scraper::Selector::parse(id).expect("a selector");
        page.select(&selector).next().map(|it| it.text().collect::<String>())
    };
    assert!(
        error("#text_fr-error")
            .expect("told")
            .contains("{candidate_first_name}")
    );
    assert_eq!(error("#text_en-error"), None);
    assert!(
        refused.text.contains("Cher {candidate_first_name}"),
        "what was typed is kept"
    );
    let preview = admin.post("/reasons/preview", &typed).await;
    assert!(preview.text.contains("{candidate_first_name}") && preview.text.contains("Video interview"));
    let nothing = admin.post("/reasons", &[("name", " "), ("text_en", " ")]).await;
    for field in ["name-error", "for-error", "text_en-error"] {
        assert!(nothing.text.contains(field), "{field}");
    }
    assert_eq!(all(&t).await.len(), STARTER.len());
});

crate::both!(
    a_chosen_reason_stands_in_the_customers_language_with_the_orders_data,
    |t| {
        let customer = customer(&t, |row| {
            row.take_orders = TakeOrders::Later;
            row.language = Language::De;
        })
        .await;
        let order = another(&t, &customer, "o-1").await;
        let both = reason(
            &t,
            "Both",
            &[
                (Language::En, "No {package}."),
                (Language::De, "Kein „{package}“ für {customer}, {job}."),
            ],
        )
        .await;
        let english = reason(&t, "English", &[(Language::Es, "¡No!"), (Language::En, "No.")]).await;
        let spanish = reason(&t, "Spanish", &[(Language::Es, "No {order}.")]).await;
        let mut client = t.sign_in_as(Role::Operator).await;
        assert_eq!(
            pick(&t, &mut client, order.id, both.id).await,
            "Kein „TypeScript, senior“ für Halden Logistics, Data engineer."
        );
        assert_eq!(pick(&t, &mut client, order.id, english.id).await, "No.");
        assert_eq!(
            pick(&t, &mut client, order.id, spanish.id).await,
            format!("No {}.", order.id)
        );
        assert_eq!(
            now(&t, order.id).await.stage,
            Stage::Received,
            "choosing decides nothing"
        );
        assert_eq!(found(&t, both.id).await.uses, 0);
    }
);

crate::both!(what_is_filled_in_is_escaped_and_never_read_as_a_placeholder, |t| {
    let customer = customer(&t, |row| {
        row.take_orders = TakeOrders::Later;
        row.name = "<b>{package}</b> & \"Söhne\"".into();
    })
    .await;
    let order = another(&t, &customer, "o-1").await;
    let row = reason(&t, "<i>Why</i>", &[(Language::En, "For {customer} <script>")]).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    assert_eq!(
        pick(&t, &mut client, order.id, row.id).await,
        "For <b>{package}</b> & \"Söhne\" <script>"
    );
    let page = client.get(&format!("/orders/{}?open=cancel", order.id)).await.text;
    for raw in [
        "<i>Why",
        "<b>{package}",
        "{customer}",
        "For &#60;b&#62;{package}&#60;/b&#62; & ",
    ] {
        assert!(!page.contains(raw), "{raw}");
    }
    assert!(page.contains("For &#60;b&#62;{package}&#60;/b&#62; &#38; &#34;Söhne&#34; &#60;script&#62;"));
});

crate::both!(a_decision_counts_its_reason_even_where_the_text_was_edited, |t| {
    let (_, order) = waiting(&t).await;
    let row = reason(&t, "Filled", &[(Language::En, "The job is filled.")]).await;
    let id = row.id.to_string();
    let mut client = t.sign_in_as(Role::Operator).await;
    let edited = [("reason_id", id.as_str()), ("reason", "The job is filled, sorry.")];
    press(&t, &mut client, order.id, "cancel", &edited).await;
    let cancelled = now(&t, order.id).await;
    assert_eq!(cancelled.reason_text.as_deref(), Some("The job is filled, sorry."));
    assert_eq!(cancelled.reason_id, Some(row.id));
    let used = found(&t, row.id).await;
    assert_eq!((used.uses, used.last_used_at), (1, Some(t.app.clock.now())));
    assert_eq!(used.version, 1, "being chosen is no change");
    let page = client.get(&format!("/orders/{}", order.id)).await.text;
    assert!(page.contains("From the library: Filled"));

    press(&t, &mut client, order.id, "undo", &[]).await;
    let undone = now(&t, order.id).await;
    assert_eq!((undone.reason_id, undone.reason_text), (None, None));
    assert_eq!(found(&t, row.id).await.uses, 0, "taken back");
    press(
        &t,
        &mut client,
        order.id,
        "cancel",
        &[("reason_id", ""), ("reason", "In my own words.")],
    )
    .await;
    assert_eq!(now(&t, order.id).await.reason_id, None);
    assert_eq!(found(&t, row.id).await.uses, 0);
});

crate::both!(a_reason_is_counted_once_when_two_people_act_at_once, |t| {
    let (_, order) = waiting(&t).await;
    let row = reason(&t, "Filled", &[(Language::En, "The job is filled.")]).await;
    let (id, version) = (row.id.to_string(), order.version.to_string());
    let form = [
        ("version", version.as_str()),
        ("reason_id", id.as_str()),
        ("reason", "The job is filled."),
    ];
    let (mut one, mut two) = (t.sign_in_as(Role::Operator).await, t.sign_in_as(Role::Manager).await);
    let path = format!("/orders/{}/cancel", order.id);
    let (first, second) = tokio::join!(one.post(&path, &form), two.post(&path, &form));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    assert_eq!(found(&t, row.id).await.uses, 1);
});

crate::both!(a_retired_reason_is_not_offered_and_old_orders_still_name_it, |t| {
    let (customer, order) = waiting(&t).await;
    let row = reason(&t, "Out of fashion", &[(Language::En, "No longer.")]).await;
    let id = row.id.to_string();
    let said = [("reason_id", id.as_str()), ("reason", "No longer.")];
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, order.id, "cancel", &said).await;
    let mut work = t.app.begin_system().await.expect("a transaction");
    change_reason::retire(&mut work, row.id, 1, true)
        .await
        .expect("retired");
    work.commit().await.expect("committed");
    let old = client.get(&format!("/orders/{}", order.id)).await.text;
    assert!(old.contains("From the library: Out of fashion"));
    let next = another(&t, &customer, "o-2").await;
    let page = client.get(&format!("/orders/{}", next.id)).await.text;
    assert!(!page.contains("Out of fashion") && page.contains("Ordered twice"));
    // Whose page stood open may still send it; what never was a reason for this is refused.
    press(&t, &mut client, next.id, "cancel", &said).await;
    assert_eq!(now(&t, next.id).await.reason_id, Some(row.id));
    let third = another(&t, &customer, "o-3").await;
    let forged = press(
        &t,
        &mut client,
        third.id,
        "cancel",
        &[("reason_id", "00000000-0000-7000-8000-000000000000"), ("reason", "No.")],
    )
    .await;
    assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(now(&t, third.id).await.stage, Stage::Received);
});

crate::both!(a_reason_is_offered_only_for_what_it_is_for, |t| {
    let row = reason(&t, "Only later", &[(Language::En, "Later.")]).await;
    let mut conn = t.app.read().await.expect("a connection");
    for (what, is_there) in [(ReasonUse::Cancellation, true), (ReasonUse::Rejection, false)] {
        let offered = reasons::offered(&mut conn, what).await.expect("read");
        assert_eq!(offered.iter().any(|own| own.id == row.id), is_there, "{what}");
    }
});
