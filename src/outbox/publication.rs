//! Sends an integration's whole list of packages, and reads back what Kombo holds.

use super::sender::{NoCall, failed, succeeded};
use super::shape;
use crate::actions::record_attempt::{Ended, Tried};
use crate::app::App;
use crate::domain::package::OfferLine;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::kombo::Client;
use crate::kombo::wire::{HeldPackage, Package, PackageType, Packages};
use crate::store::deliveries::DeliveryRow;
use crate::store::{integrations, publications};
use sha2::{Digest, Sha256};

/// What is needed for the call.
pub(super) struct Prepared {
    integration: String,
    packages: Vec<Package>,
    read_back: bool,
}

/// Reads the publication's list. One that a newer one has overtaken is not sent any more.
pub(super) async fn prepare(app: &App, claimed: &DeliveryRow) -> Result<Prepared, NoCall> {
    let mut conn = app.read().await?;
    let publication = match claimed.publication_id {
        Some(id) => publications::find(&mut conn, id).await?,
        None => None,
    };
    let publication = publication.ok_or_else(|| impossible("Its publication is not there any more."))?;
    let newest = publications::newest(&mut conn, publication.integration_id).await?;
    if newest.is_some_and(|newest| newest.number > publication.number) {
        return Err(NoCall::Ended(Ended::Replaced));
    }
    let integration = integrations::find(&mut conn, &Viewer::system(), publication.integration_id).await?;
    let integration = integration.ok_or_else(|| impossible("Its integration is not there any more."))?;
    let lines = publications::lines(&mut conn, publication.id).await?;
    Ok(Prepared {
        integration: integration.kombo_id,
        packages: lines.into_iter().map(package).collect(),
        read_back: claimed.doubt.is_some(),
    })
}

fn impossible(why: &str) -> NoCall {
    NoCall::Ended(Ended::Impossible(why.to_owned()))
}

fn package(line: OfferLine) -> Package {
    Package {
        id: line.key,
        package_type: PackageType::from(line.kind.as_str()),
        name: line.name,
        description: line.description,
    }
}

/// Sends the list, or reads back what is there.
pub(super) async fn call(kombo: &Client, prepared: Prepared, began: Timestamp) -> Tried {
    let Prepared {
        integration,
        packages,
        read_back,
    } = prepared;
    if read_back {
        return match kombo.packages(&integration).await {
            Ok(reply) => {
                let same = holds(&reply.data.packages, &packages);
                succeeded(Ended::Held(same), reply, began)
            }
            Err(error) => failed(&error, began),
        };
    }
    let sent = written(&packages);
    let tried = match kombo.put_packages(&integration, &packages).await {
        Ok(reply) => succeeded(Ended::Taken, reply, began),
        Err(error) => failed(&error, began),
    };
    Tried { sent, ..tried }
}

/// Whether Kombo holds exactly this list; it promises no order, and may not know the type of an old package.
fn holds(held: &[HeldPackage], list: &[Package]) -> bool {
    held.len() == list.len()
        && list.iter().all(|package| {
            held.iter().any(|held| {
                held.id == package.id
                    && held.name == package.name
                    && held.description == package.description
                    && held
                        .package_type
                        .as_ref()
                        .is_none_or(|kind| *kind == package.package_type)
            })
        })
}

/// Digest and shape of the body that the client writes.
fn written(packages: &[Package]) -> Option<(Vec<u8>, serde_json::Value)> {
    let body = Packages {
        packages: packages.to_vec(),
    };
    let value = serde_json::to_value(&body).ok()?;
    let bytes = serde_json::to_vec(&body).ok()?;
    Some((Sha256::digest(&bytes).to_vec(), shape::of(&value)))
}
