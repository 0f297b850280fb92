//! Invitations by mail, through the real intake, actions and outbox to a mail server that behaves and misbehaves.

use crate::support::desk::{another, happen, now};
use crate::support::fixtures::{Customer, PACKAGE, customer, order, order_event, send, timeline};
use crate::support::smtp::{SmtpServer, Trick};
use crate::support::{Engine, TestApp};
use assessdesk::actions::{self, invite, order_work, start_link};
use assessdesk::domain::delivery::{DeliveryState, MAILS_IN_FLIGHT, MailPurpose};
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::intake::TakeOrders;
use assessdesk::domain::order::{Event, InviteProblem, KomboStatus, Stage};
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::intake::reconciler;
use assessdesk::outbox;
use assessdesk::store::attempts;
use assessdesk::store::deliveries::{self, DeliveryRow, mails};
use assessdesk::store::orders::OrderRow;
use assessdesk::store::{candidates, customers, order_lists, packages};
use serde_json::json;
use std::time::Duration;

/// A desk with a mail server, and a customer whose candidates are invited from there.
struct Post {
    t: TestApp,
    smtp: SmtpServer,
    customer: Customer,
}

impl Post {
    async fn new(engine: Engine) -> Self {
        let smtp = SmtpServer::start().await;
        let url = format!("--smtp-url={}", smtp.url());
        let flags = [
            url.as_str(),
            "--mail-from=Assessments <assess@provider.example>",
            "--smtp-timeout=2s",
        ];
        let t = TestApp::with(engine, &flags).await;
        let customer = customer(&t, |row| row.invite = true).await;
        Self { t, smtp, customer }
    }

    /// An order comes, and its customer takes it at once.
    async fn ordered(&self) -> OrderRow {
        another(&self.t, &self.customer, "o-1").await
    }

    /// An order whose webhook tells something else of its candidate or job.
    async fn ordered_with(&self, change: impl FnOnce(&mut serde_json::Value)) -> OrderRow {
        let mut event = order_event("e-1", "o-1");
        change(&mut event["data"]);
        let intake = Intake::start(self.t.app.clone());
        assert_eq!(send(&intake, &event).await.0, 200);
        intake.finish().await;
        order(&self.t, self.customer.integration, "o-1").await
    }

    async fn round(&self) -> usize {
        outbox::deliver_due(&self.t.app).await.expect("a round")
    }

    async fn round_after(&self, seconds: u64) -> usize {
        self.t.advance(Duration::from_secs(seconds));
        self.round().await
    }

    async fn newest(&self, id: OrderId) -> Option<DeliveryRow> {
        let mut conn = self.t.app.read().await.unwrap();
        mails::newest_of_order(&mut conn, id).await.unwrap()
    }

    async fn state(&self, id: OrderId) -> DeliveryState {
        self.newest(id).await.expect("a mail").state
    }

    async fn stage(&self, id: OrderId) -> Stage {
        now(&self.t, id).await.stage
    }

    async fn outcomes(&self, id: OrderId) -> Vec<&'static str> {
        let mail = self.newest(id).await.expect("a mail");
        let mut conn = self.t.app.read().await.unwrap();
        let mut rows = attempts::of_delivery(&mut conn, mail.id).await.unwrap();
        rows.reverse();
        rows.into_iter().map(|row| row.outcome.as_str()).collect()
    }

    /// A person does something with the order as it stands.
    async fn act<T>(
        &self,
        id: OrderId,
        deed: impl AsyncFnOnce(&mut actions::work::Work, i64) -> Result<T, actions::Error>,
    ) -> Result<T, actions::Error> {
        let version = now(&self.t, id).await.version;
        let mut work = self.t.app.begin_system().await.unwrap();
        let done = deed(&mut work, version).await?;
        work.commit().await.unwrap();
        Ok(done)
    }

    async fn link(&self, id: OrderId) -> Option<String> {
        let mut conn = self.t.app.read().await.unwrap();
        start_link::current(&mut conn, self.t.app.tools(), id).await.unwrap()
    }

    async fn problem(&self, id: OrderId) -> Option<InviteProblem> {
        now(&self.t, id).await.invite_problem
    }

    async fn package_starts_at(&self, address: &str) {
        let mut work = self.t.app.begin_system().await.unwrap();
        let mut row = packages::find_by_key(&mut work.conn, PACKAGE).await.unwrap().unwrap();
        address.clone_into(&mut row.start_url);
        packages::save(&mut work.conn, &mut row).await.unwrap();
        work.commit().await.unwrap();
    }
}

