//! What the people in the make-believe ATS do; the pages and the control interface both come here.

use super::sender::{Answer, Webhook};
use super::state::new_id;
use super::store::{IntegrationRow, NewOrder, OrderRow};
use super::{Error, Sandbox, tools};
use crate::domain::time::Timestamp;
use crate::kombo::wire::{
    Application, Candidate, Category, ConnectionFlowFailed, EndUser, IntegrationCreated, IntegrationDeleted,
    IntegrationState, IntegrationStateChanged, Job, Order, OrderStatus, QaStatus, SetupStatus, event_type,
};
use serde::Deserialize;

/// An integration to be made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Connection {
    /// The ATS; Greenhouse where it is left out.
    pub tool: Option<String>,
    /// Whose it is.
    pub organization_name: Option<String>,
    /// Who makes it.
    pub creator_email: Option<String>,
    /// The id that the provider gave the customer.
    pub origin_id: Option<String>,
    /// How it fares; `ACTIVE` where it is left out.
    pub state: Option<String>,
    /// How far the set-up is; `COMPLETED` where it is left out.
    pub setup_status: Option<String>,
    /// Kombo's id; a new one where it is left out.
    pub id: Option<String>,
    /// False: tell nobody.
    pub webhook: Option<bool>,
}

/// An order to be placed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placing {
    /// Kombo's id of the integration.
    pub integration: String,
    /// The package's key; need not be one that is offered.
    pub package: String,
    /// Whether the candidate waits in the career page.
    #[serde(default)]
    pub inline: bool,
    /// Who is to take it; a believable person where it is left out.
    #[serde(default)]
    pub candidate: Option<Candidate>,
    /// The application.
    #[serde(default)]
    pub application: Option<Application>,
    /// The job.
    #[serde(default)]
    pub job: Option<Job>,
    /// Kombo's status; `OPEN` where it is left out.
    #[serde(default)]
    pub status: Option<OrderStatus>,
    /// When it was placed; now where it is left out.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// Kombo's id; a new one where it is left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The event's id; a new one where it is left out.
    #[serde(default)]
    pub event_id: Option<String>,
    /// False: Kombo sends no webhook.
    #[serde(default)]
    pub webhook: Option<bool>,
    /// False: don't wait for the webhook's answer.
    #[serde(default)]
    pub wait: Option<bool>,
}

impl Sandbox {
    /// Makes an integration and says so: `integration-created`, then `integration-state-changed`.
    pub async fn connect(&self, connection: Connection) -> Result<IntegrationRow, Error> {
        let now = self.clock.now();
        let tool = connection.tool.unwrap_or_else(|| "greenhouse".to_owned());
        let row = IntegrationRow {
            id: connection.id.unwrap_or_else(|| format!("{tool}:{}", new_id())),
            organization_name: connection
                .organization_name
                .unwrap_or_else(|| "Practice Ltd".to_owned()),
            creator_email: connection.creator_email,
            origin_id: connection.origin_id,
            state: connection.state.unwrap_or_else(|| IntegrationState::Active.to_string()),
            qa_status: QaStatus::Passed.to_string(),
            setup_status: connection
                .setup_status
                .unwrap_or_else(|| SetupStatus::Completed.to_string()),
            created_at: now,
            updated_at: now,
            tool,
        };
        self.store.add_integration(&row).await?;
        if connection.webhook != Some(false) {
            self.tell_created(&row).await?;
            self.tell_state(&row).await?;
        }
        Ok(row)
    }

    async fn tell_created(&self, row: &IntegrationRow) -> Result<(), Error> {
        let data = IntegrationCreated {
            id: row.id.clone(),
            tool: row.tool.clone(),
            category: Category::Assessment,
            end_user: row.end_user(),
        };
        self.send(&Webhook::new(event_type::INTEGRATION_CREATED, None, None, &data)?)
            .await?;
        Ok(())
    }

    /// Says how an integration fares.
    async fn tell_state(&self, row: &IntegrationRow) -> Result<(), Error> {
        let data = IntegrationStateChanged {
            integration_tool: row.tool.clone(),
            integration_id: row.id.clone(),
            integration_category: Category::Assessment,
            end_user: row.end_user(),
            qa_status: Some(QaStatus::from(row.qa_status.as_str())),
            setup_status: Some(SetupStatus::from(row.setup_status.as_str())),
            state: IntegrationState::from(row.state.as_str()),
            updated_at: Some(row.updated_at),
        };
        self.send(&Webhook::new(event_type::INTEGRATION_STATE_CHANGED, None, None, &data)?)
            .await?;
        Ok(())
    }

