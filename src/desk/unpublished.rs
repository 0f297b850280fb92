//! `/publish`: every integration whose draft offer differs from what was published, and publishing many of them at once.

use super::offer_difference::{Difference, open_orders};
use super::publish::{later, refuse_time};
use super::refused;
use super::traffic::address;
use crate::actions::Error as Refusal;
use crate::actions::publish_offer::{self, Confirmed, Proposal};
use crate::actions::roll_out::{self, MOST, Pick};
use crate::actions::schedule_publication;
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::role::Permission;
use crate::domain::text::{fold, tool_label};
use crate::domain::viewer::Viewer;
use crate::store::rollouts::{self, ListedRollout, RolloutRow};
use crate::store::unpublished::{self, After, Filter, UnpublishedRow};
use crate::store::{self, Conn, integrations, packages};
use crate::web::{Error, FormState, Frame, Hx, Notice, Page, Section, TimeView};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// How many of the last rollouts the page shows.
const LAST: i64 = 8;

/// How often an integration is tried where the database is busy.
const TRIES: u32 = 4;

pub(super) fn routes() -> Vec<Route> {
    let publish = Access::Needs(Permission::Publish);
    vec![
        Route::get("/publish", publish, show),
        Route::post("/publish", publish, send),
    ]
}

/// How many offers wait to be published, for a person who may do that; else none.
pub(super) async fn count(conn: &mut Conn, staff: &Staff, package: Option<PackageId>) -> Result<i64, store::Error> {
    if staff.viewer.can(Permission::Publish) {
        unpublished::count(conn, &staff.viewer, package).await
    } else {
        Ok(0)
    }
}

/// Which offers the page shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Part of a customer's name.
    q: String,
    /// Only those that offer this package.
    package: String,
    /// After this integration.
    after: String,
}

impl Asked {
    fn of(form: &FormState) -> Self {
        Self {
            q: form.value("q").to_owned(),
            package: form.value("package").to_owned(),
            after: form.value("after").to_owned(),
        }
    }

    fn filter(&self) -> Filter {
        Filter {
            customer: self.q.clone(),
            package: self.package.parse().ok(),
        }
    }

    fn is_filtered(&self) -> bool {
        !self.q.is_empty() || !self.package.is_empty()
    }

    /// The place after a row: its integration, then the customer's folded name.
    fn after(&self) -> Option<After> {
        let (id, name) = self.after.split_once('.')?;
        Some(After {
            name_folded: name.to_owned(),
            id: id.parse().ok()?,
        })
    }

    fn url(&self, after: &str) -> String {
        let pairs = [("q", self.q.as_str()), ("package", &self.package), ("after", after)];
        address("/publish", &pairs)
    }
}

/// An integration where something would change.
struct Row {
    marked: UnpublishedRow,
    tool: String,
    /// Open orders of the packages that go.
    open_orders: i64,
    pick: String,
    picked: bool,
    /// Nothing would be offered: that is confirmed on the integration's own page.
    empties: bool,
}

/// Integrations where the same would change.
struct Group {
    /// With the open orders of all of them.
    difference: Difference,
    rows: Vec<Row>,
}

impl Group {
    /// How many can be published to from here.
    fn tickable(&self) -> usize {
        self.rows.iter().filter(|row| !row.empties).count()
    }
}

/// Puts a row to those where the same would change.
fn group(groups: &mut Vec<Group>, difference: Difference, row: Row) {
    if let Some(group) = groups.iter_mut().find(|group| group.difference.is_like(&difference)) {
        group.difference.count_in(&difference);
        group.rows.push(row);
    } else {
        let rows = vec![row];
        groups.push(Group { difference, rows });
    }
}

/// A pick as the form carries it.
fn written(id: IntegrationId, offer_version: i64, proposal: &Proposal) -> String {
    let base = proposal.base.as_ref().map(|base| base.id.to_string());
    format!("{id} {offer_version} {}", base.unwrap_or_default())
}

fn read(text: &str) -> Option<Pick> {
    let mut parts = text.split(' ');
    let integration = parts.next()?.parse().ok()?;
    let offer_version = parts.next()?.parse().ok()?;
    let based_on = match parts.next()? {
        "" => None,
        base => Some(base.parse().ok()?),
    };
    Some(Pick {
        integration,
        offer_version,
        based_on,
    })
}

#[derive(Template)]
#[template(path = "desk/unpublished.html", blocks = ["list"])]
struct UnpublishedPage {
    frame: Frame,
    asked: Asked,
    package: Option<String>,
    groups: Vec<Group>,
    first: Option<String>,
    next: Option<String>,
    last: Vec<ListedRollout>,
    form: FormState,
}

