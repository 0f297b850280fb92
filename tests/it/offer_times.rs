//! Packages that are offered for a time, and offers that are published later: what happens by itself, and what waits for
//! somebody to look.

use crate::rollouts::{change_offer, connected, held, package, picks, publish_all, publish_with_reason, values};
use crate::support::fixtures::PACKAGE;
use crate::support::practice::Practice;
use crate::support::{Answer, Client, TestApp, texts};
use assessdesk::app::timetable::keep_up;
use assessdesk::domain::ids::IntegrationId;
use assessdesk::domain::order::Source;
use assessdesk::domain::role::Role;
use axum::http::StatusCode;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// A manager at an integration that offers two packages of the catalogue, both published.
struct Desk {
    p: Practice,
    client: Client,
    id: IntegrationId,
    packages: Vec<String>,
}

impl Desk {
    async fn new(t: TestApp) -> Self {
        let p = Practice::new(t).await;
        let mut client = p.t.sign_in_as(Role::Manager).await;
        let id = connected(&p, "Ada", "lever:Ada").await;
        let mut packages = Vec::new();
        for (key, name) in [("a", "Apple"), ("b", "Bread"), ("c", "Cheese")] {
            packages.push(package(&mut client, key, name).await);
        }
        change_offer(&mut client, id, "add", &packages[0]).await;
        change_offer(&mut client, id, "add", &packages[2]).await;
        let mut desk = Self {
            p,
            client,
            id,
            packages,
        };
        publish_all(&desk.p, &mut desk.client).await;
        desk
    }

    /// A manager at the integration with an order, before anything is in its draft.
    async fn bare(t: TestApp) -> Self {
        let p = Practice::new(t).await;
        let client = p.t.sign_in_as(Role::Manager).await;
        let id = p.customer.integration;
        let packages = Vec::new();
        Self {
            p,
            client,
            id,
            packages,
        }
    }

    fn address(&self) -> String {
        format!("/integrations/{}", self.id)
    }

    /// The day that comes so many days from now.
    fn day(&self, days: u32) -> String {
        let at = self.p.t.app.clock.now().plus(DAY * days);
        at.to_fixed()[..10].to_owned()
    }

    /// Sets the first and the last day of a package, and how it is called here.
    async fn time(&mut self, package: usize, from: &str, until: &str, name: &str) -> Answer {
        let version = values(&self.client.get(&self.address()).await, "input[name=version]").remove(0);
        let package = self.packages[package].trim_start_matches("/packages/").to_owned();
        let form = [
            ("do", "describe"),
            ("version", version.as_str()),
            ("package", package.as_str()),
            ("name", name),
            ("from", from),
            ("until", until),
        ];
        let address = format!("{}/offer", self.address());
        self.client.post(&address, &form).await
    }

    /// Time passes, and what is due is done; says how many publications came of it.
    async fn after(&mut self, days: u32) -> usize {
        self.p.t.advance(DAY * days);
        let published = keep_up(&self.p.t.app).await.expect("kept");
        while self.p.round().await > 0 {}
        self.client = self.p.t.sign_in_as(Role::Manager).await;
        published
    }

    async fn held(&self) -> Vec<String> {
        let held = held(&self.p, "lever:Ada").await;
        held.into_iter().map(|(name, _)| name).collect()
    }

    async fn publish(&mut self, more: &[(&str, &str)]) -> Answer {
        let address = format!("{}/publish", self.address());
        let page = self.client.get(&address).await;
        let field = |name: &str| values(&page, &format!("main input[name={name}]")).remove(0);
        let (version, base) = (field("version"), field("based_on"));
        let mut form = vec![("version", version.as_str()), ("based_on", base.as_str())];
        form.extend_from_slice(more);
        self.client.post(&address, &form).await
    }
}