    /// One integration, which must be there.
    pub async fn integration(&self, id: &str) -> Result<IntegrationRow, Error> {
        self.store.integration(id).await?.ok_or(Error::Missing("integration"))
    }

    /// Changes how an integration fares, and says so unless `quietly`.
    pub async fn set_state(
        &self,
        id: &str,
        state: &str,
        setup: Option<&str>,
        quietly: bool,
    ) -> Result<IntegrationRow, Error> {
        let before = self.integration(id).await?;
        self.store
            .set_state(id, state, setup.unwrap_or(&before.setup_status), self.clock.now())
            .await?;
        let row = self.integration(id).await?;
        if !quietly {
            self.tell_state(&row).await?;
        }
        Ok(row)
    }

    /// Deletes an integration and says so.
    pub async fn disconnect(&self, id: &str) -> Result<(), Error> {
        let row = self.integration(id).await?;
        self.store.delete_integration(id).await?;
        let data = IntegrationDeleted {
            id: row.id.clone(),
            tool: row.tool.clone(),
            category: Category::Assessment,
            end_user: row.end_user(),
            deleted_at: Some(self.clock.now()),
        };
        self.send(&Webhook::new(event_type::INTEGRATION_DELETED, None, None, &data)?)
            .await?;
        Ok(())
    }

    /// Says that a customer tried to connect and failed.
    pub async fn fail_connection(&self, tool: &str, end_user: EndUser) -> Result<(), Error> {
        let data = ConnectionFlowFailed {
            integration_tool: tool.to_owned(),
            integration_category: Category::Assessment,
            end_user,
            log_url: Some(self.link("/ats/traffic")),
        };
        self.send(&Webhook::new(event_type::CONNECTION_FLOW_FAILED, None, None, &data)?)
            .await?;
        Ok(())
    }

    /// Keeps a new order; its webhook is not sent yet.
    pub async fn place(&self, placing: &Placing) -> Result<OrderRow, Error> {
        let integration = self.integration(&placing.integration).await?;
        let sample = self.sample().await?;
        let order = Order {
            id: placing.id.clone().unwrap_or_else(new_id),
            package_id: placing.package.clone(),
            status: placing.status.unwrap_or(OrderStatus::Open),
            integration_id: Some(integration.id.clone()),
            candidate: placing.candidate.clone().unwrap_or(sample.candidate),
            application: placing.application.clone().unwrap_or(sample.application),
            job: placing.job.clone().unwrap_or(sample.job),
        };
        let created_at = placing.created_at.unwrap_or_else(|| self.clock.now());
        self.store
            .add_order(&NewOrder {
                order,
                integration_id: integration.id,
                inline: placing.inline,
                created_at,
            })
            .await
    }

    /// Sends an order's webhook.
    pub async fn announce(&self, row: &OrderRow, event_id: Option<String>) -> Result<Answer, Error> {
        let kind = if row.inline {
            event_type::INLINE_ORDER_RECEIVED
        } else {
            event_type::ORDER_RECEIVED
        };
        self.send(&Webhook::new(kind, event_id, Some(&row.id), &row.order()?)?)
            .await
    }

    /// Sends an order's webhook without waiting for its answer.
    pub fn announce_later(&self, row: OrderRow, event_id: Option<String>) {
        let sandbox = self.clone();
        tokio::spawn(async move {
            if let Err(error) = sandbox.announce(&row, event_id).await {
                tracing::warn!(%error, "the sandbox could not send a webhook");
            }
        });
    }

    /// The recruiter cancels an order in the ATS: Kombo's status changes, and nobody is told.
    pub async fn cancel(&self, order: &str) -> Result<(), Error> {
        self.store.order(order).await?;
        if self
            .store
            .close_order(order, OrderStatus::Cancelled, "recruiter", None, self.clock.now())
            .await?
        {
            return Ok(());
        }
        Err(Error::Asked("the order is not open any more".into()))
    }

    /// A believable candidate and job, another one each time.
    pub async fn sample(&self) -> Result<Sample, Error> {
        let count = self.store.count_orders().await?;
        Ok(tools::sample(usize::try_from(count).unwrap_or(0)))
    }
}

/// A believable candidate for a believable job.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Who applies.
    pub candidate: Candidate,
    /// The application.
    pub application: Application,
    /// For what.
    pub job: Job,
}
