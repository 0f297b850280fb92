//! `/integrations/{id}/publish` shows what publishing would change and does it; `/compare` shows what Kombo holds.

use super::offer_difference::Difference;
use super::refused;
use crate::actions::publish_offer::{self, Confirmed, Proposal};
use crate::actions::schedule_publication::{self, Later};
use crate::actions::work::Work;
use crate::actions::{Error as Refusal, compare_offer, kombo_in_words};
use crate::app::App;
use crate::app::offer_check;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{IntegrationId, PublicationId};
use crate::domain::package::{OfferField, OfferLine, diff};
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::kombo::wire::HeldPackage;
use crate::store::integrations::{self, IntegrationRow};
use crate::store::publications::{self, PublicationRow};
use crate::store::{Conn, packages, schedules};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Path, Section, TimeView};
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
        Route::post("/integrations/{id}/publish/later/off", publish, call_off),
        Route::get("/integrations/{id}/compare", publish, compare),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The same list once more.
    again: String,
    /// The earlier publication that is to be brought back.
    restore: Option<PublicationId>,
}

#[derive(Template)]
#[template(path = "desk/publish.html")]
struct PublishPage {
    frame: Frame,
    row: IntegrationRow,
    tool: String,
    proposal: Proposal,
    difference: Difference,
    /// Of what is brought back, how many packages the catalogue has as retired.
    retired: usize,
    /// When it is to be published by itself, where somebody chose a time and nothing changed since.
    scheduled_at: Option<Timestamp>,
    form: FormState,
    again: bool,
}

impl PublishPage {
    async fn of(
        app: &App,
        staff: &Staff,
        id: IntegrationId,
        mut form: FormState,
        asked: &Asked,
    ) -> Result<Self, Error> {
        let mut conn = app.read().await?;
        let row = integrations::find(&mut conn, &staff.viewer, id)
            .await?
            .ok_or(Error::NotFound)?;
        let (proposal, retired) = match asked.restore {
            Some(earlier) => {
                let proposal = publish_offer::propose_restoring(&mut conn, id, earlier, app.clock.now()).await?;
                let retired = count_retired(&mut conn, &proposal).await?;
                (proposal, retired)
            }
            None => (publish_offer::propose(&mut conn, id, app.clock.now()).await?, 0),
        };
        let difference = Difference::of(&mut conn, id, &proposal).await?;
        let scheduled = schedules::find(&mut conn, id).await?;
        let base = proposal.base.as_ref().map(|base| base.id);
        let scheduled = scheduled.filter(|later| later.failed_at.is_none() && later.holds(row.offer_version, base));
        drop(conn);
        form.set("version", row.offer_version.to_string());
        form.set("based_on", base.map(|id| id.to_string()).unwrap_or_default());
        let tool = tool_label(&row.tool);
        let title = match &proposal.restores {
            Some(earlier) => format!("Bring No. {} back", earlier.number),
            None => format!("Publish to {tool}"),
        };
        Ok(Self {
            frame: staff.frame(app, title, Section::Customers).await?,
            row,
            tool,
            proposal,
            difference,
            retired,
            scheduled_at: scheduled.map(|later| later.due_at),
            form,
            again: asked.again == "on",
        })
    }
}

