//! The mail page, the editor of the invitation's words, and where the desk says that mail is missing.

use crate::support::desk::{another, now, press, waiting};
use crate::support::fixtures::{Customer, customer};
use crate::support::{Client, Engine, TestApp};
use assessdesk::actions::change_invitation_text::{self, Place};
use assessdesk::actions::invite;
use assessdesk::domain::ids::CustomerId;
use assessdesk::domain::invitation::{Words, house_default};
use assessdesk::domain::language::Language;
use assessdesk::domain::role::Role;
use assessdesk::outbox;
use axum::http::StatusCode;

/// A desk that keeps its mails, and a customer whose candidates are invited from there.
async fn desk() -> (TestApp, Customer) {
    let t = TestApp::with(Engine::Sqlite, &["--smtp-url=desk:"]).await;
    let customer = customer(&t, |row| row.invite = true).await;
    (t, customer)
}

fn words(subject: &str) -> Words {
    Words {
        subject: subject.into(),
        body: format!("{subject}\n\n{{link}}"),
    }
}

async fn save(t: &TestApp, customer: Option<CustomerId>, language: Language, words: &Words) {
    let mut work = t.app.begin_system().await.unwrap();
    let place = Place { customer, language };
    change_invitation_text::change(&mut work, place, 0, words)
        .await
        .unwrap();
    work.commit().await.unwrap();
}

async fn subject(t: &TestApp, customer: CustomerId, language: Language) -> String {
    let mut conn = t.app.read().await.unwrap();
    invite::words_for(&mut conn, Some(customer), language)
        .await
        .unwrap()
        .subject
}

/// The newest mail's page.
async fn newest_mail(client: &mut Client) -> String {
    let list = client.get("/mail").await.text;
    let at = list.find("href=\"/mail/0").expect("a mail") + "href=\"".len();
    let path = list[at..].split('"').next().unwrap().to_owned();
    client.get(&path).await.text
}

crate::both!(
    a_customers_words_come_before_the_houses_and_those_before_the_built_in,
    |t| {
        let customer = customer(&t, |_| {}).await;
        let built_in = house_default(Language::De).subject;
        assert_eq!(subject(&t, customer.id, Language::De).await, built_in);
        save(&t, None, Language::De, &words("Haus")).await;
        assert_eq!(subject(&t, customer.id, Language::De).await, "Haus");
        save(&t, Some(customer.id), Language::De, &words("Kunde")).await;
        assert_eq!(subject(&t, customer.id, Language::De).await, "Kunde");
        assert_eq!(
            subject(&t, customer.id, Language::En).await,
            house_default(Language::En).subject
        );
        let mut work = t.app.begin_system().await.unwrap();
        let place = Place {
            customer: Some(customer.id),
            language: Language::De,
        };
        let late = change_invitation_text::change(&mut work, place, 0, &words("Zu spät")).await;
        assert!(late.expect_err("overtaken").is_changed());
        change_invitation_text::restore_default(&mut work, place, 1)
            .await
            .unwrap();
        work.commit().await.unwrap();
        assert_eq!(subject(&t, customer.id, Language::De).await, "Haus");
    }
);

