//! `/integrations/{id}/publish` shows what publishing would change and does it; `/compare` shows what Kombo holds.

use super::refused;
use crate::actions::kombo_in_words;
use crate::actions::publish_offer::{self, Confirmed, Proposal};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, IntegrationId, PublicationId};
use crate::domain::package::{OfferDiff, OfferField, OfferLine, PackageType, diff};
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::kombo::wire::HeldPackage;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::publications::{self, PublicationRow};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    let publish = Access::Needs(Permission::Publish);
    vec![
        Route::get("/integrations/{id}/publish", publish, show),
        Route::post("/integrations/{id}/publish", publish, send),
        Route::get("/integrations/{id}/compare", publish, compare),
        Route::get(
            "/integrations/{id}/publications/{publication}",
            Access::Needs(Permission::ViewCustomers),
            past,
        ),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    again: String,
}

#[derive(Template)]
#[template(path = "desk/publish.html")]
struct PublishPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    proposal: Proposal,
    /// How many open orders each package has that would go, in the difference's order.
    orders_of_removed: Vec<i64>,
    form: FormState,
    again: bool,
}

impl PublishPage {
    fn diff(&self) -> OfferDiff<'_> {
        diff(&self.proposal.base_lines, &self.proposal.lines)
    }

    /// The open orders of the package that stands at this place among those that go.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "a template hands its loop's place over by reference"
    )]
    fn orders_of(&self, at: &usize) -> i64 {
        self.orders_of_removed.get(*at).copied().unwrap_or_default()
    }

    async fn of(app: &App, staff: &Staff, id: IntegrationId, mut form: FormState, again: bool) -> Result<Self, Error> {
        let mut conn = app.read().await?;
        let row = integrations::find(&mut conn, &staff.viewer, id)
            .await?
            .ok_or(Error::NotFound)?;
        let proposal = publish_offer::propose(&mut conn, id).await?;
        let mut orders_of_removed = Vec::new();
        for line in diff(&proposal.base_lines, &proposal.lines).removed {
            orders_of_removed.push(publications::open_orders(&mut conn, id, &line.key).await?);
        }
        drop(conn);
        form.set("version", row.offer_version.to_string());
        form.set(
            "based_on",
            proposal
                .base
                .as_ref()
                .map(|base| base.id.to_string())
                .unwrap_or_default(),
        );
        let tool = tool_label(&row.tool);
        Ok(Self {
            frame: staff
                .frame(app, format!("Publish to {tool}"), Section::Customers)
                .await?,
            row,
            tool,
            proposal,
            orders_of_removed,
            form,
            again,
        })
    }
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<IntegrationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let page = PublishPage::of(&app, &staff, id, FormState::default(), asked.again == "on").await?;
    Ok(Page(page).into_response())
}

async fn send(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    mut form: FormState,
) -> Result<Response, Error> {
    let lost = |_| Error::Invalid("The form does not say what it was made from: open the page again.".into());
    let based_on = Some(form.value("based_on")).filter(|text| !text.is_empty());
    let based_on = based_on.map(str::parse::<PublicationId>).transpose().map_err(lost)?;
    let again = form.is_on("again");
    let confirmed = Confirmed {
        based_on,
        offer_version: form.version()?,
        reason: form.value("reason").replace("\r\n", "\n"),
        empty_confirmed: form.is_on("empty"),
        again,
    };
    let mut work = app.begin(&staff.viewer).await?;
    match publish_offer::publish(&mut work, id, confirmed).await {
        Ok(row) => {
            work.commit().await?;
            app.outbox_bell.notify_one();
            let done = format!(
                "Publication No. {} is on its way. It counts once Kombo has confirmed it.",
                row.number
            );
            staff.tell(&app, Notice::good(done)).await?;
            Ok(hx.go(&format!("/integrations/{id}")))
        }
        Err(error) => {
            drop(work);
            let status = if error.is_changed() {
                form.refuse_all(
                    "Somebody else published or changed this offer after you opened this page. Nothing was sent. Below is what publishing would change now.",
                );
                StatusCode::CONFLICT
            } else {
                refused::note(&mut form, error)?;
                StatusCode::UNPROCESSABLE_ENTITY
            };
            let page = PublishPage::of(&app, &staff, id, form, again).await?;
            Ok((status, Page(page)).into_response())
        }
    }
}

/// One way in which Kombo holds something else than we published.
struct Drift {
    class: &'static str,
    key: String,
    text: String,
}