macro_rules! post {
    ($name:ident, |$p:ident| $body:block) => {
        post!($name, |$p,| $body);
    };
    ($name:ident, mut |$p:ident| $body:block) => {
        mod $name {
            use super::*;
            async fn run(mut $p: Post) $body
            #[tokio::test]
            async fn sqlite() {
                run(Post::new(Engine::Sqlite).await).await;
            }
            #[tokio::test]
            async fn postgres() {
                if Engine::Postgres.is_there() {
                    run(Post::new(Engine::Postgres).await).await;
                }
            }
        }
    };
    ($name:ident, |$p:ident,| $body:block) => {
        mod $name {
            use super::*;
            async fn run($p: Post) $body
            #[tokio::test]
            async fn sqlite() {
                run(Post::new(Engine::Sqlite).await).await;
            }
            #[tokio::test]
            async fn postgres() {
                if Engine::Postgres.is_there() {
                    run(Post::new(Engine::Postgres).await).await;
                }
            }
        }
    };
}

post!(an_accepted_orders_candidate_is_written_to_and_then_invited, |p| {
    let order = p.ordered().await;
    assert_eq!((order.stage, order.invite_problem), (Stage::Accepted, None));
    assert_eq!(p.round().await, 1);
    assert_eq!(
        (p.stage(order.id).await, p.state(order.id).await),
        (Stage::Invited, DeliveryState::Delivered)
    );
    let arrived = p.smtp.arrived();
    assert_eq!(arrived.len(), 1);
    let mail = &arrived[0];
    let link = p.link(order.id).await.expect("a link");
    assert!(link.starts_with("http://127.0.0.1:8080/start/"));
    assert_eq!(mail.to, "li.wei@example.com");
    assert_eq!(
        mail.header("from").as_deref(),
        Some("Assessments <assess@provider.example>")
    );
    assert_eq!(mail.header("reply-to").as_deref(), Some("ats@halden.example"));
    assert_eq!(mail.header("auto-submitted").as_deref(), Some("auto-generated"));
    assert_eq!(
        mail.header("subject").as_deref(),
        Some("Halden Logistics invites you: TypeScript, senior")
    );
    let plain = mail.plain();
    for told in [
        "Hello Li Wei,",
        "Halden Logistics",
        "Ninety minutes of TypeScript.",
        "Position: Data engineer",
        "27 November 2026",
    ] {
        assert!(plain.contains(told), "{told}: {plain}");
    }
    assert!(plain.contains(&format!("\n{link}\n")), "{plain}");
    assert!(mail.html().contains(&format!("href=\"{link}\"")), "{}", mail.html());
    assert_eq!(
        timeline(&p.t, order.id).await,
        [
            "order.received",
            "order.accepted",
            "order.invitation_queued",
            "order.invited"
        ]
    );
    assert_eq!(p.round_after(3_600).await, 0, "once is enough");
});

post!(what_is_kept_of_a_mail_is_sealed, |p| {
    let order = p.ordered().await;
    let token = p.link(order.id).await.unwrap().rsplit('/').next().unwrap().to_owned();
    p.round().await;
    let mail = p.newest(order.id).await.unwrap();
    assert_eq!(mail.purpose, Some(MailPurpose::Invitation));
    let clear = format!(
        "{:?}",
        DeliveryRow {
            body: None,
            ..mail.clone()
        }
    );
    assert!(!clear.contains("li.wei") && !clear.contains(&token), "{clear}");
    let body = String::from_utf8_lossy(mail.body.as_ref().unwrap()).into_owned();
    assert!(!body.contains("li.wei") && !body.contains(&token));
    p.t.nothing_on_disk_reads(&token);
});