crate::both!(a_package_comes_and_goes_on_its_days, |t| {
    let mut desk = Desk::new(t).await;
    let bread = desk.packages[1].clone();
    change_offer(&mut desk.client, desk.id, "add", &bread).await;
    change_offer(&mut desk.client, desk.id, "up", &bread).await;
    let (from, until) = (desk.day(1), desk.day(2));
    let answer = desk.time(1, &from, &until, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let address = desk.address();
    let page = desk.client.get(&address).await;
    assert!(page.text.contains("comes by itself on its first day"), "{}", page.text);
    assert!(
        picks(&mut desk.client).await.is_empty(),
        "there is nothing to publish yet"
    );
    // Something else waits in the draft, and goes on waiting.
    desk.time(0, "", "", "Apple pie").await;
    assert_eq!(desk.after(0).await, 0);
    assert_eq!(desk.after(1).await, 1);
    assert_eq!(desk.held().await, ["Apple", "Bread", "Cheese"]);
    assert_eq!(desk.after(1).await, 0, "its last day counts");
    assert_eq!(desk.after(1).await, 1);
    assert_eq!(desk.held().await, ["Apple", "Cheese"]);
    let page = desk.client.get(&address).await;
    assert!(page.text.contains("its time is over"), "{}", page.text);
    assert_eq!(picks(&mut desk.client).await.len(), 1, "the other change");
    let history = texts(&page, "aside .rows b");
    assert_eq!(history.len(), 3, "{history:?}");
    assert_eq!(desk.after(30).await, 0);
});

crate::both!(what_has_open_orders_waits_until_they_are_over, |t| {
    let mut desk = Desk::bare(t).await;
    let id = desk.id;
    let list = desk.client.get("/packages").await;
    let address = texts_of_links(&list).remove(0);
    let other = package(&mut desk.client, "z", "Zebra").await;
    desk.packages = vec![address, other];
    for package in desk.packages.clone() {
        change_offer(&mut desk.client, id, "add", &package).await;
    }
    publish_with_reason(&desk.p, &mut desk.client, id).await;
    let today = desk.day(0);
    let answer = desk.time(0, "", &today, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(desk.after(1).await, 0, "o-1 is open");
    let page = desk.client.get("/").await;
    assert!(
        page.text.contains("orders for it are open, so the ATS offers it on"),
        "{}",
        page.text
    );
    assert_eq!(picks(&mut desk.client).await.len(), 1, "somebody can look and publish");
    desk.p.cancel("o-1").await;
    desk.p.delay_passes();
    while desk.p.round().await > 0 {}
    assert_eq!(desk.after(1).await, 1, "nobody has to look any more");
    assert!(picks(&mut desk.client).await.is_empty());
    assert!(!desk.client.get("/").await.text.contains("the ATS offers it on"));
});

fn texts_of_links(page: &Answer) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.text);
    let link = scraper::Selector::parse("tbody a").expect("a selector");
    let links = html.select(&link).filter_map(|it| it.value().attr("href"));
    links.map(str::to_owned).collect()
}

crate::both!(days_that_make_no_sense_are_told_at_their_field, |t| {
    let mut desk = Desk::new(t).await;
    let (today, tomorrow) = (desk.day(0), desk.day(1));
    for (from, until, field) in [
        (tomorrow.as_str(), today.as_str(), "until"),
        ("soon", "", "from"),
        ("", "2026-02-30", "until"),
        ("", "2001-01-01", "until"),
    ] {
        let answer = desk.time(0, from, until, "Pomme").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{from} {until}");
        assert_eq!(texts(&answer, &format!("#{field}-error")).len(), 1, "{}", answer.text);
        assert_eq!(values(&answer, "input[name=name]"), ["Pomme"], "what was typed stays");
        assert_eq!(values(&answer, "input[name=until]"), [until]);
    }
    let answer = desk.time(0, &today, &today, "Pomme").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let package = desk.packages[0].trim_start_matches("/packages/");
    let page = desk.client.get(&format!("{}/offer/{package}", desk.address())).await;
    assert_eq!(values(&page, "input[name=until]"), [today]);
});