#[derive(Template)]
#[template(path = "desk/compare.html")]
struct ComparePage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    published: Option<PublicationRow>,
    held: usize,
    drift: Vec<Drift>,
    refused: Option<String>,
    on_its_way: bool,
}

async fn compare(State(app): State<App>, staff: Staff, Path(id): Path<IntegrationId>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let row = integrations::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let published = publications::newest_confirmed(&mut conn, id).await?;
    let base = publications::base(&mut conn, id).await?;
    let ours = match &published {
        Some(published) => publications::lines(&mut conn, published.id).await?,
        None => Vec::new(),
    };
    drop(conn);
    let answer = match &app.kombo {
        Some(kombo) => kombo
            .packages(&row.kombo_id)
            .await
            .map_err(|error| kombo_in_words(&error)),
        None => Err("Kombo's API key is not set here, so Kombo can't be asked.".to_owned()),
    };
    let (held, drift, refused) = match answer {
        Ok(reply) => (reply.data.packages.len(), drift(&ours, reply.data.packages), None),
        Err(why) => (0, Vec::new(), Some(why)),
    };
    let tool = tool_label(&row.tool);
    let page = ComparePage {
        frame: staff
            .frame(&app, format!("{tool}: compared with Kombo"), Section::Customers)
            .await?,
        on_its_way: base.map(|base| base.id) != published.as_ref().map(|published| published.id),
        row,
        tool,
        published,
        held,
        drift,
        refused,
    };
    Ok(Page(page).into_response())
}

/// What Kombo holds otherwise than `ours`. Kombo promises no order, and old packages have no type there.
fn drift(ours: &[OfferLine], held: Vec<HeldPackage>) -> Vec<Drift> {
    let held: Vec<OfferLine> = held
        .into_iter()
        .map(|package| {
            let own = ours.iter().find(|line| line.key == package.id);
            let told = package.package_type.and_then(|kind| PackageType::parse(kind.as_str()));
            OfferLine {
                kind: told.or(own.map(|line| line.kind)).unwrap_or(PackageType::SkillsTest),
                key: package.id,
                name: package.name,
                description: package.description,
            }
        })
        .collect();
    let diff = diff(ours, &held);
    let missing = diff.removed.iter().map(|line| Drift {
        class: "removed",
        key: line.key.clone(),
        text: format!("{}: published by us, but Kombo does not hold it", line.name),
    });
    let strange = diff.added.iter().map(|line| Drift {
        class: "added",
        key: line.key.clone(),
        text: format!("{}: Kombo holds it, but we did not publish it", line.name),
    });
    let changed = diff.changed.iter().map(|it| Drift {
        class: "changed",
        key: it.new.key.clone(),
        text: it
            .fields
            .iter()
            .map(|field| in_words(*field, it.old, it.new))
            .collect::<Vec<_>>()
            .join("; "),
    });
    missing.chain(strange).chain(changed).collect()
}

fn in_words(field: OfferField, ours: &OfferLine, held: &OfferLine) -> String {
    let (ours, held) = match field {
        OfferField::Name => (ours.name.as_str(), held.name.as_str()),
        OfferField::Description => (ours.description.as_str(), held.description.as_str()),
        OfferField::Kind => (ours.kind.label(), held.kind.label()),
    };
    format!("{}: we published ‘{ours}’, Kombo holds ‘{held}’", field.label())
}

#[derive(Template)]
#[template(path = "desk/publication.html")]
struct PublicationPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    publication: PublicationRow,
    lines: Vec<OfferLine>,
    delivery: Option<(DeliveryId, DeliveryState)>,
    may_see_traffic: bool,
}

async fn past(
    State(app): State<App>,
    staff: Staff,
    Path((id, publication)): Path<(IntegrationId, PublicationId)>,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let row = integrations::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let publication = publications::find(&mut conn, publication).await?;
    let publication = publication
        .filter(|it| it.integration_id == id)
        .ok_or(Error::NotFound)?;
    let lines = publications::lines(&mut conn, publication.id).await?;
    let delivery = publications::delivery(&mut conn, publication.id).await?;
    drop(conn);
    let tool = tool_label(&row.tool);
    let page = PublicationPage {
        frame: staff
            .frame(
                &app,
                format!("Publication No. {}", publication.number),
                Section::Customers,
            )
            .await?,
        row,
        tool,
        publication,
        lines,
        delivery,
        may_see_traffic: staff.viewer.can(Permission::ViewTraffic),
    };
    Ok(Page(page).into_response())
}