post!(nobody_is_written_to_before_an_order_is_taken_in, |p| {
    let mut work = p.t.app.begin_system().await.unwrap();
    let mut row = customers::find(&mut work.conn, &Viewer::system(), p.customer.id)
        .await
        .unwrap()
        .unwrap();
    row.take_orders = TakeOrders::Later;
    customers::save(&mut work.conn, &mut row).await.unwrap();
    work.commit().await.unwrap();
    let order = p.ordered().await;
    assert_eq!((order.stage, p.round().await), (Stage::Received, 0));
    p.act(order.id, async |work, version| {
        order_work::accept(work, order.id, version).await
    })
    .await
    .unwrap();
    assert_eq!(p.round().await, 1);
    assert_eq!(p.stage(order.id).await, Stage::Invited);
});

post!(a_candidate_who_waits_in_the_career_page_gets_no_mail, |p| {
    let mut event = order_event("e-1", "o-1");
    event["type"] = json!("inline-assessment:order-received");
    let intake = Intake::start(p.t.app.clone());
    assert_eq!(send(&intake, &event).await.0, 200);
    intake.finish().await;
    let order = order(&p.t, p.customer.integration, "o-1").await;
    assert!(order.inline && order.stage == Stage::Accepted);
    assert_eq!(p.round().await, 0);
    assert!(p.newest(order.id).await.is_none());
});

post!(
    an_unknown_package_is_written_about_only_once_a_person_takes_the_order_and_names_what_lacks,
    |p| {
        let order = p.ordered_with(|data| data["package_id"] = json!("no-such")).await;
        assert_eq!((order.stage, p.round().await), (Stage::Received, 0));
        let taken = p
            .act(order.id, async |work, version| {
                order_work::accept(work, order.id, version).await
            })
            .await
            .unwrap();
        assert_eq!(taken.invite_problem, Some(InviteProblem::NoStart));
        assert_eq!(p.round().await, 0);
    }
);

post!(a_customer_who_invites_by_itself_has_no_mail_sent, |p| {
    let mut work = p.t.app.begin_system().await.unwrap();
    let mut row = customers::find(&mut work.conn, &Viewer::system(), p.customer.id)
        .await
        .unwrap()
        .unwrap();
    row.invite = false;
    customers::save(&mut work.conn, &mut row).await.unwrap();
    work.commit().await.unwrap();
    let order = p.ordered().await;
    assert_eq!(
        (order.stage, order.invite_problem, p.round().await),
        (Stage::Accepted, None, 0)
    );
    let refused = p
        .act(order.id, async |work, version| {
            invite::resend(work, order.id, version).await
        })
        .await;
    assert!(
        refused
            .expect_err("refused")
            .to_string()
            .contains("not invited from here")
    );
});

