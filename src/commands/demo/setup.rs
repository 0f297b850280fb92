//! Staff, catalogue, customers, connected ATSs and published offers of the demo.

use super::data::{self, CUSTOMERS, Customer, DRIVING_RECORD, PACKAGES, Package, STAFF};
use super::days::World;
use crate::actions::change_offer::{self, OfferChange};
use crate::actions::{change_package, create_customer, publish_offer, staff_add};
use crate::auth::password;
use crate::domain::customer::{CustomerInput, CustomerTerms};
use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::intake::{CustomerSettings, HoldElse, HoldSetting};
use crate::domain::package::PackageInput;
use crate::domain::package_texts::PackageTexts;
use crate::domain::role::Role;
use crate::domain::viewer::Viewer;
use crate::outbox;
use crate::sandbox::play::Connection;
use crate::store::{integrations, staff};
use std::collections::HashMap;

/// Makes everything that must be there before the first order.
pub(super) async fn make(world: &mut World) -> anyhow::Result<()> {
    add_staff(world).await?;
    let packages = add_packages(world).await?;
    for customer in &CUSTOMERS {
        let integration = connect(world, customer).await?;
        publish(world, integration, customer, &packages).await?;
    }
    retire_driving_record(world, &packages).await
}

async fn add_staff(world: &mut World) -> anyhow::Result<()> {
    let hash = password::hash(super::PASSWORD).await?;
    for (name, email, role) in STAFF {
        let given = staff_add::Given {
            name: name.into(),
            role,
            all_customers: true,
            customers: Vec::new(),
        };
        let mut work = world.app.begin(&Viewer::command()).await?;
        let id = staff_add::add(&mut work, email, &given).await?;
        staff::set_password(&mut work.conn, id, &hash).await?;
        work.commit().await?;
        world.staff.push((role, Viewer::staff(id, role, true)));
    }
    Ok(())
}

async fn add_packages(world: &World) -> anyhow::Result<HashMap<&'static str, PackageId>> {
    let mut packages = HashMap::new();
    for package in PACKAGES.iter().chain([&DRIVING_RECORD]) {
        let mut work = world.app.begin(&world.as_role(Role::Manager)).await?;
        let row = change_package::create(&mut work, package.key, input(package)).await?;
        work.commit().await?;
        packages.insert(package.key, row.id);
    }
    Ok(packages)
}

fn input(package: &Package) -> PackageInput {
    PackageInput {
        name: package.name.into(),
        description: package.description.into(),
        kind: package.kind,
        start_url: format!("https://tests.assessdesk.example/{}?order={{order}}", package.key),
        max_score: package.max_score.into(),
        duration: package.minutes.into(),
        tags: package.tags.into(),
        regions: package.regions.into(),
        due_hours: String::new(),
        result_parts: String::new(),
        score_bands: match package.max_score {
            "100" => "85: Strong\n60: Solid\n0: Below what was asked".into(),
            _ => String::new(),
        },
        texts: PackageTexts::default(),
    }
}

/// Creates the customer; it connects its ATS, and Kombo tells us so.
async fn connect(world: &World, customer: &Customer) -> anyhow::Result<IntegrationId> {
    let mut work = world.app.begin(&world.as_role(Role::Manager)).await?;
    let input = CustomerInput {
        name: customer.name.into(),
        origin_id: customer.origin_id.into(),
        contact_email: customer.email.into(),
        settings: CustomerSettings {
            take_orders: customer.take_orders,
            hold: customer.hold.map(|seconds| HoldSetting {
                seconds,
                otherwise: HoldElse::Accept,
                message: String::new(),
            }),
            unknown_package: customer.unknown_package,
            unknown_message: String::new(),
            withdrawn_package: customer.withdrawn_package,
            withdrawn_message: String::new(),
            invite: customer.invite,
            language: crate::domain::language::Language::En,
            due_hours: customer.due_hours,
        },
        terms: CustomerTerms::default(),
    };
    create_customer::create(&mut work, input).await?;
    work.commit().await?;
    let connection = Connection {
        tool: Some(customer.tool.into()),
        organization_name: Some(customer.name.into()),
        creator_email: Some(customer.email.into()),
        origin_id: Some(customer.origin_id.into()),
        ..Connection::default()
    };
    let connected = world.sandbox.connect(connection).await?;
    let mut conn = world.app.read().await?;
    let row = integrations::find_by_kombo_id(&mut conn, &connected.id).await?;
    Ok(row
        .ok_or_else(|| anyhow::anyhow!("the integration of {} did not arrive", customer.name))?
        .id)
}

async fn publish(
    world: &World,
    integration: IntegrationId,
    customer: &Customer,
    packages: &HashMap<&'static str, PackageId>,
) -> anyhow::Result<()> {
    let offered = customer
        .offer
        .iter()
        .filter_map(|key| packages.get(key).copied())
        .collect();
    change_and_publish(world, integration, OfferChange::Add(offered), "").await
}

/// Changes an offer and sends it to Kombo.
pub(super) async fn change_and_publish(
    world: &World,
    integration: IntegrationId,
    change: OfferChange,
    reason: &str,
) -> anyhow::Result<()> {
    let viewer = world.as_role(Role::Manager);
    let mut work = world.app.begin(&viewer).await?;
    let row = integrations::find(&mut work.conn, &viewer, integration).await?;
    let version = row.map_or(1, |row| row.offer_version);
    let version = change_offer::change(&mut work, integration, version, change).await?;
    let proposal = publish_offer::propose(&mut work.conn, integration, work.now).await?;
    let confirmed = publish_offer::Confirmed {
        based_on: proposal.base.map(|base| base.id),
        offer_version: version,
        reason: reason.into(),
        ..publish_offer::Confirmed::default()
    };
    publish_offer::publish(&mut work, integration, confirmed).await?;
    work.commit().await?;
    outbox::deliver_due(&world.app).await?;
    Ok(())
}

/// The driving record was sold for a while and is not any more; one customer's orders still name it.
async fn retire_driving_record(world: &World, packages: &HashMap<&'static str, PackageId>) -> anyhow::Result<()> {
    let Some(&id) = packages.get(data::DRIVING_RECORD.key) else {
        return Ok(());
    };
    world.pass(std::time::Duration::from_mins(10));
    for (integration, offered) in world.offers().await? {
        if offered.contains(&data::DRIVING_RECORD.key) {
            let reason = "The register that this check needs has closed.";
            change_and_publish(world, integration, OfferChange::Remove(vec![id]), reason).await?;
        }
    }
    let mut work = world.app.begin(&world.as_role(Role::Manager)).await?;
    change_package::retire(&mut work, id, 1, true).await?;
    work.commit().await?;
    Ok(())
}