async fn count_retired(conn: &mut Conn, proposal: &Proposal) -> Result<usize, Error> {
    let catalogue = packages::by_keys(conn, proposal.lines.iter().map(|line| line.key.as_str())).await?;
    let retired = catalogue.values().filter(|package| package.retired_at.is_some());
    Ok(retired.count())
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<IntegrationId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let page = PublishPage::of(&app, &staff, id, FormState::default(), &asked).await?;
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
    let publication = |name: &str| {
        let id = Some(form.value(name)).filter(|text| !text.is_empty());
        id.map(str::parse::<PublicationId>).transpose().map_err(lost)
    };
    let asked = Asked {
        again: form.value("again").to_owned(),
        restore: publication("restore")?,
    };
    let confirmed = Confirmed {
        based_on: publication("based_on")?,
        offer_version: form.version()?,
        reason: form.value("reason").replace("\r\n", "\n"),
        empty_confirmed: form.is_on("empty"),
        again: form.is_on("again"),
        restores: asked.restore,
        by: None,
    };
    let mut work = app.begin(&staff.viewer).await?;
    let time = TimeView::new(app.clock.now(), &staff.zone);
    match carry_out(&mut work, id, confirmed, &form, &time).await {
        Ok(done) => {
            work.commit().await?;
            app.outbox_bell.notify_one();
            staff.tell(&app, Notice::good(done)).await?;
            Ok(hx.go(&format!("/integrations/{id}")))
        }
        // To send the newest list once more is asked for on the page that compares.
        Err(error) if asked.restore.is_some() && asked.again == "on" => {
            drop(work);
            let why = match error {
                Refusal::Refused(why) => why,
                error if error.is_changed() => {
                    "Somebody else published or changed this offer meanwhile. Nothing was sent.".to_owned()
                }
                error => return Err(error.into()),
            };
            staff.tell(&app, Notice::bad(why)).await?;
            Ok(hx.go(&format!("/integrations/{id}/compare")))
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
            let page = PublishPage::of(&app, &staff, id, form, &asked).await?;
            Ok((status, Page(page)).into_response())
        }
    }
}

/// Publishes now, or at the time that the form names; says what happens.
async fn carry_out(
    work: &mut Work,
    id: IntegrationId,
    confirmed: Confirmed,
    form: &FormState,
    time: &TimeView,
) -> Result<String, Refusal> {
    if form.value("do") != "later" {
        refuse_time(form)?;
        let row = publish_offer::publish(work, id, confirmed).await?;
        return Ok(format!(
            "Publication No. {} is on its way. It counts once Kombo has confirmed it.",
            row.number
        ));
    }
    let later = later(form, time)?;
    let row = schedule_publication::schedule(work, id, confirmed, later).await?;
    Ok(format!(
        "The offer will be published {}, as you saw it. Should it be changed before, somebody is asked to look again.",
        time.moment(row.due_at)
    ))
}

/// Whoever gave a time does not publish at once: the Enter key in that field means the form's first button.
pub(super) fn refuse_time(form: &FormState) -> Result<(), Refusal> {
    if form.value("due").trim().is_empty() {
        return Ok(());
    }
    let why = "You gave a time. Press ‘Publish at that time’, or empty this field to publish now.";
    Err(Refusal::field("due", why))
}

/// The moment that the form names, and what it says of orders that come before.
pub(super) fn later(form: &FormState, time: &TimeView) -> Result<Later, Refusal> {
    let due_at = time.read_input(form.value("due"));
    let due_at = due_at.ok_or_else(|| Refusal::field("due", "Please give a day and a time."))?;
    Ok(Later {
        due_at,
        whatever_orders: form.is_on("whatever_orders"),
    })
}

async fn call_off(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
) -> Result<Response, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    schedule_publication::call_off(&mut work, id).await?;
    work.commit().await?;
    staff
        .tell(&app, Notice::good("It is called off. The draft stays as it is."))
        .await?;
    Ok(hx.go(&format!("/integrations/{id}")))
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
        Some(kombo) => offer_check::compare(&app, kombo, &row)
            .await?
            .map_err(|error| kombo_in_words(&error)),
        None => Err("Kombo's API key is not set here, so Kombo can't be asked.".to_owned()),
    };
    let (held, drift, refused) = match answer {
        Ok(packages) => (packages.len(), drift(&ours, packages), None),
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

/// What Kombo holds otherwise than `ours`.
fn drift(ours: &[OfferLine], held: Vec<HeldPackage>) -> Vec<Drift> {
    let held = compare_offer::as_lines(ours, held);
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
