//! The form in which the recruiter orders a package for a candidate.

use super::page::{Trouble, filled, page};
use crate::domain::text::is_email;
use crate::kombo::wire::{Application, Candidate, Job, Location, TeamMember, TeamRole};
use crate::sandbox::play::{Placing, Sample};
use crate::sandbox::store::{IntegrationRow, OrderRow, PackageRow};
use crate::sandbox::{Error, Sandbox};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use std::time::Duration;

/// How long an ATS makes its recruiter wait for the provider's answer.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Template)]
#[template(path = "sandbox/order_form.html")]
struct OrderForm {
    integration: IntegrationRow,
    packages: Vec<PackageRow>,
    form: Fields,
    error: Option<&'static str>,
}

/// What the recruiter types.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    package: String,
    other_package: String,
    inline: bool,
    sparse: bool,
    first_name: String,
    last_name: String,
    email: String,
    phone: String,
    candidate_id: String,
    application_id: String,
    job_id: String,
    job_name: String,
    job_code: String,
    job_place: String,
    job_description: String,
    recruiter_name: String,
    recruiter_email: String,
    manager_name: String,
    manager_email: String,
}

impl Fields {
    /// A form filled in believably.
    fn of(sample: Sample, package: String) -> Self {
        let person = |at: usize| {
            let member = sample.job.hiring_team.get(at).cloned().unwrap_or_default();
            let name = [member.first_name, member.last_name]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ");
            (name, member.email.unwrap_or_default())
        };
        let ((recruiter_name, recruiter_email), (manager_name, manager_email)) = (person(0), person(1));
        Self {
            package,
            first_name: sample.candidate.first_name.unwrap_or_default(),
            last_name: sample.candidate.last_name.unwrap_or_default(),
            email: sample.candidate.email,
            phone: sample.candidate.phone.unwrap_or_default(),
            candidate_id: sample.candidate.remote_id.unwrap_or_default(),
            application_id: sample.application.remote_id.unwrap_or_default(),
            job_id: sample.job.remote_id.unwrap_or_default(),
            job_name: sample.job.name.unwrap_or_default(),
            job_code: sample.job.job_code.unwrap_or_default(),
            job_place: sample.job.location.and_then(|place| place.raw).unwrap_or_default(),
            job_description: sample.job.description.unwrap_or_default(),
            recruiter_name,
            recruiter_email,
            manager_name,
            manager_email,
            ..Self::default()
        }
    }

    /// The package that is meant: one typed by hand goes before one chosen.
    fn chosen(&self) -> Option<String> {
        filled(&self.other_package).or_else(|| filled(&self.package))
    }

    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<&'static str> {
        if self.chosen().is_none() {
            return Some("Choose a package, or type a key by hand.");
        }
        (!is_email(self.email.trim())).then_some("The candidate needs an e-mail address, like amara@mail.example.")
    }

    fn candidate(&self) -> Candidate {
        if self.sparse {
            return Candidate {
                email: self.email.trim().to_owned(),
                ..Candidate::default()
            };
        }
        Candidate {
            remote_id: filled(&self.candidate_id),
            email: self.email.trim().to_owned(),
            first_name: filled(&self.first_name),
            last_name: filled(&self.last_name),
            phone: filled(&self.phone),
        }
    }

    fn job(&self) -> Job {
        if self.sparse {
            return Job::default();
        }
        let team = [
            member(&self.recruiter_name, &self.recruiter_email, TeamRole::Recruiter),
            member(&self.manager_name, &self.manager_email, TeamRole::HiringManager),
        ];
        Job {
            remote_id: filled(&self.job_id),
            name: filled(&self.job_name),
            job_code: filled(&self.job_code),
            description: filled(&self.job_description),
            location: filled(&self.job_place).map(|raw| Location {
                raw: Some(raw),
                ..Location::default()
            }),
            hiring_team: team.into_iter().flatten().collect(),
        }
    }
}

/// A member of the hiring team, where anything was typed.
fn member(name: &str, email: &str, role: TeamRole) -> Option<TeamMember> {
    let (name, email) = (filled(name), filled(email));
    if name.is_none() && email.is_none() {
        return None;
    }
    let name = name.unwrap_or_default();
    let (first, last) = name.split_once(' ').unwrap_or((&name, ""));
    Some(TeamMember {
        remote_id: None,
        email,
        first_name: filled(first),
        last_name: filled(last),
        hiring_team_roles: vec![role],
    })
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    package: String,
}

pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let form = Fields::of(sandbox.sample().await?, wanted.package);
    render(&sandbox, &id, form, None).await
}

async fn render(sandbox: &Sandbox, id: &str, form: Fields, error: Option<&'static str>) -> Result<Response, Trouble> {
    let integration = sandbox.integration(id).await?;
    let packages = sandbox.store.packages(id).await?;
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((
        status,
        page(&OrderForm {
            integration,
            packages,
            form,
            error,
        })?,
    )
        .into_response())
}

pub(super) async fn place(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Trouble> {
    if let Some(error) = form.fault() {
        return render(&sandbox, &id, form, Some(error)).await;
    }
    let placing = Placing {
        integration: id,
        package: form.chosen().unwrap_or_default(),
        inline: form.inline,
        candidate: Some(form.candidate()),
        application: Some(Application {
            remote_id: filled(&form.application_id).filter(|_| !form.sparse),
        }),
        job: Some(form.job()),
        status: None,
        created_at: None,
        id: None,
        event_id: None,
        webhook: None,
        wait: None,
    };
    let row = sandbox.place(&placing).await?;
    let page = format!("/ats/orders/{}", row.id);
    wait_for_answer(&sandbox, row).await?;
    Ok(Redirect::to(&page).into_response())
}

/// Sends the webhook and waits as long as an ATS would; it goes on by itself after that, and when the browser leaves.
async fn wait_for_answer(sandbox: &Sandbox, row: OrderRow) -> Result<(), Error> {
    let sending = sandbox.clone();
    let task = tokio::spawn(async move { sending.announce(&row, None).await });
    match tokio::time::timeout(PATIENCE, task).await {
        Ok(Ok(answer)) => answer.map(drop),
        Ok(Err(_)) => Err(Error::Asked("the webhook could not be sent".into())),
        Err(_) => Ok(()),
    }
}
