//! Lives through the plan with the real program, under a clock that is moved from step to step.

use super::data::{
    CANCEL_REASONS, CUSTOMERS, Customer, DESCRIPTION, FIRST_NAMES, JOBS, LAST_NAMES, PACKAGES, RECRUITERS, SUMMARIES,
    UNKNOWN_REASON,
};
use super::plan::{self, DAYS, Dice, Fate, Planned, Step};
use super::setup;
use crate::actions::{final_word, order_work, result_draft};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::ids::IntegrationId;
use crate::domain::order::Stage;
use crate::domain::result::{AttributeDraft, ResultDraft};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::intake::reconciler;
use crate::kombo::wire::{Application, Candidate, Job, Location, TeamMember, TeamRole};
use crate::sandbox::mischief::{CallKind, CallMischief, CallRule};
use crate::sandbox::play::Placing;
use crate::sandbox::{self, Sandbox};
use crate::store::orders::{self, OrderRow};
use crate::store::{customers, integrations, publications};
use crate::{outbox, server};
use std::collections::HashMap;
use std::time::Duration;
use tokio::net::TcpListener;

/// The program and the sandbox while the story is told.
pub(super) struct World {
    pub(super) app: App,
    pub(super) sandbox: Sandbox,
    pub(super) staff: Vec<(Role, Viewer)>,
    dice: Dice,
    /// Kombo's id of each placed order with its integration.
    placed: HashMap<usize, (String, IntegrationId)>,
}

/// Makes the whole data set in the databases that the settings name.
pub(super) async fn live_through(config: &Config, real: &sandbox::Settings) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let clock = Clock::test(now.minus(Duration::from_secs(DAYS * 24 * 3_600)));
    let listen = "127.0.0.1:0".parse()?;
    let practice = sandbox::start(sandbox::Settings {
        listen,
        clock: clock.clone(),
        ..real.clone()
    })
    .await?;
    let config = Config {
        kombo_api_url: practice.api_url().parse()?,
        ..config.clone()
    };
    let app = App::open(config, clock).await?;
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    practice
        .sandbox
        .set_target(format!("http://{address}/webhooks/kombo").parse()?);
    let served = tokio::spawn({
        let app = app.clone();
        async move { server::answer(&app, listener).await }
    });
    let mut world = World {
        app: app.clone(),
        sandbox: practice.sandbox.clone(),
        staff: Vec::new(),
        dice: Dice::new(7),
        placed: HashMap::new(),
    };
    setup::make(&mut world).await?;
    for planned in plan::plan(now) {
        world.move_to(planned.at);
        world.carry_out(planned).await?;
    }
    app.stop.cancel();
    served.await??;
    app.db.close().await;
    practice.stop().await;
    Ok(())
}

impl World {
    /// The staff member of this role.
    pub(super) fn as_role(&self, role: Role) -> Viewer {
        self.staff
            .iter()
            .find(|(of, _)| *of == role)
            .map_or_else(Viewer::system, |(_, viewer)| *viewer)
    }

    /// Lets time pass.
    pub(super) fn pass(&self, by: Duration) {
        self.app.clock.advance(by);
    }

    fn move_to(&self, at: Timestamp) {
        self.pass(at.since(self.app.clock.now()));
    }