post!(an_address_that_the_server_refuses_is_named_and_can_be_corrected, |p| {
    p.smtp.play(&[Trick::Recipient(550)]);
    let order = p.ordered().await;
    p.round().await;
    assert_eq!(
        (p.stage(order.id).await, p.state(order.id).await),
        (Stage::Accepted, DeliveryState::GivenUp)
    );
    assert_eq!(p.problem(order.id).await, Some(InviteProblem::Refused));
    assert_eq!(p.outcomes(order.id).await, ["refused"]);
    let mail = p.newest(order.id).await.unwrap();
    assert!(
        !mail.last_message.unwrap().contains("li.wei"),
        "the server's own words stay sealed"
    );
    assert_eq!(p.round_after(86_400).await, 0);
    let bad = p
        .act(order.id, async |work, version| {
            invite::correct_address(work, order.id, version, "li@").await
        })
        .await;
    assert!(matches!(bad, Err(actions::Error::Fields(faults)) if faults[0].0 == "email"));
    let mended = p
        .act(order.id, async |work, version| {
            invite::correct_address(work, order.id, version, " li@right.example ").await
        })
        .await
        .unwrap();
    assert_eq!(mended.invite_problem, None);
    p.round().await;
    assert_eq!(p.stage(order.id).await, Stage::Invited);
    assert_eq!(p.smtp.arrived()[0].to, "li@right.example");
    let mut conn = p.t.app.read().await.unwrap();
    assert_eq!(
        candidates::find(&mut conn, order.id).await.unwrap().unwrap().email,
        "li@right.example"
    );
    let filter = order_lists::Filter {
        search: "right.example".into(),
        ..order_lists::Filter::default()
    };
    let found = order_lists::page(
        &mut conn,
        &Viewer::system(),
        &filter,
        order_lists::Sort::Received,
        order_lists::Place::Start,
        5,
    )
    .await
    .unwrap();
    assert_eq!(found.rows.len(), 1, "the search finds the new address");
    let lines = assessdesk::store::audit::of_order(&mut conn, &Viewer::system(), order.id)
        .await
        .unwrap();
    let told = serde_json::to_string(&lines.iter().map(|line| &line.detail.0).collect::<Vec<_>>()).unwrap();
    assert!(!told.contains("right.example") && !told.contains("li.wei"), "{told}");
    assert!(lines.iter().any(|line| line.action == "order.address_corrected"));
});

post!(a_candidate_without_a_usable_address_is_named, |p| {
    let order = p
        .ordered_with(|data| data["candidate"]["email"] = json!("not an address"))
        .await;
    assert_eq!(
        (order.stage, order.invite_problem),
        (Stage::Accepted, Some(InviteProblem::NoAddress))
    );
    assert_eq!(p.round().await, 0);
    p.act(order.id, async |work, version| {
        invite::correct_address(work, order.id, version, "li@right.example").await
    })
    .await
    .unwrap();
    p.round().await;
    assert_eq!(
        (p.stage(order.id).await, p.problem(order.id).await),
        (Stage::Invited, None)
    );
});

post!(a_package_without_a_start_address_is_named_until_it_has_one, |p| {
    p.package_starts_at("").await;
    let order = p.ordered().await;
    assert_eq!(
        (order.invite_problem, p.round().await),
        (Some(InviteProblem::NoStart), 0)
    );
    let still = p
        .act(order.id, async |work, version| {
            invite::invite_now(work, order.id, version).await
        })
        .await
        .unwrap();
    assert_eq!(still.invite_problem, Some(InviteProblem::NoStart));
    p.package_starts_at("https://tests.example/start?order={order}").await;
    let mended = p
        .act(order.id, async |work, version| {
            invite::invite_now(work, order.id, version).await
        })
        .await
        .unwrap();
    assert_eq!((mended.invite_problem, p.round().await), (None, 1));
    assert_eq!(p.stage(order.id).await, Stage::Invited);
    let again = p
        .act(order.id, async |work, version| {
            invite::invite_now(work, order.id, version).await
        })
        .await;
    assert!(
        matches!(again, Err(actions::Error::Refused(_))),
        "only who waits is invited"
    );
});

post!(an_invitation_is_sent_again_with_the_same_link, |p| {
    let order = p.ordered().await;
    p.round().await;
    p.act(order.id, async |work, version| {
        invite::resend(work, order.id, version).await
    })
    .await
    .unwrap();
    p.act(order.id, async |work, version| {
        invite::resend(work, order.id, version).await
    })
    .await
    .unwrap();
    assert_eq!(p.round().await, 1, "the newer one replaces the one that waited");
    let arrived = p.smtp.arrived();
    assert_eq!(arrived.len(), 2);
    let link = p.link(order.id).await.unwrap();
    assert!(arrived.iter().all(|mail| mail.plain().contains(&link)));
    assert_ne!(
        arrived[0].header("message-id"),
        arrived[1].header("message-id"),
        "a mail of its own"
    );
    assert_eq!(p.stage(order.id).await, Stage::Invited);
    assert!(
        timeline(&p.t, order.id)
            .await
            .contains(&"order.invitation_resent".to_owned())
    );
});