crate::both!(an_offer_is_published_at_its_time_just_as_it_was_seen, |t| {
    let mut desk = Desk::new(t).await;
    let bread = desk.packages[1].clone();
    change_offer(&mut desk.client, desk.id, "add", &bread).await;
    let due = format!("{}T09:00", desk.day(2));
    let late = desk.publish(&[("do", "later"), ("due", "2001-01-01T09:00")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        texts(&late, "#due-error"),
        ["That moment is over. Choose a later one, or publish now."]
    );
    assert_eq!(values(&late, "input[name=due]"), ["2001-01-01T09:00"]);
    let at_once = desk.publish(&[("due", &due)]).await;
    assert_eq!(
        at_once.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the Enter key in the field of the time"
    );
    assert!(
        texts(&at_once, "#due-error")[0].contains("You gave a time"),
        "{}",
        at_once.text
    );
    let answer = desk.publish(&[("do", "later"), ("due", &due)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let address = desk.address();
    let page = desk.client.get(&address).await;
    assert!(page.text.contains("To be published"), "{}", page.text);
    let page = desk.client.get(&format!("{address}/publish")).await;
    let told = texts(&page, ".notice.soft p");
    assert!(
        told.iter()
            .any(|text| text.starts_with("It is to be published by itself")),
        "{told:?}"
    );
    assert_eq!(desk.after(1).await, 0);
    assert_eq!(desk.held().await, ["Apple", "Cheese"]);
    assert_eq!(desk.after(2).await, 1);
    assert_eq!(desk.held().await, ["Apple", "Cheese", "Bread"]);
    let page = desk.client.get(&address).await;
    assert!(!page.text.contains("To be published"), "{}", page.text);
});

crate::both!(an_offer_that_changed_is_not_published_and_somebody_is_told, |t| {
    let mut desk = Desk::new(t).await;
    let bread = desk.packages[1].clone();
    change_offer(&mut desk.client, desk.id, "add", &bread).await;
    let due = format!("{}T09:00", desk.day(1));
    desk.publish(&[("do", "later"), ("due", &due)]).await;
    change_offer(&mut desk.client, desk.id, "up", &bread).await;
    let address = desk.address();
    let page = desk.client.get(&address).await;
    assert!(page.text.contains("so it will not be published then"), "{}", page.text);
    for elsewhere in [format!("{address}/publish"), "/publish".to_owned()] {
        let page = desk.client.get(&elsewhere).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("to be published"), "{elsewhere}: {}", page.text);
    }
    assert_eq!(desk.after(2).await, 0);
    assert_eq!(desk.held().await, ["Apple", "Cheese"]);
    assert!(
        desk.client
            .get("/")
            .await
            .text
            .contains("was to be published at a set time, and was not")
    );
    let page = desk.client.get(&address).await;
    assert!(
        page.text.contains("was changed or published after somebody had looked"),
        "{}",
        page.text
    );
    assert_eq!(desk.after(1).await, 0, "it is not tried again and again");
    let off = desk.client.post(&format!("{address}/publish/later/off"), &[]).await;
    assert_eq!(off.status, StatusCode::SEE_OTHER);
    assert!(!desk.client.get("/").await.text.contains("at a set time"));
});

crate::both!(what_goes_later_waits_where_orders_came_meanwhile, |t| {
    let mut desk = Desk::bare(t).await;
    let id = desk.id;
    let other = package(&mut desk.client, "z", "Zebra").await;
    change_offer(&mut desk.client, id, "add", &other).await;
    let due = format!("{}T09:00", desk.day(1));
    // The draft does not have what was published from elsewhere: it goes.
    let removal = [("do", "later"), ("due", due.as_str()), ("reason", "Contract ended")];
    let without = desk.publish(&removal[..2]).await;
    assert_eq!(texts(&without, "#reason-error").len(), 1, "{}", without.text);
    desk.publish(&removal).await;
    desk.p.t.advance(Duration::from_mins(1));
    desk.p.place("o-2").await;
    desk.p.take("o-2", Source::Webhook).await;
    assert_eq!(desk.after(2).await, 0);
    let address = desk.address();
    let page = desk.client.get(&address).await;
    assert!(
        page.text
            .contains("An order came for a package that goes, and is open."),
        "{}",
        page.text
    );
    let due = format!("{}T09:00", desk.day(1));
    let whatever = [
        ("do", "later"),
        ("due", due.as_str()),
        ("reason", "Contract ended"),
        ("whatever_orders", "on"),
    ];
    let answer = desk.publish(&whatever).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    desk.p.t.advance(Duration::from_mins(1));
    desk.p.place("o-3").await;
    desk.p.take("o-3", Source::Webhook).await;
    assert_eq!(desk.after(2).await, 1);
    let mut conn = desk.p.t.app.read().await.expect("a connection");
    let newest = assessdesk::store::publications::newest_confirmed(&mut conn, id)
        .await
        .expect("read");
    let newest = newest.expect("one");
    assert_eq!(newest.reason, "Contract ended");
    assert!(newest.created_by.is_some(), "it is theirs who chose the time");
    let lines = assessdesk::store::publications::lines(&mut conn, newest.id)
        .await
        .expect("read");
    assert!(lines.iter().all(|line| line.key != PACKAGE));
});

crate::both!(many_are_published_later_at_once, |t| {
    let mut desk = Desk::new(t).await;
    let bob = connected(&desk.p, "Bob", "lever:Bob").await;
    let bread = desk.packages[1].clone();
    for id in [desk.id, bob] {
        change_offer(&mut desk.client, id, "add", &bread).await;
    }
    let all = picks(&mut desk.client).await;
    assert_eq!(all.len(), 2);
    let form = |due| {
        [
            ("pick", all[0].as_str()),
            ("pick", all[1].as_str()),
            ("do", "later"),
            ("due", due),
        ]
    };
    let over = desk.client.post("/publish", &form("2001-01-01T09:00")).await;
    assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(texts(&over, "#due-error").len(), 1, "{}", over.text);
    let due = format!("{}T09:00", desk.day(1));
    let at_once = desk
        .client
        .post("/publish", &[("pick", all[0].as_str()), ("due", due.as_str())])
        .await;
    assert!(
        texts(&at_once, "#due-error")[0].contains("You gave a time"),
        "{}",
        at_once.text
    );
    // One of them is changed after the list was shown.
    change_offer(&mut desk.client, bob, "add", &desk.packages[0].clone()).await;
    let answer = desk.client.post("/publish", &form(due.as_str())).await;
    assert_eq!(answer.location(), "/publish");
    let page = desk.client.get("/publish").await;
    assert!(
        page.text.contains("1 left out, since they were changed"),
        "{}",
        page.text
    );
    assert!(page.text.contains("to be published"), "{}", page.text);
    assert_eq!(desk.after(2).await, 1);
    assert_eq!(desk.held().await, ["Apple", "Cheese", "Bread"]);
    assert!(held(&desk.p, "lever:Bob").await.is_empty());
});