#[tokio::test]
async fn an_invitation_is_kept_and_shown_to_those_who_may_see_its_customer() {
    let (t, customer) = desk().await;
    let order = another(&t, &customer, "o-1").await;
    outbox::deliver_due(&t.app).await.unwrap();
    let mut client = t.sign_in_as(Role::Operator).await;
    let list = client.get("/mail").await.text;
    assert!(
        list.contains("Li Wei") && list.contains("Invitation") && list.contains("kept here"),
        "{list}"
    );
    assert!(!list.contains("li.wei@example.com"), "no address stands in a list");
    let outbox = client.get("/outbox").await.text;
    assert!(outbox.contains("Invitation") && !outbox.contains("li.wei"));
    let page = newest_mail(&mut client).await;
    assert!(page.contains("li.wei@example.com") && page.contains("Halden Logistics invites you: TypeScript, senior"));
    assert!(
        page.contains("<iframe class=\"letter-frame\" sandbox title="),
        "the HTML stands in a frame that can do nothing"
    );
    assert!(
        client
            .get(&format!("/orders/{}", order.id))
            .await
            .text
            .contains("href=\"/mail/0")
    );
    let mut stranger = t.sign_in_limited(Role::Manager, &[]).await;
    assert!(!stranger.get("/mail").await.text.contains("Li Wei"));
    let path = format!(
        "/mail/{}",
        page.split("/outbox/").nth(1).unwrap().split('"').next().unwrap()
    );
    assert_eq!(client.get(&path).await.status, StatusCode::OK);
    assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND);
    let mut viewer = t.sign_in_as(Role::Viewer).await;
    assert_eq!(viewer.get("/mail").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn words_are_edited_previewed_tested_and_given_back() {
    let (t, customer) = desk().await;
    another(&t, &customer, "o-1").await;
    outbox::deliver_due(&t.app).await.unwrap();
    let mut admin = t.sign_in_as(Role::Admin).await;
    let path = format!("/customers/{}/invitation", customer.id);
    let page = admin.get(&path).await.text;
    assert!(page.contains("These are the words of the house.") && page.contains("that of Li Wei"));
    assert!(
        !page.contains("/start/0") && page.contains("/start/example"),
        "a preview starts nobody"
    );
    let form = |version: &str, subject: &str, body: &str, deed: &str| {
        [
            ("version", version.to_owned()),
            ("language", "en".to_owned()),
            ("subject", subject.to_owned()),
            ("body", body.to_owned()),
            ("do", deed.to_owned()),
        ]
    };
    let mut post = async |path: &str, fields: [(&'static str, String); 5]| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        admin.post(path, &fields).await
    };
    let evil = "<script>alert(1)</script> {candidate_name}\n\n{link}";
    let drawn = post(
        &format!("{path}/preview"),
        form("0", "Hello {candidate_first_name}", evil, ""),
    )
    .await;
    assert_eq!(drawn.status, StatusCode::OK);
    assert!(
        drawn.text.contains("Hello Li") && !drawn.text.contains("<script>alert"),
        "{}",
        drawn.text
    );
    let refused = post(&path, form("0", "Hello {nmae}", "No link", "save")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("{nmae} is not known here.") && refused.text.contains("The text needs {link}"));
    assert!(refused.text.contains("No link"), "what was typed stays");
    assert_eq!(
        post(&path, form("0", "Ours: {package}", "Start: {link}", "test"))
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        post(&path, form("0", "Ours: {package}", "Start: {link}", "save"))
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    let overtaken = post(&path, form("0", "Mine", "Mine: {link}", "save")).await;
    assert_eq!(overtaken.status, StatusCode::CONFLICT);
    assert!(overtaken.text.contains("Ours: {package}") && overtaken.text.contains("Mine: {link}"));
    assert_eq!(
        post(&path, form("1", "x", "x", "default")).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(outbox::deliver_due(&t.app).await.unwrap(), 1);
    let mail = newest_mail(&mut admin).await;
    assert!(
        mail.contains("Ours: Numerical reasoning") && mail.contains("/start/example"),
        "{mail}"
    );
    assert!(!mail.contains("Li Wei"), "no candidate's data leaves by a test");
    let audit = admin.get("/audit").await.text;
    for told in [
        "changed the invitation’s words",
        "had a test mail sent",
        "went back to the invitation’s default words",
    ] {
        assert!(audit.contains(told), "{told}");
    }
}

#[tokio::test]
async fn only_who_manages_customers_or_the_house_changes_words() {
    let (t, customer) = desk().await;
    let fields = [
        ("version", "0"),
        ("language", "en"),
        ("subject", "A"),
        ("body", "{link}"),
        ("do", "save"),
    ];
    let path = format!("/customers/{}/invitation", customer.id);
    let mut operator = t.sign_in_as(Role::Operator).await;
    assert!(
        operator
            .get(&path)
            .await
            .text
            .contains("Your role can look at these words")
    );
    assert_eq!(operator.post(&path, &fields).await.status, StatusCode::FORBIDDEN);
    let mut manager = t.sign_in_as(Role::Manager).await;
    assert_eq!(manager.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        manager.post("/settings/invitations", &fields).await.status,
        StatusCode::FORBIDDEN
    );
    let mut stranger = t.sign_in_limited(Role::Manager, &[]).await;
    assert_eq!(stranger.post(&path, &fields).await.status, StatusCode::NOT_FOUND);
    let mut admin = t.sign_in_as(Role::Admin).await;
    assert_eq!(
        admin.post("/settings/invitations", &fields).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn the_desk_says_that_mails_stay_and_who_could_not_be_invited() {
    let (t, customer) = desk().await;
    let mut work = t.app.begin_system().await.unwrap();
    let mut row = assessdesk::store::packages::find_by_key(&mut work.conn, "typescript-senior")
        .await
        .unwrap()
        .unwrap();
    row.start_url = String::new();
    assessdesk::store::packages::save(&mut work.conn, &mut row)
        .await
        .unwrap();
    work.commit().await.unwrap();
    let order = another(&t, &customer, "o-1").await;
    let mut admin = t.sign_in_as(Role::Admin).await;
    let today = admin.get("/").await.text;
    assert!(
        today.contains("Mails stay on this desk: no candidate gets one."),
        "every page warns"
    );
    assert!(today.contains("Could not be invited") && !today.contains(">To be invited<"));
    let list = admin.get("/orders?only=uninvited").await.text;
    assert!(list.contains(&format!("/orders/{}", order.id)));
    assert!(admin.get("/orders?only=uninvited&q=wei").await.text.contains("Li Wei"));
    assert!(
        admin
            .get("/settings")
            .await
            .text
            .contains("mails stay in the desk&#39;s own mail box")
    );
    assert!(admin.get("/settings").await.text.contains("desk:"));
    press(&t, &mut admin, order.id, "invited", &[]).await;
    assert!(!admin.get("/").await.text.contains("Could not be invited"));
    assert_eq!(now(&t, order.id).await.invite_problem, None);
}

#[tokio::test]
async fn without_mail_the_rail_has_no_mail_and_the_customers_form_says_so() {
    let t = TestApp::new(Engine::Sqlite).await;
    let (customer, _) = waiting(&t).await;
    let mut admin = t.sign_in_as(Role::Admin).await;
    let page = admin.get(&format!("/customers/{}", customer.id)).await.text;
    assert!(!page.contains("href=\"/mail\"") && page.contains("No mail is set up on this desk"));
    assert!(admin.get("/mail").await.text.contains("No mail is set up"));
}