post!(a_correction_stops_what_waits_for_the_wrong_address, |p| {
    let order = p.ordered().await;
    p.act(order.id, async |work, version| {
        invite::correct_address(work, order.id, version, "li@right.example").await
    })
    .await
    .unwrap();
    assert_eq!(p.round().await, 1);
    let arrived = p.smtp.arrived();
    assert_eq!(
        arrived.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
        ["li@right.example"]
    );
});

post!(an_order_that_ends_stops_its_mail, |p| {
    let order = p.ordered().await;
    let at = p.t.app.clock.now();
    happen(
        &p.t,
        order.id,
        Event::Observed {
            status: KomboStatus::Cancelled,
            at,
        },
    )
    .await;
    assert_eq!(
        (p.state(order.id).await, p.round().await),
        (DeliveryState::Withdrawn, 0)
    );
    assert!(p.link(order.id).await.is_none(), "the start link is off");
    assert!(p.smtp.arrived().is_empty());
});

post!(a_mail_that_was_claimed_before_its_order_ended_is_withdrawn, |p| {
    let order = p.ordered().await;
    let claimed = p.newest(order.id).await.unwrap();
    let now = p.t.app.clock.now();
    let mut work = p.t.app.begin_system().await.unwrap();
    deliveries::claim(&mut work.conn, claimed.id, now, now.plus(Duration::from_mins(1)))
        .await
        .unwrap()
        .unwrap();
    work.commit().await.unwrap();
    happen(
        &p.t,
        order.id,
        Event::Observed {
            status: KomboStatus::Cancelled,
            at: now,
        },
    )
    .await;
    assert_eq!(p.state(order.id).await, DeliveryState::Sending);
    // The lease runs out, and the next round finds the order over.
    p.t.advance(Duration::from_secs(61));
    p.round().await;
    p.round_after(60).await;
    assert_eq!(p.state(order.id).await, DeliveryState::Withdrawn);
    assert!(p.smtp.arrived().is_empty());
});

post!(a_paused_orders_mail_waits_until_it_goes_on, |p| {
    let order = p.ordered().await;
    happen(&p.t, order.id, Event::Paused).await;
    assert_eq!(p.round_after(60).await, 0);
    happen(&p.t, order.id, Event::Resumed).await;
    assert_eq!((p.round().await, p.stage(order.id).await), (1, Stage::Invited));
});

post!(who_was_invited_by_hand_gets_no_mail_any_more, |p| {
    let order = p.ordered().await;
    p.act(order.id, async |work, version| {
        order_work::mark_invited(work, order.id, version).await
    })
    .await
    .unwrap();
    assert_eq!((p.round().await, p.stage(order.id).await), (0, Stage::Invited));
    assert_eq!(p.state(order.id).await, DeliveryState::Withdrawn);
});

post!(a_dead_mail_server_loses_no_invitation, mut |p| {
    p.smtp.die().await;
    let order = p.ordered().await;
    p.round().await;
    assert_eq!((p.stage(order.id).await, p.state(order.id).await), (Stage::Accepted, DeliveryState::Waiting));
    let message = p.newest(order.id).await.unwrap().last_message.unwrap();
    assert!(message.contains("cannot be reached"), "{message}");
    let parts = p.t.app.health.parts();
    assert!(parts.iter().any(|(part, fare)| part.label() == "Mail" && fare.failing.is_some()));
    p.round_after(10).await;
    p.smtp.rise().await;
    p.round_after(60).await;
    assert_eq!((p.stage(order.id).await, p.smtp.arrived().len()), (Stage::Invited, 1));
    assert_eq!(p.outcomes(order.id).await, ["retry", "retry", "delivered"]);
    assert!(p.t.app.health.parts().iter().all(|(part, fare)| part.label() != "Mail" || fare.failing.is_none()));
});

