//! The calls themselves, in the order of the contract's table.

use super::reply::{read, read_written};
use super::{Client, Error, Reply, Unsendable};
use crate::domain::time::Timestamp;
use crate::kombo::wire::{
    CheckApiKey, CreateLink, HeldPackages, IntegrationByToken, IntegrationDetails, Link, OrderStatus, OrdersPage,
    Package, Packages, Relink, ResultBody, SetEnabled, SetupLink, Tools,
};
use crate::points::Point;
use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use std::fmt;

/// Which orders to list, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrdersQuery {
    /// The cursor of the page before; `None` for the first page.
    pub cursor: Option<String>,
    /// Orders on a page, 1 to [`OrdersQuery::LARGEST_PAGE`]; Kombo's default is 100.
    pub page_size: Option<u16>,
    /// Only these ids; all where empty.
    pub ids: Vec<String>,
    /// Only these statuses; all where empty.
    pub statuses: Vec<OrderStatus>,
    /// Only orders that Kombo created then or later.
    pub created_after: Option<Timestamp>,
}

impl OrdersQuery {
    /// Kombo's largest page.
    pub const LARGEST_PAGE: u16 = 250;

    /// The query's parameters; empty ones are left out.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let statuses: Vec<&str> = self.statuses.iter().map(|status| status.as_str()).collect();
        [
            ("cursor", self.cursor.clone()),
            (
                "page_size",
                self.page_size.map(|size| size.clamp(1, Self::LARGEST_PAGE).to_string()),
            ),
            ("ids", (!self.ids.is_empty()).then(|| self.ids.join(","))),
            ("statuses", (!statuses.is_empty()).then(|| statuses.join(","))),
            ("created_after", self.created_after.map(Timestamp::to_millis)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// Writes a body down.
fn json(body: &impl Serialize) -> Result<Bytes, Unsendable> {
    serde_json::to_vec(body).map(Bytes::from).map_err(|_| Unsendable::Body)
}

/// A call that writes an order's result, ready to be sent.
pub struct ResultCall(RequestBuilder);

impl fmt::Debug for ResultCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultCall").finish_non_exhaustive()
    }
}

impl ResultCall {
    /// Sends it.
    pub async fn send(self) -> Result<Reply<()>, Error> {
        let answer = self.0.send().await?;
        Point::Sent.pass();
        read_written(answer).await
    }
}

/// The header of every body.
const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Client {
    /// Whether the key is good, and for which environment.
    pub async fn check_api_key(&self) -> Result<Reply<CheckApiKey>, Error> {
        read(self.request(Method::GET, &["check-api-key"])?.send().await?).await
    }

    /// Makes a connection link for a customer.
    pub async fn create_link(&self, link: &CreateLink) -> Result<Reply<Link>, Error> {
        self.write(Method::POST, &["connect", "create-link"], link).await
    }

    /// The integration that an embedded flow made.
    pub async fn integration_by_token(&self, token: &str) -> Result<Reply<IntegrationByToken>, Error> {
        read(
            self.request(Method::GET, &["connect", "integration-by-token", token])?
                .send()
                .await?,
        )
        .await
    }

    /// An integration's details.
    pub async fn integration(&self, integration: &str) -> Result<Reply<IntegrationDetails>, Error> {
        read(
            self.request(Method::GET, &["integrations", integration])?
                .send()
                .await?,
        )
        .await
    }

    /// Switches an integration on or off.
    pub async fn set_enabled(&self, integration: &str, value: bool) -> Result<Reply<()>, Error> {
        let body = json(&SetEnabled { value })?;
        let request = self.request(Method::PUT, &["integrations", integration, "enabled"])?;
        read_written(request.header(CONTENT_TYPE, JSON).body(body).send().await?).await
    }

    /// Makes a link by which the customer reconnects an integration.
    pub async fn relink(&self, integration: &str, relink: &Relink) -> Result<Reply<Link>, Error> {
        self.write(Method::POST, &["integrations", integration, "relink"], relink)
            .await
    }

    /// Makes a link by which the customer goes on setting an integration up.
    pub async fn setup_link(&self, integration: &str, setup: &SetupLink) -> Result<Reply<Link>, Error> {
        self.write(Method::POST, &["integrations", integration, "setup-link"], setup)
            .await
    }

    /// Deletes an integration. This cannot be undone.
    pub async fn delete_integration(&self, integration: &str) -> Result<Reply<()>, Error> {
        let request = self.request(Method::DELETE, &["integrations", integration])?;
        read_written(request.header(CONTENT_TYPE, JSON).body("{}").send().await?).await
    }

    /// The ATSs that can be connected.
    pub async fn tools(&self) -> Result<Reply<Tools>, Error> {
        read(self.request(Method::GET, &["tools", "assessment"])?.send().await?).await
    }

    /// Sets an integration's packages: always the whole list; what is left out counts as deleted.
    pub async fn put_packages(&self, integration: &str, packages: &[Package]) -> Result<Reply<()>, Error> {
        let body = json(&Packages {
            packages: packages.to_vec(),
        })?;
        let request = self.request_for(integration, Method::PUT, &["assessment", "packages"])?;
        read_written(request.header(CONTENT_TYPE, JSON).body(body).send().await?).await
    }

    /// The packages that Kombo holds for an integration.
    pub async fn packages(&self, integration: &str) -> Result<Reply<HeldPackages>, Error> {
        read(
            self.request_for(integration, Method::GET, &["assessment", "packages"])?
                .send()
                .await?,
        )
        .await
    }

    /// One page of an integration's orders; go on with the answer's `next` as the query's `cursor`.
    pub async fn orders(&self, integration: &str, query: &OrdersQuery) -> Result<Reply<OrdersPage>, Error> {
        let request = self.request_for(integration, Method::GET, &["assessment", "orders"])?;
        read(request.query(&query.pairs()).send().await?).await
    }

    /// Writes an order's result.
    pub async fn put_result(&self, integration: &str, order: &str, result: &ResultBody) -> Result<Reply<()>, Error> {
        self.put_result_bytes(integration, order, json(result)?).await
    }

    /// Writes an order's result from a [`ResultBody`] that is written down already: as bytes, or as a stream
    /// (`reqwest::Body::wrap_stream`), since attachments make it up to 35 MB long.
    pub async fn put_result_bytes(
        &self,
        integration: &str,
        order: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<Reply<()>, Error> {
        self.result_call(integration, order, body)?.send().await
    }

    /// The same, made ready and not sent yet.
    pub fn result_call(
        &self,
        integration: &str,
        order: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<ResultCall, Unsendable> {
        let request = self.request_for(integration, Method::PUT, &["assessment", "orders", order, "result"])?;
        let request = request.header(CONTENT_TYPE, JSON).timeout(self.timeouts.result);
        Ok(ResultCall(request.body(body)))
    }

    /// Sends a body and reads the data of the answer.
    async fn write<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        segments: &[&str],
        body: &impl Serialize,
    ) -> Result<Reply<T>, Error> {
        let body = json(body)?;
        read(
            self.request(method, segments)?
                .header(CONTENT_TYPE, JSON)
                .body(body)
                .send()
                .await?,
        )
        .await
    }
}
