//! Whether the recruiter hears in the ATS that a candidate has started: a setting of the integration.

use crate::actions::set_progress;
use crate::app::App;
use crate::auth::Staff;
use crate::domain::ids::IntegrationId;
use crate::kombo::progress::{self, Takes};
use crate::store::integrations::IntegrationRow;
use crate::web::{Error, FormState, Hx, Notice, Path};
use axum::extract::State;
use axum::response::Response;

/// The setting as the page shows it.
pub(super) struct Progress {
    /// Whether they are sent.
    pub(super) on: bool,
    /// Whether they can be: the ATS is not known to refuse them.
    pub(super) possible: bool,
    /// What is known of the ATS.
    pub(super) known: &'static str,
}

impl Progress {
    pub(super) fn of(row: &IntegrationRow) -> Self {
        let takes = progress::takes(&row.tool);
        Self {
            on: progress::are_sent(&row.tool, row.send_progress),
            possible: takes != Takes::No,
            known: match takes {
                Takes::Yes => "This ATS is known to take them.",
                Takes::No => "This ATS is known not to take them.",
                Takes::Unknown => {
                    "No public source says whether this ATS takes them. Switch them on if it does; one that is refused changes nothing."
                }
            },
        }
    }
}

pub(super) async fn set(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<IntegrationId>,
    form: FormState,
) -> Result<Response, Error> {
    let on = form.is_on("on");
    let mut work = app.begin(&staff.viewer).await?;
    set_progress::set(&mut work, id, form.version()?, on).await?;
    work.commit().await?;
    let done = if on {
        "Kombo is told when a candidate starts from now on."
    } else {
        "Progress updates are off. Results and cancellations are sent as before."
    };
    staff.tell(&app, Notice::good(done)).await?;
    Ok(hx.go(&format!("/integrations/{id}")))
}