post!(a_mail_whose_fate_is_unknown_is_sent_again_as_the_same_mail, |p| {
    p.smtp.play(&[Trick::HangUpAfterData]);
    let order = p.ordered().await;
    p.round().await;
    assert_eq!(
        (p.stage(order.id).await, p.state(order.id).await),
        (Stage::Accepted, DeliveryState::Waiting)
    );
    p.round_after(5).await;
    let arrived = p.smtp.arrived();
    assert_eq!(arrived.iter().map(|mail| mail.told).collect::<Vec<_>>(), [false, true]);
    for header in ["message-id", "date", "subject", "to"] {
        assert_eq!(arrived[0].header(header), arrived[1].header(header), "{header}");
    }
    assert_eq!(p.outcomes(order.id).await, ["unknown", "delivered"]);
    assert_eq!(p.stage(order.id).await, Stage::Invited);
});

post!(a_sender_that_vanished_loses_no_invitation, |p| {
    let order = p.ordered().await;
    let mail = p.newest(order.id).await.unwrap();
    let now = p.t.app.clock.now();
    let mut work = p.t.app.begin_system().await.unwrap();
    deliveries::claim(&mut work.conn, mail.id, now, now.plus(Duration::from_mins(1)))
        .await
        .unwrap()
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!(p.round_after(30).await, 0);
    p.round_after(31).await;
    p.round_after(5).await;
    assert_eq!((p.stage(order.id).await, p.smtp.arrived().len()), (Stage::Invited, 1));
    assert_eq!(p.outcomes(order.id).await, ["unknown", "delivered"]);
});

post!(a_server_that_says_not_now_is_asked_again, |p| {
    p.smtp
        .play(&[Trick::Recipient(451), Trick::Content(452), Trick::HangUp]);
    let order = p.ordered().await;
    for seconds in [0, 2, 10, 60] {
        p.round_after(seconds).await;
    }
    assert_eq!(p.outcomes(order.id).await, ["retry", "retry", "retry", "delivered"]);
    assert_eq!(
        (p.stage(order.id).await, p.problem(order.id).await),
        (Stage::Invited, None)
    );
});

post!(a_mail_that_is_refused_whole_is_given_up, |p| {
    p.smtp.play(&[Trick::Content(554)]);
    let order = p.ordered().await;
    p.round().await;
    assert_eq!(p.problem(order.id).await, Some(InviteProblem::Refused));
    assert_eq!(p.state(order.id).await, DeliveryState::GivenUp);
});

post!(what_never_passes_is_named_after_the_last_wait, |p| {
    p.smtp.play(&[Trick::Recipient(451); 12]);
    let order = p.ordered().await;
    for _ in 0..12 {
        p.round_after(2 * 86_400).await;
    }
    assert_eq!(p.problem(order.id).await, Some(InviteProblem::Failed));
    assert_eq!(
        (p.stage(order.id).await, p.state(order.id).await),
        (Stage::Accepted, DeliveryState::GivenUp)
    );
    assert_eq!(p.outcomes(order.id).await.len(), 12);
    p.act(order.id, async |work, version| {
        invite::invite_now(work, order.id, version).await
    })
    .await
    .unwrap();
    p.round().await;
    assert_eq!(
        (p.stage(order.id).await, p.problem(order.id).await),
        (Stage::Invited, None)
    );
});

post!(a_server_that_does_not_let_us_send_blames_no_candidate, |p| {
    p.smtp.play(&[Trick::Sender(550)]);
    let order = p.ordered().await;
    p.round().await;
    assert_eq!(
        (p.state(order.id).await, p.problem(order.id).await),
        (DeliveryState::Waiting, None)
    );
    assert_eq!(
        p.newest(order.id).await.unwrap().attempts,
        0,
        "it is not this mail's fault"
    );
    assert_eq!(p.round_after(30).await, 0, "the server is left in peace for a while");
    assert_eq!(p.round_after(31).await, 1);
    assert_eq!(p.stage(order.id).await, Stage::Invited);
});

