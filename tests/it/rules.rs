//! Rules: written in a draft, put in force, asked in the webhook's answer, explained for good, and tried on past orders.

use crate::support::desk::now;
use crate::support::fixtures::{self, Customer, INTEGRATION, order, order_event, send, timeline};
use crate::support::{Answer, Client, TestApp, texts};
use assessdesk::actions::receive_order;
use assessdesk::app::dry_runs::{AT_ONCE, Ended};
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::intake::TakeOrders;
use assessdesk::domain::order::{DecidedBy, Decision, Source, Stage};
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::kombo::wire;
use assessdesk::store::Writes;
use assessdesk::store::candidates::{self, Candidate};
use assessdesk::store::customers::{self, CustomerRow};
use assessdesk::store::orders::{self, OrderRow};
use axum::http::StatusCode;
use futures_util::future::join_all;
use scraper::{Html, Selector};
use serde_json::{Value, json};
use std::time::Duration;

type Field<'a> = (&'a str, &'a str);

/// A dashboard with one customer, and a manager who looks after its rules.
struct House {
    t: TestApp,
    customer: Customer,
    intake: Intake,
    manager: Client,
    base: String,
}

impl House {
    async fn new(t: TestApp) -> Self {
        Self::with(t, |_| {}).await
    }

    async fn with(t: TestApp, change: impl FnOnce(&mut CustomerRow)) -> Self {
        let customer = fixtures::customer(&t, change).await;
        let intake = Intake::start(t.app.clone());
        let manager = t.sign_in_as(Role::Manager).await;
        let base = format!("/customers/{}/rules", customer.id);
        Self {
            t,
            customer,
            intake,
            manager,
            base,
        }
    }