impl UnpublishedPage {
    async fn of(app: &App, staff: &Staff, asked: Asked, form: FormState) -> Result<Self, Error> {
        let mut conn = app.read().await?;
        let after = asked.after();
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let mut marked = unpublished::page(&mut conn, &staff.viewer, &asked.filter(), after.as_ref(), most + 1).await?;
        let more = marked.len() > MOST;
        marked.truncate(MOST);
        let next = marked.last().filter(|_| more).map(|last| {
            let place = format!("{}.{}", last.integration.id, fold(&last.customer_name));
            asked.url(&place)
        });
        let ids = marked.iter().map(|row| row.integration.id).collect::<Vec<_>>();
        let mut proposals = publish_offer::propose_many(&mut conn, &ids, app.clock.now()).await?;
        let orders = open_orders(&mut conn, proposals.iter().map(|(id, proposal)| (*id, proposal))).await?;
        let (mut groups, mut same) = (Vec::new(), Vec::new());
        let is_asked = form.is_on("sent");
        for row in marked {
            let id = row.integration.id;
            let proposal = proposals.remove(&id).unwrap_or_default();
            let difference = Difference::with(id, &proposal, &orders);
            if difference.is_empty() {
                same.push(id);
                continue;
            }
            let pick = written(id, row.integration.offer_version, &proposal);
            let row = Row {
                tool: tool_label(&row.integration.tool),
                open_orders: difference.open_orders(),
                picked: !is_asked || form.has("pick", &pick),
                empties: proposal.lines.is_empty(),
                pick,
                marked: row,
            };
            group(&mut groups, difference, row);
        }
        let package = match asked.package.parse::<PackageId>() {
            Ok(id) => packages::find(&mut conn, id).await?.map(|package| package.name),
            Err(_) => None,
        };
        let last = rollouts::newest(&mut conn, &staff.viewer, LAST).await?;
        drop(conn);
        unmark(app, same).await?;
        Ok(Self {
            frame: staff.frame(app, "Unpublished changes", Section::Customers).await?,
            first: after.map(|_| asked.url("")),
            next,
            asked,
            package,
            groups,
            last,
            form,
        })
    }

    fn removes(&self) -> bool {
        let mut tickable = self.groups.iter().filter(|group| group.tickable() > 0);
        tickable.any(|group| !group.difference.removed.is_empty())
    }

    fn can_send(&self) -> bool {
        self.groups.iter().any(|group| group.tickable() > 0)
    }

    fn shown(&self) -> usize {
        self.groups.iter().map(|group| group.rows.len()).sum()
    }
}

/// Takes the mark off offers that were changed and changed back; each is compared once more, now that nobody can change it.
async fn unmark(app: &App, same: Vec<IntegrationId>) -> Result<(), Error> {
    if same.is_empty() {
        return Ok(());
    }
    let mut work = app.begin_system().await?;
    for id in same {
        publish_offer::mark(&mut work, id).await?;
    }
    Ok(work.commit().await?)
}

async fn show(State(app): State<App>, staff: Staff, hx: Hx, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let page = UnpublishedPage::of(&app, &staff, asked, FormState::default()).await?;
    Ok(hx.answer(&page, &page.as_list()))
}

async fn send(State(app): State<App>, staff: Staff, hx: Hx, mut form: FormState) -> Result<Response, Error> {
    let lost = || Error::Invalid("The form does not say what it was made from: open the page again.".into());
    let picks = form
        .all("pick")
        .map(read)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(lost)?;
    let reason = form.value("reason").trim().replace("\r\n", "\n");
    form.set("sent", "on");
    let picks = seen(&app, &staff, picks).await?;
    if picks.is_empty() {
        form.refuse_all("Tick at least one ATS to publish to.");
        return again(&app, &staff, form).await;
    }
    if reason.is_empty() && removes_any(&app, &picks).await? {
        form.refuse(
            "reason",
            "Say why packages are removed; it is kept with each publication.",
        );
        return again(&app, &staff, form).await;
    }
    if form.value("do") == "later" {
        return schedule_all(&app, &staff, hx, form, picks).await;
    }
    if let Err(error) = refuse_time(&form) {
        refused::note(&mut form, error)?;
        return again(&app, &staff, form).await;
    }
    let mut work = app.begin(&staff.viewer).await?;
    let rollout = match roll_out::begin(&mut work, picks.len(), &reason).await {
        Ok(rollout) => rollout,
        Err(error) => {
            drop(work);
            refused::note(&mut form, error)?;
            return again(&app, &staff, form).await;
        }
    };
    work.commit().await?;
    let address = format!("/rollouts/{}", rollout.id);
    // A task of its own: it goes on to its end, though the person may not wait for it.
    tokio::spawn(publish_all(app, staff.viewer, rollout, picks))
        .await
        .map_err(Error::internal)??;
    Ok(hx.go(&address))
}

