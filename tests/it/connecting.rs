//! Connecting an ATS: links and what becomes of them, what can be done with a connection, and the proof that it works.

use crate::support::customers::input;
use crate::support::fixtures::{self, INTEGRATION};
use crate::support::practice::Practice;
use crate::support::{Answer, Client, Engine, TestApp, texts};
use assessdesk::actions::{connection_link, create_customer};
use assessdesk::domain::ids::CustomerId;
use assessdesk::domain::integration::IntegrationState;
use assessdesk::domain::role::Role;
use assessdesk::intake::{Intake, reconciler};
use assessdesk::kombo::wire::OrderStatus;
use assessdesk::outbox;
use assessdesk::store::integrations::{self, IntegrationRow};
use axum::http::StatusCode;
use scraper::{Html, Selector};
use serde_json::{Value, json};
use std::time::Duration;

fn text(answer: &Answer, selector: &str) -> String {
    texts(answer, selector).into_iter().next().unwrap_or_default()
}

/// Makes a link as a person does; gives its page's address.
async fn make(client: &mut Client, customer: CustomerId, tool: &str, how: &str) -> String {
    let form = [("tool", tool), ("language", "en"), ("how", how)];
    let answer = client.post(&format!("/customers/{customer}/links"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.location().to_owned()
}

/// The path of our own page that a link's page shows.
async fn path(client: &mut Client, link: &str) -> String {
    let page = client.get(link).await;
    let address = text(&page, "#link");
    let at = address
        .find("/connect/")
        .unwrap_or_else(|| panic!("no address: {}", page.text));
    address[at..].to_owned()
}

async fn state(client: &mut Client, link: &str) -> String {
    text(&client.get(link).await, ".top .stage, header .stage, .stage")
}

/// Kombo's webhook, through the front door.
async fn webhook(t: &TestApp, kind: &str, data: &Value) {
    let intake = Intake::start(t.app.clone());
    let event = json!({"id": format!("{kind}-{}", t.app.clock.now()), "type": kind, "data": data});
    let (status, body) = fixtures::send(&intake, &event).await;
    assert_eq!(status, 200, "{body}");
}

async fn another_customer(p: &Practice, name: &str, origin: &str) -> CustomerId {
    let mut work = p.t.app.begin_system().await.expect("a transaction");
    let row = create_customer::create(&mut work, input(name, origin))
        .await
        .expect("created");
    work.commit().await.expect("committed");
    row.id
}

async fn row(p: &Practice) -> IntegrationRow {
    let mut conn = p.t.app.read().await.expect("a connection");
    integrations::find_by_kombo_id(&mut conn, INTEGRATION)
        .await
        .expect("read")
        .expect("there")
}

fn created(origin: &str, id: &str, tool: &str) -> Value {
    let end_user = json!({"organization_name": "Northwind Bank", "creator_email": null, "origin_id": origin});
    json!({"id": id, "tool": tool, "category": "ASSESSMENT", "end_user": end_user})
}

crate::both!(a_link_tells_what_became_of_it, |t| {
    let p = Practice::new(t).await;
    let customer = another_customer(&p, "Northwind Bank", "nw").await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let link = make(&mut client, customer, "Lever", "mail").await;
    assert_eq!(state(&mut client, &link).await, "Not opened yet");

    let path = path(&mut client, &link).await;
    let mut stranger = p.t.client();
    for _ in 0..2 {
        let page = stranger.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(text(&page, "h1"), "Connect Lever");
        assert!(page.text.contains("Northwind Bank"));
    }
    assert_eq!(
        state(&mut client, &link).await,
        "Not opened yet",
        "looking changes nothing"
    );

    let gone = stranger.post(&path, &[]).await;
    assert_eq!(gone.status, StatusCode::OK);
    assert!(
        gone.header("refresh").contains("/ats/connect/"),
        "{}",
        gone.header("refresh")
    );
    assert_eq!(state(&mut client, &link).await, "Opened");

    let failed = json!({
        "integration_tool": "lever", "integration_category": "ASSESSMENT", "log_url": "https://app.kombo.example/logs/1",
        "end_user": {"organization_name": "Northwind Bank", "creator_email": null, "origin_id": "nw"},
    });
    webhook(&p.t, "connection-flow-failed", &failed).await;
    assert_eq!(state(&mut client, &link).await, "Tried and failed");
    assert!(
        client
            .get(&link)
            .await
            .text
            .contains("https://app.kombo.example/logs/1")
    );
    assert!(
        client
            .get("/")
            .await
            .text
            .contains("tried to connect it and did not succeed")
    );

    p.t.advance(Duration::from_mins(1));
    webhook(&p.t, "integration-created", &created("nw", "lever:1", "lever")).await;
    assert_eq!(state(&mut client, &link).await, "Connected");
    assert!(
        !client.get("/").await.text.contains("did not succeed"),
        "it is over by itself"
    );
    assert_eq!(text(&stranger.get(&path).await, "h1"), "It is connected");
});

crate::both!(a_link_that_is_turned_off_or_over_leads_nowhere, |t| {
    let p = Practice::new(t).await;
    let customer = another_customer(&p, "Northwind Bank", "nw").await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let mut stranger = p.t.client();
    let first = make(&mut client, customer, "", "mail").await;
    let first_path = path(&mut client, &first).await;
    let again = client.post(&format!("{first}/again"), &[]).await;
    let second = again.location().to_owned();
    assert_ne!(second, first);
    assert_eq!(state(&mut client, &first).await, "Turned off");
    assert_eq!(stranger.post(&first_path, &[]).await.status, StatusCode::GONE);
    assert_eq!(
        stranger
            .get("/connect/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
            .await
            .status,
        StatusCode::NOT_FOUND
    );

    let second_path = path(&mut client, &second).await;
    p.t.advance(Duration::from_hours(366 * 24));
    let mut client = p.t.sign_in_as(Role::Manager).await;
    assert_eq!(state(&mut client, &second).await, "Expired");
    let over = stranger.post(&second_path, &[]).await;
    assert_eq!(over.status, StatusCode::GONE);
    assert_eq!(over.header("refresh"), "");
    let refused = client.post(&format!("{second}/withdraw"), &[]).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    assert!(
        client
            .get(&second)
            .await
            .text
            .contains("leads nowhere any more already")
    );
});

crate::both!(a_link_that_is_turned_off_while_somebody_presses_stays_off, |t| {
    let p = Practice::new(t).await;
    let customer = another_customer(&p, "Northwind Bank", "nw").await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let link = make(&mut client, customer, "", "mail").await;
    let path = path(&mut client, &link).await;
    let token = path.rsplit('/').next().expect("a token");
    let mut conn = p.t.app.read().await.expect("a connection");
    let behind = connection_link::look(&mut conn, p.t.app.tools(), token).await;
    let behind = behind.expect("a look").expect("a link");
    drop(conn);
    client.post(&format!("{link}/withdraw"), &[]).await;
    let led = connection_link::go_on(p.t.app.tools(), p.t.app.kombo.as_ref(), &behind).await;
    assert_eq!(led.expect("an answer"), None, "it leads on no more");
    assert_eq!(state(&mut client, &link).await, "Turned off");
});

crate::both!(
    the_flow_in_our_page_makes_a_link_for_each_try_and_asks_kombo_at_once,
    |t| {
        let p = Practice::new(t).await;
        let customer = another_customer(&p, "Northwind Bank", "nw").await;
        let mut client = p.t.sign_in_as(Role::Manager).await;
        let link = make(&mut client, customer, "", "page").await;
        let path = path(&mut client, &link).await;
        let mut stranger = p.t.client();
        let opened = stranger.post(&path, &[]).await;
        assert_eq!(opened.header("refresh"), "", "it stays on our page");
        let policy = opened.header("content-security-policy");
        assert!(
            policy.contains("frame-src http://127.0.0.1:") && !policy.contains("unsafe-inline"),
            "{policy}"
        );
        let page = Html::parse_document(&opened.text);
        let go = Selector::parse("a#go").expect("a selector");
        let address = page
            .select(&go)
            .next()
            .and_then(|it| it.value().attr("href"))
            .expect("a link")
            .to_owned();
        let token = address.rsplit('/').next().expect("a token").to_owned();

        // The customer connects in Kombo's window, and the webhook does not come.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        let body = "tool=ashby&outcome=connect&framed=1";
        let form = http
            .post(&address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let connected = form.send().await.expect("an answer").text().await.expect("a page");
        assert!(
            connected.contains(&format!("data-activation-token=\"{token}\"")),
            "{connected}"
        );
        let done = stranger
            .post(&format!("{path}/done"), &[("activation_token", &token)])
            .await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        assert_eq!(text(&stranger.get(&path).await, "h1"), "It is connected");
        assert_eq!(state(&mut client, &link).await, "Connected");
        let page = client.get(&format!("/customers/{customer}")).await;
        assert!(page.text.contains("Ashby"));
    }
);

#[tokio::test]
async fn a_link_is_sent_as_a_mail_in_its_language() {
    let t = TestApp::with(Engine::Sqlite, &["--smtp-url=desk:"]).await;
    let p = Practice::new(t).await;
    let customer = another_customer(&p, "Northwind Bank", "nw").await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let form = [("tool", "greenhouse"), ("language", "de"), ("how", "mail")];
    let link = client
        .post(&format!("/customers/{customer}/links"), &form)
        .await
        .location()
        .to_owned();
    let shown = client.get(&link).await;
    assert!(shown.text.contains("Greenhouse verbinden") && shown.text.contains("people@customer.example"));
    let path = path(&mut client, &link).await;
    client.post(&format!("{link}/mail"), &[]).await;
    outbox::deliver_due(&p.t.app).await.expect("a round");
    assert!(client.get(&link).await.text.contains(": mailed"));
    let list = client.get("/mail?purpose=connection").await.text;
    let at = list.find("href=\"/mail/0").expect("a mail") + "href=\"".len();
    let mail = client.get(list[at..].split('"').next().expect("an address")).await;
    assert!(
        mail.text.contains("Guten Tag,") && mail.text.contains(&path),
        "{}",
        mail.text
    );
}

crate::both!(where_no_mail_is_set_up_a_link_can_only_be_copied, |t| {
    let p = Practice::new(t).await;
    let customer = another_customer(&p, "Northwind Bank", "nw").await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let link = make(&mut client, customer, "", "mail").await;
    assert!(!client.get(&link).await.text.contains("Send this mail"));
    client.post(&format!("{link}/mail"), &[]).await;
    assert!(client.get(&link).await.text.contains("No mail is set up here"));
});

crate::both!(only_who_manages_customers_sees_a_links_address, |t| {
    let p = Practice::new(t).await;
    let customer = another_customer(&p, "Northwind Bank", "nw").await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let link = make(&mut client, customer, "", "mail").await;
    let path = path(&mut client, &link).await;
    let mut viewer = p.t.sign_in_as(Role::Viewer).await;
    assert_eq!(viewer.get(&link).await.status, StatusCode::FORBIDDEN);
    for page in [format!("/customers/{customer}"), format!("/customers/{customer}/links")] {
        let page = viewer.get(&page).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains(&path) && !page.text.contains("Make a link"));
    }
    let mut limited = p.t.sign_in_limited(Role::Manager, &[p.customer.id]).await;
    assert_eq!(limited.get(&link).await.status, StatusCode::NOT_FOUND);
    let form = [("tool", ""), ("language", "en"), ("how", "mail")];
    let refused = limited.post(&format!("/customers/{customer}/links"), &form).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
});

crate::both!(kombos_list_of_atss_is_what_a_link_can_be_made_for, |t| {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let page = format!("/customers/{}/links", p.customer.id);
    assert!(reconciler::read_tools_due(&p.t.app).await.expect("read"));
    assert!(!reconciler::read_tools_due(&p.t.app).await.expect("read"), "once a day");
    let answer = client.get(&page).await;
    assert!(answer.text.contains("<option value=\"iCIMS\">"), "{}", answer.text);
    let form = [("tool", "Nosuch"), ("language", "en"), ("how", "mail")];
    let refused = client.post(&page, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&refused, "#tool-error").contains("list has no such ATS"));
    assert!(refused.text.contains("value=\"Nosuch\""), "what was typed stays");
});

crate::both!(a_connection_is_connected_again_switched_and_deleted_from_here, |t| {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let page = format!("/integrations/{}/connection", p.customer.integration);
    let shown = client.get(&page).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(shown.text.contains("The result of 1 open order waits here."));

    let made = client
        .post(
            &format!("/integrations/{}/link", p.customer.integration),
            &[("kind", "reconnect")],
        )
        .await;
    let link = made.location().to_owned();
    assert!(client.get(&link).await.text.contains("Connect Greenhouse again"));

    let switch = format!("/integrations/{}/switch", p.customer.integration);
    client.post(&switch, &[]).await;
    assert_eq!(row(&p).await.state, IntegrationState::Inactive);
    client.post(&switch, &[("on", "on")]).await;
    assert_eq!(row(&p).await.state, IntegrationState::Active);

    let delete = format!("/integrations/{}/delete", p.customer.integration);
    client.post(&delete, &[]).await;
    assert!(client.get(&page).await.text.contains("Please tick"));
    assert!(row(&p).await.deleted_at.is_none());
    client.post(&delete, &[("sure", "on")]).await;
    assert!(row(&p).await.deleted_at.is_some());
    assert!(p.order("o-1").await.unreachable);
    assert!(client.get(&page).await.text.contains("It is deleted"));
});

crate::both!(
    an_integration_of_nobody_names_its_likeliest_customers_and_a_second_one_of_an_ats_warns,
    |t| {
        let p = Practice::new(t).await;
        let likely = another_customer(&p, "Northwind Bank", "nw").await;
        another_customer(&p, "Southwind Airways", "sw").await;
        webhook(
            &p.t,
            "integration-created",
            &created("who", "greenhouse:2", "greenhouse"),
        )
        .await;
        let mut client = p.t.sign_in_as(Role::Manager).await;
        let page = client.get("/unassigned").await;
        assert_eq!(texts(&page, "form input[name=customer] + button"), ["Northwind Bank"]);

        webhook(
            &p.t,
            "integration-created",
            &created("nw", "greenhouse:3", "greenhouse"),
        )
        .await;
        webhook(
            &p.t,
            "integration-created",
            &created("nw", "greenhouse:4", "greenhouse"),
        )
        .await;
        let page = client.get(&format!("/customers/{likely}")).await;
        assert_eq!(
            texts(&page, ".flag")
                .iter()
                .filter(|flag| *flag == "connected twice")
                .count(),
            2
        );
    }
);

/// The page's steps that are proven, in order.
async fn proven(client: &mut Client, p: &Practice) -> Vec<String> {
    let page = client
        .get(&format!("/integrations/{}/go-live", p.customer.integration))
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    texts(&page, ".proof > .done b")
}

/// The order's result is released and taken by Kombo.
async fn finish(p: &Practice) {
    p.release("o-1").await;
    p.delay_passes();
    assert_eq!(p.round().await, 1);
}

async fn check(client: &mut Client, p: &Practice) -> Answer {
    let page = format!("/integrations/{}/go-live", p.customer.integration);
    client.post(&page, &[]).await;
    client.get(&page).await
}

crate::both!(an_integration_is_live_only_once_kombo_shows_what_was_sent, |t| {
    let p = Practice::new(t).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    assert!(!check(&mut client, &p).await.text.contains("is live"));
    assert!(
        proven(&mut client, &p)
            .await
            .contains(&"Test order accepted, proven".to_owned())
    );
    finish(&p).await;

    // Kombo took it, and shows it as open all the same.
    p.kombo_shows("o-1", OrderStatus::Open).await;
    assert_eq!(reconciler::prove_due(&p.t.app).await.expect("looked"), 0);
    let page = client
        .get(&format!("/integrations/{}/go-live", p.customer.integration))
        .await;
    assert!(
        page.text.contains("Kombo still shows the order as open."),
        "{}",
        page.text
    );
    let customer = client.get(&format!("/customers/{}", p.customer.id)).await;
    assert!(customer.text.contains("not live yet"));

    p.kombo_shows("o-1", OrderStatus::Completed).await;
    assert_eq!(
        reconciler::prove_due(&p.t.app).await.expect("looked"),
        0,
        "not again at once"
    );
    p.t.advance(Duration::from_mins(5));
    assert_eq!(reconciler::prove_due(&p.t.app).await.expect("looked"), 1);
    let page = client
        .get(&format!("/integrations/{}/go-live", p.customer.integration))
        .await;
    assert!(text(&page, "#live-title").ends_with("is live"));
    assert_eq!(texts(&page, ".proof > .done b").len(), 8);
    assert!(page.text.contains("Kombo’s list shows order o-1 as COMPLETED"));
    let customer = client.get(&format!("/customers/{}", p.customer.id)).await;
    assert!(!customer.text.contains("not live yet"));

    // What was proven stays, whatever comes.
    p.fares("INVALID").await;
    assert!(check(&mut client, &p).await.text.contains("is live"));
});

crate::both!(an_order_that_only_kombos_list_told_proves_no_webhook, |t| {
    let p = Practice::new(t).await;
    p.t.say("UPDATE orders SET source = 'list'").await;
    finish(&p).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let page = check(&mut client, &p).await;
    assert!(page.text.contains("its webhook never came"), "{}", page.text);
    assert!(!page.text.contains("is live"));
});

crate::both!(a_failed_check_of_kombos_keeps_an_integration_from_being_live, |t| {
    let p = Practice::new(t).await;
    finish(&p).await;
    let news = |qa: &str| {
        json!({
            "integration_tool": "greenhouse", "integration_id": INTEGRATION, "integration_category": "ASSESSMENT",
            "end_user": {"organization_name": "Halden", "creator_email": null, "origin_id": null},
            "qa_status": qa, "setup_status": "COMPLETED", "state": "ACTIVE",
        })
    };
    webhook(&p.t, "integration-state-changed", &news("FAILED")).await;
    let mut client = p.t.sign_in_as(Role::Manager).await;
    let page = check(&mut client, &p).await;
    assert!(page.text.contains("check found a fault") && !page.text.contains("is live"));
    p.t.advance(Duration::from_mins(5));
    webhook(&p.t, "integration-state-changed", &news("PASSED")).await;
    assert!(check(&mut client, &p).await.text.contains("is live"));
});