post!(mail_leaves_while_kombo_does_not_let_us_in_and_the_other_way_round, mut |p| {
    p.t.app.kombo = None;
    let order = p.ordered().await;
    assert_eq!((p.round().await, p.stage(order.id).await), (1, Stage::Invited));
});

post!(a_few_mails_are_under_way_at_once, |p| {
    for number in 0..MAILS_IN_FLIGHT + 2 {
        another(&p.t, &p.customer, &format!("o-{number}")).await;
    }
    assert_eq!(p.round().await, MAILS_IN_FLIGHT);
    assert_eq!(p.round().await, 2);
    assert_eq!(p.smtp.arrived().len(), MAILS_IN_FLIGHT + 2);
    assert!(
        p.smtp.connections() <= MAILS_IN_FLIGHT,
        "connections are kept for the next mail"
    );
});

post!(nothing_that_a_candidate_is_called_changes_the_mail, |p| {
    let order = p
        .ordered_with(|data| {
            data["candidate"]["first_name"] = json!("Li\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>");
            data["candidate"]["last_name"] = json!("{link} \u{202e}W\u{0}ei".replace('\u{0}', ""));
            data["job"]["name"] = json!("x".repeat(20_000));
        })
        .await;
    p.round().await;
    assert_eq!(p.stage(order.id).await, Stage::Invited);
    let mail = &p.smtp.arrived()[0];
    assert_eq!(mail.to, "li.wei@example.com");
    assert_eq!(mail.header("bcc"), None, "{}", mail.text);
    assert!(!mail.html().contains("<script"), "{}", mail.html());
    assert_eq!(
        mail.plain().matches("/start/").count(),
        1,
        "a name fills nothing in: {}",
        mail.plain()
    );
    assert!(mail.plain().len() < 5_000);
});

post!(a_withdrawn_link_lets_no_mail_leave_that_leads_there, |p| {
    let order = p.ordered().await;
    let old = p.link(order.id).await.unwrap();
    p.act(order.id, async |work, version| {
        start_link::renew(work, order.id, version).await
    })
    .await
    .unwrap();
    let new = p.link(order.id).await.unwrap();
    assert_ne!(old, new);
    assert_eq!(p.round().await, 0);
    p.act(order.id, async |work, version| {
        invite::invite_now(work, order.id, version).await
    })
    .await
    .unwrap();
    p.round().await;
    assert!(p.smtp.arrived()[0].plain().contains(&new));
});

post!(what_was_sent_is_kept_for_a_while_and_then_goes, |p| {
    let order = p.ordered().await;
    p.round().await;
    reconciler::tidy(&p.t.app).await.unwrap();
    assert!(p.newest(order.id).await.unwrap().body.is_some());
    p.t.advance(Duration::from_hours(31 * 24));
    reconciler::tidy(&p.t.app).await.unwrap();
    let mail = p.newest(order.id).await.unwrap();
    assert!(mail.body.is_none() && mail.state == DeliveryState::Delivered);
});

crate::both!(without_mail_nobody_is_written_to_and_nothing_is_wrong, |t| {
    let customer = customer(&t, |row| row.invite = true).await;
    let order = another(&t, &customer, "o-1").await;
    assert_eq!((order.stage, order.invite_problem), (Stage::Accepted, None));
    let mut work = t.app.begin_system().await.unwrap();
    let refused = invite::resend(&mut work, order.id, order.version).await;
    assert!(
        refused
            .expect_err("refused")
            .to_string()
            .contains("ASSESSDESK_SMTP_URL")
    );
});

#[tokio::test]
async fn mails_stay_on_the_desk_where_that_is_wanted() {
    let t = TestApp::with(Engine::Sqlite, &["--smtp-url=desk:"]).await;
    let customer = customer(&t, |row| row.invite = true).await;
    let order = another(&t, &customer, "o-1").await;
    assert_eq!(outbox::deliver_due(&t.app).await.unwrap(), 1);
    assert_eq!(now(&t, order.id).await.stage, Stage::Invited);
}
