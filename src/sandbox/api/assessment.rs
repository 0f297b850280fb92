//! What calls about assessments share, and the calls about packages.

use super::connect::known;
use super::refusal::{success, written};
use super::{Refusal, check};
use crate::kombo::wire::{HeldPackage, HeldPackages, IntegrationState, PackageType, Packages, SetupStatus};
use crate::kombo::{Code, INTEGRATION_HEADER};
use crate::sandbox::Sandbox;
use crate::sandbox::store::IntegrationRow;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;

type Answer = Result<Response, Refusal>;

/// The integration that the call names.
pub(super) async fn named(sandbox: &Sandbox, headers: &HeaderMap) -> Result<IntegrationRow, Refusal> {
    let id = headers
        .get(INTEGRATION_HEADER)
        .and_then(|id| id.to_str().ok())
        .filter(|id| !id.is_empty());
    known(
        sandbox,
        id.ok_or_else(|| Refusal::input("The header X-Integration-Id is required."))?,
    )
    .await
}

/// The same, for calls that write: only to an integration that works.
pub(super) async fn working(sandbox: &Sandbox, headers: &HeaderMap) -> Result<IntegrationRow, Refusal> {
    let row = named(sandbox, headers).await?;
    match (
        IntegrationState::from(row.state.as_str()),
        SetupStatus::from(row.setup_status.as_str()),
    ) {
        (IntegrationState::Invalid, _) => Err(Refusal::new(
            Code::IntegrationAuthenticationInvalid,
            "The integration's credentials are no longer valid.",
        )),
        (IntegrationState::Inactive, _) => Err(Refusal::new(Code::IntegrationInactive, "The integration is inactive.")),
        (_, SetupStatus::Incomplete) => Err(Refusal::new(
            Code::IntegrationSetupIncomplete,
            "The integration's set-up is not finished.",
        )),
        (_, SetupStatus::FinalSyncPending) => Err(Refusal::new(
            Code::IntegrationSetupSyncPending,
            "The integration's first sync still runs.",
        )),
        _ => Ok(row),
    }
}

pub(super) async fn packages(State(sandbox): State<Sandbox>, headers: HeaderMap) -> Answer {
    let integration = named(&sandbox, &headers).await?;
    let rows = sandbox.store.packages(&integration.id).await?;
    let packages = rows
        .into_iter()
        .filter(|row| !row.withdrawn)
        .map(|row| HeldPackage {
            package_type: Some(PackageType::from(row.package_type.as_str())),
            updated_at: Some(row.updated_at),
            id: row.id,
            name: row.name,
            description: row.description,
        })
        .collect();
    Ok(success(HeldPackages { packages }))
}

pub(super) async fn put_packages(State(sandbox): State<Sandbox>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let integration = working(&sandbox, &headers).await?;
    let body = check::body(&bytes)?;
    check::packages(&body)?;
    let packages: Packages = serde_json::from_value(body).map_err(|error| Refusal::input(error.to_string()))?;
    sandbox
        .store
        .set_packages(&integration.id, &packages.packages, sandbox.clock.now())
        .await?;
    Ok(written(Vec::new()))
}
