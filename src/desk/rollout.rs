//! `/rollouts/{id}`: what became of publishing to many integrations at once.

use crate::actions::{Error as Refusal, retry_delivery};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{DeliveryId, RolloutId};
use crate::domain::publication::PublicationState;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::store::rollouts::{self, OutcomeRow, RolloutRow};
use crate::store::staff as people;
use crate::web::{Error, Frame, Hx, Notice, Page, Path, Section};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/rollouts/{id}", Access::Needs(Permission::ViewCustomers), show),
        Route::post("/rollouts/{id}/retry", Access::Needs(Permission::Publish), retry),
    ]
}

/// How it stands with one integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    NotSent,
    GivenUp,
    Parked,
    Failing,
    OnItsWay,
    Replaced,
    Published,
}

impl Standing {
    fn of(row: &OutcomeRow) -> Self {
        match (row.state, row.delivery_state) {
            (None, _) => Self::NotSent,
            (Some(PublicationState::Confirmed), _) => Self::Published,
            (Some(PublicationState::Superseded), _) => Self::Replaced,
            (Some(PublicationState::GivenUp), _) => Self::GivenUp,
            (Some(PublicationState::Waiting), Some(DeliveryState::Parked)) => Self::Parked,
            (Some(PublicationState::Waiting), _) if row.attempts.unwrap_or_default() > 0 => Self::Failing,
            (Some(PublicationState::Waiting), _) => Self::OnItsWay,
        }
    }

    /// The word, and how it is drawn.
    const fn pill(self) -> (&'static str, &'static str) {
        match self {
            Self::NotSent => ("cancelled", "Not sent"),
            Self::GivenUp => ("stuck", "Given up"),
            Self::Parked => ("paused", "Waits for the ATS"),
            Self::Failing => ("closing", "Tried again"),
            Self::OnItsWay => ("leaving", "On its way"),
            Self::Replaced => ("cancelled", "Replaced by a newer one"),
            Self::Published => ("completed", "Published"),
        }
    }

    /// Whether there is something to say of it.
    const fn needs_words(self) -> bool {
        matches!(self, Self::NotSent) || self.can_be_tried()
    }

    /// Whether it goes on only with a person's help.
    const fn needs_a_person(self) -> bool {
        matches!(self, Self::NotSent | Self::GivenUp | Self::Parked)
    }

    /// Whether a person may want to have it tried at once.
    const fn can_be_tried(self) -> bool {
        matches!(self, Self::GivenUp | Self::Parked | Self::Failing)
    }
}

struct Outcome {
    row: OutcomeRow,
    tool: String,
    standing: Standing,
}

impl Outcome {
    fn of(row: OutcomeRow) -> Self {
        Self {
            tool: tool_label(&row.tool),
            standing: Standing::of(&row),
            row,
        }
    }
}

#[derive(Template)]
#[template(path = "desk/rollout.html")]
struct RolloutPage {
    frame: Frame,
    rollout: RolloutRow,
    by: Option<String>,
    outcomes: Vec<Outcome>,
    may_publish: bool,
    may_see_traffic: bool,
}

impl RolloutPage {
    fn count(&self, which: impl Fn(Standing) -> bool) -> usize {
        self.outcomes.iter().filter(|outcome| which(outcome.standing)).count()
    }

    fn published(&self) -> usize {
        self.count(|standing| standing == Standing::Published)
    }

    /// Those of which nobody knows yet how they end.
    fn under_way(&self) -> usize {
        self.count(|standing| matches!(standing, Standing::OnItsWay | Standing::Failing | Standing::Parked))
    }

    fn not_sent(&self) -> usize {
        self.count(|standing| standing == Standing::NotSent)
    }

    fn given_up(&self) -> usize {
        self.count(|standing| standing == Standing::GivenUp)
    }

    fn can_be_tried(&self) -> usize {
        self.count(Standing::can_be_tried)
    }

    /// What the page looks out for.
    fn watched(&self) -> String {
        let deliveries = self.outcomes.iter().filter_map(|outcome| outcome.row.delivery_id);
        let ids = deliveries.map(|id| id.to_string()).collect::<Vec<_>>();
        ids.join(" ")
    }
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<RolloutId>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let rollout = rollouts::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let outcomes = rollouts::outcomes(&mut conn, &staff.viewer, id).await?;
    let by = match rollout.created_by {
        Some(person) => people::find(&mut conn, person).await?.map(|person| person.name),
        None => None,
    };
    drop(conn);
    let mut outcomes = outcomes.into_iter().map(Outcome::of).collect::<Vec<_>>();
    outcomes.sort_by_key(|outcome| !outcome.standing.needs_a_person());
    let page = RolloutPage {
        frame: staff.frame(&app, "Published together", Section::Customers).await?,
        rollout,
        by,
        outcomes,
        may_publish: staff.viewer.can(Permission::Publish),
        may_see_traffic: staff.viewer.can(Permission::ViewTraffic),
    };
    Ok(Page(page).into_response())
}

/// Tries at once what failed or waits.
async fn retry(State(app): State<App>, staff: Staff, hx: Hx, Path(id): Path<RolloutId>) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    rollouts::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let outcomes = rollouts::outcomes(&mut conn, &staff.viewer, id).await?;
    drop(conn);
    let mut tried = 0;
    for outcome in outcomes.into_iter().map(Outcome::of) {
        let delivery = outcome.row.delivery_id.zip(outcome.row.delivery_version);
        if let Some((delivery, version)) = delivery.filter(|_| outcome.standing.can_be_tried()) {
            tried += usize::from(retry_one(&app, &staff, delivery, version).await?);
        }
    }
    app.outbox_bell.notify_one();
    let notice = match tried {
        0 => Notice::bad("Nothing was left to try: everything moved on meanwhile."),
        1 => Notice::good("1 publication is tried again now."),
        _ => Notice::good(format!("{tried} publications are tried again now.")),
    };
    staff.tell(&app, notice).await?;
    Ok(hx.go(&format!("/rollouts/{id}")))
}

/// Whether it was still there to try.
async fn retry_one(app: &App, staff: &Staff, id: DeliveryId, version: i64) -> Result<bool, Error> {
    let mut work = app.begin(&staff.viewer).await?;
    match retry_delivery::retry(&mut work, id, version).await {
        Ok(_) => {
            work.commit().await?;
            Ok(true)
        }
        Err(Refusal::Refused(_) | Refusal::NotFound) => Ok(false),
        Err(error) if error.is_changed() => Ok(false),
        Err(error) => Err(error.into()),
    }
}