    /// A rule goes into the customer's draft.
    async fn draft(&mut self, fields: &[Field<'_>]) {
        add(&mut self.manager, &self.base.clone(), fields).await;
    }

    /// The draft is put in force.
    async fn force(&mut self) {
        force(&mut self.manager, &self.base.clone()).await;
    }

    /// One rule, put in force.
    async fn rule(&mut self, fields: &[Field<'_>]) {
        self.draft(fields).await;
        self.force().await;
    }

    /// Kombo sends an order of this candidate.
    async fn send_of(&self, id: &str, email: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
        send(&self.intake, &event(id, email, change)).await
    }

    /// Kombo sends an order of a candidate of its own.
    async fn send(&self, id: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
        self.send_of(id, &format!("{id}@example.com"), change).await
    }

    async fn order(&self, id: &str) -> OrderRow {
        order(&self.t, self.customer.integration, id).await
    }

    async fn left(&self) -> Option<i64> {
        let mut conn = self.t.app.read().await.unwrap();
        let row = customers::find(&mut conn, &Viewer::system(), self.customer.id).await;
        row.unwrap().unwrap().credits
    }
}

fn event(id: &str, email: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut event = order_event(&format!("e-{id}"), id);
    event["data"]["candidate"]["email"] = json!(email);
    change(&mut event["data"]);
    event
}

fn values(answer: &Answer, selector: &str) -> Vec<String> {
    let page = Html::parse_document(&answer.text);
    let selector = Selector::parse(selector).expect("a selector");
    let value = |it: scraper::ElementRef<'_>| it.value().attr("value").unwrap_or_default().to_owned();
    page.select(&selector).map(value).collect()
}

/// The draft's version, as a new rule's form carries it.
async fn version(client: &mut Client, base: &str) -> String {
    let page = client.get(&format!("{base}/new")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    values(&page, "main input[name=version]").remove(0)
}

async fn try_add(client: &mut Client, base: &str, fields: &[Field<'_>]) -> Answer {
    let version = version(client, base).await;
    let own = [("version", version.as_str()), ("days", "30"), ("hold_seconds", "8")];
    // What the test says comes first, so that it counts.
    client.post(&format!("{base}/new"), &[fields, &own].concat()).await
}

async fn add(client: &mut Client, base: &str, fields: &[Field<'_>]) {
    let answer = try_add(client, base, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

async fn force(client: &mut Client, base: &str) {
    let version = version(client, base).await;
    let form = [("version", version.as_str()), ("note", "As agreed")];
    let answer = client.post(&format!("{base}/force"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
}

/// The addresses of the rules that the page lists, in order.
async fn listed(client: &mut Client, base: &str) -> Vec<String> {
    let page = client.get(base).await;
    let document = Html::parse_document(&page.text);
    let links = Selector::parse("ol.rules li[id] b a").expect("a selector");
    let links = document.select(&links);
    links
        .filter_map(|it| it.value().attr("href").map(str::to_owned))
        .collect()
}

crate::both!(a_rule_rejects_with_its_words_and_stays_explained, |t| {
    let mut house = House::new(t).await;
    let norway = [
        ("name", "Not in Norway"),
        ("countries", "norway"),
        ("then", "reject"),
        ("message", "We do not test in Norway."),
    ];
    house.draft(&norway).await;
    assert_eq!(house.send("o-0", |_| {}).await.0, 200, "a draft decides nothing");
    house.force().await;
    let (status, answer) = house.send("o-1", |_| {}).await;
    assert_eq!((status, &answer["message"]), (422, &json!("We do not test in Norway.")));
    let row = house.order("o-1").await;
    assert_eq!((row.stage, row.decided_by), (Stage::Rejected, Some(DecidedBy::Rule)));
    assert_eq!(
        (row.rule_number, row.rule_name.as_deref()),
        (Some(1), Some("Not in Norway"))
    );
    assert!(row.rule_micros.is_some() && row.decided_micros.is_some());
    let told = timeline(&house.t, row.id).await;
    assert_eq!(told, ["order.received", "order.rejected"]);
    let elsewhere = house
        .send("o-2", |data| data["job"]["location"]["country"] = json!("SE"))
        .await;
    assert_eq!(elsewhere.0, 200, "the settings decide");
    assert_eq!(house.order("o-2").await.rule_set_id, None);

    // Another version: the old one stays as it was, and so does what decided by it.
    let rule = listed(&mut house.manager, &house.base.clone()).await.remove(0);
    let page = house.manager.get(&rule).await;
    let version = values(&page, "main input[name=version]").remove(0);
    let other = [
        ("version", version.as_str()),
        ("name", "Nowhere in the north"),
        ("countries", "NO\r\nSE"),
        ("then", "reject"),
        ("message", "Not there."),
    ];
    let answer = house.manager.post(&rule, &other).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    house.force().await;
    let page = house.manager.get(&format!("/orders/{}", row.id)).await;
    assert!(page.text.contains("Rule 1 ‘Not in Norway’ of"), "{}", page.text);
    let address = format!("{}/versions/1", house.base);
    assert!(
        page.text
            .contains(&format!("href=\"{address}\">version 1 of this customer’s rules"))
    );
    let old = house.manager.get(&address).await;
    let says = texts(&old, "ol.rules .says").remove(0);
    assert!(says.starts_with("If the job’s country is Norway"), "{says}");
    assert!(says.ends_with("We do not test in Norway."), "{says}");
    let (_, answer) = house
        .send("o-3", |data| data["job"]["location"]["country"] = json!("SE"))
        .await;
    assert_eq!(answer["message"], "Not there.");
});

crate::both!(each_condition_is_asked_of_an_order_that_arrives, |t| {
    let mut house = House::with(t, |row| {
        row.time_zone = "Europe/Oslo".into();
        row.business_hours = Some("08:00-17:00 08:00-17:00 08:00-17:00 08:00-17:00 08:00-17:00 - -".into());
    })
    .await;
    let rules: [(&str, &[Field<'_>]); 11] = [
        ("never", &[("tools", "Lever"), ("countries", "SE")]),
        ("package", &[("packages", fixtures::PACKAGE), ("countries", "SE")]),
        ("type", &[("type_SKILLS_TEST", "on"), ("countries", "Denmark")]),
        ("ats", &[("tools", "Greenhouse"), ("countries", "fi")]),
        ("region", &[("regions", "BAYERN, Bavaria")]),
        ("code", &[("job_codes", "int-*")]),
        ("words", &[("words", "praktikant:in\r\nworking student")]),
        ("missing", &[("missing_phone", "on")]),
        ("same", &[("before", "same"), ("days", "2")]),
        ("any", &[("before", "any"), ("days", "9")]),
        ("hours", &[("hours", "on")]),
    ];
    for (name, fields) in rules {
        let own = [("name", name), ("then", "reject"), ("message", name)];
        house.draft(&[&own, fields].concat()).await;
    }
    house.force().await;
    let country = |code: &'static str| move |data: &mut Value| data["job"]["location"]["country"] = json!(code);
    let said = |(status, answer): (u16, Value)| match status {
        422 => answer["message"].as_str().unwrap_or_default().to_owned(),
        _ => format!("{status}"),
    };
    assert_eq!(said(house.send("o-0", |_| {}).await), "200", "none fits");
    assert_eq!(said(house.send("o-1", country("SE")).await), "package");
    assert_eq!(said(house.send("o-2", country("DK")).await), "type");
    assert_eq!(said(house.send("o-3", country("Finland")).await), "ats");
    let location = json!({"raw": "München, Bayern, Germany"});
    let munich = house.send("o-4", |data| data["job"]["location"] = location).await;
    assert_eq!(said(munich), "region");
    assert_eq!(
        said(house.send("o-5", |data| data["job"]["job_code"] = json!("INT-9")).await),
        "code"
    );
    let words = "<p>As a <b>Working&nbsp;Student</b> …</p>";
    assert_eq!(
        said(
            house
                .send("o-6", |data| data["job"]["description"] = json!(words))
                .await
        ),
        "words"
    );
    assert_eq!(
        said(house.send("o-7", |data| data["candidate"]["phone"] = json!(" ")).await),
        "missing"
    );
    // The same candidate, whatever the capitals: rejected orders do not count, taken ones do.
    assert_eq!(
        said(house.send_of("o-8", "Li@Example.com", country("SE")).await),
        "package"
    );
    assert_eq!(said(house.send_of("o-9", "li@example.com", |_| {}).await), "200");
    assert_eq!(said(house.send_of("o-10", "LI@example.com", |_| {}).await), "same");
    house.t.advance(Duration::from_hours(3 * 24));
    assert_eq!(said(house.send_of("o-11", "li@example.com", |_| {}).await), "any");
    house.t.advance(Duration::from_hours(4 * 24));
    assert_eq!(
        said(house.send("o-12", |_| {}).await),
        "200",
        "a Tuesday, ten o'clock in Oslo"
    );
    house.t.advance(Duration::from_hours(7));
    assert_eq!(said(house.send("o-13", |_| {}).await), "hours", "five o'clock in Oslo");
});

crate::both!(a_rule_accepts_or_has_a_person_asked_before_the_settings, |t| {
    let mut house = House::with(t, |row| row.take_orders = TakeOrders::Later).await;
    let seconds = [
        ("hold_seconds", "5"),
        ("hold_else", "reject"),
        ("hold_message", "Too late."),
    ];
    let ask = [("name", "Ask"), ("job_codes", "ask*"), ("then", "hold")];
    house.draft(&[&seconds[..], &ask].concat()).await;
    house
        .draft(&[("name", "Take"), ("countries", "NO"), ("then", "accept")])
        .await;
    house.force().await;
    let code = |data: &mut Value| data["job"]["job_code"] = json!("ASK-1");
    assert_eq!(house.send("o-1", |_| {}).await.0, 200);
    let row = house.order("o-1").await;
    assert_eq!((row.stage, row.rule_number), (Stage::Accepted, Some(2)));
    // Nobody is there any more: the rule's own choice, at once.
    house.t.advance(Duration::from_secs(31));
    let (status, answer) = house.send("o-2", code).await;
    assert_eq!((status, &answer["message"]), (422, &json!("Too late.")));
    let why = house.order("o-2").await.decision_why.unwrap();
    assert_eq!(
        why,
        "No desk was open at which somebody could have decided, so the rule did."
    );
    // Of a candidate who waits nobody is asked.
    let mut inline = event("o-3", "o-3@example.com", code);
    inline["type"] = json!("inline-assessment:order-received");
    assert_eq!(send(&house.intake, &inline).await.0, 200);
    let row = house.order("o-3").await;
    assert_eq!((row.stage, row.rule_name.as_deref()), (Stage::Accepted, Some("Ask")));
    assert!(
        row.decision_why
            .unwrap()
            .starts_with("A rule would have had a person asked")
    );
    // Somebody is there: it is held for the rule's seconds, then the rule's choice.
    let person = house.t.add_staff(Role::Operator, true).await;
    let desk = Viewer::staff(person, Role::Operator, true);
    house.t.app.presence.seen(&desk, house.t.app.clock.now());
    let (intake, held) = (house.intake.clone(), event("o-4", "o-4@example.com", code));
    let sent = tokio::spawn(async move { send(&intake, &held).await });
    while house.t.app.holds.count() == 0 {
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let row = house.order("o-4").await;
    let held = row.hold_until.unwrap().since(row.received_at);
    assert!(
        held <= Duration::from_secs(5) && held > Duration::from_secs(3),
        "{held:?}"
    );
    let page = house.manager.get(&format!("/orders/{}", row.id)).await;
    assert!(page.text.contains("had a person asked"), "{}", page.text);
    house.t.advance(Duration::from_secs(5));
    let (status, answer) = sent.await.unwrap();
    assert_eq!((status, &answer["message"]), (422, &json!("Too late.")));
    let row = house.order("o-4").await;
    assert_eq!(
        row.decision_why.as_deref(),
        Some("Nobody decided while the ATS waited, so the rule did.")
    );
});

crate::both!(many_webhooks_at_once_know_of_each_other, |t| {
    let mut house = House::with(t, |row| row.credits = Some(3)).await;
    let twice = [
        ("name", "Twice"),
        ("before", "same"),
        ("then", "reject"),
        ("message", "Twice."),
    ];
    house.draft(&twice).await;
    let none = [
        ("name", "None left"),
        ("credits", "on"),
        ("then", "reject"),
        ("message", "None left."),
    ];
    house.draft(&none).await;
    house.force().await;
    let pairs = (0..4).map(|number| event(&format!("p-{number}"), "li@example.com", |_| {}));
    let pairs = pairs.collect::<Vec<_>>();
    let answers = join_all(pairs.iter().map(|event| send(&house.intake, event))).await;
    assert_eq!(
        answers.iter().filter(|(status, _)| *status == 200).count(),
        1,
        "{answers:?}"
    );
    assert!(
        answers
            .iter()
            .filter(|(status, _)| *status == 422)
            .all(|(_, body)| body["message"] == "Twice.")
    );
    assert_eq!(house.left().await, Some(2));
    let many = (0..10).map(|number| event(&format!("m-{number}"), &format!("m-{number}@example.com"), |_| {}));
    let many = many.collect::<Vec<_>>();
    let answers = join_all(many.iter().map(|event| send(&house.intake, event))).await;
    let taken = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!((taken, house.left().await), (2, Some(0)));
    // The same webhooks again: the stored answers, and nothing is taken twice.
    let again = join_all(many.iter().map(|event| send(&house.intake, event))).await;
    assert_eq!(again, answers);
    assert_eq!(house.left().await, Some(0));
});

crate::both!(
    a_person_who_accepts_takes_an_order_left_and_at_zero_only_rules_say_no,
    |t| {
        let mut house = House::with(t, |row| {
            row.credits = Some(1);
            row.take_orders = TakeOrders::Later;
        })
        .await;
        for id in ["o-1", "o-2"] {
            assert_eq!(house.send(id, |_| {}).await.0, 200);
            assert!(house.left().await > Some(0) || id == "o-2", "who only waits takes none");
            let row = house.order(id).await;
            let form = [("version", row.version.to_string())];
            let form = form
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect::<Vec<_>>();
            let answer = house.manager.post(&format!("/orders/{}/accept", row.id), &form).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
            assert_eq!(house.order(id).await.stage, Stage::Accepted);
            assert_eq!(house.left().await, Some(0));
        }
    }
);

crate::both!(rules_leave_what_nobody_knows_to_the_settings, |t| {
    let mut house = House::new(t).await;
    let no = [
        ("name", "Sweden"),
        ("countries", "SE"),
        ("then", "reject"),
        ("message", "No."),
    ];
    house.draft(&no).await;
    house.draft(&[("name", "All"), ("then", "accept")]).await;
    house.force().await;
    let unknown = |data: &mut Value| data["package_id"] = json!("never-heard-of");
    assert_eq!(house.send("o-1", unknown).await.0, 200);
    let row = house.order("o-1").await;
    assert_eq!(
        (row.stage, row.unknown_package, row.rule_set_id),
        (Stage::Received, true, None)
    );
    let sweden = |data: &mut Value| {
        unknown(data);
        data["job"]["location"]["country"] = json!("SE");
    };
    assert_eq!(house.send("o-2", sweden).await.0, 422, "whatever was meant");
    let elsewhere = |data: &mut Value| data["integration_id"] = json!("lever:nobody");
    assert_eq!(
        house.send("o-3", elsewhere).await.0,
        200,
        "of an integration that is nobody's"
    );
});

/// The order reaches us by Kombo's list, or by a webhook whose answer never left.
async fn found(house: &House, id: &str, source: Source) -> OrderRow {
    let told = event(id, &format!("{id}@example.com"), |_| {});
    let told: wire::Order = serde_json::from_value(told["data"].clone()).unwrap();
    let mut work = house.t.app.begin_system().await.unwrap();
    receive_order::receive_order(&mut work, &told, INTEGRATION, false, source, None)
        .await
        .unwrap();
    work.commit().await.unwrap();
    house.order(id).await
}

crate::both!(an_order_that_is_decided_late_is_decided_by_the_rules_of_then, |t| {
    let mut house = House::with(t, |row| row.take_orders = TakeOrders::Later).await;
    let waiting = found(&house, "o-1", Source::Webhook).await;
    assert_eq!(waiting.rule_set_id, None);
    let no = [
        ("name", "No"),
        ("words", "data engineer"),
        ("then", "reject"),
        ("message", "Sorry, no."),
    ];
    house.rule(&no).await;
    // Its answer never left, so its repeat is decided afresh.
    assert_eq!(house.send("o-1", |_| {}).await.0, 422);
    let row = house.order("o-1").await;
    assert_eq!((row.stage, row.rule_name.as_deref()), (Stage::Rejected, Some("No")));
    // Found in the list: no webhook waits, so the rejection is only proposed.
    let listed = found(&house, "o-2", Source::List).await;
    house.t.advance(Duration::from_mins(2));
    let mut work = house.t.app.begin_system().await.unwrap();
    let row = receive_order::end_undecided(&mut work, listed).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!((row.stage, row.decision), (Stage::Received, None));
    assert_eq!(row.reason_text.as_deref(), Some("Sorry, no."));
    let page = house.manager.get(&format!("/orders/{}", row.id)).await;
    assert!(
        page.text.contains("A rule would have rejected this order."),
        "{}",
        page.text
    );
});

crate::both!(rules_for_all_come_behind_a_customers_own, |t| {
    let mut house = House::new(t).await;
    let all = [("name", "House"), ("then", "reject"), ("message", "Of the house.")];
    add(&mut house.manager, "/rules", &all).await;
    force(&mut house.manager, "/rules").await;
    assert_eq!(house.send("o-1", |_| {}).await.1["message"], "Of the house.");
    let page = house
        .manager
        .get(&format!("/orders/{}", house.order("o-1").await.id))
        .await;
    assert!(
        page.text.contains("version 1 of the rules for all customers"),
        "{}",
        page.text
    );
    house
        .rule(&[("name", "Own"), ("job_codes", "de-7"), ("then", "accept")])
        .await;
    assert_eq!(house.send("o-2", |_| {}).await.0, 200);
    let other = house.send("o-3", |data| data["job"]["job_code"] = json!("X")).await;
    assert_eq!(other.1["message"], "Of the house.");
    let base = house.base.clone();
    let page = house.manager.get(&base).await;
    assert!(page.text.contains("Then 1 rule for all customers"), "{}", page.text);
});

crate::both!(managers_change_rules_and_viewers_see_them, |t| {
    let mut house = House::new(t).await;
    house.rule(&[("name", "All"), ("then", "accept")]).await;
    let base = house.base.clone();
    let rule = listed(&mut house.manager, &base).await.remove(0);
    let mut viewer = house.t.sign_in_as(Role::Viewer).await;
    for path in [&base, &rule, &format!("{base}/versions/1"), &"/rules".to_owned()] {
        let page = viewer.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        assert_eq!(texts(&page, "main form button").len(), 0, "{path}");
    }
    for path in [
        "/new",
        "/force",
        "/discard",
        "/versions/1/restore",
        "/dry-run",
        "/dry-run/stop",
    ] {
        let answer = viewer.post(&format!("{base}{path}"), &[("version", "0")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let mut limited = house.t.sign_in_limited(Role::Manager, &[house.customer.id]).await;
    add(&mut limited, &base, &[("name", "Mine"), ("then", "accept")]).await;
    let refused = try_add(&mut limited, "/rules", &[("name", "All"), ("then", "accept")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("managers who see all customers"),
        "{}",
        refused.text
    );
    let mut stranger = house.t.sign_in_limited(Role::Manager, &[]).await;
    assert_eq!(stranger.get(&base).await.status, StatusCode::NOT_FOUND);
    let answer = stranger
        .post(
            &format!("{base}/new"),
            &[("version", "1"), ("name", "x"), ("then", "accept")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let gone = house.manager.get(&format!("{base}/versions/9")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
});

crate::both!(a_refused_rule_keeps_what_was_typed, |t| {
    let mut house = House::new(t).await;
    let base = house.base.clone();
    let bad = [
        ("name", ""),
        ("packages", "typescript-senior\r\nnothing-like-it"),
        ("before", "same"),
        ("days", "many"),
        ("then", "reject"),
        ("message", " "),
    ];
    let answer = try_add(&mut house.manager, &base, &bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("nothing-like-it"));
    let bad = bad.map(|(name, value)| if name == "days" { (name, "0") } else { (name, value) });
    let answer = try_add(&mut house.manager, &base, &bad[1..]).await;
    let errors = texts(&answer, ".field .error");
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert!(
        answer.text.contains("no package with the key ‘nothing-like-it’"),
        "{errors:?}"
    );
});

crate::both!(who_is_overtaken_is_told_and_loses_nothing, |t| {
    let mut house = House::new(t).await;
    house.draft(&[("name", "All"), ("then", "accept")]).await;
    let base = house.base.clone();
    let rule = listed(&mut house.manager, &base).await.remove(0);
    let seen = version(&mut house.manager, &base).await;
    let mine = [
        ("version", seen.as_str()),
        ("name", "Mine"),
        ("countries", "SE"),
        ("then", "accept"),
    ];
    let theirs = [
        ("version", seen.as_str()),
        ("name", "Theirs"),
        ("countries", "NO"),
        ("then", "accept"),
    ];
    assert_eq!(house.manager.post(&rule, &theirs).await.status, StatusCode::SEE_OTHER);
    let late = house.manager.post(&rule, &mine).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text.contains("Theirs") && late.text.contains("value=\"Mine\""),
        "{}",
        late.text
    );
    let now = values(&late, "main input[name=version]").remove(0);
    let again = [&[("version", now.as_str())], &mine[1..]].concat();
    assert_eq!(house.manager.post(&rule, &again).await.status, StatusCode::SEE_OTHER);
    for (path, more) in [("/force", ("note", "x")), ("/discard", ("x", "x"))] {
        let answer = house
            .manager
            .post(&format!("{base}{path}"), &[("version", seen.as_str()), more])
            .await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}");
    }
    let late = house
        .manager
        .post(&format!("{rule}/remove"), &[("version", seen.as_str())])
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(
        listed(&mut house.manager, &base).await,
        [rule.as_str()],
        "it is still there"
    );
});

crate::both!(a_draft_is_ordered_thrown_away_and_brought_back, |t| {
    let mut house = House::new(t).await;
    let base = house.base.clone();
    for name in ["First", "Second"] {
        house.draft(&[("name", name), ("then", "accept")]).await;
    }
    let empty = version(&mut house.manager, &base).await;
    let no_note = house
        .manager
        .post(&format!("{base}/force"), &[("version", &empty), ("note", " ")])
        .await;
    assert_eq!(no_note.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.force().await;
    let rules = listed(&mut house.manager, &base).await;
    let names = |page: &Answer| texts(page, "ol.rules li[id] b a");
    let moved = [("version", "0"), ("to", "up")];
    let answer = house.manager.post(&format!("{}/move", rules[1]), &moved).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = house.manager.get(&base).await;
    assert_eq!(names(&page), ["Second", "First"]);
    assert!(page.text.contains("Not in force yet: another order"), "{}", page.text);
    let seen = version(&mut house.manager, &base).await;
    house
        .manager
        .post(&format!("{}/remove", rules[0]), &[("version", &seen)])
        .await;
    house.force().await;
    let page = house.manager.get(&base).await;
    assert_eq!(names(&page), ["Second"]);
    house.draft(&[("name", "Third"), ("then", "accept")]).await;
    let seen = version(&mut house.manager, &base).await;
    house
        .manager
        .post(&format!("{base}/discard"), &[("version", &seen)])
        .await;
    assert_eq!(names(&house.manager.get(&base).await), ["Second"], "what is in force");
    // Version 1 comes back as version 3.
    let answer = house
        .manager
        .post(&format!("{base}/versions/1/restore"), &[("version", "0")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = house.manager.get(&base).await;
    assert_eq!(names(&page), ["First", "Second"]);
    assert!(page.text.contains("Brings back version 1."), "{}", page.text);
    house.force().await;
    let page = house.manager.get(&format!("{base}/versions/3")).await;
    assert!(page.text.contains("Brings back"), "{}", page.text);
    assert_eq!(texts(&page, "ol.rules b").len(), 4, "two names, two outcomes");
});

crate::both!(orders_left_and_hours_are_set_in_the_customers_form, |t| {
    let mut house = House::with(t, |row| row.credits = Some(5)).await;
    let path = format!("/customers/{}", house.customer.id);
    let form = [
        ("version", "1"),
        ("name", "Halden Logistics"),
        ("contact_email", "ats@halden.example"),
        ("take_orders", "accept"),
        ("unknown_package", "take"),
        ("withdrawn_package", "serve"),
        ("candidate_language", "en"),
        ("due_hours", "72"),
    ];
    let bad = [
        ("time_zone", "Mars"),
        ("mon_from", "17:00"),
        ("mon_to", "09:00"),
        ("credits", "-1"),
    ];
    let answer = house.manager.post(&path, &[&form[..], &bad].concat()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let errors = texts(&answer, ".field .error");
    assert!(
        errors.contains(&"The end must be later than the beginning.".to_owned()),
        "{errors:?}"
    );
    let bad = [("time_zone", "Mars"), ("credits", "-1")];
    let answer = house.manager.post(&path, &[&form[..], &bad].concat()).await;
    assert_eq!(texts(&answer, ".field .error").len(), 2);
    // The form showed 5; an order takes one before it is saved with 15.
    assert_eq!(house.send("o-1", |_| {}).await.0, 200);
    assert_eq!(house.left().await, Some(4));
    let good = [
        ("time_zone", "Europe/Oslo"),
        ("tue_from", "08:00"),
        ("tue_to", "16:30"),
        ("credits_seen", "5"),
        ("credits", "15"),
    ];
    let answer = house.manager.post(&path, &[&form[..], &good].concat()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(house.left().await, Some(14));
    let mut conn = house.t.app.read().await.unwrap();
    let row = customers::find(&mut conn, &Viewer::system(), house.customer.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.time_zone.as_str(), row.business_hours.as_deref()),
        ("Europe/Oslo", Some("- 08:00-16:30 - - - - -"))
    );
    let form = [
        &[("version", "2")],
        &form[1..],
        &[("time_zone", "Europe/Oslo"), ("credits_seen", "14")],
    ]
    .concat();
    assert_eq!(house.manager.post(&path, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.left().await, None, "they are not counted any more");
});

/// As many orders as a house has that has been there for a while, the first one `days` ago.
async fn past(house: &House, count: u64, days: u64) {
    let one = found(house, "seed", Source::Webhook).await;
    let begin = house.t.app.clock.now().minus(Duration::from_hours(days * 24));
    let mut work = house.t.app.begin_system().await.unwrap();
    let numbers = (0..count).collect::<Vec<_>>();
    for some in numbers.chunks(100) {
        let rows = some.iter().map(|number| OrderRow {
            id: work.new_id(),
            kombo_id: format!("past-{number}"),
            received_at: begin.plus(Duration::from_mins(*number)),
            job_country: Some(if number % 4 == 0 { "SE" } else { "NO" }.to_owned()),
            ..one.clone()
        });
        let rows = rows.collect::<Vec<_>>();
        let people = rows.iter().map(|row| Candidate {
            order_id: row.id,
            customer_id: row.customer_id,
            first_name: None,
            last_name: None,
            email: format!("{}@example.com", row.kombo_id),
            phone: None,
        });
        let people = people.collect::<Vec<_>>();
        orders::insert_many(&mut work.conn, &rows.iter().collect::<Vec<_>>())
            .await
            .unwrap();
        let mut writes = Writes::new(&work.conn, rows.len());
        candidates::push_many(&mut writes, &people.iter().collect::<Vec<_>>());
        let counted = rows.iter().map(|row| (row.customer_id, row.stage, 1));
        orders::push_counts(&mut writes, counted);
        writes.run(&mut work.conn).await.unwrap();
    }
    work.commit().await.unwrap();
}

crate::both!(a_dry_run_tells_what_the_draft_would_have_done, |t| {
    let mut house = House::new(t).await;
    past(&house, 1_199, 80).await;
    past_is_forgotten(&house).await;
    house
        .draft(&[
            ("name", "Sweden"),
            ("countries", "SE"),
            ("then", "reject"),
            ("message", "No."),
        ])
        .await;
    let page = house.manager.get(&format!("{}/dry-run", house.base)).await;
    assert!(page.text.contains("No dry run yet"), "{}", page.text);
    let turn = house.t.app.dry_runs.turn.clone().acquire_owned().await.unwrap();
    let begun = house.manager.post(&format!("{}/dry-run", house.base), &[]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    let page = house.manager.get(begun.location()).await;
    assert!(
        page.text.contains("waits for its turn") && page.text.contains("hx-trigger=\"every 1s\""),
        "{}",
        page.text
    );
    drop(turn);
    ended(&house).await;
    let page = house.manager.get(begun.location()).await;
    assert!(
        page.text.contains("1200 orders") && !page.text.contains("hx-trigger=\"every"),
        "{}",
        page.text
    );
    assert_eq!(texts(&page, "#differ-title"), ["300 orders would fare otherwise"]);
    let counts = texts(&page, ".split table tbody :is(td, th)").join(" ");
    assert_eq!(
        counts,
        "Accepted at once 1200 900 Rejected at once 0 300 Left to a person 0 0 1. Sweden 300 \
         Rules for all customers 0 The customer’s settings 900"
    );
    let rows = texts(&page, "section[aria-labelledby=differ-title] tbody tr");
    assert_eq!(rows.len(), 50);
    assert!(
        rows[0].contains("Accepted at onceRejected at once1. Sweden"),
        "{rows:?}"
    );
    let last = house.manager.get(&format!("{}/dry-run?from=250", house.base)).await;
    assert!(
        last.text.contains("251 to 300") && !last.text.contains("rel=\"next\""),
        "{}",
        last.text
    );
    assert_eq!(
        house.order("past-0").await.decision,
        Some(Decision::Accept),
        "nothing was changed"
    );
    house.draft(&[("name", "More"), ("then", "accept")]).await;
    let page = house.manager.get(begun.location()).await;
    assert!(page.text.contains("The rules were changed since."), "{}", page.text);
    let mut other = house.t.sign_in_as(Role::Manager).await;
    let page = other.get(begun.location()).await;
    assert!(page.text.contains("No dry run yet"), "each person has their own");
});

/// Looks at nothing older than what a dry run looks at: one more order, too old.
async fn past_is_forgotten(house: &House) {
    let old = found(house, "old", Source::Webhook).await;
    house
        .t
        .say(&format!(
            "UPDATE orders SET received_at = '2026-08-01T00:00:00.000000Z' WHERE kombo_id = '{}'",
            old.kombo_id
        ))
        .await;
}

/// The manager's dry run comes to its end.
async fn ended(house: &House) -> Ended {
    let mut conn = house.t.app.read().await.unwrap();
    let people = assessdesk::store::staff::list(&mut conn).await.unwrap();
    drop(conn);
    let find =
        |person: &assessdesk::store::staff::Member| house.t.app.dry_runs.find(person.id, Some(house.customer.id));
    let run = people.iter().find_map(find).expect("a dry run");
    let mut progress = run.progress();
    let progress = progress.wait_for(|progress| progress.ended.is_some()).await.unwrap();
    progress.ended.expect("an end")
}

crate::both!(a_dry_run_is_stopped_where_it_is, |t| {
    let mut house = House::new(t).await;
    past(&house, 1_500, 80).await;
    house
        .draft(&[("name", "All"), ("then", "reject"), ("message", "No.")])
        .await;
    let turns = house.t.app.dry_runs.turn.clone();
    let turn = turns.clone().acquire_owned().await.unwrap();
    let begun = house.manager.post(&format!("{}/dry-run", house.base), &[]).await;
    // It stands in line for its first batch; whoever comes behind it has their turn before its second.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    drop(turn);
    let turn = turns.acquire_owned().await.unwrap();
    let page = house.manager.get(begun.location()).await;
    assert!(page.text.contains(&format!("<b>{AT_ONCE} orders</b>")), "{}", page.text);
    assert!(texts(&page, "main button").contains(&"Stop".to_owned()));
    let stopped = house.manager.post(&format!("{}/dry-run/stop", house.base), &[]).await;
    assert_eq!(stopped.status, StatusCode::SEE_OTHER);
    drop(turn);
    assert_eq!(ended(&house).await, Ended::Stopped);
    let page = house.manager.get(begun.location()).await;
    assert!(
        page.text.contains(&format!("<b>{AT_ONCE} orders</b> · stopped")),
        "{}",
        page.text
    );
    assert_eq!(
        texts(&page, "#differ-title"),
        [format!("{AT_ONCE} orders would fare otherwise")]
    );
});

crate::both!(no_rule_tells_the_audit_trail_who_a_candidate_is, |t| {
    let mut house = House::new(t).await;
    let twice = [
        ("name", "Twice"),
        ("before", "any"),
        ("then", "reject"),
        ("message", "Twice."),
    ];
    house.rule(&twice).await;
    house.send_of("o-1", "mira.secret@example.com", |_| {}).await;
    assert_eq!(house.send_of("o-2", "mira.secret@example.com", |_| {}).await.0, 422);
    let id: OrderId = house.order("o-2").await.id;
    let row = now(&house.t, id).await;
    assert_eq!(row.rule_name.as_deref(), Some("Twice"));
    let mut admin = house.t.sign_in_as(Role::Admin).await;
    let page = admin.get("/audit").await;
    assert!(page.text.contains("put rules in force"), "{}", page.text);
    assert!(!page.text.contains("mira.secret"));
});