    /// Each integration with the keys that its customer offers.
    pub(super) async fn offers(&self) -> anyhow::Result<Vec<(IntegrationId, &'static [&'static str])>> {
        let mut offers = Vec::new();
        for customer in &CUSTOMERS {
            offers.push((self.integration_of(customer).await?.0, customer.offer));
        }
        Ok(offers)
    }

    async fn integration_of(&self, customer: &Customer) -> anyhow::Result<(IntegrationId, String)> {
        let mut conn = self.app.read().await?;
        let row = customers::find_by_origin(&mut conn, customer.origin_id).await?;
        let row = row.ok_or_else(|| anyhow::anyhow!("{} is not there", customer.name))?;
        let rows = integrations::of_customer(&mut conn, row.id).await?;
        let row = rows.into_iter().next();
        let row = row.ok_or_else(|| anyhow::anyhow!("{} has no integration", customer.name))?;
        Ok((row.id, row.kombo_id))
    }

    async fn carry_out(&mut self, planned: Planned) -> anyhow::Result<()> {
        match planned.step {
            Step::Place => return self.place(planned).await,
            Step::Deliver => {
                outbox::deliver_due(&self.app).await?;
                return Ok(());
            }
            Step::Reconcile => {
                reconciler::run_once(&self.app).await?;
                return Ok(());
            }
            _ => {}
        }
        let Some((kombo_id, integration)) = self.placed.get(&planned.order).cloned() else {
            return Ok(());
        };
        if planned.step == Step::CancelInAts {
            return Ok(self.sandbox.cancel(&kombo_id).await?);
        }
        if planned.step == Step::PlaceAgainChanged {
            return self.announce_changed(&kombo_id).await;
        }
        if planned.step == Step::Invite {
            outbox::deliver_due(&self.app).await?;
        }
        let order = self.order(integration, &kombo_id).await?;
        self.work_on(planned, order).await
    }

    async fn work_on(&mut self, planned: Planned, order: OrderRow) -> anyhow::Result<()> {
        let (id, version) = (order.id, order.version);
        let operator = self.as_role(Role::Operator);
        let assignee = *self
            .dice
            .pick(&[Role::Operator, Role::Operator, Role::Manager, Role::Admin]);
        let reviewer = self.as_role(Role::Reviewer);
        let mut work = self.app.begin(&operator).await?;
        match planned.step {
            Step::Accept if order.stage == Stage::Received => {
                order_work::accept(&mut work, id, version).await?;
            }
            Step::Assign => {
                let to = self.as_role(assignee).staff_id();
                order_work::assign(&mut work, id, version, to).await?;
            }
            Step::Invite if order.stage == Stage::Accepted => {
                order_work::mark_invited(&mut work, id, version).await?;
            }
            Step::Start => {
                order_work::mark_started(&mut work, id, version).await?;
            }
            Step::Draft => {
                let draft = self.draft(&order, planned.fate);
                result_draft::save(&mut work, id, 0, &draft).await?;
            }
            Step::Review => {
                result_draft::send_to_review(&mut work, id, version).await?;
            }
            Step::Release => {
                drop(work);
                if planned.fate == Fate::Stuck {
                    self.refuse_next_result();
                }
                work = self.app.begin(&reviewer).await?;
                final_word::release(&mut work, id, version).await?;
            }
            Step::Cancel if order.stage.is_live() => {
                let reason = match planned.fate {
                    Fate::UnknownPackage => UNKNOWN_REASON,
                    _ => self.dice.pick::<&str>(&CANCEL_REASONS),
                };
                order_work::cancel(&mut work, id, version, reason, None).await?;
            }
            Step::Pause => {
                order_work::pause(
                    &mut work,
                    id,
                    version,
                    "The candidate is on leave and takes the test after it.",
                )
                .await?;
            }
            _ => {}
        }
        work.commit().await?;
        Ok(())
    }

    /// The next result of the sandbox is refused, as an ATS does that has closed the application meanwhile.
    fn refuse_next_result(&self) {
        self.sandbox.mischief.rules().calls.push(CallRule {
            mischief: CallMischief::Refused,
            call: Some(CallKind::Result),
            share: 1.0,
            left: Some(1),
        });
    }

    async fn order(&self, integration: IntegrationId, kombo_id: &str) -> anyhow::Result<OrderRow> {
        let mut conn = self.app.read().await?;
        let order = orders::find_by_kombo(&mut conn, integration, kombo_id).await?;
        order.ok_or_else(|| anyhow::anyhow!("an order did not arrive"))
    }

    /// The recruiter orders; Kombo tells us over HTTP.
    async fn place(&mut self, planned: Planned) -> anyhow::Result<()> {
        let customer = CUSTOMERS[planned.order % CUSTOMERS.len()];
        let (integration, kombo_integration) = self.integration_of(&customer).await?;
        let package = self.package_for(&customer, integration, planned.fate).await?;
        let placing = self.placing(planned.order, kombo_integration, package);
        let placed = self.sandbox.place(&placing).await?;
        self.sandbox.announce(&placed, None).await?;
        self.placed.insert(planned.order, (placed.id, integration));
        Ok(())
    }

    async fn package_for(
        &mut self,
        customer: &Customer,
        integration: IntegrationId,
        fate: Fate,
    ) -> anyhow::Result<String> {
        if matches!(fate, Fate::UnknownPackage | Fate::UnknownToday) {
            return Ok((*self.dice.pick(&["numeracy-2019", "culture-fit", "typing-test"])).to_owned());
        }
        let mut conn = self.app.read().await?;
        let key = loop {
            let key = *self.dice.pick(customer.offer);
            let standing = publications::standing(&mut conn, integration, key).await?;
            if standing.standing == crate::domain::intake::PackageStanding::Offered {
                break key;
            }
        };
        Ok(key.to_owned())
    }

    fn placing(&mut self, order: usize, integration: String, package: String) -> Placing {
        let first = FIRST_NAMES[order * 7 % FIRST_NAMES.len()];
        let last = LAST_NAMES[order * 11 % LAST_NAMES.len()];
        let (job, code, city, country) = *self.dice.pick(&JOBS);
        let (recruiter, recruiter_last) = *self.dice.pick(&RECRUITERS);
        let number = 1_000 + order;
        Placing {
            integration,
            package,
            inline: false,
            candidate: Some(Candidate {
                remote_id: Some(format!("cand-{number}")),
                email: mail_address(first, last),
                first_name: Some(first.into()),
                last_name: Some(last.into()),
                phone: (!order.is_multiple_of(3)).then(|| format!("+49 30 5550 {number}")),
            }),
            application: Some(Application {
                remote_id: Some(format!("app-{number}")),
            }),
            job: Some(Job {
                remote_id: Some(format!("job-{code}")),
                name: Some(job.into()),
                job_code: Some(code.into()),
                description: Some(DESCRIPTION.into()),
                location: Some(Location {
                    city: Some(city.into()),
                    country: Some(country.into()),
                    ..Location::default()
                }),
                hiring_team: vec![TeamMember {
                    remote_id: Some(format!("user-{recruiter}").to_lowercase()),
                    email: Some(mail_address(recruiter, recruiter_last)),
                    first_name: Some(recruiter.into()),
                    last_name: Some(recruiter_last.into()),
                    hiring_team_roles: vec![TeamRole::Recruiter],
                }],
            }),
            status: None,
            created_at: Some(self.app.clock.now()),
            id: None,
            event_id: None,
            webhook: Some(false),
            wait: None,
        }
    }

    async fn announce_changed(&self, kombo_id: &str) -> anyhow::Result<()> {
        let row = self.sandbox.store.order(kombo_id).await?;
        let mut told = row.order()?;
        told.job.name = told.job.name.map(|name| format!("{name} (part time)"));
        self.sandbox.store.set_order_data(kombo_id, &told).await?;
        let row = self.sandbox.store.order(kombo_id).await?;
        self.sandbox.announce(&row, None).await?;
        Ok(())
    }

    fn draft(&mut self, order: &OrderRow, fate: Fate) -> ResultDraft {
        let package = PACKAGES.iter().find(|package| package.key == order.package_key);
        let share = 55 + self.dice.below(43);
        let max = package.map_or("", |package| package.max_score);
        let score = max
            .parse::<u64>()
            .map_or(String::new(), |max| (max * share / 100).to_string());
        let parts = package.map_or(&[][..], |package| package.parts).iter().enumerate();
        let mut attributes = parts
            .map(|(at, (label, max))| AttributeDraft::SubResult {
                id: format!("part-{}", at + 1),
                label: (*label).into(),
                score: (u64::from(*max) * (share.saturating_sub(6) + self.dice.below(9)).min(100) / 100).to_string(),
                max: max.to_string(),
                status: "COMPLETED".into(),
            })
            .collect::<Vec<_>>();
        attributes.push(AttributeDraft::Text {
            label: "Level".into(),
            value: if share > 80 {
                "Above what was asked for"
            } else {
                "As asked for"
            }
            .into(),
        });
        let summary = if fate == Fate::InReview {
            SUMMARIES[0]
        } else {
            *self.dice.pick(&SUMMARIES)
        };
        ResultDraft {
            score,
            max_score: max.into(),
            attributes,
            summary: summary.into(),
            ..ResultDraft::default()
        }
    }
}

fn mail_address(first: &str, last: &str) -> String {
    let plain = |name: &str| {
        let folded = crate::domain::text::fold(name);
        folded.chars().filter(char::is_ascii_alphanumeric).collect::<String>()
    };
    format!("{}.{}@example.com", plain(first), plain(last))
}