/// Has each of them published later, each for itself, and says how many were left out.
async fn schedule_all(
    app: &App,
    staff: &Staff,
    hx: Hx,
    mut form: FormState,
    picks: Vec<Pick>,
) -> Result<Response, Error> {
    let time = TimeView::new(app.clock.now(), &staff.zone);
    let (mut done, mut left) = (0_usize, 0_usize);
    let planned = match later(&form, &time) {
        Ok(planned) => planned,
        Err(error) => {
            refused::note(&mut form, error)?;
            return again(app, staff, form).await;
        }
    };
    for pick in picks {
        let confirmed = Confirmed {
            based_on: pick.based_on,
            offer_version: pick.offer_version,
            reason: form.value("reason").replace("\r\n", "\n"),
            ..Confirmed::default()
        };
        let mut work = app.begin(&staff.viewer).await?;
        match schedule_publication::schedule(&mut work, pick.integration, confirmed, planned).await {
            Ok(_) => {
                work.commit().await?;
                done += 1;
            }
            // What is wrong with the form is wrong for all of them, and is told before any is done.
            Err(error @ Refusal::Fields(_)) if done == 0 => {
                drop(work);
                refused::note(&mut form, error)?;
                return again(app, staff, form).await;
            }
            Err(_) => left += 1,
        }
    }
    let said = format!(
        "{done} will be published {}, as you saw them.",
        time.moment(planned.due_at)
    );
    let notice = if left == 0 {
        Notice::good(said)
    } else {
        Notice::bad(format!(
            "{said} {left} left out, since they were changed or published after the list was shown."
        ))
    };
    staff.tell(app, notice).await?;
    Ok(hx.go("/publish"))
}

/// Publishes to each of them.
async fn publish_all(app: App, viewer: Viewer, rollout: RolloutRow, picks: Vec<Pick>) -> Result<(), Error> {
    for pick in picks {
        publish_one(&app, &viewer, &rollout, pick).await?;
    }
    app.outbox_bell.notify_one();
    Ok(())
}

async fn again(app: &App, staff: &Staff, form: FormState) -> Result<Response, Error> {
    let page = UnpublishedPage::of(app, staff, Asked::of(&form), form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Those that the person may see, each once and no more than go together.
async fn seen(app: &App, staff: &Staff, picks: Vec<Pick>) -> Result<Vec<Pick>, Error> {
    let ids = picks.iter().map(|pick| pick.integration).collect::<Vec<_>>();
    let mut conn = app.read().await?;
    let mut left = integrations::seen_among(&mut conn, &staff.viewer, &ids).await?;
    let picks = picks.into_iter().filter(|pick| left.remove(&pick.integration));
    Ok(picks.take(MOST).collect())
}

/// Whether publishing one of these drafts would take packages away, as they stand now.
async fn removes_any(app: &App, picks: &[Pick]) -> Result<bool, Error> {
    let ids = picks.iter().map(|pick| pick.integration).collect::<Vec<_>>();
    let mut conn = app.read().await?;
    let proposals = publish_offer::propose_many(&mut conn, &ids, app.clock.now()).await?;
    Ok(proposals.values().any(|proposal| !proposal.diff().removed.is_empty()))
}

/// Publishes to one integration, or notes why not. One that was taken from the person's sight meanwhile is left out without a word.
async fn publish_one(app: &App, viewer: &Viewer, rollout: &RolloutRow, pick: Pick) -> Result<(), Error> {
    for number in 1..=TRIES {
        match try_one(app, viewer, rollout, pick).await {
            Err(Refusal::Store(error)) if number < TRIES && error.is_passing() => {}
            Err(Refusal::NotFound) | Ok(()) => return Ok(()),
            Err(error) => {
                let mut work = app.begin(viewer).await?;
                roll_out::refuse(&mut work, rollout, pick, &error).await?;
                return Ok(work.commit().await?);
            }
        }
    }
    Ok(())
}

async fn try_one(app: &App, viewer: &Viewer, rollout: &RolloutRow, pick: Pick) -> Result<(), Refusal> {
    let mut work = app.begin(viewer).await?;
    roll_out::publish(&mut work, rollout, pick).await?;
    Ok(work.commit().await?)
}
